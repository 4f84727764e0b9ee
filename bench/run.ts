// npm run bench [-- --only cold-start,fleet,…]: measures everything and writes RESULTS.md; a part of it only prints.
import { Command } from 'commander';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import * as path from 'node:path';
import { ROOT } from './bundles';
import { burst, bundleSizes, coldStarts, cost, deliveries, fleet, synthesis, type Section } from './chapters';
import { table, verdict } from './report';

const CHAPTERS: Readonly<Record<string, () => Section | Promise<Section>>> = {
  sizes: bundleSizes,
  'cold-start': coldStarts,
  delivery: deliveries,
  fleet,
  synthesis,
  burst,
  cost,
};

const { only } = new Command('bench')
  .description('Compares what ships with what one would use instead, on this machine.')
  .option('--only <chapters>', `some of ${Object.keys(CHAPTERS).join(', ')}, with commas between; printed, not written`)
  .parse()
  .opts<{ only?: string }>();

void main();

async function main(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const begun = performance.now();
  prepare();
  const chosen = only?.split(',') ?? Object.keys(CHAPTERS);
  const sections: Section[] = [];
  for (const name of chosen) {
    const chapter = CHAPTERS[name];
    if (chapter === undefined) {
      throw new Error(`there is no chapter ${name}; there are ${Object.keys(CHAPTERS).join(', ')}`);
    }
    console.error(`${name} …`);
    const section = await chapter();
    sections.push(section);
    console.log(`\n${section.text}\n`);
  }
  const targets = sections.flatMap((section) => section.targets);
  const verdicts = table(
    ['target', 'at most', 'measured', ''],
    targets.map(({ what, atMost, measured, isMet }) => [what, atMost, measured, verdict(isMet)]),
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
  execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'bundle.mjs')], { stdio: 'ignore' });
  const alternatives = path.join(__dirname, 'alternatives');
  if (!existsSync(path.join(alternatives, 'node_modules'))) {
    console.error('installing the alternatives …');
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: alternatives, stdio: 'ignore' });
  }
}

function preamble(minutes: string): string {
  const [processor] = cpus();
  const { devDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const localCloud = JSON.parse(readFileSync(path.join(ROOT, 'local-cloud', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const { dependencies } = JSON.parse(readFileSync(path.join(__dirname, 'alternatives', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const versions = [
    `Node.js ${process.versions.node}`,
    ...['esbuild', 'aws-cdk-lib', 'aws-lambda-ric', '@aws-sdk/client-secrets-manager'].map(
      (name) => `${name} ${devDependencies[name] ?? localCloud.dependencies[name] ?? ''}`,
    ),
    ...Object.entries(dependencies).map(([name, version]) => `${name} ${version}`),
  ];
  return [
    `Written by \`npm run bench\` in ${minutes} minutes. Do not edit. What the figures mean is a matter of ratios: the machine is in all of them.`,
    `Machine: ${cpus().length} × ${processor?.model.trim() ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${release()}. ${versions.join(', ')}.`,
    'Figures are medians, with the least and the most in parentheses. Ratios are medians of the ratios of runs made one right after the other.',
  ].join('\n\n');
}
