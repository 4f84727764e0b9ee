import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import { Command } from 'commander';
import pMap from 'p-map';
import { DEFECTS, type Defect } from '../test/simulation/defects';

interface Options {
  readonly only: string;
  readonly workers: number;
}

/** How one defect was noticed. `undefined`: it was not. */
type Noticed = { readonly by: string; readonly how: string } | undefined;

const program = new Command()
  .name('defects')
  .description('Puts deliberate defects into the core, one at a time, and requires that the simulation notices each.')
  .option('--only <text>', 'only the defects whose description contains this', '')
  .option('--workers <number>', 'defects tried at the same time', Number, availableParallelism())
  .option('--one <number>', 'try one defect, by its position, in this process');

/** Milliseconds. A defect for which this is not enough counts as unnoticed. */
const TIMEOUT = 300_000;

async function main(): Promise<boolean> {
  const { only, workers } = program.opts<Options>();
  const chosen = DEFECTS.filter(({ what }) => what.includes(only));
  const results = await pMap(
    chosen,
    async (defect) => {
      const begun = performance.now();
      const noticed = await tryInProcess(defect);
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      console.error(`${noticed === undefined ? 'NOT NOTICED' : 'noticed'} in ${seconds} s: ${defect.what}`);
      return { defect, noticed };
    },
    { concurrency: workers },
  );
  const table = new Table({ head: ['defect', 'noticed by', 'how'], colWidths: [50, 40, 60], wordWrap: true });
  table.push(...results.map(({ defect, noticed }) => [defect.what, noticed?.by ?? 'NOBODY', noticed?.how ?? '']));
  console.log(table.toString());
  const unnoticed = results.filter(({ noticed }) => noticed === undefined).length;
  console.log(`${results.length} deliberate defects, ${unnoticed} not noticed`);
  return unnoticed === 0;
}

/** In a process of its own: a defect stays in the modules, and may keep a world from ending. */
function tryInProcess(defect: Defect): Promise<Noticed> {
  return new Promise((resolve, reject) => {
    const parameters = [...process.execArgv, process.argv[1] ?? '', '--one', String(DEFECTS.indexOf(defect))];
    const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'], timeout: TIMEOUT });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) {
        resolve(output === '' ? undefined : (JSON.parse(output) as Noticed));
      } else {
        reject(new Error(`"${defect.what}" could not be tried`));
      }
    });
  });
}

async function tryHere(position: number): Promise<void> {
  DEFECTS[position]?.install();
  const load = createRequire(__filename);
  const { STORIES, tell } = load('../test/simulation/stories') as typeof import('../test/simulation/stories');
  const { FIXED_RUNS, simulate } = load('../test/simulation/runner') as typeof import('../test/simulation/runner');
  const noticed = (await inScenarios()) ?? (await inWorlds());
  if (noticed !== undefined) {
    process.stdout.write(JSON.stringify(noticed));
  }

  /** Every scenario, undisturbed and with each of its calls interrupted. */
  async function inScenarios(): Promise<Noticed> {
    for (const [name, scenario] of Object.entries(STORIES)) {
      const { calls, problem } = await tell(scenario);
      if (problem !== undefined) {
        return { by: name, how: problem };
      }
      for (const [call, operation] of calls.entries()) {
        for (const fault of [{ kill: 'before' }, { kill: 'after' }] as const) {
          const told = await tell(scenario, { injection: { call, fault } });
          if (told.problem !== undefined) {
            return { by: `${name}, killed ${fault.kill} ${operation}`, how: told.problem };
          }
        }
      }
    }
    return undefined;
  }

  async function inWorlds(): Promise<Noticed> {
    for (let seed = 1; seed <= FIXED_RUNS; seed++) {
      const { violation } = await simulate(seed);
      if (violation !== undefined) {
        return { by: `the world of seed ${seed}`, how: violation.message };
      }
    }
    return undefined;
  }
}

const { one } = program.parse().opts<{ one?: string }>();
(one === undefined ? main() : tryHere(Number(one)).then(() => true)).then(
  (isGood) => {
    process.exitCode = isGood ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
