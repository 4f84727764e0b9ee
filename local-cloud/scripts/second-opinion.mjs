// Runs the contract suites against moto, an emulator by other people, and compares the rules that it breaks with those
// listed in docs/second-opinion.md.
//
//   npm run test:second-opinion --workspace local-cloud
//
// moto comes from PyPI into a virtual environment in the temporary directory, which is used again.
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

const environment = path.join(tmpdir(), `second-opinion-${MOTO.replaceAll(/[^a-z0-9.]+/g, '-')}`);
if (!existsSync(path.join(environment, 'bin', 'moto_server'))) {
  execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
  execFileSync(path.join(environment, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', MOTO], {
    stdio: 'inherit',
  });
}

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = server.address();
    server.close(() => resolve(free));
  });
});
const url = `http://127.0.0.1:${port}`;
const moto = spawn(path.join(environment, 'bin', 'moto_server'), ['--host', '127.0.0.1', '--port', String(port)], {
  stdio: 'ignore',
});
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
    if (tries === 300 || moto.exitCode !== null) {
      throw new Error('moto does not start');
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
      '--json',
      '--outputFile',
      results,
    ],
    { cwd: ROOT, stdio: 'ignore', env: { ...process.env, SQS_CONTRACT_URL: url, SECRETS_MANAGER_CONTRACT_URL: url } },
  );
  compareWithPage({
    who: 'moto',
    page: path.join(ROOT, 'docs', 'second-opinion.md'),
    results,
    isTried: (name) => name.includes(url),
    nameOf: (name) => name.replace(`: ${url}`, ':'),
  });
} finally {
  moto.kill();
  rmSync(directory, { recursive: true, force: true });
}
