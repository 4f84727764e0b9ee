import { MINUTE } from '../../lambda/core/time';
import { due, pass, perform, rotated, sweep, tell, type Story } from './stories';
import type { World } from './world';

/** Two flows that begin a moment apart: every moment in steps, with calls of different lengths. */
const OFFSETS = Array.from({ length: 16 }, (_, index) => index * 60);
const NOISES = [1, 2, 3, 4];

interface Race {
  readonly before: (world: World) => Promise<void>;
  readonly one: (world: World) => void;
  readonly other: (world: World) => void;
  /** How many POSTs the story has in all, however the race ends. */
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
  await due(world);
  world.hub.isStoreEnabled = false;
  world.amazon.changeNextDelivery({ copies: 3 });
  await sweep(world);
  await pass(world, MINUTE);
}

const RACES: Readonly<Record<string, Race>> = {
  'two sweeps find a rotation due': { before: due, one: sweeps, other: sweeps, posts: 1 },
  'a sweep finds a rotation due, and a person forces one': { before: due, one: sweeps, other: asks, posts: 1 },
  'two hubs find a rotation due': {
    before: async (world) => {
      await sweep(world);
      world.secondHub.deploy(false);
      void world.secondHub.sweep();
      await pass(world, 9 * 24 * 60 * MINUTE);
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
    before: () => Promise.resolve(),
    one: sweeps,
    other: sweeps,
    posts: 1,
  },
  'a message is delivered to two runs and a sweep': { before: waiting, one: delivers, other: sweeps, posts: 1 },
  'a message is delivered while a person edits': {
    before: waiting,
    one: delivers,
    other: (world) => {
      world.people.write((world.currentVersion().text ?? '').replace('{', '{"edited":true,'));
    },
    posts: 1,
  },
  'a notice comes with a delivery': {
    before: waiting,
    one: delivers,
    other: (world) => {
      world.notify(6);
    },
    posts: 1,
  },
  'a sweep heals what another sweep heals': {
    before: async (world) => {
      await rotated(world);
      const { text } = world.currentVersion();
      const [old] = world.amazon.secretsOf(world.truth.clientId);
      world.people.write((text ?? '').replace(world.secretIn(text) ?? '', old?.value ?? ''));
    },
    one: sweeps,
    other: sweeps,
    posts: 1,
  },
};

test.each(Object.entries(RACES))('%s', async (_, { before, one, other, posts }) => {
  const problems: string[] = [];
  for (const noise of NOISES) {
    for (const offset of OFFSETS) {
      const story: Story = {
        before,
        scene: async (world) => {
          one(world);
          world.after(offset, () => {
            other(world);
          });
          await pass(world, 20 * MINUTE);
        },
      };
      const told = await tell(story, { noise });
      const problem = told.problem ?? (told.posts > posts ? `${told.posts} POSTs` : undefined);
      if (problem !== undefined) {
        problems.push(`noise ${noise}, ${offset} ms: ${problem}`);
      }
    }
  }
  expect(problems.slice(0, 5)).toEqual([]);
});
