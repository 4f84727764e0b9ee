// npm run bench measures everything and writes RESULTS.md. With --only it measures some sections and prints them.
import { Command } from 'commander';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import * as path from 'node:path';
import { nodeFromNpm } from '../scripts/node-from-npm.cjs';
import { ROOT } from './bundles';
import { ProcessorShare } from './processor-share';
import { table } from './report';
import { burst } from './sections/burst';
import { coldStarts } from './sections/cold-start';
import { delivery } from './sections/delivery';
import { growth } from './sections/growth';
import { flood } from './sections/flood';
import { fleet } from './sections/fleet';
import { sizes } from './sections/sizes';
import type { Section } from './targets';

const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  sizes,
  'cold-start': coldStarts,
  delivery,
  fleet,
  burst,
  flood,
  growth,
};

const MEASURED_WITH = [
  'esbuild',
  'aws-cdk-lib',
  'aws-lambda-ric',
  '@aws-sdk/client-secrets-manager',
  '@amazon-sp-api-release/amazon-sp-api-sdk-js',
  '@sp-api-sdk/auth',
];

/** As deployed. */
const NODE_MAJOR = 24;

const HELD = ProcessorShare.isAvailable
  ? 'held by the kernel to the share of a processor that its memory size has on Lambda (1,769 MB is one) as soon as it is initialized'
  : '**with whole processors: this machine holds no process to a share of one. Compare processor times; the times are not those of Lambda**';

const { only } = new Command('bench')
  .description('Measures what ships, and what one would use instead, on this machine.')
  .option(
    '--only <sections>',
    `some of ${Object.keys(SECTIONS).join(', ')}, separated by commas; does not write RESULTS.md`,
  )
  .parse()
  .opts<{ only?: string }>();

void main();

async function main(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const begun = performance.now();
  prepare();
  const chosen = only?.split(',') ?? Object.keys(SECTIONS);
  const sections: Section[] = [];
  for (const name of chosen) {
    const measure = SECTIONS[name];
    if (measure === undefined) {
      throw new Error(`there is no section ${name}; there are ${Object.keys(SECTIONS).join(', ')}`);
    }
    console.error(`${name} …`);
    const section = await measure();
    sections.push(section);
    console.log(`\n${section.text}\n`);
  }
  const targets = sections.flatMap((section) => section.targets);
  const verdicts = table(
    ['target', 'at most', 'measured', ''],
    targets.map(({ what, atMost, measured, isMet }) => [what, atMost, measured, isMet ? 'met' : '**missed**']),
  );
  console.log(verdicts);
  if (only === undefined) {
    const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
    const parts = [
      '# Results of the bench',
      preamble(minutes),
      '## Targets',
      verdicts,
      ...sections.map(({ text }) => text),
    ];
    writeFileSync(path.join(__dirname, 'RESULTS.md'), `${parts.join('\n\n')}\n`);
  }
}

function prepare(): void {
  process.env.LOCAL_CLOUD_NODE = nodeFromNpm(NODE_MAJOR);
  execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'bundle.mjs')], { stdio: 'ignore' });
  const alternatives = path.join(__dirname, 'alternatives');
  if (!existsSync(path.join(alternatives, 'node_modules'))) {
    console.error('installing the alternatives …');
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: alternatives, stdio: 'ignore' });
  }
}

function preamble(minutes: string): string {
  const [processor] = cpus();
  const installed = {
    ...manifestOf('.').devDependencies,
    ...manifestOf('local-cloud').dependencies,
    ...manifestOf('bench/alternatives').dependencies,
  };
  const versions = [
    `Node.js ${execFileSync(nodeFromNpm(NODE_MAJOR), ['--version'], { encoding: 'utf8' }).trim().slice(1)}`,
    ...MEASURED_WITH.map((name) => `${name} ${installed[name] ?? ''}`),
  ].join(', ');
  return [
    `Written by \`npm run bench\` in ${minutes} minutes. Do not edit. Compare ratios: the other figures depend on the machine.`,
    `Machine: ${cpus().length} × ${processor?.model.trim() ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${release()}. ${versions}.`,
    `Each function runs in a process of its own under AWS's runtime client, ${HELD}. Every call goes over TLS, with a certificate of our own authority, and takes a time that is drawn from a log-normal distribution, the same in every run: of an average of 50 ms, half take less than 44 ms and one in a hundred more than 141 ms. A handshake costs its processor time and no latency.`,
    'Figures are medians, with the range in parentheses. Ratios are medians of the ratios of runs made one right after the other.',
  ].join('\n\n');
}

function manifestOf(folder: string): Partial<Record<'dependencies' | 'devDependencies', Record<string, string>>> {
  return JSON.parse(readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8')) as ReturnType<typeof manifestOf>;
}
