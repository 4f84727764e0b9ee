import type { RotationReason } from '../../../lib/contract/event';
import { attemptsOf, isOutstanding, type JournalEntry } from '../journal/entry';
import { toIso, type Instant } from '../time';

/** One rotation, as far as the journal knows. Times are ISO 8601. */
export interface RotationAnswer {
  /** `current`: it became current. `delivered`: it came. The others as in `lastRotation`. */
  readonly outcome: 'current' | 'delivered' | 'accepted' | 'ambiguous' | 'refused';
  readonly reason: RotationReason;
  readonly requestedBy?: string;
  /** Amazon's. */
  readonly requestId?: string;
  /** When Amazon was asked for it; absent where this hub did not ask. */
  readonly askedAt?: string;
  /** How often Amazon was asked. */
  readonly attempts?: number;
  /** When Amazon made it. */
  readonly deliveredAt?: string;
  readonly currentAt?: string;
  /** When its client secret expires. */
  readonly expiry?: string;
  readonly versionId?: string;
}

const LIMIT = 12;

/** The last rotations, the latest first. */
export function historyOf({ rotation, newest, history = [] }: JournalEntry): readonly RotationAnswer[] {
  const past = history.map(({ askedAt, deliveredAt, currentAt, expiry, ...known }) => ({
    outcome: 'current' as const,
    ...shown(known),
    ...times({ askedAt, deliveredAt, currentAt, expiry }),
  }));
  const isOnItsWay = newest !== null && history.every(({ deliveredAt }) => deliveredAt !== newest.eventTime);
  const latest = [
    ...(isOnItsWay
      ? [
          {
            outcome: newest.announced ? ('current' as const) : ('delivered' as const),
            ...shown({ ...newest, versionId: newest.stagedVersionId }),
            ...times({ askedAt: newest.askedAt, deliveredAt: newest.eventTime, expiry: newest.newExpiry }),
          },
        ]
      : []),
    ...(rotation === null
      ? []
      : [
          {
            outcome: rotation.outcome === 'open' ? ('ambiguous' as const) : rotation.outcome,
            ...shown({ ...rotation, attempts: isOutstanding(rotation) ? attemptsOf(rotation).length : undefined }),
            ...times({ askedAt: rotation.at }),
          },
        ]),
  ];
  return [...past, ...latest].reverse().slice(0, LIMIT);
}

type Shown = Pick<RotationAnswer, 'reason' | 'requestedBy' | 'requestId' | 'attempts' | 'versionId'>;

function shown({ reason, requestedBy, requestId, attempts, versionId }: Shown): Shown {
  return { reason, requestedBy, requestId, attempts, versionId };
}

function times(known: Readonly<Record<string, Instant | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(known).flatMap(([name, at]) => (at === undefined ? [] : [[name, toIso(at)]])),
  );
}
