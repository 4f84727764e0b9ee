/**
 * The account from which Amazon sends SP-API notifications to the queues of all developers.
 *
 * @see https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret
 */
export const AMAZON_NOTIFICATION_ACCOUNT = '437568002678';

/**
 * What Amazon's documentation asks for. One of Amazon's samples also grants `sqs:ReceiveMessage`, with which Amazon
 * could read the client secrets.
 */
export const AMAZON_QUEUE_ACTIONS = ['sqs:SendMessage', 'sqs:GetQueueAttributes'] as const;

/** Days after a rotation during which both client secrets work. */
export const OVERLAP_DAYS = 7;

/** Days until a new client secret expires. */
export const SECRET_LIFETIME_DAYS = 180;

/** The most days that a client secret is believed to live, whatever a message or a journal says. */
export const LONGEST_LIFETIME_DAYS = 2 * SECRET_LIFETIME_DAYS;
