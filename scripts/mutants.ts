import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import pMap from 'p-map';
import { MUTANTS, type Mutant } from './mutant-list';

interface Options {
  readonly judges: readonly string[];
  readonly only: string | undefined;
  readonly runs: string;
  readonly seed: string;
  readonly workers: number;
}

interface Verdict {
  readonly mutant: Mutant;
  /** `undefined`: it survived. */
  readonly caughtBy: string | undefined;
  readonly how: string;
}

const ROOT = join(__dirname, '..');
/** What the tests of the core need. */
const COPIED = [
  'lambda',
  'lib',
  'scripts',
  'test/core',
  'test/fakes',
  'test/simulation',
  'tsconfig.json',
  'package.json',
];

/** Where defects are looked for, the fastest first. */
const JUDGES: readonly { readonly name: string; readonly command: (options: Options) => readonly string[] }[] = [
  { name: 'unit tests', command: () => ['jest', 'test/core', '--bail', '--silent'] },
  { name: 'races', command: () => ['jest', 'test/simulation/races', '--bail', '--silent'] },
  {
    name: 'simulation',
    command: ({ runs, seed }) => [
      'tsx',
      'scripts/simulate.ts',
      '--runs',
      runs,
      '--seed',
      seed,
      '--shrink',
      '0',
      '--workers',
      '1',
    ],
  },
  { name: 'crash sweep', command: () => ['jest', 'test/simulation/crash-sweep', '--bail', '--silent'] },
];

const program = new Command()
  .name('mutants')
  .description('Puts one deliberate defect after the other into a copy of the core, and sees that the tests catch it.')
  .option('--only <text>', 'only the defects whose description contains this')
  .addOption(
    new Option('--judges <names...>', 'where they are looked for')
      .choices(JUDGES.map(({ name }) => name))
      .default(JUDGES.map(({ name }) => name)),
  )
  .option('--runs <number>', 'worlds of the simulation for each defect', '25')
  .option('--seed <number>', 'seed of the first of them', '1')
  .option('--workers <number>', 'defects tried at the same time', Number, availableParallelism());

async function main(): Promise<boolean> {
  const options = program.parse().opts<Options>();
  const chosen = MUTANTS.filter(({ defect }) => defect.includes(options.only ?? ''));
  const sound = await judge(undefined, options);
  if (sound.caughtBy !== undefined) {
    console.error(`The core without a defect fails already: ${sound.caughtBy}, ${sound.how}`);
    return false;
  }
  const verdicts = await pMap(
    chosen,
    async (mutant) => {
      const verdict = await judge(mutant, options);
      console.error(
        `${verdict.caughtBy === undefined ? 'SURVIVED' : `caught by ${verdict.caughtBy}`}: ${mutant.defect}`,
      );
      return { mutant, ...verdict };
    },
    { concurrency: options.workers },
  );
  print(verdicts);
  return verdicts.every(({ caughtBy }) => caughtBy !== undefined);
}

/** Tries one defect, or none, in a copy of its own. */
async function judge(mutant: Mutant | undefined, options: Options): Promise<Omit<Verdict, 'mutant'>> {
  const copy = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const path of COPIED) {
      cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(
      join(copy, 'jest.config.json'),
      JSON.stringify({
        testEnvironment: 'node',
        roots: ['<rootDir>/test'],
        testMatch: ['**/*.test.ts'],
        transform: {
          '^.+\\.ts$': [
            '@swc/jest',
            { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
          ],
        },
      }),
    );
    if (mutant !== undefined) {
      apply(mutant, copy);
    }
    for (const { name, command } of JUDGES.filter((one) => options.judges.includes(one.name))) {
      const { isGood, output } = await run(command(options), copy);
      if (!isGood) {
        return { caughtBy: name, how: reasonIn(output) };
      }
    }
    return { caughtBy: undefined, how: '' };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function apply({ defect, file, search, replace }: Mutant, copy: string): void {
  const path = join(copy, 'lambda', 'core', file);
  const source = readFileSync(path, 'utf8');
  if (source.split(search).length !== 2) {
    throw new Error(`"${defect}": ${file} does not have exactly one\n${search}`);
  }
  writeFileSync(
    path,
    source.replace(search, () => replace),
  );
}

function run(parameters: readonly string[], directory: string): Promise<{ isGood: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    const [tool = '', ...rest] = parameters;
    const child = spawn(join(directory, 'node_modules', '.bin', tool), rest, { cwd: directory, timeout: 600_000 });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (status) => {
      resolve({ isGood: status === 0, output });
    });
  });
}

/** The test that failed first, or the promise that was broken. */
function reasonIn(output: string): string {
  return /● (.*)/.exec(output)?.[1] ?? /^seed \d+: \S+ ([\w-]+):/m.exec(output)?.[1] ?? 'it does not end';
}

function print(verdicts: readonly Verdict[]): void {
  const table = new Table({ head: ['deliberate defect', 'caught by', 'how'], colWidths: [62, 14, 62], wordWrap: true });
  table.push(...verdicts.map(({ mutant, caughtBy, how }) => [mutant.defect, caughtBy ?? 'NOBODY', how.slice(0, 120)]));
  console.log(table.toString());
  const survivors = verdicts.filter(({ caughtBy }) => caughtBy === undefined).length;
  console.log(`${verdicts.length} deliberate defects, ${survivors} survived`);
}

main().then(
  (isGood) => {
    process.exitCode = isGood ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
