import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { EventDetail } from '../../lib/contract/event';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import { startAmazon, type Amazon, type Behaviour } from './amazon';
import {
  bringUp,
  MovableClock,
  startServices,
  type BringUpOptions,
  type Certificate,
  type InspectedVersion,
  type InvocationResult,
  type LocalStack,
  type Services,
} from 'local-cloud';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** One application: at Amazon, and in the hub. */
export interface LocalApplication {
  /** Default: one that nobody else has. */
  readonly clientId?: string;
  /** The secret's text. Default: a JSON object with the credentials and nothing else. `null`: not seeded. */
  readonly text?: ((credentials: { clientId: string; clientSecret: string }) => string) | null;
  /** Key of the client secret in that text. Default: `clientSecret`. */
  readonly clientSecretField?: string;
  /** Age of the client secret at the start, in milliseconds. Default: 0. */
  readonly age?: number;
  /** Whether the queue is registered with Amazon. Default: yes. */
  readonly registered?: boolean;
}

export interface LocalHubOptions {
  /** By their ids in the hub. */
  readonly applications: Readonly<Record<string, LocalApplication>>;
  /** Makes the cloud assembly of a stack with one hub, whose endpoints are those of the fake Amazon. */
  readonly synthesize: (amazon: Amazon, outputDirectory: string) => string;
  /** Time of the clock at the start. */
  readonly start: number;
  readonly behaviour?: Partial<Behaviour>;
  /** Added to the environment of both functions. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Absolute paths of files that both functions load first. */
  readonly preload?: readonly string[];
  /** For benches: the functions call everybody over TLS. They must be told to trust it. */
  readonly certificate?: Certificate;
  readonly confine?: BringUpOptions['confine'];
}

/** What a consumer of the event bus sees of one event. */
export interface SeenEvent {
  readonly detailType: string;
  readonly detail: EventDetail;
}

type QueueName = 'Notification' | 'DeadLetter' | 'Unclaimed';
type Label = 'AWSCURRENT' | 'AWSPREVIOUS' | 'AWSPENDING' | 'SpApiRotationJournal';

/** A synthesized hub in the local cloud, next to a fake Amazon, with seeded secrets and a registered queue. */
export class LocalHub {
  static async open(options: LocalHubOptions): Promise<LocalHub> {
    const clock = new MovableClock(options.start);
    const { behaviour, certificate } = options;
    const secure = { ...(certificate && { certificate }) };
    const services = await startServices({ clock, ...secure });
    const amazon = await startAmazon({ clock, services, ...secure, ...(behaviour && { behaviour }) });
    const hub = new LocalHub(clock, services, amazon, options);
    try {
      await hub.begin();
    } catch (error) {
      await hub.close();
      throw error;
    }
    return hub;
  }

  stack!: LocalStack;

  /** Names of principals who are people, and so may write what they like. */
  readonly people = new Set<string>();

  private readonly directory = mkdtempSync(path.join(tmpdir(), 'local-hub-'));
  private readonly clientIds = new Map<string, string>();
  private readonly secretArns = new Map<string, string>();
  readonly answers: InvocationResult[] = [];

  private constructor(
    readonly clock: MovableClock,
    readonly services: Services,
    readonly amazon: Amazon,
    private readonly options: LocalHubOptions,
  ) {}

  private async begin(): Promise<void> {
    const { applications, synthesize, environment, preload, confine } = this.options;
    this.stack = await bringUp({
      assemblyDirectory: synthesize(this.amazon, this.outputDirectory()),
      services: this.services,
      clock: this.clock,
      ...(environment && { environment }),
      ...(preload && { preload }),
      ...(confine && { confine }),
    });
    for (const [id, application] of Object.entries(applications)) {
      this.introduce(id, application);
    }
  }

  /** A new folder, deleted when the hub is closed. */
  outputDirectory(): string {
    return mkdtempSync(path.join(this.directory, 'cdk.out-'));
  }

  /** What an operator does after a deployment: seeds the secret and registers the queue. */
  private introduce(id: string, { text, registered, age = 0, ...given }: LocalApplication): void {
    const issuedAt = this.clock.now() - age;
    const { clientId, clientSecret } = this.amazon.model.createApplication({
      issuedAt,
      ...(given.clientId !== undefined && { clientId: given.clientId }),
    });
    this.clientIds.set(id, clientId);
    this.secretArns.set(id, this.settingsOf(id).secretArn);
    if (registered !== false) {
      this.amazon.model.register(clientId, this.queueArn);
    }
    if (text !== null) {
      this.write(id, (text ?? JSON.stringify)({ clientId, clientSecret }));
    }
  }

  private settingsOf(id: string): { readonly secretArn: string } {
    const settings = this.stack
      .find('AWS::SSM::Parameter')
      .map(({ properties }) => JSON.parse(properties.Value as string) as { id: string; secretArn: string })
      .find((one) => one.id === id);
    if (settings === undefined) {
      throw new Error(`the stack has no application ${id}`);
    }
    return settings;
  }

  // What there is

  get queueArn(): string {
    return Object.entries(this.stack.outputs).find(([name]) => name.includes('NotificationQueueArn'))?.[1] ?? '';
  }

  /** ARN of the queue whose logical id contains the name. */
  queue(name: QueueName): string {
    const [queue] = this.stack.find('AWS::SQS::Queue', ({ logicalId }) => logicalId.includes(name));
    return String(queue?.attributes.Arn);
  }

  clientId(id = 'Shop'): string {
    return this.clientIds.get(id) ?? '';
  }

  secretArn(id = 'Shop'): string {
    return this.secretArns.get(id) ?? '';
  }

  versions(id = 'Shop'): readonly InspectedVersion[] {
    return this.services.secretsManager.inspect(this.secretArn(id));
  }

  /** Text of the version that has the label. */
  text(label: Label, id = 'Shop'): string | undefined {
    return this.versions(id).find(({ labels }) => labels.includes(label))?.text;
  }

  /** The client secret in the version that has the label. */
  clientSecret(label: Label, id = 'Shop'): string | undefined {
    const text = this.text(label, id);
    const field = this.options.applications[id]?.clientSecretField ?? 'clientSecret';
    return text === undefined ? undefined : (JSON.parse(text) as Record<string, string>)[field];
  }

  /** The client secrets that Amazon ever made for the application, the newest last. */
  issued(id = 'Shop'): string[] {
    return this.amazon.model.secretsOf(this.clientId(id)).map(({ value }) => value);
  }

  newestIssued(id = 'Shop'): string {
    return this.amazon.model.currentSecretOf(this.clientId(id)).value;
  }

  get posts(): number {
    return this.amazon.calls.filter(({ endpoint }) => endpoint === 'rotate').length;
  }

  events(detailType?: string): SeenEvent[] {
    return this.services.events.sent
      .map((event) => ({ detailType: event['detail-type'], detail: event.detail as EventDetail }))
      .filter((event) => detailType === undefined || event.detailType === detailType);
  }

  /** Bodies in a queue, hidden or not. */
  bodies(name: QueueName): string[] {
    const { visible, inFlight, delayed } = this.services.queues.inspect(this.queue(name));
    return [...visible, ...inFlight, ...delayed].map(({ body }) => body);
  }

  /** Everything that the functions wrote: their logs, answers, events and errors. */
  get output(): string {
    return [
      ...this.stack.logs.map(({ text }) => text),
      ...this.answers.map(({ rawPayload }) => rawPayload),
      ...this.services.events.sent.map((event) => JSON.stringify(event)),
    ].join('\n');
  }

  get logLines(): Record<string, unknown>[] {
    return this.stack.logs.flatMap(({ text }) => {
      try {
        return [JSON.parse(text) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
  }

  // What happens

  /** The schedule fires, and the answer is for one application. */
  async sweep(id = 'Shop'): Promise<ApplicationAnswer> {
    return this.answerFor(id, await this.stack.fireSchedule());
  }

  /** Somebody invokes the rotate function. */
  async invoke(payload: unknown, options: { readonly cold?: boolean } = {}): Promise<InvocationResult> {
    const result = await this.stack.invoke(this.rotateFunction, payload, options);
    this.answers.push(result);
    return result;
  }

  async ask(payload: Record<string, unknown>, id = 'Shop'): Promise<ApplicationAnswer> {
    return this.answerFor(id, await this.invoke(payload));
  }

  rotate(id = 'Shop', force = false): Promise<ApplicationAnswer> {
    return this.ask({ action: 'rotate', application: id, requestedBy: 'a test', ...(force && { force }) }, id);
  }

  /** Delivers Amazon's messages, lets the store function process them, and waits for everything that this causes. */
  async deliver(): Promise<void> {
    this.clock.advance(2 * SECOND);
    await this.amazon.deliverDue();
    await this.drain();
  }

  async drain(): Promise<void> {
    await this.stack.drainQueue();
    await this.stack.settle();
  }

  async pass(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await this.amazon.deliverDue();
  }

  /** Puts a body into the notification queue. */
  send(body: string): Promise<unknown> {
    return Promise.resolve(this.services.queues.send(this.queueArn, body));
  }

  /** Removes every message from the notification queue before the store function receives it. */
  async takeMessages(): Promise<string[]> {
    const messages = await this.services.queues.receive(this.queueArn, { max: 10 });
    for (const { receiptHandle } of messages) {
      await this.services.queues.delete(this.queueArn, receiptHandle);
    }
    return messages.map(({ body }) => body);
  }

  /** A person, or another program, writes the secret. */
  write(id: string, text: string): void {
    this.services.secretsManager.putSecretValue({
      SecretId: this.secretArn(id),
      SecretString: text,
      ClientRequestToken: `by hand ${this.versions(id).length} ${this.clock.now()}`
        .padEnd(32, '-')
        .replaceAll(' ', '-'),
    });
  }

  get rotateFunction(): string {
    return this.functionNamed('Rotate');
  }

  get storeFunction(): string {
    return this.functionNamed('Store');
  }

  private functionNamed(name: string): string {
    const [found] = this.stack.find('AWS::Lambda::Function', ({ logicalId }) => logicalId.includes(name));
    return found?.logicalId ?? '';
  }

  answerFor(id: string, result: InvocationResult): ApplicationAnswer {
    this.answers.push(result);
    const answer = (result.payload as { applications?: ApplicationAnswer[] }).applications?.find(
      ({ application }) => application === id,
    );
    if (answer === undefined) {
      const printed = result.logs.map(({ text }) => text).join('\n');
      throw new Error(`no answer for ${id}: ${result.rawPayload}\n${printed}`);
    }
    return answer;
  }

  /** @throws if a call was not emulated or would have left this machine, or if a write could have moved AWSCURRENT */
  async close(): Promise<void> {
    const stack = this.stack as LocalStack | undefined;
    await stack?.stop();
    await this.amazon.stop();
    await this.services.stop();
    rmSync(this.directory, { recursive: true, force: true });
    const faults = [...this.services.refused, ...(stack?.refusedConnections ?? []), ...this.unsafeWrites];
    if (faults.length > 0) {
      throw new Error(`refused: ${faults.join('; ')}`);
    }
  }

  /** Writes of the functions that would move AWSCURRENT: a put without labels, or one that names it. */
  private get unsafeWrites(): string[] {
    return this.services.calls
      .filter(({ operation, principal }) => operation === 'PutSecretValue' && !this.people.has(principal))
      .map(({ request }) => (request as { readonly VersionStages?: readonly string[] }).VersionStages ?? [])
      .filter((labels) => labels.length === 0 || labels.includes('AWSCURRENT'))
      .map((labels) => `PutSecretValue with the labels [${labels.join(', ')}]`);
  }
}
