import { decide, mustFinish, type Rules, type Step, type Wish } from '../../../lambda/core/rotation/guards';
import { DAY, HOUR, MINUTE, SECOND, type Instant } from '../../../lambda/core/time';
import type { JournalEntry } from '../../../lambda/core/journal/entry';
import { ADDED, entry, newest, rotation } from '../entries';

const AUTOMATIC: Rules = { rotateAfterDays: 90, mode: 'AUTOMATIC' };
const NOTIFY_ONLY: Rules = { rotateAfterDays: 90, mode: 'NOTIFY_ONLY' };
const WISHES: Record<'reconcile' | 'rotate' | 'force', Wish> = {
  reconcile: { action: 'reconcile', force: false },
  rotate: { action: 'rotate', force: false },
  force: { action: 'rotate', force: true },
};
const NOW = ADDED + 100 * DAY;

function step(who: keyof typeof WISHES, given: JournalEntry, rules = AUTOMATIC, now: Instant = NOW): Step {
  return decide(given, rules, WISHES[who], now);
}

/** What is expected of the schedule, of a person, and of a person who insists. */
function expectSteps(given: JournalEntry, steps: Record<keyof typeof WISHES, Step>, rules = AUTOMATIC): void {
  expect({
    reconcile: step('reconcile', given, rules),
    rotate: step('rotate', given, rules),
    force: step('force', given, rules),
  }).toEqual(steps);
}

const BY_SCHEDULE: Step = { step: 'rotate', reason: 'schedule' };
const BY_PERSON: Step = { step: 'rotate', reason: 'person' };

describe('the guards', () => {
  test('due: asked only by the schedule', () => {
    const fresh = entry({ baseline: { digest: 'seeded', since: NOW - DAY } });
    expectSteps(fresh, { reconcile: { step: 'rest', until: NOW + 89 * DAY }, rotate: BY_PERSON, force: BY_PERSON });
    expectSteps(entry(), { reconcile: BY_SCHEDULE, rotate: BY_PERSON, force: BY_PERSON });
    expect(step('reconcile', entry(), AUTOMATIC, ADDED + 90 * DAY - 1)).toMatchObject({ step: 'rest' });
    expect(step('reconcile', entry(), AUTOMATIC, ADDED + 90 * DAY)).toEqual(BY_SCHEDULE);
  });

  test('a notice is the reason where it is what makes a secret due', () => {
    expect(step('reconcile', entry({ expiry: { at: NOW + 20 * DAY, source: 'notice' } }))).toEqual({
      step: 'rotate',
      reason: 'expiry',
    });
  });

  test('overlap: passed over only by force', () => {
    const until = NOW + DAY;
    const overlapping = entry({ newest: newest({ eventTime: until - 7 * DAY }) });
    const hold: Step = { step: 'hold', guard: 'overlap', until };
    expectSteps(overlapping, { reconcile: hold, rotate: hold, force: BY_PERSON });
    const over = entry({ newest: newest({ eventTime: NOW - 7 * DAY }) });
    expectSteps(over, { reconcile: BY_SCHEDULE, rotate: BY_PERSON, force: BY_PERSON });
  });

  test('in flight: asked of everybody for an hour', () => {
    const at = NOW - HOUR + 1;
    const hold: Step = { step: 'hold', guard: 'in-flight', until: at + HOUR };
    for (const outcome of ['open', 'accepted'] as const) {
      expectSteps(entry({ rotation: rotation({ at, outcome }), postedAt: at }), {
        reconcile: { step: 'wait-for-delivery', until: at + HOUR },
        rotate: hold,
        force: hold,
      });
    }
  });

  test('one a minute: asked of everybody, also after a refusal', () => {
    const at = NOW - MINUTE + 1;
    const hold: Step = { step: 'hold', guard: 'one-a-minute', until: at + MINUTE };
    const refused = rotation({ at, attempt: 0, outcome: 'refused', refusals: 1, refusedAt: at });
    expectSteps(entry({ rotation: refused, postedAt: at }), {
      reconcile: { step: 'report-refused', kind: 'refused', until: at + 55 * MINUTE },
      rotate: hold,
      force: hold,
    });
    expectSteps(entry({ postedAt: at }), { reconcile: hold, rotate: hold, force: hold });
    expectSteps(entry({ postedAt: NOW - MINUTE }), { reconcile: BY_SCHEDULE, rotate: BY_PERSON, force: BY_PERSON });
  });

  test('stalled: the ladder for the schedule, a wait for a person, passed over by force', () => {
    const at = NOW - HOUR;
    const until = at + 72 * HOUR;
    const stalled = entry({
      rotation: rotation({ at }),
      postedAt: at,
      expiry: { at: NOW + 80 * DAY, source: 'notice' },
    });
    expectSteps(stalled, {
      reconcile: { step: 'report-stalled', until },
      rotate: { step: 'hold', guard: 'stalled', until },
      force: BY_PERSON,
    });
    const usedUp = entry({ ...stalled, rotation: rotation({ at, firstAt: at - 120 * HOUR, attempt: 3 }) });
    expectSteps(usedUp, {
      reconcile: { step: 'report-stalled', until: undefined },
      rotate: { step: 'hold', guard: 'stalled' },
      force: BY_PERSON,
    });
  });

  test('the ladder asks again for the reason of the first time', () => {
    const at = NOW - 72 * HOUR;
    const given = entry({ rotation: rotation({ at, reason: 'person' }), postedAt: at });
    expect(step('reconcile', given)).toEqual({ step: 'rotate', reason: 'person' });
    expect(step('reconcile', given, AUTOMATIC, NOW - 1)).toEqual({ step: 'report-stalled', until: NOW });
  });

  test('a refused step of the ladder waits as refusals do', () => {
    const at = NOW - 80 * HOUR;
    const refusedAt = NOW - 10 * MINUTE;
    const given = entry({ rotation: rotation({ at, refusals: 1, refusedAt }), postedAt: refusedAt });
    expect(step('reconcile', given)).toEqual({ step: 'report-stalled', until: refusedAt + 55 * MINUTE });
    expect(step('reconcile', given, AUTOMATIC, refusedAt + 55 * MINUTE)).toEqual(BY_SCHEDULE);
    expect(step('rotate', given)).toEqual({ step: 'hold', guard: 'stalled', until: at + 72 * HOUR });
    expect(step('force', given)).toEqual(BY_PERSON);
  });

  test('a refusal waits for the schedule, and not for a person', () => {
    const refusedAt = NOW - 30 * MINUTE;
    const refused = rotation({
      at: refusedAt,
      attempt: 0,
      outcome: 'refused',
      refusals: 3,
      refusedAt,
      kind: 'not-enrolled',
      requestId: 'request-1',
    });
    expectSteps(entry({ rotation: refused, postedAt: refusedAt }), {
      reconcile: {
        step: 'report-refused',
        kind: 'not-enrolled',
        until: refusedAt + 6 * HOUR - 5 * MINUTE,
        requestId: 'request-1',
      },
      rotate: BY_PERSON,
      force: BY_PERSON,
    });
  });

  test('a refusal makes nothing due', () => {
    const refused = rotation({ at: NOW - DAY, attempt: 0, outcome: 'refused', refusals: 1, refusedAt: NOW - DAY });
    const given = entry({ rotation: refused, baseline: { digest: 'seeded', since: NOW - 2 * DAY } });
    expect(step('reconcile', given)).toMatchObject({ step: 'rest' });
  });

  test('NOTIFY_ONLY: asked of everybody', () => {
    const hold: Step = { step: 'hold', guard: 'notify-only' };
    expectSteps(entry(), { reconcile: hold, rotate: hold, force: hold }, NOTIFY_ONLY);
    const stalled = entry({ rotation: rotation({ at: NOW - 72 * HOUR }), postedAt: NOW - 72 * HOUR });
    expect(step('reconcile', stalled, NOTIFY_ONLY)).toEqual(hold);
    expect(step('reconcile', entry(), NOTIFY_ONLY, ADDED + DAY)).toMatchObject({ step: 'rest' });
  });
});

test('a rotation whose secret never comes: one POST, two more, each reported in between', () => {
  const posts: number[] = [];
  let given = entry({ expiry: { at: ADDED + 180 * DAY, source: 'notification' } });
  for (let now = NOW; now < NOW + 14 * DAY; now += HOUR + 20 * SECOND) {
    const next = step('reconcile', given, AUTOMATIC, now);
    if (next.step === 'rotate') {
      posts.push(Math.round((now - NOW) / HOUR));
      const before = given.rotation;
      given = {
        ...given,
        postedAt: now,
        rotation: rotation({ at: now, firstAt: before?.firstAt ?? now, attempt: (before?.attempt ?? 0) + 1 }),
      };
    }
  }
  expect(posts).toEqual([0, 72, 121]);
});

describe('to finish', () => {
  test('is the newest while it is not announced', () => {
    const pending = entry({ newest: newest({ eventTime: NOW, announced: false }) });
    expect(mustFinish(pending, 'seeded')).toBe(true);
    expect(mustFinish(pending, 'delivered')).toBe(true);
    expect(mustFinish(entry(), 'seeded')).toBe(false);
  });

  test('is the newest again when somebody wrote a superseded secret back, but not another', () => {
    const settled = entry({ newest: newest({ eventTime: NOW }), known: ['seeded'] });
    expect(mustFinish(settled, 'delivered')).toBe(false);
    expect(mustFinish(settled, 'seeded')).toBe(true);
    expect(mustFinish(settled, 'by-hand')).toBe(false);
  });
});
