import { AmazonModel, type Delivery } from '../../local-cloud/amazon/amazon';
import { SecretsManagerModel } from '../../local-cloud/services/secrets-manager';
import type { ApplicationSettings } from '../../lib/contract/application-settings';
import { DETAIL_TYPE, type DetailType, type EventDetail } from '../../lib/contract/event';
import { digestOf } from '../../lambda/core/digest';
import { DAY, HOUR, MINUTE, SECOND, toIso, type Instant } from '../../lambda/core/time';
import { parseEntry } from '../../lambda/core/journal/entry';
import { CallFailed } from '../../lambda/core/ports';
import { Chronicle } from './chronicle';
import { Hub } from './hub';
import { Killed, type Fault, type Surroundings } from './invocation';
import { People } from './people';
import { Promises } from './promises';
import { Random } from './random';
import type { Scenario } from './scenario';
import { Timeline } from './timeline';
import { Trouble, type AwsFate } from './trouble';
import { Truth } from './truth';

export const START = Date.parse('2026-01-01T00:00:00Z');

interface Version {
  readonly id: string | undefined;
  readonly text: string | undefined;
}

/** Everything there is: AWS, Amazon, people and one application whose secret is looked after. */
export class World implements Surroundings {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly chronicle: Chronicle;
  readonly trouble: Trouble;
  readonly secretsManager: SecretsManagerModel;
  readonly amazon: AmazonModel;
  readonly truth: Truth;
  readonly promises: Promises;
  readonly people: People;
  readonly settings: ApplicationSettings;
  readonly secretArn: string;
  readonly hasQueueKey: boolean;
  readonly hub: Hub;
  /** Deployed now and then by somebody who does not know of the first. */
  readonly secondHub: Hub;
  /** A test harms one call of many. */
  injection: { readonly call: number; readonly fault: Fault } | undefined;
  /** For a story: how long LWA does not know what is rotated next. */
  propagation: number | undefined;
  /** For a story: called once, when a version has been put with AWSPENDING. */
  onStaged: (() => void) | undefined;
  /** Whether calls are counted, for a test that harms one after the other, and their names. */
  countsCalls = false;
  readonly calls: string[] = [];
  private readonly neighbour: ApplicationSettings | undefined;
  private busyUntil: Instant = Number.NEGATIVE_INFINITY;
  private pumpAt: Instant = Number.POSITIVE_INFINITY;
  private nonces = 0;
  private hindrances = 0;
  private hinderedFrom: Instant = Number.NEGATIVE_INFINITY;
  private hinderedUntil: Instant = Number.NEGATIVE_INFINITY;
  private cached: { readonly value: string | undefined; readonly at: Instant } = { value: undefined, at: 0 };

  constructor(
    readonly scenario: Scenario,
    listener?: (line: string) => void,
  ) {
    const { amazon: traits, noise, secretAge } = scenario;
    this.random = new Random(noise);
    const issuedAt = START - secretAge * DAY;
    this.timeline = new Timeline(issuedAt);
    const clock = this.timeline;
    this.chronicle = new Chronicle(() => clock.now(), listener);
    this.trouble = new Trouble(scenario, this.random, () => clock.now(), this.chronicle);
    this.secretsManager = new SecretsManagerModel({
      clock,
      seed: `sm ${noise}`,
      readLag: () => this.trouble.readLag(),
    });
    this.amazon = new AmazonModel({
      clock,
      seed: `amazon ${noise}`,
      behaviour: {
        ...traits,
        refusedDeliveryIsRetried: false,
        testMessageAtRegistration: traits.sendsTestMessage ? 'This is a test.' : undefined,
      },
    });
    const { clientId, clientSecret } = this.amazon.createApplication({ issuedAt });
    this.truth = new Truth(this.amazon, clientId);
    this.secretArn = this.secretsManager.createSecret({ Name: 'app' }).ARN ?? '';
    this.settings = settingsOf('App', this.secretArn, scenario);
    this.neighbour = scenario.hasNeighbour
      ? settingsOf('Neighbour', this.secretsManager.createSecret({ Name: 'neighbour' }).ARN ?? '', scenario)
      : undefined;
    this.hasQueueKey = scenario.hasQueueKey;
    this.promises = new Promises(this);
    this.hub = new Hub(this, 'first');
    this.secondHub = new Hub(this, 'second');
    this.people = new People(this);
    // A person stored the secret on some day between its making and the deployment.
    clock.at(issuedAt + this.random.next() * secretAge * DAY, () => {
      this.people.write(this.firstText(clientId, clientSecret));
    });
  }

  /** Lives through the scenario and the quiet weeks after it. */
  async live(): Promise<void> {
    const { scenario, timeline } = this;
    await timeline.run(START);
    this.chronicle.say(() => `the stack is deployed; the secret is ${scenario.secretAge} days old`);
    this.hub.deploy();
    timeline.after(scenario.registeredAfterHours * HOUR, () => {
      this.people.register(this.hub);
    });
    for (const weather of scenario.weather.filter(({ day }) => day < scenario.days)) {
      timeline.at(START + weather.day * DAY, () => {
        this.chronicle.say(
          () => `weather: ${weather.kind}, ${weather.strength} of it, for ${weather.hours.toFixed(1)} hours`,
        );
        this.trouble.begin(weather);
        this.hinder(weather.hours);
        this.stir(Math.min(weather.hours * HOUR, 12 * HOUR));
        timeline.after(weather.hours * HOUR, () => {
          this.chronicle.say(() => `weather: ${weather.kind} is over`);
          this.trouble.end(weather);
          this.stir(8 * HOUR);
        });
      });
    }
    for (const act of scenario.acts.filter(({ day }) => day < scenario.days)) {
      timeline.at(START + act.day * DAY, () => {
        this.people.perform(act);
      });
    }
    this.cleanUp();
    this.stir(3 * DAY);
    for (let day = 5; day <= scenario.days; day += 5) {
      await timeline.run(START + day * DAY);
      if (this.chronicle.violation !== undefined) {
        return;
      }
    }
    await this.quietWeeks();
  }

  // What an invocation needs.

  now(): Instant {
    return this.timeline.now();
  }

  after(milliseconds: number, act: () => void): void {
    this.timeline.after(milliseconds, act);
  }

  latency(): number {
    return this.trouble.latency();
  }

  freeze(): number {
    return this.trouble.freeze();
  }

  awsFate(service: string): AwsFate {
    return this.trouble.awsFate(service);
  }

  say(words: () => string): void {
    this.chronicle.say(words);
  }

  injected(call: string): Fault | undefined {
    if (!this.countsCalls) {
      return undefined;
    }
    this.calls.push(call);
    return this.calls.length - 1 === this.injection?.call ? this.injection.fault : undefined;
  }

  nonce(): string {
    this.nonces += 1;
    return `nonce ${this.nonces}`;
  }

  applicationsOf(hub: Hub): ApplicationSettings[] {
    return this.neighbour === undefined || hub !== this.hub ? [this.settings] : [this.settings, this.neighbour];
  }

  expectKilledOrUnread(error: unknown): void {
    if (!(error instanceof Killed) && !(error instanceof CallFailed)) {
      this.promises.violate('no-defect', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  // Time.

  /** Something happened that deserves hourly sweeps for a while. */
  stir(milliseconds: number): void {
    this.busyUntil = Math.max(this.busyUntil, this.now() + milliseconds);
    this.hub.wake();
    this.secondHub.wake();
  }

  isBusy(): boolean {
    return this.now() < this.busyUntil;
  }

  /** Something keeps the functions or Amazon from their work. */
  hinder(hours: number): void {
    const now = this.now();
    if (this.hindrances === 0 && this.hinderedUntil < now - DAY) {
      this.hinderedFrom = now;
    }
    this.hindrances += 1;
    this.after(hours * HOUR, () => {
      this.hindrances -= 1;
      this.hinderedUntil = this.now();
    });
  }

  /** Since when the functions have had no free day. */
  hinderedSince(): Instant | undefined {
    return this.hindrances > 0 || this.hinderedUntil > this.now() - DAY ? this.hinderedFrom : undefined;
  }

  tick(): void {
    this.promises.tick(this.hub);
    this.people.tick();
    if (this.now() - this.cached.at >= HOUR) {
      this.cached = { value: this.currentSecret(), at: this.now() };
    }
  }

  /** Whether the hub has looked lately enough to know. */
  isLooked(hub: Hub): boolean {
    return hub.answeredAt > this.now() - 2 * DAY;
  }

  // Amazon.

  /** Whatever the next rotation meets. */
  prepareRotation(): void {
    this.amazon.behaviour.propagationDelay = this.propagation ?? this.trouble.propagation();
    this.amazon.behaviour.deliveryDelay = this.trouble.delivery();
  }

  /** Takes what Amazon has to send, now and whenever there is more. */
  pump(): void {
    for (const delivery of this.amazon.takeDueDeliveries()) {
      this.deliver(delivery);
    }
    const next = this.amazon.nextDeliveryAt();
    if (next !== undefined && next < this.pumpAt) {
      this.pumpAt = next;
      this.timeline.at(next, () => {
        this.pumpAt = Number.POSITIVE_INFINITY;
        this.pump();
      });
    }
  }

  /** Amazon sends a notice that the current client secret expires in so many days. */
  notify(days: number): void {
    const { queue } = this.hub;
    queue.send(
      JSON.stringify({
        notificationType: 'APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY',
        payload: {
          applicationOAuthClientSecretExpiry: {
            clientId: this.truth.clientId,
            clientSecretExpiryTime: new Date(this.now() + days * DAY).toISOString(),
          },
        },
      }),
    );
    this.truth.lastNoticeAt = this.now();
    this.hub.poll(10);
  }

  /** A function published an event. */
  published(hub: Hub, type: DetailType, detail: EventDetail): void {
    this.promises.leaksNothing(detail);
    this.chronicle.count(`event: ${type}`);
    this.say(() => `event: ${type} ${detail.kind ?? ''}`);
    if (type === DETAIL_TYPE.rotated) {
      this.truth.toldAt = this.now();
      this.promises.tellsTruth(detail);
    }
    if (type === DETAIL_TYPE.failed || type === DETAIL_TYPE.stalled) {
      hub.reportedAt = this.now();
    }
    const target = [this.hub, this.secondHub].find(({ arn }) => arn === detail.hub);
    if (type === DETAIL_TYPE.expiring && target?.isDeployed === true) {
      const times = this.trouble.isOver ? 1 : this.random.pick([1, 1, 1, 1, 0, 2]);
      for (let time = 0; time < times; time++) {
        this.after(this.random.between(0.1, 60) * SECOND, () => {
          const application = this.settings.id;
          void target.rotate({ action: 'reconcile', application, force: false, requestedBy: undefined }, 'rule');
        });
      }
    }
  }

  // What is true of the secret, without lag.

  currentVersion(): Version {
    const version = this.labelled().find(({ labels }) => labels.includes('AWSCURRENT'));
    return { id: version?.versionId, text: version?.text };
  }

  textOf(versionId: string): string | undefined {
    return this.secretsManager.inspect(this.secretArn).find((version) => version.versionId === versionId)?.text;
  }

  currentSecret(): string | undefined {
    return this.secretIn(this.currentVersion().text);
  }

  cachedSecret(): string | undefined {
    return this.cached.value;
  }

  secretIn(text: string | undefined): string | undefined {
    return stringIn(text, 'clientSecret');
  }

  clientIn(text: string | undefined): string | undefined {
    return stringIn(text, 'clientId');
  }

  /** AWSCURRENT may have moved. */
  landed(): void {
    const { id } = this.currentVersion();
    if (id !== undefined) {
      this.truth.wereCurrent.add(id);
    }
    const value = this.currentSecret();
    if (value !== undefined && !this.truth.landed.has(value)) {
      this.truth.landed.set(value, this.now());
    }
  }

  /** Whether a client secret is in a queue or a labelled version. */
  isSomewhere(value: string): boolean {
    return (
      this.labelled().some(({ text }) => text?.includes(value)) ||
      [this.hub, this.secondHub].some((hub) =>
        [hub.queue, hub.deadLetters, hub.unclaimed].some((queue) =>
          queue.inspect().some(({ body }) => body.includes(value)),
        ),
      )
    );
  }

  nameOf(value: string | undefined): string {
    const number = this.amazon.secretsOf(this.truth.clientId).findIndex((secret) => secret.value === value);
    return number < 0 ? 'no client secret of Amazon' : `client secret ${number}`;
  }

  /** What a version holds, in words. */
  describe(versionId: string): string {
    const text = this.textOf(versionId);
    const entry = parseEntry(text);
    if (entry === undefined) {
      return ` (${this.nameOf(this.secretIn(text))})`;
    }
    const name = (digest: string): string => {
      const number = this.amazon.secretsOf(this.truth.clientId).findIndex(({ value }) => digestOf(value) === digest);
      return number < 0 ? '?' : String(number);
    };
    const { rotation, newest } = entry;
    return ` (journal ${entry.sequence} of ${entry.hub === this.hub.arn ? 'first' : 'second'}: ${
      rotation === null ? 'no rotation' : `rotation ${rotation.outcome}, attempt ${rotation.attempt}`
    }, ${
      newest === null ? 'none delivered' : `newest ${name(newest.digest)}${newest.announced ? ' announced' : ''}`
    }, baseline ${name(entry.baseline.digest)}, superseded ${entry.superseded.map(name).join(' ')}, expiry by ${entry.expiry.source})`;
  }

  // Why it is nobody's fault but a person's.

  whyNotRotated(expiresAt: Instant): string | undefined {
    const { truth } = this;
    if (this.scenario.isNotifyOnly) {
      return 'NOTIFY_ONLY, and nobody rotated';
    }
    const hindered = this.hinderedSince();
    if (hindered !== undefined && hindered < this.now() - 5 * DAY) {
      return 'hindered for longer than the overlap';
    }
    if (truth.lastNoticeAt < expiresAt - 8 * DAY && truth.delivered.size === 0) {
      return 'nobody could know how old the imported client secret was';
    }
    return this.whyLeftToPerson();
  }

  whyLeftToPerson(): string | undefined {
    const { answer, keptKind } = this.hub;
    const kind = answer?.kind ?? (keptKind === 'order-unknown' ? keptKind : undefined);
    if (kind !== undefined) {
      return `left to a person who did not act in time: ${kind}`;
    }
    if (this.hub.unclaimedOfOurs().length > 0) {
      return 'left to a person who did not act in time: unclaimed';
    }
    const letters = this.hub.deadLetters.inspect();
    return letters.some(({ receiveCount }) => receiveCount >= 20)
      ? 'left to a person who did not act in time: dead letters'
      : undefined;
  }

  private labelled(): ReturnType<SecretsManagerModel['inspect']> {
    return this.secretsManager.inspect(this.secretArn).filter(({ labels }) => labels.length > 0);
  }

  private deliver(delivery: Delivery): void {
    const hub = [this.hub, this.secondHub].find(({ arn }) => arn === delivery.queueArn);
    if (hub?.takesMessages() !== true) {
      this.chronicle.count('deliveries refused by the queue');
      this.say(() => `Amazon's message is refused by the queue`);
      if (this.scenario.amazon.refusedDeliveryIsRetried) {
        this.after(this.random.between(1, 60) * MINUTE, () => {
          this.deliver(delivery);
        });
      }
      return;
    }
    hub.queue.send(delivery.body);
    this.say(() => `Amazon's message (${delivery.kind}) is in the queue of the ${hub.name} hub`);
    this.chronicle.count(`delivered: ${delivery.kind}`);
    const value = this.amazon
      .secretsOf(this.truth.clientId)
      .find((secret) => delivery.body.includes(secret.value))?.value;
    if (delivery.kind === 'expiry') {
      this.truth.lastNoticeAt = this.now();
      for (const secret of this.amazon.secretsOf(this.truth.clientId)) {
        if (delivery.body.includes(toIso(secret.expiresAt))) {
          this.truth.noticed.add(secret.value);
        }
      }
    }
    if (value !== undefined) {
      this.truth.wasDelivered(value, hub, this.now());
    }
    this.trouble.note();
    this.stir(5 * HOUR);
    hub.poll(this.random.between(5, 2000));
  }

  /** Secrets Manager deletes versions without a label, in the worst case all that are older than a day. */
  private cleanUp(): void {
    this.after(this.random.between(1, 20) * DAY, () => {
      this.promises.beforeLoss();
      this.secretsManager.removeUnlabelledVersions(this.secretArn, { newest: this.random.pick([0, 0, 10, 100]) });
      this.promises.nothingLost('Secrets Manager deleted versions without a label');
      this.cleanUp();
    });
  }

  /** All faults end. Either all is well again by itself, or after a person did what the hub asked for. */
  private async quietWeeks(): Promise<void> {
    const { timeline, trouble, people } = this;
    this.say(() => 'all faults end');
    trouble.isOver = true;
    for (let round = 0; round < 6; round++) {
      people.repairSurroundings();
      trouble.note();
      this.stir(DAY);
      await timeline.run(this.now() + 9 * DAY);
      if (this.chronicle.violation !== undefined) {
        return;
      }
      if (['requested', 'in-flight', 'promoted'].includes(this.hub.answer?.outcome ?? '')) {
        // It was due just now.
        this.stir(DAY);
        await timeline.run(this.now() + DAY);
      }
      const problem = this.notWell();
      if (problem === undefined) {
        this.chronicle.count(`well again after ${round} times help`);
        return;
      }
      this.say(() => `not well: ${problem}`);
      if (this.hub.answer?.kind === undefined && this.hub.deadLetters.inspect().length === 0) {
        this.promises.violate('healthy-again', `${problem}, and nobody was asked`);
        return;
      }
      people.help();
    }
    this.promises.violate('healthy-again', `${this.notWell() ?? ''}, although people helped`);
  }

  /** What is not as it should be; `undefined` when all is well. */
  notWell(): string | undefined {
    const { answer } = this.hub;
    const isWell =
      answer?.outcome === 'healthy' ||
      (answer?.outcome === 'not-rotated' && (answer.guard === 'overlap' || answer.guard === 'notify-only'));
    if (!isWell || (answer.kind !== undefined && answer.guard !== 'notify-only')) {
      return `the answer is ${answer?.outcome ?? 'none'} ${answer?.kind ?? ''}`;
    }
    const { promotedAt, toldAt, journalLostAt } = this.truth;
    if (toldAt < promotedAt && journalLostAt < promotedAt) {
      return `consumers were not told of ${this.nameOf(this.currentSecret())}`;
    }
    if (!this.truth.works(this.currentSecret())) {
      return `${this.nameOf(this.currentSecret())} is current and does not work`;
    }
    const isNewest = (value: string): boolean => !this.truth.isNewer(this.currentSecret(), value);
    const waiting = [this.hub.queue, this.hub.deadLetters].flatMap((queue) => queue.inspect());
    const left = this.amazon
      .secretsOf(this.truth.clientId)
      .find(
        ({ value }) =>
          isNewest(value) && value !== this.currentSecret() && waiting.some(({ body }) => body.includes(value)),
      );
    return left === undefined ? undefined : `${this.nameOf(left.value)} is still in a queue`;
  }

  private firstText(clientId: string, clientSecret: string): string {
    const style = this.random.integer(0, 3);
    const plain = JSON.stringify({ clientId, clientSecret });
    const texts = [
      plain,
      JSON.stringify({ other: 1, clientId, clientSecret, note: 'ü' }, undefined, 2),
      `{"refresh" : "Atzr", "big":12345678901234567890, ${plain.slice(1)}`,
      `{"a":1,"a":2,\r\n "clientSecret":"${clientSecret}","clientId":"${clientId}"}\n`,
    ];
    return texts[style] ?? plain;
  }
}

function settingsOf(id: string, secretArn: string, { rotateAfterDays, isNotifyOnly }: Scenario): ApplicationSettings {
  return {
    id,
    secretArn,
    endpoint: 'https://sellingpartnerapi-eu.amazon.com',
    rotateAfterDays,
    mode: isNotifyOnly ? 'NOTIFY_ONLY' : 'AUTOMATIC',
    clientIdField: 'clientId',
    clientSecretField: 'clientSecret',
  };
}

function stringIn(text: string | undefined, key: string): string | undefined {
  try {
    const value = (JSON.parse(text ?? 'null') as Record<string, unknown> | null)?.[key];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
