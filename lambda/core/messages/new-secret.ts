import { DETAIL_TYPE } from '../../../lib/contract/event';
import type { Application } from '../application';
import { arbitrate } from '../secret/resolve';
import { bookkeep } from '../secret/sync';
import { stagedVersionId } from '../digest';
import { eventSubject, tell } from '../event';
import { failure, type Failure } from '../failure';
import { withNewest, type JournalEntry } from '../journal/entry';
import { append } from '../journal/log';
import type { Delivery } from '../amazon/notification';
import { isNewer, isSuperseded, mayReplace } from '../journal/order';
import { announce, promote, publishRotated } from '../secret/promote';
import { isPropagated, PROPAGATING } from '../amazon/propagation';
import { look, type JournalHead, type State } from '../secret/read';

/** Why a message is kept, without a kind while that is nothing unusual; `undefined` when it has served. */
export type Kept = Failure | Pick<Failure, 'next' | 'requestId'> | undefined;

/**
 * A permission that flickers during a deploy makes the journal unreadable for moments. Promoting without it would leave a
 * rotation open that is over; by then, four minutes and more, it is no flicker.
 */
const RECEIVES_BEFORE_GIVING_THE_JOURNAL_UP = 4;

/** Installs a delivered client secret. The message is kept until this secret, or a newer one, is current. */
export async function receive(application: Application, delivery: Delivery, receiveCount: number): Promise<Kept> {
  const seen = await look(application);
  if (!seen.seeded) {
    return failure(application, seen.problem);
  }
  const { state } = seen;
  if (state.current.credentials.clientId !== delivery.clientId) {
    return {
      ...failure(application, 'needs-person'),
      next: 'The client id in the secret changed while the message was looked at. It is kept.',
    };
  }
  const head = await bookkeep(application, state);
  if (head === undefined) {
    return receiveCount < RECEIVES_BEFORE_GIVING_THE_JOURNAL_UP
      ? failure(application, 'journal-unreadable')
      : receiveWithoutJournal(application, delivery, state);
  }
  return receiveWithJournal(application, delivery, { ...state, journal: { read: 'readable', head } }, head);
}

async function receiveWithJournal(
  application: Application,
  delivery: Delivery,
  state: State,
  head: JournalHead,
): Promise<Kept> {
  const { newest } = head.entry;
  if (isSuperseded(delivery.digest, head.entry)) {
    return undefined;
  }
  if (delivery.digest === state.current.digest) {
    return receiveCurrent(application, delivery, state, head);
  }
  if (newest?.announced === true && !isNewer(delivery, newest)) {
    // This one or a later one has been current. What took its place is for a person or for the next sweep.
    return undefined;
  }
  if (newest !== null && newest.digest !== delivery.digest && isNewer(newest, delivery)) {
    return receiveEarlier(application, delivery, state, head);
  }
  if (!mayReplace(delivery, state.current, head.entry)) {
    const arbitration = await arbitrate(application, delivery, state, head);
    if (arbitration.later === 'stored') {
      return undefined;
    }
    if (arbitration.later === 'delivered') {
      return receiveWithJournal(application, delivery, state, arbitration.head);
    }
    await tell(application, DETAIL_TYPE.failed, {
      ...eventSubject(application, delivery.clientId, state.current.versionId),
      kind: 'order-unknown',
    });
    return failure(application, 'order-unknown');
  }
  const resumed = newest?.digest === delivery.digest;
  const stagedId = stagedVersionId(delivery.digest, state.current.versionId);
  const recorded = await record(application, delivery, head, stagedId);
  return recorded.entry.newest?.digest === delivery.digest
    ? install(application, delivery, { ...state, journal: { read: 'readable', head: recorded } }, recorded, !resumed)
    : receiveEarlier(application, delivery, state, recorded);
}

/** Writes the delivery down as the newest, before anything else happens to it. */
function record(
  application: Application,
  delivery: Delivery,
  head: JournalHead,
  versionId: string,
): Promise<JournalHead> {
  return append(application, head, (entry: JournalEntry) =>
    entry.newest === null || (entry.newest.digest !== delivery.digest && isNewer(delivery, entry.newest))
      ? withNewest(entry, delivery, versionId)
      : undefined,
  );
}

async function install(
  application: Application,
  delivery: Delivery,
  state: State,
  head: JournalHead,
  fresh: boolean,
): Promise<Kept> {
  const promotion = await promote(application, delivery, state, fresh);
  if (promotion.result === 'overtaken') {
    return undefined;
  }
  if (promotion.result !== 'current') {
    return promotion.result === 'rejected' && !isPropagated(delivery.eventTime, application.ports.clock.now())
      ? { next: PROPAGATING, ...(promotion.failure.requestId && { requestId: promotion.failure.requestId }) }
      : promotion.failure;
  }
  const { versionId, previousVersionId } = promotion;
  const newest = head.entry.newest?.digest === delivery.digest ? head.entry.newest : undefined;
  await announce(application, head, {
    candidate: delivery,
    versionId,
    ...(previousVersionId !== undefined && { previousVersionId }),
    reason: newest?.reason ?? 'console',
    ...(newest?.by !== undefined && { requestedBy: newest.by }),
  });
  return undefined;
}

/** The secret is in AWSCURRENT already: promoted before a crash, or copied from the console by a person. */
async function receiveCurrent(
  application: Application,
  delivery: Delivery,
  state: State,
  head: JournalHead,
): Promise<Kept> {
  const recorded = await record(application, delivery, head, state.current.versionId);
  const { baseline, newest } = recorded.entry;
  const announced =
    newest?.digest === delivery.digest
      ? newest.announced && baseline.digest === delivery.digest
      : baseline.digest === delivery.digest && baseline.since === delivery.eventTime;
  return announced ? undefined : install(application, delivery, state, recorded, false);
}

const LATER_ONE_WAITS = 'A later client secret than this one waits for LWA. This one is kept until that is current.';

/**
 * A newer one is known. Until that has been current, this one may be the better of two, and LWA says whether it works;
 * it goes on being kept, in case the newest is never accepted.
 */
async function receiveEarlier(
  application: Application,
  delivery: Delivery,
  state: State,
  head: JournalHead,
): Promise<Kept> {
  const kept = await install(application, delivery, { ...state, journal: { read: 'readable', head } }, head, false);
  return kept !== undefined && 'kind' in kept && kept.kind === 'order-unknown' ? { next: LATER_ONE_WAITS } : kept;
}

/** Without a journal the version's date is all the order there is, and whether consumers were told is not known: they are told again. */
async function receiveWithoutJournal(application: Application, delivery: Delivery, state: State): Promise<Kept> {
  const promotion = await promote(application, delivery, state, false);
  if (promotion.result === 'overtaken') {
    return undefined;
  }
  if (promotion.result !== 'current') {
    return promotion.failure;
  }
  const { versionId, previousVersionId } = promotion;
  await publishRotated(application, {
    candidate: delivery,
    versionId,
    ...(previousVersionId !== undefined && { previousVersionId }),
    reason: 'console',
  });
  return undefined;
}
