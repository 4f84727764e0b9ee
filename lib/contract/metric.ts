/** CloudWatch namespace of every metric the functions publish. */
export const METRIC_NAMESPACE = 'SpApiSecretRotation';

/** Dimension of every metric: the name of the notification queue. */
export const HUB_DIMENSION = 'Hub';

/** Second dimension of failed rotations. They are rare, so each kind costs only for the hours it happens in. */
export const KIND_DIMENSION = 'Kind';

/** Second dimension of the gauge of one application, which is published only where it was asked for. */
export const APPLICATION_DIMENSION = 'Application';

/**
 * Names of the metrics, shared by the functions that publish and the constructs that read.
 *
 * CloudWatch charges a metric for each hour it is published in: two stand, the others are published only when there is
 * something to count.
 */
export const METRIC = {
  /**
   * Gauge of complete sweeps, and with the dimension Application of one: the fewest days until a client secret in use
   * stops working. Estimates included; applications that could not be read are counted in `unreadable`.
   */
  daysToExpiry: 'DaysToExpiry',
  /** Gauge of complete sweeps: applications whose outcome is failed, stalled or not seeded. */
  needingAttention: 'ApplicationsNeedingAttention',
  /** Of complete sweeps: applications whose expiry is not known, because nothing could be read of it. */
  unreadable: 'ApplicationsUnreadable',
  rotationsRequested: 'RotationsRequested',
  rotationsCompleted: 'RotationsCompleted',
  /** Refused, or without a clear answer. With and without the dimension Kind. */
  rotationsFailed: 'RotationsFailed',
  /** Each sweep that finds that a new client secret has not come, for as long as it lasts. */
  rotationsStalled: 'RotationsStalled',
  /** Reports of what no later run mends: overwritten, order unknown, a message not understood, a failed replica. */
  personNeeded: 'PersonNeeded',
  /** Seconds from Amazon's event to AWSCURRENT. */
  deliveryDelay: 'DeliveryDelay',
  messagesKept: 'MessagesKept',
  messagesUnclaimed: 'MessagesUnclaimed',
  /** Seconds since the oldest message that the store function kept was sent. */
  oldestKeptMessageAge: 'OldestKeptMessageAge',
} as const;
