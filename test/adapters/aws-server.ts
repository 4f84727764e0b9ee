import { createServer } from 'node:http';
import { bodyOf, closeServer, listenOnLoopback } from 'local-cloud';
import { CLIENT_CONFIGURATION } from '../../lambda/adapters/aws-call';

/** One call as it came over the wire. */
export interface AwsCall {
  /** Such as `AmazonSQS.SendMessage`. */
  readonly target: string;
  readonly input: Record<string, unknown>;
}

/** What the server answers: members of the body, or a whole answer. */
export interface AwsAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: `{}`. A text is sent as it is. */
  readonly body?: object | string;
}

export const REQUEST_ID = '0a1b2c3d-0000-4000-8000-00000000000f';

/** Stands in for AWS, over HTTP: gives each call the next of the answers, or what is usual for its target. */
export class AwsServer {
  readonly calls: AwsCall[] = [];
  /** How clients of the functions are made, pointed here. */
  configuration = { ...CLIENT_CONFIGURATION, maxAttempts: 1, region: 'us-east-1', endpoint: '', credentials };
  private answers: AwsAnswer[] = [];
  private usual: Readonly<Record<string, AwsAnswer | ((input: AwsCall['input']) => AwsAnswer)>> = {};
  private readonly server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const input = JSON.parse(text) as Record<string, unknown>;
      this.calls.push({ target: String(request.headers['x-amz-target']), input });
      const { status = 200, headers = {}, body = {} } = this.answerTo(input, String(request.headers['x-amz-target']));
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-requestid': REQUEST_ID,
        ...headers,
      });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });

  async start(): Promise<void> {
    this.configuration = { ...this.configuration, endpoint: `http://127.0.0.1:${await listenOnLoopback(this.server)}` };
  }

  stop(): Promise<void> {
    return closeServer(this.server);
  }

  /** Forgets what was, and answers so from now on. */
  will(...answers: AwsAnswer[]): void {
    this.answers = answers;
    this.calls.length = 0;
  }

  /** Forgets what was, and answers calls of these targets so from now on. */
  willAlways(usual: typeof this.usual): void {
    this.will();
    this.usual = usual;
  }

  private answerTo(input: AwsCall['input'], target: string): AwsAnswer {
    const usual = this.usual[target] ?? { status: 500 };
    return this.answers.shift() ?? (typeof usual === 'function' ? usual(input) : usual);
  }
}

const credentials = { accessKeyId: 'ASIA', secretAccessKey: 'none' };

/** The service answered with an error. */
export function refusing(code: string, message = 'no', status = 400): AwsAnswer {
  return { status, body: { __type: code, message } };
}
