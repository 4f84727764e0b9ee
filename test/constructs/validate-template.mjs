// Validates templates offline with AWS's validator: reads them as a JSON array from standard input, and prints what it
// found for each, as a JSON array of arrays. In a process of its own, because the engine holds memory that jest would
// not give back.
import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';

const require = createRequire(import.meta.resolve('aws-cdk-lib-newest'));
const { CompositeEngine, TemplateContent } = require('@aws/cloudformation-validate');

const engine = new CompositeEngine();
const findings = (await json(process.stdin)).map((template) =>
  engine
    .validateTemplate(new TemplateContent(JSON.stringify(template)))
    .diagnostics.map(({ severity, ruleId, message, entity }) => ({ severity, ruleId, message, entity })),
);
console.log(JSON.stringify(findings));
engine.free();
