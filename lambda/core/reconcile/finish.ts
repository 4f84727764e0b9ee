import type { Delivery } from '../amazon/notification';
import { isPropagated, PROPAGATING } from '../amazon/propagation';
import { failure, type Failure } from '../failure';
import { FAILURE_TEXTS } from '../failure-texts';
import type { Newest } from '../journal/entry';
import { append, type JournalHead } from '../journal/log';
import { firstWaiting } from '../journal/order';
import { withHealBegun, withStoredSuperseded } from '../journal/transitions';
import type { Application } from '../ports';
import { decide } from '../rotation/guards';
import { onlyLooks, type RotateRequest } from '../rotation/request';
import { mintWithCurrent } from '../rotation/token';
import { announce } from '../secret/announce';
import { healLimit, isOverwritten, mayHealForConsumers, storedSince } from '../secret/heal';
import { promote, verify, type Promotion } from '../secret/promote';
import type { SecretState } from '../secret/read';
import { resolveConflict } from '../secret/resolve';
import { findStaged } from '../secret/staged';
import { toIso } from '../time';
import { failed, type Conclusion, type Subject } from './answer';
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
  const finished = await finishNewest(application, request, state, found);
  const isPromoted = 'conclusion' in finished ? finished.conclusion.outcome === 'promoted' : finished.goOn === 'finish';
  return isPromoted || onlyLooks(request) ? finished : ((await promoteFallback(application, state, found)) ?? finished);
}

/**
 * Whoever may write into the queue can answer a rotation with a client secret that never works. Where somebody stored another that
 * does not work either, what was current before must not stand by meanwhile. The newest goes on waiting.
 */
async function promoteFallback(
  application: Application,
  state: SecretState,
  found: JournalHead,
): Promise<Finished | undefined> {
  const { current } = state;
  const { fallback } = found.entry;
  if (fallback === undefined || fallback.digest === current.digest) {
    return undefined;
  }
  const minted = await mintWithCurrent(application, current);
  const isRejected = 'failed' in minted && minted.failed.kind === 'wrong-credentials';
  if (!isRejected || !isPropagated(storedSince(found.entry, current), application.ports.clock.now())) {
    return undefined;
  }
  const delivery = await findStaged(application, state, fallback);
  if (delivery === undefined || (await verify(application, delivery)) !== undefined) {
    return undefined;
  }
  const head = await append(application, found, (entry) => withStoredSuperseded(entry, current.digest));
  const promotion = await promote(application, delivery, { state, head, isFirstStaging: false });
  if (promotion.result !== 'current') {
    return undefined;
  }
  const finished = { newest: fallback, delivery, head, promotion };
  const promoted = await announcePromoted(application, subjectOf(state, head), finished);
  return ends(promoted, 'promoted', `${FELL_BACK} ${FAILURE_TEXTS.overwritten.next}`);
}

const FELL_BACK =
  'LWA accepts neither what somebody stored nor the newest client secret. The one before them works, and is current again; consumers were told.';

function subjectOf({ current }: SecretState, head: JournalHead): Subject {
  return {
    clientId: current.credentials.clientId,
    versionId: current.versionId,
    digest: current.digest,
    head,
  };
}

async function finishNewest(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  found: JournalHead,
): Promise<Finished> {
  const newest = found.entry.newest as Newest;
  const subject = subjectOf(state, found);
  const delivery = await findStaged(application, state, newest);
  if (delivery === undefined) {
    return unfinished(application, request, subject, { newest, head: found });
  }
  const isHealing = isOverwritten(found.entry, state.current.digest);
  const hold = isHealing && newest.announced ? await holdHealing(application, request, state, found) : undefined;
  if (hold !== undefined) {
    return { conclusion: failed(subject, hold) };
  }
  if (onlyLooks(request)) {
    return { conclusion: asFound(application, { subject, outcome: 'in-flight', next: ONLY_LOOKED }) };
  }
  const head = isHealing ? await beginHealing(application, subject, found) : found;
  const promotion = await promote(application, delivery, { state, head, isFirstStaging: false });
  if (promotion.result !== 'current') {
    return notCurrent(application, request, subject, { newest, delivery, state, head, promotion });
  }
  const promoted = await announcePromoted(application, subject, { newest, delivery, head, promotion });
  return isHealing
    ? healed(application, promoted)
    : ends(promoted, 'promoted', 'The newest client secret is current; consumers were told.');
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

/** Reported and written down before anything is done: a run that is killed in the middle leaves it to be announced again. */
async function beginHealing(application: Application, subject: Subject, head: JournalHead): Promise<JournalHead> {
  await publishFailed(application, subject, 'overwritten');
  const digest = head.entry.newest?.digest ?? '';
  const now = application.ports.clock.now();
  return append(application, head, (entry) => withHealBegun(entry, digest, now));
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

async function announcePromoted(
  application: Application,
  subject: Subject,
  finished: {
    readonly newest: Newest;
    readonly delivery: Delivery;
    readonly head: JournalHead;
    readonly promotion: Extract<Promotion, { result: 'current' }>;
  },
): Promise<Subject> {
  const { newest, delivery, head, promotion } = finished;
  const { versionId, previousVersionId } = promotion;
  const announced = await announce(application, promotion.head ?? head, {
    delivery,
    versionId,
    previousVersionId,
    reason: newest.reason,
    requestedBy: newest.requestedBy,
    rotationId: newest.rotationId,
  });
  return { ...subject, versionId, digest: delivery.digest, head: announced };
}

function healed(application: Application, promoted: Subject): Finished {
  const { next } = FAILURE_TEXTS.overwritten;
  application.ports.observe({
    what: 'client secret healed',
    application: application.settings.id,
    clientId: promoted.clientId,
    kind: 'overwritten',
    versionId: promoted.versionId,
    next,
  });
  return ends(
    promoted,
    'promoted',
    `Somebody had written a superseded client secret back; the newest is current again. ${next}`,
  );
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
