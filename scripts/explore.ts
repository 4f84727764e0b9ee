import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import { Command } from 'commander';
import pMap from 'p-map';
import { explore } from '../test/explorer/explore';
import { EXPLORATIONS } from '../test/explorer/scenarios';
import type { Found } from '../test/explorer/search';
import { digestOf } from '../lambda/core/digest';

const execute = promisify(execFile);

interface Options {
  readonly only: string;
  readonly workers: number;
  readonly crashes: boolean;
  readonly losses: boolean;
  readonly everyTurn?: boolean;
  readonly one?: string;
}

interface Explored extends Omit<Found, 'ends'> {
  readonly ends: number;
  /** Two explorations with the same ends have the same digest. */
  readonly digest: string;
  readonly seconds: number;
}

const program = new Command()
  .name('explore')
  .description('Tries every order in which runs can take turns, each with at most one crash and one lost answer.')
  .option('--only <text>', 'only the scenarios whose name contains this', '')
  .option('--workers <number>', 'scenarios explored at the same time', Number, availableParallelism())
  .option('--no-crashes', 'kill no run')
  .option('--no-losses', 'lose no answer')
  .option('--every-turn', 'look also at turns that can make no difference')
  .option('--one <name>', 'explore this scenario in this process, and print what was found as JSON');

async function main(): Promise<boolean> {
  const options = program.parse().opts<Options>();
  if (options.one !== undefined) {
    process.stdout.write(JSON.stringify(await exploreHere(options.one, options)));
    return true;
  }
  const names = Object.keys(EXPLORATIONS).filter((name) => name.includes(options.only));
  const found = await pMap(names, (name) => exploreInProcess(name), { concurrency: options.workers });
  const table = new Table({ head: ['scenario', 'states', 'turns', 'ends', 'longest way', 's'] });
  table.push(...found.map((one, index) => [names[index], one.states, one.moves, one.ends, one.longest, one.seconds]));
  console.log(table.toString());
  const violated = found.filter(({ violation }) => violation !== undefined).length;
  console.log(`${found.length} scenarios, ${violated} with a violation`);
  return violated === 0;
}

async function exploreHere(name: string, { crashes, losses, everyTurn }: Options): Promise<Explored> {
  const exploration = EXPLORATIONS[name];
  if (exploration === undefined) {
    throw new Error(`there is no scenario "${name}"`);
  }
  const found = await explore(exploration, { crashes, losses, everyTurn });
  const ends = [...found.ends].sort();
  return {
    ...found,
    ends: ends.length,
    digest: digestOf(ends.join('\n')),
    seconds: Math.round(process.cpuUsage().user / 1e6),
  };
}

/** In a process of its own, which gives its memory back. */
async function exploreInProcess(name: string): Promise<Explored> {
  const parameters = [...process.execArgv, '--max-old-space-size=12000', ...process.argv.slice(1), '--one', name];
  const { stdout } = await execute(process.execPath, parameters, { maxBuffer: 64_000_000 });
  const found = JSON.parse(stdout) as Explored;
  const { states, seconds, violation } = found;
  console.error(`${name}: ${states} states, ${seconds} s${violation === undefined ? '' : `: ${violation.what}`}`);
  violation?.trace.forEach((line) => console.error(line));
  return found;
}

main().then(
  (isGood) => (process.exitCode = isGood ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
