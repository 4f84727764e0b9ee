import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

let outdir: string;

beforeEach(() => {
  outdir = mkdtempSync(path.join(tmpdir(), 'cdk-synth-'));
});

afterEach(() => {
  rmSync(outdir, { recursive: true });
});

/** The real command, in a world without any AWS account. */
function cdkSynth(...context: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
      'synth',
      '--quiet',
      '--output',
      outdir,
      ...context.flatMap((setting) => ['-c', setting]),
    ],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        HOME: outdir,
        AWS_EC2_METADATA_DISABLED: 'true',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20',
      },
    },
  );
  return { status, output: stdout + stderr };
}

test('cdk synth makes the template without an account', () => {
  const { status, output } = cdkSynth('applications=[{"id":"Orders","region":"EUROPE"}]', 'mode=NOTIFY_ONLY');
  expect(output).not.toMatch(/error/i);
  expect(status).toBe(0);
  const template = readFileSync(path.join(outdir, 'SpApiSecretRotation.template.json'), 'utf8');
  expect(template).toContain('sellingpartnerapi-eu.amazon.com');
  expect(template).toContain('NOTIFY_ONLY');
});

test('cdk synth says what to type, and nothing that distracts from it', () => {
  const { status, output } = cdkSynth();
  expect(status).not.toBe(0);
  expect(output).toContain(`npx cdk deploy -c applications='[{"id":"MyApplication"}]'`);
  expect(output).not.toMatch(/^\s+at /m);
});
