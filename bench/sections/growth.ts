import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { SpApiSecretRotation } from '../../lib';
import { applicationId } from '../local-hub';
import { kilobytes, table } from '../report';
import type { Section } from '../targets';

/** How many hubs, each in a stack of its own, with how many applications each. CloudFormation has 500 resources in a stack at most. */
const FLEETS: readonly { readonly hubs: number; readonly each: number; readonly isImported: boolean }[] = [
  { hubs: 1, each: 1, isImported: false },
  { hubs: 1, each: 10, isImported: false },
  { hubs: 1, each: 100, isImported: false },
  { hubs: 1, each: 230, isImported: false },
  { hubs: 1, each: 250, isImported: true },
  { hubs: 4, each: 250, isImported: true },
  { hubs: 5, each: 200, isImported: false },
];

export function growth(): Promise<Section> {
  const rows = FLEETS.map((fleet) => {
    const { seconds, resources, bytes } = synthesize(fleet);
    const { hubs, each, isImported } = fleet;
    return [
      String(hubs * each),
      String(hubs),
      isImported ? 'imported' : 'created',
      seconds.toFixed(1),
      String(resources),
      kilobytes(bytes),
    ];
  });
  const head = ['applications', 'hubs', 'secrets', 'synthesis, s', 'resources of a stack', 'template, kB'];
  return Promise.resolve({
    text: `## Growth\n\nSynthesis of whole fleets in this process, each hub in a stack of its own.\n\n${table(head, rows)}`,
    targets: [],
  });
}

/** Resources and bytes: of the largest stack. */
function synthesize({ hubs, each, isImported }: (typeof FLEETS)[number]): {
  readonly seconds: number;
  readonly resources: number;
  readonly bytes: number;
} {
  const outdir = mkdtempSync(path.join(tmpdir(), 'growth-'));
  try {
    const begun = performance.now();
    const app = new App({ outdir, analyticsReporting: false });
    for (let hub = 0; hub < hubs; hub++) {
      const stack = new Stack(app, `Stack${hub}`);
      const rotation = new SpApiSecretRotation(stack, 'Hub');
      for (let index = 0; index < each; index++) {
        const arn = `arn:aws:secretsmanager:us-east-1:123456789012:secret:hub${hub}-${index}-AbCdEf`;
        const secret = isImported ? Secret.fromSecretCompleteArn(stack, `Secret${index}`, arn) : undefined;
        rotation.addApplication(applicationId(index), secret === undefined ? {} : { secret });
      }
    }
    const templates = app.synth().stacks.map(({ template }) => template as { readonly Resources: object });
    return {
      seconds: (performance.now() - begun) / 1000,
      resources: Math.max(...templates.map(({ Resources: resources }) => Object.keys(resources).length)),
      bytes: Math.max(...templates.map((template) => JSON.stringify(template).length)),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
