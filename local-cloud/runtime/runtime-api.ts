import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bodyOf, closeServer, listenOnLoopback } from '../services/loopback';

/** One piece of work for an execution environment. */
export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  /** The event, as JSON. */
  readonly payload: string;
  /** What time it is, in epoch milliseconds. */
  readonly now: number;
  readonly deadline: number;
}

/** What an execution environment reports. Bodies are the JSON that the runtime client wrote. */
export interface RuntimeApiListener {
  /** The runtime asks for work for the first time, or again. */
  onReady(): void;
  onResponse(body: string): void;
  onError(body: string): void;
  onInitError(body: string): void;
}

/** The largest answer that Lambda accepts, in bytes. */
const RESPONSE_LIMIT = 6 * 1024 * 1024 + 100;

const INVOCATION_PATH = /^POST \/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/** The Lambda runtime API of one execution environment. */
export class RuntimeApi {
  static async start(listener: RuntimeApiListener): Promise<RuntimeApi> {
    const api = new RuntimeApi(listener);
    api.port = await listenOnLoopback(api.server);
    return api;
  }

  private readonly server: Server;
  private port = 0;
  private waiting: ServerResponse | undefined;
  private current: Invocation | undefined;

  private constructor(private readonly listener: RuntimeApiListener) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
    this.server.requestTimeout = 0;
  }

  /** Host and port, as in `AWS_LAMBDA_RUNTIME_API`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Passes an invocation to the runtime, which must have asked for one. */
  offer(invocation: Invocation): void {
    const response = this.waiting;
    if (response === undefined) {
      throw new Error('the execution environment did not ask for an invocation');
    }
    this.waiting = undefined;
    this.current = invocation;
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.requestId,
        'lambda-runtime-deadline-ms': String(invocation.deadline),
        'lambda-runtime-invoked-function-arn': invocation.functionArn,
        'lambda-runtime-trace-id': `Root=1-${Math.floor(invocation.now / 1000).toString(16)}-${invocation.requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`,
        'local-cloud-clock': String(invocation.now),
      })
      .end(invocation.payload);
  }

  stop(): Promise<void> {
    return closeServer(this.server);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'GET' && path === '/2018-06-01/runtime/invocation/next') {
      this.waiting = response;
      this.listener.onReady();
      return;
    }
    const body = await bodyOf(request);
    if (request.method === 'POST' && path === '/2018-06-01/runtime/init/error') {
      accept(response);
      this.listener.onInitError(body);
      return;
    }
    this.receive(response, `${String(request.method)} ${path}`, body);
  }

  private receive(response: ServerResponse, asked: string, body: string): void {
    const [, requestId, what] = INVOCATION_PATH.exec(asked) ?? [];
    if (requestId === undefined) {
      refuse(response, 404, 'NotFound', asked);
    } else if (this.current?.requestId !== decodeURIComponent(requestId)) {
      refuse(response, 400, 'InvalidRequestID', 'not the invocation being worked on');
    } else {
      this.finish(response, what === 'response', body);
    }
  }

  private finish(response: ServerResponse, isAnswer: boolean, body: string): void {
    this.current = undefined;
    if (Buffer.byteLength(body) > RESPONSE_LIMIT) {
      const errorType = 'Function.ResponseSizeTooLarge';
      refuse(response, 413, 'RequestEntityTooLarge', errorType);
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`;
      this.listener.onError(JSON.stringify({ errorType, errorMessage }));
      return;
    }
    accept(response);
    if (isAnswer) {
      this.listener.onResponse(body);
    } else {
      this.listener.onError(body);
    }
  }
}

function accept(response: ServerResponse): void {
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errorType, errorMessage }));
}
