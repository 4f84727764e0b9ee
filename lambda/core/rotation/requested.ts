import { DETAIL_TYPE } from '../../../lib/contract/event';
import { eventSubject, publishBestEffort } from '../event';
import type { JournalEntry, Rotation } from '../journal/entry';
import { appendNext, type JournalHead } from '../journal/log';
import { withRequestPublished } from '../journal/transitions';
import type { Application } from '../ports';
import { MINUTE, type Instant } from '../time';

/** By then the run that made the POST has published it, or was killed. */
const PUBLISHED_BY_ITS_OWN_RUN = 2 * MINUTE;

type Requested = Pick<Rotation, 'id' | 'reason' | 'requestedBy'>;

/** @returns whether the event was published */
export function publishRequested(
  application: Application,
  clientId: string,
  { id, reason, requestedBy }: Requested,
): Promise<boolean> {
  return publishBestEffort(application, DETAIL_TYPE.requested, {
    ...eventSubject(application, clientId, id),
    rotationId: id,
    reason,
    requestedBy,
  });
}

/** The rotation whose request was never published: its run was killed, or the bus took no event. */
export function unpublishedRequest(
  { rotation, newest, unpublished = [] }: JournalEntry,
  now: Instant,
): Requested | undefined {
  if (unpublished[0] !== undefined) {
    return unpublished[0];
  }
  if (rotation?.outcome === 'accepted' && rotation.published !== true) {
    return rotation;
  }
  return newest?.rotationId !== undefined &&
    newest.requestPublished !== true &&
    now >= newest.eventTime + PUBLISHED_BY_ITS_OWN_RUN
    ? { id: newest.rotationId, reason: newest.reason, requestedBy: newest.requestedBy }
    : undefined;
}

/**
 * The journal is the outbox: what was requested is published by a later run where its own did not.
 *
 * @returns `undefined` where somebody else wrote meanwhile
 */
export async function publishUnpublished(
  application: Application,
  head: JournalHead,
): Promise<JournalHead | undefined> {
  const request = unpublishedRequest(head.entry, application.ports.clock.now());
  if (request === undefined || !(await publishRequested(application, head.entry.clientId, request))) {
    return head;
  }
  return appendNext(application, head, (entry) => withRequestPublished(entry, request.id));
}
