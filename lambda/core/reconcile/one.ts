import { isPropagated } from '../amazon/propagation';
import { failure, failureOf, type Failure } from '../failure';
import { firstEntry, type JournalEntry } from '../journal/entry';
import { append, beginAgain, type JournalHead } from '../journal/log';
import { hasUnfinishedPromotion } from '../journal/order';
import { untoldPause } from '../journal/pause';
import { withProof, withStoredSuperseded } from '../journal/transitions';
import type { Application, SecretDescription } from '../ports';
import { decide } from '../rotation/guards';
import { preflight, type Readiness } from '../rotation/preflight';
import { onlyLooks, type RotateRequest } from '../rotation/request';
import { rotate, type Rotated } from '../rotation/rotate';
import { publishUnpublished, unpublishedRequest } from '../rotation/requested';
import { knownTogether, provenSiblings, siblingsAtHand, type Member } from '../rotation/together';
import { mintWithCurrent, standsBy } from '../rotation/token';
import { storedSince } from '../secret/heal';
import { isAnothers, loginOnce } from '../secret/proof';
import { proveRights } from '../secret/rights';
import { sharesClientId } from '../secret/siblings';
import { restorePending } from '../secret/staged';
import {
  readState,
  readTwoVersions,
  unusable,
  type CurrentSecret,
  type SecretState,
  type StateRead,
} from '../secret/read';
import { factsOf, factsOfCurrent, isTakenOver, syncEntry, syncJournal } from '../secret/sync';
import { DAY, SWEEP_JITTER, type Instant } from '../time';
import { answerOf, failed, subjectOf, type ApplicationAnswer, type Conclusion, type Subject } from './answer';
import { behindSibling } from './behind-sibling';
import { explain, held, type Explanation } from './explain';
import { asFound, rememberFinding } from './finding';
import { finish } from './finish';
import { historyOf } from './history';
import { takeNote, tellEndOfPause } from './note';
import { report } from './report';

/**
 * Looks at one application and does the one next thing. Never throws, neither because of the outside world nor because of a
 * defect: what befalls one application is that one's answer.
 */
export async function reconcile(application: Application, request: RotateRequest): Promise<ApplicationAnswer> {
  if (request.action === 'note') {
    return answerOf(application, await concludingOn({ clientId: '' }, () => look(application, request)));
  }
  const looked = await concludingOn({ clientId: '' }, async () =>
    namingUnproven(application, request, await concludingOn({ clientId: '' }, () => look(application, request))),
  );
  const conclusion = onlyLooks(request) ? looked : await rememberFinding(application, request, looked);
  try {
    if (!onlyLooks(request)) {
      await report(application, request, conclusion);
    }
    const answer = answerOf(application, conclusion);
    const entry = conclusion.subject.head?.entry;
    return request.withHistory === true && entry !== undefined ? { ...answer, history: historyOf(entry) } : answer;
  } catch (error) {
    // Told without what is known, over which it failed.
    const unknown = failed({ clientId: '' }, failureOf(error));
    if (!onlyLooks(request)) {
      await report(application, request, unknown);
    }
    return answerOf(application, unknown);
  }
}

/** What LWA never accepted here, it may accept from another application: then the client id is that one's. */
async function namingUnproven(
  application: Application,
  { action }: RotateRequest,
  conclusion: Conclusion,
): Promise<Conclusion> {
  const { kind, subject } = conclusion;
  const entry = subject.head?.entry;
  if (action === 'status' || kind !== 'wrong-credentials' || entry === undefined || entry.proven.length > 0) {
    return conclusion;
  }
  return (await isAnothers(application, entry.clientId, loginOnce(application.ports.lwa)))
    ? failed(subject, failure(application, 'unproven', conclusion.failure?.requestId))
    : { ...conclusion, next: `${conclusion.next} ${NEVER_PROVEN}` };
}

const NEVER_PROVEN = 'LWA has not accepted the stored client id and client secret yet.';
const NOT_SEEN_PROVEN =
  'No sweep has seen yet that LWA accepts the stored client id and client secret; "check" asks LWA now.';

/** What is thrown ends the run over this application, with what is known of it by then. */
async function concludingOn(subject: Subject, act: () => Promise<Conclusion>): Promise<Conclusion> {
  try {
    return await act();
  } catch (error) {
    return failed(subject, failureOf(error));
  }
}

async function look(application: Application, request: RotateRequest): Promise<Conclusion> {
  const { misconfigured } = application;
  if (misconfigured !== undefined) {
    return failed({ clientId: '' }, { kind: 'needs-person', next: misconfigured });
  }
  const healthy = await lookAtHealthy(application, request);
  if (healthy !== undefined) {
    const { current, head } = healthy;
    const conclusion = await concludingOn(subjectOf(current, head), () =>
      nextStep(application, request, { current }, head),
    );
    // What was read together with others' may have been replaced meanwhile, and another one may stand by.
    return conclusion.kind === 'wrong-credentials' ? lookInFull(application, request) : conclusion;
  }
  return lookInFull(application, request);
}

async function lookInFull(application: Application, request: RotateRequest): Promise<Conclusion> {
  const read = await readState(application);
  if (!read.seeded) {
    return concludeUnusable(application, request, read);
  }
  const { state } = read;
  const unread: Subject = { clientId: state.current.credentials.clientId, versionId: state.current.versionId };
  return concludingOn(unread, async () => {
    const head = onlyLooks(request) ? assumedHead(application, read) : await writtenHead(application, request, read);
    if (head === 'lost-race') {
      return lookInFull(application, request);
    }
    return head === 'unreadable'
      ? failed(unread, failure(application, 'journal-unreadable'))
      : concludingOn(subjectOf(state.current, head), () =>
          request.action === 'note'
            ? noteAndShow(application, request, state, head)
            : proceed(application, request, state, head),
        );
  });
}

/** What a person stored is no pair of client id and client secret. The newest delivered client secret is kept beside it. */
async function concludeUnusable(
  application: Application,
  request: RotateRequest,
  read: Extract<StateRead, { seeded: false }>,
): Promise<Conclusion> {
  const { stored } = read;
  if (stored?.journal.journal === 'readable' && !onlyLooks(request)) {
    await restorePending(application, stored.description, stored.journal.head);
  }
  return failed({ clientId: '', versionId: stored?.versionId }, unusable(application, read));
}

/** What a person says is written down. The answer is the status after it. */
async function noteAndShow(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  found: JournalHead,
): Promise<Conclusion> {
  const { head, said, isRecorded } = await takeNote(application, request, found, state.current.digest);
  const status: RotateRequest = { ...request, action: 'status' };
  const isOvertaken = head.entry.sequence > found.entry.sequence + 1;
  const shown = await (isOvertaken ? lookInFull(application, status) : proceed(application, status, state, head));
  return { ...shown, next: `${said} ${shown.next}`, recorded: isRecorded };
}

/**
 * The short way through an hourly sweep, for nearly all applications nearly always.
 *
 * @returns `undefined` when it takes a full look to know
 */
async function lookAtHealthy(
  application: Application,
  request: RotateRequest,
): Promise<{ readonly current: CurrentSecret; readonly head: JournalHead } | undefined> {
  const now = application.ports.clock.now();
  if (request.action !== 'reconcile' || isFirstSweepOfDay(application, now)) {
    return undefined;
  }
  const read = await readTwoVersions(application, application.readCurrent);
  if (read === undefined) {
    return undefined;
  }
  const { current, head } = read;
  const decision = decide(head.entry, application.settings, request, now);
  const isHealthy =
    !hasUnfinishedPromotion(head.entry, current.digest) &&
    syncEntry(head.entry, factsOfCurrent(application, current)) === undefined &&
    hasNothingToTell(head.entry, now) &&
    'heldBy' in decision &&
    decision.heldBy === 'due';
  return isHealthy ? read : undefined;
}

/** What was found is looked for in full until it is mended: so it does not seem to be gone in between. */
function hasNothingToTell(entry: JournalEntry, now: Instant): boolean {
  return (
    entry.baseline.unreported !== true &&
    entry.finding?.kind === undefined &&
    unpublishedRequest(entry, now) === undefined &&
    untoldPause(entry, now) === undefined
  );
}

/** Once a day a healthy application is looked at in full: a changed key or a failed replica shows only then. */
function isFirstSweepOfDay({ sweepInterval }: Application, now: Instant): boolean {
  return sweepInterval === undefined || dayOf(now) !== dayOf(now - sweepInterval - SWEEP_JITTER);
}

function dayOf(instant: Instant): number {
  return Math.floor(instant / DAY);
}

type Seeded = Extract<StateRead, { seeded: true }>;

/** For those who only look: the first entry that a reconciling run would write, where there is none. */
function assumedHead(application: Application, { state, journal }: Seeded): JournalHead | 'unreadable' {
  switch (journal.journal) {
    case 'unreadable':
      return 'unreadable';
    case 'none':
      return { versionId: '', entry: firstEntry(factsOf(application, state)) };
    case 'readable':
      return journal.head;
  }
}

async function writtenHead(
  application: Application,
  request: RotateRequest,
  { state, journal }: Seeded,
): Promise<JournalHead | 'unreadable' | 'lost-race'> {
  return journal.journal === 'unreadable' && request.force
    ? beginAgain(application, journal.versionId, factsOf(application, state))
    : syncJournal(application, state, journal);
}

/** Finishes what a delivery began and then takes the next step. */
async function proceed(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  found: JournalHead,
): Promise<Conclusion> {
  let head = onlyLooks(request) ? found : await tellOutstanding(application, found);
  if (head === undefined) {
    return lookInFull(application, request);
  }
  if (!onlyLooks(request)) {
    await restorePending(application, state.description, head);
  }
  while (hasUnfinishedPromotion(head.entry, state.current.digest)) {
    const finished = await finish(application, request, state, head);
    if ('conclusion' in finished) {
      return finished.conclusion;
    }
    head = finished.head;
    if (finished.goOn === 'next-step') {
      break;
    }
  }
  return nextStep(application, request, state, head);
}

/** @returns `undefined` where somebody else wrote meanwhile: what was read of the secret may be old then */
async function tellOutstanding(application: Application, found: JournalHead): Promise<JournalHead | undefined> {
  const published = await publishUnpublished(application, found);
  return published && tellEndOfPause(application, published);
}

/** What a run read of the secret; the short way does not ask for its description. */
interface Seen {
  readonly current: CurrentSecret;
  readonly description?: SecretDescription;
}

async function nextStep(
  application: Application,
  request: RotateRequest,
  seen: Seen,
  head: JournalHead,
): Promise<Conclusion> {
  const { clock } = application.ports;
  const subject = subjectOf(seen.current, head);
  if (isTakenOver(head.entry, application.hub, clock.now())) {
    const takenOver = failed(subject, {
      ...failure(application, 'needs-person'),
      section: 'two-hubs',
      next: `Another hub looks after this secret too: the one with the queue ${head.entry.hub}. Remove the application from one of them. This hub does not rotate it meanwhile.`,
    });
    // The other hub may be gone by now.
    return onlyLooks(request) ? takenOver : recoverIfRejected(application, request, seen, head, takenOver);
  }
  const decision = decide(head.entry, application.settings, request, clock.now());
  if ('heldBy' in decision) {
    const explanation = explain(decision, application, request, head.entry, clock.now());
    return concludeLook(application, request, seen, head, explanation);
  }
  return isFullyRead(seen) && !onlyLooks(request)
    ? takeRotation(application, request, seen, head)
    : concludeLook(application, request, seen, head, await explainDue(application, request, seen, head));
}

async function takeRotation(
  application: Application,
  request: RotateRequest,
  seen: SecretState,
  head: JournalHead,
): Promise<Conclusion> {
  const subject = subjectOf(seen.current, head);
  const rotated = await rotate(application, seen, head, request);
  switch (rotated.result) {
    case 'standing-by':
      return recover(application, request, seen, head, rotated.failure);
    case 'held':
      return concludeHeld(application, request, seen, head, rotated);
    default: {
      const conclusion = concludeRotation(subject, rotated);
      return rotated.result === 'failed' && rotated.rotationId === undefined
        ? recoverIfRejected(application, request, seen, head, conclusion)
        : conclusion;
    }
  }
}

/** By what the siblings know. What this one waits for may have come to another alone. */
function concludeHeld(
  application: Application,
  request: RotateRequest,
  seen: SecretState,
  head: JournalHead,
  rotated: Extract<Rotated, { result: 'held' }>,
): Conclusion {
  const subject = subjectOf(seen.current, head);
  const explanation = explainTogether(rotated, application, request);
  const found = explanation.kind === undefined ? copyFailure(application, seen, head, rotated.siblings) : undefined;
  return found === undefined ? { subject, ...explanation } : failed(subject, found);
}

function concludeLook(
  application: Application,
  request: RotateRequest,
  seen: Seen,
  head: JournalHead,
  explanation: Explanation,
): Conclusion | Promise<Conclusion> {
  if (request.action !== 'status') {
    return concludeReadiness(application, request, seen, head, explanation);
  }
  const { proven, newest } = head.entry;
  // What was delivered and is current, LWA accepted.
  const isUnproven = proven.length === 0 && newest?.announced !== true;
  const next = isUnproven ? `${explanation.next} ${NOT_SEEN_PROVEN}` : explanation.next;
  return asFound(application, { subject: subjectOf(seen.current, head), ...explanation, next });
}

/** For those who only look: whether the siblings let it rotate. */
async function explainDue(
  application: Application,
  request: RotateRequest,
  { current }: Seen,
  head: JournalHead,
): Promise<Explanation> {
  const { clock, lwa } = application.ports;
  const login = request.action === 'status' ? undefined : loginOnce(lwa);
  const siblings = await provenSiblings(application, current.credentials.clientId, head, login);
  const together = knownTogether(head.entry, siblings);
  const decision = decide(together, application.settings, request, clock.now());
  return explainTogether({ decision, together, siblings }, application, request);
}

function explainTogether(
  { decision, together, siblings }: Pick<Extract<Rotated, { result: 'held' }>, 'decision' | 'together' | 'siblings'>,
  application: Application,
  request: RotateRequest,
): Explanation {
  const explanation = explain(decision, application, request, together, application.ports.clock.now());
  const names = siblings.map(({ application: { settings } }) => settings.id);
  return names.length === 0
    ? explanation
    : {
        ...explanation,
        next: `${explanation.next} This counts for ${names.join(', ')} too.`,
      };
}

/** The preflight of every sweep, and what it finds beside what the guards say. */
async function concludeReadiness(
  application: Application,
  request: RotateRequest,
  seen: Seen,
  head: JournalHead,
  explanation: Explanation,
): Promise<Conclusion> {
  const { failure: unready, warning, isAccepted } = await readiness(application, seen, head);
  if (request.action === 'check') {
    await proveRightsIfPossible(application, seen, head);
  }
  const proven = isAccepted && !onlyLooks(request) ? await writeProof(application, seen, head) : head;
  const subject = subjectOf(seen.current, proven);
  if (unready === undefined) {
    return { subject, ...explanation, ...(warning !== undefined && { next: `${explanation.next} ${warning}` }) };
  }
  // A stall is reported as one, with what may have caused it.
  const conclusion =
    explanation.outcome === 'stalled'
      ? { subject, ...explanation, next: `${explanation.next} ${unready.next}` }
      : failed(subject, unready);
  return onlyLooks(request) ? conclusion : recoverIfRejected(application, request, seen, proven, conclusion);
}

/** Before the first sweep there is nothing to prove them with, and another hub's journal is left alone. */
async function proveRightsIfPossible(application: Application, seen: Seen, head: JournalHead): Promise<void> {
  if (isFullyRead(seen) && head.versionId !== '' && head.entry.hub === application.hub) {
    await proveRights(application, seen, head);
  }
}

/** LWA accepted what is current: from now on the journal remembers it. */
function writeProof(application: Application, { current }: Seen, head: JournalHead): Promise<JournalHead> {
  return append(application, head, (entry) => withProof(entry, current.credentials.clientId, current.digest));
}

function isFullyRead(seen: Seen): seen is SecretState {
  return seen.description !== undefined;
}

/** Whether a rotation would fail now, and whether LWA accepts what is current. */
async function readiness(
  application: Application,
  seen: Seen,
  head: JournalHead,
): Promise<Readiness & { readonly isAccepted: boolean }> {
  const { current, description } = seen;
  const [ready, minted] = await Promise.all([
    preflight(application, current, description),
    mintWithCurrent(application, current),
  ]);
  const failedToMint = 'failed' in minted ? minted.failed : undefined;
  return {
    ...ready,
    failure:
      ready.failure ??
      failedToMint ??
      (isFullyRead(seen)
        ? copyFailure(application, seen, head, await siblingsOf(application, current, head))
        : undefined),
    isAccepted: failedToMint === undefined,
  };
}

async function siblingsOf(
  application: Application,
  { credentials: { clientId } }: CurrentSecret,
  head: JournalHead,
): Promise<readonly Member[]> {
  return (await sharesClientId(application, clientId)) ? siblingsAtHand(application, clientId, head) : [];
}

/** A copy of what is current, in another region or another secret, is another one. */
function copyFailure(
  application: Application,
  { current, description }: SecretState,
  head: JournalHead,
  siblings: readonly Member[],
): Failure | undefined {
  return replicaFailure(application, description) ?? behindSibling(application, current, head, siblings);
}

function replicaFailure(application: Application, description: SecretDescription | undefined): Failure | undefined {
  const failedReplicas = description?.failedReplicas ?? [];
  return failedReplicas.length === 0
    ? undefined
    : {
        ...failure(application, 'needs-person'),
        section: 'failed-replica',
        next: `The secret's replica in ${failedReplicas.join(', ')} is not up to date. Look at it in Secrets Manager (ReplicationStatus) and replicate again.`,
      };
}

/** Where LWA does not accept what is current, the newest may stand by, whatever else is to be said. */
async function recoverIfRejected(
  application: Application,
  request: RotateRequest,
  seen: Seen,
  head: JournalHead,
  otherwise: Conclusion,
): Promise<Conclusion> {
  const { newest } = head.entry;
  if (newest === null || newest.digest === seen.current.digest) {
    return otherwise;
  }
  const minted = await mintWithCurrent(application, seen.current);
  if (!('failed' in minted) || minted.failed.kind !== 'wrong-credentials') {
    return otherwise;
  }
  if (!isFullyRead(seen)) {
    return failed(subjectOf(seen.current, head), minted.failed);
  }
  return (await standsBy(application, seen, head.entry))
    ? recover(application, request, seen, head, minted.failed)
    : otherwise;
}

/**
 * LWA accepts the newest delivered client secret, which stands by, and not what somebody stored over it. Once LWA must know what
 * was stored, if it ever will, the newest takes its place; the stored text stays reachable as AWSPREVIOUS.
 */
async function recover(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  head: JournalHead,
  why: Failure,
): Promise<Conclusion> {
  const { current } = state;
  if (!isPropagated(storedSince(head.entry, current), application.ports.clock.now())) {
    return failed(subjectOf(current, head), { ...why, next: `${why.next} ${STANDS_BY}` });
  }
  const superseded = await append(application, head, (entry) => withStoredSuperseded(entry, current.digest));
  return superseded === head ? failed(subjectOf(current, head), why) : proceed(application, request, state, superseded);
}

const STANDS_BY =
  'A delivered client secret works and stands by. It becomes current again if LWA still rejects the stored one after 4 hours.';

function concludeRotation(subject: Subject, rotated: Exclude<Rotated, { result: 'standing-by' | 'held' }>): Conclusion {
  switch (rotated.result) {
    case 'requested':
      return {
        subject: { ...subject, versionId: rotated.rotationId, head: rotated.head ?? subject.head },
        outcome: 'requested',
        next: 'Amazon accepted the rotation. The new client secret comes through the queue, usually within seconds.',
      };
    case 'lost-race':
      return { subject, ...held('in-flight') };
    case 'no-time':
      return { subject, outcome: 'due', next: 'There was no time left in this run. The next one rotates.' };
    case 'failed':
      return failed(
        { ...subject, versionId: rotated.rotationId ?? subject.versionId, head: rotated.head ?? subject.head },
        rotated.failure,
      );
  }
}
