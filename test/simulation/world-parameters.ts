import fc from 'fast-check';

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
] as const;

export interface OperatorAction {
  readonly kind: (typeof OPERATOR_ACTIONS)[number];
  readonly day: number;
  /** How long it lasts, where it lasts. */
  readonly hours: number;
  /** Chooses between ways to do it. */
  readonly variant: number;
}

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

/** A time in which a service does not work as it should. */
export interface Outage {
  readonly kind: (typeof OUTAGE_KINDS)[number];
  readonly day: number;
  readonly hours: number;
  /** The share of calls that fail. */
  readonly strength: number;
}

/** How Amazon behaves in a world: all that its documents leave open. */
export interface AmazonTraits {
  readonly secondRotationKillsOldSecret: boolean;
  readonly consoleRotationNotifies: boolean;
  readonly expiryForOldSecret: boolean;
  readonly expiredSecretCanRotate: boolean;
  readonly tokensForExpiredSecret: boolean;
  readonly refusedDeliveryIsRetried: boolean;
  readonly oldSecretCanRotate: boolean;
  readonly sendsTestMessage: boolean;
  /** The longest time for which LWA does not know a new secret. */
  readonly propagationMinutes: number;
  /** The longest time that a message takes. */
  readonly deliverySeconds: number;
}

export interface WorldParameters {
  /** Seeds all that the other parameters leave open: latencies, which call fails, what comes first. */
  readonly noise: number;
  /** Days with faults; weeks without faults follow. */
  readonly days: number;
  readonly amazon: AmazonTraits;
  /** Age of the client secret when the stack is deployed, in days. */
  readonly secretAge: number;
  readonly rotateAfterDays: number;
  readonly isNotifyOnly: boolean;
  /** The queue is registered in the console that many hours after the deployment. */
  readonly registeredAfterHours: number;
  /** The hub has another application, into whose secret nobody stored a client secret. */
  readonly hasNeighbour: boolean;
  readonly hasQueueKey: boolean;
  /** Share of calls that go wrong at any time. */
  readonly callFaults: number;
  /** Share of invocations that are killed. */
  readonly kills: number;
  /** By how much the clock of the functions is fast; Amazon and AWS have the right time. */
  readonly clockSkewSeconds: number;
  /** Share of reads that lag. */
  readonly lag: number;
  /** How long a person takes to do what the hub asks for, in hours. */
  readonly operatorHours: number;
  readonly outages: readonly Outage[];
  readonly operatorActions: readonly OperatorAction[];
  /** Who else in the hub has a secret with this client id. */
  readonly sharers: readonly ('tenant' | 'copy')[];
}

const MAX_DAYS = 1200;

/** What may happen, for fast-check to draw and to shrink. */
export function worldParameters(): fc.Arbitrary<WorldParameters> {
  return fc.record({
    noise: fc.integer(),
    days: fc.constantFrom(400, 800, MAX_DAYS),
    amazon: amazonTraits(),
    secretAge: fc.integer({ min: 0, max: 170 }),
    rotateAfterDays: fc.constantFrom(8, 30, 90, 90, 90, 150),
    isNotifyOnly: fc.constantFrom(false, false, false, false, false, false, true),
    registeredAfterHours: fc.constantFrom(0, 0, 5, 100),
    hasNeighbour: fc.constantFrom(false, false, false, true),
    hasQueueKey: fc.boolean(),
    callFaults: share(0.03),
    kills: share(0.05),
    lag: share(0.2),
    clockSkewSeconds: fc.constantFrom(0, 0, 0, 60, -60, 290, -290),
    operatorHours: fc.constantFrom(1, 5, 30, 100, 500),
    outages: fc.array(
      fc.record({
        kind: fc.constantFrom(...OUTAGE_KINDS),
        day: day(),
        hours: hours(),
        strength: fc.constantFrom(0.1, 0.5, 0.9, 1),
      }),
      { maxLength: 25 },
    ),
    operatorActions: fc.array(
      fc.record({ kind: fc.constantFrom(...OPERATOR_ACTIONS), day: day(), hours: hours(), variant: fc.nat(11) }),
      { maxLength: 40, size: '+1' },
    ),
    // Rarely: each secret more makes a world so much slower.
    sharers: fc.oneof(
      { weight: 8, arbitrary: fc.constant<WorldParameters['sharers']>([]) },
      { weight: 3, arbitrary: fc.constantFrom<WorldParameters['sharers']>(['tenant'], ['copy'], ['tenant', 'copy']) },
    ),
  });
}

function amazonTraits(): fc.Arbitrary<AmazonTraits> {
  return fc.record({
    secondRotationKillsOldSecret: fc.boolean(),
    consoleRotationNotifies: fc.boolean(),
    expiryForOldSecret: fc.boolean(),
    expiredSecretCanRotate: fc.boolean(),
    tokensForExpiredSecret: fc.boolean(),
    refusedDeliveryIsRetried: fc.boolean(),
    oldSecretCanRotate: fc.boolean(),
    sendsTestMessage: fc.boolean(),
    propagationMinutes: fc.constantFrom(0, 1, 40, 180),
    deliverySeconds: fc.constantFrom(2, 20, 3600),
  });
}

function day(): fc.Arbitrary<number> {
  return fc.double({ min: 0, max: MAX_DAYS, noNaN: true });
}

/** Most outages last hours, some last weeks. */
function hours(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.double({ min: 0.05, max: 12, noNaN: true }) },
    { weight: 2, arbitrary: fc.double({ min: 12, max: 100, noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ min: 100, max: 500, noNaN: true }) },
  );
}

function share(most: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(0), fc.double({ min: 0, max: most, noNaN: true }));
}

/** The parameters of the world with this seed, always the same. */
export function parametersOf(seed: number): WorldParameters {
  const [scenario] = fc.sample(worldParameters(), { seed, numRuns: 1 });
  if (scenario === undefined) {
    throw new Error('fast-check drew nothing');
  }
  return scenario;
}
