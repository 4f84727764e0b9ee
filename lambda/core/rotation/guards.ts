import type { RotationModeName, RotationWindowSettings } from '../../../lib/contract/application-settings';
import type { RotationReason } from '../../../lib/contract/event';
import { isOutstanding, type JournalEntry } from '../journal/entry';
import { endOfPause } from '../journal/pause';
import type { Instant } from '../time';
import { afterRefusal, dueAt, nextAttemptAt, nextRotationAt, overlapEnd, POST_INTERVAL, STALLED_AFTER } from './dates';
import type { RotateRequest } from './request';
import { isOpen, opensAt } from './window';

/** Who asks for a rotation: the schedule, a person, or a person who insists. */
export type Asker = 'reconcile' | 'rotate' | 'force';

export type GuardName =
  'in-flight' | 'stalled' | 'due' | 'overlap' | 'refused' | 'one-a-minute' | 'notify-only' | 'paused' | 'window';

export interface Rules {
  readonly rotateAfterDays: number;
  readonly mode: RotationModeName;
  readonly rotationWindow?: RotationWindowSettings | undefined;
}

interface Situation {
  readonly entry: JournalEntry;
  readonly rules: Rules;
  readonly asker: Asker;
  readonly now: Instant;
}

/** Holds a rotation back, until a time where one is known. */
interface Hold {
  readonly until?: Instant;
}

interface Guard {
  readonly name: GuardName;
  /** Who asks it. All others pass it over. */
  readonly asks: readonly Asker[];
  /** `undefined`: it lets the rotation pass. */
  readonly holds: (situation: Situation) => Hold | undefined;
}

const EVERYBODY: readonly Asker[] = ['reconcile', 'rotate', 'force'];
const UNLESS_FORCED: readonly Asker[] = ['reconcile', 'rotate'];
const SCHEDULE_ONLY: readonly Asker[] = ['reconcile'];

/** In the order in which they are asked: the first that holds is the answer. */
const GUARDS: readonly Guard[] = [
  { name: 'in-flight', asks: EVERYBODY, holds: isInFlight },
  { name: 'stalled', asks: UNLESS_FORCED, holds: isStalled },
  { name: 'due', asks: SCHEDULE_ONLY, holds: isNotDue },
  { name: 'overlap', asks: UNLESS_FORCED, holds: isInOverlap },
  { name: 'refused', asks: SCHEDULE_ONLY, holds: wasRefused },
  { name: 'one-a-minute', asks: EVERYBODY, holds: wasJustPosted },
  { name: 'notify-only', asks: EVERYBODY, holds: ({ rules }) => (rules.mode === 'NOTIFY_ONLY' ? {} : undefined) },
  { name: 'paused', asks: UNLESS_FORCED, holds: isPaused },
  { name: 'window', asks: SCHEDULE_ONLY, holds: isOutsideWindow },
];

/** What the guards say: rotate, or which of them holds the rotation back. */
export type Decision = { readonly rotate: RotationReason } | ({ readonly heldBy: GuardName } & Hold);

/** Looks at the journal and the clock, and at nothing else. */
export function decide(
  entry: JournalEntry,
  rules: Rules,
  request: Pick<RotateRequest, 'action' | 'force'>,
  now: Instant,
): Decision {
  const asker = askerOf(request);
  for (const { name, asks, holds } of GUARDS) {
    const hold = asks.includes(asker) ? holds({ entry, rules, asker, now }) : undefined;
    if (hold !== undefined) {
      return { heldBy: name, ...hold };
    }
  }
  return { rotate: reasonToRotate(entry, asker) };
}

/** Those who only look are told what the schedule would do. */
function askerOf({ action, force }: Pick<RotateRequest, 'action' | 'force'>): Asker {
  return action !== 'rotate' ? 'reconcile' : force ? 'force' : 'rotate';
}

function reasonToRotate({ rotation, expiry }: JournalEntry, asker: Asker): RotationReason {
  if (asker !== 'reconcile') {
    return 'person';
  }
  if (isOutstanding(rotation)) {
    return rotation.reason;
  }
  return expiry.source === 'expiry-notice' ? 'expiry' : 'schedule';
}

/** The client secret that was asked for usually comes within seconds. */
function isInFlight({ entry: { rotation }, now }: Situation): Hold | undefined {
  return isOutstanding(rotation) ? before(rotation.at + STALLED_AFTER, now) : undefined;
}

/**
 * The client secret that was asked for has not come. The schedule asks again at the steps of the ladder, passing over the
 * due date and the overlap, since the secret in use ends with the overlap. A person is held back until they insist.
 */
function isStalled({ entry, rules, asker, now }: Situation): Hold | undefined {
  const { rotation, expiry } = entry;
  if (!isOutstanding(rotation)) {
    return undefined;
  }
  const next = nextRotationAt(entry, rules);
  if (next === undefined) {
    return {};
  }
  return asker === 'rotate' ? { until: nextAttemptAt(rotation, expiry.at) } : before(next, now);
}

function isNotDue({ entry, rules, now }: Situation): Hold | undefined {
  return isOutstanding(entry.rotation) ? undefined : before(dueAt(entry, rules.rotateAfterDays), now);
}

/** The client secret before the newest may still be in use, and another rotation could end it. */
function isInOverlap({ entry, now }: Situation): Hold | undefined {
  return isOutstanding(entry.rotation) ? undefined : before(overlapEnd(entry), now);
}

function wasRefused({ entry: { rotation }, now }: Situation): Hold | undefined {
  return rotation === null || isOutstanding(rotation) ? undefined : before(afterRefusal(rotation), now);
}

/** A person asked for peace. What is outstanding is asked for again all the same: the client secret in use ends with its overlap. */
function isPaused({ entry, now }: Situation): Hold | undefined {
  return isOutstanding(entry.rotation) ? undefined : before(endOfPause(entry), now);
}

/** Nobody is there to watch. What is outstanding is asked for again all the same. */
function isOutsideWindow({ entry, rules: { rotationWindow }, now }: Situation): Hold | undefined {
  return rotationWindow === undefined || isOutstanding(entry.rotation)
    ? undefined
    : before(opensAt(rotationWindow, entry.expiry.at, now), now);
}

/** Whether the window is passed over, since the expiry is near. */
export function isWindowPassedOver(
  { rotation }: Pick<JournalEntry, 'rotation'>,
  { rotationWindow }: Pick<Rules, 'rotationWindow'>,
  request: Pick<RotateRequest, 'action' | 'force'>,
  now: Instant,
): boolean {
  const isAsked = askerOf(request) === 'reconcile' && !isOutstanding(rotation);
  return isAsked && rotationWindow !== undefined && !isOpen(rotationWindow, now);
}

/** Amazon takes one rotation a minute for an application. */
function wasJustPosted({ entry: { postedAt }, now }: Situation): Hold | undefined {
  return postedAt === undefined ? undefined : before(postedAt + POST_INTERVAL, now);
}

function before(until: Instant | undefined, now: Instant): Hold | undefined {
  return until !== undefined && now < until ? { until } : undefined;
}
