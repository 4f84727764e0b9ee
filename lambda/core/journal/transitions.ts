import type { RotationReason } from '../../../lib/contract/event';
import type { FailureKind } from '../../../lib/contract/failure-kind';
import type { Delivery, ExpiryNotice } from '../amazon/notification';
import { SECRET_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import { CLOCK_SKEW, DAY, HOUR, SECOND, SWEEP_JITTER, type Instant } from '../time';
import {
  attemptsOf,
  firstEntry,
  isOutstanding,
  seededBaseline,
  type Attempt,
  type Facts,
  type JournalEntry,
  type Newest,
  type Rotation,
} from './entry';
import { fallbackAsNewest, fallbackIn } from './fallback';
import { heardByNotice } from './heard';
import { firstWaiting } from './order';

/*
 * Every way in which a journal entry changes. Each function takes an entry and returns the next; those that return
 * `undefined` found nothing to change.
 */

/** How many digests of each sort the journal keeps. */
const DIGEST_LIMIT = 8;

const RESTORABLE_LIMIT = 3;

const UNPUBLISHED_LIMIT = 3;

const PREVIOUS_HUB_LIMIT = 5;

const HEAL_LIMIT = 5;

const LATER_ATTEMPT_LIMIT = 3;

/** How long after one finding the next is written down. With that, what comes and goes costs two versions in two hours. */
const BETWEEN_FINDINGS = 2 * HOUR - SWEEP_JITTER;

/** Event times of a delivery and of the POST that it answers are of one clock, Amazon's, but not of one machine. */
const AMAZON_SKEW = 30 * SECOND;

/** Before what is known of a rotation is replaced: the event that it was requested may still have to be published. */
function withUnpublishedKept({ unpublished = [], ...entry }: JournalEntry, next: JournalEntry): JournalEntry {
  const { rotation, newest } = entry;
  const requests = [
    ...unpublished,
    ...(rotation?.outcome === 'accepted' && rotation.published !== true ? [rotation] : []),
    ...(newest?.rotationId !== undefined && newest.requestPublished !== true
      ? [{ id: newest.rotationId, reason: newest.reason, requestedBy: newest.requestedBy }]
      : []),
  ].filter(({ id }) => id !== next.rotation?.id && !isToBePublishedByNewest(next, id));
  return requests.length === 0
    ? next
    : {
        ...next,
        unpublished: requests
          .map(({ id, reason, requestedBy }) => ({ id, reason, requestedBy }))
          .slice(-UNPUBLISHED_LIMIT),
      };
}

function isToBePublishedByNewest({ newest }: JournalEntry, rotationId: string): boolean {
  return newest?.rotationId === rotationId && newest.requestPublished !== true;
}

/** A person stored a client secret that nobody delivered. */
export function withSeededSecret(entry: JournalEntry, digest: string, since: Instant): JournalEntry {
  const { baseline, expiry } = seededBaseline(digest, since);
  // Stored after a rotation whose secret did not come, it is that secret, copied from the Developer Console. Asking again
  // would replace it.
  const answered = entry.rotation !== null && since >= entry.rotation.at;
  const restored = knownBefore(entry, digest);
  return withUnpublishedKept(entry, {
    ...entry,
    rotation: answered ? null : entry.rotation,
    // One that is put back is as old as it was. What it took the place of may be newer: hence its overlap all the same.
    baseline: { ...(restored?.baseline ?? baseline), storedAt: since, unreported: true },
    expiry: restored?.expiry ?? expiry,
    restorable: withRestorable(entry),
  });
}

/** What was known of a client secret when a person stored another over it. */
function knownBefore(entry: JournalEntry, digest: string): Pick<JournalEntry, 'baseline' | 'expiry'> | undefined {
  return entry.restorable?.find((one) => one.clientId === entry.clientId && one.baseline.digest === digest);
}

/** A client secret that a message once delivered was put back. */
export function withRestored(entry: JournalEntry, digest: string): JournalEntry | undefined {
  const known = knownBefore(entry, digest);
  return known && { ...entry, baseline: known.baseline, expiry: known.expiry, restorable: withRestorable(entry) };
}

/** A person stored what a message had brought and LWA did not accept then. */
export function withStoredDelivery(entry: JournalEntry, digest: string, storedAt: Instant): JournalEntry | undefined {
  const delivery = entry.deliveries.find((one) => one.digest === digest);
  if (delivery === undefined) {
    return undefined;
  }
  const { baseline, expiry } = seededBaseline(digest, delivery.eventTime);
  return withUnpublishedKept(entry, {
    ...entry,
    expiry,
    // Until its message is announced.
    baseline: { ...baseline, storedAt },
    rotation: isOutstanding(entry.rotation) ? stillOutstanding(entry.rotation, delivery) : entry.rotation,
    restorable: withRestorable(entry),
  });
}

export function withReported({ baseline, ...entry }: JournalEntry, digest: string): JournalEntry | undefined {
  return baseline.digest === digest && baseline.unreported === true
    ? { ...entry, baseline: { ...baseline, unreported: undefined } }
    : undefined;
}

/** The secret was given to another application: nothing of the one before holds, until the secret is given back. */
export function withOtherApplication(entry: JournalEntry, facts: Facts): JournalEntry {
  const restored = entry.restorable?.find(({ clientId }) => clientId === facts.clientId);
  // A person paused the application, whatever its client id is.
  const { paused, previousHubs } = entry;
  return { ...firstEntry(facts), paused, previousHubs, ...restored, restorable: withRestorable(entry) };
}

/** For each client secret that a person took out: what was known of it last. */
function withRestorable({ restorable = [], ...entry }: JournalEntry): NonNullable<JournalEntry['restorable']> {
  const { clientId, addedAt, rotation, newest, fallback, baseline, superseded, deliveries, expiry } = entry;
  const others = restorable.filter((one) => one.clientId !== clientId || one.baseline.digest !== baseline.digest);
  return [{ clientId, addedAt, rotation, newest, fallback, baseline, superseded, deliveries, expiry }, ...others].slice(
    0,
    RESTORABLE_LIMIT,
  );
}

/** LWA accepted a client secret for a client id, which a moment ago was that of the entry. */
export function withProof(entry: JournalEntry, clientId: string, digest: string): JournalEntry | undefined {
  return entry.clientId !== clientId || entry.proven.includes(digest)
    ? undefined
    : { ...entry, proven: [...entry.proven, digest].slice(-DIGEST_LIMIT) };
}

export function withHub(entry: JournalEntry, hub: string, now: Instant): JournalEntry {
  const others = (entry.previousHubs ?? []).filter((one) => one.hub !== hub && one.hub !== entry.hub);
  return {
    ...entry,
    hub,
    previousHubs: [...others, { hub: entry.hub, until: now }].slice(-PREVIOUS_HUB_LIMIT),
    addedAt: now,
    heard: undefined,
    expiry: { ...entry.expiry, inherited: true },
    // What is put back later came through no queue of this hub either.
    restorable: entry.restorable?.map((one) => ({
      ...one,
      addedAt: now,
      expiry: { ...one.expiry, inherited: true },
    })),
  };
}

export interface Intent {
  readonly id: string;
  readonly at: Instant;
  readonly reason: RotationReason;
  readonly requestedBy?: string;
}

/** Written before the POST. Attempts add up while their client secrets are outstanding. */
export function withIntent(entry: JournalEntry, intent: Intent): JournalEntry {
  const { rotation } = entry;
  // One that was accepted and not published is among those to be published from now on.
  const outstanding = isOutstanding(rotation)
    ? { ...rotation, published: rotation.outcome === 'accepted' || undefined }
    : undefined;
  return withUnpublishedKept(entry, {
    ...entry,
    postedAt: intent.at,
    rotation: {
      ...intent,
      ...withEarlier(outstanding === undefined ? [] : attemptsOf(outstanding)),
      outcome: 'open',
      refusals: entry.rotation?.refusals ?? 0,
    },
  });
}

/** The first attempt is never dropped: it says how long the client secret in use works. */
function withEarlier([first, ...others]: readonly Attempt[]): Pick<Rotation, 'earlier'> {
  return first === undefined
    ? {}
    : {
        earlier: [first, ...others.slice(-LATER_ATTEMPT_LIMIT)].map(({ id, at, takenAt, published }) => ({
          id,
          at,
          takenAt,
          published,
        })),
      };
}

/** What is known of a POST that Amazon accepted. */
export interface Acceptance {
  readonly requestId?: string;
  readonly takenAt?: Instant;
  readonly published: boolean;
}

/** @param intended the rotation as it was written before the POST */
export function withAccepted(
  entry: JournalEntry,
  intended: Rotation,
  { requestId, takenAt, published }: Acceptance,
): JournalEntry | undefined {
  const { rotation, newest } = entry;
  const accepted: Rotation = {
    ...(rotation?.id === intended.id ? rotation : intended),
    outcome: 'accepted',
    refusals: 0,
    ...(requestId !== undefined && { requestId }),
    takenAt,
    published,
  };
  if (rotation?.id === intended.id) {
    return { ...entry, rotation: accepted };
  }
  if (newest?.rotationId !== intended.id) {
    return undefined;
  }
  // A delivery that came before the answer closed the rotation. By Amazon's clock it may be of another one.
  return isAnswer(newest, accepted)
    ? { ...entry, newest: { ...newest, requestId, requestPublished: published } }
    : {
        ...entry,
        rotation: rotation ?? stillOutstanding(accepted, newest),
        newest: { ...newest, ...answering(accepted, newest) },
      };
}

/** The event that a rotation was requested was published after all. */
export function withRequestPublished(entry: JournalEntry, rotationId: string): JournalEntry | undefined {
  const { rotation, newest, unpublished = [] } = entry;
  if (unpublished.some(({ id }) => id === rotationId)) {
    const others = unpublished.filter(({ id }) => id !== rotationId);
    return { ...entry, unpublished: others.length === 0 ? undefined : others };
  }
  if (rotation?.id === rotationId && rotation.published !== true) {
    return { ...entry, rotation: { ...rotation, published: true } };
  }
  return newest?.rotationId === rotationId && newest.requestPublished !== true
    ? { ...entry, newest: { ...newest, requestPublished: true } }
    : undefined;
}

/**
 * A refusal is no attempt: what was outstanding before the intent is so again.
 *
 * @param before the rotation as it was before the intent
 */
export function withRefusal(
  entry: JournalEntry,
  intentId: string,
  refusal: { readonly kind: FailureKind; readonly requestId?: string; readonly at: Instant },
  before: Rotation | null,
): JournalEntry | undefined {
  if (entry.rotation?.id !== intentId) {
    return undefined;
  }
  const base = isOutstanding(before)
    ? before
    : { ...entry.rotation, outcome: 'refused' as const, requestId: refusal.requestId };
  return {
    ...entry,
    rotation: {
      ...base,
      refusals: entry.rotation.refusals + 1,
      refusedAt: refusal.at,
      kind: refusal.kind,
    },
  };
}

/**
 * A delivery is the newest. It closes the rotation that it answers, but not one that was asked for after it was made.
 *
 * @param sibling what it answers by the journal of a sibling: it counts where that was asked for later than by this one
 */
export function withNewest(
  entry: JournalEntry,
  delivery: Delivery,
  stagedVersionId: string,
  sibling?: Answered,
): JournalEntry {
  const { rotation } = entry;
  const own = answering(isOutstanding(rotation) ? rotation : null, delivery);
  return withUnpublishedKept(entry, {
    ...withoutFinding(withDelivery(entry, delivery)),
    rotation: stillOutstanding(rotation, delivery),
    newest: {
      notificationId: delivery.notificationId,
      digest: delivery.digest,
      eventTime: delivery.eventTime,
      newExpiry: delivery.newExpiry,
      oldExpiry: delivery.oldExpiry,
      estimated: delivery.estimated,
      stagedVersionId,
      announced: false,
      ...lastAsked(own, sibling),
    },
    fallback: fallbackIn(entry),
  });
}

/** What a delivery answers by this journal, as another journal may say it too: the event of the request is for this one to publish. */
export function answerIn({ rotation, newest }: JournalEntry, delivery: Delivery): Answered | undefined {
  const { reason, requestedBy, rotationId, requestId, askedAt, attempts } =
    newest?.digest === delivery.digest ? newest : answering(isOutstanding(rotation) ? rotation : null, delivery);
  return rotationId === undefined
    ? undefined
    : { reason, requestedBy, rotationId, requestId, askedAt, attempts, requestPublished: true };
}

/** Where two journals hold a rotation that a delivery may answer, it answers the one that was asked for last. */
export function lastAsked<One extends Answered | undefined>(one: One, other: Answered | undefined): One | Answered {
  const askedAt = one?.askedAt ?? Number.NEGATIVE_INFINITY;
  return other?.askedAt !== undefined && other.askedAt > askedAt ? other : one;
}

/** The attempt that a delivery answers: the last one made before it. */
function answeredAttempt(rotation: Rotation, delivery: Pick<Newest, 'eventTime'>): Attempt | undefined {
  return attemptsOf(rotation)
    .filter((attempt) => isAnswer(delivery, attempt))
    .at(-1);
}

/** A rotation of this hub, as a delivery answers it. */
export type Answered = Pick<
  Newest,
  'reason' | 'requestedBy' | 'rotationId' | 'requestId' | 'requestPublished' | 'askedAt' | 'attempts'
>;

/** With each field, so that it takes the place of what was known before. */
const FROM_CONSOLE: Answered = {
  reason: 'console',
  requestedBy: undefined,
  rotationId: undefined,
  requestId: undefined,
  requestPublished: undefined,
  askedAt: undefined,
  attempts: undefined,
};

/** What is known of a delivery by the rotation that it answers. One that answers none comes from the console. */
function answering(asked: Rotation | null, delivery: Pick<Newest, 'eventTime'>): Answered {
  const answered = asked === null ? undefined : answeredAttempt(asked, delivery);
  if (asked === null || answered === undefined) {
    return FROM_CONSOLE;
  }
  return {
    reason: asked.reason,
    requestedBy: asked.requestedBy,
    rotationId: answered.id,
    requestId: answered.id === asked.id ? asked.requestId : undefined,
    requestPublished: answered.published,
    askedAt: answered.at,
    attempts: attemptsOf(asked).length,
  };
}

/** What is outstanding once a delivery came: the attempts since the one that it answers. */
export function stillOutstanding(asked: Rotation | null, delivery: Pick<Newest, 'eventTime'>): Rotation | null {
  if (asked === null || isAnswer(delivery, asked)) {
    return null;
  }
  const { earlier = [], ...latest } = asked;
  const later = earlier.filter((attempt) => !isAnswer(delivery, attempt));
  return { ...latest, ...withEarlier(later) };
}

/**
 * Whether a delivery can be what Amazon made for a POST: not when it was made before. Amazon's clock orders the two; where there
 * was no answer to tell Amazon's time, our own does, within the clock skew.
 */
function isAnswer({ eventTime }: Pick<Newest, 'eventTime'>, { at, takenAt }: Pick<Attempt, 'at' | 'takenAt'>): boolean {
  return eventTime >= (takenAt === undefined ? at - CLOCK_SKEW : takenAt - AMAZON_SKEW);
}

/** A delivery came: from now on its event time says how old its client secret is. */
export function withDelivery(entry: JournalEntry, delivery: Pick<Newest, 'digest' | 'eventTime'>): JournalEntry {
  const { digest, eventTime } = delivery;
  const others = entry.deliveries.filter((one) => one.digest !== digest);
  const all = [...others, { digest, eventTime }];
  // Whoever may write into the queue may write many. They push out neither what dates the current one nor the first that waits.
  const kept = [entry.baseline.digest, firstWaiting(entry)?.digest];
  const rest = all.filter((one) => one.digest !== digest && !kept.includes(one.digest));
  const dropped = rest.slice(0, Math.max(0, all.length - DIGEST_LIMIT));
  return { ...entry, deliveries: all.filter((one) => !dropped.includes(one)) };
}

/**
 * A delivered client secret becomes the baseline. The one before is superseded, and so are all that are known to be older.
 * One that a person stored after the delivery was made, and that was not known before, may be the newer one: it is not marked as
 * superseded, so that it may be put back.
 */
export function withBaseline(
  entry: JournalEntry,
  delivered: Pick<Newest, 'digest' | 'eventTime' | 'newExpiry' | 'estimated'>,
): JournalEntry {
  const { digest } = entry.baseline;
  const before = mayBeNewer(entry, delivered) ? [] : [digest];
  const all = [...provenBefore(entry, delivered), ...olderThan(entry, delivered), ...entry.superseded, ...before];
  // The last ones are kept: what was in use last is what somebody writes back.
  const superseded = all.filter((one, index) => one !== delivered.digest && all.lastIndexOf(one) === index);
  return {
    ...entry,
    baseline: { digest: delivered.digest, since: delivered.eventTime },
    superseded: superseded.slice(-DIGEST_LIMIT),
    expiry: {
      at: delivered.newExpiry,
      source: delivered.estimated ? 'estimate' : 'new-secret',
      ...(isInherited(entry, delivered) && { inherited: true }),
    },
  };
}

/**
 * Whether it is no news that came through this hub's queue: made before this hub took over, or promoted again. That there was a
 * takeover the hubs before tell: a client secret that somebody stores takes the mark off the date.
 */
function isInherited(
  { baseline, expiry, previousHubs, addedAt }: JournalEntry,
  { digest, eventTime }: Pick<Newest, 'digest' | 'eventTime'>,
): boolean {
  const isAgain = expiry.inherited === true && baseline.digest === digest;
  return isAgain || (previousHubs !== undefined && eventTime < addedAt);
}

/** Whether a person stored the baseline after a delivery was made, and nobody knew it before. */
function mayBeNewer(
  { baseline: { since, storedAt } }: JournalEntry,
  { eventTime }: Pick<Newest, 'eventTime'>,
): boolean {
  return storedAt !== undefined && since > eventTime;
}

/** What was delivered, or stood in AWSCURRENT, before a delivery was made. */
function olderThan(
  { clientId, deliveries, restorable = [] }: JournalEntry,
  delivered: Pick<Newest, 'eventTime'>,
): readonly string[] {
  const known = restorable.filter((one) => one.clientId === clientId).map(({ baseline }) => baseline);
  return [
    ...deliveries.filter(({ eventTime }) => eventTime < delivered.eventTime),
    ...known.filter(({ since }) => since < delivered.eventTime),
  ].map(({ digest }) => digest);
}

/**
 * When a delivery that answers a rotation is announced for the first time: all that LWA had accepted by then is older. Had a person
 * stored anything since the rotation was asked for, the delivery would answer nothing.
 */
function provenBefore(entry: JournalEntry, delivered: Pick<Newest, 'digest' | 'eventTime'>): readonly string[] {
  const { baseline, newest, proven } = entry;
  const isFirst = newest?.digest === delivered.digest && newest.rotationId !== undefined && newest.served !== true;
  return isFirst ? proven.filter((digest) => digest !== baseline.digest || !mayBeNewer(entry, delivered)) : [];
}

/**
 * A delivered client secret never became current: the one that a person stored is newer.
 *
 * @param stored digest of that one
 */
export function withDeliverySuperseded(entry: JournalEntry, digest: string, stored: string): JournalEntry | undefined {
  const { superseded, newest } = entry;
  const waits = newest?.digest === digest && !newest.announced;
  if (superseded.includes(digest) || (newest?.digest === digest && !waits)) {
    return undefined;
  }
  return withUnpublishedKept(entry, {
    ...(waits ? withoutWaiting(entry, stored) : entry),
    superseded: [...superseded, digest].slice(-DIGEST_LIMIT),
  });
}

function withoutWaiting(entry: JournalEntry, stored: string): JournalEntry {
  // If that was superseded, it would be taken for an overwriting, though it works.
  const newest = entry.superseded.includes(stored) ? undefined : fallbackAsNewest(entry)?.newest;
  // Where a run began to heal it and ended: what a person stored meanwhile stays, and only what is current has to be announced.
  const announced = newest?.announced === true || newest?.digest !== stored;
  return { ...entry, newest: newest === undefined ? null : { ...newest, announced }, fallback: undefined };
}

/** What a person stored is no client secret any more, or never was: a delivered one may take its place. */
export function withStoredSuperseded(entry: JournalEntry, digest: string): JournalEntry | undefined {
  return entry.superseded.includes(digest) || entry.newest?.digest === digest
    ? undefined
    : { ...entry, superseded: [...entry.superseded, digest].slice(-DIGEST_LIMIT) };
}

/** A delivered client secret is current and consumers were told. */
export function withAnnounced(
  entry: JournalEntry,
  delivered: Pick<Newest, 'digest' | 'eventTime' | 'newExpiry' | 'estimated'>,
): JournalEntry {
  const rebased = withoutFinding(withBaseline(entry, delivered));
  return entry.newest?.digest === delivered.digest
    ? { ...rebased, newest: { ...entry.newest, announced: true, served: true }, fallback: undefined }
    : // Only a newest one closes what it answers as it is recorded; what was asked for since then stays.
      withUnpublishedKept(entry, {
        ...rebased,
        rotation: isOutstanding(entry.rotation) ? stillOutstanding(entry.rotation, delivered) : entry.rotation,
      });
}

/** Before an overwritten client secret is healed: a run that is killed in the middle leaves it to be announced again. */
export function withHealBegun(entry: JournalEntry, digest: string, now: Instant): JournalEntry | undefined {
  return entry.newest?.digest === digest && entry.newest.announced
    ? {
        ...entry,
        newest: { ...entry.newest, announced: false },
        healedAt: [...(entry.healedAt ?? []), now].slice(-HEAL_LIMIT),
      }
    : undefined;
}

/**
 * What a sweep found, for `status`, which looks no further than the secret. Only changes are written: at once that nothing is wrong
 * any more, and what is wrong only some time after what was wrong before.
 */
export function withFinding(
  entry: JournalEntry,
  kind: FailureKind | undefined,
  now: Instant,
): JournalEntry | undefined {
  const { finding } = entry;
  if (finding?.kind === kind) {
    return undefined;
  }
  if (kind === undefined) {
    return withoutFinding(entry);
  }
  return finding !== undefined && now < finding.since + BETWEEN_FINDINGS
    ? undefined
    : { ...entry, finding: { kind, since: now } };
}

/** A client secret came, or became current: what the sweep before it found is out of date. */
function withoutFinding(entry: JournalEntry): JournalEntry {
  const { finding } = entry;
  return finding?.kind === undefined ? entry : { ...entry, finding: { since: finding.since } };
}

/**
 * A person read the date in the Developer Console. It holds for this client secret only, and Amazon's word goes before it.
 *
 * @returns `undefined` where Amazon told the date, or it is more than a day later than a client secret of that age can live
 */
export function withDateOfPerson(
  entry: JournalEntry,
  { digest, expiry, by, now }: { digest: string; expiry: Instant; by: string | undefined; now: Instant },
): JournalEntry | undefined {
  const isKnown = entry.expiry.source === 'new-secret' || entry.expiry.source === 'expiry-notice';
  return isKnown || entry.baseline.digest !== digest || expiry > latestExpiry(entry) + DAY
    ? undefined
    : { ...entry, expiry: { at: expiry, source: 'person', noticedAt: now, by } };
}

/** A client secret is at least as old as it is known. */
export function latestExpiry({ baseline }: Pick<JournalEntry, 'baseline'>): Instant {
  return baseline.since + SECRET_LIFETIME_DAYS * DAY;
}

/**
 * A notice tells the date, unless the notification of the client secret itself did. The latest notice does; of two that were
 * made at once the one with the earlier date, so that they do not take turns.
 *
 * @param hub whose queue it came through
 */
export function withNotice(
  entry: JournalEntry,
  notice: Pick<ExpiryNotice, 'expiry' | 'eventTime'>,
  hub: string,
): JournalEntry | undefined {
  const isOwn = hub === entry.hub;
  const heard = isOwn ? heardByNotice(entry, notice) : entry.heard;
  const dated = withNoticedDate(entry, notice, isOwn) ?? (heard === entry.heard ? undefined : entry);
  return dated && { ...dated, heard };
}

function withNoticedDate(
  entry: JournalEntry,
  { expiry, eventTime }: Pick<ExpiryNotice, 'expiry' | 'eventTime'>,
  isOwn: boolean,
): JournalEntry | undefined {
  const { source, inherited } = entry.expiry;
  const isNews = (inherited === true && isOwn) || isLater(entry.expiry, { expiry, eventTime });
  return source === 'new-secret' || (source === 'expiry-notice' && !isNews)
    ? undefined
    : {
        ...entry,
        expiry: { at: expiry, source: 'expiry-notice', noticedAt: eventTime, ...(!isOwn && { inherited: true }) },
      };
}

function isLater(
  { at, noticedAt = Number.NEGATIVE_INFINITY }: JournalEntry['expiry'],
  { expiry, eventTime }: Pick<ExpiryNotice, 'expiry' | 'eventTime'>,
): boolean {
  return expiry !== at && (eventTime > noticedAt || (eventTime === noticedAt && expiry < at));
}
