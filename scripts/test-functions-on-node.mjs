// Runs the suites of the functions with these in another Node.js than the one that runs the tests, as it comes from npm:
//
//   npm run test:node -- 24 --json --outputFile=report.json
import { execFileSync } from 'node:child_process';
import { runFunctionSuites } from './function-suites.mjs';
import { nodeFromNpm } from './node-from-npm.cjs';

const [major, ...options] = process.argv.slice(2);
const node = nodeFromNpm(major);
console.log(`The functions run in Node.js ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}.`);
process.exitCode = runFunctionSuites(options, { LOCAL_CLOUD_NODE: node });
