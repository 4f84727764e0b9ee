import * as v from 'valibot';
import type { FailureKind } from '../../../lib/contract/failure-kind';
import { parseJson } from '../json';
import type { HttpOutcome } from '../ports';
import type { Instant } from '../time';

/** What LWA's answer to a token request means. */
export type TokenAnswer =
  | { readonly answer: 'granted'; readonly accessToken: string }
  /** The pair is wrong, replaced, or so new that LWA does not know it yet. */
  | { readonly answer: 'invalid-client'; readonly requestId?: string }
  | { readonly answer: 'failed'; readonly kind: FailureKind; readonly requestId?: string };

/** Amazon's have about 90 characters. Longer ones LWA does not answer: it breaks the connection. */
export const MAX_SECRET_LENGTH = 1000;

/** LWA was not reached, or is busy: a moment later it may say what it thinks of the pair. */
export function isUndecided(answer: TokenAnswer): boolean {
  return answer.answer === 'failed' && (answer.kind === 'unreachable' || answer.kind === 'throttled');
}

/** What Amazon's answer to the rotation means. */
export type RotationAnswer =
  | { readonly answer: 'accepted'; readonly requestId?: string; readonly date?: Instant }
  /** Nothing was rotated. */
  | { readonly answer: 'refused'; readonly kind: FailureKind; readonly requestId?: string }
  /** It may have rotated. */
  | { readonly answer: 'ambiguous'; readonly requestId?: string };

// Checked before the intent is written: what no header may hold would fail when the POST is made. Amazon's have 2,048 bytes at
// most; servers take headers of 8,192.
const token = v.object({ access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,8192}$/)) });
const tokenError = v.object({ error: v.string() });
const errorList = v.object({
  errors: v.array(v.object({ message: v.optional(v.string(), ''), details: v.optional(v.string(), '') })),
});

/** @see https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api */
export function classifyTokenAnswer(outcome: HttpOutcome): TokenAnswer {
  if ('failed' in outcome) {
    return { answer: 'failed', kind: 'unreachable' };
  }
  const requestId = requestIdOf(outcome);
  const { status } = outcome;
  if (isSuccess(status)) {
    const granted = v.safeParse(token, parseJson(outcome.body));
    return granted.success
      ? { answer: 'granted', accessToken: granted.output.access_token }
      : { answer: 'failed', kind: 'refused', ...requestId };
  }
  const parsed = v.safeParse(tokenError, parseJson(outcome.body));
  const error = parsed.success ? parsed.output.error : '';
  if (error === 'invalid_client') {
    return { answer: 'invalid-client', ...requestId };
  }
  return { answer: 'failed', kind: tokenFailureKind(status, error), ...requestId };
}

function tokenFailureKind(status: number, error: string): FailureKind {
  if (status === 429) {
    return 'throttled';
  }
  if (
    error === 'server_error' ||
    error === 'temporarily_unavailable' ||
    status < 400 ||
    status === 408 ||
    status >= 500
  ) {
    return 'unreachable';
  }
  return error === 'invalid_scope' || error === 'unauthorized_client' ? 'wrong-token' : 'refused';
}

/** @see https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret */
export function classifyRotationAnswer(outcome: HttpOutcome): RotationAnswer {
  if ('failed' in outcome) {
    return outcome.failed === 'before-sending' ? { answer: 'refused', kind: 'unreachable' } : { answer: 'ambiguous' };
  }
  const requestId = requestIdOf(outcome);
  const { status } = outcome;
  if (isSuccess(status)) {
    return { answer: 'accepted', ...requestId, ...(outcome.date !== undefined && { date: outcome.date }) };
  }
  if (status < 400 || status === 408 || status >= 500) {
    return { answer: 'ambiguous', ...requestId };
  }
  return { answer: 'refused', kind: refusalKind(status, outcome.body), ...requestId };
}

function refusalKind(status: number, body: string): FailureKind {
  const said = saidIn(body);
  if (status === 429) {
    return 'throttled';
  }
  if (status === 400 && said.includes('not enrolled')) {
    return 'not-enrolled';
  }
  if (status === 403) {
    return said.includes('lwa secret') && said.includes('expired') ? 'secret-expired' : 'wrong-token';
  }
  return 'refused';
}

/** The words of an ErrorList, to look for known ones in; they go nowhere else. */
function saidIn(body: string): string {
  const parsed = v.safeParse(errorList, parseJson(body));
  return parsed.success
    ? parsed.output.errors
        .map((error) => `${error.message} ${error.details}`)
        .join(' ')
        .toLowerCase()
    : '';
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function requestIdOf(outcome: { readonly requestId?: string }): { readonly requestId?: string } {
  return outcome.requestId === undefined ? {} : { requestId: outcome.requestId };
}
