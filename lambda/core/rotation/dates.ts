import { OVERLAP_DAYS, SECRET_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import type { ApplicationSettings } from '../../../lib/contract/application-settings';
import { DAY, HOUR, MINUTE, SWEEP_JITTER, type Instant } from '../time';
import { propagatedAt } from '../amazon/propagation';
import { firstWaiting, hasUnfinishedPromotion } from '../journal/order';
import { heardOf } from '../journal/heard';
import { endOfPause } from '../journal/pause';
import { opensAt } from './window';
import { attemptsOf, isOutstanding, type JournalEntry, type Newest, type Rotation } from '../journal/entry';

/** How long before a known expiry a rotation is due at the latest. */
const BEFORE_EXPIRY = 30 * DAY;

/** How long nothing is due by estimate after an application was added: its queue may not be registered yet. */
const GRACE_PERIOD = 24 * HOUR;

/** How long before a rotation a person looks whether the queue is registered, where nothing has proved it. */
const BEFORE_UNPROVEN = 14 * DAY;

/** A secret that was asked for and has not come by then is reported. */
export const STALLED_AFTER = HOUR;

/** Amazon takes one rotation a minute for an application. */
export const POST_INTERVAL = MINUTE;

/** Hours after the first attempt at which a rotation whose client secret never came is asked for again. */
const LADDER = [72 * HOUR, 120 * HOUR] as const;

const REFUSAL_WAITS = [1 * HOUR, 1 * HOUR, 6 * HOUR] as const;
const LATER_REFUSAL_WAIT = 24 * HOUR;

/** When the current client secret is to be replaced. */
export function dueAt(entry: JournalEntry, rotateAfterDays: number): Instant {
  const due = dueByAge(entry, rotateAfterDays);
  return Math.max(due, endOfGracePeriod(entry) ?? due);
}

/** When it is to be replaced, whether or not the queue may be registered by then. */
export function dueByAge(entry: JournalEntry, rotateAfterDays: number): Instant {
  const { at: expiry, source } = entry.expiry;
  // A notice or a person tells when the secret was made better than the day somebody stored it.
  const issuedAt =
    source === 'expiry-notice' || source === 'person' ? expiry - SECRET_LIFETIME_DAYS * DAY : entry.baseline.since;
  const byAge = issuedAt + rotateAfterDays * DAY;
  return source === 'estimate' ? byAge : Math.min(byAge, expiry - BEFORE_EXPIRY);
}

/** Before that the schedule asks for nothing; `undefined` where it need not wait. */
function endOfGracePeriod({ addedAt, expiry: { source, inherited } }: JournalEntry): Instant | undefined {
  // What came through this hub's queue proves that the queue is registered. What another hub or a person knows proves nothing.
  const isRegistered = source !== 'estimate' && source !== 'person' && inherited !== true;
  return isRegistered ? undefined : addedAt + GRACE_PERIOD;
}

/**
 * Until when the client secret before the newest may still be in use. A rotation before that could end it.
 *
 * A message alone proves no rotation: LWA accepted what it holds, or this hub made the POST. Of any other the first holds until
 * LWA must know it.
 */
export function overlapEnd(entry: JournalEntry): Instant | undefined {
  const { newest } = entry;
  const waiting = firstWaiting(entry);
  const ends = [
    ...(newest !== null && isProven(newest) ? [newest.oldExpiry, newest.eventTime + OVERLAP_DAYS * DAY] : []),
    waiting && propagatedAt(waiting.eventTime),
    overlapEndAfterDelivery(entry),
    overlapEndAfterManualChange(entry),
    endOfWaitForAnswer(entry),
  ].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** A delivery that LWA has not accepted closed the rotation, and may not be its answer: as if that were outstanding still. */
function endOfWaitForAnswer({ rotation, newest, postedAt }: JournalEntry): Instant | undefined {
  return rotation === null && newest !== null && !newest.announced && postedAt !== undefined
    ? postedAt + LADDER[0]
    : undefined;
}

/** Until when the client secret may still be in use in whose place a delivered one was put. */
export function overlapEndAfterDelivery({ baseline, newest, deliveries }: JournalEntry): Instant | undefined {
  const isDelivered = [newest, ...deliveries].some((one) => one?.digest === baseline.digest);
  return isDelivered ? baseline.since + OVERLAP_DAYS * DAY : undefined;
}

function isProven({ announced, served, rotationId }: Newest): boolean {
  return announced || served === true || rotationId !== undefined;
}

/**
 * Until when the client secret may still be in use in whose place a person stored another: most likely one that was just made in
 * the Developer Console.
 */
export function overlapEndAfterManualChange({ baseline }: JournalEntry): Instant | undefined {
  return baseline.storedAt === undefined ? undefined : baseline.storedAt + OVERLAP_DAYS * DAY;
}

/**
 * When a rotation comes near without anything having proved that the queue is registered: then a person has to look. `undefined`
 * where something did.
 */
export function unprovenFrom(
  entry: JournalEntry,
  settings: Pick<ApplicationSettings, 'rotateAfterDays' | 'rotationWindow'>,
): Instant | undefined {
  const next = heardOf(entry) === undefined ? nextRotationAt(entry, settings) : undefined;
  return next && Math.max(next - BEFORE_UNPROVEN, entry.addedAt + GRACE_PERIOD);
}

/** When a client secret stops working, and whether that is an estimate. */
export interface End {
  readonly at: Instant;
  readonly isEstimated: boolean;
}

/**
 * Until when the client secret in AWSCURRENT works: until it expires, or until the end of its overlap, where it was rotated, or
 * may have been, and its successor is not in its place.
 *
 * @param digest of the client secret in AWSCURRENT
 */
export function worksUntil(entry: JournalEntry, digest: string): End {
  const { newest, expiry } = entry;
  const isUnannounced = newest?.digest === digest && !newest.announced;
  const end = isUnannounced
    ? { at: newest.newExpiry, isEstimated: newest.estimated }
    : { at: expiry.at, isEstimated: expiry.source === 'estimate' };
  const overlap = endOfOverlapWithoutSuccessor(entry, digest);
  return overlap !== undefined && overlap < end.at ? { at: overlap, isEstimated: false } : end;
}

/**
 * When the overlap of a client secret in AWSCURRENT ends whose successor is not in its place; `undefined` while nothing is
 * missing. Of several attempts the first may have been the one that made a successor.
 */
export function endOfOverlapWithoutSuccessor(entry: JournalEntry, digest: string): Instant | undefined {
  const { newest, rotation } = entry;
  const ends = [
    ...(newest !== null && newest.digest !== digest && hasUnfinishedPromotion(entry, digest) ? [newest.oldExpiry] : []),
    ...(isOutstanding(rotation) ? [attemptsOf(rotation)[0].at + OVERLAP_DAYS * DAY] : []),
  ];
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/**
 * When the schedule asks for the next client secret, as far as dates tell; `undefined` after the last attempt, when only a person
 * does.
 */
export function nextRotationAt(
  entry: JournalEntry,
  { rotateAfterDays, rotationWindow }: Pick<ApplicationSettings, 'rotateAfterDays' | 'rotationWindow'>,
): Instant | undefined {
  const { rotation, expiry } = entry;
  const waits = rotation === null ? undefined : afterRefusal(rotation);
  if (isOutstanding(rotation)) {
    const next = nextAttemptAt(rotation, expiry.at);
    return next === undefined ? undefined : Math.max(next, waits ?? next, endOfGracePeriod(entry) ?? next);
  }
  const due = dueAt(entry, rotateAfterDays);
  const next = Math.max(due, overlapEnd(entry) ?? due, waits ?? due, endOfPause(entry) ?? due);
  return rotationWindow === undefined ? next : opensAt(rotationWindow, expiry.at, next);
}

/** When a refused rotation is tried again without a person's asking. */
export function afterRefusal(rotation: Rotation): Instant | undefined {
  return rotation.refusedAt === undefined
    ? undefined
    : rotation.refusedAt + (REFUSAL_WAITS[rotation.refusals - 1] ?? LATER_REFUSAL_WAIT) - SWEEP_JITTER;
}

/**
 * When a rotation whose secret never came is asked for again; `undefined` after the third attempt.
 *
 * Doing nothing is certain loss on day 7, when the old secret ends: hence twice more within it. An attempt that was made more
 * than seven days before the last brought nothing, or that one would have had no token: it does not hasten the next.
 */
export function nextAttemptAt(rotation: Rotation, currentExpiry: Instant): Instant | undefined {
  const attempts = attemptsOf(rotation).filter(({ at }) => at > rotation.at - OVERLAP_DAYS * DAY);
  const [first = rotation] = attempts;
  const wait = LADDER[attempts.length - 1];
  return wait === undefined
    ? undefined
    : Math.max(Math.min(first.at + wait, currentExpiry - 24 * HOUR), rotation.at + HOUR);
}
