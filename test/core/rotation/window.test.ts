import type { RotationWindowSettings } from '../../../lib/contract/application-settings';
import { isOpen, opensAt } from '../../../lambda/core/rotation/window';
import { DAY, MINUTE, toIso } from '../../../lambda/core/time';

const NEVER = Number.MAX_SAFE_INTEGER;
const BERLIN = 'Europe/Berlin';

function window(days: number[], from: number, to: number, timeZone = BERLIN): RotationWindowSettings {
  return { days, from: from * 60, to: to * 60, timeZone };
}

const weekdays = window([1, 2, 3, 4, 5], 9, 16);
/** From Saturday to Sunday. */
const night = window([6], 22, 4);
/** In the hour that the clocks leave out or repeat. */
const shifted = window([7], 2, 3);

test.each<[string, RotationWindowSettings, string, boolean]>([
  ['as it opens, in winter', weekdays, '2026-01-05T08:00:00Z', true],
  ['before it opens, in winter', weekdays, '2026-01-05T07:59:59Z', false],
  ['as it opens, in summer', weekdays, '2026-07-06T07:00:00Z', true],
  ['as it closes', weekdays, '2026-07-06T14:00:00Z', false],
  ['on Saturday', weekdays, '2026-07-04T10:00:00Z', false],
  ['before midnight', night, '2026-01-03T22:00:00Z', true],
  ['after midnight', night, '2026-01-04T02:59:00Z', true],
  ['at its end after midnight', night, '2026-01-04T03:00:00Z', false],
  ['after the midnight at which its day begins', night, '2026-01-02T23:30:00Z', false],
  ['after Sunday', window([7], 22, 4), '2026-01-05T02:00:00Z', true],
  ['at midnight, to the end of the day', window([1], 0, 24), '2026-01-04T23:00:00Z', true],
  ['the first time that an hour comes', shifted, '2026-10-25T00:30:00Z', true],
  ['the second time', shifted, '2026-10-25T01:30:00Z', true],
  ['where the clock leaves it out', shifted, '2026-03-29T01:00:00Z', false],
  ['in a zone with a quarter of an hour', window([1], 9, 10, 'Asia/Kathmandu'), '2026-01-05T03:15:00Z', true],
  ['in a zone whose day is the next', window([1], 9, 10, 'Pacific/Kiritimati'), '2026-01-04T19:00:00Z', true],
])('a window %s', (_, given, at, is) => {
  expect(isOpen(given, Date.parse(at))).toBe(is);
});

test.each<[string, RotationWindowSettings, string, string]>([
  ['at once where it is open', weekdays, '2026-01-05T08:00:01.000Z', '2026-01-05T08:00:01.000Z'],
  ['on the same day', weekdays, '2026-01-05T00:00:01.000Z', '2026-01-05T08:00:00.000Z'],
  ['after the week-end', weekdays, '2026-01-02T15:00:00.000Z', '2026-01-05T08:00:00.000Z'],
  [
    'after the week-end on which the clocks are put forward',
    weekdays,
    '2026-03-27T15:00:00Z',
    '2026-03-30T07:00:00.000Z',
  ],
  ['after the week-end on which they are put back', weekdays, '2026-10-23T14:00:00Z', '2026-10-26T08:00:00.000Z'],
  ['after a week', window([1], 9, 10), '2026-01-05T09:00:00.000Z', '2026-01-12T08:00:00.000Z'],
  ['not on the day that has no such hour', shifted, '2026-03-28T00:00:00.000Z', '2026-04-05T00:00:00.000Z'],
])('a window opens %s', (_, given, from, at) => {
  expect(toIso(opensAt(given, NEVER, Date.parse(from)))).toBe(at);
});

test('it opens 14 days before the expiry', () => {
  const friday = Date.parse('2026-01-02T15:00:00Z');
  expect(opensAt(weekdays, friday + 14 * DAY, friday)).toBe(friday);
  expect(opensAt(weekdays, friday + 15 * DAY, friday)).toBe(friday + DAY);
  expect(opensAt(weekdays, friday - DAY, friday)).toBe(friday);
});

// Each zone with clocks of its own, over a year, against a look at each quarter of an hour.
test.each([BERLIN, 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca', 'UTC'])(
  'no opening is missed in %s',
  (timeZone) => {
    for (const given of [
      window([2], 1, 2, timeZone),
      window([1, 7], 23, 1, timeZone),
      window([3, 6], 0, 24, timeZone),
    ]) {
      let opening: number | undefined;
      for (let at = Date.parse('2027-01-01'); at >= Date.parse('2026-01-01'); at -= 15 * MINUTE) {
        opening = isOpen(given, at) ? at : opening;
        if (opening !== undefined && at % (7 * 60 * MINUTE) === 0) {
          expect(toIso(opensAt(given, NEVER, at))).toBe(toIso(opening));
        }
      }
    }
  },
);
