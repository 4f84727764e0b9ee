import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bodyOf, closeServer, listenOnLoopback } from '../services/loopback';

/** What a function URL does with a request: invokes the function, or refuses. */
export type UrlTarget = (
  event: object,
) => Promise<{ readonly functionError?: string; readonly payload: unknown } | 'forbidden'>;

interface Answer {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/**
 * A function URL without authentication, on 127.0.0.1 (events of format 2.0).
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export class FunctionUrl {
  private readonly server: Server;

  constructor(
    private readonly target: UrlTarget,
    private readonly now: () => number,
  ) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => {
        end(response, 502, {});
      });
    });
  }

  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listenOnLoopback(this.server)}/`;
  }

  stop(): Promise<void> {
    return closeServer(this.server);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const result = await this.target(await this.eventOf(request));
    if (result === 'forbidden') {
      end(response, 403, { body: '{"Message":"Forbidden"}' });
    } else if (result.functionError !== undefined) {
      end(response, 502, { body: 'Internal Server Error' });
    } else {
      const { payload } = result;
      const isStructured = typeof payload === 'object' && payload !== null && 'statusCode' in payload;
      const structured = isStructured ? (payload as Answer) : { body: JSON.stringify(payload) };
      end(response, structured.statusCode ?? 200, structured);
    }
  }

  private async eventOf(request: IncomingMessage): Promise<object> {
    const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split('?');
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
    );
    const body = await bodyOf(request);
    const method = request.method ?? 'GET';
    return {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString,
      headers,
      requestContext: {
        http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] },
        routeKey: '$default',
        stage: '$default',
        timeEpoch: this.now(),
      },
      ...(body !== '' && { body: Buffer.from(body).toString('base64') }),
      isBase64Encoded: body !== '',
    };
  }
}

function end(
  response: ServerResponse,
  status: number,
  { headers = {}, body = '', isBase64Encoded = false }: Answer,
): void {
  response.writeHead(status, { ...headers });
  response.end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
}
