import { parseEntry, formatEntry, type JournalEntry } from '../../../lambda/core/journal/entry';
import { withHistory } from '../../../lambda/core/journal/history';
import { withNewest } from '../../../lambda/core/journal/transitions';
import { historyOf } from '../../../lambda/core/reconcile/history';
import { DAY, HOUR, toIso } from '../../../lambda/core/time';
import { ADDED, delivery, earlier, entry, newest, rotation } from '../entries';

const AT = ADDED + 100 * DAY;
const asked = rotation({
  at: AT,
  requestedBy: 'anna',
  reason: 'person',
  requestId: 'request',
  earlier: earlier(AT - 72 * HOUR),
});
const delivered = delivery({ eventTime: AT + HOUR });
const known = { reason: 'console', versionId: 'version' } as const;

function current(given: JournalEntry = entry({ rotation: asked })): JournalEntry {
  return withHistory(withNewest(given, delivered, 'staged'), delivered, known, AT + 2 * HOUR);
}

const PAST = {
  askedAt: AT,
  attempts: 2,
  reason: 'person',
  requestedBy: 'anna',
  requestId: 'request',
  deliveredAt: AT + HOUR,
  currentAt: AT + 2 * HOUR,
  expiry: delivered.newExpiry,
  versionId: 'version',
};

test('a rotation is remembered once its client secret is current: who asked, when, how often, and what came', () => {
  expect(current().history).toEqual([PAST]);
});

test('one that this hub did not ask for is remembered without that', () => {
  const { askedAt, attempts, requestedBy, requestId, ...rest } = PAST;
  expect([askedAt, attempts, requestedBy, requestId]).not.toContain(undefined);
  const fromConsole = withHistory(
    entry({ newest: newest({ eventTime: AT, digest: 'other' }) }),
    delivered,
    known,
    AT + 2 * HOUR,
  );
  expect(fromConsole.history).toEqual([{ ...rest, reason: 'console' }]);
});

test('what becomes current again is no other rotation', () => {
  const once = current();
  expect(withHistory(once, delivered, known, AT + 5 * DAY)).toBe(once);
});

test('twelve are remembered, the last, in a journal that can be read and stays small', () => {
  let given = entry();
  for (let number = 0; number < 20; number++) {
    const one = delivery({ eventTime: AT + number * HOUR, digest: `digest ${number}` });
    given = withHistory(given, one, known, AT + number * HOUR);
  }
  expect(given.history?.map(({ deliveredAt }) => (deliveredAt - AT) / HOUR)).toEqual([
    8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
  ]);
  expect(parseEntry(formatEntry(given))).toEqual(given);
  expect(JSON.stringify(given.history).length).toBeLessThan(12 * 1_024);
});

test('an answer has the latest first: what is asked for, what is on its way, and what became current', () => {
  const open = rotation({ at: AT + DAY, outcome: 'open' });
  const past = {
    outcome: 'current',
    reason: 'person',
    requestedBy: 'anna',
    requestId: 'request',
    attempts: 2,
    versionId: 'version',
  };
  const times = { askedAt: toIso(AT), deliveredAt: toIso(AT + HOUR), expiry: toIso(delivered.newExpiry) };
  expect(historyOf({ ...current(), rotation: open })).toEqual([
    { outcome: 'ambiguous', reason: 'schedule', attempts: 1, askedAt: toIso(AT + DAY) },
    { ...past, ...times, currentAt: toIso(AT + 2 * HOUR) },
  ]);
  const waiting = withNewest(entry({ rotation: asked }), delivered, 'staged');
  expect(historyOf(waiting)).toEqual([{ ...past, ...times, outcome: 'delivered', versionId: 'staged' }]);
  expect(historyOf(entry({ rotation: rotation({ at: AT, outcome: 'refused' }) }))).toMatchObject([
    { outcome: 'refused' },
  ]);
  expect(historyOf(entry())).toEqual([]);
});
