/** The environment variables through which the constructs configure the functions. None of them ever holds a secret. */
export const ENVIRONMENT = {
  /** URL of the notification queue. */
  queueUrl: 'NOTIFICATION_QUEUE_URL',
  /** ARN of the notification queue. It identifies the hub. */
  queueArn: 'NOTIFICATION_QUEUE_ARN',
  /** ARN of the customer key that the queue was deployed with; absent for SSE-SQS and where an imported queue has no known key. */
  queueKeyArn: 'NOTIFICATION_QUEUE_KEY_ARN',
  /** URL of the queue that keeps new client secrets for client ids that no application of the hub has. */
  unclaimedQueueUrl: 'UNCLAIMED_QUEUE_URL',
  /** URL of the dead-letter queue of the hub. Only the rotate function has it. */
  deadLetterQueueUrl: 'DEAD_LETTER_QUEUE_URL',
  /** ARN of the store function. Only the rotate function has it. */
  storeFunctionArn: 'STORE_FUNCTION_ARN',
  /** Path in Parameter Store, without a trailing slash, below which each application has a parameter. */
  applicationsPath: 'APPLICATIONS_PATH',
  /** ARN of the event bus. */
  eventBusArn: 'EVENT_BUS_ARN',
  /** Longest time between two sweeps, in minutes; absent where the schedule does not tell. */
  sweepIntervalMinutes: 'SWEEP_INTERVAL_MINUTES',
  /**
   * The SP-API endpoints of applications that are not Amazon's, separated by blanks; absent where there are none. No other
   * endpoint is believed: who may write a parameter may not say where tokens are sent.
   */
  otherEndpoints: 'OTHER_ENDPOINTS',
  /** Token endpoint of Login with Amazon. */
  lwaTokenUrl: 'LWA_TOKEN_URL',
} as const;
