import fc from 'fast-check';
import { DAY, MINUTE } from '../../../lambda/core/time';
import {
  hasUnfinishedPromotion,
  isNewer,
  isRecorded,
  isSuperseded,
  knownSince,
  mayReplace,
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

  test('nothing, where a person stored it and LWA does not know it', () => {
    const nonsense = entry({ baseline: { digest: 'by-hand', since: createdAt }, superseded: ['by-hand'] });
    expect(knownSince({ digest: 'by-hand', createdAt }, nonsense)).toBe(Number.NEGATIVE_INFINITY);
  });

  test('without a journal, the date of its version', () => {
    expect(knownSince({ digest: 'baseline', createdAt }, undefined)).toBe(createdAt);
    expect(isSuperseded('old', undefined)).toBe(false);
  });

  test('only what is not older may replace it, but for the clocks', () => {
    const current = { digest: 'baseline', createdAt };
    const since = ADDED + 20 * DAY;
    expect(mayReplace(dated(since - 5 * MINUTE, 0, ''), current, journal)).toBe(true);
    expect(mayReplace(dated(since - 5 * MINUTE - 1, 0, ''), current, journal)).toBe(false);
    expect(mayReplace(dated(0, 0, ''), { digest: 'old', createdAt }, journal)).toBe(true);
  });

  test('an older delivery may not replace a delivered one, however close their times: both are by one clock', () => {
    const delivered = { digest: 'seen', createdAt };
    expect(mayReplace(dated(ADDED + 40 * DAY - 1, 0, ''), delivered, journal)).toBe(false);
    expect(mayReplace(dated(ADDED + 40 * DAY, 0, ''), delivered, journal)).toBe(true);
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
  });
});
