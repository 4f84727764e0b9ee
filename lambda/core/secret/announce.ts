import { DETAIL_TYPE, type RotationReason } from '../../../lib/contract/event';
import type { Delivery } from '../amazon/notification';
import { eventSubject } from '../event';
import type { JournalEntry } from '../journal/entry';
import { withHistory } from '../journal/history';
import { withHeard } from '../journal/heard';
import { append, type Change, type JournalHead } from '../journal/log';
import type { Dated } from '../journal/order';
import { withFallback } from '../journal/fallback';
import { withAnnounced } from '../journal/transitions';
import type { Application } from '../ports';
import { SECOND, toIso } from '../time';

export interface Announcement {
  readonly delivery: Omit<Delivery, 'clientSecret'>;
  readonly versionId: string;
  readonly previousVersionId?: string;
  readonly reason: RotationReason;
  readonly requestedBy?: string;
  /** The rotation that the delivery answers; absent when this hub asked for none. */
  readonly rotationId?: string;
  /** Its message is at hand, and came through this hub's queue. */
  readonly isHeard?: true;
  /** How it is written down, where it is not the newest. */
  readonly changing?: (change: Change) => Change;
}

/** Tells consumers that AWSCURRENT holds another client secret. */
export async function publishRotated(application: Application, announcement: Announcement): Promise<void> {
  const { delivery, versionId, previousVersionId, reason, requestedBy, rotationId } = announcement;
  const { clock, events, observe } = application.ports;
  await events.publish(DETAIL_TYPE.rotated, {
    ...eventSubject(application, delivery.clientId, versionId),
    previousVersionId,
    rotationId,
    reason,
    requestedBy,
    newClientSecretExpiryTime: toIso(delivery.newExpiry),
    oldClientSecretExpiryTime: toIso(delivery.oldExpiry),
  });
  observe({
    what: 'client secret rotated',
    application: application.settings.id,
    clientId: delivery.clientId,
    versionId,
    reason,
    requestedBy,
    seconds: Math.max(0, Math.round((clock.now() - delivery.eventTime) / SECOND)),
  });
}

/** Publishes and then writes down that it was published: in this order an event comes twice rather than never. */
export async function announce(
  application: Application,
  head: JournalHead,
  announcement: Announcement,
): Promise<JournalHead> {
  await publishRotated(application, announcement);
  const { delivery, isHeard, changing = (change: Change) => change } = announcement;
  const change: Change = (entry) => {
    const announced = isAnnounced(entry, delivery)
      ? undefined
      : withHistory(
          withFallback(withAnnounced(entry, delivery), delivery, announcement),
          delivery,
          announcement,
          application.ports.clock.now(),
        );
    const heard = isHeard && withHeard(announced ?? entry, delivery, application.hub);
    return heard ?? announced;
  };
  return append(application, head, changing(change));
}

/** Also when a later delivery was announced meanwhile: this one must not become the baseline again. */
function isAnnounced(entry: JournalEntry, delivery: Dated & { readonly digest: string }): boolean {
  const isLater = entry.newest?.digest !== delivery.digest && entry.baseline.since > delivery.eventTime;
  return isLater || isAnnouncedBaseline(entry, delivery);
}

/** Whether consumers were told of a delivery that is the baseline. Not where a person stored it, and its message came later. */
export function isAnnouncedBaseline(
  { baseline, newest }: JournalEntry,
  { digest, eventTime }: Pick<Dated, 'eventTime'> & { readonly digest: string },
): boolean {
  return (
    baseline.digest === digest &&
    (newest?.digest === digest ? newest.announced : baseline.since === eventTime && baseline.storedAt === undefined)
  );
}
