import * as v from 'valibot';
import { MAX_LIFETIME_DAYS, OVERLAP_DAYS, SECRET_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import { digestOf } from '../digest';
import { CLOCK_SKEW, DAY, fromIso, type Instant } from '../time';
import { findNotification } from './spelling';
import { isClientId } from './client-id';

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
  /** Whether the new secret's expiry was missing or cannot be, and is eventTime + 180 days. */
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
  /** Positively nothing that is about a client secret. */
  | { readonly type: 'harmless' }
  /** Whatever else: it is kept for a person. */
  | { readonly type: 'not-understood' };

// Texts longer than any of Amazon's would not fit into a secret, an event or a log line.
const identifier = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256));
// Anything else could be a client secret in the wrong place.
const clientId = v.pipe(identifier, v.check(isClientId));
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
const metadata = v.fallback(
  v.optional(v.object({ notificationid: v.optional(identifier), publishtime: optionalTime })),
  undefined,
);

const newSecret = v.object({
  eventtime: optionalTime,
  payload: v.object({
    clientid: clientId,
    newclientsecret: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_024)),
    newclientsecretexpirytime: optionalTime,
    oldclientsecretexpirytime: optionalTime,
  }),
  notificationmetadata: metadata,
});

const expiry = v.object({
  eventtime: optionalTime,
  payload: v.object({
    clientid: clientId,
    clientsecretexpirytime: v.pipe(
      v.string(),
      v.transform((text) => fromIso(text)),
      v.number(),
    ),
  }),
  notificationmetadata: metadata,
});

/**
 * Reads the body of a queue message, in whatever spelling of its names.
 *
 * @param sentAt when the message entered the queue; stands in for an event time and a time of publication that are missing
 */
export function parseNotification(body: string, sentAt: Instant): Notification {
  const found = findNotification(body);
  switch (found.about) {
    case 'new-secret': {
      const parsed = v.safeParse(newSecret, found.content);
      return parsed.success
        ? { type: 'new-secret', delivery: toDelivery(parsed.output, sentAt) }
        : { type: 'not-understood' };
    }
    case 'expiry': {
      const parsed = v.safeParse(expiry, found.content);
      return parsed.success ? { type: 'expiry', notice: toNotice(parsed.output, sentAt) } : { type: 'not-understood' };
    }
    case 'nothing':
      return { type: 'harmless' };
    case 'unclear':
      return { type: 'not-understood' };
  }
}

function toDelivery({ payload, ...parsed }: v.InferOutput<typeof newSecret>, sentAt: Instant): Delivery {
  const digest = digestOf(payload.newclientsecret);
  const told = parsed.eventtime ?? parsed.notificationmetadata?.publishtime;
  const eventTime = eventTimeOf(told ?? issueTimeOf(payload.newclientsecretexpirytime, sentAt), sentAt);
  const newExpiry = believedExpiry(payload.newclientsecretexpirytime, eventTime);
  return {
    clientId: payload.clientid,
    clientSecret: payload.newclientsecret,
    digest,
    notificationId: parsed.notificationmetadata?.notificationid ?? digest,
    eventTime,
    newExpiry: newExpiry ?? eventTime + SECRET_LIFETIME_DAYS * DAY,
    oldExpiry: believedEndOfOverlap(payload.oldclientsecretexpirytime, eventTime),
    estimated: newExpiry === undefined,
  };
}

function toNotice({ payload, ...parsed }: v.InferOutput<typeof expiry>, sentAt: Instant): ExpiryNotice {
  return {
    clientId: payload.clientid,
    expiry: payload.clientsecretexpirytime,
    eventTime: eventTimeOf(parsed.eventtime ?? parsed.notificationmetadata?.publishtime, sentAt),
  };
}

/**
 * An event cannot be later than its message: believing one that says so would make every later delivery look old. Nor does one
 * from before the life of any client secret that works make a difference: it is older than all.
 */
function eventTimeOf(eventTime: Instant | undefined, sentAt: Instant): Instant {
  const earliest = sentAt - MAX_LIFETIME_DAYS * DAY;
  return Math.max(earliest, Math.min(eventTime ?? sentAt, sentAt + CLOCK_SKEW));
}

/**
 * Where Amazon does not say when it made a client secret, its expiry does. The message may have come much later than the event:
 * a client secret made between the two would look older than it is.
 */
function issueTimeOf(expiry: Instant | undefined, sentAt: Instant): Instant | undefined {
  const issuedAt = expiry === undefined ? undefined : expiry - SECRET_LIFETIME_DAYS * DAY;
  return issuedAt !== undefined && issuedAt <= sentAt && issuedAt > sentAt - OVERLAP_DAYS * DAY ? issuedAt : undefined;
}

/** A new client secret outlives the one before it. A date that cannot be counts as missing. */
function believedExpiry(newExpiry: Instant | undefined, eventTime: Instant): Instant | undefined {
  return newExpiry !== undefined &&
    newExpiry > eventTime + OVERLAP_DAYS * DAY &&
    newExpiry <= eventTime + MAX_LIFETIME_DAYS * DAY
    ? newExpiry
    : undefined;
}

/** No overlap is longer than the one that Amazon documents, whatever a message says: nothing is rotated before its end. */
function believedEndOfOverlap(oldExpiry: Instant | undefined, eventTime: Instant): Instant {
  const end = eventTime + OVERLAP_DAYS * DAY;
  return oldExpiry === undefined ? end : Math.max(eventTime, Math.min(oldExpiry, end + CLOCK_SKEW));
}

/**
 * The delivery with the date that the journal has for its client secret, where its own is later: a message that tells no date is
 * dated by its arrival, and may have been sent again. Nobody stores or delivers a client secret before Amazon makes it.
 *
 * @param known the earliest date that is known
 */
export function noLaterThan(delivery: Delivery, known: Instant): Delivery {
  const { eventTime, newExpiry, oldExpiry, estimated } = delivery;
  return eventTime <= known + CLOCK_SKEW
    ? delivery
    : {
        ...delivery,
        eventTime: known,
        newExpiry: estimated ? known + SECRET_LIFETIME_DAYS * DAY : newExpiry,
        oldExpiry: Math.min(oldExpiry, known + OVERLAP_DAYS * DAY),
      };
}
