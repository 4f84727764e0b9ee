import { firstEntry, formatEntry, parseEntry, readEntry, type JournalEntry } from '../../../lambda/core/journal/entry';
import { heardOf } from '../../../lambda/core/journal/heard';
import { historyOf } from '../../../lambda/core/reconcile/history';
import { DAY, HOUR } from '../../../lambda/core/time';
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
    ['paused', { at: NOW, until: NOW, why: '\u001b[2J' }],
    ['paused', { at: NOW, until: NOW, why: 'amzn1.oa2-cs.v1.x' }],
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

test('a journal of the version before pauses, dates of people and what was heard is read', () => {
  // As that version wrote it, with each of its fields.
  const before =
    '{"version":1,"hub":"arn:aws:sqs:eu-west-1:111122223333:notifications","clientId":"amzn1.application-oa2-client.0123456789abcdef","addedAt":1767225600000,"sequence":9,"writtenAt":1775865600000,"nonce":"mine","encryptionKey":"","proven":["seeded","delivered"],"rotation":null,"newest":{"notificationId":"notification-1","digest":"delivered","eventTime":1775865600000,"newExpiry":1791417600000,"oldExpiry":1776470400000,"estimated":false,"stagedVersionId":"staged","announced":true,"reason":"person","requestedBy":"anna","rotationId":"rotation-1","requestId":"request","requestPublished":true,"served":true},"superseded":["seeded"],"deliveries":[{"digest":"delivered","eventTime":1775865600000}],"baseline":{"digest":"delivered","since":1775865600000},"expiry":{"at":1791417600000,"source":"new-secret"},"postedAt":1775865600000,"healedAt":[1775865600000],"finding":{"since":1775865600000},"unpublished":[],"restorable":[]}';
  const read = readEntry({ text: before, createdAt: NOW });
  expect(read).toEqual(JSON.parse(before));
  const last = { outcome: 'current', reason: 'person', requestedBy: 'anna', requestId: 'request', versionId: 'staged' };
  expect(read && historyOf(read)).toEqual([
    { ...last, deliveredAt: '2026-04-11T00:00:00.000Z', expiry: '2026-10-08T00:00:00.000Z' },
  ]);
  expect(read && heardOf(read)).toEqual({ at: NOW, by: 'new-secret' });
});

describe('a journal that no run can have written is unreadable:', () => {
  /** Written into a version that was made at this moment. */
  function read(changes: object): JournalEntry | undefined {
    const whole = entry({ rotation: rotation({ at: NOW }), newest: newest({ eventTime: NOW }), postedAt: NOW });
    return readEntry({ text: JSON.stringify({ ...whole, ...changes }), createdAt: NOW });
  }
  const asked = rotation({ at: NOW });
  const made = newest({ eventTime: NOW });
  const { clientId, addedAt, superseded, deliveries, baseline, expiry } = entry();
  const known = { clientId, addedAt, rotation: null, newest: null, superseded, deliveries, baseline, expiry };

  /** Each field that holds a time of the past. */
  const PAST: readonly (readonly [string, (time: unknown) => object])[] = [
    ['writtenAt', (writtenAt) => ({ writtenAt })],
    ['postedAt', (postedAt) => ({ postedAt })],
    ['addedAt', (time) => ({ addedAt: time })],
    ['rotation.at', (at) => ({ rotation: { ...asked, at } })],
    ['rotation.earlier', (at) => ({ rotation: { ...asked, earlier: [{ id: 'x', at }] } })],
    ['rotation.refusedAt', (refusedAt) => ({ rotation: { ...asked, refusedAt } })],
    ['rotation.takenAt', (takenAt) => ({ rotation: { ...asked, takenAt } })],
    ['newest.eventTime', (eventTime) => ({ newest: { ...made, eventTime } })],
    ['baseline.since', (since) => ({ baseline: { digest: 'd', since } })],
    ['baseline.storedAt', (storedAt) => ({ baseline: { digest: 'd', since: NOW, storedAt } })],
    ['deliveries', (eventTime) => ({ deliveries: [{ digest: 'd', eventTime }] })],
    ['expiry.noticedAt', (noticedAt) => ({ expiry: { at: NOW, source: 'expiry-notice', noticedAt } })],
    [
      'history',
      (at) => ({ history: [{ reason: 'person', versionId: 'v', deliveredAt: NOW, expiry: NOW, currentAt: at }] }),
    ],
    ['heard.at', (at) => ({ heard: { at, by: 'new-secret' } })],
    ['paused.at', (at) => ({ paused: { at, until: NOW } })],
    ['healedAt', (time) => ({ healedAt: [NOW, time] })],
    ['previousHubs', (until) => ({ previousHubs: [{ hub: HUB, until }] })],
    ['restorable', (time) => ({ restorable: [{ ...known, addedAt: time }] })],
    ['restorable rotations', (at) => ({ restorable: [{ ...known, rotation: { ...asked, at } }] })],
  ];

  test.each(PAST)('%s', (_, at) => {
    expect(read(at(NOW))).toBeDefined();
    // The clocks of AWS, of Amazon and of a function differ.
    expect(read(at(NOW + HOUR))).toBeDefined();
    for (const time of [NOW + HOUR + 1, 9e15, Date.parse('2017-12-31'), 0, -1, 'x', Number.MAX_VALUE]) {
      expect({ time, entry: read(at(time)) }).toEqual({ time, entry: undefined });
    }
  });

  test.each<[string, object, object]>([
    ['expiry', { expiry: { ...expiry, at: NOW + 360 * DAY } }, { expiry: { ...expiry, at: NOW + 361 * DAY } }],
    [
      'expiry of the newest',
      { newest: { ...made, newExpiry: NOW + 360 * DAY } },
      { newest: { ...made, newExpiry: NOW + 361 * DAY } },
    ],
    ['overlap', { newest: { ...made, oldExpiry: NOW + 7 * DAY } }, { newest: { ...made, oldExpiry: NOW + 8 * DAY } }],
    [
      'length of a pause',
      { paused: { at: NOW, until: NOW + 60 * DAY } },
      { paused: { at: NOW, until: NOW + 61 * DAY } },
    ],
    [
      'why it is paused',
      { paused: { at: NOW, until: NOW, why: 'für Ostern' } },
      { paused: { at: NOW, until: NOW, why: 'a\u202e' } },
    ],
    ['refusals', { rotation: { ...asked, refusals: 9 } }, { rotation: { ...asked, refusals: -1 } }],
    ['refusals in part', {}, { rotation: { ...asked, refusals: 0.5 } }],
    ['sequence', { sequence: 7 }, { sequence: 1.5 }],
    ['who asked', { rotation: { ...asked, requestedBy: 'me' } }, { rotation: { ...asked, requestedBy: 'a\u001b[2J' } }],
    ['hub', { hub: 'arn:aws:sqs:eu-west-1:1:x-1_2' }, { hub: 'arn\u001b[2J' }],
    ['length of an id', { nonce: 'a'.repeat(256) }, { nonce: 'a'.repeat(257) }],
    ['length of a digest', {}, { baseline: { digest: 'a'.repeat(60_000), since: NOW } }],
    ['length of a list', { superseded: Array(100).fill('a') }, { superseded: Array(101).fill('a') }],
    ['length of deliveries', {}, { deliveries: Array(101).fill({ digest: 'd', eventTime: NOW }) }],
    ['length of healings', {}, { healedAt: Array(101).fill(NOW) }],
    ['length of a client id', {}, { clientId: 'a'.repeat(2_049) }],
  ])('%s', (_, within, beyond) => {
    expect(read(within)).toBeDefined();
    expect(read(beyond)).toBeUndefined();
  });
});
