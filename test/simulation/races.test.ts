import { MINUTE } from '../../lambda/core/time';
import { untilDue, advance, perform, untilRotated, sweep, runScenario, type Scenario } from './scenarios';
import type { World } from './world';

/** Two flows that begin a moment apart: every moment in steps, with calls of different lengths. */
const OFFSETS = Array.from({ length: 16 }, (_, index) => index * 60);
const NOISES = [1, 2, 3, 4];

interface Race {
  readonly setUp: (world: World) => Promise<void>;
  readonly one: (world: World) => void;
  readonly other: (world: World) => void;
  /** How many POSTs the scenario has in all, however the race ends. */
  readonly posts: number;
}

function sweeps(world: World): void {
  void world.hub.sweep();
}

function asks(world: World): void {
  perform(world, 'force');
}

function delivers(world: World): void {
  world.hub.isStoreEnabled = true;
  world.hub.poll(0);
}

/** A rotation whose messages, each twice, wait in the queue. */
async function waiting(world: World): Promise<void> {
  await untilDue(world);
  world.hub.isStoreEnabled = false;
  world.amazon.changeNextDelivery({ copies: 3 });
  await sweep(world);
  await advance(world, MINUTE);
}

const RACES: Readonly<Record<string, Race>> = {
  'two sweeps find a rotation due': { setUp: untilDue, one: sweeps, other: sweeps, posts: 1 },
  'a sweep finds a rotation due, and a person forces one': { setUp: untilDue, one: sweeps, other: asks, posts: 1 },
  'two hubs find a rotation due': {
    setUp: async (world) => {
      await sweep(world);
      world.secondHub.deploy(false);
      void world.secondHub.sweep();
      await advance(world, 9 * 24 * 60 * MINUTE);
      void world.secondHub.sweep();
    },
    one: sweeps,
    other: (world) => {
      void world.secondHub.sweep();
      world.after(5 * MINUTE, () => {
        world.secondHub.remove();
      });
    },
    posts: 1,
  },
  'two sweeps see the secret for the first time': {
    setUp: () => Promise.resolve(),
    one: sweeps,
    other: sweeps,
    posts: 1,
  },
  'a message is delivered to two runs and a sweep': { setUp: waiting, one: delivers, other: sweeps, posts: 1 },
  'a message is delivered while a person edits': {
    setUp: waiting,
    one: delivers,
    other: (world) => {
      world.operators.storeText((world.currentVersion().text ?? '').replace('{', '{"edited":true,'));
    },
    posts: 1,
  },
  'a notice comes with a delivery': {
    setUp: waiting,
    one: delivers,
    other: (world) => {
      world.sendExpiryNotice(6);
    },
    posts: 1,
  },
  'a sweep heals what another sweep heals': {
    setUp: async (world) => {
      await untilRotated(world);
      const { text } = world.currentVersion();
      const [old] = world.amazon.secretsOf(world.truth.clientId);
      world.operators.storeText((text ?? '').replace(world.secretIn(text) ?? '', old?.value ?? ''));
    },
    one: sweeps,
    other: sweeps,
    posts: 1,
  },
};

test.each(Object.entries(RACES))('%s', async (_, { setUp, one, other, posts }) => {
  const problems: string[] = [];
  for (const noise of NOISES) {
    for (const offset of OFFSETS) {
      const scenario: Scenario = {
        setUp,
        run: async (world) => {
          one(world);
          world.after(offset, () => {
            other(world);
          });
          await advance(world, 20 * MINUTE);
        },
      };
      const result = await runScenario(scenario, { noise });
      const problem = result.problem ?? (result.posts > posts ? `${result.posts} POSTs` : undefined);
      if (problem !== undefined) {
        problems.push(`noise ${noise}, ${offset} ms: ${problem}`);
      }
    }
  }
  expect(problems.slice(0, 5)).toEqual([]);
});
