import type { ScriptedAnswer } from '../fakes/amazon';
import { HOUR, type LocalHub, MINUTE, openScene } from './scene';

const errorList = (code: string, message: string, details = ''): string =>
  JSON.stringify({ errors: [{ code, message, details }] });

interface Refusal {
  readonly name: string;
  readonly answer: ScriptedAnswer;
  readonly kind: string;
}

const refusals: Refusal[] = [
  {
    name: '400 not enrolled',
    answer: {
      status: 400,
      body: errorList(
        'InvalidInput',
        'Application is not enrolled for rotation notification. Please update application notification preference in Developer console.',
      ),
    },
    kind: 'not-enrolled',
  },
  {
    name: '400 of another sort',
    answer: { status: 400, body: errorList('InvalidInput', 'No.') },
    kind: 'refused',
  },
  {
    name: '403 without details',
    answer: { status: 403, body: errorList('Unauthorized', 'Access to requested resource is denied.') },
    kind: 'wrong-token',
  },
  {
    name: '403 client secret expired',
    answer: {
      status: 403,
      body: errorList(
        'Unauthorized',
        'Access to requested resource is denied.',
        'The LWA secret token you provided has expired.',
      ),
    },
    kind: 'secret-expired',
  },
  {
    name: '403 token expired',
    answer: {
      status: 403,
      body: errorList('Unauthorized', 'Access denied.', 'The access token you provided has expired.'),
    },
    kind: 'wrong-token',
  },
  {
    name: '403 token revoked',
    answer: {
      status: 403,
      body: errorList(
        'Unauthorized',
        'Access denied.',
        'The access token you provided is revoked, malformed or invalid.',
      ),
    },
    kind: 'wrong-token',
  },
  { name: '404', answer: { status: 404, body: errorList('NotFound', 'No such resource') }, kind: 'refused' },
  { name: '413', answer: { status: 413 }, kind: 'refused' },
  { name: '415 with an HTML body', answer: { status: 415, body: '<html>no</html>' }, kind: 'refused' },
  { name: '429', answer: { status: 429, body: errorList('QuotaExceeded', 'Slow down') }, kind: 'throttled' },
];

describe('a refusal', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene();
    await scene.sweep();
  });
  afterEach(() => scene.close());

  test.each(refusals)('$name is reported as $kind and tried again when a person asks', async ({ answer, kind }) => {
    const before = scene.clientSecret('AWSCURRENT');
    scene.amazon.script('rotate', answer);

    const refused = await scene.rotate();

    expect(refused).toMatchObject({ outcome: 'failed', kind });
    expect(refused.next).toMatch(/Shop.*request id [0-9a-f-]{36}/);
    expect(scene.clientSecret('AWSCURRENT')).toBe(before);
    expect(scene.events('Client Secret Rotation Failed')[0]?.detail).toMatchObject({ application: 'Shop', kind });
    expect(scene.logLines).toContainEqual(
      expect.objectContaining({
        message: 'rotation refused',
        application: 'Shop',
        kind,
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      }),
    );
    expect(await scene.rotate()).toMatchObject({ outcome: 'not-rotated', guard: 'one-a-minute' });
    await scene.pass(2 * MINUTE);
    expect((await scene.rotate()).outcome).toBe('requested');
    expect(scene.posts).toBe(2);
  });

  test('by the schedule is tried again after an hour, an hour, six hours and then daily', async () => {
    await scene.pass(90 * 24 * HOUR);
    scene.amazon.script('rotate', { status: 400, body: errorList('InvalidInput', 'not enrolled') }, { times: 100 });
    const hours: number[] = [];
    for (let hour = 0; hour < 60; hour++) {
      const before = scene.posts;
      expect((await scene.sweep()).outcome).toBe('failed');
      if (scene.posts > before) {
        hours.push(hour);
      }
      await scene.pass(HOUR);
    }
    expect(hours).toEqual([0, 1, 2, 8, 32, 56]);
  });
});

const doubts: [string, ScriptedAnswer, boolean][] = [
  ['500 before the effect', '500-before-effect', false],
  ['500 after the effect', '500-after-effect', true],
  ['503 after the effect', '503-after-effect', true],
  ['a reset before the effect', 'reset-before-effect', false],
  ['a reset after the effect', 'reset-after-effect', true],
  ['a time-out before the effect', 'timeout-before-effect', false],
  ['a time-out after the effect', 'timeout-after-effect', true],
  ['a redirect', { redirect: 'https://elsewhere.example/' }, false],
  ['an HTML page', 'html', false],
  ['garbage', 'garbage', false],
  ['408', { status: 408 }, false],
];

describe('an answer that leaves open whether Amazon rotated', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene({ shorterTimeOuts: true });
    await scene.sweep();
  });
  afterEach(() => scene.close());

  test.each(doubts)(
    '(%s) causes no second POST, and the secret is installed if it comes',
    async (_name, answer, hadEffect) => {
      scene.amazon.script('rotate', answer);

      expect(await scene.rotate()).toMatchObject({ outcome: 'failed', kind: 'ambiguous' });
      expect(scene.events('Client Secret Rotation Failed')[0]?.detail.kind).toBe('ambiguous');
      await scene.pass(5 * MINUTE);
      expect(await scene.rotate()).toMatchObject(
        hadEffect ? { outcome: expect.any(String) as string } : { outcome: 'not-rotated', guard: 'in-flight' },
      );
      await scene.deliver();
      await scene.pass(10 * MINUTE);
      await scene.sweep();

      expect(scene.posts).toBe(1);
      expect(scene.issued()).toHaveLength(hadEffect ? 2 : 1);
      expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    },
  );
});

describe('Login with Amazon', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test.each<[string, ScriptedAnswer, string]>([
    ['a wrong scope', { status: 400, body: '{"error":"invalid_scope"}' }, 'wrong-token'],
    ['an unauthorized client', { status: 400, body: '{"error":"unauthorized_client"}' }, 'wrong-token'],
    ['throttling', { status: 429 }, 'throttled'],
    ['an error of its own', { status: 500, body: '{"error":"server_error"}' }, 'unreachable'],
    ['a redirect', { redirect: 'https://elsewhere.example/' }, 'unreachable'],
    ['silence', 'hang', 'unreachable'],
    ['an answer that is no token', { status: 200, body: '<html></html>' }, 'refused'],
  ])('answering with %s stops a rotation before the POST', async (_name, answer, kind) => {
    scene = await openScene({ shorterTimeOuts: true });
    scene.amazon.script('lwa', answer);
    expect(await scene.rotate()).toMatchObject({ outcome: 'failed', kind });
    expect(scene.posts).toBe(0);
    expect((await scene.rotate()).outcome).toBe('requested');
  });

  test('rejects the stored secret: that is reported, and nothing is rotated', async () => {
    scene = await openScene({
      applications: { Shop: { text: ({ clientId }) => JSON.stringify({ clientId, clientSecret: 'mistyped' }) } },
    });
    expect(await scene.sweep()).toMatchObject({ outcome: 'failed', kind: 'wrong-credentials' });
    expect(await scene.rotate()).toMatchObject({ outcome: 'failed', kind: 'wrong-credentials' });
    expect(scene.posts).toBe(0);
  });

  test('and the Selling Partner API are called as Amazon documents it, the latter over a connection of its own', async () => {
    scene = await openScene();
    await scene.rotate();
    await scene.deliver();
    expect(scene.amazon.calls.length).toBeGreaterThan(2);
    expect(scene.amazon.calls.flatMap(({ problems }) => problems)).toEqual([]);
    const [posts, others] = [true, false].map((isPost) =>
      scene.amazon.calls
        .filter(({ endpoint }) => (endpoint === 'rotate') === isPost)
        .map(({ connection }) => connection),
    );
    expect(posts).toHaveLength(1);
    expect(others).not.toContain(posts?.[0]);
    for (const { headers } of scene.amazon.calls) {
      expect(headers['user-agent']).toMatch(/^cdk-sp-api-secret-rotation\/\d+\.\d+\.\d+ \(Language=/);
    }
  });
});
