import type { ApplicationAnswer } from '../../../lambda/core/reconcile/answer';
import { gauges, reconcileAll, UnknownApplication } from '../../../lambda/core/reconcile/all';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import type { Application } from '../../../lambda/core/ports';
import { DAY, HOUR, MINUTE, SECOND, toIso } from '../../../lambda/core/time';
import { ADDED } from '../entries';
import { OneApplication } from '../one-application';

const RECONCILE: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };

function seeded(id: string): OneApplication {
  const one = new OneApplication(id);
  one.store('seeded');
  one.accepted.add('seeded');
  return one;
}

function reconcileOnly(application: string | undefined, deadline: number, applications: readonly OneApplication[]) {
  const [{ clock } = new OneApplication()] = applications;
  return reconcileAll(
    applications.map((one) => one.application),
    { ...RECONCILE, application },
    clock,
    deadline,
  );
}

test('a sweep answers for all applications, or for the one asked for', async () => {
  const applications = [seeded('One'), seeded('Two')];
  const ids = (answers: readonly ApplicationAnswer[]): string[] => answers.map(({ application }) => application);
  const deadline = ADDED + 15 * MINUTE;
  expect(ids(await reconcileOnly(undefined, deadline, applications))).toEqual(['One', 'Two']);
  expect(ids(await reconcileOnly('Two', deadline, applications))).toEqual(['Two']);
});

test('an application that the hub does not have is an error that names those it has', async () => {
  const asked = reconcileOnly('Three', ADDED + 15 * MINUTE, [seeded('One'), seeded('Two')]);
  await expect(asked).rejects.toThrow(UnknownApplication);
  await expect(asked).rejects.toMatchObject({
    name: 'UnknownApplication',
    message: 'this hub has no application of that name; nothing was read or changed. It has: One, Two',
  });
  await expect(reconcileOnly(undefined, ADDED, [])).rejects.toThrow('this hub has no application of that name');
});

test.each([undefined, 'Three', 'Two'])('an event about %s concerns that one, or nobody', async (application) => {
  const applications = [seeded('One'), seeded('Two')];
  const answers = await reconcileAll(
    applications.map((one) => one.application),
    { ...RECONCILE, application, isFromBus: true },
    applications[0]?.clock ?? new OneApplication().clock,
    ADDED + 15 * MINUTE,
  );
  expect(answers.map((answer) => answer.application)).toEqual(application === 'Two' ? ['Two'] : []);
});

test.each([
  ['that of the run, where that is near', 30 * SECOND, 30 * SECOND],
  ['two minutes from now, where that of the run is later', 15 * MINUTE, 2 * MINUTE],
])("an application's deadline is %s", async (_, left, spent) => {
  const inTime = seeded('InTime');
  inTime.before = {
    call: 'secretsmanager:DescribeSecret',
    act: () => {
      inTime.clock.advance(spent - 1);
    },
  };
  const [answer] = await reconcileOnly(undefined, ADDED + left, [inTime]);
  expect(answer).toMatchObject({ outcome: 'healthy' });

  const late = seeded('Late');
  late.before = {
    call: 'secretsmanager:DescribeSecret',
    act: () => {
      late.clock.advance(spent);
    },
  };
  const [timedOut] = await reconcileOnly(undefined, ADDED + left, [late]);
  expect(timedOut).toMatchObject({ outcome: 'failed', kind: 'unreachable' });
  expect(timedOut?.next).toContain('OutOfTime');
});

describe('a defect met while serving one application is the answer of that one', () => {
  const SECRET = 'amzn1.oa2-cs.v1.secret';
  const thrown = (): never => {
    throw new RangeError(SECRET);
  };

  test.each<[string, (one: OneApplication) => unknown]>([
    ['reading', (one) => jest.spyOn(one.application.ports.secrets, 'readLabel').mockImplementation(thrown)],
    ['asking LWA', (one) => jest.spyOn(one.application.ports.lwa, 'exchange').mockRejectedValue(new TypeError(SECRET))],
    ['publishing', (one) => jest.spyOn(one.application.ports.events, 'publish').mockImplementation(thrown)],
    ['a date that cannot be told', (one) => Object.assign(one.application.settings, { rotateAfterDays: 1e12 })],
    [
      'something that is no error',
      (one) => jest.spyOn(one.application.ports.queue, 'attributes').mockRejectedValue(SECRET),
    ],
  ])('%s', async (name, spoil) => {
    const [spoilt, ...others] = ['Spoilt', 'One', 'Two'].map(seeded);
    if (spoilt === undefined) {
      throw new Error('there is none');
    }
    spoil(spoilt);
    if (name === 'publishing') {
      spoilt.store('by-hand');
      await reconcileOnly(undefined, ADDED + 15 * MINUTE, [spoilt]);
      spoilt.accepted.clear();
    }
    const answers = await reconcileAll(
      [spoilt, ...others].map(({ application }) => application),
      RECONCILE,
      others[0]?.clock ?? spoilt.clock,
      9e15,
    );
    expect(answers.slice(1)).toMatchObject([{ outcome: 'healthy' }, { outcome: 'healthy' }]);
    expect(spoilt.observed).toContainEqual(expect.objectContaining({ kind: 'defect' }));
    if (name !== 'publishing') {
      expect(answers[0]).toMatchObject({ application: 'Spoilt', outcome: 'failed', kind: 'defect' });
    }
    expect(JSON.stringify([answers, spoilt.observed])).not.toContain('oa2-cs');
  });
});

describe('the gauges of a hub', () => {
  const answer = (application: string, changes: Partial<ApplicationAnswer>): ApplicationAnswer => ({
    application,
    secretName: '',
    secretArn: '',
    clientId: '',
    outcome: 'healthy',
    next: '',
    ...changes,
  });

  test('have the days to expiry of those that could be read, the soonest first', () => {
    const answers = [
      answer('Later', { worksUntil: new Date(ADDED + 20 * DAY).toISOString() }),
      answer('Soon', { worksUntil: new Date(ADDED + 1.5 * DAY).toISOString(), worksUntilEstimated: true }),
      answer('Unread', { outcome: 'failed' }),
      answer('Over', { worksUntil: new Date(ADDED - DAY).toISOString() }),
    ];
    expect(gauges(answers, ADDED)).toMatchObject({
      expiries: [
        { application: 'Over', days: -1, estimated: false },
        { application: 'Soon', days: 1.5, estimated: true },
        { application: 'Later', days: 20, estimated: false },
      ],
      unreadable: 1,
    });
  });

  test.each([
    ['not in the hour of the request', 'requested', 0, 0, false],
    ['not where the answer was unclear', 'failed', 0, 0, false],
    ['not while it propagates', 'in-flight', 3 * HOUR, 3 * HOUR, false],
    ['where it stalled', 'stalled', 2 * HOUR, 2 * HOUR, true],
    ['where LWA still does not know it', 'failed', 4 * HOUR, 4 * HOUR, true],
    ['at a further attempt', 'requested', 72 * HOUR, 0, true],
  ] as const)('have the end of an overlap: %s', (_, outcome, first, last, isShown) => {
    const at = new Date(ADDED - last).toISOString();
    const asked = answer('Asked', {
      outcome,
      worksUntil: new Date(ADDED - first + 7 * DAY).toISOString(),
      lastRotation: { outcome: 'accepted', at, reason: 'schedule' },
    });
    const later = answer('Later', { worksUntil: new Date(ADDED + 20 * DAY).toISOString() });
    const { expiries, unreadable } = gauges([later, asked], ADDED);
    expect(expiries.map(({ application }) => application)).toEqual(isShown ? ['Asked', 'Later'] : ['Later']);
    expect(unreadable).toBe(0);
  });

  test('have a date within a week where nothing was rotated lately, or Amazon refused it', () => {
    const soon = answer('Soon', { worksUntil: new Date(ADDED + 7 * DAY - HOUR).toISOString() });
    const lastRotation = { at: new Date(ADDED).toISOString(), reason: 'schedule' } as const;
    const refused = { ...soon, lastRotation: { ...lastRotation, outcome: 'refused' as const } };
    const newest = {
      ...soon,
      worksUntil: new Date(ADDED + 180 * DAY).toISOString(),
      lastRotation: { ...lastRotation, outcome: 'delivered' as const },
    };
    const old = {
      ...soon,
      lastRotation: { ...newest.lastRotation, at: new Date(ADDED - 173 * DAY).toISOString() },
    };
    expect(gauges([soon, refused, newest, old], ADDED).expiries).toHaveLength(4);
  });

  test('count those that a person should look at', () => {
    const outcomes = [
      'healthy',
      'due',
      'requested',
      'in-flight',
      'promoted',
      'not-rotated',
      'stalled',
      'failed',
      'not-seeded',
    ] as const;
    const attention = outcomes.filter((outcome) => gauges([answer('App', { outcome })], ADDED).needingAttention === 1);
    expect(attention).toEqual(['stalled', 'failed', 'not-seeded']);
    // After an attempt that brought nothing, the next one under way does not mean that all is well.
    const again = { outcome: 'accepted', at: toIso(ADDED), reason: 'schedule', earlierAttempts: 1 } as const;
    const counted = outcomes.filter(
      (outcome) => gauges([answer('App', { outcome, lastRotation: again })], ADDED).needingAttention === 1,
    );
    expect(counted).toEqual(['requested', 'in-flight', 'stalled', 'failed', 'not-seeded']);
  });
});

describe('what a sweep reads together', () => {
  /** The next sweep of two applications that were healthy; the read of both gives what was stored before `meanwhile`. */
  async function sweepWith(meanwhile: (one: OneApplication) => void, application?: string) {
    const ones = [seeded('One'), seeded('Two')];
    for (const one of ones) {
      one.clock.advance(ADDED + HOUR - one.clock.now());
      await reconcileAll([one.application], RECONCILE, one.clock, Infinity);
      one.clock.advance(HOUR);
    }
    const stored = await Promise.all(ones.map(({ application }) => application.ports.secrets.readLabel('AWSCURRENT')));
    const readSeveral = jest.fn((arns: readonly string[]) =>
      Promise.resolve(new Map(arns.flatMap((arn, index) => (stored[index] ? [[arn, stored[index]]] : [])))),
    );
    ones.forEach(meanwhile);
    // Each has a Secrets Manager of its own here, and so the same ARN.
    const applications = ones.map(({ application }, index): Application => ({
      ...application,
      settings: { ...application.settings, secretArn: `secret ${index}` },
      ports: { ...application.ports, readSeveral },
    }));
    const [{ clock } = new OneApplication()] = ones;
    const answers = await reconcileAll(applications, { ...RECONCILE, application }, clock, Infinity);
    return { answers, readSeveral, ones };
  }

  test('is AWSCURRENT of all, but not where one is asked for', async () => {
    expect((await sweepWith(() => undefined)).readSeveral.mock.calls).toEqual([[['secret 0', 'secret 1']]]);
    expect((await sweepWith(() => undefined, 'Two')).readSeveral).not.toHaveBeenCalled();
  });

  test('may be out of date: what LWA rejects is read again before it is believed', async () => {
    const { answers } = await sweepWith((one) => {
      one.store('by-hand');
      one.accepted.delete('seeded');
      one.accepted.add('by-hand');
    });
    expect(answers.map(({ outcome, kind }) => [outcome, kind])).toEqual([
      ['healthy', undefined],
      ['healthy', undefined],
    ]);
  });

  test('and what LWA rejects for good is told', async () => {
    const { answers } = await sweepWith((one) => one.accepted.clear());
    expect(answers.map(({ kind }) => kind)).toEqual(['wrong-credentials', 'wrong-credentials']);
  });
});
