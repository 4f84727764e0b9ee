import { digestOf } from '../../../lambda/core/digest';
import type { JournalEntry } from '../../../lambda/core/journal/entry';
import { withAnnounced, withNewest } from '../../../lambda/core/journal/transitions';
import { CallFailed } from '../../../lambda/core/ports';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import { ADDED, delivery, entry, HUB, newest, rotation } from '../entries';
import { OneApplication } from '../one-application';

const RECONCILE: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };
const STATUS: RotateRequest = { ...RECONCILE, action: 'status' };
const CHECK: RotateRequest = { ...RECONCILE, action: 'check' };
const FIRST = ADDED + 2 * HOUR;

function takenOn(changes: Partial<JournalEntry> = {}): OneApplication {
  const one = new OneApplication();
  const digest = digestOf('seeded');
  one.store('seeded');
  one.accepted.add('seeded');
  one.journal(entry({ baseline: { digest, since: ADDED }, proven: [digest], ...changes }));
  one.clock.advance(FIRST - ADDED);
  return one;
}

function withPolicy(policy: string | undefined) {
  return ({ application: { ports } }: OneApplication): unknown =>
    jest.spyOn(ports.queue, 'attributes').mockResolvedValue({ policy, key: undefined, retentionSeconds: 1_209_600 });
}

const POLICY = JSON.stringify({
  Statement: { Effect: 'Allow', Principal: { AWS: '437568002678' }, Action: 'sqs:*', Resource: '*' },
});

/** What each makes so, and how it is mended again. */
const FAULTS = {
  'preflight-policy': [withPolicy(undefined), withPolicy(POLICY)],
  'wrong-credentials': [(one) => one.accepted.delete('seeded'), (one) => one.accepted.add('seeded')],
  unreachable: [
    ({ application: { ports } }) =>
      jest.spyOn(ports.queue, 'attributes').mockRejectedValue(new CallFailed('sqs:GetQueueAttributes', 'Unreachable')),
    withPolicy(POLICY),
  ],
} as const satisfies Record<string, readonly ((one: OneApplication) => unknown)[]>;

describe.each(Object.entries(FAULTS))('%s, which only a sweep finds', (kind, [break_, mend]) => {
  const since = new Date(FIRST).toISOString();

  test('is in the status from then on, with the time at which it was found first, until a sweep finds nothing', async () => {
    const one = takenOn();
    break_(one);
    expect(await reconcile(one.application, STATUS)).toMatchObject({ outcome: 'healthy' });
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind, since });
    one.clock.advance(HOUR);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ kind, since });
    expect(await reconcile(one.application, STATUS)).toMatchObject({
      outcome: 'failed',
      kind,
      since,
      next: expect.stringContaining(`found this first on ${since}; "check" looks whether it is still so`) as string,
    });
    mend(one);
    expect(await reconcile(one.application, CHECK)).toMatchObject({ outcome: 'healthy' });
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
    const status = await reconcile(one.application, STATUS);
    expect(status).toMatchObject({ outcome: 'healthy' });
    expect(status.since).toBeUndefined();
  });

  test('is written once, and nothing is written where nothing is found', async () => {
    const one = takenOn();
    const versions = (): number => one.secretsManager.inspect(one.secretArn).length;
    await reconcile(one.application, RECONCILE);
    const before = versions();
    break_(one);
    for (let sweep = 0; sweep < 5; sweep++) {
      await reconcile(one.application, RECONCILE);
      one.clock.advance(HOUR);
    }
    expect(versions()).toBe(before + 1);
    mend(one);
    for (let sweep = 0; sweep < 5; sweep++) {
      await reconcile(one.application, RECONCILE);
    }
    expect(versions()).toBe(before + 2);
  });

  test('costs 26 versions a day at most if it comes and goes every five minutes', async () => {
    const one = takenOn();
    const before = one.entry().sequence;
    const end = one.clock.now() + DAY;
    while (one.clock.now() < end) {
      (one.clock.now() % (10 * MINUTE) === 0 ? break_ : mend)(one);
      await reconcile(one.application, RECONCILE);
      one.clock.advance(5 * MINUTE);
    }
    expect(one.entry().sequence - before).toBeLessThanOrEqual(26);
    expect(one.entry().sequence - before).toBeGreaterThan(20);
  });
});

describe('what was found is left as it is', () => {
  const finding = { kind: 'preflight-policy' as const, since: ADDED };

  test.each([
    [
      'by a rotation that a guard held back',
      { newest: newest({ eventTime: ADDED }) },
      { ...RECONCILE, action: 'rotate' },
      undefined,
    ],
    [
      'by a hub that was taken over',
      { hub: 'arn:other', previousHubs: [{ hub: HUB, until: ADDED }] },
      RECONCILE,
      'needs-person',
    ],
  ] satisfies [string, Partial<JournalEntry>, RotateRequest, string | undefined][])(
    '%s',
    async (_, changes, request, expected) => {
      const one = takenOn({ ...changes, finding });
      expect((await reconcile(one.application, request)).kind).toBe(expected);
      expect(one.entry().finding).toEqual(finding);
    },
  );
});

test('what is found next is written down two hours after the last, and another at once where nothing was found for so long', async () => {
  const one = takenOn();
  FAULTS['wrong-credentials'][0](one);
  await reconcile(one.application, RECONCILE);
  FAULTS['preflight-policy'][0](one);
  one.clock.advance(HOUR);
  await reconcile(one.application, RECONCILE);
  expect(one.entry().finding).toEqual({ kind: 'wrong-credentials', since: FIRST });
  one.clock.advance(HOUR - 5 * MINUTE);
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({ kind: 'preflight-policy' });
  expect(one.entry().finding).toEqual({ kind: 'preflight-policy', since: FIRST + 2 * HOUR - 5 * MINUTE });
});

test('what Amazon refused a rotation for is in the status, which does not send to the check', async () => {
  const kind = 'not-enrolled';
  const one = takenOn({ finding: { kind, since: ADDED }, rotation: rotation({ at: ADDED, outcome: 'refused', kind }) });
  const { next } = await reconcile(one.application, STATUS);
  expect(next).toContain('"check" does not see it: after the fix, another rotation shows whether it is still so');
  expect(next).not.toContain('looks whether');
});

test('a client secret that comes, or becomes current, leaves nothing of what was found before', () => {
  const found = entry({ finding: { kind: 'stalled', since: ADDED } });
  const came = delivery({ eventTime: ADDED + DAY });
  expect(withNewest(found, came, 'staged').finding).toEqual({ since: ADDED });
  expect(withAnnounced(found, came).finding).toEqual({ since: ADDED });
});

test('what cannot be written down is told all the same, and a sweep that cannot write is not healthy', async () => {
  const one = takenOn({ finding: { kind: 'preflight-policy', since: ADDED } });
  const denied = new CallFailed('secretsmanager:PutSecretValue', 'AccessDeniedException');
  jest.spyOn(one.application.ports.secrets, 'put').mockRejectedValue(denied);
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
  one.accepted.clear();
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({ kind: 'wrong-credentials' });
});
