import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { defaultStack, everyPropStack } from './every-prop';
import { findings } from './findings';

const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'compliance.md'), 'utf8');

test('docs/compliance.md names what the other packs find, and nothing that they do not', () => {
  const found = new Set<string>();
  for (const pack of ['NIST 800-53 rev 5', 'HIPAA Security', 'PCI DSS 3.2.1', 'Serverless'] as const) {
    for (const stackOf of [defaultStack, everyPropStack]) {
      const app = new App();
      for (const { rule } of findings(stackOf(app), app, pack)) {
        found.add(
          rule.replace(/^(NIST\.800\.53\.R5|HIPAA\.Security|PCI\.DSS\.321|Serverless)-/, '').replace(/\[.*$/, ''),
        );
      }
    }
  }
  const section = page.slice(page.indexOf('## NIST'), page.indexOf('## cfn-lint'));
  const named = [...section.matchAll(/^\| `([A-Za-z]+)` \|/gm)].map((match) => match[1] ?? '');
  expect(named.sort()).toEqual([...found].sort());
});
