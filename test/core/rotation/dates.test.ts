import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import { afterRefusal, dueAt, nextAttemptAt, overlapEnd } from '../../../lambda/core/rotation/dates';
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
