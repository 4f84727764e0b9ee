// Runs the suites of the functions with these in another Node.js than the one that runs the tests, as it comes from npm:
//
//   npm run test:node -- 24 --json --outputFile=report.json
import { execFileSync, spawnSync } from 'node:child_process';
import { nodeFromNpm } from './node-from-npm.cjs';

const SUITES = ['sunny', 'deliveries', 'guards', 'messages', 'hostile', 'leaks', 'metrics', 'secrets'];

const [major, ...options] = process.argv.slice(2);
const node = nodeFromNpm(major);
console.log(`The functions run in Node.js ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}.`);
const suites = SUITES.map((suite) => `test/rotation/${suite}.test.ts`);
const { status } = spawnSync('npx', ['jest', '--selectProjects', 'construct', ...options, '--', ...suites], {
  stdio: 'inherit',
  env: { ...process.env, LOCAL_CLOUD_NODE: node },
});
process.exitCode = status ?? 1;
