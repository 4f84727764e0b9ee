import { digestOf } from '../../../lambda/core/digest';
import { withAnnounced, withNewest } from '../../../lambda/core/journal/transitions';
import { installNewSecret } from '../../../lambda/core/messages/new-secret';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { CallFailed } from '../../../lambda/core/ports';
import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { ADDED, CLIENT_ID, delivery, entry, rotation } from '../entries';
import { OneApplication } from '../one-application';

const RECONCILE: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };
const ASK: RotateRequest = { action: 'rotate', application: 'App', force: false, requestedBy: undefined };
const FORCE: RotateRequest = { ...ASK, force: true };

const MADE = ADDED + 2 * DAY;
const newest = delivery({ digest: digestOf('newest'), clientSecret: 'newest', eventTime: MADE });

/** The newest client secret is written down, and staged unless it is still only in the queue. */
function waiting({ isStaged = true, asked = false } = {}): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  const baseline = { digest: digestOf('seeded'), since: ADDED };
  one.journal(
    entry({ baseline, ...(asked && { rotation: rotation({ at: MADE, reason: 'person', requestedBy: 'me' }) }) }),
  );
  one.clock.advance(MADE - ADDED);
  if (isStaged) {
    one.store('newest', 'AWSPENDING');
  }
  one.another((before) => withNewest(before, newest, one.idOf('AWSPENDING') ?? 'staged'));
  return one;
}

/** The version cannot be read: as a rule because its key is gone. */
function unreadable({ application }: OneApplication, versionId: string | undefined, code = 'DecryptionFailure'): void {
  const { secrets } = application.ports;
  const readVersion = secrets.readVersion.bind(secrets);
  jest
    .spyOn(secrets, 'readVersion')
    .mockImplementation((id) =>
      id === versionId ? Promise.reject(new CallFailed('secretsmanager:GetSecretValue', code)) : readVersion(id),
    );
}

describe('a promotion that a sweep finishes', () => {
  test('is announced with who asked for the rotation, and answered with the new version', async () => {
    const one = waiting({ asked: true });
    one.accepted.add('newest');
    const publish = jest.spyOn(one.application.ports.events, 'publish');
    const before = one.idOf('AWSCURRENT');
    const answer = await reconcile(one.application, RECONCILE);
    expect(answer).toMatchObject({
      outcome: 'promoted',
      clientId: CLIENT_ID,
      versionId: one.idOf('AWSCURRENT'),
      worksUntil: new Date(newest.newExpiry).toISOString(),
      next: 'The newest client secret that works is current; consumers were told.',
    });
    expect(publish.mock.calls).toMatchObject([
      [
        DETAIL_TYPE.rotated,
        { versionId: one.idOf('AWSCURRENT'), previousVersionId: before, reason: 'person', requestedBy: 'me' },
      ],
    ]);
    expect(one.observed.map(({ what }) => what)).toEqual(['client secret rotated', 'application looked at']);
  });

  test.each(['status', 'check'] as const)('is left alone by %s', async (action) => {
    const one = waiting();
    one.accepted.add('newest');
    const before = one.secretsManager.inspect(one.secretArn);
    const answer = await reconcile(one.application, { ...RECONCILE, action });
    expect(answer).toMatchObject({ outcome: 'in-flight' });
    expect(answer.next).toContain('the next sweep or the next delivery of its message goes on');
    expect(one.secretsManager.inspect(one.secretArn)).toEqual(before);
  });

  test('heals what was overwritten, and says so to people and in the log', async () => {
    const one = waiting();
    one.store('newest');
    one.accepted.add('newest');
    one.another((before) => withAnnounced(before, newest));
    one.store('seeded');
    const publish = jest.spyOn(one.application.ports.events, 'publish');
    const overwritten = one.idOf('AWSCURRENT');
    const answer = await reconcile(one.application, RECONCILE);
    expect(answer).toMatchObject({ outcome: 'promoted', versionId: one.idOf('AWSCURRENT') });
    expect(answer.next).toContain('the newest is current again');
    expect(publish.mock.calls).toMatchObject([
      [DETAIL_TYPE.failed, { kind: 'overwritten', versionId: overwritten }],
      [DETAIL_TYPE.rotated, { versionId: one.idOf('AWSCURRENT') }],
    ]);
    expect(one.observed).toMatchObject([
      { what: 'client secret rotated' },
      { what: 'client secret healed', application: 'App', kind: 'overwritten', versionId: one.idOf('AWSCURRENT') },
      { what: 'application looked at' },
    ]);
  });
});

describe('what somebody forged who may write into the queue', () => {
  /** Says that it is a client secret of the application. LWA never accepts it. */
  function forge(one: OneApplication, number: number): void {
    const forged = delivery({
      digest: digestOf(`forged ${number}`),
      clientSecret: `forged ${number}`,
      eventTime: one.clock.now(),
    });
    one.store(`forged ${number}`, 'AWSPENDING');
    one.another((before) => withNewest(before, forged, one.idOf('AWSPENDING') ?? ''));
  }

  test('delays a rotation that is due by four hours at most, however often it comes', async () => {
    const one = waiting();
    one.clock.advance(170 * DAY);
    one.another((before) => ({ ...before, newest: null, deliveries: [] }));
    let hours = 0;
    while (one.posts === 0 && hours < 10) {
      forge(one, hours);
      await reconcile(one.application, RECONCILE);
      one.clock.advance(HOUR);
      hours += 1;
    }
    expect({ hours, posts: one.posts }).toEqual({ hours: 5, posts: 1 });
  });

  test('is given up when its overlap is over and LWA accepts what is current', async () => {
    const one = waiting();
    one.clock.advance(7 * DAY - MINUTE);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ kind: 'rejected-by-lwa' });
    one.clock.advance(MINUTE);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
    expect(one.entry()).toMatchObject({ newest: null, superseded: [newest.digest] });
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
  });

  test('is not given up while LWA accepts neither', async () => {
    const one = waiting();
    one.accepted.clear();
    one.clock.advance(8 * DAY);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ kind: 'rejected-by-lwa' });
    expect(one.entry().newest?.digest).toBe(newest.digest);
  });
});

describe('where what was delivered last never works, and neither does what somebody stored over the one before', () => {
  const forged = delivery({
    digest: digestOf('forged'),
    clientSecret: 'forged',
    eventTime: MADE + MINUTE,
    notificationId: 'forged',
  });

  /** `newest` was current, `forged` came after it, and then somebody stored something else. */
  function typed(stored = 'typo'): OneApplication {
    const one = waiting();
    one.store('newest');
    one.another((before) => withAnnounced(before, newest));
    one.store('forged', 'AWSPENDING');
    one.another((before) => withNewest(before, forged, one.idOf('AWSPENDING') ?? ''));
    one.store(stored);
    one.accepted.clear();
    one.accepted.add('newest');
    one.clock.advance(HOUR);
    return one;
  }

  test('the one before becomes current again once LWA must know the others', async () => {
    const one = typed();
    expect(await reconcile(one.application, RECONCILE)).not.toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('typo');
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, { ...RECONCILE, action: 'check' })).not.toMatchObject({
      outcome: 'promoted',
    });
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    expect(one.published.at(-1)).toEqual({ type: DETAIL_TYPE.rotated, versionId: one.idOf('AWSCURRENT') });
    expect(one.observed).toContainEqual(
      expect.objectContaining({ what: 'client secret healed', kind: 'overwritten', versionId: one.idOf('AWSCURRENT') }),
    );
    const events = one.published.length;
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ kind: 'rejected-by-lwa' });
    expect(one.published.slice(events)).not.toContainEqual(expect.objectContaining({ type: DETAIL_TYPE.rotated }));
    expect(one.entry()).toMatchObject({
      baseline: { digest: newest.digest },
      newest: { digest: forged.digest, announced: false },
      fallback: { digest: newest.digest },
    });
    expect(one.secretIn('AWSPENDING')).toBe('forged');
    expect(one.posts).toBe(0);
  });

  test('the last becomes current after it where LWA knows it at last', async () => {
    const one = typed();
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    one.accepted.add('forged');
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('forged');
    expect(one.entry().fallback).toBeUndefined();
  });

  test('the last does where LWA knows it by then', async () => {
    const one = typed();
    one.clock.advance(4 * HOUR);
    one.accepted.add('forged');
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('forged');
  });

  test('nothing changes while LWA accepts what somebody stored', async () => {
    const one = typed();
    one.accepted.add('typo');
    one.clock.advance(4 * HOUR);
    await reconcile(one.application, RECONCILE);
    expect(one.secretIn('AWSCURRENT')).toBe('typo');
  });

  test('its dates hold at once, and it is reported as overwritten', async () => {
    const one = typed();
    one.clock.advance(4 * HOUR);
    const publish = jest.spyOn(one.application.ports.events, 'publish');
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.entry()).toMatchObject({
      baseline: { digest: newest.digest, since: MADE },
      expiry: { at: newest.newExpiry, source: 'new-secret' },
    });
    expect(publish.mock.calls.map(([type, { kind }]) => kind ?? type)).toEqual([
      'overwritten',
      'overwritten',
      DETAIL_TYPE.rotated,
    ]);
  });

  test('consumers are told by the next sweep where this one is ended before it could', async () => {
    const one = typed();
    one.clock.advance(4 * HOUR);
    const { events } = one.application.ports;
    const publish = events.publish.bind(events);
    const spy = jest
      .spyOn(events, 'publish')
      .mockImplementation((type, detail) =>
        type === DETAIL_TYPE.rotated
          ? Promise.reject(new CallFailed('events:PutEvents', 'Throttled'))
          : publish(type, detail),
      );
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    spy.mockRestore();
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    const told = { type: DETAIL_TYPE.rotated, versionId: one.idOf('AWSCURRENT') };
    expect(one.published.filter(({ type }) => type === DETAIL_TYPE.rotated)).toEqual([told]);
    await reconcile(one.application, RECONCILE);
    expect(one.published.filter(({ type }) => type === DETAIL_TYPE.rotated)).toEqual([told]);
  });

  test('whoever writes it again and again is healed less and less often, and reported', async () => {
    const one = typed();
    one.clock.advance(4 * HOUR);
    const outcomes: string[] = [];
    for (let hour = 0; hour < 48; hour++) {
      const { outcome, kind = '' } = await reconcile(one.application, RECONCILE);
      outcomes.push(`${outcome} ${kind}`);
      one.store('typo');
      one.clock.advance(HOUR);
    }
    expect(outcomes.filter((one) => one === 'promoted ').length).toBeLessThanOrEqual(6);
    expect(outcomes).toContain('failed overwritten');
    expect(one.secretIn('AWSPENDING')).toBe('forged');
  });

  test('what a person stored is not taken for an overwriting once LWA accepts it, and the last is given up', async () => {
    const one = typed();
    one.clock.advance(4 * HOUR);
    await reconcile(one.application, RECONCILE);
    one.store('typo');
    one.accepted.add('typo');
    one.clock.advance(8 * DAY);
    one.accepted.delete('newest');
    await reconcile(one.application, RECONCILE);
    one.accepted.add('newest');
    await reconcile(one.application, RECONCILE);
    expect(one.secretIn('AWSCURRENT')).toBe('typo');
  });

  test('what a person stored before consumers were told stays, and is not disputed when the last is given up', async () => {
    const one = typed();
    one.clock.advance(4 * HOUR);
    const spy = jest
      .spyOn(one.application.ports.events, 'publish')
      .mockRejectedValue(new CallFailed('events:PutEvents', 'Throttled'));
    await reconcile(one.application, RECONCILE);
    spy.mockRestore();
    expect(one.entry().fallback).toMatchObject({ announced: false });
    one.store('by-hand');
    one.accepted.add('by-hand');
    one.clock.advance(7 * DAY);
    for (let sweep = 0; sweep < 3; sweep++) {
      expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
    }
    expect(one.secretIn('AWSCURRENT')).toBe('by-hand');
  });

  test('the last is given up also while somebody goes on writing', async () => {
    const one = typed();
    one.accepted.add('typo');
    one.another((before) => ({ ...before, superseded: [digestOf('typo')] }));
    for (let hour = 0; hour < 24 * 8; hour++) {
      await reconcile(one.application, RECONCILE);
      one.store('typo');
      one.clock.advance(HOUR);
    }
    expect(one.entry().newest?.digest).not.toBe(forged.digest);
  });

  test('a person who asks for a rotation gets the one before instead', async () => {
    const one = typed();
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'promoted' });
    expect(one.posts).toBe(0);
  });

  /** The event fails after the one before became current again: it has to be announced once more. */
  async function healedButUntold(one: OneApplication): Promise<void> {
    const publishing = jest
      .spyOn(one.application.ports.events, 'publish')
      .mockRejectedValue(new CallFailed('events:PutEvents', 'ThrottlingException'));
    await reconcile(one.application, RECONCILE);
    publishing.mockRestore();
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  }

  async function sweepFor(one: OneApplication, hours: number): Promise<void> {
    for (let hour = 0; hour < hours; hour++) {
      await reconcile(one.application, RECONCILE);
      one.clock.advance(HOUR);
    }
  }

  test('another typo over the one before, of which consumers were not told yet, does not stay', async () => {
    const one = typed();
    one.clock.advance(5 * HOUR);
    await healedButUntold(one);
    one.store('another typo');
    await sweepFor(one, 3);
    expect(one.secretIn('AWSCURRENT')).toBe('another typo');
    await sweepFor(one, 3);
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    expect(one.entry().fallback?.announced).toBe(true);
  });

  test('a typo does not stay where the one before was healed, and not told, before the last came', async () => {
    const one = waiting();
    one.store('newest');
    one.another((before) => withAnnounced(before, newest));
    one.accepted.clear();
    one.accepted.add('newest');
    one.store('seeded');
    one.clock.advance(HOUR);
    await healedButUntold(one);
    one.store('forged', 'AWSPENDING');
    one.another((before) => withNewest(before, forged, one.idOf('AWSPENDING') ?? ''));
    one.store('typo');
    await sweepFor(one, 24);
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  });

  test.each([
    ['a sweep', 'a typo', RECONCILE],
    ['a person', 'a typo', FORCE],
    ['a sweep', 'seeded', RECONCILE],
  ])(
    '%s makes the last current over %s where LWA knows it at last and the one before cannot be read',
    async (_, stored, request) => {
      const one = typed();
      // After a second edit no label of AWS is on the version of the one before.
      one.store(stored);
      unreadable(one, one.entry().fallback?.stagedVersionId);
      await sweepFor(one, 5);
      one.accepted.add('forged');
      expect(await reconcile(one.application, request)).toMatchObject({ outcome: 'promoted' });
      expect(one.secretIn('AWSCURRENT')).toBe('forged');
    },
  );

  test('a person who uses force gets a rotation where the one before cannot be read, and LWA rejects the last', async () => {
    const one = typed('seeded');
    one.store('seeded');
    one.accepted.add('seeded');
    unreadable(one, one.entry().fallback?.stagedVersionId);
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
  });

  test('the one before becomes current again where the last cannot be read', async () => {
    const one = typed();
    unreadable(one, one.entry().newest?.stagedVersionId);
    await sweepFor(one, 6);
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  });

  test('where the last cannot be read, it is reported, and a rotation that is due is asked for', async () => {
    const one = typed('newest');
    unreadable(one, one.entry().newest?.stagedVersionId);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    one.clock.advance(120 * DAY);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'requested' });
  });

  test('an older one that came late does not stay over the one before, of which consumers were not told yet', async () => {
    const one = typed('seeded');
    one.accepted.add('late');
    await healedButUntold(one);
    one.store('seeded');
    const eventTime = MADE - HOUR;
    const late = delivery({ digest: digestOf('late'), clientSecret: 'late', eventTime, notificationId: 'late' });
    await installNewSecret(one.application, late, 1);
    await reconcile(one.application, RECONCILE);
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    expect(one.entry().fallback?.announced).toBe(true);
  });

  test('consumers are told of the one before by the next sweep, also where the last is given up then', async () => {
    const one = typed();
    one.accepted.add('typo');
    one.another((before) => ({ ...before, superseded: [digestOf('typo')] }));
    one.clock.advance(8 * DAY);
    await healedButUntold(one);
    one.published.length = 0;
    await sweepFor(one, 2);
    expect(one.published).toEqual([{ type: DETAIL_TYPE.rotated, versionId: one.idOf('AWSCURRENT') }]);
  });

  test('a run that could not tell consumers of the one before asks for nothing else, also with force', async () => {
    const one = typed('seeded');
    one.accepted.add('seeded');
    await healedButUntold(one);
    one.store('seeded');
    one.clock.advance(HOUR);
    jest
      .spyOn(one.application.ports.events, 'publish')
      .mockRejectedValue(new CallFailed('events:PutEvents', 'ThrottlingException'));
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'failed', kind: 'throttled' });
    expect(one.posts).toBe(0);
  });

  test('no rotation is asked for while the one before stands by, also with force', async () => {
    const one = typed();
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'failed', kind: 'wrong-credentials' });
    expect(one.posts).toBe(0);
  });

  test('the one before stands by again when the last is given up', async () => {
    const one = typed();
    one.store('newest');
    one.clock.advance(7 * DAY);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
    expect(one.entry()).toMatchObject({ newest: { digest: newest.digest, announced: true } });
    expect(one.entry().fallback).toBeUndefined();
    one.store('typo');
    one.clock.advance(HOUR);
    await reconcile(one.application, RECONCILE);
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
  });
});

describe('a promotion that cannot be finished', () => {
  test.each([
    ['a person who uses force', FORCE, true, HOUR],
    ['a person, of one that was asked for', ASK, true, 5 * HOUR],
    ['a person, of one from the console', ASK, false, 5 * HOUR],
    ['a sweep', RECONCILE, false, 5 * HOUR],
  ])('is tried again where one read is denied, and no rotation is asked for: %s', async (_, request, asked, after) => {
    const one = waiting({ asked });
    one.accepted.add('newest');
    one.clock.advance(after);
    unreadable(one, one.idOf('AWSPENDING'), 'AccessDeniedException');
    expect(await reconcile(one.application, request)).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(one.posts).toBe(0);
  });

  test('waits for the message if its client secret is only in the queue, and is reported when overdue', async () => {
    const one = waiting({ isStaged: false });
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'in-flight' });
    one.clock.advance(4 * HOUR);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'stalled', kind: 'stalled' });
  });

  test('does not keep a person from asking for another', async () => {
    const one = waiting();
    one.clock.advance(HOUR);
    expect(await reconcile(one.application, ASK)).toMatchObject({ outcome: 'not-rotated', guard: 'overlap' });
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
    expect(one.posts).toBe(1);
  });

  test('does not keep the schedule from asking again once it is overdue', async () => {
    const one = waiting();
    one.clock.advance(170 * DAY);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'requested' });
  });

  test('is reported as unreachable while LWA cannot be asked, unless a person uses force', async () => {
    const one = waiting();
    const { lwa } = one.application.ports;
    const exchange = lwa.exchange.bind(lwa);
    jest
      .spyOn(lwa, 'exchange')
      .mockImplementation((credentials) =>
        credentials.clientSecret === 'newest' ? Promise.resolve({ failed: 'after-sending' }) : exchange(credentials),
      );
    for (const request of [RECONCILE, ASK]) {
      expect(await reconcile(one.application, request)).toMatchObject({ outcome: 'failed', kind: 'unreachable' });
    }
    expect(one.posts).toBe(0);
    one.clock.advance(HOUR);
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
  });

  test('is given up if LWA confirms that a person stored a newer one, and the sweep continues', async () => {
    const one = waiting();
    one.clock.advance(HOUR);
    one.store('by-hand');
    one.accepted.add('by-hand');
    one.clock.advance(8 * DAY);
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'healthy' });
    expect(one.entry()).toMatchObject({ newest: null });
  });

  test('is reported if a person stored what may be newer, unless a person uses force', async () => {
    const one = waiting();
    one.clock.advance(10 * MINUTE);
    one.store('by-hand');
    one.accepted.add('by-hand').add('newest');
    const answer = await reconcile(one.application, RECONCILE);
    expect(answer).toMatchObject({ outcome: 'failed', kind: 'order-unknown', clientId: CLIENT_ID });
    expect(answer.worksUntil).toBeDefined();
    one.clock.advance(HOUR);
    expect(await reconcile(one.application, FORCE)).toMatchObject({ outcome: 'requested' });
  });

  test('the sweep stops where a newer client secret became current in between', async () => {
    const one = waiting();
    one.accepted.add('newest').add('newer');
    const newer = delivery({ digest: digestOf('newer'), clientSecret: 'newer', eventTime: MADE + HOUR });
    one.before = {
      call: 'secretsmanager:UpdateSecretVersionStage',
      act: () => {
        one.store('newer');
        one.another((before) => withAnnounced(withNewest(before, newer, one.idOf('AWSCURRENT') ?? ''), newer));
      },
    };
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'not-rotated', guard: 'in-flight' });
    expect(one.secretIn('AWSCURRENT')).toBe('newer');
  });
});
