import { digestOf } from '../../../lambda/core/digest';
import { DAY, MINUTE } from '../../../lambda/core/time';
import { noLaterThan, parseNotification, type Delivery } from '../../../lambda/core/amazon/notification';
import { CLIENT_ID } from '../entries';

const SENT = Date.parse('2026-03-01T12:00:05.000Z');
const EVENT = Date.parse('2026-03-01T12:00:00.000Z');
const SECRET = 'amzn1.oa2-cs.v1.0123456789';

function newSecret(changes: object = {}, inner: object = {}): Record<string, unknown> {
  return {
    notificationVersion: '1.0',
    notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
    payloadVersion: '2023-11-30',
    eventTime: '2026-03-01T12:00:00.000Z',
    payload: {
      applicationOAuthClientNewSecret: {
        clientId: CLIENT_ID,
        newClientSecret: SECRET,
        newClientSecretExpiryTime: '2026-08-28T12:00:00.000Z',
        oldClientSecretExpiryTime: '2026-03-08T12:00:00.000Z',
        ...inner,
      },
    },
    notificationMetadata: { applicationId: 'amzn1.sp.solution.x', notificationId: 'id-1' },
    ...changes,
  };
}

function expiry(time: unknown = '2026-08-28T12:00:00.000Z'): object {
  return {
    notificationType: 'APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY',
    eventTime: '2026-03-01T12:00:00.000Z',
    payload: {
      applicationOAuthClientSecretExpiry: {
        clientId: CLIENT_ID,
        clientSecretExpiryTime: time,
        clientSecretExpiryReason: 'PERIODIC_ROTATION',
      },
    },
    notificationMetadata: { notificationId: 'id-2' },
  };
}

function parse(body: unknown): ReturnType<typeof parseNotification> {
  return parseNotification(typeof body === 'string' ? body : JSON.stringify(body), SENT);
}

function delivered(body: unknown): Delivery {
  const parsed = parse(body);
  if (parsed.type !== 'new-secret') {
    throw new Error(`is ${parsed.type}`);
  }
  return parsed.delivery;
}

describe('a new secret', () => {
  const whole: Delivery = {
    clientId: CLIENT_ID,
    clientSecret: SECRET,
    digest: digestOf(SECRET),
    notificationId: 'id-1',
    eventTime: EVENT,
    newExpiry: Date.parse('2026-08-28T12:00:00.000Z'),
    oldExpiry: Date.parse('2026-03-08T12:00:00.000Z'),
    estimated: false,
  };

  test('is read', () => {
    expect(delivered(newSecret())).toEqual(whole);
  });

  test('may come wrapped by SNS, by EventBridge, and by both', () => {
    const sns = { Type: 'Notification', MessageId: 'm', Message: JSON.stringify(newSecret()) };
    const eventBridge = { 'detail-type': 'anything', detail: newSecret() };
    expect(delivered(sns)).toEqual(whole);
    expect(delivered(eventBridge)).toEqual(whole);
    expect(delivered({ Type: 'Notification', Message: JSON.stringify(eventBridge) })).toEqual(whole);
  });

  test('of another payload version and with unknown keys is read too', () => {
    expect(delivered(newSecret({ payloadVersion: '9', unknown: {} }, { unknown: 1 }))).toEqual(whole);
  });

  test('needs no dates: they are estimated from the event time', () => {
    const dates = { newClientSecretExpiryTime: undefined, oldClientSecretExpiryTime: 'soon' };
    expect(delivered(newSecret({}, dates))).toEqual({
      ...whole,
      newExpiry: EVENT + 180 * DAY,
      oldExpiry: EVENT + 7 * DAY,
      estimated: true,
    });
  });

  test.each([undefined, 'yesterday', 17])('with event time %s is dated by its expiry', (eventTime) => {
    expect(delivered(newSecret({ eventTime })).eventTime).toBe(EVENT);
  });

  test.each([undefined, '2026-08-28T12:00:05.001Z', '2026-08-21T12:00:05.000Z'])(
    'without an event time, and with expiry %s, is dated by its message',
    (newClientSecretExpiryTime) => {
      expect(delivered(newSecret({ eventTime: undefined }, { newClientSecretExpiryTime })).eventTime).toBe(SENT);
    },
  );

  test('without an event time is dated by an expiry 180 days after the message, or seven days less', () => {
    for (const newClientSecretExpiryTime of ['2026-08-28T12:00:05.000Z', '2026-08-21T12:00:05.001Z']) {
      const { eventTime, newExpiry } = delivered(newSecret({ eventTime: undefined }, { newClientSecretExpiryTime }));
      expect(eventTime).toBe(newExpiry - 180 * DAY);
    }
  });

  test('without an event time is dated by its publication, however late the message comes, and whatever expiry it names', () => {
    const published = EVENT - 20 * DAY;
    const notificationMetadata = { publishTime: new Date(published).toISOString() };
    expect(delivered(newSecret({ eventTime: undefined, notificationMetadata }))).toMatchObject({
      eventTime: published,
    });
  });

  test('cannot be dated later than its message, but for the clocks', () => {
    expect(delivered(newSecret({ eventTime: '2036-03-01T12:00:00.000Z' })).eventTime).toBe(SENT + 5 * MINUTE);
    expect(delivered(newSecret({ eventTime: '2026-03-01T12:03:00.000Z' })).eventTime).toBe(SENT + 3 * MINUTE - 5_000);
  });

  test.each([undefined, {}, { notificationId: '' }, 'text'])('with metadata %j is known by its digest', (metadata) => {
    expect(delivered(newSecret({ notificationMetadata: metadata })).notificationId).toBe(digestOf(SECRET));
  });

  test.each([
    newSecret({}, { clientId: '' }),
    newSecret({}, { clientId: undefined }),
    newSecret({}, { clientId: SECRET }),
    newSecret({}, { clientId: `${CLIENT_ID}${SECRET}` }),
    newSecret({}, { newClientSecret: '' }),
    newSecret({}, { newClientSecret: 17 }),
    newSecret({ payload: {} }),
    newSecret({ payload: undefined }),
    newSecret({ notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET_V2' }),
  ])('that is not understood is kept: %j', (body) => {
    expect(parse(body)).toEqual({ type: 'not-understood' });
  });
});

describe('a delivery whose client secret is known already', () => {
  const known = EVENT - 20 * DAY;

  test('is dated by that, with its overlap, where it says that it is younger', () => {
    const one = delivered(newSecret());
    expect(noLaterThan(one, known)).toEqual({ ...one, eventTime: known, oldExpiry: known + 7 * DAY });
    expect(noLaterThan({ ...one, estimated: true }, known).newExpiry).toBe(known + 180 * DAY);
  });

  test('keeps its date within the skew of clocks, and where nothing is known', () => {
    const one = delivered(newSecret());
    expect(noLaterThan(one, EVENT - 5 * MINUTE)).toBe(one);
    expect(noLaterThan(one, EVENT - 5 * MINUTE - 1)).not.toBe(one);
    expect(noLaterThan(one, Number.POSITIVE_INFINITY)).toBe(one);
  });
});

type Write = (body: unknown) => string;

function renamed(value: unknown, rename: (name: string) => string): unknown {
  return typeof value !== 'object' || value === null
    ? value
    : Object.fromEntries(Object.entries(value).map(([name, field]) => [rename(name), renamed(field, rename)]));
}
const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What people have met, or may put between Amazon and the queue. */
const SPELLINGS: Readonly<Record<string, Write>> = {
  'in PascalCase': (body) => JSON.stringify(renamed(body, pascal)),
  'in snake_case': (body) => JSON.stringify(renamed(body, snake)),
  'in kebab-case': (body) => JSON.stringify(renamed(body, (name) => snake(name).replaceAll('_', '-'))),
  'in capitals': (body) => JSON.stringify(renamed(body, (name) => name.toUpperCase())),
  'behind a byte order mark': (body) => `\uFEFF${JSON.stringify(body)}`,
  'pretty-printed': (body) => `\r\n${JSON.stringify(body, null, 2)}\n`,
  'in an envelope without a type': (body) => JSON.stringify({ Message: JSON.stringify(body) }),
  'in an envelope whose text has a byte order mark': (body) =>
    JSON.stringify({ Type: 'Notification', Message: `\uFEFF${JSON.stringify(body)}` }),
  'in an envelope that holds an object': (body) => JSON.stringify({ Type: 'Notification', Message: body }),
  'as the detail of an event without a type': (body) => JSON.stringify({ detail: body }),
  'as the body of a message of a queue': (body) => JSON.stringify({ messageId: 'm', body: JSON.stringify(body) }),
  'as a list of one, as pipes send it': (body) => JSON.stringify([body]),
  'in three envelopes': (body) =>
    JSON.stringify({ Message: JSON.stringify({ detail: { body: JSON.stringify(body) } }) }),
  'without the inner object': (body) => {
    const { payload, ...rest } = body as { payload: Record<string, unknown> };
    return JSON.stringify({ ...rest, payload: Object.values(payload)[0] });
  },
  'with the inner name of other notifications': (body) => {
    const { payload, ...rest } = body as { payload: Record<string, unknown> };
    const inner = Object.entries(payload).map(([name, value]) => [`${pascal(name)}Notification`, value]);
    return JSON.stringify({ ...rest, payload: Object.fromEntries(inner) as unknown });
  },
  'with its type in small letters': (body) =>
    JSON.stringify(body).replace(/APPLICATION_\w+/, (type) => type.toLowerCase()),
  'with the same name twice': (body) => {
    const { notificationType } = body as { notificationType: string };
    return JSON.stringify({ ...(body as object), NotificationType: notificationType });
  },
};

describe.each(Object.entries(SPELLINGS))('%s', (_, write) => {
  test('a new secret is read', () => {
    expect(parse(write(newSecret()))).toEqual(parse(newSecret()));
  });

  test('a notice of expiry is read', () => {
    expect(parse(write(expiry()))).toMatchObject({ type: 'expiry', notice: { clientId: CLIENT_ID } });
    expect(parse(write(expiry()))).toEqual(parse(expiry()));
  });
});

test('five envelopes are none', () => {
  const deep = [1, 2, 3, 4, 5].reduce((inner: unknown) => ({ Message: JSON.stringify(inner) }), newSecret());
  expect(parse(deep)).toEqual({ type: 'not-understood' });
});

test.each([
  ['two client ids', { ClientId: 'another' }],
  ['two client secrets', { new_client_secret: 'another' }],
  ['a client id of 257 characters', { clientId: 'a'.repeat(257) }],
  ['a client secret of 1,025 characters', { newClientSecret: 'a'.repeat(1_025) }],
])('a notification with %s is kept', (_, inner) => {
  expect(parse(newSecret({}, inner))).toEqual({ type: 'not-understood' });
});

test.each(['[', '{"a":', '{"Message":'])('%s, a hundred thousand times, is read to its end', (open) => {
  expect(parse(open.repeat(100_000))).toEqual({ type: 'harmless' });
  expect(parse(`{"notificationType":"X","a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toEqual({
    type: 'harmless',
  });
});

describe('dates from outside are bounded:', () => {
  const iso = (instant: number): string => new Date(instant).toISOString();
  const FAR = '9999-12-31T00:00:00.000Z';

  test.each<[string, object, Partial<Delivery>]>([
    ['an overlap has seven days', { oldClientSecretExpiryTime: FAR }, { oldExpiry: EVENT + 7 * DAY + 5 * MINUTE }],
    [
      'and the clocks',
      { oldClientSecretExpiryTime: iso(EVENT + 7 * DAY + MINUTE) },
      { oldExpiry: EVENT + 7 * DAY + MINUTE },
    ],
    ['and does not end before it begins', { oldClientSecretExpiryTime: iso(EVENT - DAY) }, { oldExpiry: EVENT }],
    [
      'a new one lives a year at most',
      { newClientSecretExpiryTime: FAR },
      { newExpiry: EVENT + 180 * DAY, estimated: true },
    ],
    [
      'twice as long as documented',
      { newClientSecretExpiryTime: iso(EVENT + 360 * DAY) },
      { newExpiry: EVENT + 360 * DAY, estimated: false },
    ],
    [
      'and no longer',
      { newClientSecretExpiryTime: iso(EVENT + 360 * DAY + 1) },
      { newExpiry: EVENT + 180 * DAY, estimated: true },
    ],
    [
      'longer than the one before',
      { newClientSecretExpiryTime: iso(EVENT + 7 * DAY) },
      { newExpiry: EVENT + 180 * DAY, estimated: true },
    ],
  ])('%s', (_, inner, expected) => {
    expect(delivered(newSecret({}, inner))).toMatchObject(expected);
  });

  test('an event is no older than any secret that works', () => {
    expect(delivered(newSecret({ eventTime: '1970-01-01T00:00:00Z' })).eventTime).toBe(SENT - 360 * DAY);
    expect(delivered(newSecret({ eventTime: iso(SENT - 30 * DAY) })).eventTime).toBe(SENT - 30 * DAY);
  });

  test('an id that no journal may hold is none', () => {
    const { notificationId } = delivered(newSecret({ notificationMetadata: { notificationId: 'a'.repeat(257) } }));
    expect(notificationId).toBe(digestOf(SECRET));
  });
});

describe('a notice of expiry', () => {
  test('is read', () => {
    expect(parse(expiry())).toEqual({
      type: 'expiry',
      notice: {
        clientId: CLIENT_ID,
        expiry: Date.parse('2026-08-28T12:00:00.000Z'),
        eventTime: Date.parse('2026-03-01T12:00:00.000Z'),
      },
    });
  });

  test('without an event time is dated by its publication', () => {
    const notificationMetadata = { publishTime: '2026-02-01T00:00:00.000Z' };
    const { notice } = parse({ ...expiry(), eventTime: undefined, notificationMetadata }) as { notice: object };
    expect(notice).toMatchObject({ eventTime: Date.parse('2026-02-01') });
  });

  test('without an event time and metadata is dated by its message', () => {
    expect(parse({ ...expiry(), eventTime: undefined })).toMatchObject({ notice: { eventTime: SENT } });
  });

  test.each([undefined, 'soon', 17])('with the date %s is kept', (time) => {
    expect(parse(expiry(time ?? null))).toEqual({ type: 'not-understood' });
  });
});

describe('other messages', () => {
  test.each([
    '',
    'hello',
    '{}',
    '[]',
    'null',
    '17',
    '{"NotificationType":"ANY_OFFER_CHANGED"}',
    '{"notificationType":"ORDER_CHANGE"}',
    '{"Type":"Notification","Message":"hello"}',
    // What strangers write into notifications of other types, in whatever spelling, is theirs.
    '{"NotificationType":"LISTINGS_ITEM_STATUS_CHANGE","Payload":{"Sku":"NEW_SECRET"}}',
    '{"notificationType":"ORDER_CHANGE","x":"amzn1.oa2-cs.v1.abc"}',
    '\uFEFF{"notification_type":"ORDER_CHANGE","payload":{"newClientSecret":"a"}}',
    '{"Type":"Notification","Message":"{\\"NOTIFICATION-TYPE\\":\\"ORDER_CHANGE\\",\\"sku\\":\\"NEW_SECRET\\"}"}',
    '{"detail":{"NotificationType":"FEED_PROCESSING_FINISHED","sku":"clientSecretExpiry"}}',
    '{"message":{"notificationType":"ANY_OFFER_CHANGED"},"detail":{"x":"NEW_SECRET"}}',
  ])('%s is harmless', (body) => {
    expect(parse(body)).toEqual({ type: 'harmless' });
  });

  test.each([
    'NEW_SECRET',
    'xx amzn1.oa2-cs.v1.abc',
    '{"newClientSecret":',
    '{"NewClientSecret":"a"}',
    '{"Type":"Notification","Message":"NEW_SECRET, cut o"}',
    'client_secret_expiry, cut o',
    '{"notificationType":"ORDER_CHANGE","notification_type":"APPLICATION_OAUTH_CLIENT_NEW_SECRET"}',
  ])('%s may hold a secret, and is kept', (body) => {
    expect(parse(body)).toEqual({ type: 'not-understood' });
  });
});
