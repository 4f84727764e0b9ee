import { refused, type AmazonAnswer } from './answers';

export type Endpoint = 'lwa' | 'rotate';

/** What Amazon does instead of its usual answer. `effect`: the token is issued or the secret rotated. */
export type ScriptedAnswer =
  | 'html'
  | 'garbage'
  /** No answer ever comes. */
  | 'hang'
  | 'timeout-before-effect'
  | 'timeout-after-effect'
  /** The connection is reset after the request was read. */
  | 'reset-before-effect'
  | 'reset-after-effect'
  | '500-before-effect'
  | '500-after-effect'
  | '503-before-effect'
  | '503-after-effect'
  /** It has its effect. The answer begins and never ends. */
  | 'half-answer'
  | { readonly redirect: string; readonly status?: number }
  | {
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly hasEffect?: boolean;
    }
  /** Real milliseconds before the usual answer. */
  | { readonly delay: number };

export interface ScriptOptions {
  /** How many calls. Default: 1. */
  readonly times?: number;
  /** Only for this application. Default: any. */
  readonly clientId?: string;
}

/** How a scripted answer is carried out. */
export interface Performance {
  readonly hasEffect: boolean;
  readonly delay: number;
  /** `usual`: what the model answers. */
  readonly then: AmazonAnswer | 'usual' | 'silence' | 'reset' | 'half';
}

/** The scripted answers, in the order in which they were added. */
export class Script {
  private readonly lines: { endpoint: Endpoint; answer: ScriptedAnswer; options: ScriptOptions; left: number }[] = [];

  add(endpoint: Endpoint, answer: ScriptedAnswer, options: ScriptOptions = {}): void {
    this.lines.push({ endpoint, answer, options, left: options.times ?? 1 });
  }

  clear(): void {
    this.lines.length = 0;
  }

  next(endpoint: Endpoint, clientId: string | undefined): ScriptedAnswer | undefined {
    const line = this.lines.find(
      (one) => one.endpoint === endpoint && one.left > 0 && (one.options.clientId ?? clientId) === clientId,
    );
    if (line !== undefined) {
      line.left -= 1;
    }
    return line?.answer;
  }
}

const USUAL: Performance = { hasEffect: true, delay: 0, then: 'usual' };

export function performanceOf(answer: ScriptedAnswer | undefined, requestId: string): Performance {
  if (answer === undefined) {
    return USUAL;
  }
  if (typeof answer === 'object') {
    return performanceOfObject(answer, requestId);
  }
  const before = (then: Performance['then']): Performance => ({ hasEffect: false, delay: 0, then });
  const after = (then: Performance['then']): Performance => ({ hasEffect: true, delay: 0, then });
  switch (answer) {
    case 'html':
      return before(
        answerOf(503, '<html><body><h1>503 Service Unavailable</h1></body></html>', 'text/html', requestId),
      );
    case 'garbage':
      return before(answerOf(500, '\u0000{"errors":[{', 'application/json', requestId));
    case 'hang':
    case 'timeout-before-effect':
      return before('silence');
    case 'timeout-after-effect':
      return after('silence');
    case 'reset-before-effect':
      return before('reset');
    case 'reset-after-effect':
      return after('reset');
    case 'half-answer':
      return after('half');
    case '500-before-effect':
      return before(refused('broken', requestId));
    case '500-after-effect':
      return after(refused('broken', requestId));
    case '503-before-effect':
      return before(refused('overloaded', requestId));
    case '503-after-effect':
      return after(refused('overloaded', requestId));
  }
}

function performanceOfObject(answer: Exclude<ScriptedAnswer, string>, requestId: string): Performance {
  if ('delay' in answer) {
    return { ...USUAL, delay: answer.delay };
  }
  if ('redirect' in answer) {
    const headers = { location: answer.redirect, 'x-amzn-RequestId': requestId };
    return { hasEffect: false, delay: 0, then: { status: answer.status ?? 307, headers, body: '' } };
  }
  const headers = { 'content-type': 'application/json', 'x-amzn-RequestId': requestId, ...answer.headers };
  return {
    hasEffect: answer.hasEffect === true,
    delay: 0,
    then: { status: answer.status, headers, body: answer.body ?? '' },
  };
}

function answerOf(status: number, body: string, contentType: string, requestId: string): AmazonAnswer {
  return { status, headers: { 'content-type': contentType, 'x-amzn-RequestId': requestId }, body };
}
