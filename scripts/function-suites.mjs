import { spawnSync } from 'node:child_process';

const SUITES = ['sunny', 'deliveries', 'guards', 'messages', 'hostile', 'leaks', 'metrics', 'secrets'];

/** Runs suites of the functions with more environment variables, and returns the exit code. `options`: of jest. */
export function runFunctionSuites(options, variables, names = SUITES) {
  const suites = names.map((suite) => `test/rotation/${suite}.test.ts`);
  const { status } = spawnSync('npx', ['jest', '--selectProjects', 'construct', ...options, '--', ...suites], {
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  });
  return status ?? 1;
}
