import type { RotationReason } from '../../../lib/contract/event';
import type { FailureKind } from '../../../lib/contract/failure-kind';
import type { Delivery, ExpiryNotice } from '../amazon/notification';
import { CLOCK_SKEW, SECOND, type Instant } from '../time';
import {
  firstEntry,
  isOutstanding,
  seededBaseline,
  type Facts,
  type JournalEntry,
  type Newest,
  type Rotation,
} from './entry';
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
  ].filter(({ id }) => id !== next.rotation?.id && id !== next.newest?.rotationId);
  return requests.length === 0
    ? next
    : {
        ...next,
        unpublished: requests
          .map(({ id, reason, requestedBy }) => ({ id, reason, requestedBy }))
          .slice(-UNPUBLISHED_LIMIT),
      };
}

/** A person stored a client secret that nobody delivered. */
export function withSeededSecret(entry: JournalEntry, digest: string, since: Instant): JournalEntry {
  const { baseline, expiry } = seededBaseline(digest, since);
  // Stored after a rotation whose secret did not come, it is that secret, copied from the Developer Console. Asking again
  // would replace it.
  const answered = entry.rotation !== null && since >= entry.rotation.at;
  const restored = entry.restorable?.find((one) => one.clientId === entry.clientId && one.baseline.digest === digest);
  return withUnpublishedKept(entry, {
    ...entry,
    rotation: answered ? null : entry.rotation,
    // One that is put back is as old as it was. What it took the place of may be newer: hence its overlap all the same.
    baseline: { ...(restored?.baseline ?? baseline), storedAt: since, unreported: true },
    expiry: restored?.expiry ?? expiry,
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
  return { ...firstEntry(facts), ...restored, restorable: withRestorable(entry) };
}

/** For each client secret that a person took out: what was known of it last. */
function withRestorable({ restorable = [], ...entry }: JournalEntry): NonNullable<JournalEntry['restorable']> {
  const { clientId, addedAt, rotation, newest, baseline, superseded, deliveries, expiry } = entry;
  const others = restorable.filter((one) => one.clientId !== clientId || one.baseline.digest !== baseline.digest);
  return [{ clientId, addedAt, rotation, newest, baseline, superseded, deliveries, expiry }, ...others].slice(
    0,
    RESTORABLE_LIMIT,
  );
}

export function withHub(entry: JournalEntry, hub: string, now: Instant): JournalEntry {
  const others = (entry.previousHubs ?? []).filter((one) => one.hub !== hub && one.hub !== entry.hub);
  return {
    ...entry,
    hub,
    previousHubs: [...others, { hub: entry.hub, until: now }].slice(-PREVIOUS_HUB_LIMIT),
    addedAt: now,
    expiry: { ...entry.expiry, inherited: true },
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
  const outstanding = isOutstanding(entry.rotation) ? entry.rotation : undefined;
  return withUnpublishedKept(entry, {
    ...entry,
    postedAt: intent.at,
    rotation: {
      ...intent,
      attempt: Math.min((outstanding?.attempt ?? 0) + 1, 3),
      firstAt: outstanding?.firstAt ?? intent.at,
      outcome: 'open',
      refusals: entry.rotation?.refusals ?? 0,
    },
  });
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
  const accepted: Rotation = {
    ...intended,
    outcome: 'accepted',
    refusals: 0,
    ...(requestId !== undefined && { requestId }),
    takenAt,
    published,
  };
  if (entry.rotation?.id === intended.id) {
    return { ...entry, rotation: accepted };
  }
  const { newest } = entry;
  if (newest?.rotationId !== intended.id) {
    return undefined;
  }
  // A delivery that came before the answer closed the rotation. By Amazon's clock it may be of another: of the console's.
  return isAnswer(newest, accepted)
    ? { ...entry, newest: { ...newest, requestPublished: published } }
    : {
        ...entry,
        rotation: entry.rotation ?? accepted,
        newest: { ...newest, rotationId: undefined, reason: 'console', requestedBy: undefined },
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
  const base = isOutstanding(before) ? before : { ...entry.rotation, attempt: 0, outcome: 'refused' as const };
  return {
    ...entry,
    rotation: {
      ...base,
      refusals: entry.rotation.refusals + 1,
      refusedAt: refusal.at,
      kind: refusal.kind,
      requestId: refusal.requestId,
    },
  };
}

/** A delivery is the newest. It closes the rotation that it answers, but not one that was asked for after it was made. */
export function withNewest(entry: JournalEntry, delivery: Delivery, stagedVersionId: string): JournalEntry {
  const asked = isOutstanding(entry.rotation) ? entry.rotation : undefined;
  const answered = asked !== undefined && isAnswer(delivery, firstAttemptOf(asked)) ? asked : undefined;
  return withUnpublishedKept(entry, {
    ...withDelivery(entry, delivery),
    rotation: stillOutstanding(entry.rotation, delivery),
    newest: {
      notificationId: delivery.notificationId,
      digest: delivery.digest,
      eventTime: delivery.eventTime,
      newExpiry: delivery.newExpiry,
      oldExpiry: delivery.oldExpiry,
      estimated: delivery.estimated,
      stagedVersionId,
      announced: false,
      reason: answered?.reason ?? 'console',
      ...(answered?.requestedBy !== undefined && { requestedBy: answered.requestedBy }),
      ...(answered !== undefined && { rotationId: answered.id, requestPublished: answered.published }),
    },
  });
}

function stillOutstanding(asked: Rotation | null, delivery: Delivery): Rotation | null {
  if (asked === null || isAnswer(delivery, asked)) {
    return null;
  }
  // Where it answers an earlier attempt, the latest is the first of which nothing came.
  return asked.attempt > 1 && isAnswer(delivery, firstAttemptOf(asked))
    ? { ...asked, attempt: 1, firstAt: asked.at }
    : asked;
}

/**
 * Whether a delivery can be what Amazon made for a POST: not when it was made before. Amazon's clock orders the two; where there
 * was no answer to tell Amazon's time, our own does, within the clock skew.
 */
function isAnswer(
  { eventTime }: Pick<Newest, 'eventTime'>,
  { at, takenAt }: Pick<Rotation, 'at' | 'takenAt'>,
): boolean {
  return eventTime >= (takenAt === undefined ? at - CLOCK_SKEW : takenAt - AMAZON_SKEW);
}

function firstAttemptOf(rotation: Rotation): Pick<Rotation, 'at' | 'takenAt'> {
  return rotation.attempt > 1 ? { at: rotation.firstAt } : rotation;
}

/** A delivery is about to become current: from now on its event time says how old it is. */
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
 * A delivered client secret becomes the baseline. The one before is superseded, and so are all that were delivered earlier.
 * One that a person stored after the delivery was made may be the newer one: it is not marked as superseded, so that it may
 * be put back.
 */
export function withBaseline(
  entry: JournalEntry,
  delivered: Pick<Newest, 'digest' | 'eventTime' | 'newExpiry' | 'estimated'>,
): JournalEntry {
  const older = entry.deliveries.filter(({ eventTime }) => eventTime < delivered.eventTime).map(({ digest }) => digest);
  const { digest, storedAt } = entry.baseline;
  const before = storedAt !== undefined && storedAt > delivered.eventTime ? [] : [digest];
  const superseded = new Set([...entry.superseded, ...before, ...older]);
  superseded.delete(delivered.digest);
  return {
    ...entry,
    baseline: { digest: delivered.digest, since: delivered.eventTime },
    superseded: [...superseded].slice(-DIGEST_LIMIT),
    expiry: {
      at: delivered.newExpiry,
      source: delivered.estimated ? 'estimate' : 'new-secret',
      // Promoted again, it is no news that came through this hub's queue.
      ...(entry.expiry.inherited === true && digest === delivered.digest && { inherited: true }),
    },
  };
}

/** A delivered client secret never became current: the one that a person stored is newer. */
export function withDeliverySuperseded(entry: JournalEntry, digest: string): JournalEntry | undefined {
  const { superseded, newest } = entry;
  const waits = newest?.digest === digest && !newest.announced;
  return superseded.includes(digest) || (newest?.digest === digest && !waits)
    ? undefined
    : { ...entry, newest: waits ? null : newest, superseded: [...superseded, digest].slice(-DIGEST_LIMIT) };
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
  const rebased = withBaseline(entry, delivered);
  return entry.newest?.digest === delivered.digest
    ? { ...rebased, newest: { ...entry.newest, announced: true, served: true, problem: undefined } }
    : rebased;
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

/** Why the newest cannot become current, for those who only look. */
export function withProblem(
  entry: JournalEntry,
  digest: string,
  problem: FailureKind | undefined,
): JournalEntry | undefined {
  return entry.newest?.digest === digest && entry.newest.problem !== problem
    ? { ...entry, newest: { ...entry.newest, problem } }
    : undefined;
}

/**
 * A notice tells the date, unless the notification of the client secret itself did. The latest notice does; of two that were
 * made at once the one with the earlier date, so that they do not take turns.
 *
 * @param hub whose queue it came through
 */
export function withNotice(
  entry: JournalEntry,
  { expiry, eventTime }: Pick<ExpiryNotice, 'expiry' | 'eventTime'>,
  hub: string,
): JournalEntry | undefined {
  const { source, inherited } = entry.expiry;
  const isOwn = hub === entry.hub;
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
