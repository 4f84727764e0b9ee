import { DAY, type Instant } from '../time';
import type { JournalEntry, Newest } from './entry';

/*
 * No API tells whether a queue is registered with Amazon. What Amazon sent through it does. But whoever may send to the queue can
 * write what looks like Amazon's: so a client secret counts once LWA accepted it, and a notice only where its date is the one that
 * was known before, from Amazon's notification or from a person who read it in the Developer Console.
 */

export type Heard = NonNullable<JournalEntry['heard']>;

/** Dates of one client secret differ by less than this. */
const SAME_DATE = DAY;

/** What proves that this hub's queue is registered. */
export function heardOf(entry: JournalEntry): Heard | undefined {
  const { heard, newest, expiry, previousHubs } = entry;
  // A journal from before this was written down tells it all the same, where no other hub can have received it.
  return (
    heard ??
    (newest?.announced === true && expiry.inherited !== true && previousHubs === undefined
      ? heardByDelivery(entry, newest)
      : undefined)
  );
}

/**
 * A client secret that LWA accepted came through the queue of this hub.
 *
 * @returns `undefined` where that is no news
 */
export function withHeard(
  entry: JournalEntry,
  delivery: Pick<Newest, 'digest' | 'eventTime'>,
  hub: string,
): JournalEntry | undefined {
  const { newest, baseline } = entry;
  const isAccepted = newest?.digest === delivery.digest ? newest.announced : baseline.digest === delivery.digest;
  const heard = entry.hub === hub && isAccepted ? heardByDelivery(entry, delivery) : entry.heard;
  return heard === entry.heard ? undefined : { ...entry, heard };
}

/** One that was made before this hub took over may have come through another queue. */
function heardByDelivery(
  { heard, addedAt }: Pick<JournalEntry, 'heard' | 'addedAt'>,
  { eventTime }: Pick<Newest, 'eventTime'>,
): Heard | undefined {
  const isNews = heard?.by !== 'new-secret' || eventTime > heard.at;
  return isNews && eventTime >= addedAt ? { at: eventTime, by: 'new-secret' } : heard;
}

/** By a notice with a date that its sender cannot have made up, for a client id that LWA accepted. */
export function heardByNotice(
  { heard, proven, addedAt, expiry: known }: JournalEntry,
  { expiry, eventTime }: { readonly expiry: Instant; readonly eventTime: Instant },
): Heard | undefined {
  const isKnown = known.source === 'new-secret' || known.source === 'person';
  const isGenuine = isKnown && Math.abs(expiry - known.at) < SAME_DATE && proven.length > 0 && eventTime >= addedAt;
  return heard === undefined && isGenuine ? { at: eventTime, by: 'expiry-notice' } : heard;
}
