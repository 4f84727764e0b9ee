import { healLimit, isOverwritten, mayHealForConsumers, storedSince } from '../../../lambda/core/secret/heal';
import { DAY, HOUR } from '../../../lambda/core/time';
import { ADDED, entry, newest } from '../entries';

const NOW = ADDED + 100 * DAY;

describe('a client secret is overwritten', () => {
  const delivered = newest({ eventTime: ADDED });

  test.each([
    ['where a superseded one took the place of the newest', { newest: delivered }, 'seeded', true],
    [
      'also where the newest is about to be announced again',
      { newest: { ...delivered, announced: false, served: true } },
      'seeded',
      true,
    ],
    ['but not where the newest was never current', { newest: { ...delivered, announced: false } }, 'seeded', false],
    ['nor where the newest is current', { newest: delivered, superseded: ['delivered'] }, 'delivered', false],
    ['nor where a person stored one that nobody knows', { newest: delivered }, 'by-hand', false],
    ['nor where nothing was delivered', { newest: null }, 'seeded', false],
  ])('%s', (_, changes, current, expected) => {
    expect(isOverwritten(entry({ superseded: ['seeded'], ...changes }), current)).toBe(expected);
  });
});

test('is healed at once, then after 1, 4, 12 and 24 hours, and then not again within a week', () => {
  expect(healLimit(entry(), NOW)).toEqual({ times: 0, allowedAt: NOW });
  const times = [NOW - 5 * HOUR, NOW - 4 * HOUR, NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR];
  const waits = [1, 4, 12, 24].map((hours) => hours * HOUR);
  waits.forEach((wait, index) => {
    const healedAt = times.slice(0, index + 1);
    expect(healLimit(entry({ healedAt }), NOW)).toEqual({
      times: index + 1,
      allowedAt: (healedAt.at(-1) ?? 0) + wait,
    });
  });
  expect(healLimit(entry({ healedAt: times }), NOW)).toEqual({ times: 5, allowedAt: undefined });
});

test('what was healed a week ago counts no more', () => {
  expect(healLimit(entry({ healedAt: [NOW - 7 * DAY] }), NOW)).toEqual({ times: 0, allowedAt: NOW });
  expect(healLimit(entry({ healedAt: [NOW - 7 * DAY + 1] }), NOW).times).toBe(1);
});

test('consumers that fail are helped a day after the last time', () => {
  expect(mayHealForConsumers(entry(), NOW)).toBe(true);
  expect(mayHealForConsumers(entry({ healedAt: [NOW - 3 * DAY, NOW - DAY] }), NOW)).toBe(true);
  expect(mayHealForConsumers(entry({ healedAt: [NOW - 3 * DAY, NOW - DAY + 1] }), NOW)).toBe(false);
});

describe('a client secret stands in its place since', () => {
  const stored = { digest: 'by-hand', createdAt: NOW };
  const baseline = { digest: 'by-hand', since: ADDED, storedAt: ADDED + DAY };

  test.each([
    ['a person put it there', { baseline }, ADDED + DAY],
    ['it is known, where it was the first', { baseline: { digest: 'by-hand', since: ADDED } }, ADDED],
    ['its version was made, where it is superseded', { baseline, superseded: ['by-hand'] }, NOW],
    ['its version was made, where another is the baseline', {}, NOW],
  ])('%s', (_, changes, since) => {
    expect(storedSince(entry(changes), stored)).toBe(since);
  });
});
