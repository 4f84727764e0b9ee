import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { HttpOutcome } from '../core/ports';

/** Enough for every answer that Amazon gives; the rest is not read. */
const MAX_BYTES = 64 * 1024;

declare const __PACKAGE_VERSION__: string;

/** @see https://developer-docs.amazon.com/sp-api/docs/include-a-user-agent-header-in-all-requests */
const USER_AGENT = `cdk-sp-api-secret-rotation/${__PACKAGE_VERSION__} (Language=Node.js/${process.versions.node}; Platform=AWS Lambda)`;

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** In milliseconds, for all of it. */
  readonly timeout: number;
}

/**
 * POSTs once, and settles within the time-out whatever the server does.
 *
 * `node:https` rather than `fetch`: it opens a fresh connection (one kept alive may have died while the function
 * was frozen), follows no redirect (which would carry the secret to another host), and tells whether the request was written.
 */
export async function post(what: Post): Promise<HttpOutcome> {
  return (await send(what, undefined)).outcome;
}

/** Connections that are kept from one request to the next, for requests that may be made twice. */
export class KeptConnections {
  private agent: HttpAgent | undefined;

  /** Like {@link post}. Over a connection that died meanwhile no answer came: then once more over a fresh one, in the time that is left. */
  async post(what: Post): Promise<HttpOutcome> {
    // Not `performance`: its first use loads much of Node.js (docs/adr/0046).
    const begun = process.hrtime.bigint();
    this.agent ??= new (what.url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true });
    const { outcome, isKeptBrokenOff } = await send(what, this.agent);
    const timeLeft = what.timeout - Number(process.hrtime.bigint() - begun) / 1e6;
    return isKeptBrokenOff ? post({ ...what, timeout: timeLeft }) : outcome;
  }

  /** To be called before the function is frozen: none would survive that for sure. */
  close(): void {
    this.agent?.destroy();
    this.agent = undefined;
  }
}

interface Sent {
  readonly outcome: HttpOutcome;
  /** Whether the connection had served another request before, and broke off: not by the time-out, whose timer may be early. */
  readonly isKeptBrokenOff: boolean;
}

function send({ url, headers, body, timeout }: Post, agent: HttpAgent | undefined): Promise<Sent> {
  return new Promise((resolve) => {
    let written = false;
    const secure = url.startsWith('https:');
    const request = open(url, secure, agent);
    const settle = (outcome: HttpOutcome, isBrokenOff = false): void => {
      clearTimeout(timer);
      resolve({ outcome, isKeptBrokenOff: isBrokenOff && request.reusedSocket });
      // A connection that is kept is not the request's any more, unless there was more to read.
      request.destroy();
    };
    const settleFailed = (isBrokenOff: boolean): void => {
      settle({ failed: written ? 'after-sending' : 'before-sending' }, isBrokenOff);
    };
    const fail = (): void => settleFailed(true);
    // Unlike AbortSignal.timeout, it keeps the process alive: where nothing else did, all answers of the run would be lost.
    const timer = setTimeout(() => settleFailed(false), timeout);
    request.once('socket', (socket) => {
      written = request.reusedSocket;
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        written = true;
      });
    });
    // Not `once`: a second error without a listener would end the process, and with it every application's run.
    request.on('error', fail);
    // Instead of a response: without this listener Node.js closes the connection and says nothing.
    request.on('upgrade', fail);
    request.once('response', (response) => {
      read(response).then((text) => {
        settle({ status: response.statusCode ?? 0, body: text, ...requestIdOf(response), ...dateOf(response) });
      }, fail);
    });
    for (const [name, value] of Object.entries({ ...headers, 'user-agent': USER_AGENT })) {
      request.setHeader(name, value);
    }
    request.setHeader('content-length', Buffer.byteLength(body));
    request.end(body);
  });
}

/**
 * A request without headers: those that are given here Node.js prints where NODE_DEBUG is set, and among them is the token.
 * Nor may an environment variable turn off that the server's certificate is checked, as NODE_TLS_REJECT_UNAUTHORIZED would.
 */
function open(url: string, secure: boolean, agent: HttpAgent | undefined): ClientRequest {
  const options = { method: 'POST', agent: agent ?? false } as const;
  return secure ? httpsRequest(url, { ...options, rejectUnauthorized: true }) : httpRequest(url, options);
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BYTES) {
      break;
    }
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString('utf8');
}

function dateOf({ headers }: IncomingMessage): { readonly date?: number } {
  const date = Date.parse(headers.date ?? '');
  return Number.isNaN(date) ? {} : { date };
}

/** Only what looks like an id: a server can put anything into a header. */
function requestIdOf(response: IncomingMessage): { readonly requestId?: string } {
  const header = response.headers['x-amzn-requestid'];
  return typeof header === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(header) ? { requestId: header } : {};
}
