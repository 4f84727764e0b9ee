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
export const MAX_LIFETIME_DAYS = 2 * SECRET_LIFETIME_DAYS;
/** What every client id begins with. */
export const CLIENT_ID_PREFIX = 'amzn1.application-oa2-client.';

/**
 * The form of a client id. Amazon documents none: real ones continue with hexadecimal digits, those in its examples with
 * other letters too. No client secret fits behind the prefix: new ones contain dots, old ones have 64 digits.
 */
export const CLIENT_ID = /^amzn1\.application-oa2-client\.[A-Za-z0-9]{1,63}$/;
