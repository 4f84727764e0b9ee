import type { FailureKind } from '../../lib/contract/failure-kind';
import type { RotationReason } from '../../lib/contract/event';

/**
 * Something worth a log line and perhaps a metric. A closed list of fields, so that nothing else can get into a log.
 */
export interface Observation {
  readonly what:
    | 'application looked at'
    | 'rotation requested'
    | 'rotation refused'
    | 'rotation ambiguous'
    | 'rotation stalled'
    | 'client secret rotated'
    | 'client secret healed'
    | 'client secret dying'
    | 'client secret seeded by hand'
    | 'token minted with another version'
    | 'hub adopted'
    | 'event not published'
    | 'expiry noticed'
    | 'message acknowledged'
    | 'message kept'
    | 'message unclaimed';
  readonly application?: string;
  readonly clientId?: string;
  readonly kind?: FailureKind;
  readonly outcome?: string;
  /** Amazon's or AWS's request id. */
  readonly requestId?: string;
  readonly versionId?: string;
  readonly reason?: RotationReason;
  readonly requestedBy?: string;
  /** The operation of AWS that failed, and its error code. */
  readonly operation?: string;
  readonly code?: string;
  readonly messageId?: string;
  readonly notificationType?: 'new-secret' | 'expiry' | 'other';
  /** Seconds from Amazon's event to AWSCURRENT, or since the message was sent, or until the client secret stops working. */
  readonly seconds?: number;
  /** What to do next, for people. */
  readonly next?: string;
}
