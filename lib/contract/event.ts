import type { FailureKind } from './failure-kind';

/** The `source` of every event that the functions put on the bus. */
export const EVENT_SOURCE = 'cdk-sp-api-secret-rotation';

/** Beside the application's id, what the rule sends to the rotate function: the request comes from the bus. */
export const FROM_BUS = 'bus';

/** The `detail-type` of each event. */
export const DETAIL_TYPE = {
  requested: 'Client Secret Rotation Requested',
  rotated: 'Client Secret Rotated',
  stalled: 'Client Secret Rotation Stalled',
  failed: 'Client Secret Rotation Failed',
  expiring: 'Client Secret Expiring',
} as const;

export type DetailType = (typeof DETAIL_TYPE)[keyof typeof DETAIL_TYPE];

/** Who or what asked for a rotation. `console`: somebody rotated in Amazon's Developer Console, not through this hub. */
export type RotationReason = 'schedule' | 'expiry' | 'person' | 'console';

/** The `detail` of an event. Times are ISO 8601. It never holds a secret, a token or a digest of one. */
export interface EventDetail {
  /** ARN of the notification queue. It distinguishes the hubs that share a bus. */
  readonly hub: string;
  readonly application: string;
  readonly clientId: string;
  readonly secretArn: string;
  /** Identifies the rotation. An event may be delivered more than once, with the same id. */
  readonly versionId: string;
  readonly previousVersionId?: string;
  /** The rotation, in all events about it from the request on; absent where this hub asked for none. */
  readonly rotationId?: string;
  readonly kind?: FailureKind;
  readonly reason?: RotationReason;
  /** Who asked, as the caller claims. */
  readonly requestedBy?: string;
  readonly newClientSecretExpiryTime?: string;
  readonly oldClientSecretExpiryTime?: string;
  readonly clientSecretExpiryTime?: string;
  /** Link to a section of the runbook. */
  readonly runbook?: string;
}
