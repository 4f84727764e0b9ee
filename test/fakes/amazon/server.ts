import { SendMessageCommand, SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bodyOf,
  closeServer,
  Identifiers,
  listenOnLoopback,
  type Certificate,
  type Clock,
  type Services,
} from 'local-cloud';
import type { AmazonAnswer } from '../../../lambda/rehearsal/amazon/answers';
import type { Behaviour } from '../../../lambda/rehearsal/amazon/behaviour';
import { understand, usualAnswer, type UnderstoodRequest } from '../../../lambda/rehearsal/amazon/request';
import {
  performanceOf,
  Script,
  type Endpoint,
  type ScriptedAnswer,
  type ScriptOptions,
} from '../../../lambda/rehearsal/amazon/script';
import { AmazonModel } from './model';

/** The account from which Amazon sends. */
const ACCOUNT = '437568002678';
const ACCESS_KEY = 'SPAPINOTIFICATIONS';
const TOKEN_PATH = '/auth/o2/token';
/** Real milliseconds between two checks for due messages. The clock of the test can jump meanwhile. */
const DELIVERY_STEP = 20;

export interface AmazonOptions {
  readonly clock: Clock;
  readonly services: Pick<Services, 'url' | 'region' | 'iam' | 'refused'>;
  readonly seed?: string;
  readonly behaviour?: Partial<Behaviour>;
  /** Default: without TLS. */
  readonly certificate?: Certificate;
}

/** One incoming call, answered or not. */
export interface AmazonCall extends UnderstoodRequest {
  readonly at: number;
  /** Calls over the same connection have the same number. */
  readonly connection: number;
  /** Status of the answer; 0: none was given (yet). */
  readonly status: number;
}

/** The fake Amazon, running. */
export interface Amazon {
  /** SP-API endpoint of an application. */
  readonly url: string;
  readonly lwaTokenUrl: string;
  readonly model: AmazonModel;
  readonly calls: AmazonCall[];
  /** Real milliseconds that the next answer takes, beside what is scripted; for benches. */
  latency: () => number;
  /** Changes what happens at the next calls. */
  script(endpoint: Endpoint, answer: ScriptedAnswer, options?: ScriptOptions): void;
  /** Forgets what was scripted. */
  clearScript(): void;
  /** Sends the due messages now. Otherwise they are sent automatically a few milliseconds later. */
  deliverDue(): Promise<void>;
  stop(): Promise<void>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Starts Login with Amazon and the rotation's endpoint on 127.0.0.1; messages go into queues of the services. */
export async function startAmazon(options: AmazonOptions): Promise<Amazon> {
  const server = new AmazonServer(options);
  await server.listen();
  return server;
}

class AmazonServer implements Amazon {
  readonly model: AmazonModel;
  readonly calls: AmazonCall[] = [];
  url = '';
  latency = (): number => 0;

  private readonly server;
  private readonly queues: SQSClient;
  private readonly lines = new Script();
  private readonly requestIds: Identifiers;
  private readonly connections = new WeakMap<Socket, number>();
  private connectionCount = 0;
  private timer: NodeJS.Timeout | undefined;
  private delivering: Promise<void> = Promise.resolve();

  constructor(private readonly options: AmazonOptions) {
    const { clock, seed = 'amazon', behaviour = {}, services } = options;
    this.model = new AmazonModel({ clock, seed, behaviour });
    this.requestIds = new Identifiers(`${seed} requests`);
    services.iam.addPrincipal({
      name: 'sp-api-notifications',
      accessKeyId: ACCESS_KEY,
      account: ACCOUNT,
      // What Amazon's own account allows it; the developer's queue and key decide the rest.
      policies: [{ Statement: { Effect: 'Allow', Action: ['sqs:*', 'kms:*'], Resource: '*' } }],
    });
    this.queues = new SQSClient({
      endpoint: services.url,
      region: services.region,
      credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: 'unused' },
      // Once, over a fresh connection: one that is kept may be closed as the message is sent, and that would lose it.
      maxAttempts: 1,
      requestHandler: { httpAgent: { keepAlive: false } },
    });
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      this.answer(request, response).catch(() => response.destroy());
    };
    this.server = options.certificate ? createSecureServer(options.certificate, serve) : createServer(serve);
    this.server.on(options.certificate ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.connectionCount += 1;
      this.connections.set(socket, this.connectionCount);
    });
  }

  get lwaTokenUrl(): string {
    return this.url + TOKEN_PATH;
  }

  async listen(): Promise<void> {
    const scheme = this.options.certificate ? 'https' : 'http';
    this.url = `${scheme}://127.0.0.1:${await listenOnLoopback(this.server)}`;
    this.timer = setInterval(() => void this.deliverDue(), DELIVERY_STEP);
    this.timer.unref();
  }

  script(endpoint: Endpoint, answer: ScriptedAnswer, options: ScriptOptions = {}): void {
    this.lines.add(endpoint, answer, options);
  }

  clearScript(): void {
    this.lines.clear();
  }

  deliverDue(): Promise<void> {
    // One after the other: two at a time would change the order of the messages.
    this.delivering = this.delivering.then(() => this.deliver());
    return this.delivering;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.delivering;
    this.queues.destroy();
    await closeServer(this.server);
  }

  private async deliver(): Promise<void> {
    for (const delivery of this.model.takeDueDeliveries()) {
      const [, , , , account = '', name = ''] = delivery.queueArn.split(':');
      const url = `${this.options.services.url}/${account}/${name}`;
      try {
        await this.queues.send(new SendMessageCommand({ QueueUrl: url, MessageBody: delivery.body }));
      } catch (error) {
        this.model.refuseDelivery(delivery);
        if (!(error instanceof SQSServiceException)) {
          this.options.services.refused.push(`a message of Amazon, on its way to the queue: ${String(error)}`);
        }
      }
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = this.record(request, await bodyOf(request));
    const requestId = this.requestIds.uuid();
    const scripted = call.endpoint === undefined ? undefined : this.lines.next(call.endpoint, call.clientId);
    const { hasEffect, delay: scriptedDelay, then } = performanceOf(scripted, requestId);
    const delay = scriptedDelay + this.latency();
    if (delay > 0) {
      await sleep(delay);
    }
    const usual = hasEffect ? usualAnswer(call, this.model, requestId) : undefined;
    if (then === 'reset') {
      request.socket.resetAndDestroy();
    } else if (then === 'half') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{');
    } else if (then !== 'silence') {
      response.setHeader('date', new Date(this.options.clock.now()).toUTCString());
      send(response, call, then === 'usual' ? usual : then);
    }
  }

  private record(request: IncomingMessage, body: string): Mutable<AmazonCall> {
    const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, header(request, name)]));
    const { method = '', url: path = '' } = request;
    const call: Mutable<AmazonCall> = {
      ...understand({ method, path, headers, body }, this.model),
      at: this.options.clock.now(),
      connection: this.connections.get(request.socket) ?? 0,
      status: 0,
    };
    this.calls.push(call);
    return call;
  }
}

function send(response: ServerResponse, call: Mutable<AmazonCall>, answer: AmazonAnswer | undefined): void {
  call.status = answer?.status ?? 0;
  response.writeHead(answer?.status ?? 500, { ...answer?.headers });
  response.end(answer?.body);
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}
