import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
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
 * POSTs once. `node:https` rather than `fetch`: it opens a fresh connection (one kept alive may have died while the function
 * was frozen), follows no redirect (which would carry the secret to another host), and tells whether the request was written.
 */
export function post({ url, headers, body, timeout }: Post): Promise<HttpOutcome> {
  return new Promise((resolve) => {
    let written = false;
    const secure = url.startsWith('https:');
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'user-agent': USER_AGENT, 'content-length': String(Buffer.byteLength(body)) },
      signal: AbortSignal.timeout(timeout),
    });
    request.once('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        written = true;
      });
    });
    const fail = (): void => {
      resolve({ failed: written ? 'after-sending' : 'before-sending' });
    };
    // Not `once`: a second error without a listener would end the process, and with it every application's run.
    request.on('error', fail);
    request.once('response', (response) => {
      read(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, body: text, ...requestIdOf(response), ...dateOf(response) });
      }, fail);
    });
    request.end(body);
  });
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
