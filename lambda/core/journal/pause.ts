import { PAUSE_ENDS_BEFORE_EXPIRY_DAYS } from '../../../lib/contract/limits';
import { DAY, type Instant } from '../time';
import type { JournalEntry, Pause } from './entry';

/*
 * A person wants no rotation by the schedule for a while. Nothing else waits: deliveries are installed, what was overwritten is
 * healed, and a rotation that is under way is asked for again.
 */

/** When a pause ends: never within 21 days of the expiry, whatever date of it was learned since. */
export function endOfPause({ paused, expiry }: Pick<JournalEntry, 'paused' | 'expiry'>): Instant | undefined {
  return paused && Math.min(paused.until, expiry.at - PAUSE_ENDS_BEFORE_EXPIRY_DAYS * DAY);
}

/** The pause that is on. */
export function pauseAt(entry: Pick<JournalEntry, 'paused' | 'expiry'>, now: Instant): Pause | undefined {
  return now < (endOfPause(entry) ?? now) ? entry.paused : undefined;
}

/** The pause that is over, and whose end nobody was told. */
export function untoldPause(entry: Pick<JournalEntry, 'paused' | 'expiry'>, now: Instant): Pause | undefined {
  const { paused } = entry;
  return paused?.endTold === true || pauseAt(entry, now) !== undefined ? undefined : paused;
}

/** @returns `undefined` where the expiry is too near */
export function withPause(entry: JournalEntry, paused: Pause): JournalEntry | undefined {
  const next = { ...entry, paused };
  return pauseAt(next, paused.at) === undefined ? undefined : next;
}

export function withoutPause({ paused, ...entry }: JournalEntry): JournalEntry | undefined {
  return paused === undefined ? undefined : entry;
}

export function withEndOfPauseTold(entry: JournalEntry, now: Instant): JournalEntry | undefined {
  const untold = untoldPause(entry, now);
  return untold && { ...entry, paused: { ...untold, endTold: true } };
}
