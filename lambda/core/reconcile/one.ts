import { DETAIL_TYPE } from '../../../lib/contract/event';
import type { FailureKind } from '../../../lib/contract/failure-kind';
import { FAULTS } from '../failure-texts';
import type { ApplicationAnswer, Outcome } from './answer';
import type { Application } from '../application';
import { arbitrate } from '../secret/resolve';
import { bookkeep, firstSight, isTakenOver, upToDate } from '../secret/sync';
import { decide, mustFinish, type Step, type Wish } from '../rotation/guards';
import { failure, failureOf, type Failure } from '../failure';
import { DAY, HOUR, SECOND, toIso } from '../time';
import { firstEntry, type JournalEntry, type Newest } from '../journal/entry';
import { append, beginAgain } from '../journal/log';
import { eventSubject, tell } from '../event';
import { announce, promote, stagedCandidate, type Candidate } from '../secret/promote';
import { isPropagated, PROPAGATING } from '../amazon/propagation';
import type { RotateRequest } from '../rotation/request';
import { preflight, rotate } from '../rotation/rotate';
import { dueAt, endOfOverlapWithoutSuccessor } from '../rotation/dates';
import { held, verdictOf, type Verdict } from './explain';
import { glance, look, type JournalHead, type State } from '../secret/read';
import { mintWithCurrent } from '../rotation/token';

/** Every so many hours a healthy application is looked at in full: changed keys and failed replicas show only then. Prime, so that no schedule misses it. */
const FULL_LOOK_HOURS = 23;

/** Looks at one application and does the one next thing. Never throws because of the outside world. */
export async function reconcile(application: Application, request: RotateRequest): Promise<ApplicationAnswer> {
  const run = new Run(application, request);
  let answer: ApplicationAnswer;
  try {
    answer = await run.perform();
  } catch (error) {
    answer = run.failed(failureOf(error));
  }
  await run.report(answer);
  return answer;
}

/** One look at one application. */
class Run {
  private clientId = '';
  private versionId: string | undefined;
  private entry: JournalEntry | undefined;
  private failure: Failure | undefined;

  constructor(
    private readonly application: Application,
    private readonly request: RotateRequest,
  ) {}

  private get wish(): Wish & { readonly requestedBy: string | undefined } {
    const { action, force, requestedBy } = this.request;
    return { action: action === 'rotate' ? 'rotate' : 'reconcile', force, requestedBy };
  }

  /** `status` and `check` only look. */
  private get readsOnly(): boolean {
    return this.request.action === 'status' || this.request.action === 'check';
  }

  async perform(): Promise<ApplicationAnswer> {
    const healthy = await this.glanceAtHealthy();
    if (healthy !== undefined) {
      return healthy;
    }
    const seen = await look(this.application);
    if (!seen.seeded) {
      this.versionId = seen.versionId;
      return this.failed(failure(this.application, seen.problem));
    }
    const { state } = seen;
    this.clientId = state.current.credentials.clientId;
    this.versionId = state.current.versionId;
    const head = this.readsOnly ? this.assumedHead(state) : await this.journal(state);
    if (head === undefined) {
      return this.failed(failure(this.application, 'journal-unreadable'));
    }
    this.entry = head.entry;
    if (mustFinish(head.entry, state.current.digest)) {
      return this.finish(state, head);
    }
    return this.next(state, head);
  }

  /** The short way through an hourly sweep, for nearly all applications nearly always. */
  private async glanceAtHealthy(): Promise<ApplicationAnswer | undefined> {
    const { ports, settings, hub } = this.application;
    const now = ports.clock.now();
    if (this.request.action !== 'reconcile' || Math.floor(now / HOUR) % FULL_LOOK_HOURS === 0) {
      return undefined;
    }
    const state = await glance(this.application);
    if (state?.journal.read !== 'readable') {
      return undefined;
    }
    const { entry } = state.journal.head;
    const settled =
      !mustFinish(entry, state.current.digest) &&
      upToDate(entry, { hub, key: undefined, now, current: state.current }) === undefined &&
      decide(entry, settings, this.wish, now).step === 'rest';
    if (!settled) {
      return undefined;
    }
    this.clientId = state.current.credentials.clientId;
    this.versionId = state.current.versionId;
    this.entry = entry;
    return this.next(state, state.journal.head);
  }

  /** For those who only look: the entry that a reconciling run would write. */
  private assumedHead(state: State): JournalHead | undefined {
    switch (state.journal.read) {
      case 'unreadable':
        return undefined;
      case 'none':
        return { versionId: '', entry: firstEntry(firstSight(this.application, state)) };
      case 'readable':
        return state.journal.head;
    }
  }

  private async journal(state: State): Promise<JournalHead | undefined> {
    const { application } = this;
    return state.journal.read === 'unreadable' && this.wish.force
      ? beginAgain(application, state.journal.versionId, firstSight(application, state))
      : bookkeep(application, state);
  }

  private async finish(state: State, found: JournalHead): Promise<ApplicationAnswer> {
    const { application } = this;
    const newest = found.entry.newest as Newest;
    const healing = newest.announced;
    if (this.readsOnly) {
      return this.answer(
        'in-flight',
        'The newest client secret is delivered and not current yet; the next sweep or the next delivery of its message goes on.',
      );
    }
    const candidate = await stagedCandidate(application, state, newest);
    if (candidate === undefined) {
      return this.unfinished(state, found, newest, undefined);
    }
    const head = healing ? await this.reopen(found) : found;
    const promotion = await promote(application, candidate, { ...state, journal: { read: 'readable', head } }, false);
    if (promotion.result === 'overtaken') {
      return this.verdict(held('in-flight'));
    }
    if (promotion.result !== 'current') {
      return promotion.failure.kind === 'order-unknown'
        ? this.arbitrate(state, head, candidate, promotion.failure)
        : this.unfinished(state, head, newest, promotion.failure);
    }
    const { versionId, previousVersionId } = promotion;
    this.versionId = versionId;
    const announced = await announce(application, head, {
      candidate,
      versionId,
      ...(previousVersionId !== undefined && { previousVersionId }),
      reason: newest.reason,
      ...(newest.by !== undefined && { requestedBy: newest.by }),
    });
    this.entry = announced.entry;
    if (healing) {
      application.ports.observe({
        what: 'client secret healed',
        application: application.settings.id,
        clientId: this.clientId,
        kind: 'overwritten',
        versionId,
        next: FAULTS.overwritten.next,
      });
    }
    return this.answer(
      'promoted',
      healing
        ? `Somebody had written a superseded client secret back; the newest is current again. ${FAULTS.overwritten.next}`
        : 'The newest client secret is current; consumers were told.',
    );
  }

  /** Before an overwritten secret is healed: a run that is killed in the middle leaves it to be announced again, and told. */
  private async reopen(head: JournalHead): Promise<JournalHead> {
    await this.publishFailed('overwritten');
    return append(this.application, head, ({ newest, ...entry }) =>
      newest?.digest === head.entry.newest?.digest && newest?.announced === true
        ? { ...entry, newest: { ...newest, announced: false } }
        : undefined,
    );
  }

  private async arbitrate(
    state: State,
    found: JournalHead,
    candidate: Candidate,
    why: Failure,
  ): Promise<ApplicationAnswer> {
    const { later, head } = await arbitrate(this.application, candidate, state, found);
    this.entry = head.entry;
    switch (later) {
      case 'stored':
        return this.next(state, head);
      case 'delivered':
        return mustFinish(head.entry, state.current.digest) ? this.finish(state, head) : this.next(state, head);
      case 'unknown':
        return this.wish.force ? this.next(state, head) : this.failed(why);
    }
  }

  /** The newest cannot become current now. A person may still ask for another; the schedule waits, and reports in time. */
  private async unfinished(
    state: State,
    head: JournalHead,
    newest: Newest,
    why: Failure | undefined,
  ): Promise<ApplicationAnswer> {
    const { clock } = this.application.ports;
    const overdue = isPropagated(newest.eventTime, clock.now());
    if (why !== undefined && why.kind !== 'rejected-by-lwa') {
      return this.wish.force ? this.next(state, head) : this.failed(why);
    }
    if (
      this.wish.action === 'rotate' ||
      (overdue && decide(head.entry, this.application.settings, this.wish, clock.now()).step === 'rotate')
    ) {
      return this.next(state, head);
    }
    if (!overdue) {
      return this.answer('in-flight', PROPAGATING);
    }
    return this.failed(why ?? failure(this.application, 'stalled'));
  }

  private async next(state: State, head: JournalHead): Promise<ApplicationAnswer> {
    const { application, wish } = this;
    const { clock } = application.ports;
    const step = decide(head.entry, application.settings, wish, clock.now());
    if (isTakenOver(head.entry, application.hub, clock.now())) {
      return this.failed({
        ...failure(this.application, 'needs-person'),
        next: 'Another hub looks after this secret too. Remove the application from one of them. This hub does not rotate it meanwhile.',
      });
    }
    if (step.step === 'rotate' && !this.readsOnly) {
      return this.rotate(state, head, step);
    }
    const verdict = verdictOf(step, this.application, head.entry.expiry.at, clock.now());
    const unready = await this.health(state);
    if (unready === undefined) {
      return this.verdict(verdict);
    }
    // A stall is told as one, with what may have caused it.
    return verdict.outcome === 'stalled'
      ? this.verdict({ ...verdict, next: `${verdict.next} ${unready.next}` })
      : this.failed(unready);
  }

  /** The preflight of every sweep; `status` makes no calls beyond the secret. */
  private async health(state: State): Promise<Failure | undefined> {
    const { application } = this;
    if (this.request.action === 'status') {
      return undefined;
    }
    const [unready, minted] = await Promise.all([preflight(application, state), mintWithCurrent(application, state)]);
    const failedReplicas = state.description?.failedReplicas ?? [];
    if (unready === undefined && !('failed' in minted) && failedReplicas.length > 0) {
      return {
        ...failure(this.application, 'needs-person'),
        next: `The secret's replica in ${failedReplicas.join(', ')} is not up to date. Look at it in Secrets Manager (ReplicationStatus) and replicate again.`,
      };
    }
    return unready ?? ('failed' in minted ? minted.failed : undefined);
  }

  private async rotate(
    state: State,
    head: JournalHead,
    step: Extract<Step, { step: 'rotate' }>,
  ): Promise<ApplicationAnswer> {
    const rotated = await rotate(this.application, state, head, this.wish, step.reason);
    switch (rotated.result) {
      case 'requested':
        this.versionId = rotated.rotationId;
        return this.answer(
          'requested',
          'Amazon accepted the rotation. The new client secret comes through the queue, usually within seconds.',
        );
      case 'overtaken':
        return this.verdict(held('in-flight'));
      case 'no-time':
        return this.answer('due', 'There was no time left in this run. The next one rotates.');
      case 'failed':
        this.versionId = rotated.rotationId ?? this.versionId;
        return this.failed(rotated.failure);
    }
  }

  private verdict({ outcome, guard, kind, next, failure: why }: Verdict): ApplicationAnswer {
    this.failure = why;
    return { ...this.answer(outcome, next, kind), ...(guard !== undefined && { guard }) };
  }

  failed(why: Failure): ApplicationAnswer {
    this.failure = why;
    const outcome = why.kind === 'not-seeded' ? 'not-seeded' : why.kind === 'stalled' ? 'stalled' : 'failed';
    return this.answer(outcome, why.next, why.kind);
  }

  private answer(outcome: Outcome, next: string, kind?: FailureKind): ApplicationAnswer {
    const { entry, application, versionId } = this;
    const previousExpiry = entry?.newest?.oldExpiry;
    return {
      application: application.settings.id,
      clientId: this.clientId,
      outcome,
      ...(kind !== undefined && { kind }),
      ...(entry !== undefined && {
        secretExpiry: toIso(entry.expiry.at),
        ...(entry.expiry.source === 'estimate' && { secretExpiryEstimated: true as const }),
        ...(previousExpiry !== undefined && { previousSecretExpiry: toIso(previousExpiry) }),
        due: toIso(dueAt(entry, application.settings.rotateAfterDays)),
      }),
      ...(versionId !== undefined && { versionId }),
      next,
    };
  }

  /** Logs, and tells the bus of what needs a person: in each sweep for as long as it lasts, since events get lost. */
  async report(answer: ApplicationAnswer): Promise<void> {
    if (this.readsOnly) {
      return;
    }
    const { application } = this;
    application.ports.observe({
      what: answer.outcome === 'stalled' ? 'rotation stalled' : 'application looked at',
      application: answer.application,
      clientId: answer.clientId,
      outcome: answer.outcome,
      ...(answer.kind !== undefined && { kind: answer.kind }),
      ...(answer.versionId !== undefined && { versionId: answer.versionId }),
      ...(this.request.requestedBy !== undefined && { requestedBy: this.request.requestedBy }),
      ...(this.failure?.requestId !== undefined && { requestId: this.failure.requestId }),
      ...(this.failure?.operation !== undefined && { operation: this.failure.operation }),
      ...(this.failure?.code !== undefined && { code: this.failure.code }),
      next: answer.next,
    });
    this.warnOfEnd(answer);
    if (answer.kind !== undefined) {
      await this.publishFailed(answer.kind);
    }
  }

  /** The last day of a client secret whose successor is not in its place. */
  private warnOfEnd({ application, clientId, next }: ApplicationAnswer): void {
    const { clock, observe } = this.application.ports;
    const end = this.entry === undefined ? undefined : endOfOverlapWithoutSuccessor(this.entry);
    if (end !== undefined && clock.now() >= end - DAY) {
      observe({
        what: 'client secret dying',
        application,
        clientId,
        seconds: Math.round((end - clock.now()) / SECOND),
        next: `The client secret in use stops working on ${toIso(end)}, and the new one is not in its place. ${next}`,
      });
    }
  }

  private async publishFailed(kind: FailureKind): Promise<void> {
    const { application, entry } = this;
    const rotation = kind === 'stalled' || kind === 'needs-person' ? entry?.rotation : undefined;
    await tell(application, kind === 'stalled' ? DETAIL_TYPE.stalled : DETAIL_TYPE.failed, {
      ...eventSubject(application, this.clientId, rotation?.id ?? this.versionId ?? ''),
      kind,
      ...(entry !== undefined && { clientSecretExpiryTime: toIso(entry.expiry.at) }),
      ...(entry?.newest && { oldClientSecretExpiryTime: toIso(entry.newest.oldExpiry) }),
    });
  }
}
