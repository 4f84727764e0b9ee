import type { Facts } from '../../../lambda/core/journal/entry';
import { withBaseline } from '../../../lambda/core/journal/transitions';
import { isTakenOver, syncEntry } from '../../../lambda/core/secret/sync';
import { DAY } from '../../../lambda/core/time';
import { ADDED, CLIENT_ID, delivery, entry, HUB, newest, rotation } from '../entries';

const NOW = ADDED + 100 * DAY;

function facts(changes: Partial<Facts> = {}): Facts {
  return {
    hub: HUB,
    clientId: CLIENT_ID,
    encryptionKey: '',
    now: NOW,
    digest: 'seeded',
    createdAt: NOW,
    ...changes,
  };
}

test('an entry that is up to date is not written again', () => {
  expect(syncEntry(entry(), facts())).toBeUndefined();
  expect(syncEntry(entry(), facts({ encryptionKey: undefined }))).toBeUndefined();
});

test('the journal begins again for the secret of another application', () => {
  const given = entry({ superseded: ['old'], newest: newest({ eventTime: ADDED }), postedAt: NOW });
  expect(syncEntry(given, facts({ digest: 'other', clientId: 'another-client' }))).toMatchObject({
    clientId: 'another-client',
    newest: null,
    superseded: [],
    addedAt: NOW,
    baseline: { digest: 'other', since: NOW },
  });
});

test.each([
  ['before it is put back', 'another-client', 'other'],
  ['when it is put back', CLIENT_ID, 'seeded'],
])(
  'a hub takes over a secret of another application, %s: what is put back proves nothing of its queue',
  (_, ...held) => {
    const [clientId, digest] = held;
    const given = entry({ expiry: { at: NOW, source: 'expiry-notice' } });
    const other = syncEntry(given, facts({ clientId: 'another-client', digest: 'other' }));
    const later = { hub: 'a later hub', now: NOW + DAY };
    const taken = other && syncEntry(other, facts({ ...later, clientId, digest }));
    const back = taken && (syncEntry(taken, facts(later)) ?? taken);
    expect(back).toMatchObject({
      ...{ clientId: CLIENT_ID, hub: 'a later hub', addedAt: NOW + DAY },
      previousHubs: [{ hub: HUB, until: NOW + DAY }],
      expiry: { ...given.expiry, inherited: true },
    });
  },
);

test('a secret that nobody delivered is a new baseline', () => {
  expect(syncEntry(entry(), facts({ digest: 'by-hand' }))).toMatchObject({
    baseline: { digest: 'by-hand', since: NOW, unreported: true },
    expiry: { source: 'estimate' },
  });
  expect(syncEntry(entry(), facts({ digest: 'by-hand', clientId: 'another-client' }))?.baseline).toEqual({
    digest: 'by-hand',
    since: NOW,
  });
});

test('sync does not make a superseded client secret the baseline', () => {
  expect(syncEntry(entry({ superseded: ['old'] }), facts({ digest: 'old' }))).toBeUndefined();
});

test('a delivered client secret that LWA did not accept, and that a person stored by hand, is the baseline as of its delivery', () => {
  const delivered = ADDED + 10 * DAY;
  const given = entry({
    deliveries: [{ digest: 'waiting', eventTime: delivered }],
    rotation: rotation({ at: ADDED + 9 * DAY }),
    expiry: { at: ADDED + 20 * DAY, source: 'expiry-notice' },
  });
  const synced = syncEntry(given, facts({ digest: 'waiting' }));
  expect(synced).toMatchObject({
    baseline: { digest: 'waiting', since: delivered },
    expiry: { at: delivered + 180 * DAY, source: 'estimate' },
    rotation: null,
  });
  // Its message comes after all: what it took the place of is superseded.
  const message = delivery({ eventTime: delivered, digest: 'waiting' });
  expect(synced && withBaseline(synced, message).superseded).toContain('seeded');
});

test('a delivered client secret that is put back is dated as it was, also after forged ones', () => {
  const given = entry({
    baseline: { digest: 'delivered', since: ADDED },
    deliveries: [{ digest: 'delivered', eventTime: ADDED }],
    expiry: { at: ADDED + 180 * DAY, source: 'new-secret' },
  });
  const typed = syncEntry(given, facts({ digest: 'typo' }));
  const forged = typed && { ...typed, newest: newest({ eventTime: NOW, digest: 'forged', announced: false }) };
  expect(forged && syncEntry(forged, facts({ digest: 'delivered' }))).toMatchObject({
    baseline: given.baseline,
    expiry: given.expiry,
  });
});

test('the newest put back in the place of one seeded by hand is the baseline again', () => {
  const given = entry({ newest: newest({ eventTime: ADDED }) });
  expect(syncEntry(given, facts({ digest: 'delivered' }))).toMatchObject({
    baseline: { digest: 'delivered', since: ADDED },
    expiry: { source: 'new-secret' },
  });
  const unannounced = entry({ newest: newest({ eventTime: ADDED, announced: false }) });
  expect(syncEntry(unannounced, facts({ digest: 'delivered' }))).toBeUndefined();
});

test('a change of the key copies the journal under the new one', () => {
  expect(syncEntry(entry(), facts({ encryptionKey: 'new-key' }))).toMatchObject({ encryptionKey: 'new-key' });
});

test('another hub adopts the application, and the one before watches for a week', () => {
  const adopted = syncEntry(entry(), facts({ hub: 'other' }));
  expect(adopted).toMatchObject({ hub: 'other', previousHubs: [{ hub: HUB, until: NOW }], addedAt: NOW });
  if (adopted === undefined) {
    throw new Error('not adopted');
  }
  expect(isTakenOver(adopted, HUB, NOW + 7 * DAY - 1)).toBe(true);
  expect(isTakenOver(adopted, HUB, NOW + 7 * DAY)).toBe(false);
  expect(isTakenOver(adopted, 'other', NOW)).toBe(false);
  expect(isTakenOver(adopted, 'third', NOW)).toBe(false);
  expect(syncEntry(adopted, facts({ now: NOW + 6 * DAY }))).toBeUndefined();
  expect(syncEntry(adopted, facts({ now: NOW + 7 * DAY }))).toMatchObject({
    hub: HUB,
    previousHubs: [{ hub: 'other', until: NOW + 7 * DAY }],
  });
});

test('of three hubs on one secret only one acts at a time: each that was taken over watches', () => {
  const second = syncEntry(entry(), facts({ hub: 'second' })) ?? entry();
  const third = syncEntry(second, facts({ hub: 'third', now: NOW + 60_000 })) ?? second;
  for (const hub of [HUB, 'second']) {
    expect(isTakenOver(third, hub, NOW + 2 * DAY)).toBe(true);
    expect(syncEntry(third, facts({ hub, now: NOW + 2 * DAY }))).toBeUndefined();
  }
  expect(isTakenOver(third, 'third', NOW + 2 * DAY)).toBe(false);
});
