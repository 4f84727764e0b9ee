import { AmazonModel, OTHER_SCOPE, ROTATION_SCOPE, type AmazonAnswer, type Behaviour } from '.';
import { MovableClock } from 'local-cloud/models';

const MINUTE = 60_000;
const DAY = 86_400_000;
const START = Date.UTC(2027, 0, 1);
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:q';

interface Scene {
  readonly clock: MovableClock;
  readonly amazon: AmazonModel;
  readonly clientId: string;
  readonly seed: string;
  /** Exchanges a secret; the token or the error. */
  readonly token: (clientSecret: string, scope?: string) => string;
  /** Mints a token with the secret and rotates with it. */
  readonly rotate: (clientSecret: string) => AmazonAnswer;
}

function setUp(behaviour: Partial<Behaviour> = {}, isEnrolled = true): Scene {
  const clock = new MovableClock(START, { frozen: true });
  const amazon = new AmazonModel({ clock, behaviour });
  const { clientId, clientSecret: seed } = amazon.createApplication();
  if (isEnrolled) {
    amazon.register(clientId, QUEUE);
  }
  const token = (clientSecret: string, scope = ROTATION_SCOPE): string => {
    const { body } = amazon.exchange({ grantType: 'client_credentials', scope, clientId, clientSecret });
    const answer = JSON.parse(body) as { access_token?: string; error?: string };
    return answer.access_token ?? answer.error ?? '';
  };
  return { clock, amazon, clientId, seed, token, rotate: (secret) => amazon.rotate(token(secret)) };
}

function errorOf({ status, body }: AmazonAnswer): {
  status: number;
  code?: string;
  message?: string;
  details?: string;
} {
  const { errors = [] } = JSON.parse(body) as { errors?: { code: string; message: string; details?: string }[] };
  return { status, ...errors[0] };
}

describe("Login with Amazon's exchange", () => {
  it('mints a token for an hour', () => {
    const { amazon, clientId, seed } = setUp();
    const answer = amazon.exchange({
      grantType: 'client_credentials',
      scope: ROTATION_SCOPE,
      clientId,
      clientSecret: seed,
    });
    expect(answer.status).toBe(200);
    const { access_token: token, ...rest } = JSON.parse(answer.body) as { access_token: string };
    expect(rest).toEqual({ expires_in: 3600, scope: ROTATION_SCOPE, token_type: 'bearer' });
    expect(token).toMatch(/^Atza\|/);
    expect(token.length).toBeLessThanOrEqual(2048);
    expect(amazon.clientOf(token)).toBe(clientId);
    expect(amazon.allTokens).toEqual([token]);
  });

  it.each([
    ['a wrong secret', { clientSecret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown client', { clientId: 'amzn1.application-oa2-client.none' }, 401, 'invalid_client'],
    ['a misspelt scope', { scope: 'sellingpartnerapi::client_credentials:rotation' }, 400, 'invalid_scope'],
    ['no scope', { scope: undefined }, 400, 'invalid_scope'],
    ['another grant', { grantType: 'refresh_token' }, 400, 'unsupported_grant_type'],
    ['no secret', { clientSecret: undefined }, 400, 'invalid_request'],
  ])('refuses %s', (_, change, status, error) => {
    const { amazon, clientId, seed } = setUp();
    const request = { grantType: 'client_credentials', scope: ROTATION_SCOPE, clientId, clientSecret: seed };
    const answer = amazon.exchange({ ...request, ...change });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ error });
  });

  it('still mints tokens for an expired secret, unless it was replaced', () => {
    const { clock, amazon, clientId, seed, token } = setUp();
    clock.advance(180 * DAY);
    expect(token(seed)).toMatch(/^Atza/);
    amazon.rotateInConsole(clientId);
    expect(token(seed)).toBe('invalid_client');
    const strict = setUp({ tokensForExpiredSecret: false });
    strict.clock.advance(180 * DAY);
    expect(strict.token(strict.seed)).toBe('invalid_client');
  });
});

describe('a rotation', () => {
  it('answers 204, empty, with a request id and the rate', () => {
    const { amazon, clientId, seed, rotate } = setUp();
    const answer = rotate(seed);
    expect(answer).toMatchObject({ status: 204, body: '', headers: { 'x-amzn-RateLimit-Limit': '0.0167' } });
    expect(answer.headers['x-amzn-RequestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(amazon.rotations).toEqual([
      { clientId, at: START, by: 'api', clientSecret: amazon.currentSecretOf(clientId).value },
    ]);
    expect(amazon.allSecrets).toEqual([seed, amazon.currentSecretOf(clientId).value]);
    expect(amazon.currentSecretOf(clientId).value).toMatch(/^amzn1\.oa2-cs\.v1\.[0-9a-f]{64}$/);
  });

  it('leaves the old secret 7 days, and gives the new one 180', () => {
    const { clock, amazon, clientId, seed, rotate } = setUp();
    rotate(seed);
    const { value } = amazon.currentSecretOf(clientId);
    const works = (): boolean[] => [seed, value].map((secret) => amazon.callSellingPartnerApi(clientId, secret).works);
    expect(works()).toEqual([true, true]);
    clock.advance(7 * DAY - 1);
    expect(works()).toEqual([true, true]);
    clock.advance(1);
    expect(works()).toEqual([false, true]);
    expect(amazon.callSellingPartnerApi(clientId, seed).reason).toBe('invalid_client');
    clock.advance(173 * DAY);
    expect(amazon.callSellingPartnerApi(clientId, value)).toEqual({ works: false, reason: 'secret-expired' });
  });

  it('does not extend the life of the old secret', () => {
    const { clock, amazon, clientId, seed } = setUp();
    clock.advance(178 * DAY);
    amazon.rotateInConsole(clientId);
    clock.advance(2 * DAY);
    expect(amazon.callSellingPartnerApi(clientId, seed).works).toBe(false);
  });

  it('is unknown to LWA until it has propagated', () => {
    const { clock, amazon, clientId, seed, token, rotate } = setUp({ propagationDelay: 30 * MINUTE });
    rotate(seed);
    const { value } = amazon.currentSecretOf(clientId);
    clock.advance(30 * MINUTE - 1);
    expect([token(value), amazon.callSellingPartnerApi(clientId, value).works]).toEqual(['invalid_client', false]);
    expect(token(seed)).toMatch(/^Atza/);
    clock.advance(1);
    expect(token(value)).toMatch(/^Atza/);
  });

  it('inside the overlap keeps or ends the older secret, depending on the behaviour', () => {
    for (const secondRotationKillsOldSecret of [false, true]) {
      const { clock, amazon, clientId, seed } = setUp({ secondRotationKillsOldSecret });
      const second = amazon.rotateInConsole(clientId).value;
      clock.advance(DAY);
      amazon.rotateInConsole(clientId);
      expect(amazon.callSellingPartnerApi(clientId, seed).works).toBe(!secondRotationKillsOldSecret);
      expect(amazon.callSellingPartnerApi(clientId, second).works).toBe(true);
    }
  });
});

describe('a refused rotation', () => {
  it('400: the queue is not registered', () => {
    const { amazon, seed, rotate } = setUp({}, false);
    const answer = rotate(seed);
    expect(errorOf(answer)).toEqual({
      status: 400,
      code: 'InvalidInput',
      message:
        'Application is not enrolled for rotation notification. Please update application notification preference in Developer console.',
    });
    expect(answer.headers['x-amzn-RateLimit-Limit']).toBe('0.0167');
    expect(amazon.rotations).toEqual([]);
  });

  it('400: only the other row is registered', () => {
    const { amazon, clientId, seed, rotate } = setUp();
    amazon.unregister(clientId, ['new-secret']);
    expect(rotate(seed).status).toBe(400);
  });

  it('403: the token has another scope', () => {
    const { amazon, seed, token } = setUp();
    const answer = amazon.rotate(token(seed, OTHER_SCOPE));
    expect(errorOf(answer)).toMatchObject({ status: 403, code: 'Unauthorized', details: '' });
    expect(answer.headers['x-amzn-RateLimit-Limit']).toBeUndefined();
    expect(answer.headers['x-amzn-RequestId']).toBeDefined();
  });

  it('403: the client secret has expired', () => {
    const { clock, amazon, seed, rotate } = setUp();
    clock.advance(180 * DAY);
    expect(errorOf(rotate(seed))).toMatchObject({
      status: 403,
      details: 'The LWA secret token you provided has expired.',
    });
    amazon.behaviour.expiredSecretCanRotate = true;
    expect(rotate(seed).status).toBe(204);
  });

  it('403: the token has expired', () => {
    const { clock, amazon, seed, token } = setUp();
    const minted = token(seed);
    clock.advance(60 * MINUTE);
    expect(errorOf(amazon.rotate(minted))).toMatchObject({
      status: 403,
      details: 'The access token you provided has expired.',
    });
  });

  it.each(['Atza|unknown', '', undefined])('403: the token is invalid (%s)', (minted) => {
    expect(errorOf(setUp().amazon.rotate(minted))).toMatchObject({
      status: 403,
      details: 'The access token you provided is revoked, malformed or invalid.',
    });
  });

  it('403: the token belongs to a replaced secret, if Amazon refuses such tokens', () => {
    const { clock, amazon, clientId, seed, rotate } = setUp({ oldSecretCanRotate: false });
    amazon.rotateInConsole(clientId);
    clock.advance(MINUTE);
    expect(rotate(seed).status).toBe(403);
    amazon.behaviour.oldSecretCanRotate = true;
    expect(rotate(seed).status).toBe(204);
  });

  it('429: a second call within a minute, and the answer has no rate limit', () => {
    const { clock, amazon, clientId, seed, rotate } = setUp();
    rotate(seed);
    clock.advance(MINUTE - 1);
    const answer = rotate(seed);
    expect(errorOf(answer)).toMatchObject({ status: 429, code: 'QuotaExceeded' });
    expect(answer.headers['x-amzn-RateLimit-Limit']).toBeUndefined();
    expect(amazon.rotations).toHaveLength(1);
    clock.advance(1);
    expect(rotate(amazon.currentSecretOf(clientId).value).status).toBe(204);
  });

  it('429: calls are counted separately for each application', () => {
    const { amazon, seed, rotate } = setUp();
    rotate(seed);
    const other = amazon.createApplication();
    amazon.register(other.clientId, QUEUE);
    const { body } = amazon.exchange({ grantType: 'client_credentials', scope: ROTATION_SCOPE, ...other });
    expect(amazon.rotate((JSON.parse(body) as { access_token: string }).access_token).status).toBe(204);
  });
});

describe('the new secret', () => {
  it('has the form that Amazon documents', () => {
    const { clock, amazon, clientId, seed, rotate } = setUp();
    rotate(seed);
    expect(amazon.nextDeliveryAt()).toBe(START + 1250);
    expect(amazon.takeDueDeliveries()).toEqual([]);
    clock.advance(1250);
    const deliveries = amazon.takeDueDeliveries();
    expect(deliveries).toEqual([
      { kind: 'new-secret', clientId, queueArn: QUEUE, dueAt: START + 1250, body: expect.any(String) as string },
    ]);
    const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string;
    expect(JSON.parse(deliveries[0]?.body ?? '')).toEqual({
      notificationVersion: '1.0',
      notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
      payloadVersion: '2023-11-30',
      eventTime: '2027-01-01T00:00:00.258Z',
      payload: {
        applicationOAuthClientNewSecret: {
          clientId,
          newClientSecret: amazon.currentSecretOf(clientId).value,
          newClientSecretExpiryTime: '2027-06-30T00:00:00.000Z',
          oldClientSecretExpiryTime: '2027-01-08T00:00:00.000Z',
        },
      },
      notificationMetadata: {
        applicationId: expect.stringMatching(/^amzn1\.sp\.solution\./) as string,
        subscriptionId: uuid,
        publishTime: '2027-01-01T00:00:01.250Z',
        notificationId: uuid,
      },
    });
    expect(amazon.takeDueDeliveries()).toEqual([]);
  });

  it('can be lost, sent twice, delayed or changed by a test', () => {
    const { clock, amazon, clientId } = setUp();
    amazon.changeNextDelivery({ isLost: true });
    amazon.changeNextDelivery({ copies: 2, delay: 5000, body: (body) => body.replace('newClientSecret"', 'renamed"') });
    amazon.rotateInConsole(clientId);
    amazon.rotateInConsole(clientId);
    amazon.rotateInConsole(clientId);
    clock.advance(1250);
    expect(amazon.takeDueDeliveries()).toHaveLength(1);
    clock.advance(3750);
    const late = amazon.takeDueDeliveries();
    expect(late.map(({ body }) => body.includes('"renamed"'))).toEqual([true, true]);
    expect(late[0]?.body).toBe(late[1]?.body);
  });

  it('is lost when a queue refuses it, or is sent again a minute later', () => {
    for (const refusedDeliveryIsRetried of [false, true]) {
      const { clock, amazon, clientId } = setUp({ refusedDeliveryIsRetried });
      amazon.rotateInConsole(clientId);
      clock.advance(1250);
      amazon.takeDueDeliveries().forEach((delivery) => amazon.refuseDelivery(delivery));
      clock.advance(MINUTE);
      expect(amazon.takeDueDeliveries()).toHaveLength(refusedDeliveryIsRetried ? 1 : 0);
      expect(amazon.lostDeliveries).toHaveLength(refusedDeliveryIsRetried ? 0 : 1);
    }
  });

  it('of a rotation in the console is sent or not, depending on the behaviour', () => {
    for (const consoleRotationNotifies of [false, true]) {
      const { clock, amazon, clientId } = setUp({ consoleRotationNotifies });
      amazon.rotateInConsole(clientId);
      clock.advance(DAY);
      expect(amazon.takeDueDeliveries()).toHaveLength(consoleRotationNotifies ? 1 : 0);
      expect(amazon.rotations[0]?.by).toBe('console');
    }
  });

  it("of another developer's application also comes into the queue", () => {
    const { clock, amazon, clientId } = setUp();
    const stranger = amazon.rotateStranger(QUEUE);
    clock.advance(1250);
    const [delivery] = amazon.takeDueDeliveries();
    expect(stranger.clientId).not.toBe(clientId);
    expect(delivery?.body).toContain(stranger.clientSecret);
    expect(amazon.allSecrets).toContain(stranger.clientSecret);
  });
});

describe('the notices of expiry', () => {
  const daysOfNotices = (amazon: AmazonModel, clock: MovableClock, until: number): number[] => {
    const days: number[] = [];
    for (let at = amazon.nextDeliveryAt(); at !== undefined && at <= until; at = amazon.nextDeliveryAt()) {
      clock.advance(at - clock.now());
      for (const { kind } of amazon.takeDueDeliveries()) {
        if (kind === 'expiry') {
          days.push((at - START) / DAY);
        }
      }
    }
    return days;
  };

  it('come 90, 60, 30, 15, 7 and 1 days before, once each', () => {
    const { clock, amazon } = setUp();
    expect(daysOfNotices(amazon, clock, START + 400 * DAY)).toEqual([90, 120, 150, 165, 173, 179]);
  });

  it('have the form that Amazon documents', () => {
    const { clock, amazon, clientId } = setUp();
    clock.advance(90 * DAY);
    const [delivery] = amazon.takeDueDeliveries();
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({
      notificationType: 'APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY',
      eventTime: '2027-04-01T00:00:00.000Z',
      payload: {
        applicationOAuthClientSecretExpiry: {
          clientId,
          clientSecretExpiryTime: '2027-06-30T00:00:00.000Z',
          clientSecretExpiryReason: 'PERIODIC_ROTATION',
        },
      },
    });
  });

  it('stop after a rotation, and start again for the new secret', () => {
    const { clock, amazon, clientId } = setUp();
    clock.advance(100 * DAY);
    amazon.takeDueDeliveries();
    amazon.rotateInConsole(clientId);
    expect(daysOfNotices(amazon, clock, START + 200 * DAY)).toEqual([190]);
  });

  it('also come for the old secret, if Amazon sends those', () => {
    const { clock, amazon, clientId } = setUp({ expiryForOldSecret: true });
    amazon.rotateInConsole(clientId);
    expect(daysOfNotices(amazon, clock, START + 80 * DAY)).toEqual([0, 6]);
  });

  it('come only after their row is registered', () => {
    const { clock, amazon, clientId } = setUp();
    amazon.unregister(clientId, ['expiry']);
    clock.advance(100 * DAY);
    expect(amazon.takeDueDeliveries()).toEqual([]);
    amazon.register(clientId, QUEUE, ['expiry']);
    expect(daysOfNotices(amazon, clock, START + 125 * DAY)).toEqual([120]);
  });
});

it('sends a test message at registration, if Amazon does that', () => {
  const { clock, amazon } = setUp({ testMessageAtRegistration: 'This is a test' });
  clock.advance(0);
  expect(amazon.takeDueDeliveries().map(({ kind, body }) => [kind, body])).toEqual([
    ['test', 'This is a test'],
    ['test', 'This is a test'],
  ]);
});

it('accepts an application whose secret has the old form and is some days old', () => {
  const { clock, amazon } = setUp();
  const old = amazon.createApplication({ clientSecret: 'f00d'.repeat(16), issuedAt: START - 100 * DAY });
  clock.advance(79 * DAY);
  expect(amazon.callSellingPartnerApi(old.clientId, old.clientSecret).works).toBe(true);
  clock.advance(DAY);
  expect(amazon.callSellingPartnerApi(old.clientId, old.clientSecret).works).toBe(false);
});

it('makes the same secrets with the same seed, and others with another', () => {
  const secretOf = (seed: string): string =>
    new AmazonModel({ clock: new MovableClock(START, { frozen: true }), seed }).createApplication().clientSecret;
  expect(secretOf('a')).toBe(secretOf('a'));
  expect(secretOf('a')).not.toBe(secretOf('b'));
});
