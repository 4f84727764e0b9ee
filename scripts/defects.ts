import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import { Command } from 'commander';
import pMap from 'p-map';
import { DEFECTS, type Defect } from '../test/simulation/defects';
import type { Detection } from '../test/simulation/detect';

const execute = promisify(execFile);

interface Options {
  readonly only: string;
  readonly workers: number;
}

const program = new Command()
  .name('defects')
  .description('Puts deliberate defects into the core, one at a time, and requires that the simulation detects each.')
  .option('--only <text>', 'only the defects whose description contains this', '')
  .option('--workers <number>', 'defects tried at the same time', Number, availableParallelism())
  .option('--one <number>', 'try one defect, by its position, in this process');

/** Milliseconds. Longer than it takes to look everywhere. */
const TIMEOUT = 300_000;

async function main(): Promise<boolean> {
  const { only, workers } = program.opts<Options>();
  const chosen = DEFECTS.filter(({ what }) => what.includes(only));
  const results = await pMap(
    chosen,
    async (defect) => {
      const begun = performance.now();
      const detection = await tryInProcess(defect);
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      console.error(`${detection === undefined ? 'NOT DETECTED' : 'detected'} in ${seconds} s: ${defect.what}`);
      return { what: defect.what, detection };
    },
    { concurrency: workers },
  );
  const table = new Table({ head: ['defect', 'detected in', 'as'], colWidths: [50, 40, 60], wordWrap: true });
  table.push(...results.map(({ what, detection }) => [what, detection?.where ?? 'NOTHING', detection?.problem ?? '']));
  console.log(table.toString());
  const undetected = results.filter(({ detection }) => detection === undefined).length;
  console.log(`${results.length} deliberate defects, ${undetected} not detected`);
  return undetected === 0;
}

/** In a process of its own: a defect stays in the modules, and may keep a world from ending. */
async function tryInProcess(defect: Defect): Promise<Detection | undefined> {
  const parameters = [...process.execArgv, process.argv[1] ?? '', '--one', String(DEFECTS.indexOf(defect))];
  const { stdout } = await execute(process.execPath, parameters, { timeout: TIMEOUT });
  return stdout === '' ? undefined : (JSON.parse(stdout) as Detection);
}

async function tryHere(position: number): Promise<void> {
  DEFECTS[position]?.install();
  // Only now: whatever uses the replaced functions must be loaded after the defect is in.
  const { detect } = createRequire(__filename)(
    '../test/simulation/detect',
  ) as typeof import('../test/simulation/detect');
  const detected = await detect(DEFECTS[position]?.world);
  if (detected !== undefined) {
    process.stdout.write(JSON.stringify(detected));
  }
}

const { one } = program.parse().opts<{ one?: string }>();
(one === undefined ? main() : tryHere(Number(one)).then(() => true)).then(
  (isGood) => (process.exitCode = isGood ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
