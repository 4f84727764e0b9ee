import { firstEntry, formatEntry, parseEntry } from '../../../lambda/core/journal/entry';
import { DAY } from '../../../lambda/core/time';
import { ADDED, CLIENT_ID, entry, HUB, newest, rotation } from '../entries';

const NOW = ADDED + 100 * DAY;

describe('an entry', () => {
  test('is read back as it was written, with keys of later versions', () => {
    const full = entry({ newest: newest({ eventTime: NOW }), rotation: rotation({ at: NOW }), postedAt: NOW });
    expect(parseEntry(formatEntry(full))).toEqual(full);
    expect(parseEntry(JSON.stringify({ ...full, later: 1 }))).toEqual({ ...full, later: 1 });
  });

  test.each([
    undefined,
    '',
    'text',
    '{}',
    JSON.stringify({ ...entry(), version: 2 }),
    JSON.stringify({ ...entry(), sequence: 'x' }),
  ])('is not %s', (text) => {
    expect(parseEntry(text)).toBeUndefined();
  });

  test.each([
    ['rotation', { ...rotation({ at: NOW }), id: 1 }],
    ['rotation', { ...rotation({ at: NOW }), earlier: [{ id: 'first' }] }],
    ['rotation', { ...rotation({ at: NOW }), outcome: 'other' }],
    ['newest', { ...newest({ eventTime: NOW }), digest: undefined }],
    ['baseline', {}],
    ['deliveries', [{}]],
    ['expiry', {}],
    ['clientId', undefined],
  ])('is not one whose %s is damaged: %j', (field, value) => {
    expect(parseEntry(JSON.stringify({ ...entry(), [field]: value }))).toBeUndefined();
  });

  test.each(['schedule', 'expiry', 'person', 'console'] as const)('knows the reason %s', (reason) => {
    expect(parseEntry(formatEntry(entry({ rotation: rotation({ at: NOW, reason }) })))).toBeDefined();
  });

  test.each(['open', 'accepted', 'refused'] as const)('knows the outcome %s', (outcome) => {
    expect(parseEntry(formatEntry(entry({ rotation: rotation({ at: NOW, outcome }) })))).toBeDefined();
  });

  test('begins without a key where the run did not ask for it', () => {
    const facts = { hub: HUB, clientId: CLIENT_ID, now: NOW, digest: 'seeded', createdAt: NOW };
    expect(firstEntry({ ...facts, encryptionKey: undefined }).encryptionKey).toBe('');
    expect(firstEntry({ ...facts, encryptionKey: 'key' }).encryptionKey).toBe('key');
  });

  test('begins with the value first seen, which lives 180 days at most', () => {
    expect(entry()).toMatchObject({
      hub: HUB,
      clientId: CLIENT_ID,
      addedAt: ADDED,
      rotation: null,
      newest: null,
      baseline: { digest: 'seeded', since: ADDED },
      superseded: [],
      expiry: { at: ADDED + 180 * DAY, source: 'estimate' },
    });
  });
});
