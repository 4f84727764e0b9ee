/** CloudWatch namespace of every metric the functions publish. */
export const METRIC_NAMESPACE = 'SpApiSecretRotation';

/** Dimension of every metric: the name of the notification queue. */
export const HUB_DIMENSION = 'Hub';

/** Names of the metrics, shared by the functions that publish and the constructs that read. */
export const METRIC = {
  /** Gauge of complete sweeps: the fewest days to expiry of all applications, estimates included. */
  daysToExpiry: 'DaysToExpiry',
  /** Gauge of complete sweeps: applications whose outcome is failed, stalled or not seeded. */
  needingAttention: 'ApplicationsNeedingAttention',
  rotationsRequested: 'RotationsRequested',
  rotationsCompleted: 'RotationsCompleted',
  rotationsFailed: 'RotationsFailed',
  rotationsStalled: 'RotationsStalled',
  /** Seconds from Amazon's event to AWSCURRENT. */
  deliveryDelay: 'DeliveryDelay',
  messagesKept: 'MessagesKept',
  messagesUnclaimed: 'MessagesUnclaimed',
  /** Seconds since the oldest message that the store function kept was sent. */
  oldestKeptMessageAge: 'OldestKeptMessageAge',
} as const;
