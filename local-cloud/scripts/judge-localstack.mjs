// Runs the tests that LocalStack wrote and validated against AWS against the local cloud, and compares those that fail with
// those listed in docs/localstack.md.
//
//   npm run judge:localstack --workspace local-cloud [-- a git repository of LocalStack]
//
// Without a repository, the pinned commit comes from GitHub. Nothing of it is kept. LocalStack's own packages come from PyPI
// into a virtual environment in the temporary directory, which is used again. Its suites need Python 3.13 (PYTHON).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MovableClock } from '../services/clock.ts';
import { startServices } from '../services/services.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMIT = '8b9a79f05846835cf4dff63ab7eefdde9df83783';
const PACKAGES = 'localstack-core[runtime]==4.14.0';
const SERVICES = 'tests/aws/services';
const SUITES = [
  'secretsmanager/test_secretsmanager.py',
  'sqs/test_sqs.py',
  'sqs/test_sqs_move_task.py',
  'events/test_events_patterns.py',
].map((suite) => `${SERVICES}/${suite}`);
/** What the suites test beside what is emulated: FIFO queues, and the older protocol of SQS. */
const NOT_TRIED = 'not fifo and not sqs_query and not QueryApi';

const directory = mkdtempSync(path.join(tmpdir(), 'judge-localstack-'));
const suites = path.join(directory, 'suites');
const results = path.join(directory, 'results.jsonl');
const clock = new MovableClock();
const services = await startServices({ clock });
services.iam.addPrincipal({
  name: 'judge',
  accessKeyId: 'JUDGE',
  policies: [{ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }],
});
try {
  unpackSuites(process.argv[2] ?? fetchedRepository());
  await judge(pythonEnvironment());
  compare(readFileSync(results, 'utf8').trim().split('\n').map(JSON.parse));
} finally {
  await services.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** @returns a repository with the pinned commit, without its other files */
function fetchedRepository() {
  const repository = path.join(directory, 'repository');
  const git = (...words) => execFileSync('git', ['-C', repository, ...words], { stdio: 'inherit' });
  execFileSync('git', ['init', '--quiet', repository]);
  git('remote', 'add', 'origin', 'https://github.com/localstack/localstack.git');
  git('config', 'remote.origin.promisor', 'true');
  git('config', 'remote.origin.partialclonefilter', 'blob:none');
  git('fetch', '--quiet', '--depth=1', '--filter=blob:none', 'origin', COMMIT);
  return repository;
}

function unpackSuites(repository) {
  const files = ['requirements-test.txt', 'tests/conftest.py', 'tests/__init__.py', 'tests/aws/conftest.py'];
  const folders = ['secretsmanager', 'sqs', 'events', 'lambda_'].map((name) => `${SERVICES}/${name}`);
  const packages = ['tests/aws/__init__.py', `${SERVICES}/__init__.py`];
  const archive = path.join(directory, 'suites.tar');
  const wanted = [...files, ...packages, ...folders];
  execFileSync('git', ['-C', repository, 'archive', '--output', archive, `--prefix=suites/`, COMMIT, ...wanted]);
  execFileSync('tar', ['-x', '-C', directory, '-f', archive]);
}

/** @returns the interpreter of an environment with what the suites import, in the versions that LocalStack tested */
function pythonEnvironment() {
  const environment = path.join(tmpdir(), `judge-${PACKAGES.replaceAll(/[^a-z0-9.]+/g, '-')}`);
  const python = path.join(environment, 'bin', 'python');
  if (!existsSync(path.join(environment, 'complete'))) {
    execFileSync(process.env.PYTHON ?? 'python3', ['-m', 'venv', environment], { stdio: 'inherit' });
    const constraints = path.join(suites, 'requirements-test.txt');
    const wanted = [PACKAGES, 'pytest', 'localstack-snapshot', 'pytest-httpserver', 'json5'];
    const words = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-c', constraints, ...wanted];
    execFileSync(python, words, { stdio: 'inherit' });
    execFileSync('touch', [path.join(environment, 'complete')]);
  }
  return python;
}

async function judge(python) {
  const words = ['-m', 'pytest', '-q', '-p', 'judge_localstack', '-p', 'no:cacheprovider', '-k', NOT_TRIED, ...SUITES];
  const run = spawn(python, words, {
    cwd: suites,
    stdio: process.env.JUDGE_OUTPUT ? 'inherit' : 'ignore',
    env: {
      ...process.env,
      PYTHONPATH: path.join(ROOT, 'scripts'),
      PYTHONDONTWRITEBYTECODE: '1',
      JUDGE_RESULTS: results,
      TEST_SKIP_LOCALSTACK_START: '1',
      TEST_AWS_ENDPOINT_URL: services.url,
      TEST_AWS_ACCOUNT_ID: services.account,
      TEST_AWS_ACCESS_KEY_ID: 'JUDGE',
    },
  });
  await once(run, 'exit');
}

/** `test_sqs: test_send[one]` is shorter than the path of the file and the name of the class. */
function shortName(test) {
  const [file, name] = [test.split('::')[0], test.slice(test.lastIndexOf('::test') + 2)];
  return `${path.basename(file, '.py')}: ${name}`;
}

function compare(outcomes) {
  const page = readFileSync(path.join(ROOT, 'docs', 'localstack.md'), 'utf8');
  const known = [...page.matchAll(/^- `(test_.+)`/gm)].map((match) => match[1]);
  const named = (...wanted) => [
    ...new Set(outcomes.filter(({ outcome }) => wanted.includes(outcome)).map(({ test }) => shortName(test))),
  ];
  const failed = named('failed', 'refused');
  const passed = named('passed').filter((name) => !failed.includes(name));
  for (const suite of SUITES) {
    const count = (wanted) =>
      outcomes.filter(({ test, outcome }) => test.startsWith(suite) && outcome === wanted).length;
    console.log(
      `${suite}: ${['passed', 'refused', 'failed', 'skipped'].map((one) => `${count(one)} ${one}`).join(', ')}`,
    );
  }
  const surprises = [
    ...outcomes
      .filter(({ outcome, test }) => ['failed', 'refused'].includes(outcome) && !known.includes(shortName(test)))
      .map(({ outcome, what, test }) => `${what ?? outcome}, and is not listed: ${shortName(test)}`),
    ...known.filter((name) => passed.includes(name)).map((name) => `is listed, and passes: ${name}`),
    ...(outcomes.length === 0 ? ['no test ran'] : []),
  ];
  surprises.forEach((line) => console.error(line));
  process.exitCode = surprises.length === 0 ? 0 : 1;
}
