import { DAY, type Instant } from '../../lambda/core/time';
import { firstEntry, type JournalEntry, type Newest, type Rotation } from '../../lambda/core/journal/entry';
import type { JournalHead } from '../../lambda/core/journal/log';
import type { Delivery } from '../../lambda/core/amazon/notification';

export const HUB = 'arn:aws:sqs:eu-west-1:111122223333:notifications';
export const CLIENT_ID = 'amzn1.application-oa2-client.0123456789abcdef';

/** The day on which the hub took the application on, in these tests. */
export const ADDED = Date.parse('2026-01-01T00:00:00Z');

/** A journal of one entry: the secret was stored on the day the application was added, and LWA accepted it. */
export function entry(changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    ...firstEntry({ hub: HUB, clientId: CLIENT_ID, encryptionKey: '', now: ADDED, digest: 'seeded', createdAt: ADDED }),
    proven: ['seeded'],
    ...changes,
  };
}

/** A journal that ends with this entry. */
export function headOf(last: JournalEntry): JournalHead {
  return { versionId: 'head', entry: last };
}

export function rotation(changes: Partial<Rotation> & { readonly at: Instant }): Rotation {
  return {
    id: 'rotation-1',
    reason: 'schedule',
    outcome: 'accepted',
    refusals: 0,
    ...changes,
  };
}

/** Attempts before the latest one, of which nothing came. */
export function earlier(...times: Instant[]): NonNullable<Rotation['earlier']> {
  return times.map((at, index) => ({ id: `earlier-${index}`, at }));
}

export function delivery(changes: Partial<Delivery> & { readonly eventTime: Instant }): Delivery {
  const { eventTime } = changes;
  return {
    clientId: CLIENT_ID,
    clientSecret: 'amzn1.oa2-cs.v1.new',
    digest: 'delivered',
    notificationId: 'notification-1',
    newExpiry: eventTime + 180 * DAY,
    oldExpiry: eventTime + 7 * DAY,
    estimated: false,
    ...changes,
  };
}

export function newest(changes: Partial<Newest> & { readonly eventTime: Instant }): Newest {
  const { notificationId, digest, newExpiry, oldExpiry, estimated } = delivery({ eventTime: changes.eventTime });
  return {
    notificationId,
    digest,
    newExpiry,
    oldExpiry,
    estimated,
    stagedVersionId: 'staged',
    announced: true,
    reason: 'schedule',
    ...changes,
  };
}
