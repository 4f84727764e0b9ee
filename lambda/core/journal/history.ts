import type { Instant } from '../time';
import type { JournalEntry, Newest, PastRotation } from './entry';

const HISTORY_LIMIT = 12;

/** What is known of a client secret that became current now, beside what its delivery says. */
type Known = Pick<PastRotation, 'reason' | 'requestedBy' | 'versionId'>;

/** A delivered client secret became current. One that became current again is no other rotation. */
export function withHistory(
  entry: JournalEntry,
  { digest, eventTime, newExpiry }: Pick<Newest, 'digest' | 'eventTime' | 'newExpiry'>,
  known: Known,
  now: Instant,
): JournalEntry {
  const { history = [], newest } = entry;
  if (history.some(({ deliveredAt }) => deliveredAt === eventTime)) {
    return entry;
  }
  const { reason, requestedBy, requestId, askedAt, attempts } =
    newest?.digest === digest ? newest : { ...known, requestId: undefined, askedAt: undefined, attempts: undefined };
  const { versionId } = known;
  const past = { askedAt, attempts, reason, requestedBy, requestId, versionId };
  return {
    ...entry,
    history: [...history, { ...past, deliveredAt: eventTime, currentAt: now, expiry: newExpiry }].slice(-HISTORY_LIMIT),
  };
}
