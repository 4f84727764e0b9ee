import { parseJson } from '../json';

/**
 * Amazon writes its notifications about client secrets in camelCase and others in PascalCase; SNS, EventBridge and pipes put
 * envelopes around them, and editors a byte order mark before. So names are compared by their letters alone.
 */
export type Found =
  /** Names have no capitals and no separators; what the payload names once more is taken out of it. */
  | { readonly about: 'new-secret' | 'expiry'; readonly content: unknown }
  /** It has another type, whatever it says beside that; or no type, and nothing of client secrets. */
  | { readonly about: 'nothing' }
  /** It may be about a client secret. */
  | { readonly about: 'unclear' };

type Fields = Readonly<Record<string, unknown>>;
type Typed = Fields & { readonly notificationtype: string };

const NEW_SECRET = 'applicationoauthclientnewsecret';
const EXPIRY = 'applicationoauthclientsecretexpiry';

/** What envelopes call what they hold. */
const CONTENTS = ['message', 'detail', 'body', 'data'] as const;

/** SNS in EventBridge in SQS, and one more. A deeper one is no envelope. */
const MAX_ENVELOPES = 4;

/** Looks for the notification in a message. */
export function findNotification(body: string): Found {
  const notification = unwrap(body, MAX_ENVELOPES);
  if (notification === undefined) {
    return { about: mayBeAboutSecrets(body) ? 'unclear' : 'nothing' };
  }
  const type = lettersOf(notification.notificationtype);
  switch (type) {
    case NEW_SECRET:
      return { about: 'new-secret', content: withInnerPayload(notification, type) };
    case EXPIRY:
      return { about: 'expiry', content: withInnerPayload(notification, type) };
    default:
      // A later version of the two, perhaps.
      return { about: /clientsecret|newsecret/.test(type) ? 'unclear' : 'nothing' };
  }
}

/** The object that has a notification's type, out of its envelopes. */
function unwrap(content: unknown, envelopes: number): Typed | undefined {
  const fields = fieldsOf(content);
  if (fields === undefined) {
    return undefined;
  }
  const { notificationtype } = fields;
  if (typeof notificationtype === 'string') {
    return { ...fields, notificationtype };
  }
  for (const name of envelopes > 0 ? CONTENTS : []) {
    const found = unwrap(fields[name], envelopes - 1);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** Stands for the values of two names that differ in spelling only: no text, so that nothing takes one of them for the right one. */
const AMBIGUOUS = Symbol('ambiguous');

/** An object's fields by their letters; `undefined` where it is none. */
function fieldsOf(content: unknown): Fields | undefined {
  const value = typeof content === 'string' ? parseJson(content.replace(/^\uFEFF/, '')) : content;
  const object: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    return undefined;
  }
  const fields = new Map<string, unknown>();
  for (const [name, field] of Object.entries(object)) {
    const letters = lettersOf(name);
    fields.set(letters, fields.has(letters) && fields.get(letters) !== field ? AMBIGUOUS : field);
  }
  return Object.fromEntries(fields);
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `payload.applicationOAuthClientNewSecret` is what counts; some leave the inner object out, or call it `…Notification`. */
function withInnerPayload(notification: Fields, name: string): Fields {
  const payload = fieldsOf(notification.payload);
  const inner = fieldsOf(payload?.[name]) ?? fieldsOf(payload?.[`${name}notification`]) ?? payload;
  return { ...notification, payload: inner, notificationmetadata: fieldsOf(notification.notificationmetadata) };
}

function mayBeAboutSecrets(body: string): boolean {
  return /new[_ -]?(client[_ -]?)?secret|client[_ -]?secret[_ -]?expiry|amzn1\.oa2-cs/i.test(body);
}
