// Runs a function of integ-tests for one assertion, and prints what it would tell CloudFormation.
//
//   node assertion-handler.cjs DIRECTORY FUNCTION < EVENT
const { readFileSync } = require('node:fs');
const https = require('node:https');
const path = require('node:path');

const [, , directory, name] = process.argv;
let told = '';
https.request = (_, resolve) => ({ on: () => undefined, write: (body) => (told = body), end: () => resolve() });
console.log = console.info = () => undefined;

const handler = require(path.join(directory, 'index.js'))[name];
const context = { getRemainingTimeInMillis: () => 120_000, logStreamName: 'none' };
handler(JSON.parse(readFileSync(0, 'utf8')), context).then(
  () => process.stdout.write(told),
  // Step Functions asks again.
  () => undefined,
);
