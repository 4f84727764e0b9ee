import { digestOf, nextEntryId, stagedVersionId } from '../../../lambda/core/digest';
import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import { type JournalEntry } from '../../../lambda/core/journal/entry';
import { withAnnounced, withNewest } from '../../../lambda/core/journal/transitions';
import { CallFailed } from '../../../lambda/core/ports';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { ADDED, CLIENT_ID, delivery, entry, HUB, rotation } from '../entries';
import { OneApplication } from '../one-application';

const RECONCILE: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };
const FORCE: RotateRequest = { action: 'rotate', application: 'App', force: true, requestedBy: undefined };

/** Taken on with a client secret that LWA knows. The first sweep of a day looks at everything; the next is none of them. */
function takenOn(changes: Partial<JournalEntry> = {}): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  const digest = digestOf('seeded');
  one.journal(entry({ baseline: { digest, since: ADDED }, proven: [digest], ...changes }));
  one.clock.advance(2 * HOUR);
  return one;
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

describe('what is delivered while a sweep writes something else into the journal is no overwriting', () => {
  const at = ADDED + 2 * DAY;

  test.each<[string, Partial<JournalEntry>]>([
    ['a rotation whose request was not published yet', { rotation: rotation({ at: at - MINUTE }) }],
    ['the end of a pause', { paused: { at: ADDED, until: at - MINUTE } }],
  ])('%s', async (_, changes) => {
    const one = takenOn();
    one.clock.advance(at - one.clock.now());
    one.another((before) => ({ ...before, writtenAt: at, ...changes }));
    one.accepted.add('newest');
    one.before = {
      call: 'secretsmanager:PutSecretValue',
      act: () => {
        one.another((before) => withNewest(before, newest, 'staged'));
        one.store('newest');
        one.another((before) => withAnnounced(before, newest));
      },
    };
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
    expect(one.published.map(({ type }) => type)).not.toContain(DETAIL_TYPE.failed);
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  });
});

describe('a full look detects a changed key on the same or the next day', () => {
  test.each([
    ['every five minutes', 5 * MINUTE],
    ['every hour', HOUR],
    ['every 23 hours', 23 * HOUR],
    ['every day', DAY],
  ])('by a sweep %s, in each phase of the day', async (_, sweepInterval) => {
    for (let phase = 0; phase < DAY; phase += HOUR) {
      const one = takenOn();
      const application = { ...one.application, sweepInterval };
      one.clock.advance(DAY + phase);
      one.secretsManager.updateSecret({ SecretId: one.secretArn, KmsKeyId: 'other' });
      const end = one.clock.now() + 2 * DAY;
      while (one.clock.now() < end) {
        await reconcile(application, RECONCILE);
        one.clock.advance(sweepInterval);
      }
      expect(one.entry().encryptionKey).toBe('other');
    }
  });

  test('by each sweep if the interval of the schedule is unknown', async () => {
    const one = takenOn();
    one.secretsManager.updateSecret({ SecretId: one.secretArn, KmsKeyId: 'other' });
    await reconcile(one.application, RECONCILE);
    expect(one.entry().encryptionKey).toBe('');
    await reconcile({ ...one.application, sweepInterval: undefined }, RECONCILE);
    expect(one.entry().encryptionKey).toBe('other');
  });
});

test('if another hub took the application over, nothing is rotated, even on request, and a person is told', async () => {
  const one = takenOn({ hub: 'other', previousHubs: [{ hub: entry().hub, until: ADDED }] });
  for (const request of [RECONCILE, FORCE]) {
    const answer = await reconcile(one.application, request);
    expect(answer).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(answer.next).toContain('Another hub looks after this secret too: the one with the queue other.');
  }
  expect(one.posts).toBe(0);
});

test('the hub that took an application over names the one before, for a week', async () => {
  const one = takenOn({ previousHubs: [{ hub: 'other', until: ADDED }] });
  one.clock.advance(ADDED + 7 * DAY - 1 - one.clock.now());
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({
    outcome: 'healthy',
    next: expect.stringContaining('The hub with the queue other ') as unknown,
  });
  one.clock.advance(1);
  expect((await reconcile(one.application, RECONCILE)).next).not.toContain('other');
});

describe('a journal that cannot be read', () => {
  test('is reported, and no rotation is requested', async () => {
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
    expect(one.entry().rotation).toMatchObject({ outcome: 'accepted', reason: 'person' });
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

  test('is reported if LWA still does not know it', async () => {
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

describe('the newest delivered client secret stands by while LWA rejects what somebody stored', () => {
  /** Rotated once; later somebody stored a client secret with a typo. */
  function mistyped(): OneApplication {
    const one = takenOn();
    one.clock.advance(ADDED + 2 * DAY - one.clock.now());
    one.store('newest', 'AWSPENDING');
    one.another((before) => withAnnounced(withNewest(before, newest, one.idOf('AWSPENDING') ?? ''), newest));
    one.accepted.add('newest');
    one.accepted.delete('seeded');
    one.clock.advance(10 * DAY);
    one.store('mistyped');
    return one;
  }

  test('for as long as propagation may take, and is then current again', async () => {
    const one = mistyped();
    const waiting = await reconcile(one.application, RECONCILE);
    expect(waiting).toMatchObject({ outcome: 'failed', kind: 'wrong-credentials' });
    expect(waiting.next).toContain('stands by');
    expect(one.secretIn('AWSCURRENT')).toBe('mistyped');
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    expect(one.published.filter(({ type }) => type === DETAIL_TYPE.rotated)).toHaveLength(1);
    expect(one.observed).toContainEqual(expect.objectContaining({ what: 'client secret healed', kind: 'overwritten' }));
  });

  test('and is promoted without a POST when a person asks for a rotation', async () => {
    const one = mistyped();
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    expect(one.posts).toBe(0);
  });

  test.each([400, 403])('and a person can rotate where LWA answers %i to it, and accepts another', async (status) => {
    const one = mistyped();
    one.accepted.add('seeded');
    const { lwa } = one.application.ports;
    const exchange = lwa.exchange.bind(lwa);
    jest
      .spyOn(lwa, 'exchange')
      .mockImplementation((pair) =>
        pair.clientSecret === 'newest' ? Promise.resolve({ status, body: '{}' }) : exchange(pair),
      );
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
    expect(one.posts).toBe(1);
  });

  test('and nothing is rotated where LWA once does not say whether it accepts it', async () => {
    const one = mistyped();
    const { lwa } = one.application.ports;
    const exchange = lwa.exchange.bind(lwa);
    let isUp = false;
    jest.spyOn(lwa, 'exchange').mockImplementation((pair) => {
      if (pair.clientSecret !== 'newest' || isUp) {
        return exchange(pair);
      }
      isUp = true;
      return Promise.resolve({ status: 503, body: '' });
    });
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'failed', kind: 'wrong-credentials' });
    expect(one.posts).toBe(0);
  });

  test('and a person who uses force before that is told to wait, without a POST', async () => {
    const one = mistyped();
    expect(await reconcile(one.application, FORCE)).toMatchObject({ kind: 'wrong-credentials' });
    expect(one.posts).toBe(0);
  });

  test('also if another hub has taken the application over and may no longer exist', async () => {
    const one = mistyped();
    const previousHubs = [{ hub: HUB, until: one.clock.now() }];
    one.another((before) => ({ ...before, hub: 'other', previousHubs }));
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  });

  test.each([RECONCILE, FORCE])('also where the preflight says that a rotation would fail: %j', async (request) => {
    const one = mistyped();
    one.clock.advance(4 * HOUR);
    jest.spyOn(one.application.ports.queue, 'attributes').mockResolvedValue(undefined);
    expect(await reconcile(one.application, request)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  });

  test('and not where LWA does not accept it either', async () => {
    const one = mistyped();
    one.accepted.delete('newest');
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'wrong-credentials' });
    expect(one.secretIn('AWSCURRENT')).toBe('mistyped');
  });
});

describe('against somebody who writes a superseded client secret back again and again', () => {
  /** Writes back once an hour, with a sweep after each time. */
  async function war(one: OneApplication, hours: number): Promise<string[]> {
    const outcomes: string[] = [];
    for (let hour = 0; hour < hours; hour++) {
      if (one.secretIn('AWSCURRENT') !== 'seeded') {
        one.store('seeded');
      }
      one.clock.advance(HOUR);
      outcomes.push((await reconcile(one.application, RECONCILE)).outcome);
    }
    return outcomes;
  }

  function rotatedOnce(): OneApplication {
    const one = takenOn();
    one.clock.advance(ADDED + 2 * DAY - one.clock.now());
    one.store('newest', 'AWSPENDING');
    one.another((before) => withAnnounced(withNewest(before, newest, one.idOf('AWSPENDING') ?? ''), newest));
    one.accepted.add('newest');
    return one;
  }

  test('healing waits longer each time, then stops and asks for a person', async () => {
    const one = rotatedOnce();
    const before = one.secretsManager.inspect(one.secretArn).length;
    const outcomes = await war(one, 72);
    expect(outcomes.filter((outcome) => outcome === 'promoted')).toHaveLength(5);
    const writtenBack = 5;
    expect(one.secretsManager.inspect(one.secretArn).length - before - writtenBack).toBeLessThanOrEqual(20);
    const last = await reconcile(one.application, RECONCILE);
    expect(last).toMatchObject({ outcome: 'failed', kind: 'overwritten' });
    expect(last.next).toContain('5 times within a week');
    expect(await reconcile(one.application, { ...RECONCILE, action: 'status' })).toMatchObject({ kind: 'overwritten' });
  });

  test('a person who asks is not held up, and after a quiet week nobody is', async () => {
    const one = rotatedOnce();
    await war(one, 72);
    expect(await reconcile(one.application, { ...FORCE, force: false })).toMatchObject({ outcome: 'promoted' });
    one.clock.advance(8 * DAY);
    expect(await war(one, 1)).toEqual(['promoted']);
  });

  test('for consumers that fail, the hub still heals once a day', async () => {
    const one = rotatedOnce();
    await war(one, 72);
    one.accepted.delete('seeded');
    one.clock.advance(DAY);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  });
});

test('a heal is also reported if the heal before it was killed before its announcement', async () => {
  const one = takenOn();
  one.clock.advance(ADDED + 2 * DAY - one.clock.now());
  one.store('newest', 'AWSPENDING');
  one.another((before) => withAnnounced(withNewest(before, newest, one.idOf('AWSPENDING') ?? ''), newest));
  one.accepted.add('newest');
  jest.spyOn(one.application.ports.events, 'publish').mockImplementation((type, { versionId }) => {
    one.published.push({ type, versionId });
    return type === DETAIL_TYPE.rotated
      ? Promise.reject(new CallFailed('events:PutEvents', 'Unreachable'))
      : Promise.resolve();
  });
  await reconcile(one.application, RECONCILE);
  expect(one.secretIn('AWSCURRENT')).toBe('newest');
  one.store('seeded');
  one.published.length = 0;
  await reconcile(one.application, RECONCILE);
  expect(one.published.some(({ type }) => type === DETAIL_TYPE.failed)).toBe(true);
});

describe('the event that a rotation was requested', () => {
  test('is published by the next sweep where the bus did not take it, once', async () => {
    const one = takenOn();
    jest
      .spyOn(one.application.ports.events, 'publish')
      .mockRejectedValueOnce(new CallFailed('events:PutEvents', 'Unreachable'));
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
    expect(one.entry().rotation).toMatchObject({ outcome: 'accepted', published: false });
    await reconcile(one.application, RECONCILE);
    await reconcile(one.application, RECONCILE);
    expect(one.published.filter(({ type }) => type === DETAIL_TYPE.requested)).toEqual([
      { type: DETAIL_TYPE.requested, versionId: one.entry().rotation?.id },
    ]);
  });

  test('is published also where its run was killed and the delivery came', async () => {
    const one = takenOn();
    one.accepted.add('newest');
    one.clock.advance(2 * DAY);
    one.another((before) => ({
      ...before,
      newest: { ...newest, stagedVersionId: 'staged', reason: 'schedule', announced: true, rotationId: 'rotation-1' },
    }));
    await reconcile(one.application, RECONCILE);
    expect(one.published).toContainEqual({ type: DETAIL_TYPE.requested, versionId: 'rotation-1' });
  });
});

test('status and check say what the last sweep found of a delivery that cannot become current', async () => {
  const one = staged();
  one.clock.advance(5 * HOUR);
  const sweep = await reconcile(one.application, RECONCILE);
  expect(sweep).toMatchObject({ outcome: 'failed', kind: 'rejected-by-lwa' });
  for (const action of ['status', 'check'] as const) {
    expect(await reconcile(one.application, { ...RECONCILE, action })).toMatchObject({
      outcome: 'failed',
      kind: 'rejected-by-lwa',
    });
  }
});

test('a delivery that was staged under the field of another deployment is staged again under that of now', async () => {
  const one = takenOn();
  one.clock.advance(ADDED + 2 * DAY - one.clock.now());
  one.accepted.add('newest');
  one.put('AWSCURRENT', JSON.stringify({ clientId: CLIENT_ID, clientSecret: 'seeded', moved: 'seeded' }));
  one.put('AWSPENDING', JSON.stringify({ clientId: CLIENT_ID, clientSecret: 'newest', moved: 'seeded' }));
  one.another((before) => withNewest(before, newest, one.idOf('AWSPENDING') ?? ''));
  const { settings } = one.application;
  const deployed = { ...one.application, settings: { ...settings, clientSecretField: 'moved' } };
  expect(await reconcile(deployed, RECONCILE)).toMatchObject({ outcome: 'promoted' });
  expect(JSON.parse(one.textOf('AWSCURRENT') ?? '')).toMatchObject({ clientSecret: 'seeded', moved: 'newest' });
});

test('a journal whose label somebody removed is found again from its first entry, and gets the label back', async () => {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  await reconcile(one.application, RECONCILE);
  one.another((before) => ({ ...before, superseded: ['known'] }));
  const end = one.idOf('SpApiRotationJournal');
  removeJournalLabel(one);
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
  expect(one.idOf('SpApiRotationJournal')).toBe(end);
  expect(one.entry().superseded).toEqual(['known']);
});

test('a label that somebody moved to an earlier entry goes to the last again', async () => {
  const one = takenOn();
  one.another((before) => before);
  const inTheWay = one.idOf('SpApiRotationJournal');
  const [first] = one.secretsManager.inspect(one.secretArn).filter(({ text }) => text?.includes('"sequence":0'));
  one.secretsManager.updateSecretVersionStage({
    SecretId: one.secretArn,
    VersionStage: 'SpApiRotationJournal',
    RemoveFromVersionId: inTheWay,
    MoveToVersionId: first?.versionId,
  });
  one.secretsManager.updateSecret({ SecretId: one.secretArn, KmsKeyId: 'other' });
  expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
  expect(one.entry()).toMatchObject({ encryptionKey: 'other', rotation: { outcome: 'accepted' } });
});

test('the remains of a lost journal are not taken for the journal that was begun again', async () => {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  await reconcile(one.application, RECONCILE);
  one.clock.advance(2 * DAY);
  one.another((before) => ({ ...before, superseded: ['left'] }));
  one.another((before) => before);
  removeJournalLabel(one);
  // The first entry is old enough to be deleted, those after it are not.
  one.secretsManager.removeUnlabelledVersions(one.secretArn, { newest: 0 });
  await reconcile(one.application, RECONCILE);
  expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
  expect(one.entry()).toMatchObject({ superseded: [], rotation: { outcome: 'accepted' } });
});

describe.each(['it has AWSPENDING', 'a newer one has AWSPENDING'])(
  'a delivery was promoted while the journal could not be read, and %s:',
  (now) => {
    test('it is not reported as overwritten', async () => {
      const one = takenOn();
      const { secretsManager, secretArn } = one;
      one.accepted.add('newest');
      const id = stagedVersionId(digestOf('newest'), one.idOf('AWSCURRENT') ?? '', 'clientSecret');
      secretsManager.putSecretValue({
        SecretId: secretArn,
        ClientRequestToken: id,
        VersionStages: ['AWSPENDING'],
        SecretString: JSON.stringify({ clientId: CLIENT_ID, clientSecret: 'newest' }),
      });
      secretsManager.updateSecretVersionStage({
        SecretId: secretArn,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: one.idOf('AWSCURRENT'),
        MoveToVersionId: id,
      });
      if (now === 'a newer one has AWSPENDING') {
        one.store('newer', 'AWSPENDING');
      }
      expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
      expect(one.published).toEqual([]);
      expect(one.entry().baseline).toMatchObject({ digest: digestOf('newest') });
      expect(one.entry().baseline.unreported).toBeUndefined();
    });
  },
);

test.each(['AWSPENDING', 'SpApiRotationProbe'])(
  'a journal that is lost is reported, and what was stored last counts as having an overlap, where %s tells',
  async (label) => {
    const one = takenOn();
    one.store('seeded', label);
    one.clock.advance(DAY);
    one.store('current');
    one.accepted.add('current');
    removeJournalLabel(one);
    const answer = await reconcile(one.application, { ...FORCE, force: false });
    expect(answer).toMatchObject({ outcome: 'not-rotated', guard: 'overlap' });
    expect(one.observed).toContainEqual(expect.objectContaining({ what: 'journal lost' }));
  },
);

function removeJournalLabel(one: OneApplication): void {
  one.secretsManager.updateSecretVersionStage({
    SecretId: one.secretArn,
    VersionStage: 'SpApiRotationJournal',
    RemoveFromVersionId: one.idOf('SpApiRotationJournal'),
  });
}
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

  test('a replica is not up to date; only a full look sees it', async () => {
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

  test.each<[string, Partial<JournalEntry>]>([
    ['where all is well', {}],
    ['where a sweep found a wrong pair', { finding: { kind: 'wrong-credentials', since: ADDED }, proven: [] }],
  ])('status does not ask LWA: %s', async (_, known) => {
    const one = takenOn(known);
    one.accepted.clear();
    one.siblings.push(takenOn().application);
    expect(await reconcile(one.application, { ...RECONCILE, action: 'status' })).toMatchObject({
      kind: known.finding?.kind,
    });
    expect(one.asked).toEqual([]);
  });

  test('status tells of a pair that no sweep has tried, until one did', async () => {
    const one = takenOn({ proven: [] });
    const untried = 'No sweep has seen yet that LWA accepts the stored client id and client secret';
    const status = async () => (await reconcile(one.application, { ...RECONCILE, action: 'status' })).next;
    expect(await status()).toContain(untried);
    await reconcile(one.application, RECONCILE);
    expect(await status()).not.toContain(untried);
  });

  test('an application that cannot be read is read once for all that are looked at', async () => {
    const [one, other] = [takenOn(), new OneApplication('Other')];
    other.put('AWSCURRENT', 'no JSON');
    one.siblings.push(other.application);
    const read = jest.spyOn(other.application.ports.secrets, 'readLabel');
    await reconcile(one.application, { ...RECONCILE, action: 'check' });
    expect(read).toHaveBeenCalledTimes(1);
  });

  /** A sibling whose client secret was delivered that long ago, and took the place of the one that is seeded. */
  function ahead(now: number, ago: number): OneApplication {
    const [other, seeded] = [new OneApplication('Other'), digestOf('seeded')];
    const got = delivery({ eventTime: now - ago, digest: digestOf('newer') });
    other.clock.advance(now - other.clock.now());
    other.store('newer');
    other.journal({
      ...withAnnounced(withNewest(entry(), got, 'staged'), got),
      superseded: [seeded],
      proven: [seeded],
    });
    return other;
  }

  test.each([
    ['long ago', 5 * HOUR, 'failed', 'needs-person'],
    ['just now', HOUR, 'healthy', undefined],
  ])('a sibling got a newer client secret %s, and this one did not', async (_, ago, outcome, kind) => {
    const one = takenOn();
    one.siblings.push(ahead(one.clock.now(), ago).application);
    const answer = await reconcile(one.application, { ...RECONCILE, action: 'check' });
    expect(answer).toMatchObject({ outcome, kind });
    expect(answer.next.includes('The application Other got a newer client secret')).toBe(kind !== undefined);
  });

  test('a sibling got what this one still waits for, and the next attempt would be due', async () => {
    const one = takenOn({ rotation: rotation({ at: ADDED }) });
    one.clock.advance(73 * HOUR);
    one.siblings.push(ahead(one.clock.now(), 72 * HOUR).application);
    const answer = await reconcile(one.application, RECONCILE);
    expect(answer).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(answer.next).toContain('The application Other got a newer client secret');
    expect(one.posts).toBe(0);
  });

  test('a replica is not up to date, and a sibling that is paused holds the rotation back', async () => {
    const [one, other] = [takenOn(), new OneApplication('Other')];
    one.clock.advance(121 * DAY);
    other.clock.advance(one.clock.now() - other.clock.now());
    other.store('seeded');
    const [now, digest] = [one.clock.now(), digestOf('seeded')];
    const paused = { at: now, until: now + 10 * DAY };
    other.journal(entry({ baseline: { digest, since: ADDED }, proven: [digest], paused }));
    one.siblings.push(other.application);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'not-rotated', guard: 'paused' });
    const { secrets } = one.application.ports;
    const description = await secrets.describe();
    jest.spyOn(secrets, 'describe').mockResolvedValue({ ...description, failedReplicas: ['eu-west-1'] });
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ kind: 'needs-person' });
    expect(one.posts).toBe(0);
  });

  test.each<[string, Partial<JournalEntry>, string | undefined]>([
    ['that neither journal knows', {}, 'needs-person'],
    ['that this one knows to be older', { superseded: [digestOf('newer')] }, undefined],
    ['that was stored here just now', { baseline: { digest: digestOf('seeded'), since: ADDED + HOUR } }, undefined],
  ])('a sibling holds another client secret %s', async (_, changes, kind) => {
    const one = takenOn(changes);
    one.clock.advance(2 * HOUR);
    const other = new OneApplication('Other');
    other.store('newer');
    const proven = [digestOf('seeded'), digestOf('newer')];
    other.journal(entry({ baseline: { digest: digestOf('newer'), since: ADDED }, proven }));
    one.siblings.push(other.application);
    const answer = await reconcile(one.application, { ...RECONCILE, action: 'check' });
    expect(answer.kind).toBe(kind);
    expect(answer.next.includes('The application Other holds another client secret')).toBe(kind !== undefined);
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

  test('due, if this run has no time left', async () => {
    const one = takenOn();
    const ports = { ...one.application.ports, deadline: one.clock.now() + 39_999 };
    const answer = await reconcile({ ...one.application, ports }, FORCE);
    expect(answer).toMatchObject({ outcome: 'due', next: 'There was no time left in this run. The next one rotates.' });
    expect(one.posts).toBe(0);
  });

  test.each([
    [204, 'accepted', ADDED + 2 * HOUR + 7 * DAY],
    [500, 'ambiguous', ADDED + 2 * HOUR + 7 * DAY],
    [403, 'refused', ADDED + 180 * DAY],
  ])('with what came of the POST at once: %i is %s', async (status, outcome, end) => {
    const one = takenOn();
    const answer = { status, body: '{}', requestId: 'request-1' };
    jest.spyOn(one.application.ports.spApi, 'rotateClientSecret').mockResolvedValue(answer);
    const requestId = outcome === 'ambiguous' ? undefined : 'request-1';
    expect(await reconcile(one.application, FORCE)).toMatchObject({
      worksUntil: new Date(end).toISOString(),
      lastRotation: { outcome, at: new Date(ADDED + 2 * HOUR).toISOString(), reason: 'person', requestId },
    });
  });

  test('with nothing of a journal of a sibling, in which the rotation was claimed', async () => {
    const [one, sibling] = [takenOn(), new OneApplication('Another')];
    sibling.store('seeded');
    sibling.journal(one.entry());
    one.siblings.push(sibling.application);
    const answer = await reconcile(one.application, FORCE);
    expect(answer).toMatchObject({ outcome: 'requested', worksUntil: new Date(ADDED + 180 * DAY).toISOString() });
    expect([one.entry().rotation, sibling.entry().rotation?.outcome]).toEqual([null, 'accepted']);
  });

  test('failed, with the id of the rotation, or of the current version where there was none', async () => {
    const one = takenOn();
    jest.spyOn(one.application.ports.spApi, 'rotateClientSecret').mockResolvedValue({ status: 403, body: '{}' });
    const { versionId, entry: last } = one.head();
    const rotationId = nextEntryId(versionId, last.nonce);
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
    worksUntil: new Date(ADDED + 180 * DAY).toISOString(),
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
