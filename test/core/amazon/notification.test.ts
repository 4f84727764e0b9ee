import { digestOf } from '../../../lambda/core/digest';
import { DAY, MINUTE } from '../../../lambda/core/time';
import { parseNotification, type Delivery } from '../../../lambda/core/amazon/notification';
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
    newSecret({}, { newClientSecret: '' }),
    newSecret({}, { newClientSecret: 17 }),
    newSecret({ payload: {} }),
    newSecret({ payload: undefined }),
    newSecret({ notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET_V2' }),
  ])('that is not understood is kept: %j', (body) => {
    expect(parse(body)).toEqual({ type: 'not-understood' });
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

  test('without an event time is dated by its message', () => {
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
  ])('%s is harmless', (body) => {
    expect(parse(body)).toEqual({ type: 'harmless' });
  });

  test.each([
    'NEW_SECRET',
    'xx amzn1.oa2-cs.v1.abc',
    '{"newClientSecret":',
    '{"NewClientSecret":"a"}',
    '{"notificationType":"ORDER_CHANGE","x":"amzn1.oa2-cs.v1.abc"}',
    '{"Type":"Notification","Message":"NEW_SECRET, cut o"}',
  ])('%s may hold a secret, and is kept', (body) => {
    expect(parse(body)).toEqual({ type: 'not-understood' });
  });
});
