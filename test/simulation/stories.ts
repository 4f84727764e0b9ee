import { DAY, HOUR, MINUTE, SECOND } from '../../lambda/core/time';
import type { Fault } from './invocation';
import type { Act, Scenario } from './scenario';
import { START, World } from './world';

/** A world in which nothing happens by itself. */
const CALM: Scenario = {
  noise: 1,
  days: 0,
  amazon: {
    secondRotationKillsOldSecret: false,
    consoleRotationNotifies: true,
    expiryForOldSecret: false,
    expiredSecretCanRotate: false,
    tokensForExpiredSecret: true,
    refusedDeliveryIsRetried: false,
    oldSecretCanRotate: true,
    sendsTestMessage: false,
    propagationMinutes: 0,
    deliverySeconds: 1,
  },
  secretAge: 60,
  rotateAfterDays: 8,
  isNotifyOnly: false,
  registeredAfterHours: 0,
  hasNeighbour: false,
  hasQueueKey: true,
  callFaults: 0,
  kills: 0,
  lag: 0,
  personHours: 1e9,
  weather: [],
  acts: [],
};

/** A short story in which each call can be harmed: what is before the scene goes well. */
export interface Story {
  readonly before: (world: World) => Promise<void>;
  readonly scene: (world: World) => Promise<void>;
  /** When more sweeps come, in hours, for what takes longer to be well again. */
  readonly laterSweeps?: readonly number[];
}

export async function pass(world: World, milliseconds: number): Promise<void> {
  await world.timeline.run(world.now() + milliseconds);
}

export async function sweep(world: World): Promise<void> {
  void world.hub.sweep();
  await pass(world, 5 * MINUTE);
}

async function nothing(): Promise<void> {
  // Some stories begin at once.
}

/** Taken on, and settled in: the next sweep rotates. */
export async function due(world: World): Promise<void> {
  await sweep(world);
  await pass(world, 25 * HOUR);
}

export async function rotated(world: World): Promise<void> {
  await due(world);
  await sweep(world);
  await pass(world, 20 * MINUTE);
}

/** A person does something once. */
export function perform(world: World, kind: Act['kind']): void {
  world.people.perform({ kind, day: 0, hours: 0, way: 0 });
}

/** A person rotates in the console. What comes of it LWA knows after a while; the message of it comes, or does not. */
function rotateInConsole(world: World, propagation: number, notifies = true): void {
  world.propagation = propagation;
  world.amazon.behaviour.consoleRotationNotifies = notifies;
  perform(world, 'rotate-in-console');
}

function edit(world: World): void {
  world.people.write((world.currentVersion().text ?? '').replace('{', '{"edited":true,'));
}

function storeOld(world: World): void {
  const { text } = world.currentVersion();
  const [old] = world.amazon.secretsOf(world.truth.clientId);
  world.people.write((text ?? '').replace(world.secretIn(text) ?? '', old?.value ?? ''));
}

export const STORIES: Readonly<Record<string, Story>> = {
  'the first sweep': { before: nothing, scene: sweep },
  'a rotation, delivered within seconds': { before: due, scene: rotated },
  'a rotation that a person asks for': {
    before: sweep,
    scene: async (world) => {
      perform(world, 'ask-to-rotate');
      await pass(world, 20 * MINUTE);
    },
  },
  'a delivery that LWA does not know for an hour': {
    before: async (world) => {
      await due(world);
      world.propagation = HOUR;
    },
    scene: async (world) => {
      await sweep(world);
      await pass(world, HOUR);
      await sweep(world);
      await pass(world, HOUR);
    },
  },
  'a delivery that a sweep finishes': {
    before: async (world) => {
      await due(world);
      world.propagation = 20 * MINUTE;
      await sweep(world);
      world.hub.isStoreEnabled = false;
      await pass(world, 20 * MINUTE);
    },
    scene: async (world) => {
      await sweep(world);
      world.hub.isStoreEnabled = true;
      world.hub.poll(0);
      await pass(world, 40 * MINUTE);
    },
  },
  'a person edits the secret in the middle of a promotion': {
    before: due,
    scene: async (world) => {
      world.onStaged = () => {
        edit(world);
      };
      await sweep(world);
      await pass(world, HOUR);
    },
  },
  'two deliveries, of which LWA knows the older first': {
    before: async (world) => {
      await sweep(world);
      rotateInConsole(world, MINUTE);
      world.hub.isStoreEnabled = false;
      await pass(world, MINUTE);
      rotateInConsole(world, 2 * HOUR);
    },
    scene: async (world) => {
      world.hub.isStoreEnabled = true;
      world.hub.poll(0);
      await pass(world, 40 * MINUTE);
      await sweep(world);
      await pass(world, 3 * HOUR);
    },
  },
  'a person stores a later secret while a delivered one waits for LWA': {
    before: async (world) => {
      await sweep(world);
      rotateInConsole(world, 2 * HOUR);
      await pass(world, HOUR);
      rotateInConsole(world, 0, false);
      await sweep(world);
      await pass(world, 8 * DAY);
    },
    scene: sweep,
  },
  'a person stores a later secret that LWA knows only after a delivered one': {
    before: async (world) => {
      await sweep(world);
      rotateInConsole(world, 2 * HOUR);
      await pass(world, HOUR);
      rotateInConsole(world, 3 * HOUR, false);
      await pass(world, 80 * MINUTE);
    },
    scene: async (world) => {
      await sweep(world);
      await pass(world, 20 * MINUTE);
    },
    laterSweeps: [169, 170],
  },
  'a person stores a secret from before the hub while a delivered one waits for LWA': {
    before: async (world) => {
      rotateInConsole(world, 0, false);
      await pass(world, MINUTE);
      await sweep(world);
      rotateInConsole(world, 2 * HOUR);
      await pass(world, HOUR);
      storeOld(world);
    },
    scene: sweep,
    laterSweeps: [169, 170],
  },
  'a person stores nonsense while a delivered secret waits for LWA': {
    before: async (world) => {
      await sweep(world);
      rotateInConsole(world, 2 * HOUR);
      await pass(world, HOUR);
      world.people.write(JSON.stringify({ clientId: world.truth.clientId, clientSecret: 'nonsense' }));
    },
    scene: async (world) => {
      await sweep(world);
      await pass(world, 5 * HOUR);
      await sweep(world);
    },
  },
  'an old secret is written back': {
    before: async (world) => {
      await rotated(world);
      storeOld(world);
    },
    scene: sweep,
  },
  'a person stores a secret that nobody delivered': {
    before: async (world) => {
      await rotated(world);
      rotateInConsole(world, 0, false);
    },
    scene: sweep,
  },
  'a notice of expiry': {
    before: sweep,
    scene: async (world) => {
      world.notify(30);
      await pass(world, 20 * MINUTE);
    },
  },
  'a refusal, since the queue is not registered': {
    before: async (world) => {
      await due(world);
      world.amazon.unregister(world.truth.clientId);
    },
    scene: async (world) => {
      await sweep(world);
      world.people.register(world.hub);
      await pass(world, HOUR);
      await sweep(world);
    },
  },
  'a message that never comes': {
    before: async (world) => {
      await due(world);
      world.amazon.changeNextDelivery({ isLost: true });
    },
    scene: async (world) => {
      await sweep(world);
      await pass(world, 2 * HOUR);
      await sweep(world);
      await pass(world, 71 * HOUR);
      await sweep(world);
      await pass(world, HOUR);
      await sweep(world);
    },
  },
  'another hub takes the application over': {
    before: rotated,
    scene: async (world) => {
      world.secondHub.deploy(false);
      void world.secondHub.sweep();
      await pass(world, 5 * MINUTE);
      await sweep(world);
      world.secondHub.remove();
      await pass(world, 25 * HOUR);
    },
  },
  'the key of the secret is changed': {
    before: async (world) => {
      await rotated(world);
      world.secretsManager.updateSecret({ SecretId: world.secretArn, KmsKeyId: 'key-1' });
    },
    scene: async (world) => {
      // The hour in which a sweep looks at everything.
      await world.timeline.run((Math.ceil(world.now() / (23 * HOUR)) * 23 + 0.1) * HOUR);
      await sweep(world);
    },
  },
  'an unreadable journal, begun again': {
    before: async (world) => {
      await rotated(world);
      await pass(world, 7 * DAY);
      world.secretsManager.updateSecret({ SecretId: world.secretArn, KmsKeyId: 'key-1' });
      world.secretsManager.makeKeyUnusable('');
    },
    scene: async (world) => {
      await sweep(world);
      perform(world, 'force');
      await pass(world, 20 * MINUTE);
      world.secretsManager.makeKeyUsable('');
    },
  },
  'a delivery while the journal is unreadable': {
    before: async (world) => {
      await rotated(world);
      world.secretsManager.updateSecret({ SecretId: world.secretArn, KmsKeyId: 'key-1' });
      world.secretsManager.makeKeyUnusable('');
    },
    scene: async (world) => {
      perform(world, 'rotate-in-console');
      await pass(world, 20 * MINUTE);
      world.secretsManager.makeKeyUsable('');
      await sweep(world);
    },
  },
  'the secret of a stranger': {
    before: sweep,
    scene: async (world) => {
      perform(world, 'stranger');
      await pass(world, 20 * MINUTE);
    },
  },
};

/** When sweeps come after the scene, in hours: also when the ladder asks again. */
const RECOVERY = [1, 2, 5, 24, 49, 74, 75, 99, 123, 124, 147];

/** Tells a story with at most one call harmed, and what came of it. */
export async function tell(
  story: Story,
  {
    injection,
    noise = 1,
    listener,
  }: {
    readonly injection?: { readonly call: number; readonly fault: Fault };
    /** Decides how long each call takes. */
    readonly noise?: number;
    readonly listener?: (line: string) => void;
  } = {},
): Promise<Told> {
  const world = new World({ ...CALM, noise }, listener);
  await world.timeline.run(START);
  world.hub.deploy(false);
  world.people.register(world.hub);
  await story.before(world);
  if (injection !== undefined) {
    world.injection = injection;
  }
  world.countsCalls = true;
  await story.scene(world);
  world.countsCalls = false;
  world.trouble.isOver = true;
  world.onStaged = undefined;
  world.propagation = 0;
  const begun = world.now();
  for (const hours of [...RECOVERY, ...(story.laterSweeps ?? [])]) {
    await world.timeline.run(begun + hours * HOUR + 10 * SECOND);
    world.tick();
    await sweep(world);
  }
  return {
    calls: world.calls,
    problem: world.chronicle.violation?.message ?? world.notWell(),
    stalls: world.chronicle.counts.get('observed: rotation stalled stalled') ?? 0,
    posts: world.truth.posts.length,
  };
}

/** What came of a story. */
export interface Told {
  readonly calls: readonly string[];
  readonly problem: string | undefined;
  /** How often a rotation was reported as stalled. */
  readonly stalls: number;
  readonly posts: number;
}
