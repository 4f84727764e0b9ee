import { DAY, HOUR, type LocalHub, newSecretNotification, openScene, SECOND } from './scene';

/*
 * What others do who share the queue, the bus, the policy or the hub: whoever may write one secret, send into the queue, or put
 * events on the bus.
 */

const JOURNAL = 'SpApiRotationJournal';
const AMAZON = { AWS: 'arn:aws:iam::437568002678:root' };

let scene: LocalHub;
afterEach(() => scene.close());

/** Applications whose client secrets are due in the next sweep. */
async function due(applications = ['Mallory', 'Shop', 'Other']): Promise<void> {
  scene = await openScene({ applications: Object.fromEntries(applications.map((id) => [id, {}])) });
  await scene.sweep();
  await scene.pass(91 * DAY);
  // Amazon's notice of the expiry would start a rotation of its own, sooner or later than what the test does.
  await scene.takeMessages();
}

function writeJournal(id: string, change: (entry: Record<string, unknown>) => unknown): void {
  const entry = JSON.parse(scene.text(JOURNAL, id) ?? '{}') as Record<string, unknown>;
  scene.services.secretsManager.putSecretValue({
    SecretId: scene.secretArn(id),
    SecretString: JSON.stringify(change(entry)),
    ClientRequestToken: 'a-poisoned-journal'.padEnd(32, '-'),
    VersionStages: [JOURNAL],
  });
}

function outcomes(payload: unknown): unknown {
  const { applications } = payload as { applications: { application: string; outcome: string; kind?: string }[] };
  return Object.fromEntries(applications.map(({ application, outcome, kind }) => [application, kind ?? outcome]));
}

describe('who may write one secret of a hub', () => {
  const asked = { id: 'x', reason: 'schedule', outcome: 'accepted', refusals: 0 };

  test.each<[string, (entry: Record<string, unknown>) => unknown]>([
    ['a rotation in the year 287396', (entry) => ({ ...entry, rotation: { ...asked, at: 9e15 } })],
    ['a rotation of next year', (entry) => ({ ...entry, rotation: { ...asked, at: 4e12 } })],
    ['an expiry that no date can be', (entry) => ({ ...entry, expiry: { at: 9e15, source: 'new-secret' } })],
    ['an overlap of years', (entry) => ({ ...entry, postedAt: 8e15 })],
    ['a POST to come', (entry) => ({ ...entry, postedAt: 4e12 })],
    ['a text of the longest kind', (entry) => ({ ...entry, nonce: 'a'.repeat(60_000) })],
  ])('does not stop the others by a journal with %s', async (_, poison) => {
    await due();
    writeJournal('Mallory', poison);

    const { payload, functionError } = await scene.stack.fireSchedule();
    expect(functionError).toBeUndefined();
    expect(outcomes(payload)).toEqual({ Mallory: 'journal-unreadable', Shop: 'requested', Other: 'requested' });
    const status = await scene.invoke({ action: 'status' });
    expect(outcomes(status.payload)).toMatchObject({ Mallory: 'journal-unreadable', Shop: 'in-flight' });
  });

  test('does not stop the delivery beside hers by a text that is too deep for the parser', async () => {
    await due(['Mallory', 'Shop']);
    const deep = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;
    scene.write('Mallory', `${(scene.text('AWSCURRENT', 'Mallory') ?? '').slice(0, -1)},"deep":${deep}}`);
    await scene.stack.fireSchedule();
    await scene.rotate('Mallory', true);
    await scene.deliver();

    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    expect(scene.text('AWSCURRENT', 'Mallory')).toContain(deep);
  });
});

test.each(['Atza|line\r\nbreak', 'Atza|\u0000', 'Atza|ř', 'a'.repeat(9_000)])(
  'a token that no header may hold begins no rotation, and the others are rotated: %#',
  async (token) => {
    await due(['Mallory', 'Shop']);
    const body = JSON.stringify({ access_token: token });
    scene.amazon.script('lwa', { status: 200, body }, { times: 9, clientId: scene.clientId('Mallory') });

    const { payload, functionError } = await scene.stack.fireSchedule();
    expect(functionError).toBeUndefined();
    expect(outcomes(payload)).toEqual({ Mallory: 'refused', Shop: 'requested' });
    expect(scene.posts).toBe(1);
    expect(JSON.parse(scene.text(JOURNAL, 'Mallory') ?? '')).toMatchObject({ rotation: null });
  },
);

describe('who may send into the queue', () => {
  function forged(changes: object): string {
    const notification = JSON.parse(newSecretNotification(scene, 'amzn1.oa2-cs.v1.forged')) as {
      payload: { applicationOAuthClientNewSecret: object };
    };
    Object.assign(notification.payload.applicationOAuthClientNewSecret, changes);
    return JSON.stringify(notification);
  }

  test('does not hold a rotation back by an overlap without end', async () => {
    await due(['Shop']);
    await scene.send(
      forged({ oldClientSecretExpiryTime: '9999-12-31T00:00:00Z', newClientSecretExpiryTime: '9999-12-31T00:00:00Z' }),
    );
    await scene.drain();
    expect(await scene.sweep()).toMatchObject({ outcome: 'not-rotated', guard: 'overlap' });
    await scene.pass(4 * HOUR);
    expect((await scene.sweep()).outcome).toBe('requested');
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
  });

  test('a genuine date without bounds opens no longer overlap than seven days', async () => {
    await due(['Shop']);
    await scene.takeMessages();
    scene.amazon.model.rotateInConsole(scene.clientId());
    await scene.pass(2 * SECOND);
    const [body = ''] = await scene.takeMessages();
    await scene.send(body.replace(/("oldClientSecretExpiryTime":)"[^"]*"/, '$1"9999-12-31T00:00:00.000Z"'));
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    await scene.pass(8 * DAY);
    expect((await scene.rotate()).outcome).toBe('requested');
  });

  test.each([
    '{"NotificationType":"LISTINGS_ITEM_STATUS_CHANGE","Payload":{"Sku":"NEW_SECRET"}}',
    '\uFEFF{"notification_type":"ORDER_CHANGE","newClientSecret":"amzn1.oa2-cs.v1.x"}',
    '{"Message":"{\\"notificationType\\":\\"ORDER_CHANGE\\",\\"x\\":\\"clientSecretExpiry\\"}"}',
  ])('fills no dead-letter queue with notifications of other types, which are counted: %s', async (body) => {
    scene = await openScene();
    await scene.send(body);
    await scene.drain();
    expect(scene.bodies('Notification')).toEqual([]);
    expect(scene.logLines).toContainEqual(expect.objectContaining({ message: 'message ignored' }));
    expect(scene.stack.metrics.filter(({ name }) => name === 'MessagesIgnored')).toMatchObject([{ value: 1 }]);
  });

  test.each<[string, (notice: string) => string]>([
    [
      'in PascalCase',
      (notice) =>
        notice.replace(/"([a-z])(\w+)":/g, (_, first: string, rest: string) => `"${first.toUpperCase()}${rest}":`),
    ],
    [
      'in snake_case',
      (notice) =>
        notice.replace(/"\w+":/g, (name) => name.replace(/[A-Z]+/g, (letters) => `_${letters.toLowerCase()}`)),
    ],
    ['behind a byte order mark', (notice) => `\uFEFF${notice}`],
    ['in an envelope without a type', (notice) => JSON.stringify({ Message: notice })],
    ['pretty-printed', (notice) => JSON.stringify(JSON.parse(notice), null, 2)],
  ])('a notice of expiry %s is understood', async (_, write) => {
    scene = await openScene({ applications: { Shop: { age: 0 } } });
    await scene.sweep();
    await scene.pass(100 * DAY);
    await scene.takeMessages();
    const at = scene.clock.now();
    const notice = JSON.stringify({
      notificationType: 'APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY',
      eventTime: new Date(at).toISOString(),
      payload: {
        applicationOAuthClientSecretExpiry: {
          clientId: scene.clientId(),
          clientSecretExpiryTime: new Date(at + 80 * DAY).toISOString(),
        },
      },
    });
    await scene.send(write(notice));
    await scene.drain();
    expect(scene.events('Client Secret Expiring')).toHaveLength(1);
  });

  test('what is not understood comes to the dead-letter queue within a quarter of an hour', async () => {
    scene = await openScene();
    await scene.send('{"newClientSecret": what is this}');
    for (let half = 0; half < 30; half++) {
      await scene.drain();
      await scene.pass(30 * SECOND);
    }
    expect(scene.bodies('Notification')).toEqual([]);
    expect(scene.bodies('DeadLetter')).toHaveLength(1);
  });
});

describe('who may put events on the bus', () => {
  test.each<[string, object]>([
    ['no application', {}],
    ['an unknown application', { application: 'Nobody' }],
    ['an empty one', { application: '' }],
    ['a number', { application: 17 }],
    ['null', { application: null }],
    ['a list', { application: ['Shop'] }],
    ['an object', { application: { action: 'rotate' } }],
    ['a text that would end the one it stands in', { application: 'Shop","action":"rotate","force":true,"x":"' }],
    ['240 kB', { application: 'a'.repeat(240_000) }],
  ])('makes no function fail, and rotates nothing: %s', async (_, changes) => {
    scene = await openScene();
    scene.services.events.putEvents({
      Entries: [
        {
          Source: 'cdk-sp-api-secret-rotation',
          DetailType: 'Client Secret Expiring',
          Detail: JSON.stringify({ hub: scene.queueArn, ...changes }),
        },
      ],
    });
    await scene.stack.settle();
    expect(scene.stack.asynchronousInvocations.map(({ last }) => last.functionError)).toEqual([undefined]);
    expect(scene.logLines).toContainEqual(expect.objectContaining({ message: 'event ignored' }));
    expect(scene.posts).toBe(0);
    expect(scene.services.calls.filter(({ operation }) => operation === 'PutSecretValue')).toEqual([]);
  });

  test('and a person who asks for an unknown application is told', async () => {
    scene = await openScene();
    expect(await scene.invoke({ application: 'Nobody' })).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'UnknownApplication' },
    });
  });
});

describe("who writes the queue's policy", () => {
  const allow = {
    Effect: 'Allow',
    Principal: AMAZON,
    Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
    Resource: '*',
  };
  const perimeter = (accounts: string[]): object => ({
    Sid: 'Perimeter',
    Effect: 'Deny',
    Principal: '*',
    // The functions themselves are in the same account as the queue.
    Action: 'sqs:SendMessage',
    Resource: '*',
    Condition: {
      StringNotEqualsIfExists: { 'aws:PrincipalAccount': accounts },
      BoolIfExists: { 'AWS:SecureTransport': 'true' },
    },
  });
  const roles = {
    ...perimeter([]),
    Sid: 'Roles',
    Condition: { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::437568002678:role/*' } },
  };

  async function withPolicy(...statements: object[]): Promise<void> {
    scene = await openScene();
    scene.services.queues.setPolicy(scene.queueArn, { Version: '2012-10-17', Statement: statements } as never);
  }

  test('may draw a perimeter that excepts Amazon', async () => {
    await withPolicy(allow, perimeter(['111122223333', '437568002678']));
    expect(await scene.ask({ action: 'check' })).toMatchObject({ outcome: 'healthy' });
    expect(await scene.rotate()).toMatchObject({ outcome: 'requested' });
  });

  test('is told which statement shuts Amazon out', async () => {
    await withPolicy(allow, perimeter(['111122223333']));
    const answer = await scene.rotate();
    expect(answer).toMatchObject({ outcome: 'failed', kind: 'preflight-policy' });
    expect(answer.next).toContain('"Perimeter"');
    expect(scene.posts).toBe(0);
  });

  test('is warned of one that may, and rotations go on', async () => {
    await withPolicy(allow, roles);
    const check = await scene.ask({ action: 'check' });
    expect(check.outcome).toBe('healthy');
    expect(check.next).toContain('may shut Amazon out: statement "Roles"');
    expect(await scene.rotate()).toMatchObject({ outcome: 'requested' });
    expect(scene.logLines).toContainEqual(
      expect.objectContaining({ level: 'WARN', message: 'queue policy in doubt', application: 'Shop' }),
    );
  });

  test('an Allow for another queue is none', async () => {
    await withPolicy({ ...allow, Resource: 'arn:aws:sqs:us-east-1:123456789012:another' });
    expect(await scene.rotate()).toMatchObject({ outcome: 'failed', kind: 'preflight-policy' });
  });
});
