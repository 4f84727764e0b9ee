import { AmazonModel, type Delivery } from '../fakes/amazon';
import { SecretsManagerModel } from 'local-cloud/models';
import type { ApplicationSettings } from '../../lib/contract/application-settings';
import { DETAIL_TYPE, type DetailType, type EventDetail } from '../../lib/contract/event';
import { digestOf } from '../../lambda/core/digest';
import { DAY, HOUR, MINUTE, SECOND, toIso, type Instant } from '../../lambda/core/time';
import { attemptsOf, firstEntry, parseEntry } from '../../lambda/core/journal/entry';
import { CallFailed } from '../../lambda/core/ports';
import { EventLog } from './event-log';
import { Hub, RECONCILE } from './hub';
import type { InjectedFault, Environment } from './invocation';
import { Operators } from './operators';
import { Invariants } from './invariants';
import { Random } from './random';
import { recover } from './recovery';
import { dayOf, type OperatorAction, type Outage, type WorldParameters } from './world-parameters';
import { Timeline } from './timeline';
import { FaultInjector, type AwsFault } from './fault-injector';
import { GroundTruth } from './ground-truth';
import { Sharers } from './sharers';

export const START = Date.parse('2026-01-01T00:00:00Z');

/** What is AWSCURRENT. */
export interface SecretText {
  readonly id: string | undefined;
  readonly text: string | undefined;
}

/** Everything there is: AWS, Amazon, operators, and one application whose secret the functions rotate. */
export class World implements Environment {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly eventLog: EventLog;
  readonly faults: FaultInjector;
  readonly secretsManager: SecretsManagerModel;
  readonly amazon: AmazonModel;
  readonly truth: GroundTruth;
  readonly invariants: Invariants;
  readonly operators: Operators;
  settings: ApplicationSettings;
  readonly secretArn: string;
  readonly hasQueueKey: boolean;
  readonly hub: Hub;
  /** Deployed now and then by somebody who does not know of the first. */
  readonly secondHub: Hub;
  /** Deployed now and then while there is a second one. */
  readonly thirdHub: Hub;
  readonly hubs: readonly Hub[];
  readonly sharers: Sharers;
  /** Somebody lets Secrets Manager rotate the secret, too. */
  hasManagedRotation = false;
  /** A fault that a test injects into one call. */
  injection: { readonly call: number; readonly fault: InjectedFault } | undefined;
  /** For a scenario: how long LWA does not know what is rotated next. */
  propagation: number | undefined;
  /** For a scenario: how long the message of what is rotated next is under way. */
  deliveryDelay: number | undefined;
  /** For a scenario: called once, when a version has been put with AWSPENDING. */
  onStaged: (() => void) | undefined;
  /** Whether the names of calls are recorded, for a test that injects a fault into one after the other. */
  recordsCalls = false;
  readonly calls: string[] = [];
  /** Which of so many visible messages is received next. */
  pick = (count: number): number => this.random.integer(0, count - 1);
  private readonly neighbour: ApplicationSettings | undefined;
  private hourlyUntil: Instant = Number.NEGATIVE_INFINITY;
  private nextDeliveryAt: Instant = Number.POSITIVE_INFINITY;
  private nonces = 0;
  private hindrances = 0;
  private hinderedFrom: Instant = Number.NEGATIVE_INFINITY;
  private hinderedUntil: Instant = Number.NEGATIVE_INFINITY;
  private consumerCache: { readonly value: string | undefined; readonly at: Instant } = { value: undefined, at: 0 };

  constructor(
    readonly parameters: WorldParameters,
    listener?: (line: string) => void,
  ) {
    const { noise, secretAge } = parameters;
    this.random = new Random(noise);
    const issuedAt = START - secretAge * DAY;
    this.timeline = new Timeline(issuedAt);
    const clock = this.timeline;
    this.eventLog = new EventLog(() => clock.now(), listener);
    this.faults = new FaultInjector(parameters, this.random, () => clock.now(), this.eventLog);
    this.secretsManager = new SecretsManagerModel({
      clock,
      seed: `sm ${noise}`,
      readLag: () => this.faults.readLag(),
    });
    this.amazon = amazonOf(parameters, clock);
    const { clientId, clientSecret } = this.amazon.createApplication({ issuedAt });
    this.truth = new GroundTruth(this.amazon, clientId);
    this.secretArn = this.secretsManager.createSecret({ Name: 'app' }).ARN ?? '';
    this.settings = settingsOf('App', this.secretArn, parameters);
    this.neighbour = parameters.hasNeighbour
      ? settingsOf('Neighbour', this.secretsManager.createSecret({ Name: 'neighbour' }).ARN ?? '', parameters)
      : undefined;
    this.hasQueueKey = parameters.hasQueueKey;
    this.invariants = new Invariants(this);
    this.hub = new Hub(this, 'first');
    this.secondHub = new Hub(this, 'second');
    this.thirdHub = new Hub(this, 'third');
    this.hubs = [this.hub, this.secondHub, this.thirdHub];
    this.operators = new Operators(this);
    this.sharers = new Sharers(this);
    // A person stored the secret on some day between its making and the deployment.
    clock.at(issuedAt + this.random.next() * secretAge * DAY, () => {
      const text = this.firstText(clientId, clientSecret);
      this.operators.storeText(text);
      this.sharers.seed(text);
    });
  }

  /** Runs the time with faults, and the weeks without faults after it. */
  async run(): Promise<void> {
    const { parameters, timeline } = this;
    await timeline.run(START);
    this.log(() => `the stack is deployed; the secret is ${parameters.secretAge} days old`);
    this.hub.deploy();
    timeline.after(parameters.registeredAfterHours * HOUR, () => this.operators.register(this.hub));
    for (const outage of parameters.outages) {
      this.onDayOf(outage, () => this.beginOutage(outage));
    }
    for (const action of parameters.operatorActions) {
      this.onDayOf(action, () => this.operators.perform(action));
    }
    this.scheduleVersionCleanUp();
    this.sweepHourlyFor(3 * DAY);
    for (let day = 5; day <= parameters.days; day += 5) {
      await timeline.run(START + day * DAY);
      if (this.eventLog.violation !== undefined) {
        return;
      }
    }
    await recover(this);
  }

  private onDayOf(happening: Outage | OperatorAction, begin: () => void): void {
    const day = dayOf(this.parameters, happening);
    if (day < this.parameters.days) {
      this.timeline.at(START + day * DAY, begin);
    }
  }

  // What an invocation needs.

  now(): Instant {
    return this.timeline.now();
  }

  after(milliseconds: number, action: () => void): void {
    this.timeline.after(milliseconds, action);
  }

  latency(): number {
    return this.faults.latency();
  }

  freeze(): number {
    return this.faults.freeze();
  }

  awsFault(service: string): AwsFault {
    return this.faults.awsFault(service);
  }

  log(words: () => string): void {
    this.eventLog.log(words);
  }

  injectedFault(call: string): InjectedFault | undefined {
    if (!this.recordsCalls) {
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
    const others = [...(this.neighbour === undefined ? [] : [this.neighbour]), ...this.sharers.settings()];
    return hub === this.hub ? [this.settings, ...others] : [this.settings];
  }

  /** Somebody stores a pair in the neighbour's secret, and a journal that no run has written. */
  poisonNeighbour(changes: object): void {
    if (this.neighbour === undefined) {
      return;
    }
    const { secretArn } = this.neighbour;
    const now = this.now();
    const clientId = 'amzn1.application-oa2-client.neighbour';
    const entry = firstEntry({
      hub: this.hub.arn,
      clientId,
      encryptionKey: '',
      now,
      digest: digestOf('neighbours'),
      createdAt: now,
    });
    const credentials = { clientId, [this.settings.clientSecretField]: 'neighbours' };
    try {
      this.secretsManager.putSecretValue({ SecretId: secretArn, SecretString: JSON.stringify(credentials) });
      this.secretsManager.putSecretValue({
        SecretId: secretArn,
        SecretString: JSON.stringify({ ...entry, ...changes }),
        VersionStages: ['SpApiRotationJournal'],
      });
    } catch {
      this.log(() => "a person cannot write the neighbour's secret, because its key is disabled");
      return;
    }
    this.eventLog.count("journals poisoned of the neighbour's");
  }

  /** A run may fail because of a call, and because of nothing else. */
  expectCallFailed(error: unknown): void {
    if (!(error instanceof CallFailed)) {
      this.invariants.violate('no-defect', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  // Time.

  /** Something happened. The hub sweeps hourly for that long, and then rarely again: quiet hours are left out. */
  sweepHourlyFor(milliseconds: number): void {
    this.hourlyUntil = Math.max(this.hourlyUntil, this.now() + milliseconds);
    this.hubs.forEach((hub) => hub.resumeHourlySweeps());
  }

  sweepsHourly(): boolean {
    return this.now() < this.hourlyUntil;
  }

  /** Something keeps the functions or Amazon from their work for that long. */
  recordHindrance(hours: number): void {
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

  checkNow(): void {
    this.invariants.checkPeriodically(this.hub);
    this.operators.checkAlarms();
    if (this.now() - this.consumerCache.at >= HOUR) {
      this.consumerCache = { value: this.currentSecret(), at: this.now() };
    }
  }

  /** Whether a sweep was complete in the last two days. */
  hasAnsweredLately(hub: Hub): boolean {
    return hub.answeredAt > this.now() - 2 * DAY;
  }

  // Amazon.

  /** Draws how long LWA and the message take for the next rotation. */
  prepareRotation(): void {
    this.amazon.behaviour.propagationDelay = this.propagation ?? this.faults.propagation();
    this.amazon.behaviour.deliveryDelay = this.deliveryDelay ?? this.faults.delivery();
  }

  /** Delivers what Amazon sends now, and comes back when Amazon sends more. */
  deliverDueMessages(): void {
    for (const delivery of this.amazon.takeDueDeliveries()) {
      this.deliver(delivery);
    }
    const next = this.amazon.nextDeliveryAt();
    if (next !== undefined && next < this.nextDeliveryAt) {
      this.nextDeliveryAt = next;
      this.timeline.at(next, () => {
        this.nextDeliveryAt = Number.POSITIVE_INFINITY;
        this.deliverDueMessages();
      });
    }
  }

  /** Amazon sends a notice that the current client secret expires in so many days. */
  sendExpiryNotice(days: number): void {
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

  /** A function gave a version this label. */
  onLabelled(label: string): void {
    if (label === 'AWSPENDING') {
      const { onStaged } = this;
      this.onStaged = undefined;
      onStaged?.();
    }
  }

  /** A function published an event. */
  onPublished(hub: Hub, type: DetailType, detail: EventDetail): void {
    this.invariants.checkLeaks(detail);
    this.eventLog.count(`event: ${type}`);
    this.log(() => `event: ${type} ${detail.kind ?? ''}`);
    if (type === DETAIL_TYPE.requested && detail.rotationId !== undefined) {
      this.truth.requested.add(detail.rotationId);
    }
    if (detail.application === this.settings.id) {
      this.onPublishedOfApplication(hub, type, detail);
    }
    const target = this.hubs.find(({ arn }) => arn === detail.hub);
    if (type === DETAIL_TYPE.expiring && target?.isDeployed === true) {
      const times = this.faults.isOver ? 1 : this.random.pick([1, 1, 1, 1, 0, 2]);
      for (let time = 0; time < times; time++) {
        this.after(this.random.between(0.1, 60) * SECOND, () => {
          void target.runRotateFunction({ ...RECONCILE, application: this.settings.id }, 'rule');
        });
      }
    }
  }

  private onPublishedOfApplication(hub: Hub, type: DetailType, detail: EventDetail): void {
    if (detail.kind === 'overwritten') {
      this.invariants.checkOverwritten();
    }
    if (type === DETAIL_TYPE.rotated) {
      const value = this.secretIn(this.textOf(detail.versionId));
      this.truth.isAnnounced ||= value === this.currentSecret();
      this.truth.untold.delete(value ?? '');
      this.invariants.checkAnnouncement(detail);
    }
    if (type === DETAIL_TYPE.failed || type === DETAIL_TYPE.stalled) {
      hub.reportedAt = this.now();
    }
  }

  // The secret as it is, without read lag.

  currentVersion(): SecretText {
    const version = this.labelled().find(({ labels }) => labels.includes('AWSCURRENT'));
    return { id: version?.versionId, text: version?.text };
  }

  /** Which versions are AWSCURRENT and the last journal entry. */
  stateOfSecret(): string {
    return this.labelled()
      .map(({ versionId, labels }) => `${versionId} ${labels.join(' ')}`)
      .join();
  }

  mayReadsLag(): boolean {
    return this.parameters.lag > 0 || this.faults.strength('secrets-manager-lags') > 0;
  }

  textOf(versionId: string): string | undefined {
    return this.secretsManager.inspect(this.secretArn).find((version) => version.versionId === versionId)?.text;
  }

  currentSecret(): string | undefined {
    return this.secretIn(this.currentVersion().text);
  }

  secretOfConsumer(): string | undefined {
    return this.consumerCache.value;
  }

  secretIn(text: string | undefined): string | undefined {
    return stringIn(text, this.settings.clientSecretField);
  }

  clientIn(text: string | undefined): string | undefined {
    return stringIn(text, 'clientId');
  }

  /** To be called when AWSCURRENT may have moved. */
  recordCurrentSecret(): void {
    const { id } = this.currentVersion();
    if (id !== undefined) {
      this.truth.onceCurrent.add(id);
    }
    const value = this.currentSecret();
    if (value !== undefined && !this.truth.firstCurrentAt.has(value)) {
      this.truth.firstCurrentAt.set(value, this.now());
    }
  }

  /** A delivered client secret that works and is at hand, while LWA does not accept what is current. */
  standingBy(): string | undefined {
    const { truth } = this;
    const { text } = this.currentVersion();
    const current = this.secretIn(text);
    if (
      truth.works(current) ||
      current === undefined ||
      this.clientIn(text) !== truth.clientId ||
      truth.isAcceptedByLogin(current, this.now())
    ) {
      return undefined;
    }
    return this.amazon
      .secretsOf(truth.clientId)
      .filter(
        ({ value }) =>
          truth.works(value) && truth.isRecorded(value) && (truth.delivered.get(value) ?? 0) > truth.journalLostAt,
      )
      .map(({ value }) => value)
      .find((value) => this.isLabelled(value) || this.namedByJournal()?.text?.includes(value));
  }

  /** Whether a client secret is in a queue, in a labelled version, or in the one that the journal names as the newest. */
  isStoredSomewhere(value: string): boolean {
    return (
      this.isLabelled(value) ||
      this.namedByJournal()?.text?.includes(value) === true ||
      this.sharers.hasCopyOf(value) ||
      this.hubs.some((hub) =>
        [hub.queue, hub.deadLetters, hub.unclaimed].some((queue) =>
          queue.inspect().some(({ body }) => body.includes(value)),
        ),
      )
    );
  }

  private isLabelled(value: string): boolean {
    return this.labelled().some(({ text }) => text?.includes(value));
  }

  /** Where somebody stores two values between two sweeps, the version has no label until the second. */
  private namedByJournal(): ReturnType<SecretsManagerModel['inspect']>[number] | undefined {
    const id = this.truth.lastEntry?.newest?.stagedVersionId;
    return this.secretsManager.inspect(this.secretArn).find(({ versionId }) => versionId === id);
  }

  /** Whether a message is about the application: a person can see that. */
  isAboutApplication(body: string): boolean {
    return body.includes(this.truth.clientId) || this.secretsIn(body).length > 0;
  }

  /** Whether a person sends a dead letter again: until they see that it is known, forged, or somebody else's. */
  isWorthSending(body: string, sent: { readonly times: number; readonly since: Instant }): boolean {
    if (!this.isAboutApplication(body)) {
      return sent.times < 1;
    }
    const isNeeded = this.secretsIn(body).some((value) => !this.truth.isRecorded(value));
    const isNotice = !/newClientSecret/i.test(body);
    if (/\b(1970|9999)-/.test(body) || !(isNeeded || isNotice)) {
      return sent.times < 3;
    }
    // The longest outage lasts three weeks, in which SQS may make many of one message.
    return this.now() < sent.since + 30 * DAY;
  }

  private secretsIn(body: string): readonly string[] {
    return this.amazon.secretsOf(this.truth.clientId).flatMap(({ value }) => (body.includes(value) ? [value] : []));
  }

  nameOf(value: string | undefined): string {
    const number = this.amazon.secretsOf(this.truth.clientId).findIndex((secret) => secret.value === value);
    return number < 0 ? 'no client secret of Amazon' : `client secret ${number}`;
  }

  /** What a version holds, in words. */
  describeVersion(versionId: string): string {
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
    return ` (journal ${entry.sequence} of ${this.hubs.find(({ arn }) => arn === entry.hub)?.name ?? '?'}: ${
      rotation === null ? 'no rotation' : `rotation ${rotation.outcome}, attempt ${attemptsOf(rotation).length}`
    }, ${
      newest === null ? 'none delivered' : `newest ${name(newest.digest)}${newest.announced ? ' announced' : ''}`
    }, baseline ${name(entry.baseline.digest)}, superseded ${entry.superseded.map(name).join(' ')}, expiry by ${entry.expiry.source})`;
  }

  private labelled(): ReturnType<SecretsManagerModel['inspect']> {
    return this.secretsManager.inspect(this.secretArn).filter(({ labels }) => labels.length > 0);
  }

  private deliver(delivery: Delivery): void {
    const hub = this.hubs.find(({ arn }) => arn === delivery.queueArn);
    if (hub?.acceptsMessages() !== true) {
      this.eventLog.count('deliveries refused by the queue');
      this.log(() => `Amazon's message is refused by the queue`);
      if (this.parameters.amazon.refusedDeliveryIsRetried) {
        this.after(this.random.between(1, 60) * MINUTE, () => this.deliver(delivery));
      }
      return;
    }
    hub.queue.send(delivery.body);
    this.log(() => `Amazon's message (${delivery.kind}) is in the queue of the ${hub.name} hub`);
    this.eventLog.count(`delivered: ${delivery.kind}`);
    const value = this.amazon
      .secretsOf(this.truth.clientId)
      .find((secret) => delivery.body.includes(secret.value))?.value;
    if (delivery.kind === 'expiry') {
      this.truth.lastNoticeAt = this.now();
      for (const secret of this.amazon.secretsOf(this.truth.clientId)) {
        if (delivery.body.includes(toIso(secret.expiresAt))) {
          this.truth.noticedExpiries.add(secret.value);
        }
      }
    }
    if (value !== undefined) {
      this.truth.recordDelivery(value, hub, this.now());
    }
    this.faults.noteDisturbance();
    this.sweepHourlyFor(5 * HOUR);
    hub.poll(this.random.between(5, 2000));
  }

  /** Secrets Manager deletes versions without a label, in the worst case all that are older than a day. */
  private scheduleVersionCleanUp(): void {
    this.after(this.random.between(1, 20) * DAY, () => {
      const newest = this.truth.newestDelivered();
      // Secrets Manager keeps about 100. Fewer try harder what finds none; but between two sweeps nobody writes a hundred times.
      const kept = this.random.pick([0, 0, 10, 100]);
      this.invariants.checkNothingLostByOthers('Secrets Manager deleted versions without a label', () =>
        this.secretsManager.removeUnlabelledVersions(this.secretArn, {
          newest: newest === undefined || this.isLabelled(newest.value) ? kept : 100,
        }),
      );
      this.scheduleVersionCleanUp();
    });
  }

  private beginOutage(outage: Outage): void {
    const { kind, hours, strength } = outage;
    this.log(() => `outage: ${kind}, ${strength} of it, for ${hours.toFixed(1)} hours`);
    this.faults.begin(outage);
    this.recordHindrance(hours);
    this.sweepHourlyFor(Math.min(hours * HOUR, 12 * HOUR));
    this.after(hours * HOUR, () => {
      this.log(() => `outage: ${kind} is over`);
      this.faults.end(outage);
      this.sweepHourlyFor(8 * HOUR);
    });
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

function amazonOf({ amazon: traits, noise }: WorldParameters, clock: Timeline): AmazonModel {
  return new AmazonModel({
    clock,
    seed: `amazon ${noise}`,
    behaviour: {
      ...traits,
      // The world sends a refused message again, with its own delays.
      refusedDeliveryIsRetried: false,
      testMessageAtRegistration: traits.sendsTestMessage ? 'This is a test.' : undefined,
    },
  });
}

export function settingsOf(
  id: string,
  secretArn: string,
  { rotateAfterDays, rotationWindow, isNotifyOnly }: WorldParameters,
): ApplicationSettings {
  return {
    id,
    secretArn,
    endpoint: 'https://sellingpartnerapi-eu.amazon.com',
    rotateAfterDays,
    ...(rotationWindow && { rotationWindow }),
    mode: isNotifyOnly ? 'NOTIFY_ONLY' : 'AUTOMATIC',
    clientIdField: 'clientId',
    clientSecretField: 'clientSecret',
  };
}

/** A string in a JSON text. */
export function stringIn(text: string | undefined, key: string): string | undefined {
  try {
    const value = (JSON.parse(text ?? 'null') as Record<string, unknown> | null)?.[key];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
