import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type DescribeSecretResponse,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { call } from '../../lambda/adapters/aws-call';
import { readSeveral, SecretsManagerSecret } from '../../lambda/adapters/secrets-manager';
import { operationOf, secretsManagerClient } from '../fakes/secrets-manager-client';
import { QueueModel, type ReceivedMessage } from 'local-cloud/models';
import type { FailureKind } from '../../lib/contract/failure-kind';
import { runbookLink } from '../../lib/contract/operators';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import type { Application } from '../../lambda/core/ports';
import { withDeadline } from '../../lambda/core/deadline';
import { failureOf } from '../../lambda/core/failure';
import { CLOCK_SKEW, DAY, HOUR, MINUTE, SECOND, type Instant } from '../../lambda/core/time';
import { withDirectory } from '../../lambda/core/secret/directory';
import { KnownClientIds } from '../../lambda/core/messages/known-client-ids';
import { processMessage, type MessageContext } from '../../lambda/core/messages/message';
import { readHub, type HubRead } from '../../lambda/core/messages/read-hub';
import type { Observation } from '../../lambda/core/observation';
import type { Clock, HttpOutcome, Ports, QueueAttributes } from '../../lambda/core/ports';
import type { RotateRequest } from '../../lambda/core/rotation/request';
import { reconcileAll } from '../../lambda/core/reconcile/all';
import type { AmazonAnswer } from '../../lambda/rehearsal/amazon/answers';
import { ROTATION_SCOPE } from '../../lambda/rehearsal/amazon/model';
import { drawCrashPoint, Invocation, ROTATE_TIMEOUT, STORE_TIMEOUT, type Perform } from './invocation';
import { drawQuietInterval, type HttpFault } from './fault-injector';
import type { Post } from './ground-truth';
import { IDS } from './sharers';
import type { World } from './world';
import { labelOf } from './write-invariants';

const CLOSING = 5 * SECOND;

/** For how long Lambda keeps a process that has nothing to do, here. */
const WARM = 10 * MINUTE;
const QUEUE_KEY = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-0000-4000-8000-000000000000';
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::437568002678:root' },
    Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
    Resource: '*',
  },
});
export const RECONCILE: RotateRequest = {
  action: 'reconcile',
  application: undefined,
  force: false,
  requestedBy: undefined,
};

/** One deployed stack: two functions, three queues, a schedule and a rule. */
export class Hub {
  readonly arn: string;
  readonly queue: QueueModel;
  readonly deadLetters: QueueModel;
  readonly unclaimed: QueueModel;
  isDeployed = false;
  hasPolicy = true;
  isKeyGranted = true;
  isStoreEnabled = true;
  isScheduleEnabled = true;
  /** Whether Lambda keeps the process of the store function for its next run. */
  keepsProcess = true;
  addedAt: Instant = Number.NaN;
  /** What the last complete sweep answered about the application, and since when it has answered the same. */
  answer: ApplicationAnswer | undefined;
  /** What it answered about the copy of the secret, which may have claimed the rotation of both. */
  kindOfCopy: FailureKind | undefined;
  answeredAt: Instant = Number.NEGATIVE_INFINITY;
  /** When the sweep began that answered. */
  askedAt: Instant = Number.NEGATIVE_INFINITY;
  answeredSince: Instant = Number.NEGATIVE_INFINITY;
  /** When something that a person should see was last logged or published. */
  reportedAt: Instant = Number.NEGATIVE_INFINITY;
  /** Why a message was kept last, as the log says. */
  lastKeptKind: FailureKind | undefined;
  /** When it last processed a message about the application. */
  processedAt: Instant = Number.NEGATIVE_INFINITY;
  /** What its functions take for the time. */
  private readonly clock: Clock;
  private readonly invocations = new Set<Invocation>();
  private storeRuns = 0;
  private storedAt: Instant = Number.NEGATIVE_INFINITY;
  private known = new KnownClientIds();
  private nextPollAt: Instant = Number.POSITIVE_INFINITY;
  private nextScheduleAt: Instant = Number.POSITIVE_INFINITY;
  private invocationCount = 0;
  private readonly lastLoggedAnswers = new Map<string, string>();

  constructor(
    private readonly world: World,
    readonly name: string,
  ) {
    this.arn = `arn:aws:sqs:eu-west-1:111122223333:${name}`;
    const clock = world.timeline;
    this.clock = { now: () => clock.now() + world.parameters.clockSkewSeconds * SECOND };
    const retentionSeconds = (14 * DAY) / SECOND;
    this.deadLetters = new QueueModel({ clock, arn: `${this.arn}-dead-letters`, retentionSeconds });
    this.unclaimed = new QueueModel({ clock, arn: `${this.arn}-unclaimed`, retentionSeconds });
    this.queue = new QueueModel({
      clock,
      arn: this.arn,
      retentionSeconds,
      visibilitySeconds: 360,
      redrive: { maxReceiveCount: 20, deadLetterQueue: () => this.deadLetters },
      pick: (count) => world.pick(count),
      // Each copy may be repeated again: without a limit one message would become thousands.
      isDeliveredAgain: () => world.faults.repeatsMessage() && this.queue.inspect().length < 8,
    });
  }

  /** @param isScheduled whether the schedule starts sweeps */
  deploy(isScheduled = true): void {
    this.isDeployed = true;
    const now = this.world.timeline.now();
    // A stack that is removed and deployed again is the same hub for a journal that nobody else took over.
    const isKnown = this.world.truth.lastEntry?.hub === this.arn && !Number.isNaN(this.addedAt);
    this.addedAt = isKnown ? this.addedAt : now;
    if (isScheduled) {
      this.scheduleAt(now + this.world.random.between(0, HOUR));
    }
    this.poll(0);
  }

  remove(): void {
    this.isDeployed = false;
    this.killAll('by the removal of the stack');
  }

  killAll(why: string): void {
    for (const invocation of this.invocations) {
      invocation.kill(why);
    }
  }

  /** Whether Amazon's SendMessage succeeds. */
  acceptsMessages(): boolean {
    return this.hasPolicy && this.isKeyGranted;
  }

  /** Since when a message has waited that is hardly received: what the alarm on the age of the oldest message sees. */
  oldestWaitingSince(): Instant {
    const waiting = this.queue.inspect().filter(({ receiveCount }) => receiveCount < 3);
    return Math.min(...waiting.map(({ sentAt }) => sentAt));
  }

  /** The messages for this application that came while its secret held another client id. An alarm reports them. */
  ownUnclaimedMessages(): readonly { readonly sentAt: Instant }[] {
    return this.unclaimed.inspect().filter(({ body }) => body.includes(this.world.truth.clientId));
  }

  /** Lets the event source poll the queue after a while. */
  poll(milliseconds: number): void {
    const at = this.world.timeline.now() + milliseconds;
    if (at >= this.nextPollAt) {
      return;
    }
    this.nextPollAt = at;
    this.world.timeline.at(at, () => {
      if (this.nextPollAt === at) {
        this.nextPollAt = Number.POSITIVE_INFINITY;
        this.receive();
      }
    });
  }

  /** Something happened: from now on sweeps come hourly again. */
  resumeHourlySweeps(): void {
    const { now, random } = { now: this.world.timeline.now(), random: this.world.random };
    if (this.isDeployed && Number.isFinite(this.nextScheduleAt) && this.nextScheduleAt > now + HOUR) {
      this.scheduleAt(now + random.between(0, HOUR));
    }
  }

  /** A run of the rotate function. */
  async runRotateFunction(request: RotateRequest, name = 'rotate'): Promise<ApplicationAnswer[] | undefined> {
    const invocation = this.startInvocation(name, ROTATE_TIMEOUT);
    try {
      return await this.rotate(invocation, request);
    } finally {
      this.invocations.delete(invocation);
    }
  }

  /** What a run of the rotate function does, as in `lambda/rotate/index.ts`. */
  async rotate(invocation: Invocation, request: RotateRequest): Promise<ApplicationAnswer[] | undefined> {
    const deadline = this.clock.now() + ROTATE_TIMEOUT - CLOSING;
    invocation.isAutomatic = request.action === 'reconcile';
    invocation.isForced = request.force;
    invocation.readsOnly = request.action === 'status' || request.action === 'check';
    invocation.provesRights = request.action === 'check';
    try {
      const answers = await invocation.run(async () =>
        reconcileAll(await this.applications(invocation, deadline), request, this.clock, deadline),
      );
      for (const answer of answers ?? []) {
        invocation.tell(answer, () => this.checkAnswer(invocation, request, answer));
      }
      return answers;
    } catch (error) {
      invocation.tell(error, () => this.world.expectCallFailed(error));
      return undefined;
    }
  }

  private checkAnswer(invocation: Invocation, { action }: RotateRequest, answer: ApplicationAnswer): void {
    const { invariants, settings } = this.world;
    invariants.checkLeaks(answer);
    if (action !== 'status' && action !== 'note' && answer.application === settings.id) {
      invariants.checkHealthyAnswer(invocation, answer);
    }
    this.logAnswer(invocation, answer);
  }

  /** Logs an answer only when it differs from the one before: sweeps come every hour. */
  private logAnswer(invocation: Invocation, { application, outcome, guard, kind }: ApplicationAnswer): void {
    const words = `${application}: ${outcome} ${guard ?? ''} ${kind ?? ''}`;
    if (words !== this.lastLoggedAnswers.get(application)) {
      this.lastLoggedAnswers.set(application, words);
      this.world.eventLog.log(() => `${invocation.name} answers ${words}`);
    }
  }

  private scheduleAt(at: Instant): void {
    this.nextScheduleAt = at;
    this.world.timeline.at(at, () => {
      if (this.nextScheduleAt === at && this.isDeployed) {
        this.onSchedule();
      }
    });
  }

  private onSchedule(): void {
    const { world } = this;
    world.checkNow();
    const delay = this.isScheduleEnabled ? world.faults.sweepDelay() : undefined;
    if (delay !== undefined) {
      world.timeline.after(delay, () => void this.sweep());
      if (world.random.chance(world.parameters.callFaults)) {
        world.timeline.after(delay + world.random.between(0, MINUTE), () => void this.sweep());
      }
    }
    const interval = world.sweepsHourly() ? HOUR : this.isSettled() ? drawQuietInterval(world.random) : 6 * HOUR;
    this.scheduleAt(world.timeline.now() + interval);
  }

  /** The application is healthy, or the answer has been the same for days. */
  private isSettled(): boolean {
    return this.answer?.outcome === 'healthy' || this.answeredSince < this.world.timeline.now() - 6 * DAY;
  }

  async sweep(): Promise<void> {
    const { world } = this;
    world.eventLog.count('sweeps');
    const [askedAt, newest] = [world.timeline.now(), world.truth.lastEntry?.newest?.digest];
    const answers = await this.runRotateFunction(RECONCILE, 'sweep');
    const expected = world.applicationsOf(this).length;
    if (answers !== undefined && answers.length !== expected) {
      world.invariants.violate('no-sweep-lost', `a sweep answers for ${answers.length} of ${expected} applications`);
    }
    const answer = answers?.find(({ application }) => application === world.settings.id);
    // A function may stand still for days: what it then answers is older than what a later sweep has answered.
    if (answer !== undefined && askedAt >= this.askedAt) {
      const changed = this.answer?.outcome !== answer.outcome || this.answer.kind !== answer.kind;
      const now = world.timeline.now();
      this.answeredSince = changed ? now : this.answeredSince;
      this.answeredAt = now;
      this.askedAt = askedAt;
      this.answer = answer;
      this.kindOfCopy = answers?.find(({ application }) => application === IDS.copy)?.kind;
      world.eventLog.count(`answer: ${answer.outcome}${answer.kind === undefined ? '' : ` ${answer.kind}`}`);
      if (changed) {
        world.sweepHourlyFor(4 * HOUR);
      }
      // What comes or is stored meanwhile, the status sees and the sweep did not: a function may stand still for days. So it is
      // with a rotation that a copy asked for, and that was refused.
      const isSame = world.truth.lastEntry?.newest?.digest === newest && world.truth.handWrittenAt < askedAt;
      if (isSame && !world.truth.posts.some(({ at, isOfAnother }) => isOfAnother && at >= askedAt)) {
        await this.checkStatusAgrees(answer);
      }
    }
  }

  /** Asks for the status right after some sweeps. The crash sweep would put its fault there. */
  private async checkStatusAgrees({ kind, outcome }: ApplicationAnswer): Promise<void> {
    const { world } = this;
    // A hub that was taken over writes no finding, and its status asks for a person.
    const { hub, finding } = world.truth.lastEntry ?? {};
    const isWritten = hub === this.arn && kind === finding?.kind;
    const chance = kind === undefined ? 0.01 : 0.2;
    if (!isWritten || world.recordsCalls || world.mayReadsLag() || !world.random.chance(chance)) {
      return;
    }
    const [begun, state] = [world.timeline.now(), world.stateOfSecret()];
    const answers = await this.runRotateFunction({ ...RECONCILE, action: 'status' }, 'status');
    const status = answers?.find(({ application }) => application === world.settings.id);
    const isUndisturbed = world.faults.calmFor() > world.timeline.now() - begun && world.stateOfSecret() === state;
    // Between the two a wait may have ended, by clocks that differ. What Amazon refused while a rotation was outstanding leaves it
    // stalled.
    const stalledAt = (world.truth.lastEntry?.rotation?.at ?? Number.NEGATIVE_INFINITY) + HOUR;
    const isStalled = status?.kind === 'stalled' && (kind !== undefined || stalledAt > begun - CLOCK_SKEW - MINUTE);
    // What a call that failed or was denied hid from the sweep, the status may see.
    const isHidden = kind === 'unreachable' || kind === 'throttled' || kind === 'needs-person';
    const seesMore = isHidden && status?.kind !== undefined;
    // That the queue is registered is proved by the message, and a sweep may promote before that comes again.
    const isUnproven = outcome === 'promoted' && status?.runbook === runbookLink('never-proven');
    // A sweep that lost to another one of the same moment says that only.
    const isLost = outcome === 'not-rotated' && kind === undefined && status?.kind === 'stalled';
    if (
      status !== undefined &&
      isUndisturbed &&
      status.outcome !== 'due' &&
      !isStalled &&
      !seesMore &&
      !isUnproven &&
      !isLost
    ) {
      world.eventLog.count('status compared with the sweep before it');
      world.invariants.checkStatusAgrees(status, kind);
    }
  }

  private receive(): void {
    const { world } = this;
    if (!this.isDeployed || !this.isStoreEnabled) {
      return;
    }
    if (this.storeRuns < 2) {
      const batch = this.queue.receive({ max: world.random.chance(0.5) ? 10 : 1 });
      if (batch.length > 0) {
        void this.runStoreFunction(batch);
        this.poll(world.random.between(10, 500));
        return;
      }
    }
    const next = this.queue.nextVisibleAt();
    if (next !== undefined) {
      this.poll(Math.max(next - world.timeline.now(), 0) + world.random.between(10, 5000));
    }
  }

  /** A run of the store function, and what Lambda's event source does after it. */
  private async runStoreFunction(batch: readonly ReceivedMessage[]): Promise<void> {
    this.storeRuns += 1;
    const invocation = this.startInvocation('store', STORE_TIMEOUT);
    await this.store(invocation, batch);
    this.invocations.delete(invocation);
    this.storeRuns -= 1;
    this.poll(this.world.random.between(10, 1000));
  }

  /** What a run of the store function does, as in `lambda/store/index.ts`. What is done the event source deletes. */
  async store(invocation: Invocation, batch: readonly ReceivedMessage[]): Promise<void> {
    const { world } = this;
    invocation.isAutomatic = true;
    const deadline = this.clock.now() + STORE_TIMEOUT - CLOSING;
    const known = this.keepsProcess ? this.knownClientIds() : new KnownClientIds();
    let read: Promise<HubRead> | undefined;
    const context: MessageContext = {
      hub: () => (read ??= this.look(invocation, known, deadline, batch)),
      known,
      observe: this.observerOf(invocation),
      now: () => this.clock.now(),
      served: new Map(),
    };
    const isDone = await invocation.run(() =>
      Promise.all(
        batch.map(async (message) => {
          try {
            return await this.processOne(invocation, message, context);
          } catch (error) {
            invocation.tell(error, () => world.expectCallFailed(error));
            return false;
          }
        }),
      ),
    );
    // A killed function has no answer, so the event source deletes nothing.
    const done = batch.filter((_, index) => isDone?.[index] === true);
    invocation.tell(['acknowledged', done], () => done.forEach((message) => this.acknowledge(message)));
  }

  acknowledge({ messageId, receiptHandle }: ReceivedMessage): void {
    this.world.invariants.checkNothingLostBy(`the message ${messageId} was acknowledged`, () =>
      this.queue.delete(receiptHandle),
    );
  }

  /** @returns whether the message may be deleted */
  private async processOne(
    invocation: Invocation,
    message: ReceivedMessage,
    context: MessageContext,
  ): Promise<boolean> {
    const { world } = this;
    invocation.tell(['received', message], () => {
      this.processedAt = world.isAboutApplication(message.body) ? world.timeline.now() : this.processedAt;
    });
    const handled = await processMessage(
      {
        messageId: message.messageId,
        body: message.body,
        sentAt: Number(message.attributes.SentTimestamp),
        receiveCount: Number(message.attributes.ApproximateReceiveCount),
      },
      context,
    );
    invocation.tell([handled, message], () => {
      world.eventLog.count(`message: ${handled.disposition}`);
      world.eventLog.log(
        () =>
          `${invocation.name}: message ${message.messageId.slice(0, 8)} (receive ${message.attributes.ApproximateReceiveCount ?? ''}): ${handled.disposition}`,
      );
    });
    try {
      switch (handled.disposition) {
        case 'acknowledge':
          return true;
        case 'unclaimed':
          await aws(invocation, 'sqs', 'SendMessage', message.body, () => this.unclaimed.send(message.body));
          return true;
        case 'keep':
          await aws(invocation, 'sqs', 'ChangeMessageVisibility', message.receiptHandle, () =>
            this.queue.changeVisibility(message.receiptHandle, handled.hiddenSeconds),
          );
      }
    } catch (error) {
      context.observe({ what: 'message kept', messageId: message.messageId, ...failureOf(error) });
    }
    return false;
  }

  private async look(
    invocation: Invocation,
    known: KnownClientIds,
    deadline: Instant,
    batch: readonly ReceivedMessage[],
  ): Promise<HubRead> {
    const at = this.clock.now();
    const received = Math.max(...batch.map(({ attributes }) => Number(attributes.ApproximateFirstReceiveTimestamp)));
    const read = await readHub(await this.applications(invocation, deadline));
    known.remember(read.directory, { at, received });
    return read;
  }

  /** What the process of the store function saw, which Lambda keeps while there is something to do. */
  private knownClientIds(): KnownClientIds {
    if (this.clock.now() > this.storedAt + WARM) {
      this.known = new KnownClientIds();
    }
    this.storedAt = this.clock.now();
    return this.known;
  }

  private async applications(invocation: Invocation, deadline: Instant): Promise<Application[]> {
    const { world } = this;
    const list = await aws(invocation, 'ssm', 'GetParametersByPath', undefined, () => world.applicationsOf(this));
    let attributes: Promise<QueueAttributes | undefined> | undefined;
    const queue = { attributes: () => (attributes ??= this.attributes(invocation)) };
    const applications = list.map((settings) => ({
      settings,
      hub: this.arn,
      queueKeyArn: world.hasQueueKey ? QUEUE_KEY : undefined,
      sweepInterval: HOUR,
      ports: withDeadline(this.ports(invocation, settings.secretArn, queue, deadline), deadline),
    }));
    return withDirectory(applications);
  }

  private async attributes(invocation: Invocation): Promise<QueueAttributes | undefined> {
    const attributes = await aws(invocation, 'sqs', 'GetQueueAttributes', undefined, () => ({
      policy: this.hasPolicy ? POLICY : undefined,
      key: this.world.hasQueueKey ? QUEUE_KEY : undefined,
      retentionSeconds: this.queue.retentionSeconds,
    }));
    invocation.sawPolicy = attributes.policy !== undefined;
    return attributes;
  }

  private ports(invocation: Invocation, secretArn: string, queue: Ports['queue'], deadline: Instant): Ports {
    const { world } = this;
    const client = this.secretsManagerClient(invocation);
    return {
      secrets: new SecretsManagerSecret(client, secretArn),
      readSeveral: readSeveral(client),
      lwa: {
        exchange: ({ clientId, clientSecret }) =>
          invocation.call<HttpOutcome>('lwa', clientSecret, (resolve, _, fault) => {
            const grant = { grantType: 'client_credentials', scope: ROTATION_SCOPE, clientId, clientSecret };
            resolve(outcomeOf(fault?.http ?? world.faults.httpFault('lwa'), () => world.amazon.exchange(grant)));
          }),
      },
      spApi: {
        timeout: 30 * SECOND,
        rotateClientSecret: (accessToken) => this.post(invocation, accessToken, secretArn),
      },
      queue,
      events: {
        publish: (type, detail) =>
          aws(invocation, 'events', 'PutEvents', { type, detail }, () => world.onPublished(this, type, detail)),
      },
      clock: this.clock,
      nonce: () => invocation.nonce(),
      observe: this.observerOf(invocation),
      deadline,
    };
  }

  /** The client that the real adapter calls: its calls take time, may fail, and are checked. */
  private secretsManagerClient(invocation: Invocation): SecretsManagerClient {
    const { world } = this;
    const check = world.invariants.checkWritesOf(invocation);
    return secretsManagerClient(world.secretsManager, async (command, perform) => {
      const answer = await invocation.aws('secretsmanager', operationOf(command), command.input, () => {
        const isWrite = command instanceof PutSecretValueCommand || command instanceof UpdateSecretVersionStageCommand;
        if (isWrite && command.input.SecretId !== world.secretArn) {
          const answer = perform();
          world.sharers.checkWritten(command);
          return answer;
        }
        if (isWrite) {
          check.before();
          const answer = perform();
          check.after(command);
          world.onLabelled(labelOf(command));
          return answer;
        }
        return perform();
      });
      if (command instanceof DescribeSecretCommand && command.input.SecretId === world.secretArn) {
        invocation.sawOfSecret = problemOf(answer);
      }
      return answer;
    });
  }

  private post(invocation: Invocation, accessToken: string, secretArn: string): Promise<HttpOutcome> {
    const { world } = this;
    let post: Post;
    const begin = (): void => {
      post = this.beginPost(invocation, secretArn);
    };
    const perform: Perform<HttpOutcome> = (resolve, _, fault) => {
      const rotations = world.amazon.rotations.length;
      world.prepareRotation();
      const done = outcomeOf(fault?.http ?? world.faults.httpFault('rotation'), () => world.amazon.rotate(accessToken));
      // Amazon's answer has its time, to the second.
      const outcome = 'status' in done ? { ...done, date: Math.floor(world.timeline.now() / SECOND) * SECOND } : done;
      post.secret = world.amazon.rotations.slice(rotations).at(-1)?.clientSecret;
      post.answer = answerIn(outcome);
      world.eventLog.log(
        () =>
          `${invocation.name}: Amazon ${post.secret === undefined ? 'does not rotate' : `rotates, makes ${world.nameOf(post.secret)}`}; the caller learns: ${post.answer} (${'failed' in outcome ? outcome.failed : outcome.status})`,
      );
      world.eventLog.count(`rotations ${post.answer}${post.secret === undefined ? '' : ', done'}`);
      world.deliverDueMessages();
      resolve(outcome);
    };
    return invocation.call('rotation', accessToken, perform, begin);
  }

  private beginPost(invocation: Invocation, secretArn: string): Post {
    const { world } = this;
    const post: Post = {
      at: world.timeline.now(),
      hub: this.name,
      answer: 'unknown',
      secret: undefined,
      rotationId: world.truth.lastIntentId(),
      isOfAnother: secretArn !== world.secretArn,
    };
    world.invariants.checkPost(this, invocation, post);
    world.truth.posts.push(post);
    world.eventLog.count('rotations asked for');
    world.sweepHourlyFor(10 * HOUR);
    return post;
  }

  private observerOf(invocation: Invocation): (observation: Observation) => void {
    return (observation) => invocation.tell(observation, () => this.observe(observation));
  }

  private readonly observe = (observation: Observation): void => {
    const { world } = this;
    world.invariants.checkLeaks(observation);
    const { application = world.settings.id } = observation;
    if (observation.kind !== undefined && application === world.settings.id) {
      this.reportedAt = world.timeline.now();
      if (observation.kind === 'defect') {
        world.invariants.violate('no-defect', `${observation.code ?? ''} at ${observation.position ?? ''}`);
      }
      if (observation.kind === 'overwritten') {
        world.invariants.checkOverwritten();
      }
      this.lastKeptKind = observation.what === 'message kept' ? observation.kind : this.lastKeptKind;
    }
    if (observation.what !== 'application looked at' && observation.what !== 'message acknowledged') {
      world.eventLog.count(
        `observed: ${observation.what}${observation.kind === undefined ? '' : ` ${observation.kind}`}`,
      );
      world.eventLog.log(
        () => `${this.name} logs: ${observation.what} ${observation.kind ?? ''} ${observation.code ?? ''}`,
      );
    }
  };

  private startInvocation(name: string, timeout: number): Invocation {
    const { world } = this;
    this.invocationCount += 1;
    const invocation = new Invocation(
      `${this.name}/${name} ${this.invocationCount}`,
      world,
      world.timeline.now() + timeout,
    );
    invocation.beganWithManagedRotation = world.hasManagedRotation;
    if (world.faults.drawsKill()) {
      invocation.crashPoint = drawCrashPoint(world.random);
      world.eventLog.count('fault: function killed');
    }
    this.invocations.add(invocation);
    return invocation;
  }
}

/** A call of an adapter that the simulation replaces. It fails as the real adapters do. */
function aws<Answer>(
  invocation: Invocation,
  service: string,
  operation: string,
  input: unknown,
  effect: () => Answer,
): Promise<Answer> {
  return call(`${service}:${operation}`, () => invocation.aws(service, operation, input, effect));
}

function problemOf({ RotationEnabled, ReplicationStatus = [] }: DescribeSecretResponse): Invocation['sawOfSecret'] {
  if (RotationEnabled === true) {
    return 'managed rotation';
  }
  return ReplicationStatus.some(({ Status }) => Status === 'Failed') ? 'failed replica' : undefined;
}

function outcomeOf(fault: HttpFault, perform: () => AmazonAnswer): HttpOutcome {
  switch (fault) {
    case 'none': {
      const { status, body, headers } = perform();
      const requestId = headers['x-amzn-RequestId'];
      return { status, body, ...(requestId !== undefined && { requestId }) };
    }
    case 'not-sent':
      return { failed: 'before-sending' };
    case 'lost-before':
      return { failed: 'after-sending' };
    case 'lost-after':
      perform();
      return { failed: 'after-sending' };
    default:
      if (fault.hasEffect) {
        perform();
      }
      return { status: fault.status, body: fault.body };
  }
}

/** What the caller learned. Written independently of the core's own classification. */
function answerIn(outcome: HttpOutcome): Post['answer'] {
  if ('failed' in outcome) {
    return outcome.failed === 'before-sending' ? 'refused' : 'ambiguous';
  }
  const { status } = outcome;
  if (status === 204) {
    return 'accepted';
  }
  return [400, 403, 404, 413, 415, 429].includes(status) ? 'refused' : 'ambiguous';
}
