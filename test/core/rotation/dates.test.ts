import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import {
  afterRefusal,
  dueAt,
  nextAttemptAt,
  nextRotationAt,
  overlapEnd,
  worksUntil,
} from '../../../lambda/core/rotation/dates';
import type { JournalEntry } from '../../../lambda/core/journal/entry';
import { ADDED, earlier, entry, newest, rotation } from '../entries';

describe('due', () => {
  test('is a secret of unknown age when its value has been known for so many days', () => {
    expect(dueAt(entry(), 90)).toBe(ADDED + 90 * DAY);
  });

  test('is an old secret of estimated age not before a day after the application was added', () => {
    const old = entry({
      baseline: { digest: 'seeded', since: ADDED - 100 * DAY },
      expiry: { at: ADDED + 80 * DAY, source: 'estimate' },
    });
    expect(dueAt(old, 90)).toBe(ADDED + 24 * HOUR);
  });

  test('is an old secret at once if a notice tells its age', () => {
    const noticed = entry({ expiry: { at: ADDED + 60 * DAY, source: 'expiry-notice' } });
    expect(dueAt(noticed, 90)).toBe(ADDED - 30 * DAY);
    expect(dueAt(entry({ expiry: { at: ADDED + 100 * DAY, source: 'expiry-notice' } }), 150)).toBe(ADDED + 70 * DAY);
  });

  test('is a delivered secret by its own date, and 30 days before it expires at the latest', () => {
    const delivered = entry({
      baseline: { digest: 'delivered', since: ADDED + 10 * DAY },
      expiry: { at: ADDED + 190 * DAY, source: 'new-secret' },
    });
    expect(dueAt(delivered, 90)).toBe(ADDED + 100 * DAY);
    expect(dueAt({ ...delivered, expiry: { at: ADDED + 110 * DAY, source: 'new-secret' } }, 90)).toBe(ADDED + 80 * DAY);
  });

  test.each(['new-secret', 'expiry-notice'] as const)(
    'by a date that another hub learned from a message of the kind %s, is nothing on the first day with the next hub',
    (source) => {
      const adopted = entry({
        addedAt: ADDED + 100 * DAY,
        expiry: { at: ADDED + 180 * DAY, source, inherited: true },
      });
      expect(dueAt(adopted, 90)).toBe(ADDED + 101 * DAY);
      expect(dueAt({ ...adopted, expiry: { at: ADDED + 180 * DAY, source } }, 90)).toBe(ADDED + 90 * DAY);
    },
  );
});

describe('the overlap', () => {
  test('is over seven days after the newest secret was made, or when the old one ends', () => {
    expect(overlapEnd(entry())).toBeUndefined();
    expect(overlapEnd(entry({ newest: newest({ eventTime: ADDED }) }))).toBe(ADDED + 7 * DAY);
    expect(overlapEnd(entry({ newest: newest({ eventTime: ADDED, oldExpiry: ADDED + DAY }) }))).toBe(ADDED + 7 * DAY);
    expect(overlapEnd(entry({ newest: newest({ eventTime: ADDED, oldExpiry: ADDED + 9 * DAY }) }))).toBe(
      ADDED + 9 * DAY,
    );
  });
});

describe('a delivery that LWA has not accepted opens no overlap', () => {
  const waits = { announced: false, digest: 'forged', oldExpiry: ADDED + 7 * DAY };
  const deliveries = [{ digest: 'forged', eventTime: ADDED }];

  test('but holds a rotation until LWA must know it', () => {
    expect(overlapEnd(entry({ newest: newest({ eventTime: ADDED, ...waits }), deliveries }))).toBe(ADDED + 4 * HOUR);
  });

  test('and one that follows holds it no longer', () => {
    const later = newest({ eventTime: ADDED + 3 * HOUR, ...waits, digest: 'later' });
    const both = [...deliveries, { digest: 'later', eventTime: ADDED + 3 * HOUR }];
    expect(overlapEnd(entry({ newest: later, deliveries: both }))).toBe(ADDED + 4 * HOUR);
  });

  test.each([{ served: true }, { announced: true }, { rotationId: 'asked-for' }])('unless %j', (proof) => {
    expect(overlapEnd(entry({ newest: newest({ eventTime: ADDED, ...waits, ...proof }), deliveries }))).toBe(
      ADDED + 7 * DAY,
    );
  });

  test('nor ends the wait for what was asked for', () => {
    const late = newest({ eventTime: ADDED, ...waits });
    expect(overlapEnd(entry({ newest: late, deliveries, postedAt: ADDED }))).toBe(ADDED + 72 * HOUR);
    const accepted = newest({ eventTime: ADDED - 30 * DAY });
    expect(overlapEnd(entry({ newest: accepted, postedAt: ADDED }))).toBe(ADDED - 23 * DAY);
    const refused = rotation({ at: ADDED, outcome: 'refused' });
    expect(overlapEnd(entry({ newest: late, rotation: refused, postedAt: ADDED }))).toBeUndefined();
  });

  test('nor ends that of the one before', () => {
    const current = { digest: 'delivered', eventTime: ADDED };
    const given = entry({
      baseline: { digest: 'delivered', since: ADDED },
      newest: newest({ eventTime: ADDED + DAY, ...waits }),
      deliveries: [current, { digest: 'forged', eventTime: ADDED + DAY }],
    });
    expect(overlapEnd(given)).toBe(ADDED + 7 * DAY);
  });
});

test('a secret that a person replaced may be in use for seven days', () => {
  const replaced = entry({ baseline: { digest: 'by-hand', since: ADDED, storedAt: ADDED } });
  expect(overlapEnd(replaced)).toBe(ADDED + 7 * DAY);
  expect(overlapEnd({ ...replaced, newest: newest({ eventTime: ADDED - 30 * DAY }) })).toBe(ADDED + 7 * DAY);
});

describe('the client secret in AWSCURRENT works', () => {
  const made = ADDED + 100 * DAY;
  const [current, waits] = ['seeded', { announced: false, oldExpiry: made + 7 * DAY }];
  const asked = rotation({ at: made });
  const baseline = { digest: 'delivered', since: made };
  const dated = { at: made + 180 * DAY, source: 'new-secret' as const };
  const rotated = { baseline, expiry: dated, newest: newest({ eventTime: made }), superseded: ['seeded'] };
  const deliveries = [
    { digest: 'first', eventTime: made - DAY },
    { digest: 'delivered', eventTime: made },
  ];

  test.each([
    ['until it expires', current, {}, ADDED + 180 * DAY, true],
    [
      'until it expires, where Amazon refused',
      current,
      { rotation: { ...asked, outcome: 'refused' } },
      ADDED + 180 * DAY,
      true,
    ],
    ['7 days more where a rotation was accepted', current, { rotation: asked }, made + 7 * DAY, false],
    [
      '7 days more where one may have been',
      current,
      { rotation: { ...asked, outcome: 'open' } },
      made + 7 * DAY,
      false,
    ],
    [
      '7 days after the first attempt',
      current,
      { rotation: { ...asked, earlier: earlier(made - 3 * DAY) } },
      made + 4 * DAY,
      false,
    ],
    [
      'until it expires where that is before',
      current,
      { rotation: rotation({ at: ADDED + 178 * DAY }) },
      ADDED + 180 * DAY,
      true,
    ],
    [
      'until the end of its overlap where the newest waits',
      current,
      { newest: newest({ eventTime: made, ...waits }) },
      made + 7 * DAY,
      false,
    ],
    ['until it expires, whatever delivery LWA never accepted', current, { deliveries }, ADDED + 180 * DAY, true],
    [
      '180 days where it is the newest, and that is not announced',
      'delivered',
      { newest: newest({ eventTime: made, ...waits }), deliveries: deliveries.slice(1) },
      made + 180 * DAY,
      false,
    ],
    ['until its date where it was announced', 'delivered', rotated, made + 180 * DAY, false],
    ['until the end of its overlap where somebody wrote it back', 'seeded', rotated, made + 7 * DAY, false],
    [
      'until it expires where a person stored it over the newest',
      'by-hand',
      { ...rotated, expiry: { at: made + 200 * DAY, source: 'estimate' } },
      made + 200 * DAY,
      true,
    ],
  ] as const)('%s', (_, digest, changes, at, isEstimated) => {
    expect(worksUntil(entry(changes as Partial<JournalEntry>), digest)).toEqual({ at, isEstimated });
  });
});

describe('the next rotation is due', () => {
  const stalled = rotation({ at: ADDED, refusals: 4, refusedAt: ADDED + 80 * HOUR });
  const refused = { ...stalled, outcome: 'refused' as const };
  const replaced = { digest: 'by-hand', since: ADDED - 100 * DAY, storedAt: ADDED };
  const noticed = { at: ADDED + 20 * DAY, source: 'expiry-notice' as const };

  test.each([
    ['by the age of the current one', {}, ADDED + 90 * DAY],
    ['after the overlap', { baseline: replaced, expiry: noticed }, ADDED + 7 * DAY],
    ['after the wait that follows a refusal', { expiry: noticed, rotation: refused }, ADDED + 104 * HOUR - 5 * MINUTE],
    ['at the next attempt where nothing came', { rotation: rotation({ at: ADDED }) }, ADDED + 72 * HOUR],
    ['later where that attempt was refused', { rotation: stalled }, ADDED + 104 * HOUR - 5 * MINUTE],
    [
      'when a person says after the last attempt',
      { rotation: { ...stalled, earlier: earlier(ADDED, ADDED) } },
      undefined,
    ],
  ] as const)('%s', (_, changes, at) => {
    expect(nextRotationAt(entry(changes as Partial<JournalEntry>), { rotateAfterDays: 90 })).toBe(at);
  });
});

describe('after a refusal', () => {
  test.each([
    [1, HOUR],
    [2, HOUR],
    [3, 6 * HOUR],
    [4, DAY],
    [5, DAY],
    [50, DAY],
  ])('number %i it is tried again after %i ms, less what sweeps drift', (refusals, wait) => {
    expect(afterRefusal(rotation({ at: ADDED, refusals, refusedAt: ADDED + MINUTE }))).toBe(
      ADDED + MINUTE + wait - 5 * MINUTE,
    );
  });

  test('without a refusal there is no wait', () => {
    expect(afterRefusal(rotation({ at: ADDED }))).toBeUndefined();
  });
});

describe('a secret that did not come', () => {
  const far = ADDED + 100 * DAY;

  test('is asked for again after 72 hours, once more after 120, and then no more', () => {
    expect(nextAttemptAt(rotation({ at: ADDED }), far)).toBe(ADDED + 72 * HOUR);
    expect(nextAttemptAt(rotation({ at: ADDED + 72 * HOUR, earlier: earlier(ADDED) }), far)).toBe(ADDED + 120 * HOUR);
    expect(
      nextAttemptAt(rotation({ at: ADDED + 120 * HOUR, earlier: earlier(ADDED, ADDED + 72 * HOUR) }), far),
    ).toBeUndefined();
  });

  test('is asked for again 72 hours after the last try, where those before were longer ago than an overlap lasts', () => {
    const at = ADDED + 7 * DAY;
    expect(nextAttemptAt(rotation({ at, earlier: earlier(ADDED) }), far)).toBe(at + 72 * HOUR);
    expect(nextAttemptAt(rotation({ at, earlier: earlier(ADDED, ADDED + HOUR) }), far)).toBe(at + HOUR);
  });

  test('is asked for 24 hours before the current one ends, if that is sooner', () => {
    expect(nextAttemptAt(rotation({ at: ADDED }), ADDED + 48 * HOUR)).toBe(ADDED + 24 * HOUR);
    expect(nextAttemptAt(rotation({ at: ADDED + 24 * HOUR, earlier: earlier(ADDED) }), ADDED + 50 * HOUR)).toBe(
      ADDED + 26 * HOUR,
    );
  });

  test('is not asked for within an hour of the last try', () => {
    expect(nextAttemptAt(rotation({ at: ADDED }), ADDED + HOUR)).toBe(ADDED + HOUR);
    expect(nextAttemptAt(rotation({ at: ADDED + 119.5 * HOUR, earlier: earlier(ADDED) }), far)).toBe(
      ADDED + 120.5 * HOUR,
    );
  });
});
