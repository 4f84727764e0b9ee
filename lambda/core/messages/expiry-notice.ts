import { DETAIL_TYPE } from '../../../lib/contract/event';
import type { Application } from '../application';
import { bookkeep } from '../secret/sync';
import { eventSubject, tell } from '../event';
import { failure } from '../failure';
import { CLOCK_SKEW, DAY, toIso } from '../time';
import { withNotice, type JournalEntry } from '../journal/entry';
import { append } from '../journal/log';
import type { Kept } from './new-secret';
import type { ExpiryNotice } from '../amazon/notification';
import { endOfReplaced } from '../rotation/dates';
import { look } from '../secret/read';

/** Dates that Amazon gives for one secret differ by less than this. */
const SAME_DATE = DAY;

/** Which client secret a notice is about. */
export type NoticeSubject = 'current' | 'another' | 'one-never-delivered';

/** Amazon does not document whether notices also come for the old secret of an overlap: the dates tell. */
export function subjectOf(
  entry: JournalEntry,
  { expiry, eventTime }: Pick<ExpiryNotice, 'expiry' | 'eventTime'>,
): NoticeSubject {
  const { newest, baseline } = entry;
  const known = entry.expiry;
  if (newest?.digest === baseline.digest && eventTime <= newest.eventTime + CLOCK_SKEW) {
    // Made before the client secret was: it lay in a queue.
    return 'another';
  }
  if (newest !== null && newest.digest !== baseline.digest && Math.abs(expiry - newest.newExpiry) < SAME_DATE) {
    return 'another';
  }
  if (newest?.digest === baseline.digest && expiry <= newest.oldExpiry + CLOCK_SKEW) {
    return 'another';
  }
  const replaced = endOfReplaced(entry);
  if (replaced !== undefined && expiry <= replaced + CLOCK_SKEW) {
    return 'another';
  }
  if (Math.abs(expiry - known.at) < SAME_DATE) {
    return 'current';
  }
  if (expiry > known.at) {
    // Nobody can store a secret before it is made, so even an estimate is never too early.
    return 'one-never-delivered';
  }
  return known.source === 'notification' ? 'another' : 'current';
}

/** Writes the date down and puts it on the bus, from where it wakes the rotate function. */
export async function notice(application: Application, notified: ExpiryNotice): Promise<Kept> {
  const { expiry } = notified;
  const seen = await look(application);
  if (!seen.seeded) {
    return failure(application, seen.problem);
  }
  const { state } = seen;
  const { clientId } = state.current.credentials;
  const head = await bookkeep(application, state);
  if (head === undefined) {
    return failure(application, 'journal-unreadable');
  }
  const subject = eventSubject(application, clientId, state.current.versionId);
  const clientSecretExpiryTime = toIso(expiry);
  switch (subjectOf(head.entry, notified)) {
    case 'current':
      await append(application, head, (entry) =>
        // Asked again: a delivery may have been written down meanwhile, and the notice be about the secret before it.
        subjectOf(entry, notified) === 'current' ? withNotice(entry, notified) : undefined,
      );
      await application.ports.events.publish(DETAIL_TYPE.expiring, {
        ...subject,
        reason: 'expiry',
        clientSecretExpiryTime,
      });
      application.ports.observe({
        what: 'expiry noticed',
        application: application.settings.id,
        clientId,
        versionId: state.current.versionId,
      });
      return undefined;
    case 'another':
      return undefined;
    case 'one-never-delivered':
      await tell(application, DETAIL_TYPE.failed, {
        ...subject,
        kind: 'needs-person',
        reason: 'console',
        clientSecretExpiryTime,
      });
      application.ports.observe({
        what: 'expiry noticed',
        application: application.settings.id,
        clientId,
        kind: 'needs-person',
        next:
          `Amazon speaks of a client secret that expires on ${clientSecretExpiryTime}, later than the one stored here: ` +
          'somebody rotated in the Developer Console, and the new secret did not come. Copy it from there into the secret.',
      });
      return undefined;
  }
}
