import { heardOf, withHeard } from '../../../lambda/core/journal/heard';
import type { JournalEntry } from '../../../lambda/core/journal/entry';
import { withHub, withNotice, withOtherApplication, withSeededSecret } from '../../../lambda/core/journal/transitions';
import { unprovenFrom } from '../../../lambda/core/rotation/dates';
import { DAY, HOUR } from '../../../lambda/core/time';
import { ADDED, entry, HUB, newest } from '../entries';

const AT = ADDED + 10 * DAY;
const EXPIRY = AT + 90 * DAY;
const heard = { at: AT, by: 'new-secret' } as const;
const delivered = newest({ eventTime: AT, digest: 'delivered' });
const current = entry({ newest: delivered, baseline: { digest: 'delivered', since: AT } });

test.each<[string, Partial<JournalEntry>, JournalEntry['heard']]>([
  ['that was announced', {}, heard],
  ['that LWA has not accepted', { newest: { ...delivered, announced: false } }, undefined],
  ['that is neither the newest nor current', { newest: null, baseline: { digest: 'other', since: AT } }, undefined],
  ['that is current, and not the newest', { newest: newest({ eventTime: AT + DAY, digest: 'later' }) }, heard],
  ['that was made before this hub took over', { addedAt: AT + 1 }, undefined],
  ['that came through the queue of another hub', { hub: 'arn:other' }, undefined],
  ['after a notice', { heard: { at: AT + DAY, by: 'expiry-notice' } }, heard],
])('a client secret %s: what it proves', (_, changes, proves) => {
  expect(withHeard({ ...current, ...changes }, delivered, HUB)?.heard).toEqual(proves);
});

test('a copy of what was heard is no news, and a later client secret is', () => {
  const known = { ...current, heard };
  expect(withHeard(known, delivered, HUB)).toBeUndefined();
  const later = { ...delivered, eventTime: AT + DAY };
  expect(withHeard(known, later, HUB)?.heard).toEqual({ at: AT + DAY, by: 'new-secret' });
});

/** A notice with the date that is known, unless it says another. */
function noticed(changes: Partial<JournalEntry>, { expiry = EXPIRY, eventTime = AT, hub = HUB } = {}): unknown {
  return withNotice(entry(changes), { expiry, eventTime }, hub)?.heard;
}

const notice = { at: AT, by: 'expiry-notice' };

test.each<[string, unknown, unknown]>([
  ['the date of Amazon', noticed({ expiry: { at: EXPIRY + HOUR, source: 'new-secret' } }), notice],
  ['the date of a person', noticed({ expiry: { at: EXPIRY - HOUR, source: 'person' } }), notice],
  ['another date', noticed({ expiry: { at: EXPIRY - DAY, source: 'person' } }), undefined],
  ['the date of an estimate', noticed({ expiry: { at: EXPIRY, source: 'estimate' } }), undefined],
  ['the date of another notice', noticed({ expiry: { at: EXPIRY, source: 'expiry-notice' } }), undefined],
  [
    'it before LWA accepted the client id',
    noticed({ proven: [], expiry: { at: EXPIRY, source: 'person' } }),
    undefined,
  ],
  ['it before the hub took over', noticed({ addedAt: AT + 1, expiry: { at: EXPIRY, source: 'person' } }), undefined],
  ['it in another queue', noticed({ expiry: { at: EXPIRY, source: 'person' } }, { hub: 'arn:other' }), undefined],
  ['it after a client secret came', noticed({ heard, expiry: { at: EXPIRY, source: 'person' } }), heard],
])('a notice proves something where it names a date that its sender cannot have made up: %s', (_, proved, proves) => {
  expect(proved).toEqual(proves);
});

test('what was heard is forgotten with the hub and with the client id, and not with the client secret', () => {
  const known = { ...current, heard };
  expect(withHub(known, 'arn:other', AT).heard).toBeUndefined();
  const facts = { hub: HUB, clientId: 'other', encryptionKey: '', now: AT, digest: 'other', createdAt: AT };
  expect(withOtherApplication(known, facts).heard).toBeUndefined();
  expect(withSeededSecret(known, 'by-hand', AT).heard).toEqual(heard);
});

test.each<[string, Partial<JournalEntry>, unknown]>([
  ['with a delivery that was announced', {}, heard],
  ['with one that was not', { newest: { ...delivered, announced: false } }, undefined],
  ['with one of another hub', { expiry: { at: EXPIRY, source: 'new-secret', inherited: true } }, undefined],
  ['with a hub before this one', { previousHubs: [{ hub: 'arn:other', until: ADDED }] }, undefined],
])('a journal from before this was written down, %s', (_, changes, tells) => {
  expect(heardOf({ ...current, ...changes })).toEqual(tells);
});

test('a person has to look 14 days before a rotation, not on the first day, and not where something was heard', () => {
  expect(unprovenFrom(entry(), { rotateAfterDays: 90 })).toBe(ADDED + 76 * DAY);
  expect(unprovenFrom(entry({ addedAt: ADDED + 80 * DAY }), { rotateAfterDays: 90 })).toBe(ADDED + 81 * DAY);
  expect(unprovenFrom(entry({ heard }), { rotateAfterDays: 90 })).toBeUndefined();
});
