import { formatEntry, parseEntry } from '../../../lambda/core/journal/entry';
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
