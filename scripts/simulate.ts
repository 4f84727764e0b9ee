import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { INVARIANTS, type InvariantName } from '../test/simulation/invariants';
import { FIXED_WORLDS, runWorld, shrink, simulate, Summary, type SummaryJson } from '../test/simulation/runner';
import { parametersOf } from '../test/simulation/world-parameters';

const execute = promisify(execFile);

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly replay: boolean;
  readonly shrink: number;
  readonly workers: number;
  readonly keepGoing: boolean;
  readonly json: boolean;
  readonly resume?: string;
  readonly minutes: number;
}

/** Worlds after which the summary of a long run is written again. */
const PART = 20;

const program = new Command()
  .name('simulate')
  .description('Runs the rotation core through years of injected faults, and checks the invariants after every step.')
  .option('--runs <number>', 'worlds, each of 1 to 3 years', Number, FIXED_WORLDS)
  .option('--seed <number>', 'seed of the first world', Number, 1)
  .option('--replay', 'print step by step what happens in the world of the seed', false)
  .option(
    '--shrink <seconds>',
    'how long to look for a smaller world that violates the same invariant; 0: not at all',
    Number,
    60,
  )
  .option('--workers <number>', 'processes', Number, Math.min(availableParallelism(), 2))
  .option('--keep-going', 'do not stop at the first violation', false)
  .option('--json', 'print the summary as JSON', false)
  .option('--resume <file>', 'go on after the last world in this summary, and write it again after each few worlds')
  .option('--minutes <number>', 'with --resume: begin no more worlds after that', Number, Number.POSITIVE_INFINITY);

async function main(): Promise<boolean> {
  const options = program.parse().opts<Options>();
  if (options.replay) {
    return replay(options);
  }
  const summary = await (options.resume === undefined ? run(options) : resume(options, options.resume));
  console.log(options.json ? JSON.stringify(summary) : summary.toText());
  if (!options.json) {
    await printFirstViolation(summary, options);
  }
  return summary.violations.length === 0;
}

function run(options: Options): Promise<Summary> {
  return options.workers > 1 ? inWorkers(options) : inThisProcess(options);
}

/** A long run, in parts: what was done survives whatever ends this process. */
async function resume(options: Options, file: string): Promise<Summary> {
  const summary = new Summary();
  if (existsSync(file)) {
    summary.merge(JSON.parse(readFileSync(file, 'utf8')) as SummaryJson);
  }
  const end = Date.now() + options.minutes * 60_000;
  while (summary.runs < options.runs && Date.now() < end && (options.keepGoing || summary.violations.length === 0)) {
    const runs = Math.min(PART, options.runs - summary.runs);
    summary.merge((await run({ ...options, runs, seed: options.seed + summary.runs })).toJSON());
    writeFileSync(`${file}.part`, JSON.stringify(summary));
    renameSync(`${file}.part`, file);
  }
  return summary;
}

async function inThisProcess({ runs, seed, keepGoing }: Options): Promise<Summary> {
  const summary = new Summary();
  for (let number = seed; number < seed + runs; number++) {
    const outcome = await simulate(number);
    summary.add(outcome);
    if (outcome.violation !== undefined) {
      console.error(`seed ${number}: ${outcome.violation.message}`);
    }
    if (summary.violations.length > 0 && !keepGoing) {
      break;
    }
    if (summary.runs % 100 === 0) {
      console.error(`${summary.runs} of ${runs} worlds from seed ${seed}`);
    }
  }
  return summary;
}

async function inWorkers({ runs, seed, workers, keepGoing }: Options): Promise<Summary> {
  const share = Math.ceil(runs / workers);
  const summary = new Summary();
  const parts = Array.from({ length: workers }, (_, index) => {
    const first = seed + index * share;
    const count = Math.max(Math.min(share, seed + runs - first), 0);
    return inWorker(['--seed', `${first}`, '--runs', `${count}`, ...(keepGoing ? ['--keep-going'] : [])]);
  });
  for (const part of await Promise.all(parts)) {
    summary.merge(part);
  }
  return summary;
}

async function inWorker(parameters: readonly string[]): Promise<SummaryJson> {
  const worker = [...process.execArgv, process.argv[1] ?? '', ...parameters, '--json', '--workers', '1'];
  const running = execute(process.execPath, worker, { maxBuffer: 64_000_000 });
  running.child.stderr?.pipe(process.stderr);
  // After a violation it ends with 1, and prints its summary all the same.
  const { stdout } = await running.catch((error: unknown) => error as { stdout: string });
  if (stdout === '') {
    throw new Error(`a worker failed: ${parameters.join(' ')}`);
  }
  return JSON.parse(stdout) as SummaryJson;
}

async function printFirstViolation(summary: Summary, options: Options): Promise<void> {
  const [first] = summary.violations;
  if (first === undefined) {
    return;
  }
  console.log(`\nThe invariant: ${INVARIANTS[first.invariant as InvariantName]}.`);
  console.log(`To replay all of it: npm run simulate -- --replay --seed ${first.seed}`);
  if (options.shrink > 0) {
    await printSmallest(first.seed, first.invariant, options.shrink);
  }
}

async function replay({ seed, shrink: seconds }: Options): Promise<boolean> {
  const { violation } = await simulate(seed);
  if (violation !== undefined && seconds > 0) {
    await printSmallest(seed, violation.invariant, seconds);
    return false;
  }
  await runWorld(parametersOf(seed), console.log);
  return violation === undefined;
}

/** Prints the smallest world that violates the same invariant, step by step. */
async function printSmallest(seed: number, invariant: string, seconds: number): Promise<void> {
  const parameters = await shrink(seed, invariant, seconds);
  console.log(
    `\nThe smallest world found that fails like seed ${seed}:\n${JSON.stringify(parameters, undefined, 1)}\n`,
  );
  await runWorld(parameters, console.log);
}

main().then(
  (isGood) => (process.exitCode = isGood ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
