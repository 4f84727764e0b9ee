import { DAY, HOUR, MINUTE, SECOND } from '../../lambda/core/time';
import type { InjectedFault } from './invocation';
import type { OperatorAction, WorldParameters } from './world-parameters';
import { findProblem } from './recovery';
import { START, World } from './world';

/** A world in which nothing happens but what a scenario does. */
const NO_FAULTS: WorldParameters = {
  noise: 1,
  days: 0,
  badDay: 0,
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
  rotationWindow: undefined,
  isNotifyOnly: false,
  registeredAfterHours: 0,
  hasNeighbour: false,
  hasQueueKey: true,
  callFaults: 0,
  kills: 0,
  lag: 0,
  clockSkewSeconds: 0,
  operatorHours: 1e9,
  outages: [],
  operatorActions: [],
  sharers: [],
};

/** A short course of events, written by hand. A fault can be injected into each call of `run`; `setUp` goes well. */
export interface Scenario {
  readonly setUp: (world: World) => Promise<void>;
  readonly run: (world: World) => Promise<void>;
  /** When more sweeps come, in hours, for what takes longer to recover. */
  readonly laterSweeps?: readonly number[];
}

export async function advance(world: World, milliseconds: number): Promise<void> {
  await world.timeline.run(world.now() + milliseconds);
}

export async function sweep(world: World): Promise<void> {
  void world.hub.sweep();
  await advance(world, 5 * MINUTE);
}

export async function noSetUp(): Promise<void> {
  // Some scenarios need none.
}

/** Until the application has been looked after for a day: the next sweep rotates. */
export async function untilDue(world: World): Promise<void> {
  await sweep(world);
  await advance(world, 25 * HOUR);
}

export async function untilRotated(world: World): Promise<void> {
  await untilDue(world);
  await sweep(world);
  await advance(world, 20 * MINUTE);
}

/** A person does something once. */
export function perform(world: World, kind: OperatorAction['kind']): void {
  world.operators.perform({ kind, day: 0, isInBadDays: false, hours: 0, variant: 0 });
}

/** A person rotates in the console. LWA knows the new secret after a while; Amazon sends a message, or none. */
export function rotateInConsole(world: World, propagation: number, notifies = true): void {
  world.propagation = propagation;
  world.amazon.behaviour.consoleRotationNotifies = notifies;
  perform(world, 'rotate-in-console');
}

/** A person asks the hub for a rotation. LWA knows the new secret after a while. */
export function askToRotate(world: World, propagation: number): void {
  world.propagation = propagation;
  perform(world, 'ask-to-rotate');
}

export function editText(world: World): void {
  world.operators.storeText((world.currentVersion().text ?? '').replace('{', '{"edited":true,'));
}

export function storeOldSecret(world: World): void {
  const { text } = world.currentVersion();
  const [old] = world.amazon.secretsOf(world.truth.clientId);
  world.operators.storeText((text ?? '').replace(world.secretIn(text) ?? '', old?.value ?? ''));
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'the first sweep': { setUp: noSetUp, run: sweep },
  'a rotation, delivered within seconds': { setUp: untilDue, run: untilRotated },
  'a rotation that a person asks for': {
    setUp: sweep,
    run: async (world) => {
      perform(world, 'ask-to-rotate');
      await advance(world, 20 * MINUTE);
    },
  },
  'a delivery that LWA does not know for an hour': {
    setUp: async (world) => {
      await untilDue(world);
      world.propagation = HOUR;
    },
    run: async (world) => {
      await sweep(world);
      await advance(world, HOUR);
      await sweep(world);
      await advance(world, HOUR);
    },
  },
  'a delivery that a sweep finishes': {
    setUp: async (world) => {
      await untilDue(world);
      world.propagation = 20 * MINUTE;
      await sweep(world);
      world.hub.isStoreEnabled = false;
      await advance(world, 20 * MINUTE);
    },
    run: async (world) => {
      await sweep(world);
      world.hub.isStoreEnabled = true;
      world.hub.poll(0);
      await advance(world, 40 * MINUTE);
    },
  },
  'a person edits the secret in the middle of a promotion': {
    setUp: untilDue,
    run: async (world) => {
      world.onStaged = () => editText(world);
      await sweep(world);
      await advance(world, HOUR);
    },
  },
  'two deliveries, of which LWA knows the older first': {
    setUp: async (world) => {
      await sweep(world);
      rotateInConsole(world, MINUTE);
      world.hub.isStoreEnabled = false;
      await advance(world, MINUTE);
      rotateInConsole(world, 2 * HOUR);
    },
    run: async (world) => {
      world.hub.isStoreEnabled = true;
      world.hub.poll(0);
      await advance(world, 40 * MINUTE);
      await sweep(world);
      await advance(world, 3 * HOUR);
    },
  },
  'a person stores a later secret while a delivered one waits for LWA': {
    setUp: async (world) => {
      await sweep(world);
      rotateInConsole(world, 2 * HOUR);
      await advance(world, HOUR);
      rotateInConsole(world, 0, false);
      await sweep(world);
      await advance(world, 8 * DAY);
    },
    run: sweep,
  },
  'a person stores a later secret that LWA knows only after a delivered one': {
    setUp: async (world) => {
      await sweep(world);
      rotateInConsole(world, 2 * HOUR);
      await advance(world, HOUR);
      rotateInConsole(world, 3 * HOUR, false);
      await advance(world, 80 * MINUTE);
    },
    run: async (world) => {
      await sweep(world);
      await advance(world, 20 * MINUTE);
    },
    laterSweeps: [169, 170],
  },
  'a person stores a secret from before the hub while a delivered one waits for LWA': {
    setUp: async (world) => {
      rotateInConsole(world, 0, false);
      await advance(world, MINUTE);
      await sweep(world);
      askToRotate(world, 2 * HOUR);
      await advance(world, HOUR);
      storeOldSecret(world);
    },
    run: sweep,
    laterSweeps: [169, 170],
  },
  'a person stores nonsense while a delivered secret waits for LWA': {
    setUp: async (world) => {
      await sweep(world);
      askToRotate(world, 2 * HOUR);
      await advance(world, HOUR);
      world.operators.storeText(JSON.stringify({ clientId: world.truth.clientId, clientSecret: 'nonsense' }));
    },
    run: async (world) => {
      await sweep(world);
      await advance(world, 5 * HOUR);
      await sweep(world);
    },
  },
  'an old secret is written back': {
    setUp: async (world) => {
      await untilRotated(world);
      storeOldSecret(world);
    },
    run: sweep,
  },
  'a person stores a secret that nobody delivered': {
    setUp: async (world) => {
      await untilRotated(world);
      rotateInConsole(world, 0, false);
    },
    run: sweep,
  },
  'a notice of expiry': {
    setUp: sweep,
    run: async (world) => {
      world.sendExpiryNotice(30);
      await advance(world, 20 * MINUTE);
    },
  },
  'a refusal, since the queue is not registered': {
    setUp: async (world) => {
      await untilDue(world);
      world.amazon.unregister(world.truth.clientId);
    },
    run: async (world) => {
      await sweep(world);
      world.operators.register(world.hub);
      await advance(world, HOUR);
      await sweep(world);
    },
  },
  'a message that never comes': {
    setUp: async (world) => {
      await untilDue(world);
      world.amazon.changeNextDelivery({ isLost: true });
    },
    run: async (world) => {
      await sweep(world);
      await advance(world, 2 * HOUR);
      await sweep(world);
      await advance(world, 71 * HOUR);
      await sweep(world);
      await advance(world, HOUR);
      await sweep(world);
    },
  },
  'another hub takes the application over': {
    setUp: untilRotated,
    run: async (world) => {
      world.secondHub.deploy(false);
      void world.secondHub.sweep();
      await advance(world, 5 * MINUTE);
      await sweep(world);
      world.secondHub.remove();
      await advance(world, 25 * HOUR);
    },
  },
  'the key of the secret is changed': {
    setUp: async (world) => {
      await untilRotated(world);
      world.secretsManager.updateSecret({ SecretId: world.secretArn, KmsKeyId: 'key-1' });
    },
    run: async (world) => {
      // The hour in which a sweep looks at everything.
      await world.timeline.run((Math.ceil(world.now() / (23 * HOUR)) * 23 + 0.1) * HOUR);
      await sweep(world);
    },
  },
  'an unreadable journal, begun again': {
    setUp: async (world) => {
      await untilRotated(world);
      await advance(world, 7 * DAY);
      world.secretsManager.updateSecret({ SecretId: world.secretArn, KmsKeyId: 'key-1' });
      world.secretsManager.makeKeyUnusable('');
    },
    run: async (world) => {
      await sweep(world);
      perform(world, 'force');
      await advance(world, 20 * MINUTE);
      world.secretsManager.makeKeyUsable('');
    },
  },
  'a delivery while the journal is unreadable': {
    setUp: async (world) => {
      await untilRotated(world);
      world.secretsManager.updateSecret({ SecretId: world.secretArn, KmsKeyId: 'key-1' });
      world.secretsManager.makeKeyUnusable('');
    },
    run: async (world) => {
      perform(world, 'rotate-in-console');
      await advance(world, 20 * MINUTE);
      world.secretsManager.makeKeyUsable('');
      await sweep(world);
    },
  },
  'the secret of an application that the hub does not have': {
    setUp: sweep,
    run: async (world) => {
      perform(world, 'foreign-notification');
      await advance(world, 20 * MINUTE);
    },
  },
};

/** When sweeps come after the scenario, in hours: also when the retry ladder asks again. */
const RECOVERY_HOURS = [1, 2, 5, 24, 49, 74, 75, 99, 123, 124, 147];

/** Runs a scenario, with a fault in one call at most. */
export async function runScenario(
  scenario: Scenario,
  {
    injection,
    noise = 1,
    listener,
  }: {
    readonly injection?: { readonly call: number; readonly fault: InjectedFault };
    /** Decides how long each call takes. */
    readonly noise?: number;
    readonly listener?: (line: string) => void;
  } = {},
): Promise<ScenarioResult> {
  const world = await quietWorld(scenario.setUp, noise, listener);
  if (injection !== undefined) {
    world.injection = injection;
  }
  world.recordsCalls = true;
  await scenario.run(world);
  world.recordsCalls = false;
  const problem = await recoverBySweeps(world, scenario.laterSweeps);
  return {
    calls: world.calls,
    problem,
    stalls: world.eventLog.counts.get('observed: rotation stalled stalled') ?? 0,
    posts: world.truth.posts.length,
  };
}

/** A world in which nothing happens but what somebody does there. */
export async function quietWorld(
  setUp: Scenario['setUp'],
  noise = 1,
  listener?: (line: string) => void,
): Promise<World> {
  const world = new World({ ...NO_FAULTS, noise }, listener);
  await world.timeline.run(START);
  world.hub.deploy(false);
  world.operators.register(world.hub);
  await setUp(world);
  return world;
}

/** @returns what is wrong in the end, or was on the way */
export async function recoverBySweeps(world: World, laterSweeps: readonly number[] = []): Promise<string | undefined> {
  world.faults.isOver = true;
  world.onStaged = undefined;
  world.propagation = 0;
  const begun = world.now();
  for (const hours of [...RECOVERY_HOURS, ...laterSweeps]) {
    await world.timeline.run(begun + hours * HOUR + 10 * SECOND);
    world.checkNow();
    await sweep(world);
  }
  return world.eventLog.violation?.message ?? findProblem(world);
}

/** What came of a scenario. */
export interface ScenarioResult {
  readonly calls: readonly string[];
  readonly problem: string | undefined;
  /** How often a rotation was reported as stalled. */
  readonly stalls: number;
  readonly posts: number;
}
