/**
 * Why an application needs attention. Answers, events, metrics and the runbook use these words and no others.
 */
export const FAILURE_KINDS = [
  'not-seeded',
  'not-json',
  'field-missing',
  'wrong-client-id',
  'wrong-credentials',
  'secret-expired',
  'not-enrolled',
  'wrong-token',
  'throttled',
  'unreachable',
  'refused',
  'ambiguous',
  'stalled',
  'rejected-by-lwa',
  'preflight-queue',
  'preflight-policy',
  'preflight-key',
  'journal-unreadable',
  'overwritten',
  'order-unknown',
  'needs-person',
  'defect',
  'unproven',
] as const;

export type FailureKind = (typeof FAILURE_KINDS)[number];
