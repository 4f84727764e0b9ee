import {
  decide,
  isWindowPassedOver,
  type Asker,
  type Decision,
  type Rules,
} from '../../../lambda/core/rotation/guards';
import { DAY, HOUR, MINUTE, SECOND, type Instant } from '../../../lambda/core/time';
import type { JournalEntry } from '../../../lambda/core/journal/entry';
import { ADDED, earlier, entry, newest, rotation } from '../entries';

const AUTOMATIC: Rules = { rotateAfterDays: 90, mode: 'AUTOMATIC' };
const NOTIFY_ONLY: Rules = { rotateAfterDays: 90, mode: 'NOTIFY_ONLY' };
const REQUESTS: Record<Asker, Parameters<typeof decide>[2]> = {
  reconcile: { action: 'reconcile', force: false },
  rotate: { action: 'rotate', force: false },
  force: { action: 'rotate', force: true },
};
const NOW = ADDED + 100 * DAY;

function decision(asker: Asker, given: JournalEntry, rules = AUTOMATIC, now: Instant = NOW): Decision {
  return decide(given, rules, REQUESTS[asker], now);
}

/** What is expected of the schedule, of a person, and of a person who insists. */
function expectDecisions(given: JournalEntry, decisions: Record<Asker, Decision>, rules = AUTOMATIC): void {
  expect({
    reconcile: decision('reconcile', given, rules),
    rotate: decision('rotate', given, rules),
    force: decision('force', given, rules),
  }).toEqual(decisions);
}

const BY_SCHEDULE: Decision = { rotate: 'schedule' };
const BY_PERSON: Decision = { rotate: 'person' };

describe('the guards', () => {
  test('due holds back only the schedule', () => {
    const fresh = entry({ baseline: { digest: 'seeded', since: NOW - DAY } });
    expectDecisions(fresh, {
      reconcile: { heldBy: 'due', until: NOW + 89 * DAY },
      rotate: BY_PERSON,
      force: BY_PERSON,
    });
    expectDecisions(entry(), { reconcile: BY_SCHEDULE, rotate: BY_PERSON, force: BY_PERSON });
    expect(decision('reconcile', entry(), AUTOMATIC, ADDED + 90 * DAY - 1)).toMatchObject({ heldBy: 'due' });
    expect(decision('reconcile', entry(), AUTOMATIC, ADDED + 90 * DAY)).toEqual(BY_SCHEDULE);
  });

  test('the reason is a notice if the notice makes the secret due', () => {
    expect(decision('reconcile', entry({ expiry: { at: NOW + 20 * DAY, source: 'expiry-notice' } }))).toEqual({
      rotate: 'expiry',
    });
  });

  test('overlap holds back everybody but a person with force', () => {
    const until = NOW + DAY;
    const overlapping = entry({ newest: newest({ eventTime: until - 7 * DAY }) });
    const hold: Decision = { heldBy: 'overlap', until };
    expectDecisions(overlapping, { reconcile: hold, rotate: hold, force: BY_PERSON });
    const over = entry({ newest: newest({ eventTime: NOW - 7 * DAY }) });
    expectDecisions(over, { reconcile: BY_SCHEDULE, rotate: BY_PERSON, force: BY_PERSON });
  });

  test('in-flight holds back everybody for an hour', () => {
    const at = NOW - HOUR + 1;
    const hold: Decision = { heldBy: 'in-flight', until: at + HOUR };
    for (const outcome of ['open', 'accepted'] as const) {
      expectDecisions(entry({ rotation: rotation({ at, outcome }), postedAt: at }), {
        reconcile: { heldBy: 'in-flight', until: at + HOUR },
        rotate: hold,
        force: hold,
      });
    }
  });

  test('one-a-minute holds back everybody, also after a refusal', () => {
    const at = NOW - MINUTE + 1;
    const hold: Decision = { heldBy: 'one-a-minute', until: at + MINUTE };
    const refused = rotation({ at, outcome: 'refused', refusals: 1, refusedAt: at });
    expectDecisions(entry({ rotation: refused, postedAt: at }), {
      reconcile: { heldBy: 'refused', until: at + 55 * MINUTE },
      rotate: hold,
      force: hold,
    });
    expectDecisions(entry({ postedAt: at }), { reconcile: hold, rotate: hold, force: hold });
    expectDecisions(entry({ postedAt: NOW - MINUTE }), { reconcile: BY_SCHEDULE, rotate: BY_PERSON, force: BY_PERSON });
  });

  test('stalled makes the schedule wait for the retry ladder and a person wait, and force passes it', () => {
    const at = NOW - HOUR;
    const until = at + 72 * HOUR;
    const stalled = entry({
      rotation: rotation({ at }),
      postedAt: at,
      expiry: { at: NOW + 80 * DAY, source: 'expiry-notice' },
    });
    expectDecisions(stalled, {
      reconcile: { heldBy: 'stalled', until },
      rotate: { heldBy: 'stalled', until },
      force: BY_PERSON,
    });
    const usedUp = entry({ ...stalled, rotation: rotation({ at, earlier: earlier(at - 120 * HOUR, at - 48 * HOUR) }) });
    expectDecisions(usedUp, {
      reconcile: { heldBy: 'stalled' },
      rotate: { heldBy: 'stalled' },
      force: BY_PERSON,
    });
  });

  test('the ladder asks again for the reason of the first time', () => {
    const at = NOW - 72 * HOUR;
    const given = entry({ rotation: rotation({ at, reason: 'person' }), postedAt: at });
    expect(decision('reconcile', given)).toEqual({ rotate: 'person' });
    expect(decision('reconcile', given, AUTOMATIC, NOW - 1)).toEqual({ heldBy: 'stalled', until: NOW });
  });

  test('a hub that took the application over does not ask again on its first day', () => {
    const at = NOW - 80 * HOUR;
    const taken = entry({ addedAt: NOW - HOUR, rotation: rotation({ at }), postedAt: at });
    expectDecisions(taken, {
      reconcile: { heldBy: 'stalled', until: NOW + 23 * HOUR },
      rotate: { heldBy: 'stalled', until: at + 72 * HOUR },
      force: BY_PERSON,
    });
    const noticed = entry({ ...taken, expiry: { at: NOW + 20 * DAY, source: 'expiry-notice' } });
    expect(decision('reconcile', noticed)).toEqual(BY_SCHEDULE);
  });

  test('after a refused retry the next one waits as long as after any refusal', () => {
    const at = NOW - 80 * HOUR;
    const refusedAt = NOW - 10 * MINUTE;
    const given = entry({ rotation: rotation({ at, refusals: 1, refusedAt }), postedAt: refusedAt });
    expect(decision('reconcile', given)).toEqual({ heldBy: 'stalled', until: refusedAt + 55 * MINUTE });
    expect(decision('reconcile', given, AUTOMATIC, refusedAt + 55 * MINUTE)).toEqual(BY_SCHEDULE);
    expect(decision('rotate', given)).toEqual({ heldBy: 'stalled', until: at + 72 * HOUR });
    expect(decision('force', given)).toEqual(BY_PERSON);
  });

  test('a refusal waits for the schedule, and not for a person', () => {
    const refusedAt = NOW - 30 * MINUTE;
    const refused = rotation({
      at: refusedAt,
      outcome: 'refused',
      refusals: 3,
      refusedAt,
      kind: 'not-enrolled',
      requestId: 'request-1',
    });
    expectDecisions(entry({ rotation: refused, postedAt: refusedAt }), {
      reconcile: { heldBy: 'refused', until: refusedAt + 6 * HOUR - 5 * MINUTE },
      rotate: BY_PERSON,
      force: BY_PERSON,
    });
  });

  test('a refused rotation that is not due stays not due', () => {
    const refused = rotation({ at: NOW - DAY, outcome: 'refused', refusals: 1, refusedAt: NOW - DAY });
    const given = entry({ rotation: refused, baseline: { digest: 'seeded', since: NOW - 2 * DAY } });
    expect(decision('reconcile', given)).toMatchObject({ heldBy: 'due' });
  });

  test('a pause holds back everybody but a person with force, and nothing that is outstanding', () => {
    const paused = { at: NOW - DAY, until: NOW + DAY };
    const hold: Decision = { heldBy: 'paused', until: NOW + DAY };
    expectDecisions(entry({ paused }), { reconcile: hold, rotate: hold, force: BY_PERSON });
    expect(decision('reconcile', entry({ paused }), AUTOMATIC, NOW + DAY)).toEqual(BY_SCHEDULE);
    const at = NOW - 72 * HOUR;
    expect(decision('reconcile', entry({ paused, rotation: rotation({ at }), postedAt: at }))).toEqual(BY_SCHEDULE);
    // 21 days before the expiry.
    const near = entry({ paused, expiry: { at: NOW + 21 * DAY, source: 'estimate' } });
    expect(decision('reconcile', near)).toEqual(BY_SCHEDULE);
  });

  test('a rotation window holds back only the schedule, nothing that is outstanding, and not in the last 14 days', () => {
    // NOW is Saturday.
    const weekdays: Rules = {
      ...AUTOMATIC,
      rotationWindow: { days: [1, 2, 3, 4, 5], from: 540, to: 960, timeZone: 'Europe/Berlin' },
    };
    const monday = Date.parse('2026-04-13T07:00:00Z');
    const outside: Decision = { heldBy: 'window', until: monday };
    expectDecisions(entry(), { reconcile: outside, rotate: BY_PERSON, force: BY_PERSON }, weekdays);
    expect(decision('reconcile', entry(), weekdays, monday)).toEqual(BY_SCHEDULE);
    expect(decision('reconcile', entry(), weekdays, monday - 1)).toEqual(outside);
    const at = NOW - 72 * HOUR;
    expect(decision('reconcile', entry({ rotation: rotation({ at }), postedAt: at }), weekdays)).toEqual(BY_SCHEDULE);
    const near = entry({ expiry: { at: NOW + 14 * DAY, source: 'estimate' } });
    expect(decision('reconcile', near, weekdays)).toEqual(BY_SCHEDULE);
    expect(decision('reconcile', near, weekdays, NOW - 1)).toMatchObject({ heldBy: 'window', until: NOW });
    for (const [given, now, isPassedOver] of [
      [near, NOW, true],
      [near, monday, false],
    ] as const) {
      expect(isWindowPassedOver(given, weekdays, REQUESTS.reconcile, now)).toBe(isPassedOver);
    }
    expect(isWindowPassedOver(near, weekdays, REQUESTS.rotate, NOW)).toBe(false);
  });

  test('NOTIFY_ONLY holds back everybody', () => {
    const hold: Decision = { heldBy: 'notify-only' };
    expectDecisions(entry(), { reconcile: hold, rotate: hold, force: hold }, NOTIFY_ONLY);
    const stalled = entry({ rotation: rotation({ at: NOW - 72 * HOUR }), postedAt: NOW - 72 * HOUR });
    expect(decision('reconcile', stalled, NOTIFY_ONLY)).toEqual(hold);
    expect(decision('reconcile', entry(), NOTIFY_ONLY, ADDED + DAY)).toMatchObject({ heldBy: 'due' });
  });
});

test('a rotation whose secret never comes: one POST, two more, each reported in between', () => {
  const posts: number[] = [];
  let given = entry({ expiry: { at: ADDED + 180 * DAY, source: 'new-secret' } });
  for (let now = NOW; now < NOW + 14 * DAY; now += HOUR + 20 * SECOND) {
    const next = decision('reconcile', given, AUTOMATIC, now);
    if ('rotate' in next) {
      posts.push(Math.round((now - NOW) / HOUR));
      const before = given.rotation;
      given = {
        ...given,
        postedAt: now,
        rotation: rotation({ at: now, earlier: before === null ? undefined : [...(before.earlier ?? []), before] }),
      };
    }
  }
  expect(posts).toEqual([0, 72, 121]);
});
