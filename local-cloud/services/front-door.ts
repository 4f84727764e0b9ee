import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError, NotEmulated } from './aws-error';
import type { Clock } from './clock';
import type { FaultEffect, Faults } from './faults';
import type { HttpApi, HttpApiAnswer } from './http-api';
import type { IamModel, Principal } from './iam';
import { Identifiers } from './identifiers';
import { bodyOf, closeServer, listenOnLoopback } from './loopback';
import { decode, encode, type Operation, type ServiceApi } from './operation';
import { record } from './recording';

/** One call that came in at the front door. */
export interface RecordedCall {
  readonly at: number;
  /** Name of the principal. */
  readonly principal: string;
  /** As in the credential scope: `secretsmanager`, `sqs`, `ssm`, `events`. */
  readonly service: string;
  readonly operation: string;
  /** The parsed body. */
  readonly request: unknown;
  /** HTTP status of the answer; 0: none was given (yet). */
  readonly status: number;
  /** Code of the error. */
  readonly error?: string;
}

export interface FrontDoorOptions {
  readonly clock: Clock;
  readonly region: string;
  readonly iam: IamModel;
  readonly apis: readonly ServiceApi[];
  readonly httpApis: readonly HttpApi[];
  readonly faults: Faults;
  readonly calls: RecordedCall[];
  readonly refused: string[];
  /** Real milliseconds that every answer takes. */
  readonly latency: () => number;
  readonly certificate?: Certificate;
}

/** A certificate of 127.0.0.1 with its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Scope {
  readonly accessKeyId: string;
  readonly service: string;
}

interface KnownRequest {
  readonly api: ServiceApi;
  readonly operationName: string;
  readonly operation: Operation;
  readonly principal: Principal;
  readonly body: unknown;
}

/** The front door does not answer: the caller waits until its own time-out. */
const SILENCE = Symbol('silence');

/**
 * The HTTP server in front of all emulated services. Its URL is the value of `AWS_ENDPOINT_URL`.
 *
 * The access key says who calls, and the signature's credential scope says which service. The signature itself is not
 * checked: there are no secret keys. The front door refuses what it does not know, and records it in `refused`.
 */
export class FrontDoor {
  private readonly server;
  private readonly secureServer;
  private readonly requestIds = new Identifiers('requests');
  /** How often all connections were broken. */
  private breaks = 0;
  /** For each connection, how often they had been broken when its first request came. */
  private readonly begun = new WeakMap<Socket, number>();

  constructor(private readonly options: FrontDoorOptions) {
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      if (this.isBroken(request.socket)) {
        request.socket.destroy();
        return;
      }
      this.answer(request, response).catch((error: unknown) => {
        this.options.refused.push(`a request on which the emulation itself failed: ${String(error)}`);
        response.destroy();
      });
    };
    this.server = createServer(serve);
    this.secureServer = options.certificate && createSecureServer(options.certificate, serve);
  }

  /** Returns the URL, and that for functions: over TLS where there is a certificate. */
  async listen(): Promise<{ readonly url: string; readonly functionUrl: string }> {
    const url = `http://127.0.0.1:${await listenOnLoopback(this.server)}`;
    return {
      url,
      functionUrl: this.secureServer ? `https://127.0.0.1:${await listenOnLoopback(this.secureServer)}` : url,
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.server, ...(this.secureServer ? [this.secureServer] : [])].map(closeServer));
  }

  breakConnections(): void {
    this.breaks += 1;
  }

  private isBroken(connection: Socket): boolean {
    const begun = this.begun.get(connection) ?? this.breaks;
    this.begun.set(connection, begun);
    return begun < this.breaks;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    let known: KnownRequest;
    try {
      const scope = this.scopeOf(request);
      const httpApi = this.options.httpApis.find(({ name }) => name === scope.service);
      if (httpApi !== undefined) {
        await this.answerOverHttp(httpApi, request, response, text, this.principalOf(scope.accessKeyId));
        return;
      }
      known = this.recognize(request, text, scope);
    } catch (error) {
      await this.reply(response, undefined, errorFrom(error, this.options.refused, describe(request)));
      return;
    }
    const call: Mutable<RecordedCall> = {
      at: this.options.clock.now(),
      principal: known.principal.name,
      service: known.api.name,
      operation: known.operationName,
      request: known.body,
      status: 0,
    };
    this.options.calls.push(call);
    const result = await this.perform(known, call, response);
    if (result === SILENCE || response.destroyed) {
      return;
    }
    if (result instanceof AwsError) {
      call.error = result.code;
    }
    const answer = await this.reply(response, known.api, result);
    call.status = response.statusCode;
    record({ service: call.service, operation: call.operation, request: call.request, status: call.status, answer });
  }

  private async perform(known: KnownRequest, call: RecordedCall, response: ServerResponse): Promise<unknown> {
    const effect = this.options.faults.effectOn(call);
    const early = await this.before(effect, known.api);
    if (early !== undefined) {
      return early;
    }
    let result: unknown;
    try {
      const where = `${known.api.name}:${known.operationName}`;
      result =
        (await known.operation.handle(decode(known.operation.members, known.body, where), known.principal)) ?? {};
    } catch (error) {
      result = errorFrom(error, this.options.refused, `${known.api.name}:${known.operationName}`);
    }
    if (effect === 'lost-answer') {
      response.destroy();
      return SILENCE;
    }
    if (effect === 'timeout-after') {
      return SILENCE;
    }
    if (typeof effect === 'object' && 'kill' in effect) {
      effect.kill();
      return SILENCE;
    }
    return result;
  }

  /** The answer to a call whose operation is not performed. `undefined`: perform it. */
  private async before(effect: FaultEffect | undefined, api: ServiceApi): Promise<unknown> {
    switch (effect) {
      case 'throttle':
        return api.throttled;
      case 'server-error':
        return new AwsError('InternalServiceError', 'An error occurred on the server side.', 500, 'InternalFailure');
      case 'access-denied':
        return new AwsError('AccessDeniedException', 'User is not authorized to perform this action.');
      case 'timeout-before':
        return SILENCE;
      default:
        break;
    }
    if (typeof effect === 'object' && 'kill' in effect && effect.when === 'before') {
      effect.kill();
      return SILENCE;
    }
    if (typeof effect === 'object' && 'delay' in effect) {
      await sleep(effect.delay);
    }
    return undefined;
  }

  private async answerOverHttp(
    api: HttpApi,
    request: IncomingMessage,
    response: ServerResponse,
    body: string,
    principal: Principal,
  ): Promise<void> {
    const { method = '', url: path = '' } = request;
    const call: Mutable<RecordedCall> = {
      at: this.options.clock.now(),
      principal: principal.name,
      service: api.name,
      operation: '',
      request: body,
      status: 0,
    };
    this.options.calls.push(call);
    let answer: Pick<HttpApiAnswer, 'contentType' | 'headers' | 'body'>;
    try {
      const handled = await api.handle({ method, path, body }, principal);
      call.operation = handled.operation;
      response.statusCode = handled.status ?? 200;
      answer = handled;
    } catch (error) {
      const refusal = errorFrom(error, this.options.refused, `${api.name}: ${method} ${path}`);
      call.error = refusal.code;
      response.statusCode = refusal.code === 'AccessDeniedException' ? 403 : refusal.status;
      answer = api.renderError(refusal);
    }
    response.setHeader('x-amzn-requestid', this.requestIds.uuid());
    response.setHeader('content-type', answer.contentType);
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      response.setHeader(name, value);
    }
    response.end(answer.body);
    call.status = response.statusCode;
  }

  private scopeOf(request: IncomingMessage): Scope {
    const scope = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/.exec(
      request.headers.authorization ?? '',
    );
    if (scope === null) {
      throw new NotEmulated('a request that is not signed with Signature Version 4');
    }
    const [, accessKeyId = '', region = '', service = ''] = scope;
    if (region !== this.options.region) {
      throw new NotEmulated(`the region ${region}`);
    }
    return { accessKeyId, service };
  }

  private principalOf(accessKeyId: string): Principal {
    const principal = this.options.iam.byAccessKey(accessKeyId);
    if (principal === undefined) {
      this.options.refused.push(`the access key ${accessKeyId}, which belongs to nobody`);
      throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403);
    }
    return principal;
  }

  private recognize(request: IncomingMessage, text: string, { accessKeyId, service }: Scope): KnownRequest {
    const api = this.options.apis.find(({ name }) => name === service);
    if (api === undefined) {
      throw new NotEmulated(`the service ${service}`);
    }
    const target = request.headers['x-amz-target'];
    const operationName =
      typeof target === 'string' && target.startsWith(`${api.target}.`) ? target.slice(api.target.length + 1) : '';
    const operation = Object.hasOwn(api.operations, operationName) ? api.operations[operationName] : undefined;
    if (operation === undefined || request.method !== 'POST') {
      throw new NotEmulated(`the operation ${service}:${operationName}`);
    }
    const principal = this.principalOf(accessKeyId);
    return { api, operationName, operation, principal, body: parsed(text) };
  }

  /** @returns the body */
  private async reply(response: ServerResponse, api: ServiceApi | undefined, result: unknown): Promise<string> {
    const latency = this.options.latency();
    if (latency > 0) {
      await sleep(latency);
    }
    // The SDK sets its clock by this header, and then retries the failed call once.
    response.setHeader('date', new Date(this.options.clock.now()).toUTCString());
    response.setHeader('x-amzn-requestid', this.requestIds.uuid());
    response.setHeader('content-type', api?.contentType ?? 'application/x-amz-json-1.1');
    const body = result instanceof AwsError ? writeErrorHead(response, api, result) : encode(result);
    response.end(body);
    return body;
  }
}

/** @returns the body */
function writeErrorHead(response: ServerResponse, api: ServiceApi | undefined, error: AwsError): string {
  const isDenied = api?.name === 'sqs' && error.code === 'AccessDeniedException';
  response.statusCode = isDenied ? 403 : error.status;
  if (api?.name === 'sqs') {
    response.setHeader('x-amzn-query-error', queryErrorOf(error, isDenied));
  }
  const namespace = isDenied ? 'com.amazon.coral.service' : api?.errorNamespace;
  const type = namespace ? `${namespace}#${error.code}` : error.code;
  return JSON.stringify({ __type: type, [memberOf(api)]: error.message });
}

/** What holds the text of an error. */
function memberOf(api: ServiceApi | undefined): string {
  return api?.errorMember ?? 'message';
}

function queryErrorOf({ code, queryCode, status }: AwsError, isDenied: boolean): string {
  return `${queryCode ?? (isDenied ? 'AccessDenied' : code)};${status >= 500 ? 'Receiver' : 'Sender'}`;
}

function errorFrom(error: unknown, refused: string[], where: string): AwsError {
  if (error instanceof AwsError) {
    return error;
  }
  const what = error instanceof NotEmulated ? error.message : `a failure of the emulation itself: ${String(error)}`;
  refused.push(`${where}: ${what}`);
  // Clients do not retry a 501.
  return new AwsError('NotEmulated', `The local cloud does not emulate ${what}.`, 501);
}

function describe(request: IncomingMessage): string {
  const target = request.headers['x-amz-target'];
  return `${request.method ?? ''} ${request.url ?? ''}${typeof target === 'string' ? ` ${target}` : ''}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('SerializationException', 'The request is not JSON.');
  }
}
