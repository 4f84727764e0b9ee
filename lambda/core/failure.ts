import type { FailureKind } from '../../lib/contract/failure-kind';
import type { RunbookSection } from '../../lib/contract/operators';
import { FAILURE_TEXTS } from './failure-texts';
import { CallFailed, type Application } from './ports';

/** Why something could not be done, in fields that may be shown to anybody. */
export interface Failure {
  readonly kind: FailureKind;
  /** What happened and what to do next, for people. */
  readonly next: string;
  /** Of the runbook, where another one than that of the kind says more. */
  readonly section?: RunbookSection | undefined;
  readonly requestId?: string;
  readonly operation?: string;
  readonly code?: string;
  /** Where in the code of this package, such as `index.mjs:1200:15`. */
  readonly position?: string;
}

export function failure(application: Application, kind: FailureKind, requestId?: string): Failure {
  return {
    kind,
    next: `Application '${application.settings.id}' ${FAILURE_TEXTS[kind].happened}${requestId === undefined ? '' : ` (Amazon's request id ${requestId})`}. ${FAILURE_TEXTS[kind].next}`,
    requestId,
  };
}

/** What was thrown means: a call to AWS that failed, or a defect. It is never thrown on, so that it is one application's or message's. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof CallFailed)) {
    return defectOf(error);
  }
  const kind = error.isThrottling ? 'throttled' : error.isLasting ? 'needs-person' : 'unreachable';
  return {
    kind,
    next: `${error.message}. ${error.advice ?? advice(kind)}`,
    operation: error.operation,
    code: error.code,
    requestId: error.requestId,
    section: error.section,
  };
}

function advice(kind: 'throttled' | 'needs-person' | 'unreachable'): string {
  return kind === 'needs-person'
    ? "Check that the secret, the queue and their keys exist and that their policies let the functions' roles in. Deploying an unchanged stack restores nothing."
    : FAILURE_TEXTS[kind].next;
}

/** Of what was thrown only its class and its place are told: its message may quote a secret. */
function defectOf(error: unknown): Failure {
  const { happened, next } = FAILURE_TEXTS.defect;
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return {
    kind: 'defect',
    next: `It ${happened}. ${next}`,
    code: /^\w{1,60}$/.test(name) ? name : 'Error',
    position: error instanceof Error ? positionOf(error) : undefined,
  };
}

/** A stack begins with the message, whatever that holds: only what follows it is looked at. */
function positionOf({ message, stack = '' }: Error): string | undefined {
  const end = stack.indexOf(message);
  const frames = end < 0 ? '' : stack.slice(end + message.length);
  // Neither Node's own functions nor the engine's are ours.
  return /^ {4}at (?!.*node:).*?([\w.-]{1,60}:\d{1,9}:\d{1,9})\)?$/m.exec(frames)?.[1];
}
