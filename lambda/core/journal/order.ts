import { CLOCK_SKEW, type Instant } from '../time';
import type { JournalEntry } from './entry';

/** What orders deliveries. LWA cannot: it accepts a superseded secret for seven days. */
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

/** The client secret in AWSCURRENT, and the date of the version that holds it. */
export interface CurrentSecret {
  readonly digest: string;
  readonly createdAt: Instant;
}

/**
 * Since when the current client secret is known; minus infinity when it is superseded, so that anything may replace it.
 *
 * The version's own date serves only for a secret seeded by hand: an edit of another key makes a new version of an old secret.
 *
 * @param entry `undefined` when the journal is unreadable
 */
export function firstSightOf(current: CurrentSecret, entry: JournalEntry | undefined): Instant {
  if (entry?.newest?.digest === current.digest) {
    return entry.newest.eventTime;
  }
  if (isSuperseded(current.digest, entry)) {
    return Number.NEGATIVE_INFINITY;
  }
  if (entry?.baseline.digest === current.digest) {
    return entry.baseline.since;
  }
  return entry?.seen.find((one) => one.digest === current.digest)?.eventTime ?? current.createdAt;
}

/** Whether the journal tells where a client secret comes from; otherwise a person seeded it. */
export function isKnown(digest: string, entry: JournalEntry): boolean {
  return (
    entry.newest?.digest === digest ||
    entry.baseline.digest === digest ||
    isSuperseded(digest, entry) ||
    entry.seen.some((one) => one.digest === digest)
  );
}

export function isSuperseded(digest: string, entry: JournalEntry | undefined): boolean {
  return entry?.known.includes(digest) ?? false;
}

/** Whether a delivery may take the place of the current client secret. */
export function mayReplace(delivery: Dated, current: CurrentSecret, entry: JournalEntry | undefined): boolean {
  return delivery.eventTime >= firstSightOf(current, entry) - CLOCK_SKEW;
}
