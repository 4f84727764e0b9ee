import fc from 'fast-check';
import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import {
  firstKnown,
  hasUnfinishedPromotion,
  isNewer,
  isRecorded,
  isSuperseded,
  knownSince,
  mayReplace,
  placeOf,
  type Dated,
} from '../../../lambda/core/journal/order';
import { ADDED, entry, newest } from '../entries';

function dated(eventTime: number, newExpiry: number, notificationId: string): Dated {
  return { eventTime, newExpiry, notificationId };
}

describe('of two deliveries', () => {
  test('the later event is newer, then the later expiry, then the higher id', () => {
    expect(isNewer(dated(2, 1, 'a'), dated(1, 9, 'z'))).toBe(true);
    expect(isNewer(dated(1, 2, 'a'), dated(1, 1, 'z'))).toBe(true);
    expect(isNewer(dated(1, 1, 'b'), dated(1, 1, 'a'))).toBe(true);
    expect(isNewer(dated(1, 1, 'a'), dated(1, 1, 'a'))).toBe(false);
  });

  test('exactly one is newer, whoever compares', () => {
    const any = fc.record({ eventTime: fc.nat(2), newExpiry: fc.nat(2), notificationId: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(any, any, any, (one, other, third) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(Number(isNewer(one, other)) + Number(isNewer(other, one))).toBe(same ? 0 : 1);
        if (isNewer(one, other) && isNewer(other, third)) {
          expect(isNewer(one, third)).toBe(true);
        }
      }),
      { seed: 1 },
    );
  });
});

describe('the current secret is known since', () => {
  const journal = entry({
    newest: newest({ eventTime: ADDED + 50 * DAY }),
    baseline: { digest: 'baseline', since: ADDED + 20 * DAY },
    superseded: ['old'],
    deliveries: [{ digest: 'seen', eventTime: ADDED + 40 * DAY }],
  });
  const createdAt = ADDED + 60 * DAY;

  test.each([
    ['delivered', ADDED + 50 * DAY],
    ['baseline', ADDED + 20 * DAY],
    ['old', Number.NEGATIVE_INFINITY],
    ['seen', ADDED + 40 * DAY],
    ['by-hand', createdAt],
  ])('%s: %d', (digest, since) => {
    expect(knownSince({ digest, createdAt }, journal)).toBe(since);
    expect(isRecorded(digest, journal)).toBe(digest !== 'by-hand');
    expect(isSuperseded(digest, journal)).toBe(digest === 'old');
  });

  test('and its earliest date is that of its delivery or of its storing', () => {
    const [seen, baseline] = ['seen', 'baseline'].map((digest) => firstKnown({ digest }, journal));
    expect([seen, baseline]).toEqual([ADDED + 40 * DAY, ADDED + 20 * DAY]);
    const delivered = { ...journal, deliveries: [{ digest: 'baseline', eventTime: ADDED }] };
    expect(firstKnown({ digest: 'baseline' }, delivered)).toBe(ADDED);
    expect(firstKnown({ digest: 'by-hand' }, journal)).toBe(Number.POSITIVE_INFINITY);
  });

  test('minus infinity, if a person stored it and LWA rejects it', () => {
    const nonsense = entry({ baseline: { digest: 'by-hand', since: createdAt }, superseded: ['by-hand'] });
    expect(knownSince({ digest: 'by-hand', createdAt }, nonsense)).toBe(Number.NEGATIVE_INFINITY);
  });

  test('without a journal, the date of its version', () => {
    expect(knownSince({ digest: 'baseline', createdAt }, undefined)).toBe(createdAt);
    expect(isSuperseded('old', undefined)).toBe(false);
  });

  test('a delivery may replace it if it is at most five minutes older', () => {
    const current = { digest: 'baseline', createdAt };
    const since = ADDED + 20 * DAY;
    expect(mayReplace(dated(since - 5 * MINUTE, 0, ''), current, journal)).toBe(true);
    expect(mayReplace(dated(since - 5 * MINUTE - 1, 0, ''), current, journal)).toBe(false);
    expect(mayReplace(dated(0, 0, ''), { digest: 'old', createdAt }, journal)).toBe(true);
  });

  test('an older delivery never replaces a newer one, however close their times are: both have the time of one clock', () => {
    const delivered = { digest: 'seen', createdAt };
    expect(mayReplace(dated(ADDED + 40 * DAY - 1, 0, ''), delivered, journal)).toBe(false);
    expect(mayReplace(dated(ADDED + 40 * DAY, 0, ''), delivered, journal)).toBe(true);
  });
});

describe('a delivery', () => {
  const eventTime = ADDED + 50 * DAY;
  const stored = { digest: 'seeded', createdAt: ADDED };
  const place = (digest: string, time: number, current: string, changes: Parameters<typeof entry>[0] = {}) =>
    placeOf({ ...dated(time, 0, ''), digest }, { ...stored, digest: current }, entry(changes));
  const announced = newest({ eventTime });
  const waiting = newest({ eventTime, announced: false });

  test('a superseded delivery is done, even where it is current', () => {
    expect(place('old', eventTime, 'old', { superseded: ['old'] })).toBe('served');
  });

  test('a current delivery counts as current, even where a newer one exists', () => {
    expect(place('older', eventTime - DAY, 'older', { newest: announced })).toBe('current');
    expect(place('older', eventTime - DAY, 'older', { newest: waiting })).toBe('current');
  });

  test('that is not newer than one that has been current is acknowledged', () => {
    expect(place('older', eventTime - DAY, 'seeded', { newest: announced })).toBe('served');
    expect(place('delivered', eventTime, 'seeded', { newest: announced })).toBe('served');
    expect(place('newer', eventTime + DAY, 'seeded', { newest: announced })).toBe('newest');
  });

  test('that is not newer than one that waits for LWA is older, unless it is that one', () => {
    expect(place('older', eventTime - DAY, 'seeded', { newest: waiting })).toBe('older');
    expect(place('delivered', eventTime - DAY, 'seeded', { newest: waiting })).toBe('newest');
    expect(place('newer', eventTime + DAY, 'seeded', { newest: waiting })).toBe('newest');
  });

  test('that is not newer than what was current before the one that waits is acknowledged', () => {
    const fallback = newest({ eventTime: eventTime - DAY, digest: 'before' });
    const changes = { newest: waiting, fallback };
    expect(place('older', eventTime - 2 * DAY, 'seeded', changes)).toBe('served');
    expect(place('before', eventTime - DAY, 'seeded', changes)).toBe('served');
    expect(place('between', eventTime - HOUR, 'seeded', changes)).toBe('older');
    expect(
      place('older', eventTime - 2 * DAY, 'seeded', { newest: waiting, fallback: { ...fallback, announced: false } }),
    ).toBe('older');
  });

  test('that was made before the current one was stored may be the older of the two', () => {
    expect(place('delivered', ADDED - DAY, 'seeded')).toBe('order-unknown');
    expect(place('delivered', ADDED, 'seeded')).toBe('newest');
  });
});

describe('to finish', () => {
  test('is the newest while it is not announced', () => {
    const pending = entry({ newest: newest({ eventTime: ADDED, announced: false }) });
    expect(hasUnfinishedPromotion(pending, 'seeded')).toBe(true);
    expect(hasUnfinishedPromotion(pending, 'delivered')).toBe(true);
    expect(hasUnfinishedPromotion(entry(), 'seeded')).toBe(false);
  });

  test('is the newest again when somebody wrote a superseded secret back, but not another', () => {
    const settled = entry({ newest: newest({ eventTime: ADDED }), superseded: ['seeded'] });
    expect(hasUnfinishedPromotion(settled, 'delivered')).toBe(false);
    expect(hasUnfinishedPromotion(settled, 'seeded')).toBe(true);
    expect(hasUnfinishedPromotion(settled, 'by-hand')).toBe(false);
    expect(hasUnfinishedPromotion({ ...settled, superseded: ['delivered'] }, 'delivered')).toBe(false);
  });
});
