// A process of its own for each synthesis: prints its time and what came out. Arguments: applications, or "empty".
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { SpApiSecretRotation } from '../lib';

const [count = 'empty'] = process.argv.slice(2);
const outdir = mkdtempSync(path.join(tmpdir(), 'bench-synthesis-'));
try {
  const begun = performance.now();
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Bench');
  if (count !== 'empty') {
    const hub = new SpApiSecretRotation(stack, 'Hub');
    for (let index = 0; index < Number(count); index++) {
      const arn = `arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-${index}-AbCdEf`;
      hub.addApplication(`Application${index}`, { secret: Secret.fromSecretCompleteArn(stack, `Secret${index}`, arn) });
    }
  }
  const { template } = app.synth().getStackByName('Bench') as { template: { Resources?: object } };
  const milliseconds = performance.now() - begun;
  const bytes = Buffer.byteLength(JSON.stringify(template));
  const resources = Object.keys(template.Resources ?? {}).length;
  console.log(JSON.stringify({ milliseconds, bytes, resources }));
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
