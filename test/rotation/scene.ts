import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import {
  RotationMode,
  SpApiRegion,
  SpApiSecretRotation,
  type SpApiApplicationProps,
  type SpApiSecretRotationProps,
} from '../../lib';
import type { EventDetail } from '../../lib/contract/event';
import type { ApplicationAnswer } from '../../lambda/core/answer';
import { bringUp, type InvocationResult, type LocalStack } from '../../local-cloud/runtime';
import { MovableClock, startServices, type InspectedVersion, type Services } from '../../local-cloud/services';
import { startAmazon, type Amazon, type Behaviour } from '../../local-cloud/amazon';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const START = Date.parse('2026-01-01T00:00:00Z');

/** One application of a scene: at Amazon, and in the hub. */
export interface SceneApplication {
  readonly props?: Pick<SpApiApplicationProps, 'clientIdField' | 'clientSecretField' | 'rotateAfter' | 'mode'>;
  /** The secret's text. Default: a JSON object with the credentials and nothing else. `null`: not seeded. */
  readonly text?: ((credentials: { clientId: string; clientSecret: string }) => string) | null;
  /** Age of the client secret when the scene begins, in milliseconds. Default: new. */
  readonly age?: number;
  /** Whether the queue is registered with Amazon. Default: yes. */
  readonly registered?: boolean;
}

export interface SceneOptions {
  readonly applications?: Readonly<Record<string, SceneApplication>>;
  readonly behaviour?: Partial<Behaviour>;
  readonly props?: SpApiSecretRotationProps;
  /** Added to the environment of both functions. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly shorterTimeOuts?: boolean;
  /** Directory with other bundles than those that ship, to show that a test can fail. */
  readonly assets?: string;
}

/** What a person sees of one event. */
export interface SeenEvent {
  readonly detailType: string;
  readonly detail: EventDetail;
}

/** The synthesized stack, running on this machine with the bundles that ship, beside a fake Amazon. */
export class Scene {
  static async open(options: SceneOptions = {}): Promise<Scene> {
    const clock = new MovableClock(START);
    const services = await startServices({ clock });
    const amazon = await startAmazon({ clock, services, ...(options.behaviour && { behaviour: options.behaviour }) });
    const scene = new Scene(clock, services, amazon, options);
    try {
      await scene.begin();
    } catch (error) {
      await scene.close();
      throw error;
    }
    return scene;
  }

  stack!: LocalStack;

  private readonly directory = mkdtempSync(path.join(tmpdir(), 'scene-'));
  private readonly clientIds = new Map<string, string>();
  private readonly secretIds = new Map<string, string>();
  private readonly answers: InvocationResult[] = [];

  private constructor(
    readonly clock: MovableClock,
    readonly services: Services,
    readonly amazon: Amazon,
    private readonly options: SceneOptions,
  ) {}

  private get applications(): Readonly<Record<string, SceneApplication>> {
    return this.options.applications ?? { Shop: {} };
  }

  private async begin(): Promise<void> {
    this.stack = await bringUp({
      assemblyDirectory: this.synthesize(),
      services: this.services,
      clock: this.clock,
      ...(this.options.environment && { environment: this.options.environment }),
      ...(this.options.shorterTimeOuts === true && { preload: [path.join(__dirname, 'shorter-time-outs.cjs')] }),
    });
    for (const [id, { text, registered, age = 0 }] of Object.entries(this.applications)) {
      const created = this.amazon.model.createApplication({ issuedAt: this.clock.now() - age });
      this.clientIds.set(id, created.clientId);
      this.secretIds.set(id, this.secretOf(id));
      if (registered !== false) {
        this.amazon.model.register(created.clientId, this.queueArn);
      }
      if (text !== null) {
        const { clientId, clientSecret } = created;
        this.write(id, (text ?? JSON.stringify)({ clientId, clientSecret }));
      }
    }
  }

  /** Synthesizes the stack, with other props if wanted; deploy it with `stack.update`. */
  synthesize(props: SpApiSecretRotationProps = {}): string {
    const app = new App({ outdir: mkdtempSync(path.join(this.directory, 'cdk.out-')), analyticsReporting: false });
    const stack = new Stack(app, 'Scene');
    const rotation = new SpApiSecretRotation(stack, 'Hub', {
      lwaTokenUrl: this.amazon.lwaTokenUrl,
      ...this.options.props,
      ...props,
    });
    for (const [id, application] of Object.entries(this.applications)) {
      rotation.addApplication(id, { region: SpApiRegion.of(this.amazon.url), ...application.props });
    }
    const { directory } = app.synth();
    if (this.options.assets !== undefined) {
      replaceBundles(directory, this.options.assets);
    }
    return directory;
  }

  private secretOf(id: string): string {
    const parameters = this.stack.find('AWS::SSM::Parameter').map(({ properties }) => String(properties.Value));
    const settings = parameters
      .map((value) => JSON.parse(value) as { id: string; secretArn: string })
      .find((one) => one.id === id);
    if (settings === undefined) {
      throw new Error(`the stack has no application ${id}`);
    }
    return settings.secretArn;
  }

  // What there is

  get queueArn(): string {
    return Object.entries(this.stack.outputs).find(([name]) => name.includes('NotificationQueueArn'))?.[1] ?? '';
  }

  /** ARN of the queue whose logical id contains the name. */
  queue(name: 'Notification' | 'DeadLetter' | 'Unclaimed'): string {
    const [queue] = this.stack.find('AWS::SQS::Queue', ({ logicalId }) => logicalId.includes(name));
    return String(queue?.attributes.Arn);
  }

  clientId(id = 'Shop'): string {
    return this.clientIds.get(id) ?? '';
  }

  secretArn(id = 'Shop'): string {
    return this.secretIds.get(id) ?? '';
  }

  versions(id = 'Shop'): readonly InspectedVersion[] {
    return this.services.secretsManager.inspect(this.secretArn(id));
  }

  /** Text of the version that has the label. */
  text(label: 'AWSCURRENT' | 'AWSPREVIOUS' | 'AWSPENDING', id = 'Shop'): string | undefined {
    return this.versions(id).find(({ labels }) => labels.includes(label))?.text;
  }

  /** The client secret in the version that has the label. */
  clientSecret(label: 'AWSCURRENT' | 'AWSPREVIOUS' | 'AWSPENDING', id = 'Shop'): string | undefined {
    const text = this.text(label, id);
    const field = this.applications[id]?.props?.clientSecretField ?? 'clientSecret';
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
  bodies(name: 'Notification' | 'DeadLetter' | 'Unclaimed'): string[] {
    const { visible, inFlight, delayed } = this.services.queues.inspect(this.queue(name));
    return [...visible, ...inFlight, ...delayed].map(({ body }) => body);
  }

  /** Everything that left the functions: their logs, answers, events and errors. */
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

  /** Lets Amazon's messages arrive and the store function work on them, and waits for what that causes. */
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

  /** Takes every message out of the notification queue, before anybody sees it. */
  async takeMessages(): Promise<string[]> {
    const messages = await this.services.queues.receive(this.queueArn, { max: 10 });
    for (const { receiptHandle } of messages) {
      await this.services.queues.delete(this.queueArn, receiptHandle);
    }
    return messages.map(({ body }) => body);
  }

  /** A notification of a new client secret, as Amazon writes it. */
  newSecret(clientSecret: string, changes: NotificationChanges = {}): string {
    const at = changes.eventTime ?? this.clock.now();
    return JSON.stringify({
      notificationVersion: '1.0',
      notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
      payloadVersion: '2023-11-30',
      eventTime: new Date(at).toISOString(),
      payload: {
        applicationOAuthClientNewSecret: {
          clientId: changes.clientId ?? this.clientId(),
          newClientSecret: clientSecret,
          newClientSecretExpiryTime: new Date(at + 180 * DAY).toISOString(),
          oldClientSecretExpiryTime: new Date(at + 7 * DAY).toISOString(),
        },
      },
      notificationMetadata: { notificationId: changes.notificationId ?? `notification of ${clientSecret}` },
    });
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
      throw new Error(`no answer for ${id}: ${result.rawPayload}`);
    }
    return answer;
  }

  /** @throws when something was asked for that is not emulated, or would have left this machine */
  async close(): Promise<void> {
    await (this.stack as LocalStack | undefined)?.stop();
    await this.amazon.stop();
    await this.services.stop();
    rmSync(this.directory, { recursive: true, force: true });
    const refused = [...this.services.refused, ...((this.stack as LocalStack | undefined)?.refusedConnections ?? [])];
    if (refused.length > 0) {
      throw new Error(`refused: ${refused.join('; ')}`);
    }
  }
}

function replaceBundles(assembly: string, assets: string): void {
  for (const entry of readdirSync(assembly)) {
    const staged = path.join(assembly, entry, 'index.js');
    for (const bundle of ['rotate', 'store']) {
      const shipped = path.join(__dirname, '..', '..', 'assets', bundle, 'index.js');
      if (existsSync(staged) && readFileSync(staged).equals(readFileSync(shipped))) {
        copyFileSync(path.join(assets, bundle, 'index.js'), staged);
      }
    }
  }
}

export interface NotificationChanges {
  readonly clientId?: string;
  readonly eventTime?: number;
  readonly notificationId?: string;
}

export { Duration, RotationMode };
