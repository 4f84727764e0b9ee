import fc from 'fast-check';
import type { RotationWindowSettings } from '../../lib/contract/application-settings';

/** What operators do in a world, each at any time. */
export const OPERATOR_ACTIONS = [
  'rotate-in-console',
  'ask-to-rotate',
  'force',
  'read-status',
  'redeploy',
  'redrive',
  'edit-json',
  'write-old-secret-back',
  'seed-by-hand',
  'store-nonsense',
  'change-key',
  'break-policy',
  'take-key-grant',
  'unregister',
  'disable-store',
  'stop-schedule',
  'second-hub',
  'foreign-notification',
  'garbage-message',
  'lose-delivery',
  'delay-delivery',
  'odd-delivery',
  'remove-journal-label',
  'turn-on-managed-rotation',
  'fail-replica',
  'store-typo',
  'write-back-again-and-again',
  'third-hub',
  'change-field',
  'rotate-in-console-before-due',
  'forge-messages',
  'poison-journal',
  'pause',
  'resume',
  'tell-date',
] as const;

export const OUTAGE_KINDS = [
  'secrets-manager-throttles',
  'secrets-manager-fails',
  'secrets-manager-lags',
  'login-fails',
  'amazon-fails',
  'nothing-reachable',
  'access-denied',
  'event-bridge-fails',
  'functions-crash',
  'queue-repeats',
  'schedule-late',
] as const;

const MAX_DAYS = 1200;

/** To the minute. Of doubles fast-check draws each with the same chance, and most of them are next to zero. */
const DAY = evenly(0, MAX_DAYS, 1 / (24 * 60));

/** Most outages last hours, some last weeks. */
const HOURS = fc.oneof(
  { weight: 3, arbitrary: evenly(0.05, 12, 0.01) },
  { weight: 2, arbitrary: evenly(12, 100, 0.1) },
  { weight: 1, arbitrary: evenly(100, 500, 0.1) },
);

/** Rare meetings are looked for: half of what happens does so within three days of which a world has one lot. */
const IS_IN_BAD_DAYS = fc.boolean();

/** A time in which a service does not work as it should. */
const OUTAGE = fc.record({
  kind: fc.constantFrom(...OUTAGE_KINDS),
  day: DAY,
  isInBadDays: IS_IN_BAD_DAYS,
  hours: HOURS,
  /** The share of calls that fail. */
  strength: fc.constantFrom(0.1, 0.5, 0.9, 1),
});

const OPERATOR_ACTION = fc.record({
  kind: fc.constantFrom(...OPERATOR_ACTIONS),
  day: DAY,
  isInBadDays: IS_IN_BAD_DAYS,
  /** How long it lasts, where it lasts. */
  hours: HOURS,
  /** Chooses between ways to do it. */
  variant: fc.nat(11),
});

/** How Amazon behaves in a world: all that its documents leave open. */
const AMAZON_TRAITS = fc.record({
  secondRotationKillsOldSecret: fc.boolean(),
  consoleRotationNotifies: fc.boolean(),
  expiryForOldSecret: fc.boolean(),
  expiredSecretCanRotate: fc.boolean(),
  tokensForExpiredSecret: fc.boolean(),
  refusedDeliveryIsRetried: fc.boolean(),
  oldSecretCanRotate: fc.boolean(),
  sendsTestMessage: fc.boolean(),
  /** The longest time for which LWA does not know a new secret. */
  propagationMinutes: fc.constantFrom(0, 1, 40, 180),
  /** The longest time that a message takes. */
  deliverySeconds: fc.constantFrom<number>(2, 20, 3600),
});

/** What may happen, for fast-check to draw and to shrink. */
export const WORLD_PARAMETERS = fc.record({
  /** Seeds all that the other parameters leave open: latencies, which call fails, what comes first. */
  noise: fc.integer(),
  /** Days with faults; weeks without faults follow. */
  days: fc.constantFrom<number>(400, 800, MAX_DAYS),
  /** When the three bad days begin: often at once, when the stack is new, else in the first year. */
  badDay: fc.oneof(fc.constant(0), evenly(0, 390, 1 / 24)),
  amazon: AMAZON_TRAITS,
  /** Age of the client secret when the stack is deployed, in days. */
  secretAge: fc.integer({ min: 0, max: 170 }),
  rotateAfterDays: fc.constantFrom(8, 30, 90, 90, 90, 150),
  rotationWindow: fc.constantFrom<RotationWindowSettings | undefined>(
    undefined,
    undefined,
    undefined,
    { days: [1, 2, 3, 4, 5], from: 540, to: 960, timeZone: 'Europe/Berlin' },
    { days: [6], from: 1320, to: 240, timeZone: 'America/New_York' },
  ),
  isNotifyOnly: fc.constantFrom(false, false, false, false, false, false, true),
  /** The queue is registered in the console that many hours after the deployment. */
  registeredAfterHours: fc.constantFrom(0, 0, 5, 100),
  /** The hub has another application, into whose secret nobody stored a client secret. */
  hasNeighbour: fc.constantFrom(false, false, false, true),
  hasQueueKey: fc.boolean(),
  /** Share of calls that go wrong at any time. */
  callFaults: share(0.03),
  /** Share of invocations that are killed. */
  kills: share(0.05),
  /** Share of reads that lag. */
  lag: share(0.2),
  /** By how much the clock of the functions is fast; Amazon and AWS have the right time. */
  clockSkewSeconds: fc.constantFrom(0, 0, 0, 60, -60, 290, -290),
  /** How long a person takes to do what the hub asks for, in hours. */
  operatorHours: fc.constantFrom<number>(1, 5, 30, 100, 500),
  outages: fc.array(OUTAGE, { maxLength: 25 }),
  operatorActions: fc.array(OPERATOR_ACTION, { maxLength: 40, size: '+1' }),
  /** Who else in the hub has a secret with this client id. Rarely: each secret more makes a world so much slower. */
  sharers: fc.oneof(
    { weight: 8, arbitrary: fc.constant<Sharers>([]) },
    { weight: 3, arbitrary: fc.constantFrom<Sharers>(['tenant'], ['copy'], ['tenant', 'copy']) },
  ),
});

type Sharers = readonly ('tenant' | 'copy')[];

type Drawn<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

export type Outage = Drawn<typeof OUTAGE>;
export type OperatorAction = Drawn<typeof OPERATOR_ACTION>;
export type WorldParameters = Drawn<typeof WORLD_PARAMETERS>;

function share(most: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(0), evenly(0, most, most / 1000));
}

/** Each multiple of the step with the same chance. */
function evenly(min: number, max: number, step: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: Math.round((max - min) / step) }).map((steps) => min + steps * step);
}

/** When something of a world happens, in days after its beginning. */
export function dayOf(
  { badDay }: Pick<WorldParameters, 'badDay'>,
  { day, isInBadDays }: Pick<OperatorAction, 'day' | 'isInBadDays'>,
): number {
  return isInBadDays ? badDay + (day % 3) : day;
}

/** The parameters of the world with this seed, always the same. */
export function parametersOf(seed: number): WorldParameters {
  // Without bias: with it, half of all numbers are at an end of their range.
  const [scenario] = fc.sample(fc.noBias(WORLD_PARAMETERS), { seed, numRuns: 1 });
  if (scenario === undefined) {
    throw new Error('fast-check drew nothing');
  }
  return scenario;
}
