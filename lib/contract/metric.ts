/** CloudWatch namespace of every metric the functions publish. */
export const METRIC_NAMESPACE = 'SpApiSecretRotation';

/** Dimension of every metric: the name of the notification queue. */
export const HUB_DIMENSION = 'Hub';

/** Second dimension of failed rotations. They are rare, so a kind of failure costs only for the hours it occurs in. */
export const KIND_DIMENSION = 'Kind';

/** Second dimension of a metric of one application, which the functions publish only on request. */
export const APPLICATION_DIMENSION = 'Application';

/**
 * Names of the metrics: the functions publish them, the constructs read them.
 *
 * CloudWatch charges for each hour in which a metric is published. So two metrics are always published, and the others
 * only when there is something to count.
 */
export const METRIC = {
  /**
   * Published by complete sweeps: the fewest days until a client secret in use stops working, over all applications;
   * with the dimension Application, of that application. Includes estimates. None while a new one is on its way as usual. Applications that could not be read are
   * counted in `unreadable`.
   */
  daysToExpiry: 'DaysToExpiry',
  /** Published by complete sweeps: applications whose outcome is failed, stalled or not seeded. */
  needingAttention: 'ApplicationsNeedingAttention',
  /** Published by complete sweeps: applications whose expiry is unknown, because nothing could be read. */
  unreadable: 'ApplicationsUnreadable',
  rotationsRequested: 'RotationsRequested',
  rotationsCompleted: 'RotationsCompleted',
  /** Rotations that Amazon refused, or did not answer clearly. Published with and without the dimension Kind. */
  rotationsFailed: 'RotationsFailed',
  /** Counted by each sweep that finds that a new client secret has not arrived. */
  rotationsStalled: 'RotationsStalled',
  /** Failures that no retry resolves: overwritten, order unknown, a message not understood, a failed replica. */
  personNeeded: 'PersonNeeded',
  /** Seconds from Amazon's event to AWSCURRENT. */
  deliveryDelay: 'DeliveryDelay',
  messagesKept: 'MessagesKept',
  messagesUnclaimed: 'MessagesUnclaimed',
  /** Messages that have nothing to do with client secrets, such as notifications of other types. They are deleted. */
  messagesIgnored: 'MessagesIgnored',
  /** Age, in seconds, of the oldest message that the store function kept. */
  oldestKeptMessageAge: 'OldestKeptMessageAge',
} as const;
