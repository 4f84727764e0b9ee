import { isSeededByHand, isTakenOver, upToDate, type Sight } from '../../../lambda/core/secret/sync';
import { DAY } from '../../../lambda/core/time';
import type { Current } from '../../../lambda/core/secret/read';
import { ADDED, CLIENT_ID, entry, HUB, newest } from '../entries';

const NOW = ADDED + 100 * DAY;

function current(digest: string, clientId = CLIENT_ID): Current {
  return { versionId: 'v', createdAt: NOW, text: '', credentials: { clientId, clientSecret: digest }, digest };
}

function sight(changes: Partial<Sight> = {}): Sight {
  return { hub: HUB, key: '', now: NOW, current: current('seeded'), ...changes };
}

test('an entry that says what is there is not written again', () => {
  expect(upToDate(entry(), sight())).toBeUndefined();
  expect(upToDate(entry(), sight({ key: undefined }))).toBeUndefined();
});

test('a secret of another application begins anew', () => {
  const given = entry({ known: ['old'], newest: newest({ eventTime: ADDED }), postedAt: NOW });
  expect(upToDate(given, sight({ current: current('other', 'another-client') }))).toMatchObject({
    clientId: 'another-client',
    newest: null,
    known: [],
    addedAt: NOW,
    baseline: { digest: 'other', since: NOW },
  });
});

test('a secret that nobody delivered is a new baseline', () => {
  expect(upToDate(entry(), sight({ current: current('by-hand') }))).toMatchObject({
    baseline: { digest: 'by-hand', since: NOW },
    expiry: { source: 'estimate' },
  });
  expect(isSeededByHand(entry(), current('by-hand'))).toBe(true);
  expect(isSeededByHand(entry(), current('seeded'))).toBe(false);
  expect(isSeededByHand(entry(), current('by-hand', 'another-client'))).toBe(false);
});

test('a superseded secret is none', () => {
  expect(upToDate(entry({ known: ['old'] }), sight({ current: current('old') }))).toBeUndefined();
});

test('the newest put back in the place of one seeded by hand is the baseline again', () => {
  const given = entry({ newest: newest({ eventTime: ADDED }) });
  expect(upToDate(given, sight({ current: current('delivered') }))).toMatchObject({
    baseline: { digest: 'delivered', since: ADDED },
    expiry: { source: 'notification' },
  });
  const unannounced = entry({ newest: newest({ eventTime: ADDED, announced: false }) });
  expect(upToDate(unannounced, sight({ current: current('delivered') }))).toBeUndefined();
});

test('a change of the key copies the journal under the new one', () => {
  expect(upToDate(entry(), sight({ key: 'new-key' }))).toMatchObject({ key: 'new-key' });
});

test('another hub adopts the application, and the former watches for a week', () => {
  const adopted = upToDate(entry(), sight({ hub: 'other' }));
  expect(adopted).toMatchObject({ hub: 'other', formerHub: HUB, addedAt: NOW });
  if (adopted === undefined) {
    throw new Error('not adopted');
  }
  expect(isTakenOver(adopted, HUB, NOW + 7 * DAY - 1)).toBe(true);
  expect(isTakenOver(adopted, HUB, NOW + 7 * DAY)).toBe(false);
  expect(isTakenOver(adopted, 'other', NOW)).toBe(false);
  expect(isTakenOver(adopted, 'third', NOW)).toBe(false);
  expect(upToDate(adopted, sight({ now: NOW + 6 * DAY }))).toBeUndefined();
  expect(upToDate(adopted, sight({ now: NOW + 7 * DAY }))).toMatchObject({ hub: HUB, formerHub: 'other' });
});
