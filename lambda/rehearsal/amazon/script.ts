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

/** A scripted answer, and for how many calls it is still there. */
export interface ScriptLine {
  readonly endpoint: Endpoint;
  readonly answer: ScriptedAnswer;
  readonly options: ScriptOptions;
  left: number;
}

/** The scripted answers, in the order in which they were added. */
export class Script {
  constructor(readonly lines: ScriptLine[] = []) {}

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

/** For each scripted answer in one word: whether it has its effect, and what the client sees. */
const IN_ONE_WORD: Readonly<
  Record<ScriptedAnswer & string, readonly [boolean, (requestId: string) => Performance['then']]>
> = {
  html: [false, (id) => answerOf(503, '<html><body><h1>503 Service Unavailable</h1></body></html>', 'text/html', id)],
  garbage: [false, (id) => answerOf(500, '\u0000{"errors":[{', 'application/json', id)],
  hang: [false, () => 'silence'],
  'timeout-before-effect': [false, () => 'silence'],
  'timeout-after-effect': [true, () => 'silence'],
  'reset-before-effect': [false, () => 'reset'],
  'reset-after-effect': [true, () => 'reset'],
  'half-answer': [true, () => 'half'],
  '500-before-effect': [false, (id) => refused('broken', id)],
  '500-after-effect': [true, (id) => refused('broken', id)],
  '503-before-effect': [false, (id) => refused('overloaded', id)],
  '503-after-effect': [true, (id) => refused('overloaded', id)],
};

export function performanceOf(answer: ScriptedAnswer | undefined, requestId: string): Performance {
  if (typeof answer === 'object') {
    return performanceOfObject(answer, requestId);
  }
  if (answer === undefined) {
    return USUAL;
  }
  const [hasEffect, then] = IN_ONE_WORD[answer];
  return { hasEffect, delay: 0, then: then(requestId) };
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
