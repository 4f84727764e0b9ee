import { digestOf, nextEntryId } from '../../../lambda/core/digest';
import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import { type JournalEntry } from '../../../lambda/core/journal/entry';
import { withAnnounced, withNewest } from '../../../lambda/core/journal/transitions';
import { CallFailed } from '../../../lambda/core/ports';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { ADDED, CLIENT_ID, delivery, entry, rotation } from '../entries';
import { OneApplication } from '../one-application';

const RECONCILE: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };
const FORCE: RotateRequest = { action: 'rotate', application: 'App', force: true, requestedBy: undefined };

/** Taken on with a client secret that LWA knows. Sweeps look at everything in some hours; this is none of them. */
function takenOn(changes: Partial<JournalEntry> = {}): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  one.journal(entry({ baseline: { digest: digestOf('seeded'), since: ADDED }, ...changes }));
  toNextHour(one, 1);
  return one;
}

/** To the beginning of the next hour that leaves this remainder by 23. */
function toNextHour(one: OneApplication, remainder: number): void {
  const hour = Math.floor(one.clock.now() / HOUR);
  one.clock.advance((hour + 1 + ((remainder - hour - 1 + 23 * hour) % 23)) * HOUR - one.clock.now());
}

const newest = delivery({ digest: digestOf('newest'), clientSecret: 'newest', eventTime: ADDED + 2 * DAY });

/** The newest client secret is delivered and staged, and not current. */
function staged(): OneApplication {
  const one = takenOn();
  one.clock.advance(ADDED + 2 * DAY - one.clock.now());
  one.store('newest', 'AWSPENDING');
  one.another((before) => withNewest(before, newest, one.idOf('AWSPENDING') ?? ''));
  return one;
}

test.each(['status', 'check'] as const)('%s writes nothing, not even the first entry of a journal', async (action) => {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  const before = one.secretsManager.inspect(one.secretArn);
  expect(await reconcile(one.application, { ...RECONCILE, action })).toMatchObject({ outcome: 'healthy' });
  expect(one.secretsManager.inspect(one.secretArn)).toEqual(before);
});

test('a sweep of a healthy application writes nothing', async () => {
  const one = takenOn();
  const before = one.secretsManager.inspect(one.secretArn);
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
  expect(one.secretsManager.inspect(one.secretArn)).toEqual(before);
});

test('a client secret that a person stored is seen by the next sweep, and told of once', async () => {
  const one = takenOn();
  one.store('by-hand');
  one.accepted.add('by-hand');
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
  expect(one.entry().baseline).toMatchObject({ digest: digestOf('by-hand') });
  expect(one.published.map(({ type }) => type)).toEqual([DETAIL_TYPE.failed]);
  expect(one.observed).toContainEqual(
    expect.objectContaining({ what: 'client secret seeded by hand', kind: 'overwritten' }),
  );
});

test('once in 23 hours a sweep looks at everything, and sees that the key was changed', async () => {
  const one = takenOn();
  one.secretsManager.updateSecret({ SecretId: one.secretArn, KmsKeyId: 'other' });
  await reconcile(one.application, RECONCILE);
  expect(one.entry().encryptionKey).toBe('');
  toNextHour(one, 0);
  await reconcile(one.application, RECONCILE);
  expect(one.entry().encryptionKey).toBe('other');
});

test('where another hub took the application over, nothing is rotated even if asked for, and a person is told', async () => {
  const one = takenOn({ hub: 'other', previousHub: entry().hub });
  for (const request of [RECONCILE, FORCE]) {
    const answer = await reconcile(one.application, request);
    expect(answer).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(answer.next).toContain('Another hub');
  }
  expect(one.posts).toBe(0);
});

describe('a journal that cannot be read', () => {
  test('is told of, and lets no rotation be asked for', async () => {
    const one = takenOn();
    one.spoilJournal();
    for (const request of [RECONCILE, { ...FORCE, force: false }]) {
      expect(await reconcile(one.application, request)).toMatchObject({ kind: 'journal-unreadable' });
    }
    expect(one.posts).toBe(0);
  });

  test('is begun again where a person forces a rotation', async () => {
    const one = takenOn();
    one.spoilJournal();
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
    expect(one.entry().rotation).toMatchObject({ attempt: 1, reason: 'person' });
  });
});

describe('the newest delivered client secret', () => {
  test('is promoted from the version that holds it, whatever AWSPENDING holds', async () => {
    const one = staged();
    one.store('another', 'AWSPENDING');
    one.accepted.add('newest').add('another');
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  });

  test('does not replace one that a person stored later', async () => {
    const one = staged();
    one.clock.advance(10 * MINUTE);
    one.store('by-hand');
    one.accepted.add('newest').add('by-hand');
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'order-unknown' });
    expect(one.secretIn('AWSCURRENT')).toBe('by-hand');
  });

  test('does not replace one that a person stores in the middle, and the run ends', async () => {
    const one = staged();
    one.accepted.add('newest');
    one.clock.advance(HOUR);
    one.store('nonsense');
    one.clock.advance(4 * HOUR);
    one.before = {
      call: 'secretsmanager:UpdateSecretVersionStage',
      act: () => {
        one.store('by-hand');
      },
    };
    const { lwa } = one.application.ports;
    const exchange = lwa.exchange.bind(lwa);
    jest
      .spyOn(lwa, 'exchange')
      .mockImplementation((credentials) =>
        one.asked.length < 50 ? exchange(credentials) : Promise.reject(new CallFailed('exchange', 'OutOfTime')),
      );
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'order-unknown' });
    expect(one.secretIn('AWSCURRENT')).toBe('by-hand');
  });

  test('is waited for while LWA may not know it yet', async () => {
    const one = staged();
    one.clock.advance(4 * HOUR - 1);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'in-flight' });
  });

  test('is told of when LWA still does not know it', async () => {
    const one = staged();
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'rejected-by-lwa' });
  });

  test.each([
    ['nobody is warned', 'before the last day of the one in use', 6 * DAY - 1, []],
    ['somebody is warned', 'on the last day of the one in use', 6 * DAY, ['client secret dying']],
  ])('is not current: %s %s', async (_, __, after, dying) => {
    const one = staged();
    one.clock.advance(after);
    await reconcile(one.application, RECONCILE);
    const warnings = one.observed.map(({ what }) => what).filter((what) => what === 'client secret dying');
    expect(warnings).toEqual(dying);
  });
});

describe('a superseded client secret that somebody wrote back', () => {
  function writtenBack(): OneApplication {
    const one = takenOn();
    one.clock.advance(3 * DAY);
    one.store('newest');
    one.accepted.add('newest');
    one.another((before) => withAnnounced(withNewest(before, newest, one.idOf('AWSCURRENT') ?? ''), newest));
    one.store('seeded');
    return one;
  }

  test('is replaced by the newest, and consumers are told of both', async () => {
    const one = writtenBack();
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    expect(one.published.map(({ type }) => type)).toEqual([DETAIL_TYPE.failed, DETAIL_TYPE.rotated]);
  });

  test('is replaced by the newest also where a person had stored another, which may be stored again', async () => {
    const one = writtenBack();
    one.accepted.add('by-hand');
    one.store('by-hand');
    await reconcile(one.application, RECONCILE);
    one.store('seeded');
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    one.store('by-hand');
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
    expect(one.secretIn('AWSCURRENT')).toBe('by-hand');
  });

  test('is replaced, and the next run tells consumers where this one could not', async () => {
    const one = writtenBack();
    const { events } = one.application.ports;
    const publish = events.publish.bind(events);
    const failing = jest
      .spyOn(events, 'publish')
      .mockImplementation((type, detail) =>
        type === DETAIL_TYPE.rotated
          ? Promise.reject(new CallFailed('events:PutEvents', 'Unreachable'))
          : publish(type, detail),
      );
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'unreachable' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    failing.mockRestore();
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.published).toContainEqual({ type: DETAIL_TYPE.rotated, versionId: one.idOf('AWSCURRENT') });
  });
});

describe('an answer says what is wrong although nothing is due:', () => {
  test('the queue does not let Amazon in', async () => {
    const one = takenOn();
    jest
      .spyOn(one.application.ports.queue, 'attributes')
      .mockResolvedValue({ policy: undefined, key: undefined, retentionSeconds: 1_209_600 });
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'preflight-policy' });
  });

  test('LWA does not accept the client secret', async () => {
    const one = takenOn();
    one.accepted.clear();
    const answer = await reconcile(one.application, RECONCILE);
    expect(answer).toMatchObject({ outcome: 'failed', kind: 'wrong-credentials' });
    expect(answer).toMatchObject({ clientId: CLIENT_ID, versionId: one.idOf('AWSCURRENT') });
  });

  test('a replica is not up to date, which only a full look sees', async () => {
    const one = takenOn();
    const { secrets } = one.application.ports;
    const describeSecret = secrets.describe.bind(secrets);
    jest
      .spyOn(secrets, 'describe')
      .mockImplementation(async () => ({ ...(await describeSecret()), failedReplicas: ['eu-west-1', 'us-east-1'] }));
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
    const answer = await reconcile(one.application, { ...RECONCILE, action: 'check' });
    expect(answer).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(answer.next).toContain('replica in eu-west-1, us-east-1 is not up to date');
  });

  test('status does not ask', async () => {
    const one = takenOn();
    one.accepted.clear();
    expect(await reconcile(one.application, { ...RECONCILE, action: 'status' })).toMatchObject({ outcome: 'healthy' });
    expect(one.asked).toEqual([]);
  });

  test('a stall is reported as one, with what may have caused it', async () => {
    const one = takenOn({ rotation: rotation({ at: ADDED }) });
    one.clock.advance(2 * HOUR);
    one.accepted.clear();
    const answer = await reconcile(one.application, RECONCILE);
    expect(answer).toMatchObject({ outcome: 'stalled', kind: 'stalled' });
    expect(answer.next).toMatch(/Asked for again on .*LWA does not accept/);
  });
});

describe('what came of a rotation is the answer:', () => {
  test('requested, with the id of the rotation', async () => {
    const one = takenOn();
    const answer = await reconcile(one.application, FORCE);
    expect(answer).toMatchObject({ outcome: 'requested', versionId: one.entry().rotation?.id });
    expect(answer.next).toContain('Amazon accepted the rotation');
  });

  test('not rotated, where another run was faster', async () => {
    const one = takenOn();
    one.before = {
      call: 'secretsmanager:PutSecretValue',
      act: () => {
        one.another((before) => before);
      },
    };
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'not-rotated', guard: 'in-flight' });
    expect(one.posts).toBe(0);
  });

  test('due, where no time is left in this run', async () => {
    const one = takenOn();
    const ports = { ...one.application.ports, deadline: one.clock.now() + 39_999 };
    const answer = await reconcile({ ...one.application, ports }, FORCE);
    expect(answer).toMatchObject({ outcome: 'due', next: 'There was no time left in this run. The next one rotates.' });
    expect(one.posts).toBe(0);
  });

  test('failed, with the id of the rotation, or of the current version where there was none', async () => {
    const one = takenOn();
    jest.spyOn(one.application.ports.spApi, 'rotateClientSecret').mockResolvedValue({ status: 403, body: '{}' });
    const rotationId = nextEntryId(one.head().versionId);
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'failed', versionId: rotationId });
    const other = takenOn();
    other.accepted.clear();
    expect(await reconcile(other.application, FORCE)).toMatchObject({
      outcome: 'failed',
      kind: 'wrong-credentials',
      versionId: other.idOf('AWSCURRENT'),
    });
  });
});

test('a secret that nobody filled in is reported without a client id', async () => {
  const one = new OneApplication();
  one.put('AWSCURRENT', 'no JSON');
  const answer = await reconcile(one.application, RECONCILE);
  expect(answer).toMatchObject({
    clientId: '',
    outcome: 'failed',
    kind: 'not-json',
    versionId: one.idOf('AWSCURRENT'),
  });
  const empty = new OneApplication();
  expect(await reconcile(empty.application, RECONCILE)).toMatchObject({ clientId: '', kind: 'not-seeded' });
});

test('what is known when a call fails is in the answer', async () => {
  const failing = (): Promise<never> => Promise.reject(new CallFailed('sqs:GetQueueAttributes', 'Unreachable'));
  const one = takenOn();
  jest.spyOn(one.application.ports.queue, 'attributes').mockImplementation(failing);
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({
    kind: 'unreachable',
    clientId: CLIENT_ID,
    versionId: one.idOf('AWSCURRENT'),
    secretExpiry: new Date(ADDED + 180 * DAY).toISOString(),
  });
  const unread = takenOn();
  unread.store('by-hand');
  jest.spyOn(unread.application.ports.secrets, 'put').mockImplementation(failing);
  expect(await reconcile(unread.application, RECONCILE)).toMatchObject({
    kind: 'unreachable',
    clientId: CLIENT_ID,
    versionId: unread.idOf('AWSCURRENT'),
  });
  jest.spyOn(unread.application.ports.secrets, 'readLabel').mockImplementation(failing);
  expect(await reconcile(unread.application, RECONCILE)).toMatchObject({ kind: 'unreachable', clientId: '' });
});

test('a run that only looks publishes and logs nothing', async () => {
  const one = takenOn();
  one.accepted.clear();
  expect(await reconcile(one.application, { ...RECONCILE, action: 'check' })).toMatchObject({ outcome: 'failed' });
  one.spoilJournal();
  expect(await reconcile(one.application, { ...RECONCILE, action: 'status' })).toMatchObject({
    kind: 'journal-unreadable',
  });
  expect(one.observed).toEqual([]);
  expect(one.published).toEqual([]);
});
