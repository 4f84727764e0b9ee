import { DETAIL_TYPE } from '../../../lib/contract/event';
import { noLaterThan, type Delivery } from '../amazon/notification';
import { isPropagated, PROPAGATING } from '../amazon/propagation';
import { eventSubject, publishBestEffort } from '../event';
import { failure, type Failure } from '../failure';
import { withHeard } from '../journal/heard';
import type { JournalEntry } from '../journal/entry';
import { append, type JournalHead } from '../journal/log';
import { firstKnown, firstWaiting, isNewer, placeOf } from '../journal/order';
import { answerIn, lastAsked, withDelivery, withNewest, type Answered } from '../journal/transitions';
import type { Application } from '../ports';
import { siblingsAtHand } from '../rotation/together';
import { announce, isAnnouncedBaseline, publishRotated } from '../secret/announce';
import { loginOnce, whyNotReceive, type Login } from '../secret/proof';
import { promote, verify, type Beginning, type Promotion } from '../secret/promote';
import { readState, unusable, type SecretState, type StateRead } from '../secret/read';
import { stagedIdOf } from '../secret/staged';
import { resolveConflict } from '../secret/resolve';
import { syncJournal } from '../secret/sync';

/** Why a message stays in the queue, without a kind while that is nothing unusual. */
export type KeepReason = Failure | Pick<Failure, 'next' | 'requestId'>;

/**
 * A permission that flickers during a deploy makes the journal unreadable for moments. Promoting without it would leave a
 * rotation open that is over; by then, four minutes and more, it is no flicker.
 */
const RECEIVES_BEFORE_GIVING_THE_JOURNAL_UP = 4;

/** What is known before. */
interface KnownBefore {
  readonly login?: Login;
  /** What the secret looked like a moment ago. What is written is compared with it: where that is not so any more, it is read again. */
  readonly read?: StateRead | undefined;
}

/**
 * Installs a delivered client secret: written down as the newest, staged, accepted by LWA, made current, announced.
 *
 * @returns why the message must be kept; `undefined` once this client secret, or a newer one, is current
 */
export async function installNewSecret(
  application: Application,
  delivery: Delivery,
  receiveCount: number,
  { login = loginOnce(application.ports.lwa), ...known }: KnownBefore = {},
): Promise<KeepReason | undefined> {
  const read = known.read ?? (await readState(application));
  if (!read.seeded) {
    return unusable(application, read);
  }
  const { state, journal } = read;
  if (state.current.credentials.clientId !== delivery.clientId) {
    return clientIdChanged(application);
  }
  const head = await syncJournal(application, state, journal);
  if (head === 'lost-race') {
    return installNewSecret(application, delivery, receiveCount, { login });
  }
  if (head !== 'unreadable') {
    const dated = noLaterThan(delivery, firstKnown(delivery, head.entry));
    return installOnceProven(application, dated, { state, head }, login);
  }
  return receiveCount < RECEIVES_BEFORE_GIVING_THE_JOURNAL_UP
    ? failure(application, 'journal-unreadable')
    : ((await whyNotReceive(application, state, undefined, login)) ??
        (await installWithoutJournal(application, delivery, state)));
}

/** The secret was given to another application meanwhile. */
function clientIdChanged(application: Application): Failure {
  return {
    ...failure(application, 'needs-person'),
    next: 'The client id in the secret changed while the message was looked at. It is kept.',
  };
}

/** What is in its place already needs no proof. Of all else nothing is written before, not even into the journal. */
async function installOnceProven(
  application: Application,
  delivery: Delivery,
  { state, head }: { readonly state: SecretState; readonly head: JournalHead },
  login: Login,
): Promise<KeepReason | undefined> {
  const place = placeOf(delivery, state.current, head.entry);
  const why =
    place === 'served' || place === 'current' ? undefined : await whyNotReceive(application, state, head.entry, login);
  return why ?? install(application, delivery, state, head);
}

async function install(
  application: Application,
  delivery: Delivery,
  state: SecretState,
  head: JournalHead,
): Promise<KeepReason | undefined> {
  switch (placeOf(delivery, state.current, head.entry)) {
    case 'served':
      return undefined;
    case 'current':
      return announceCurrent(application, delivery, state, head);
    case 'newest':
      return installNewest(application, delivery, state, head);
    case 'older':
      return installOlder(application, delivery, state, head);
    case 'order-unknown':
      return installAfterConflict(application, delivery, state, head);
  }
}

async function installNewest(
  application: Application,
  delivery: Delivery,
  state: SecretState,
  found: JournalHead,
): Promise<KeepReason | undefined> {
  const isResumed = found.entry.newest?.digest === delivery.digest;
  const asked = await answeredRotation(application, delivery, found);
  const isTaken = (entry: JournalEntry): boolean =>
    asked !== undefined && entry.newest?.digest !== delivery.digest && isAnswered(asked, entry);
  const answered = isTaken(found.entry) ? undefined : asked;
  const refused = isResumed || answered !== undefined ? undefined : await verify(application, delivery);
  if (refused !== undefined) {
    // Anybody who may write into the queue can send one that nobody asked for: it takes no place until LWA accepts it.
    // The first of them may be of a rotation in the console: until LWA must know it, none is requested.
    await append(application, found, (entry) => {
      const noted = withDelivery(entry, delivery);
      const isFirst = firstWaiting(entry) === undefined && firstWaiting(noted) !== undefined;
      return isFirst && entry.clientId === delivery.clientId ? noted : undefined;
    });
    return reasonToKeep(refused, delivery, application);
  }
  const versionId = stagedIdOf(application, delivery, state.current);
  // Another delivery may have answered that rotation meanwhile: then this one answers none, and was not verified.
  const isOvertaken = (entry: JournalEntry): boolean => answered !== undefined && isTaken(entry);
  const head = await record(application, delivery, found, { versionId, answered, isOvertaken });
  if (head.entry.clientId !== delivery.clientId) {
    return clientIdChanged(application);
  }
  if (head.entry.newest?.digest === delivery.digest) {
    return promoteAndAnnounce(application, delivery, { state, head, isFirstStaging: !isResumed });
  }
  return isOvertaken(head.entry)
    ? install(application, delivery, state, head)
    : installOlder(application, delivery, state, head);
}

/**
 * Whether a delivery answered the rotation, or one that was asked for after it: a sibling whose journal cannot be written may hold
 * it for outstanding.
 */
function isAnswered({ rotationId, askedAt }: Answered, { newest, fallback, history = [] }: JournalEntry): boolean {
  // Of the newest, what the journal says now counts: Amazon's clock may have told that it answers none.
  const others = history.filter(({ deliveredAt }) => deliveredAt !== newest?.eventTime);
  const lastAnswered = Math.max(
    ...[newest, fallback, ...others].map((one) => one?.askedAt ?? Number.NEGATIVE_INFINITY),
  );
  return newest?.rotationId === rotationId || lastAnswered >= (askedAt ?? Number.POSITIVE_INFINITY);
}

const NEWER_ONE_WAITS = 'A newer client secret than this one waits for LWA. This one is kept until that is current.';

/**
 * A newer one is known. Until that has been current, this one may be the better of two, and LWA says whether it works;
 * it goes on being kept, in case the newest is never accepted.
 */
async function installOlder(
  application: Application,
  delivery: Delivery,
  state: SecretState,
  head: JournalHead,
): Promise<KeepReason | undefined> {
  const kept = await promoteAndAnnounce(application, delivery, { state, head, isFirstStaging: false });
  return kept !== undefined && 'kind' in kept && kept.kind === 'order-unknown' ? { next: NEWER_ONE_WAITS } : kept;
}

/** A person stored something that may be newer. LWA may tell; where it does not, a person must. */
async function installAfterConflict(
  application: Application,
  delivery: Delivery,
  state: SecretState,
  found: JournalHead,
): Promise<KeepReason | undefined> {
  const { newer, head } = await resolveConflict(application, delivery, state.current, found);
  switch (newer) {
    case 'stored':
      return undefined;
    case 'delivered':
      return install(application, delivery, state, head);
    case 'unknown':
      await publishBestEffort(application, DETAIL_TYPE.failed, {
        ...eventSubject(application, delivery.clientId, state.current.versionId),
        kind: 'order-unknown',
      });
      return failure(application, 'order-unknown');
  }
}

/** It is in AWSCURRENT already: promoted before a crash, or copied from the console by a person. */
async function announceCurrent(
  application: Application,
  delivery: Delivery,
  state: SecretState,
  found: JournalHead,
): Promise<KeepReason | undefined> {
  const answered = await answeredRotation(application, delivery, found);
  const head = await record(application, delivery, found, { versionId: state.current.versionId, answered });
  if (head.entry.clientId !== delivery.clientId) {
    return clientIdChanged(application);
  }
  return isAnnouncedBaseline(head.entry, delivery)
    ? noteHeard(application, delivery, head)
    : promoteAndAnnounce(application, delivery, { state, head, isFirstStaging: false });
}

/** A sweep made it current. That its message came proves that the queue is registered. */
async function noteHeard(application: Application, delivery: Delivery, head: JournalHead): Promise<undefined> {
  await append(application, head, (entry) => withHeard(entry, delivery, application.hub));
}

/** Writes the delivery down as the newest, before anything else happens to it. */
function record(
  application: Application,
  delivery: Delivery,
  head: JournalHead,
  {
    versionId,
    answered,
    isOvertaken = () => false,
  }: {
    readonly versionId: string;
    readonly answered: Answered | undefined;
    readonly isOvertaken?: (entry: JournalEntry) => boolean;
  },
): Promise<JournalHead> {
  return append(application, head, (entry) =>
    entry.clientId === delivery.clientId &&
    !isOvertaken(entry) &&
    (entry.newest === null || (entry.newest.digest !== delivery.digest && isNewer(delivery, entry.newest)))
      ? withNewest(entry, delivery, versionId, answered)
      : undefined,
  );
}

/** The rotation that a delivery answers, by its own journal or that of a sibling in whose name it was asked for: the last of them. */
async function answeredRotation(
  application: Application,
  delivery: Delivery,
  head: JournalHead,
): Promise<Answered | undefined> {
  const siblings = await siblingsAtHand(application, delivery.clientId, head);
  const answered = [head, ...siblings.map((sibling) => sibling.head)].map(({ entry }) => answerIn(entry, delivery));
  return answered.reduce(lastAsked);
}

async function promoteAndAnnounce(
  application: Application,
  delivery: Delivery,
  beginning: Beginning & { readonly head: JournalHead },
): Promise<KeepReason | undefined> {
  const promotion = await promote(application, delivery, beginning);
  if (promotion.result !== 'current') {
    return reasonToKeep(promotion, delivery, application);
  }
  const { versionId, previousVersionId, head = beginning.head } = promotion;
  const newest = beginning.head.entry.newest?.digest === delivery.digest ? beginning.head.entry.newest : undefined;
  await announce(application, head, {
    delivery,
    versionId,
    previousVersionId,
    reason: newest?.reason ?? 'console',
    requestedBy: newest?.requestedBy,
    rotationId: newest?.rotationId,
    isHeard: true,
  });
  return undefined;
}

function reasonToKeep(
  promotion: Exclude<Promotion, { result: 'current' }>,
  delivery: Delivery,
  { ports }: Application,
): KeepReason | undefined {
  if (promotion.result === 'superseded') {
    return undefined;
  }
  const { requestId } = promotion.failure;
  return promotion.result === 'rejected' && !isPropagated(delivery.eventTime, ports.clock.now())
    ? { next: PROPAGATING, requestId }
    : promotion.failure;
}

/** Without a journal the version's date is all the order there is, and whether consumers were told is not known: they are told again. */
async function installWithoutJournal(
  application: Application,
  delivery: Delivery,
  state: SecretState,
): Promise<KeepReason | undefined> {
  const promotion = await promote(application, delivery, { state, head: undefined, isFirstStaging: false });
  if (promotion.result !== 'current') {
    return promotion.result === 'superseded' ? undefined : promotion.failure;
  }
  const { versionId, previousVersionId } = promotion;
  await publishRotated(application, {
    delivery,
    versionId,
    previousVersionId,
    reason: 'console',
  });
  return undefined;
}
