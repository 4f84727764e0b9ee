// Runs the suites of the functions with these in another Node.js than the one that runs the tests, as it comes from npm:
//
//   npm run test:node -- 24 --json --outputFile=report.json
//
// AWS Lambda chooses the minor version; the newest at the time of writing stands for it.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runFunctionSuites } from './function-suites.mjs';

const VERSIONS = { 22: '22.23.3', 24: '24.21.0' };

const [major, ...options] = process.argv.slice(2);
const version = VERSIONS[major];
if (version === undefined) {
  throw new Error(`The version must be one of ${Object.keys(VERSIONS).join(', ')}; received "${major ?? ''}"`);
}
const name = `node-${process.platform}-${process.arch}`;
const directory = path.join(tmpdir(), `${name}-${version}`);
const node = path.join(directory, 'node_modules', name, 'bin', 'node');
if (!existsSync(node)) {
  execFileSync('npm', ['install', '--silent', '--prefix', directory, `${name}@${version}`], { stdio: 'inherit' });
}
console.log(`The functions run in Node.js ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}.`);
process.exitCode = runFunctionSuites(options, { LOCAL_CLOUD_NODE: node });
