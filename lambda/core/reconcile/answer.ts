import type { FailureKind } from '../../../lib/contract/failure-kind';

export type Outcome =
  'healthy' | 'due' | 'requested' | 'in-flight' | 'promoted' | 'not-rotated' | 'stalled' | 'failed' | 'not-seeded';

export type Guard = 'overlap' | 'in-flight' | 'one-a-minute' | 'stalled' | 'notify-only';

/** What the rotate function answers about one application. Times are ISO 8601. */
export interface ApplicationAnswer {
  readonly application: string;
  /** Empty while the secret does not tell. */
  readonly clientId: string;
  readonly outcome: Outcome;
  readonly kind?: FailureKind;
  readonly guard?: Guard;
  readonly secretExpiry?: string;
  /** Nothing of Amazon's has told the date yet: it is 180 days after the client secret was first seen. */
  readonly secretExpiryEstimated?: true;
  readonly previousSecretExpiry?: string;
  readonly due?: string;
  readonly versionId?: string;
  /** What happens next, or what to do next: for people. */
  readonly next: string;
}

/** Whether a person should look. */
export function needsAttention(answer: ApplicationAnswer): boolean {
  return answer.outcome === 'failed' || answer.outcome === 'stalled' || answer.outcome === 'not-seeded';
}
