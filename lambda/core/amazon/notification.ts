import * as v from 'valibot';
import { OVERLAP_DAYS, SECRET_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import { digestOf } from '../digest';
import { CLOCK_SKEW, DAY, fromIso, type Instant } from '../time';
import { parseJson } from '../json';

/** A client secret as it was delivered. */
export interface Delivery {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly digest: string;
  /** De-duplicates deliveries and breaks ties between them. */
  readonly notificationId: string;
  readonly eventTime: Instant;
  readonly newExpiry: Instant;
  readonly oldExpiry: Instant;
  /** Whether the new secret's expiry was missing, and is eventTime + 180 days. */
  readonly estimated: boolean;
}

/** A reminder that a client secret will expire. */
export interface ExpiryNotice {
  readonly clientId: string;
  readonly expiry: Instant;
  /** When Amazon made the notice; it may have lain in a queue since. */
  readonly eventTime: Instant;
}

export type Notification =
  | { readonly type: 'new-secret'; readonly delivery: Delivery }
  | { readonly type: 'expiry'; readonly notice: ExpiryNotice }
  /** Positively nothing that could hold a client secret. */
  | { readonly type: 'harmless' }
  /** Whatever else: it is kept for a person. */
  | { readonly type: 'not-understood' };

const NEW_SECRET = 'APPLICATION_OAUTH_CLIENT_NEW_SECRET';
const EXPIRY = 'APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY';

const nonEmpty = v.pipe(v.string(), v.nonEmpty());
// A date that is missing or unreadable is estimated: the secret beside it is what matters.
const optionalTime = v.fallback(
  v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => fromIso(text)),
    ),
  ),
  undefined,
);
const envelope = v.object({ notificationType: v.string() });
const metadata = v.fallback(v.optional(v.object({ notificationId: v.optional(nonEmpty) })), undefined);

const newSecret = v.object({
  eventTime: optionalTime,
  payload: v.object({
    applicationOAuthClientNewSecret: v.object({
      clientId: nonEmpty,
      newClientSecret: nonEmpty,
      newClientSecretExpiryTime: optionalTime,
      oldClientSecretExpiryTime: optionalTime,
    }),
  }),
  notificationMetadata: metadata,
});

const expiry = v.object({
  eventTime: optionalTime,
  payload: v.object({
    applicationOAuthClientSecretExpiry: v.object({
      clientId: nonEmpty,
      clientSecretExpiryTime: v.pipe(
        v.string(),
        v.transform((text) => fromIso(text)),
        v.number(),
      ),
    }),
  }),
});

const snsEnvelope = v.object({ Type: v.literal('Notification'), Message: v.string() });
const eventBridgeEnvelope = v.object({ 'detail-type': v.string(), detail: v.looseObject({}) });

/**
 * Reads the body of a queue message.
 *
 * @param sentAt when the message entered the queue; stands in for a missing event time
 */
export function parseNotification(body: string, sentAt: Instant): Notification {
  const content = unwrap(parseJson(body));
  const type = v.safeParse(envelope, content);
  if (type.success && type.output.notificationType === NEW_SECRET) {
    const parsed = v.safeParse(newSecret, content);
    return parsed.success
      ? { type: 'new-secret', delivery: toDelivery(parsed.output, sentAt) }
      : { type: 'not-understood' };
  }
  if (type.success && type.output.notificationType === EXPIRY) {
    const parsed = v.safeParse(expiry, content);
    if (!parsed.success) {
      return { type: 'not-understood' };
    }
    const { clientId, clientSecretExpiryTime } = parsed.output.payload.applicationOAuthClientSecretExpiry;
    const eventTime = eventTimeOf(parsed.output, sentAt);
    return { type: 'expiry', notice: { clientId, expiry: clientSecretExpiryTime, eventTime } };
  }
  return mayHoldSecret(body) ? { type: 'not-understood' } : { type: 'harmless' };
}

function toDelivery(parsed: v.InferOutput<typeof newSecret>, sentAt: Instant): Delivery {
  const { clientId, newClientSecret, newClientSecretExpiryTime, oldClientSecretExpiryTime } =
    parsed.payload.applicationOAuthClientNewSecret;
  const digest = digestOf(newClientSecret);
  const eventTime = eventTimeOf(
    { eventTime: parsed.eventTime ?? issueTimeOf(newClientSecretExpiryTime, sentAt) },
    sentAt,
  );
  return {
    clientId,
    clientSecret: newClientSecret,
    digest,
    notificationId: parsed.notificationMetadata?.notificationId ?? digest,
    eventTime,
    newExpiry: newClientSecretExpiryTime ?? eventTime + SECRET_LIFETIME_DAYS * DAY,
    oldExpiry: oldClientSecretExpiryTime ?? eventTime + OVERLAP_DAYS * DAY,
    estimated: newClientSecretExpiryTime === undefined,
  };
}

/** An event cannot be later than its message. Believing one that says so would make every later delivery look old. */
function eventTimeOf({ eventTime }: { readonly eventTime?: Instant | undefined }, sentAt: Instant): Instant {
  return Math.min(eventTime ?? sentAt, sentAt + CLOCK_SKEW);
}

/**
 * Where Amazon does not say when it made a client secret, its expiry does. The message may have come much later than the event:
 * a client secret made between the two would look older than it is.
 */
function issueTimeOf(expiry: Instant | undefined, sentAt: Instant): Instant | undefined {
  const issuedAt = expiry === undefined ? undefined : expiry - SECRET_LIFETIME_DAYS * DAY;
  return issuedAt !== undefined && issuedAt <= sentAt && issuedAt > sentAt - OVERLAP_DAYS * DAY ? issuedAt : undefined;
}

/** Takes off what SNS or EventBridge put around the notification. */
function unwrap(content: unknown): unknown {
  const sns = v.safeParse(snsEnvelope, content);
  if (sns.success) {
    return unwrap(parseJson(sns.output.Message));
  }
  const eventBridge = v.safeParse(eventBridgeEnvelope, content);
  return eventBridge.success ? eventBridge.output.detail : content;
}

function mayHoldSecret(body: string): boolean {
  return /NEW_SECRET|newClientSecret|amzn1\.oa2-cs/i.test(body);
}
