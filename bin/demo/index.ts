import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { Command } from 'commander';
import { STORY, World, type Step } from './story';
import { queueRows, table, versionRows, versionTable } from './tables';

/** The outcome of one step. */
interface StepReport {
  readonly chapter: string;
  readonly step: string;
  readonly milliseconds: number;
  readonly result: string;
  readonly passed: boolean;
}

const { json } = new Command('demo')
  .description(
    'Rotates a client secret on this machine, with the synthesized stack, the bundles that ship and a fake Amazon.',
  )
  .option('--json', 'print one JSON document', false)
  .parse()
  .opts<{ json: boolean }>();

void main();

async function main(): Promise<void> {
  // The AWS clients would announce when they end the support of this version of Node.js.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  execFileSync(process.execPath, [path.join(__dirname, '..', '..', 'scripts', 'bundle.mjs')], { stdio: 'ignore' });
  const world = new World();
  const reports: StepReport[] = [];
  try {
    await play(world, reports);
  } finally {
    await finish(world, reports);
  }
}

/** Performs the steps, and stops at the first one that fails. */
async function play(world: World, reports: StepReport[]): Promise<void> {
  const { Listr, PRESET_TIMER } = await import('listr2');
  for (const { title, steps } of STORY) {
    if (!json) {
      console.log(`\n${title}`);
    }
    const tasks = new Listr(
      steps.map((step) => ({
        title: step.title,
        task: async (_context: unknown, task: { output: unknown }): Promise<void> => {
          const report = await perform(title, step, world, (line) => (task.output = line));
          reports.push(report);
          task.output = report.result;
          if (!report.passed) {
            process.exitCode = 1;
            throw new Error(report.result);
          }
        },
        rendererOptions: { persistentOutput: true, outputBar: Infinity },
      })),
      {
        renderer: json ? 'silent' : 'default',
        rendererOptions: { timer: PRESET_TIMER, collapseErrors: false },
        fallbackRenderer: 'simple',
        fallbackRendererOptions: { timer: PRESET_TIMER },
      },
    );
    try {
      await tasks.run();
    } catch {
      return;
    }
  }
}

async function perform(
  chapter: string,
  step: Step,
  world: World,
  progress: (line: string) => void,
): Promise<StepReport> {
  const startedAt = performance.now();
  const [result, passed] = await step.run(world, progress).then(
    (text) => [text, true] as const,
    (error: unknown) => [error instanceof Error ? error.message : String(error), false] as const,
  );
  return { chapter, step: step.title, milliseconds: Math.round(performance.now() - startedAt), result, passed };
}

async function finish(world: World, reports: readonly StepReport[]): Promise<void> {
  const hub = world.hub as World['hub'] | undefined;
  const versions = hub === undefined ? [] : versionRows(hub, 'Shop');
  const queues = hub === undefined ? [] : queueRows(hub);
  if (json) {
    console.log(JSON.stringify({ steps: reports, rotations: world.rotations, versions, queues }, undefined, 2));
  } else {
    console.log(`\nThe secret of Shop\n${versionTable(versions)}\n\nThe queues\n${table(queues)}`);
  }
  await hub?.close();
  if (process.exitCode === 1) {
    console.error('\nA step failed: see above.');
  }
}
