import { DETAIL_TYPE } from '../../../lib/contract/event';
import { runbookLink } from '../../../lib/contract/operators';
import { MAX_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import type { ExpiryNotice } from '../amazon/notification';
import { eventSubject, publishBestEffort } from '../event';
import { failure, type Failure } from '../failure';
import type { JournalEntry } from '../journal/entry';
import { append, type JournalHead } from '../journal/log';
import { latestExpiry, withNotice } from '../journal/transitions';
import type { Application } from '../ports';
import { overlapEndAfterDelivery, overlapEndAfterManualChange } from '../rotation/dates';
import { readState, unusable, type CurrentSecret } from '../secret/read';
import { syncJournal } from '../secret/sync';
import { CLOCK_SKEW, DAY, toIso, type Instant } from '../time';
import type { KeepReason } from './new-secret';

/** Dates that Amazon gives for one secret differ by less than this. */
const SAME_DATE = DAY;

/** Which client secret a notice is about. */
export type NoticeSubject = 'current' | 'another' | 'one-never-delivered';

/**
 * Which client secret a notice is about. Amazon does not document whether notices also come for the old one of an overlap:
 * the dates tell.
 */
export function subjectOf(entry: JournalEntry, notice: Pick<ExpiryNotice, 'expiry' | 'eventTime'>): NoticeSubject {
  const { source } = entry.expiry;
  const expected = source === 'person' ? latestExpiry(entry) : entry.expiry.at;
  if (isAboutAnother(entry, notice)) {
    return 'another';
  }
  if (isSameDate(notice.expiry, expected)) {
    return 'current';
  }
  if (notice.expiry > expected) {
    // Nobody can store a client secret before it is made, so even an estimate is never too early. A person's date may be.
    return 'one-never-delivered';
  }
  return source === 'new-secret' ? 'another' : 'current';
}

/** About the newest delivery while that waits for LWA, or about what it or a person took the place of. */
function isAboutAnother(
  entry: JournalEntry,
  { expiry, eventTime }: Pick<ExpiryNotice, 'expiry' | 'eventTime'>,
): boolean {
  const { newest, baseline, expiry: known } = entry;
  const { since, storedAt } = baseline;
  const delivered = overlapEndAfterDelivery(entry);
  const overlapEnds = [delivered, overlapEndAfterManualChange(entry)];
  return (
    overlapEnds.some((end) => end !== undefined && expiry <= end + CLOCK_SKEW) ||
    // Made before a person stored this client secret over another, or before Amazon made it, the notice lay in a queue.
    (storedAt !== undefined && eventTime <= storedAt) ||
    (delivered !== undefined && eventTime <= since + CLOCK_SKEW) ||
    (newest !== null &&
      newest.digest !== baseline.digest &&
      isSameDate(expiry, newest.newExpiry) &&
      // A person may have stored one that Amazon made on the same day: the earlier date is the safe one.
      (!newest.announced || expiry > known.at))
  );
}

function isSameDate(one: Instant, other: Instant): boolean {
  return Math.abs(one - other) < SAME_DATE;
}

const UNBELIEVABLE: Failure = {
  kind: 'needs-person',
  next: 'The notice names an expiry that no client secret can have. It is kept, in the end in the dead-letter queue. Compare with the date in the Developer Console, and find out who may send to the queue.',
};

/** Writes the date down and puts it on the bus, from where it starts the rotate function. */
export async function recordExpiryNotice(
  application: Application,
  notice: ExpiryNotice,
): Promise<KeepReason | undefined> {
  const read = await readState(application);
  if (!read.seeded) {
    return unusable(application, read);
  }
  if (notice.expiry <= notice.eventTime - SAME_DATE) {
    // Amazon reminds before the expiry: this one is about nothing that is in use, whoever wrote it.
    return undefined;
  }
  if (notice.expiry > notice.eventTime + MAX_LIFETIME_DAYS * DAY) {
    return UNBELIEVABLE;
  }
  const { state, journal } = read;
  const head = await syncJournal(application, state, journal);
  if (head === 'lost-race') {
    return recordExpiryNotice(application, notice);
  }
  if (head === 'unreadable') {
    return failure(application, 'journal-unreadable');
  }
  switch (subjectOf(head.entry, notice)) {
    case 'current':
      await recordCurrent(application, state.current, head, notice);
      break;
    case 'one-never-delivered':
      await reportNeverDelivered(application, state.current, notice);
      break;
    case 'another':
      break;
  }
  return undefined;
}

async function recordCurrent(
  application: Application,
  { credentials, versionId }: CurrentSecret,
  head: JournalHead,
  notice: ExpiryNotice,
): Promise<void> {
  const { clientId } = credentials;
  await append(application, head, (entry) =>
    // Asked again: a delivery may have been written down meanwhile, and the notice be about the client secret before it.
    subjectOf(entry, notice) === 'current' ? withNotice(entry, notice, application.hub) : undefined,
  );
  await application.ports.events.publish(DETAIL_TYPE.expiring, {
    ...eventSubject(application, clientId, versionId),
    reason: 'expiry',
    clientSecretExpiryTime: toIso(notice.expiry),
  });
  application.ports.observe({
    what: 'expiry noticed',
    application: application.settings.id,
    clientId,
    versionId,
  });
}

async function reportNeverDelivered(
  application: Application,
  { credentials, versionId }: CurrentSecret,
  { expiry }: ExpiryNotice,
): Promise<void> {
  const { clientId } = credentials;
  const clientSecretExpiryTime = toIso(expiry);
  await publishBestEffort(application, DETAIL_TYPE.failed, {
    ...eventSubject(application, clientId, versionId),
    kind: 'needs-person',
    runbook: runbookLink('rotated-in-the-console'),
    reason: 'console',
    clientSecretExpiryTime,
  });
  application.ports.observe({
    what: 'expiry noticed',
    application: application.settings.id,
    clientId,
    kind: 'needs-person',
    section: 'rotated-in-the-console',
    next:
      `Amazon speaks of a client secret that expires on ${clientSecretExpiryTime}, later than the one stored here: ` +
      'somebody rotated in the Developer Console, and the new client secret did not come. Copy it from there into the secret.',
  });
}
