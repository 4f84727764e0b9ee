import type { Delivery } from '../amazon/notification';
import type { RotationReason } from '../../../lib/contract/event';
import type { JournalEntry, Newest } from './entry';
import type { Change } from './log';

/** The newest that has been current. The event of its request is among the unpublished once another is the newest. */
export function fallbackIn({ newest, fallback }: JournalEntry): Newest | undefined {
  return newest?.announced === true || newest?.served === true ? { ...newest, requestPublished: true } : fallback;
}

/** A delivery became current while a newer one waits, which may never work. */
export function withFallback(
  entry: JournalEntry,
  { notificationId, digest, eventTime, newExpiry, oldExpiry, estimated }: Omit<Delivery, 'clientSecret'>,
  { versionId, reason, requestedBy }: { versionId: string; reason: RotationReason; requestedBy?: string },
): JournalEntry {
  return entry.newest === null || entry.newest.announced || entry.newest.digest === digest
    ? entry
    : {
        ...entry,
        fallback: {
          ...{ notificationId, digest, eventTime, newExpiry, oldExpiry, estimated, reason, requestedBy },
          ...{ stagedVersionId: versionId, announced: true, served: true },
        },
      };
}

/** The entry as if the newest, which waits, had not come; `undefined` where there is nothing to fall back to. */
export function fallbackAsNewest({
  fallback,
  ...entry
}: JournalEntry): (JournalEntry & { readonly newest: Newest }) | undefined {
  const { newest, superseded } = entry;
  const isWaiting = newest !== null && !newest.announced;
  return isWaiting && fallback !== undefined && !superseded.includes(fallback.digest)
    ? { ...entry, newest: fallback }
    : undefined;
}

/** What is written down of the fallback as if it were the newest, while the newest goes on waiting. */
export function changingFallback(change: Change): Change {
  return (entry) => {
    const seen = fallbackAsNewest(entry);
    const changed = seen && change(seen);
    return changed && { ...changed, newest: entry.newest, fallback: changed.newest ?? undefined };
  };
}
