import { MINUTE } from '../../lambda/core/time';
import { untilDue, advance, perform, untilRotated, sweep, runScenario, type Scenario } from './scenarios';
import type { World } from './world';

/** Two flows begin that many milliseconds apart, with calls whose lengths the noise decides. */
export interface RaceStart {
  readonly noise: number;
  readonly offset: number;
}

export const STARTS: readonly RaceStart[] = [1, 2, 3, 4].flatMap((noise) =>
  Array.from({ length: 16 }, (_, index) => ({ noise, offset: index * 60 })),
);

export interface Race {
  readonly setUp: (world: World) => Promise<void>;
  readonly first: (world: World) => void;
  readonly second: (world: World) => void;
  /** How many POSTs the scenario has in all, however the race ends. */
  readonly posts: number;
}

function sweepOnce(world: World): void {
  void world.hub.sweep();
}

function force(world: World): void {
  perform(world, 'force');
}

function deliver(world: World): void {
  world.hub.isStoreEnabled = true;
  world.hub.poll(0);
}

/** Until the three copies of a rotation's message wait in the queue. */
async function untilDelivered(world: World): Promise<void> {
  await untilDue(world);
  world.hub.isStoreEnabled = false;
  world.amazon.changeNextDelivery({ copies: 3 });
  await sweep(world);
  await advance(world, MINUTE);
}

export const RACES: Readonly<Record<string, Race>> = {
  'two sweeps find a rotation due': { setUp: untilDue, first: sweepOnce, second: sweepOnce, posts: 1 },
  'a sweep finds a rotation due, and a person forces one': {
    setUp: untilDue,
    first: sweepOnce,
    second: force,
    posts: 1,
  },
  'two hubs find a rotation due': {
    setUp: async (world) => {
      await sweep(world);
      world.secondHub.deploy(false);
      void world.secondHub.sweep();
      await advance(world, 9 * 24 * 60 * MINUTE);
      void world.secondHub.sweep();
    },
    first: sweepOnce,
    second: (world) => {
      void world.secondHub.sweep();
      world.after(5 * MINUTE, () => world.secondHub.remove());
    },
    posts: 1,
  },
  'two sweeps see the secret for the first time': {
    setUp: () => Promise.resolve(),
    first: sweepOnce,
    second: sweepOnce,
    posts: 1,
  },
  'a message is delivered to two runs and a sweep': {
    setUp: untilDelivered,
    first: deliver,
    second: sweepOnce,
    posts: 1,
  },
  'a message is delivered while a person edits': {
    setUp: untilDelivered,
    first: deliver,
    second: (world) => world.operators.storeText((world.currentVersion().text ?? '').replace('{', '{"edited":true,')),
    posts: 1,
  },
  'a notice of expiry comes with a delivery': {
    setUp: untilDelivered,
    first: deliver,
    second: (world) => world.sendExpiryNotice(6),
    posts: 1,
  },
  'two sweeps heal the same secret': {
    setUp: async (world) => {
      await untilRotated(world);
      const { text } = world.currentVersion();
      const [old] = world.amazon.secretsOf(world.truth.clientId);
      world.operators.storeText((text ?? '').replace(world.secretIn(text) ?? '', old?.value ?? ''));
    },
    first: sweepOnce,
    second: sweepOnce,
    posts: 1,
  },
};

/** Runs a race with every start, or with those chosen. Yields what goes wrong. */
export async function* problemsInRace(
  { setUp, first, second, posts }: Race,
  starts: readonly RaceStart[] = STARTS,
): AsyncGenerator<string> {
  for (const { noise, offset } of starts) {
    const scenario: Scenario = {
      setUp,
      run: async (world) => {
        first(world);
        world.after(offset, () => second(world));
        await advance(world, 20 * MINUTE);
      },
    };
    const result = await runScenario(scenario, { noise });
    const problem = result.problem ?? (result.posts > posts ? `${result.posts} POSTs` : undefined);
    if (problem !== undefined) {
      yield `noise ${noise}, ${offset} ms: ${problem}`;
    }
  }
}
