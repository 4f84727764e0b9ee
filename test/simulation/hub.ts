import { QueueModel, type ReceivedMessage } from '../../local-cloud/services/queue-model';
import type { FailureKind } from '../../lib/contract/failure-kind';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import type { Application, HttpOutcome, Ports, QueueAttributes } from '../../lambda/core/ports';
import { withDeadline } from '../../lambda/core/deadline';
import { failureOf } from '../../lambda/core/failure';
import { DAY, HOUR, MINUTE, SECOND, type Instant } from '../../lambda/core/time';
import { readDirectory, type Directory } from '../../lambda/core/messages/directory';
import { processMessage, type MessageContext } from '../../lambda/core/messages/message';
import type { Observation } from '../../lambda/core/observation';
import type { RotateRequest } from '../../lambda/core/rotation/request';
import { reconcileAll } from '../../lambda/core/reconcile/all';
import type { AmazonAnswer } from '../../local-cloud/amazon/amazon-answer';
import { ROTATION_SCOPE } from '../../local-cloud/amazon/amazon';
import { doomOf, Invocation, Killed, ROTATE_TIMEOUT, STORE_TIMEOUT } from './invocation';
import { SimulatedSecret } from './secret';
import { quietInterval, type HttpFate } from './trouble';
import type { Post } from './truth';
import type { World } from './world';

const CLOSING = 5 * SECOND;
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
const RECONCILE: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };

/** One deployment of the stack: two functions, three queues, a schedule and a rule. */
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
  addedAt: Instant = Number.NaN;
  /** What the last complete sweep said of the application, and since when it says so. */
  answer: ApplicationAnswer | undefined;
  answeredAt: Instant = Number.NEGATIVE_INFINITY;
  answeredSince: Instant = Number.NEGATIVE_INFINITY;
  /** When something that a person should see was last logged or published. */
  reportedAt: Instant = Number.NEGATIVE_INFINITY;
  /** Why a message was kept last, as the log has it. */
  keptKind: FailureKind | undefined;
  private readonly invocations = new Set<Invocation>();
  private storeRuns = 0;
  private nextPoll: Instant = Number.POSITIVE_INFINITY;
  private nextTick: Instant = Number.POSITIVE_INFINITY;
  private count = 0;
  private readonly told = new Map<string, string>();

  constructor(
    private readonly world: World,
    readonly name: string,
  ) {
    this.arn = `arn:aws:sqs:eu-west-1:111122223333:${name}`;
    const clock = world.timeline;
    const retentionSeconds = (14 * DAY) / SECOND;
    this.deadLetters = new QueueModel({ clock, arn: `${this.arn}-dead-letters`, retentionSeconds });
    this.unclaimed = new QueueModel({ clock, arn: `${this.arn}-unclaimed`, retentionSeconds });
    this.queue = new QueueModel({
      clock,
      arn: this.arn,
      retentionSeconds,
      visibilitySeconds: 360,
      redrive: { maxReceiveCount: 20, deadLetterQueue: () => this.deadLetters },
      pick: (count) => world.random.integer(0, count - 1),
      // Each copy may be repeated again: without an end to it a queue of thousands would come of one message.
      isDeliveredAgain: () => world.trouble.repeatsMessage() && this.queue.inspect().length < 8,
    });
  }

  /** @param isScheduled whether sweeps come by themselves */
  deploy(isScheduled = true): void {
    this.isDeployed = true;
    this.addedAt = this.world.timeline.now();
    if (isScheduled) {
      this.tickAt(this.addedAt + this.world.random.between(0, HOUR));
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

  /** What Amazon's SendMessage meets. */
  takesMessages(): boolean {
    return this.hasPolicy && this.isKeyGranted;
  }

  /** Since when a message waits that nobody takes: what the alarm on the age of the oldest message looks at. */
  waitsSince(): Instant {
    const waiting = this.queue.inspect().filter(({ receiveCount }) => receiveCount < 3);
    return Math.min(...waiting.map(({ sentAt }) => sentAt));
  }

  /** The messages for this application that came while its secret held another client id; an alarm tells of them. */
  unclaimedOfOurs(): readonly { readonly sentAt: Instant }[] {
    return this.unclaimed.inspect().filter(({ body }) => body.includes(this.world.truth.clientId));
  }

  /** Lets the event source look for messages after a while. */
  poll(milliseconds: number): void {
    const at = this.world.timeline.now() + milliseconds;
    if (at >= this.nextPoll) {
      return;
    }
    this.nextPoll = at;
    this.world.timeline.at(at, () => {
      if (this.nextPoll === at) {
        this.nextPoll = Number.POSITIVE_INFINITY;
        this.receive();
      }
    });
  }

  /** Something happened: sweeps come hourly again. */
  wake(): void {
    const { now, random } = { now: this.world.timeline.now(), random: this.world.random };
    if (this.isDeployed && Number.isFinite(this.nextTick) && this.nextTick > now + HOUR) {
      this.tickAt(now + random.between(0, HOUR));
    }
  }

  /** A run of the rotate function. */
  async rotate(request: RotateRequest, name = 'rotate'): Promise<ApplicationAnswer[] | undefined> {
    const { world } = this;
    const invocation = this.invoke(name, ROTATE_TIMEOUT);
    const deadline = world.timeline.now() + ROTATE_TIMEOUT - CLOSING;
    invocation.automatic = request.action === 'reconcile';
    invocation.forced = request.force;
    invocation.readsOnly = request.action === 'status' || request.action === 'check';
    try {
      const applications = await this.applications(invocation, deadline);
      const answers = await reconcileAll(applications, request, world.timeline, deadline);
      this.mustLive(invocation);
      for (const answer of answers) {
        world.promises.leaksNothing(answer);
        this.tell(invocation, answer);
      }
      return answers;
    } catch (error) {
      world.expectKilledOrUnread(error);
      return undefined;
    } finally {
      this.invocations.delete(invocation);
    }
  }

  /** Whoever is killed answers nothing. */
  private mustLive(invocation: Invocation): void {
    if (invocation.isDead && invocation.doom === undefined) {
      this.world.promises.violate('no-defect', `${invocation.name} was killed, and went on`);
    }
  }

  /** Once for as long as it is the same: sweeps come every hour. */
  private tell(invocation: Invocation, { application, outcome, guard, kind }: ApplicationAnswer): void {
    const words = `${application}: ${outcome} ${guard ?? ''} ${kind ?? ''}`;
    if (words !== this.told.get(application)) {
      this.told.set(application, words);
      this.world.chronicle.say(() => `${invocation.name} answers ${words}`);
    }
  }

  private tickAt(at: Instant): void {
    this.nextTick = at;
    this.world.timeline.at(at, () => {
      if (this.nextTick === at && this.isDeployed) {
        this.tick();
      }
    });
  }

  private tick(): void {
    const { world } = this;
    world.tick();
    const delay = this.isScheduleEnabled ? world.trouble.sweepDelay() : undefined;
    if (delay !== undefined) {
      world.timeline.after(delay, () => {
        void this.sweep();
      });
      if (world.random.chance(world.scenario.callFaults)) {
        world.timeline.after(delay + world.random.between(0, MINUTE), () => {
          void this.sweep();
        });
      }
    }
    const interval = world.isBusy() ? HOUR : this.isSettled() ? quietInterval(world.random) : 6 * HOUR;
    this.tickAt(world.timeline.now() + interval);
  }

  /** Nothing is going on, or for days nothing but the same. */
  private isSettled(): boolean {
    return this.answer?.outcome === 'healthy' || this.answeredSince < this.world.timeline.now() - 6 * DAY;
  }

  async sweep(): Promise<void> {
    const { world } = this;
    world.chronicle.count('sweeps');
    const answers = await this.rotate(RECONCILE, 'sweep');
    const answer = answers?.find(({ application }) => application === world.settings.id);
    if (answer !== undefined) {
      const changed = this.answer?.outcome !== answer.outcome || this.answer.kind !== answer.kind;
      const now = world.timeline.now();
      this.answeredSince = changed ? now : this.answeredSince;
      this.answeredAt = now;
      this.answer = answer;
      world.chronicle.count(`answer: ${answer.outcome}${answer.kind === undefined ? '' : ` ${answer.kind}`}`);
      if (changed) {
        world.stir(4 * HOUR);
      }
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
        void this.store(batch);
        this.poll(world.random.between(10, 500));
        return;
      }
    }
    const next = this.queue.nextVisibleAt();
    if (next !== undefined) {
      this.poll(Math.max(next - world.timeline.now(), 0) + world.random.between(10, 5000));
    }
  }

  /** A run of the store function, as `lambda/store/index.ts` has it, and what Lambda's event source does after it. */
  private async store(batch: readonly ReceivedMessage[]): Promise<void> {
    const { world } = this;
    this.storeRuns += 1;
    const invocation = this.invoke('store', STORE_TIMEOUT);
    invocation.automatic = true;
    const deadline = world.timeline.now() + STORE_TIMEOUT - CLOSING;
    let directory: Promise<Directory> | undefined;
    const surroundings: MessageContext = {
      directory: () => (directory ??= this.directory(invocation, deadline)),
      observe: this.observe,
      now: () => world.timeline.now(),
    };
    const served = await Promise.all(
      batch.map(async (message) => {
        try {
          return await this.serve(invocation, message, surroundings);
        } catch (error) {
          world.expectKilledOrUnread(error);
          return false;
        }
      }),
    );
    this.invocations.delete(invocation);
    this.storeRuns -= 1;
    // A killed function answers nothing: the event source deletes nothing.
    if (!invocation.isDead) {
      batch.forEach((message, index) => {
        if (served[index] === true) {
          world.promises.beforeLoss();
          this.queue.delete(message.receiptHandle);
          world.promises.nothingLost(`the message ${message.messageId} was acknowledged`);
        }
      });
    }
    this.poll(world.random.between(10, 1000));
  }

  /** @returns whether the message may be deleted */
  private async serve(invocation: Invocation, message: ReceivedMessage, surroundings: MessageContext): Promise<boolean> {
    const { world } = this;
    const handled = await processMessage(
      {
        messageId: message.messageId,
        body: message.body,
        sentAt: Number(message.attributes.SentTimestamp),
        receiveCount: Number(message.attributes.ApproximateReceiveCount),
      },
      surroundings,
    );
    world.chronicle.count(`message: ${handled.disposition}`);
    world.chronicle.say(
      () =>
        `${invocation.name}: message ${message.messageId.slice(0, 8)} (receive ${message.attributes.ApproximateReceiveCount ?? ''}): ${handled.disposition}`,
    );
    try {
      switch (handled.disposition) {
        case 'acknowledge':
          return true;
        case 'unclaimed':
          await invocation.aws('sqs', 'SendMessage', () => this.unclaimed.send(message.body));
          return true;
        case 'keep':
          await invocation.aws('sqs', 'ChangeMessageVisibility', () => {
            this.queue.changeVisibility(message.receiptHandle, handled.hiddenSeconds);
          });
      }
    } catch (error) {
      if (error instanceof Killed) {
        throw error;
      }
      surroundings.observe({ what: 'message kept', messageId: message.messageId, ...failureOf(error) });
    }
    return false;
  }

  private async directory(invocation: Invocation, deadline: Instant): Promise<Directory> {
    const applications = await this.applications(invocation, deadline);
    return readDirectory(
      applications.map((application) => ({ ...application, ports: withDeadline(application.ports, deadline) })),
    );
  }

  private async applications(invocation: Invocation, deadline: Instant): Promise<Application[]> {
    const { world } = this;
    const list = await invocation.aws('ssm', 'GetParametersByPath', () => world.applicationsOf(this));
    let attributes: Promise<QueueAttributes | undefined> | undefined;
    const queue = { attributes: () => (attributes ??= this.attributes(invocation)) };
    return list.map((settings) => ({
      settings,
      hub: this.arn,
      queueKeyArn: world.hasQueueKey ? QUEUE_KEY : undefined,
      ports: this.ports(invocation, settings.secretArn, queue, deadline),
    }));
  }

  private attributes(invocation: Invocation): Promise<QueueAttributes | undefined> {
    return invocation.aws('sqs', 'GetQueueAttributes', () => {
      invocation.sawPolicy = this.hasPolicy;
      return {
        policy: this.hasPolicy ? POLICY : undefined,
        key: this.world.hasQueueKey ? QUEUE_KEY : undefined,
        retentionSeconds: this.queue.retentionSeconds,
      };
    });
  }

  private ports(invocation: Invocation, secretArn: string, queue: Ports['queue'], deadline: Instant): Ports {
    const { world } = this;
    return {
      secrets: new SimulatedSecret(invocation, world.secretsManager, secretArn, world.promises.watch(invocation)),
      lwa: {
        exchange: ({ clientId, clientSecret }) =>
          invocation.call<HttpOutcome>('lwa', (resolve, _, fault) => {
            const grant = { grantType: 'client_credentials', scope: ROTATION_SCOPE, clientId, clientSecret };
            resolve(outcomeOf(fault?.http ?? world.trouble.httpFate('lwa'), () => world.amazon.exchange(grant)));
          }),
      },
      spApi: {
        timeout: 30 * SECOND,
        rotateClientSecret: (accessToken) => this.post(invocation, accessToken),
      },
      queue,
      events: {
        publish: (type, detail) =>
          invocation.aws('events', 'PutEvents', () => {
            world.published(this, type, detail);
          }),
      },
      clock: world.timeline,
      nonce: () => world.nonce(),
      observe: this.observe,
      deadline,
    };
  }

  private post(invocation: Invocation, accessToken: string): Promise<HttpOutcome> {
    const { world } = this;
    const post: Post = { at: world.timeline.now(), hub: this.name, answer: 'unknown', secret: undefined };
    world.promises.mayPost(this, invocation, post);
    world.truth.posts.push(post);
    world.chronicle.count('rotations asked for');
    world.stir(10 * HOUR);
    return invocation.call<HttpOutcome>('rotation', (resolve, _, fault) => {
      const rotations = world.amazon.rotations.length;
      world.prepareRotation();
      const outcome = outcomeOf(fault?.http ?? world.trouble.httpFate('rotation'), () =>
        world.amazon.rotate(accessToken),
      );
      post.secret = world.amazon.rotations.slice(rotations).at(-1)?.clientSecret;
      post.answer = answerIn(outcome);
      world.chronicle.say(
        () =>
          `${invocation.name}: Amazon ${post.secret === undefined ? 'does not rotate' : `rotates, makes ${world.nameOf(post.secret)}`}; the caller learns: ${post.answer} (${'failed' in outcome ? outcome.failed : outcome.status})`,
      );
      world.chronicle.count(`rotations ${post.answer}${post.secret === undefined ? '' : ', done'}`);
      world.pump();
      resolve(outcome);
    });
  }

  private readonly observe = (observation: Observation): void => {
    const { world } = this;
    world.promises.leaksNothing(observation);
    if (observation.kind !== undefined) {
      this.reportedAt = world.timeline.now();
      this.keptKind = observation.what === 'message kept' ? observation.kind : this.keptKind;
    }
    if (observation.what !== 'application looked at' && observation.what !== 'message acknowledged') {
      world.chronicle.count(
        `observed: ${observation.what}${observation.kind === undefined ? '' : ` ${observation.kind}`}`,
      );
      world.chronicle.say(
        () => `${this.name} logs: ${observation.what} ${observation.kind ?? ''} ${observation.code ?? ''}`,
      );
    }
  };

  private invoke(name: string, timeout: number): Invocation {
    const { world } = this;
    this.count += 1;
    const invocation = new Invocation(`${this.name}/${name} ${this.count}`, world, world.timeline.now() + timeout);
    if (world.trouble.kills()) {
      invocation.doom = doomOf(world.random);
      world.chronicle.count('fault: function killed');
    }
    this.invocations.add(invocation);
    return invocation;
  }
}

function outcomeOf(fate: HttpFate, perform: () => AmazonAnswer): HttpOutcome {
  switch (fate) {
    case 'done': {
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
      if (fate.hasEffect) {
        perform();
      }
      return { status: fate.status, body: fate.body };
  }
}

/** Independent of the core's own classification. */
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
