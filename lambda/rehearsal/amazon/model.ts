import { accepted, refused, tokenAnswer, tokenError, type AmazonAnswer, type Refusal } from './answers';
import { USUAL_BEHAVIOUR, type Behaviour } from './behaviour';
import { expiryNotification, newSecretNotification } from './notification';
import { TokenBook, type Tokens } from './tokens';

const DAY = 86_400_000;
const SECRET_LIFETIME = 180 * DAY;
const OVERLAP = 7 * DAY;
const TOKEN_SECONDS = 3600;
const RETRY_DELAY = 60_000;
/** Days before the expiry on which the notice comes. */
const NOTICE_DAYS = [90, 60, 30, 15, 7, 1];

/** The scope of a token that can rotate. */
export const ROTATION_SCOPE = 'sellingpartnerapi::client_credential:rotation';
/** A scope that exists, and that the rotation does not accept. */
export const OTHER_SCOPE = 'sellingpartnerapi::notifications';

/** Where secrets, tokens and ids come from: random ones, or in tests the same ones in every run. */
export interface Identifiers {
  hex(length: number): string;
  base64url(length: number): string;
  uuid(): string;
}

export interface AmazonModelOptions {
  readonly clock: { now(): number };
  readonly identifiers: Identifiers;
  readonly behaviour?: Partial<Behaviour>;
  /** Default: each token is remembered. */
  readonly tokens?: Tokens;
}

export interface NewApplication {
  readonly clientId?: string;
  /** When its secret was made. Default: now. */
  readonly issuedAt?: number;
  /** Default: one of Amazon's form. */
  readonly clientSecret?: string;
}

export interface CreatedApplication {
  readonly clientId: string;
  readonly applicationId: string;
  readonly clientSecret: string;
}

/** The two rows of the console's notification preferences. */
export type NotificationRow = 'new-secret' | 'expiry';

/** A client secret, as tests see it. */
export interface IssuedSecret {
  readonly value: string;
  readonly issuedAt: number;
  /** Changes when it is replaced. */
  readonly expiresAt: number;
  readonly replacedAt: number | undefined;
  /** When LWA starts to accept it. */
  readonly usableFrom: number;
}

/** A message on its way into a queue. */
export interface Delivery {
  readonly kind: NotificationRow | 'test';
  readonly clientId: string;
  readonly queueArn: string;
  readonly body: string;
  readonly dueAt: number;
}

/** What happens to the message of the next rotation. */
export interface DeliveryChange {
  readonly isLost?: boolean;
  readonly copies?: number;
  /** Milliseconds, instead of the usual delay. */
  readonly delay?: number;
  readonly body?: (body: string) => string;
}

export interface Rotation {
  readonly clientId: string;
  readonly at: number;
  readonly by: 'api' | 'console';
  readonly clientSecret: string;
}

export interface TokenRequest {
  readonly grantType: string | undefined;
  readonly scope: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Application {
  readonly clientId: string;
  readonly applicationId: string;
  readonly subscriptionId: string;
  /** The newest last. */
  readonly secrets: Mutable<IssuedSecret>[];
  readonly queues: Map<NotificationRow, { readonly arn: string; readonly since: number }>;
  readonly notices: Set<string>;
  /** Bodies of the messages about its new secrets, the newest last. */
  readonly announced: string[];
  lastCallAt: number | undefined;
}

interface Token {
  readonly application: Application;
  readonly secret: Mutable<IssuedSecret>;
  readonly scope: string;
  readonly expiresAt: number;
}

/** All that a model remembers, as JSON holds it. */
export interface AmazonSnapshot {
  readonly behaviour: Behaviour;
  readonly applications: readonly (Omit<Application, 'queues' | 'notices'> & {
    readonly queues: readonly (readonly [NotificationRow, { readonly arn: string; readonly since: number }])[];
    readonly notices: readonly string[];
  })[];
  readonly rotations: readonly Rotation[];
  readonly changes: readonly DeliveryChange[];
  readonly deliveries: readonly Delivery[];
}

/**
 * The part of Amazon that concerns client secrets: Login with Amazon, the rotation, the notifications, the console.
 *
 * Pure: it takes the time from the given clock, uses no randomness and never waits. The caller takes the messages that
 * are due, and puts them into the queue.
 */
export class AmazonModel {
  readonly behaviour: Behaviour;
  /** Every rotation that happened, the newest last. */
  readonly rotations: Rotation[] = [];
  /** Every client secret that was ever issued, for tests that look for leaks. */
  readonly allSecrets: string[] = [];
  /** Every access token that was ever issued. */
  readonly allTokens: string[] = [];
  /** Messages that a queue refused and that were not sent again. */
  readonly lostDeliveries: Delivery[] = [];

  private readonly clock: AmazonModelOptions['clock'];
  private readonly identifiers: Identifiers;
  private readonly applications = new Map<string, Application>();
  private readonly tokens: Tokens;
  private readonly changes: DeliveryChange[] = [];
  private deliveries: Delivery[] = [];

  constructor(options: AmazonModelOptions) {
    this.clock = options.clock;
    this.identifiers = options.identifiers;
    this.tokens = options.tokens ?? new TokenBook(options.identifiers);
    this.behaviour = { ...USUAL_BEHAVIOUR, ...options.behaviour };
  }

  /** What another model needs to go on from here, if its tokens are the same. */
  snapshot(): AmazonSnapshot {
    return {
      behaviour: this.behaviour,
      applications: [...this.applications.values()].map(({ queues, notices, ...application }) => ({
        ...application,
        queues: [...queues],
        notices: [...notices],
      })),
      rotations: this.rotations,
      changes: this.changes,
      deliveries: this.deliveries,
    };
  }

  /** Goes on from a snapshot. Only for a new model. */
  restore({ behaviour, applications, rotations, changes, deliveries }: AmazonSnapshot): void {
    Object.assign(this.behaviour, behaviour);
    for (const { queues, notices, ...application } of applications) {
      const restored = { ...application, queues: new Map(queues), notices: new Set(notices) };
      this.applications.set(application.clientId, restored);
    }
    this.rotations.push(...rotations);
    this.changes.push(...changes);
    this.deliveries = [...deliveries];
  }

  createApplication(definition: NewApplication = {}): CreatedApplication {
    const issuedAt = definition.issuedAt ?? this.clock.now();
    const application: Application = {
      clientId: definition.clientId ?? `amzn1.application-oa2-client.${this.identifiers.hex(32)}`,
      applicationId: `amzn1.sp.solution.${this.identifiers.uuid()}`,
      subscriptionId: this.identifiers.uuid(),
      secrets: [],
      queues: new Map(),
      notices: new Set(),
      announced: [],
      lastCallAt: undefined,
    };
    const value = definition.clientSecret ?? this.newSecretValue();
    application.secrets.push({
      value,
      issuedAt,
      expiresAt: issuedAt + SECRET_LIFETIME,
      replacedAt: undefined,
      usableFrom: issuedAt,
    });
    this.remember(value);
    this.applications.set(application.clientId, application);
    return { clientId: application.clientId, applicationId: application.applicationId, clientSecret: value };
  }

  /** What a person does in the console: both rows, *create*, *Subscribe*. */
  register(clientId: string, queueArn: string, rows: readonly NotificationRow[] = ['new-secret', 'expiry']): void {
    const application = this.find(clientId);
    for (const row of rows) {
      application.queues.set(row, { arn: queueArn, since: this.clock.now() });
      if (this.behaviour.testMessageAtRegistration !== undefined) {
        this.enqueue('test', application, queueArn, this.behaviour.testMessageAtRegistration, this.clock.now());
      }
    }
  }

  unregister(clientId: string, rows: readonly NotificationRow[] = ['new-secret', 'expiry']): void {
    for (const row of rows) {
      this.find(clientId).queues.delete(row);
    }
  }

  /** ARN of the queue into which an application's new secrets are delivered. */
  queueOf(clientId: string): string {
    const queue = this.find(clientId).queues.get('new-secret');
    if (queue === undefined) {
      throw new RangeError(`no queue is registered for ${clientId}`);
    }
    return queue.arn;
  }

  /** Secrets of an application, the newest last. */
  secretsOf(clientId: string): readonly IssuedSecret[] {
    return this.find(clientId).secrets;
  }

  currentSecretOf(clientId: string): IssuedSecret {
    return current(this.find(clientId));
  }

  /** The client id that the token belongs to. */
  clientOf(accessToken: string): string | undefined {
    return this.tokens.read(accessToken)?.clientId;
  }

  /** LWA's token endpoint. */
  exchange(request: TokenRequest): AmazonAnswer {
    const requestId = this.identifiers.uuid();
    const { grantType, scope, clientId, clientSecret } = request;
    const required = { grant_type: grantType, client_id: clientId, client_secret: clientSecret };
    const [missing] = Object.entries(required).find(([, value = '']) => value === '') ?? [];
    if (missing !== undefined) {
      return tokenError(400, 'invalid_request', `The request is missing a required parameter : ${missing}`, requestId);
    }
    if (grantType !== 'client_credentials') {
      return tokenError(400, 'unsupported_grant_type', 'The authorization grant type is not supported', requestId);
    }
    const application = this.applications.get(clientId ?? '');
    const secret = application?.secrets.find((one) => one.value === clientSecret && this.isKnownToLwa(one));
    if (application === undefined || secret === undefined) {
      return tokenError(401, 'invalid_client', 'Client authentication failed', requestId);
    }
    if (scope !== ROTATION_SCOPE && scope !== OTHER_SCOPE) {
      return tokenError(400, 'invalid_scope', 'The requested scope is invalid', requestId);
    }
    return tokenAnswer(this.mint(application, secret, scope), TOKEN_SECONDS, scope, requestId);
  }

  /** The operation `rotateApplicationClientSecret`. */
  rotate(accessToken: string | undefined): AmazonAnswer {
    const requestId = this.identifiers.uuid();
    const token = this.tokenOf(accessToken ?? '');
    if (token === undefined) {
      return refused('tokenInvalid', requestId);
    }
    const refusal = this.refusalOf(token);
    if (refusal !== undefined) {
      return refused(refusal, requestId);
    }
    this.replaceSecret(token.application, 'api');
    return accepted(requestId);
  }

  /** Somebody rotates in the developer console. Whether Amazon then sends a notification is not documented. */
  rotateInConsole(clientId: string, notifies = this.behaviour.consoleRotationNotifies): IssuedSecret {
    const application = this.find(clientId);
    this.replaceSecret(application, 'console', notifies);
    return current(application);
  }

  /** Another developer's application rotates into this queue: anybody who knows the ARN can register it. */
  rotateStranger(queueArn: string): CreatedApplication {
    const stranger = this.createApplication();
    this.register(stranger.clientId, queueArn);
    return { ...stranger, clientSecret: this.rotateInConsole(stranger.clientId, true).value };
  }

  /** Sends the message about the oldest new secret again, as a late copy. */
  repeatOldest(clientId: string): void {
    const [oldest] = this.find(clientId).announced;
    if (oldest === undefined) {
      throw new RangeError(`nothing was announced for ${clientId}`);
    }
    this.send(clientId, oldest);
  }

  /** Announces now that the newest secret of an application expires on its date. */
  announceExpiry(clientId: string): void {
    const application = this.find(clientId);
    const now = this.clock.now();
    const expiry = current(application).expiresAt;
    this.send(
      clientId,
      expiryNotification({ ...this.envelope(application), eventTime: now, publishTime: now, expiry }),
    );
  }

  /** Sends any text into the queue of an application. */
  send(clientId: string, body: string): void {
    this.enqueue('test', this.find(clientId), this.queueOf(clientId), body, this.clock.now());
  }

  /** Changes what happens to the message of the next rotation. A second call changes that of the rotation after it. */
  changeNextDelivery(change: DeliveryChange): void {
    this.changes.push(change);
  }

  /** Whether a consumer of the secret can call the Selling Partner API with it now. */
  callSellingPartnerApi(
    clientId: string,
    clientSecret: string,
  ): { readonly works: boolean; readonly reason?: 'invalid_client' | 'secret-expired' } {
    const secret = this.applications.get(clientId)?.secrets.find(({ value }) => value === clientSecret);
    if (secret === undefined || !this.isKnownToLwa(secret)) {
      return { works: false, reason: 'invalid_client' };
    }
    return this.clock.now() < secret.expiresAt ? { works: true } : { works: false, reason: 'secret-expired' };
  }

  /**
   * Takes the messages that are due, the oldest first. `refuseDelivery` gives back one that the queue refused.
   *
   * @param until takes also those that are due until then
   */
  takeDueDeliveries(until = this.clock.now()): readonly Delivery[] {
    this.enqueueDueNotices();
    const due = this.deliveries.filter(({ dueAt }) => dueAt <= until).sort((one, other) => one.dueAt - other.dueAt);
    this.deliveries = this.deliveries.filter(({ dueAt }) => dueAt > until);
    return due;
  }

  /** When the next message is due. `undefined`: none is planned. */
  nextDeliveryAt(): number | undefined {
    const notices = [...this.applications.values()].flatMap((application) => this.noticesOf(application));
    const times = [...this.deliveries.map(({ dueAt }) => dueAt), ...notices.map(({ at }) => at)];
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The queue refused it. */
  refuseDelivery(delivery: Delivery): void {
    if (this.behaviour.refusedDeliveryIsRetried) {
      this.deliveries.push({ ...delivery, dueAt: this.clock.now() + RETRY_DELAY });
    } else {
      this.lostDeliveries.push(delivery);
    }
  }

  private refusalOf({ application, secret, scope, expiresAt }: Token): Refusal | undefined {
    const now = this.clock.now();
    if (now >= expiresAt) {
      return 'tokenExpired';
    }
    if (scope !== ROTATION_SCOPE) {
      return 'wrongToken';
    }
    if (now >= secret.expiresAt && !this.behaviour.expiredSecretCanRotate) {
      return 'secretExpired';
    }
    if (secret.replacedAt !== undefined && !this.behaviour.oldSecretCanRotate) {
      return 'tokenInvalid';
    }
    if (application.lastCallAt !== undefined && now - application.lastCallAt < this.behaviour.callInterval) {
      return 'throttled';
    }
    application.lastCallAt = now;
    return application.queues.has('new-secret') ? undefined : 'notEnrolled';
  }

  private replaceSecret(application: Application, by: Rotation['by'], notifies = true): void {
    const now = this.clock.now();
    const old = current(application);
    if (this.behaviour.secondRotationKillsOldSecret) {
      for (const older of application.secrets.filter(({ replacedAt }) => replacedAt !== undefined)) {
        older.expiresAt = Math.min(older.expiresAt, now);
      }
    }
    old.replacedAt = now;
    old.expiresAt = Math.min(old.expiresAt, now + OVERLAP);
    const value = this.newSecretValue();
    const secret = {
      value,
      issuedAt: now,
      expiresAt: now + SECRET_LIFETIME,
      replacedAt: undefined,
      usableFrom: now + this.behaviour.propagationDelay,
    };
    application.secrets.push(secret);
    this.remember(value);
    this.rotations.push({ clientId: application.clientId, at: now, by, clientSecret: value });
    if (notifies) {
      this.announce(application, secret, old.expiresAt);
    }
  }

  private announce(application: Application, secret: IssuedSecret, oldExpiry: number): void {
    const queue = application.queues.get('new-secret');
    if (queue === undefined) {
      return;
    }
    const change = this.changes.shift() ?? {};
    if (change.isLost === true) {
      return;
    }
    const delay = change.delay ?? this.behaviour.deliveryDelay;
    const body = newSecretNotification({
      ...this.envelope(application),
      // In Amazon's example the event comes a quarter of a second after the moment the lifetimes count from.
      eventTime: secret.issuedAt + Math.min(delay, 258),
      publishTime: secret.issuedAt + delay,
      newClientSecret: secret.value,
      newExpiry: secret.expiresAt,
      oldExpiry,
    });
    application.announced.push(body);
    for (let copy = 0; copy < (change.copies ?? 1); copy += 1) {
      this.enqueue('new-secret', application, queue.arn, change.body?.(body) ?? body, secret.issuedAt + delay);
    }
  }

  private enqueueDueNotices(): void {
    for (const application of this.applications.values()) {
      for (const { key, at, expiry, queueArn } of this.noticesOf(application)) {
        if (at <= this.clock.now()) {
          application.notices.add(key);
          const body = expiryNotification({ ...this.envelope(application), eventTime: at, publishTime: at, expiry });
          this.enqueue('expiry', application, queueArn, body, at);
        }
      }
    }
  }

  /** The notices that are still to come for an application. */
  private noticesOf(application: Application): { key: string; at: number; expiry: number; queueArn: string }[] {
    const queue = application.queues.get('expiry');
    if (queue === undefined) {
      return [];
    }
    return application.secrets
      .filter(({ replacedAt }) => replacedAt === undefined || this.behaviour.expiryForOldSecret)
      .flatMap((secret) =>
        NOTICE_DAYS.map((days) => ({
          key: `${secret.value} ${days}`,
          at: secret.expiresAt - days * DAY,
          expiry: secret.expiresAt,
          queueArn: queue.arn,
          from: Math.max(queue.since, secret.replacedAt ?? secret.issuedAt),
        })),
      )
      .filter(({ key, at, from }) => at >= from && !application.notices.has(key));
  }

  private envelope(application: Application): {
    clientId: string;
    applicationId: string;
    subscriptionId: string;
    notificationId: string;
  } {
    const { clientId, applicationId, subscriptionId } = application;
    return { clientId, applicationId, subscriptionId, notificationId: this.identifiers.uuid() };
  }

  private enqueue(
    kind: Delivery['kind'],
    application: Application,
    queueArn: string,
    body: string,
    dueAt: number,
  ): void {
    this.deliveries.push({ kind, clientId: application.clientId, queueArn, body, dueAt });
  }

  private isKnownToLwa(secret: IssuedSecret): boolean {
    const now = this.clock.now();
    if (now < secret.usableFrom) {
      return false;
    }
    const hasEnded = now >= secret.expiresAt;
    return !hasEnded || (secret.replacedAt === undefined && this.behaviour.tokensForExpiredSecret);
  }

  private mint(application: Application, secret: Mutable<IssuedSecret>, scope: string): string {
    const value = this.tokens.issue({
      clientId: application.clientId,
      secret: application.secrets.indexOf(secret),
      scope,
      expiresAt: this.clock.now() + TOKEN_SECONDS * 1000,
    });
    this.allTokens.push(value);
    return value;
  }

  private tokenOf(value: string): Token | undefined {
    const claims = this.tokens.read(value);
    const application = this.applications.get(claims?.clientId ?? '');
    const secret = application?.secrets[claims?.secret ?? -1];
    return claims === undefined || application === undefined || secret === undefined
      ? undefined
      : { application, secret, scope: claims.scope, expiresAt: claims.expiresAt };
  }

  private newSecretValue(): string {
    return `amzn1.oa2-cs.v1.${this.identifiers.hex(64)}`;
  }

  private remember(secret: string): void {
    this.allSecrets.push(secret);
  }

  private find(clientId: string): Application {
    const application = this.applications.get(clientId);
    if (application === undefined) {
      throw new RangeError(`there is no application ${clientId}`);
    }
    return application;
  }
}

function current(application: Application): Mutable<IssuedSecret> {
  const secret = application.secrets.at(-1);
  if (secret === undefined) {
    throw new RangeError(`${application.clientId} has no secret`);
  }
  return secret;
}
