/**
 * The account from which Amazon sends SP-API notifications into queues of developers. It serves all developers.
 *
 * @see https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret
 */
export const AMAZON_NOTIFICATION_ACCOUNT = '437568002678';

/** Exactly what Amazon's documents ask for; `sqs:ReceiveMessage`, which a sample of Amazon's grants, would let it read secrets. */
export const AMAZON_QUEUE_ACTIONS = ['sqs:SendMessage', 'sqs:GetQueueAttributes'] as const;

/** What Amazon needs on a customer key that encrypts the queue. */
export const AMAZON_KEY_ACTIONS = ['kms:GenerateDataKey', 'kms:Decrypt'] as const;

/** Login with Amazon's token endpoint. */
export const LWA_TOKEN_URL = 'https://api.amazon.com/auth/o2/token';

/** Days for which both secrets work after a rotation. */
export const OVERLAP_DAYS = 7;

/** Days for which a new client secret lives. */
export const SECRET_LIFETIME_DAYS = 180;
