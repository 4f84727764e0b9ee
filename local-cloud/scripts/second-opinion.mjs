// Runs the contract suites against emulators by other people, and compares the rules that they break with those that a
// page lists: moto (docs/second-opinion.md), and ElasticMQ for SQS alone (docs/elasticmq.md).
//
//   npm run test:second-opinion --workspace local-cloud
//   npm run judge:elasticmq --workspace local-cloud
//
// They come from PyPI and Maven Central into the temporary directory, which is used again.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compareWithPage } from './known-differences.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MOTO = 'moto[server,secretsmanager,sqs]==5.2.5';
const ELASTICMQ = '1.7.1';

const EMULATORS = {
  moto: { page: 'second-opinion.md', asked: ': http', start: startMoto },
  // It keeps messages for ever, and says so after a minute of waiting.
  elasticmq: { page: 'elasticmq.md', asked: '^SQS: http(?!.*retention period)', start: startElasticMq },
};

function startMoto(port) {
  const environment = path.join(tmpdir(), `second-opinion-${MOTO.replaceAll(/[^a-z0-9.]+/g, '-')}`);
  const program = path.join(environment, 'bin', 'moto_server');
  if (!existsSync(program)) {
    const pip = ['install', '--quiet', '--disable-pip-version-check', MOTO];
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
    execFileSync(path.join(environment, 'bin', 'pip'), pip, { stdio: 'inherit' });
  }
  return spawn(program, ['--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
}

function startElasticMq(port) {
  const jars = path.join(tmpdir(), `second-opinion-elasticmq-${ELASTICMQ}`);
  if (!existsSync(jars)) {
    const maven = ['--batch-mode', '--quiet', '--strict-checksums', `-Dto=${jars}`];
    const pom = path.join(ROOT, 'scripts', 'elasticmq.pom.xml');
    execFileSync('mvn', [...maven, '--file', pom, 'package'], { stdio: 'inherit' });
  }
  const settings = {
    'node-address.host': '127.0.0.1',
    'node-address.port': port,
    'rest-sqs.bind-hostname': '127.0.0.1',
    'rest-sqs.bind-port': port,
    'rest-stats.enabled': false,
  };
  const properties = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  return spawn('java', [...properties, '-cp', path.join(jars, '*'), 'org.elasticmq.server.Main'], { stdio: 'ignore' });
}

const who = process.argv[2] ?? 'moto';
const { page, asked, start } = EMULATORS[who];
const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = server.address();
    server.close(() => resolve(free));
  });
});
const url = `http://127.0.0.1:${port}`;
const emulator = start(port);
const directory = mkdtempSync(path.join(tmpdir(), 'second-opinion-'));
try {
  for (
    let tries = 0;
    !(await fetch(url).then(
      () => true,
      () => false,
    ));
    tries++
  ) {
    if (tries === 300 || emulator.exitCode !== null) {
      throw new Error(`${who} does not start`);
    }
    await sleep(100);
  }
  const results = path.join(directory, 'results.json');
  spawnSync(
    process.execPath,
    [
      createRequire(import.meta.url).resolve('jest/bin/jest'),
      'sqs-contract',
      'secrets-manager-contract',
      '--testNamePattern',
      asked,
      '--json',
      '--outputFile',
      results,
    ],
    { cwd: ROOT, stdio: 'ignore', env: { ...process.env, SQS_CONTRACT_URL: url, SECRETS_MANAGER_CONTRACT_URL: url } },
  );
  compareWithPage({
    who,
    page: path.join(ROOT, 'docs', page),
    results,
    isTried: (name) => name.includes(url),
    nameOf: (name) => name.replace(`: ${url}`, ':'),
  });
} finally {
  emulator.kill();
  rmSync(directory, { recursive: true, force: true });
}
