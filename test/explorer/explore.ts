import { advance } from '../simulation/scenarios';
import type { World } from '../simulation/world';
import { MINUTE } from '../../lambda/core/time';
import { Memory, type Moment } from './memory';
import { stillWorld, type Exploration } from './scenarios';
import { Search, type Found, type Limits } from './search';

/** After that long what a killed run had received can be received again. */
const LATER = 7 * MINUTE;

/** Explores what a scenario can come to. */
export async function explore(exploration: Exploration, limits: Limits): Promise<Found> {
  return waitingForAll(async () => {
    const world = await stillWorld(exploration);
    const memory = new Memory(world, (part) => part === world.eventLog);
    const { leftBy, actors, asks } = exploration;
    const starts = leftBy === undefined ? [memory.save()] : await leftovers(world, memory, leftBy(world));
    return new Search(world, memory, starts, actors(world), {
      ...limits,
      asks,
      isAfterFaults: leftBy !== undefined,
    }).run();
  });
}

/**
 * What a run asks beside a call that fails are reads, and nobody hears their answers any more. So that they are not looked at in
 * every order, a run goes on after a failure only once it has them all.
 */
async function waitingForAll<Result>(work: () => Promise<Result>): Promise<Result> {
  const all = Promise.all.bind(Promise);
  Promise.all = (async (promises: Iterable<unknown>) => {
    const waiting = [...promises];
    await Promise.allSettled(waiting);
    return all(waiting);
  }) as typeof Promise.all;
  try {
    return await work();
  } finally {
    Promise.all = all;
  }
}

/** What some runs can have left, some minutes later. */
async function leftovers(
  world: World,
  memory: Memory,
  actors: ReturnType<Exploration['actors']>,
): Promise<readonly Moment[]> {
  const search = new Search(world, memory, [memory.save()], actors, { crashes: true, losses: false });
  const starts: Moment[] = [];
  for (const end of await search.endings()) {
    memory.load(end);
    await advance(world, LATER);
    starts.push(memory.save());
  }
  return starts;
}
