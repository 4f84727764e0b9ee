import type { FailureKind } from '../../lib/contract/failure-kind';
import { FAILURE_TEXTS } from './failure-texts';
import { CallFailed, type Application } from './ports';

/** Why something could not be done, in fields that may be shown to anybody. */
export interface Failure {
  readonly kind: FailureKind;
  /** What happened and what to do next, for people. */
  readonly next: string;
  readonly requestId?: string;
  readonly operation?: string;
  readonly code?: string;
}

export function failure(application: Application, kind: FailureKind, requestId?: string): Failure {
  return {
    kind,
    next: `Application '${application.settings.id}' ${FAILURE_TEXTS[kind].happened}${requestId === undefined ? '' : ` (Amazon's request id ${requestId})`}. ${FAILURE_TEXTS[kind].next}`,
    requestId,
  };
}

/** What a call to AWS that failed means. Anything but a {@link CallFailed} is a defect and is thrown on. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof CallFailed)) {
    throw error;
  }
  const kind = error.isThrottling ? 'throttled' : error.isLasting ? 'needs-person' : 'unreachable';
  return {
    kind,
    next: `${error.message}. ${advice(kind)}`,
    operation: error.operation,
    code: error.code,
    requestId: error.requestId,
  };
}

function advice(kind: 'throttled' | 'needs-person' | 'unreachable'): string {
  return kind === 'needs-person'
    ? "Check that the secret, the queue and their keys exist and that their policies let the functions' roles in; deploy the stack to restore what it made."
    : FAILURE_TEXTS[kind].next;
}
