import type { JournalEntry } from '../journal/entry';
import { isSuperseded, type StoredSecret } from '../journal/order';
import { DAY, HOUR, type Instant } from '../time';

/** Waits before the second and later times in one week that the same overwriting is undone. After the last a person must act. */
const HEAL_WAITS = [0, HOUR, 4 * HOUR, 12 * HOUR, DAY] as const;

const WITHIN = 7 * DAY;

/** Whether somebody wrote a superseded client secret over one that had been current. */
export function isOverwritten({ newest, ...entry }: JournalEntry, currentDigest: string): boolean {
  return (
    newest !== null &&
    (newest.announced || newest.served === true) &&
    newest.digest !== currentDigest &&
    entry.superseded.includes(currentDigest)
  );
}

/** How often the overwriting was undone within a week, and from when on it may be undone again. */
export interface HealLimit {
  readonly times: number;
  /** `undefined`: not again without a person. */
  readonly allowedAt: Instant | undefined;
}

/**
 * Secrets Manager keeps about a hundred versions of a secret. Against a pipeline that writes its old value back again and again,
 * healing at each sweep would use them up and win nothing.
 */
export function healLimit({ healedAt = [] }: JournalEntry, now: Instant): HealLimit {
  const recent = healedAt.filter((at) => at > now - WITHIN);
  const wait = HEAL_WAITS[recent.length];
  const last = recent.at(-1);
  return {
    times: recent.length,
    allowedAt: last === undefined ? now : wait === undefined ? undefined : last + wait,
  };
}

/** Where consumers fail with what was written back, they are helped once a day all the same. */
export function mayHealForConsumers({ healedAt = [] }: JournalEntry, now: Instant): boolean {
  return now >= (healedAt.at(-1) ?? Number.NEGATIVE_INFINITY) + DAY;
}

/** Since when a client secret that a person stored is in its place. */
export function storedSince(entry: JournalEntry, { digest, createdAt }: StoredSecret): Instant {
  const { baseline } = entry;
  return baseline.digest === digest && !isSuperseded(digest, entry) ? (baseline.storedAt ?? baseline.since) : createdAt;
}
