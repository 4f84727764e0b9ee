import type { Delivery } from '../amazon/notification';
import { isPropagated, PROPAGATING } from '../amazon/propagation';
import { failure, failureOf, type Failure } from '../failure';
import { FAILURE_TEXTS } from '../failure-texts';
import type { JournalEntry, Newest } from '../journal/entry';
import { changingFallback, fallbackAsNewest } from '../journal/fallback';
import { append, type Change, type JournalHead } from '../journal/log';
import { firstWaiting, hasUnfinishedPromotion, mayReplace } from '../journal/order';
import { withHealBegun, withStoredSuperseded } from '../journal/transitions';
import { CallFailed, unlessLasting, type Application } from '../ports';
import { decide } from '../rotation/guards';
import { onlyLooks, type RotateRequest } from '../rotation/request';
import { mintWithCurrent, standsBy } from '../rotation/token';
import { announce } from '../secret/announce';
import { healLimit, isOverwritten, mayHealForConsumers, storedSince } from '../secret/heal';
import { promote, verify, type Promotion } from '../secret/promote';
import type { SecretState } from '../secret/read';
import { resolveConflict } from '../secret/resolve';
import { findStaged } from '../secret/staged';
import { toIso } from '../time';
import { failed, subjectOf, type Conclusion, type Subject } from './answer';
import { held } from './explain';
import { asFound } from './finding';
import { publishFailed } from './report';

/** How finishing the promotion of the newest delivery ended. */
export type Finished =
  | { readonly conclusion: Conclusion }
  /** There is something to go on from. `finish`: what stood in the way is decided, and the promotion can be finished now. */
  | { readonly goOn: 'next-step' | 'finish'; readonly head: JournalHead };

/** Makes the newest delivery current, and announces it, where the store function could not; or heals what was overwritten. */
export async function finish(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  found: JournalHead,
): Promise<Finished> {
  const fallenBack = onlyLooks(request) ? undefined : await promoteFallback(application, request, state, found);
  if (fallenBack?.outcome === 'promoted') {
    return { conclusion: fallenBack };
  }
  const finished = await finishNewest(application, request, state, found);
  const isFailed = 'conclusion' in finished && finished.conclusion.outcome !== 'promoted';
  return isFailed && fallenBack !== undefined ? { conclusion: fallenBack } : finished;
}

/**
 * Whoever may write into the queue can answer a rotation with a client secret that never works. What was current before is healed and
 * stands by all the same, as if it were the newest, while the newest goes on waiting.
 *
 * @returns `undefined` where that is not needed, or does not work either
 */
async function promoteFallback(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  found: JournalHead,
): Promise<Conclusion | undefined> {
  const head = await overwrittenFallback(application, state, found);
  if (head === undefined || (await isStandingBy(application, state, head.entry))) {
    return undefined;
  }
  const seen = fallbackAsNewest(head.entry);
  if (seen === undefined) {
    return undefined;
  }
  const delivery = await unlessLasting(findStaged(application, state, seen.newest), () => undefined);
  if (delivery === undefined || (await verify(application, delivery)) !== undefined) {
    return undefined;
  }
  const target = { seen, newest: seen.newest, delivery, changing: changingFallback };
  const promoted = await promoteStaged(application, request, state, head, target);
  switch (promoted.result) {
    case 'held':
      return failed(subjectOf(state.current, head), promoted.failure);
    case 'announced':
      return promoted.isHealing
        ? healed(application, promoted.subject, FELL_BACK)
        : { subject: promoted.subject, outcome: 'promoted', next: PROMOTED };
    default:
      return undefined;
  }
}

/**
 * Whether the fallback has to become current, or be announced.
 *
 * @returns `undefined` where it need not; the journal in which what is current is superseded where LWA rejects that
 */
async function overwrittenFallback(
  application: Application,
  state: SecretState,
  found: JournalHead,
): Promise<JournalHead | undefined> {
  const { current } = state;
  const seen = fallbackAsNewest(found.entry);
  if (seen === undefined) {
    return undefined;
  }
  const isDecided = seen.newest.digest === current.digest || mayReplace(seen.newest, current, seen);
  if (isDecided && hasUnfinishedPromotion(seen, current.digest)) {
    return found;
  }
  const isStoredLately = !isPropagated(storedSince(found.entry, current), application.ports.clock.now());
  if (seen.newest.digest === current.digest || isStoredLately) {
    return undefined;
  }
  const minted = await mintWithCurrent(application, current);
  const isRejected = 'failed' in minted && minted.failed.kind === 'wrong-credentials';
  return isRejected && (await isStandingBy(application, state, seen))
    ? append(application, found, (entry) => withStoredSuperseded(entry, current.digest))
    : undefined;
}

/** One that nobody can read for good, as its key is gone, stands by for nobody, and must not stand in the way of another. */
function isStandingBy(application: Application, state: SecretState, entry: JournalEntry): Promise<boolean> {
  return unlessLasting(standsBy(application, state, entry), () => false);
}

const FELL_BACK =
  'LWA does not accept the newest client secret yet, and somebody had written over the one before, which is current again.';
const PROMOTED = 'The newest client secret that works is current; consumers were told.';

async function finishNewest(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  found: JournalHead,
): Promise<Finished> {
  const newest = found.entry.newest as Newest;
  const subject = subjectOf(state.current, found);
  const delivery = await unlessLasting(findStaged(application, state, newest), (failed) => failed);
  if (delivery instanceof CallFailed) {
    return unreadable(application, request, subject, { newest, head: found, why: failureOf(delivery) });
  }
  if (delivery === undefined) {
    return unfinished(application, request, subject, { newest, head: found });
  }
  const promoted = await promoteStaged(application, request, state, found, { seen: found.entry, newest, delivery });
  switch (promoted.result) {
    case 'held':
      return { conclusion: failed(subject, promoted.failure) };
    case 'only-looked':
      return { conclusion: asFound(application, { subject, outcome: 'in-flight', next: ONLY_LOOKED }) };
    case 'not-current':
      return notCurrent(application, request, subject, { newest, delivery, state, ...promoted });
    case 'announced':
      return promoted.isHealing
        ? { conclusion: healed(application, promoted.subject, HEALED) }
        : ends(promoted.subject, 'promoted', PROMOTED);
  }
}

/**
 * It is in versions that cannot be read. That may be a permission that flickers during a deploy, and it may work: so only once its
 * overlap is over is a rotation that is due the way out.
 */
function unreadable(
  application: Application,
  request: RotateRequest,
  subject: Subject,
  { newest, head, why }: Pick<Tried, 'newest' | 'head'> & { readonly why: Failure },
): Finished {
  const mayGoOn = request.action === 'rotate' || mayRotateAgain(application, request, newest, head);
  return mayGoOn && application.ports.clock.now() >= newest.oldExpiry
    ? { goOn: 'next-step', head }
    : { conclusion: failed(subject, why) };
}

/** What is to become current. */
interface Target {
  /** The journal as if it were the newest. */
  readonly seen: JournalEntry;
  readonly newest: Newest;
  readonly delivery: Delivery;
  /** How it is written down. */
  readonly changing?: (change: Change) => Change;
}

type Promoted =
  | { readonly result: 'announced'; readonly subject: Subject; readonly isHealing: boolean }
  | {
      readonly result: 'not-current';
      readonly head: JournalHead;
      readonly promotion: Exclude<Promotion, { result: 'current' }>;
    }
  | { readonly result: 'held'; readonly failure: Failure }
  | { readonly result: 'only-looked' };

/** Makes a delivery current that is staged, and announces it. What somebody wrote over it is reported before. */
async function promoteStaged(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  found: JournalHead,
  { seen, newest, delivery, changing = (change: Change) => change }: Target,
): Promise<Promoted> {
  const subject = subjectOf(state.current, found);
  const isHealing = isOverwritten(seen, state.current.digest);
  const hold = isHealing && newest.announced ? await holdHealing(application, request, state, found) : undefined;
  if (hold !== undefined) {
    return { result: 'held', failure: hold };
  }
  if (onlyLooks(request)) {
    return { result: 'only-looked' };
  }
  if (isHealing) {
    // A run that is killed in the middle leaves it to be announced again.
    await publishFailed(application, subject, 'overwritten');
  }
  const begun = changing((entry) => withHealBegun(entry, newest.digest, application.ports.clock.now()));
  const head = isHealing ? await append(application, found, begun) : found;
  const promotion = await promote(application, delivery, { state, head, isFirstStaging: false });
  if (promotion.result !== 'current') {
    return { result: 'not-current', head, promotion };
  }
  const { versionId, previousVersionId } = promotion;
  const { reason, requestedBy, rotationId } = newest;
  const announcement = { delivery, versionId, previousVersionId, reason, requestedBy, rotationId, changing };
  const announced = await announce(application, promotion.head ?? head, announcement);
  return {
    result: 'announced',
    subject: { ...subject, versionId, digest: delivery.digest, head: announced },
    isHealing,
  };
}

const ONLY_LOOKED =
  'The newest client secret is delivered and not current yet; the next sweep or the next delivery of its message goes on.';

/** Why what was overwritten is not healed now: somebody writes it back again and again. A person who asks passes this over. */
async function holdHealing(
  application: Application,
  request: RotateRequest,
  { current }: SecretState,
  { entry }: JournalHead,
): Promise<Failure | undefined> {
  const now = application.ports.clock.now();
  const { times, allowedAt } = healLimit(entry, now);
  if (request.action === 'rotate' || (allowedAt !== undefined && now >= allowedAt)) {
    return undefined;
  }
  if (
    !onlyLooks(request) &&
    mayHealForConsumers(entry, now) &&
    'failed' in (await mintWithCurrent(application, current))
  ) {
    return undefined;
  }
  const when =
    allowedAt === undefined
      ? `It is not undone again without a person: stop the writer, then send {"action":"rotate","application":"${application.settings.id}"}.`
      : `It is undone again after ${toIso(allowedAt)}.`;
  const overwritten = failure(application, 'overwritten');
  return {
    ...overwritten,
    next: `Somebody else wrote a superseded client secret back, ${times} times within a week. ${when} ${overwritten.next}`,
  };
}

/** What was to become current, from what. */
interface Tried {
  readonly newest: Newest;
  readonly delivery: Delivery;
  readonly state: SecretState;
  readonly head: JournalHead;
}

async function notCurrent(
  application: Application,
  request: RotateRequest,
  subject: Subject,
  tried: Tried & { readonly promotion: Exclude<Promotion, { result: 'current' }> },
): Promise<Finished> {
  const { promotion, ...rest } = tried;
  if (promotion.result === 'superseded') {
    return { conclusion: { subject, ...held('in-flight') } };
  }
  const why = promotion.failure;
  if (why.kind === 'order-unknown') {
    return decideConflict(application, request, subject, { ...rest, why });
  }
  return promotion.result === 'rejected' && application.ports.clock.now() >= rest.newest.oldExpiry
    ? giveUp(application, request, subject, { ...rest, why })
    : unfinished(application, request, subject, { ...rest, why });
}

/** Its overlap is over, and LWA still does not know it. If it knows the current one, nobody made what the message held. */
async function giveUp(
  application: Application,
  request: RotateRequest,
  subject: Subject,
  { newest, delivery, state, head: found, why }: Tried & { readonly why: Failure },
): Promise<Finished> {
  const { newer, head } = await resolveConflict(application, delivery, state.current, found);
  return newer === 'stored'
    ? { goOn: 'next-step', head }
    : unfinished(application, request, subject, { newest, head, why });
}

const HEALED = 'Somebody had written a superseded client secret back; the newest is current again.';

function healed(application: Application, promoted: Subject, happened: string): Conclusion {
  const { next } = FAILURE_TEXTS.overwritten;
  application.ports.observe({
    what: 'client secret healed',
    application: application.settings.id,
    clientId: promoted.clientId,
    kind: 'overwritten',
    versionId: promoted.versionId,
    next,
  });
  return { subject: promoted, outcome: 'promoted', next: `${happened} ${next}` };
}

/** Something that a person stored may be newer than the delivery. */
async function decideConflict(
  application: Application,
  request: RotateRequest,
  subject: Subject,
  conflict: {
    readonly delivery: Delivery;
    readonly state: SecretState;
    readonly head: JournalHead;
    readonly why: Failure;
  },
): Promise<Finished> {
  const { delivery, state, why } = conflict;
  const { newer, head } = await resolveConflict(application, delivery, state.current, conflict.head);
  switch (newer) {
    case 'stored':
      return { goOn: 'next-step', head };
    case 'delivered':
      return { goOn: 'finish', head };
    case 'unknown':
      return request.force ? { goOn: 'next-step', head } : { conclusion: failed({ ...subject, head }, why) };
  }
}

/** The newest cannot become current now. A person may still ask for another; the schedule waits, and reports in time. */
function unfinished(
  application: Application,
  request: RotateRequest,
  subject: Subject,
  { newest, head, why }: { readonly newest: Newest; readonly head: JournalHead; readonly why?: Failure },
): Finished {
  if (why !== undefined && why.kind !== 'rejected-by-lwa') {
    return request.force ? { goOn: 'next-step', head } : { conclusion: failed(subject, why) };
  }
  if (request.action === 'rotate' || mayRotateAgain(application, request, newest, head)) {
    return { goOn: 'next-step', head };
  }
  if (!isPropagated(newest.eventTime, application.ports.clock.now())) {
    return ends(subject, 'in-flight', PROPAGATING);
  }
  return { conclusion: failed({ ...subject, head }, why ?? failure(application, 'stalled')) };
}

/** Counted from the first delivery that waits: or a message an hour would hold a rotation back for ever. */
function mayRotateAgain(
  { settings, ports }: Application,
  request: RotateRequest,
  newest: Newest,
  { entry }: JournalHead,
): boolean {
  const now = ports.clock.now();
  const { eventTime } = firstWaiting(entry) ?? newest;
  return isPropagated(eventTime, now) && 'rotate' in decide(entry, settings, request, now);
}

function ends(subject: Subject, outcome: 'in-flight' | 'promoted', next: string): Finished {
  return { conclusion: { subject, outcome, next } };
}
