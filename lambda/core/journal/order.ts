import { CLOCK_SKEW, type Instant } from '../time';
import type { JournalEntry, Newest } from './entry';
import { fallbackAsNewest } from './fallback';

/** What orders deliveries. LWA cannot: it accepts a superseded client secret for seven days. */
export interface Dated {
  readonly eventTime: Instant;
  readonly newExpiry: Instant;
  readonly notificationId: string;
}

/** Whether one delivery is newer than another. A total order, so that all who compare agree. */
export function isNewer(one: Dated, other: Dated): boolean {
  if (one.eventTime !== other.eventTime) {
    return one.eventTime > other.eventTime;
  }
  if (one.newExpiry !== other.newExpiry) {
    return one.newExpiry > other.newExpiry;
  }
  return one.notificationId > other.notificationId;
}

/** A client secret in AWSCURRENT, and the date of the version that holds it. */
export interface StoredSecret {
  readonly digest: string;
  readonly createdAt: Instant;
}

/**
 * Since when the current client secret is known; minus infinity when it is superseded, so that anything may replace it.
 *
 * The version's own date serves only for a client secret that a person stored: an edit of another key makes a new version
 * of an old client secret.
 *
 * @param entry `undefined` when the journal is unreadable
 */
export function knownSince(current: StoredSecret, entry: JournalEntry | undefined): Instant {
  if (entry?.newest?.digest === current.digest) {
    return entry.newest.eventTime;
  }
  if (isSuperseded(current.digest, entry)) {
    return Number.NEGATIVE_INFINITY;
  }
  if (entry?.baseline.digest === current.digest) {
    return entry.baseline.since;
  }
  return entry?.deliveries.find((one) => one.digest === current.digest)?.eventTime ?? current.createdAt;
}

/** The earliest date that the journal has for a client secret; infinity where it has none. */
export function firstKnown({ digest }: Pick<StoredSecret, 'digest'>, { baseline, deliveries }: JournalEntry): Instant {
  const dates = deliveries.filter((one) => one.digest === digest).map(({ eventTime }) => eventTime);
  return Math.min(...dates, baseline.digest === digest ? baseline.since : Number.POSITIVE_INFINITY);
}

/** Whether the journal tells where a client secret comes from; otherwise a person stored it. */
export function isRecorded(digest: string, entry: JournalEntry): boolean {
  return (
    entry.newest?.digest === digest ||
    entry.baseline.digest === digest ||
    isSuperseded(digest, entry) ||
    entry.deliveries.some((one) => one.digest === digest)
  );
}

export function isSuperseded(digest: string, entry: JournalEntry | undefined): boolean {
  return entry?.superseded.includes(digest) ?? false;
}

/**
 * Whether a delivery may take the place of the current client secret. Two deliveries are dated by one clock, Amazon's; what a
 * person stored is dated by another.
 */
export function mayReplace(delivery: Dated, current: StoredSecret, entry: JournalEntry | undefined): boolean {
  const isDelivered = entry?.deliveries.some((one) => one.digest === current.digest) ?? false;
  return delivery.eventTime >= knownSince(current, entry) - (isDelivered ? 0 : CLOCK_SKEW);
}

/**
 * Where a delivery stands: `served` when it or a newer one has been current, `current` when it is now, `newest` when it may
 * become current, `older` when a newer one waits for LWA, `order-unknown` when a person may have stored a newer one.
 */
export type Place = 'served' | 'current' | 'newest' | 'older' | 'order-unknown';

export function placeOf(
  delivery: Dated & { readonly digest: string },
  current: StoredSecret,
  entry: JournalEntry,
): Place {
  const { newest } = entry;
  const served = lastServed(entry);
  if (isSuperseded(delivery.digest, entry)) {
    return 'served';
  }
  if (delivery.digest === current.digest) {
    return 'current';
  }
  if (served !== undefined && !isNewer(delivery, served)) {
    // What took its place is for a person or for the next sweep.
    return 'served';
  }
  if (newest !== null && newest.digest !== delivery.digest && isNewer(newest, delivery)) {
    return 'older';
  }
  return mayReplace(delivery, current, entry) ? 'newest' : 'order-unknown';
}

/** The last delivery of which consumers were told: the newest, or what was current before it while that waits. */
function lastServed(entry: JournalEntry): Newest | undefined {
  const last = entry.newest?.announced === true ? entry.newest : fallbackAsNewest(entry)?.newest;
  return last?.announced === true ? last : undefined;
}

/** The first delivery since the baseline that LWA has not accepted: what comes after it is no better proven. */
export function firstWaiting({
  baseline,
  deliveries,
  superseded,
}: Pick<JournalEntry, 'baseline' | 'deliveries' | 'superseded'>): JournalEntry['deliveries'][number] | undefined {
  return deliveries.find(
    ({ digest, eventTime }) =>
      digest !== baseline.digest && eventTime >= baseline.since && !superseded.includes(digest),
  );
}

/** Whether the newest delivered client secret still has to become, or again become, AWSCURRENT, or be announced. */
export function hasUnfinishedPromotion({ newest, ...entry }: JournalEntry, currentDigest: string): boolean {
  return (
    newest !== null &&
    (!newest.announced || (newest.digest !== currentDigest && entry.superseded.includes(currentDigest)))
  );
}
