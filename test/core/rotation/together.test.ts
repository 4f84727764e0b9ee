import type { JournalEntry } from '../../../lambda/core/journal/entry';
import { decide } from '../../../lambda/core/rotation/guards';
import { claimants, knownTogether, provenSiblings, type Member } from '../../../lambda/core/rotation/together';
import { DAY, HOUR } from '../../../lambda/core/time';
import { digestOf } from '../../../lambda/core/digest';
import { CallFailed } from '../../../lambda/core/ports';
import { loginOnce } from '../../../lambda/core/secret/proof';
import { ADDED, CLIENT_ID, entry, newest, rotation } from '../entries';
import { OneApplication } from '../one-application';

const RULES = { rotateAfterDays: 90, mode: 'AUTOMATIC' } as const;
const NOW = ADDED + 100 * DAY;

function member(id: string, changes: Partial<JournalEntry> = {}): Member {
  const known = entry(changes);
  return { application: { settings: { id } } as Member['application'], head: { versionId: id, entry: known }, known };
}

const delivered = (eventTime: number): Partial<JournalEntry> => ({
  newest: newest({ eventTime }),
  deliveries: [{ digest: 'delivered', eventTime }],
  baseline: { digest: 'delivered', since: eventTime },
  expiry: { at: eventTime + 180 * DAY, source: 'new-secret' },
});

test.each<[string, Partial<JournalEntry>, Partial<JournalEntry>, string]>([
  ['nothing holds', {}, {}, 'schedule'],
  ['one in flight', {}, { rotation: rotation({ at: NOW - 10 }) }, 'in-flight'],
  ['one stalled', {}, { rotation: rotation({ at: NOW - 2 * HOUR }) }, 'stalled'],
  [
    'the ladder of one, where only the own client secret is about to end',
    { expiry: { at: NOW, source: 'expiry-notice' } },
    { rotation: rotation({ at: NOW - 2 * HOUR }) },
    'stalled',
  ],
  ['the ladder of one', {}, { rotation: rotation({ at: NOW - 73 * HOUR }) }, 'schedule'],
  ['what came to the other yesterday', {}, delivered(NOW - DAY), 'due'],
  ['one that a person replaced', {}, { baseline: { digest: 'x', since: ADDED, storedAt: NOW - DAY } }, 'overlap'],
  ['a later client secret than the own', {}, delivered(NOW - 50 * DAY), 'due'],
  ['an estimate that is later than the own', {}, { baseline: { digest: 'seeded', since: NOW - DAY } }, 'schedule'],
  ['one that a hub just took over', {}, { addedAt: NOW - HOUR }, 'due'],
  ['a POST of a moment ago', {}, { postedAt: NOW - 10 }, 'one-a-minute'],
  [
    'a refusal',
    {},
    { rotation: rotation({ at: NOW - HOUR / 2, outcome: 'refused', refusals: 1, refusedAt: NOW - HOUR / 2 }) },
    'refused',
  ],
  [
    'what came to the other only',
    { rotation: rotation({ at: NOW - 73 * HOUR }) },
    delivered(NOW - 73 * HOUR + 10),
    'due',
  ],
  [
    'what came to the other before it was asked for',
    { rotation: rotation({ at: NOW - 73 * HOUR }) },
    delivered(NOW - 5 * DAY),
    'schedule',
  ],
])('what siblings know together: %s', (_, own, other, expected) => {
  const decision = decide(
    knownTogether(entry(own), [member('Other', other)]),
    RULES,
    { action: 'reconcile', force: false },
    NOW,
  );
  expect('rotate' in decision ? decision.rotate : decision.heldBy).toBe(expected);
});

test.each<[string, Partial<JournalEntry>]>([
  ['nothing', {}],
  ['a rotation asked for just after a delivery', { ...delivered(NOW - 2), rotation: rotation({ at: NOW }) }],
  ['a refusal', { rotation: rotation({ at: NOW, outcome: 'refused' }) }],
])('alone, a journal that knows of %s says what it said', (_, changes) => {
  expect(knownTogether(entry(changes), [])).toEqual(entry(changes));
});

test.each<[string, Member[], string[]]>([
  ['the least id is first', [member('B'), member('A'), member('C')], ['A', 'B', 'C']],
  [
    'where a rotation is outstanding comes first',
    [member('B'), member('A'), member('C', { rotation: rotation({ at: NOW }) })],
    ['C', 'A', 'B'],
  ],
  [
    'but not where it is answered',
    [member('B', delivered(NOW)), member('A'), member('C', { rotation: rotation({ at: NOW - 10 }) })],
    ['A', 'B', 'C'],
  ],
])('all agree on the journal of the claim: %s', (_, members, expected) => {
  for (const own of members) {
    const order = claimants(
      own,
      members.filter((one) => one !== own),
    );
    expect(order.map(({ application }) => application.settings.id)).toEqual(expected);
  }
});

/** What the other stored, what LWA accepted of that by its journal, and whether its journal counts. LWA accepts `live`. */
test.each<[string, boolean, { readonly stored?: string; readonly previous?: string; readonly proven?: string }]>([
  ['whose client secret LWA accepts', true, { stored: 'live' }],
  ['whose client secret this one had', true, { stored: 'mine' }],
  ['whose client secret nobody knows', false, { stored: 'x', proven: 'x' }],
  ['of which LWA accepts what was stored before', true, { stored: 'typo', previous: 'live' }],
  ['that proved itself with what this one had', true, { stored: 'typo', proven: 'mine' }],
  ['that did so before somebody stored what is no JSON', true, { proven: 'mine' }],
  ['that holds no JSON and a proof of nobody', false, { proven: 'x' }],
])('the journal of a sibling counts or not: one %s', async (_, counts, { stored, previous, proven }) => {
  const [one, other] = [new OneApplication('Own'), new OneApplication('Other')];
  if (previous !== undefined) {
    other.store(previous);
  }
  other.put(
    'AWSCURRENT',
    stored === undefined ? 'no JSON' : JSON.stringify({ clientId: CLIENT_ID, clientSecret: stored }),
  );
  other.journal(entry({ proven: proven === undefined ? [] : [digestOf(proven)] }));
  one.accepted.add('live');
  one.siblings.push(other.application);
  const head = { versionId: '', entry: entry({ proven: [digestOf('mine')] }) };
  const members = await provenSiblings(one.application, CLIENT_ID, head, loginOnce(one.application.ports.lwa));
  expect(members).toHaveLength(counts ? 1 : 0);
});

test('of a sibling counts what was stored in it since its last sweep', async () => {
  const [one, other] = [new OneApplication('Own'), new OneApplication('Other')];
  other.journal(entry());
  other.clock.advance(100 * DAY);
  other.store('by-hand');
  one.accepted.add('by-hand');
  one.siblings.push(other.application);
  const { ports } = one.application;
  const own = { versionId: '', entry: entry() };
  const together = knownTogether(
    own.entry,
    await provenSiblings(one.application, CLIENT_ID, own, loginOnce(ports.lwa)),
  );
  expect(decide(together, RULES, { action: 'rotate', force: false }, NOW + DAY)).toMatchObject({ heldBy: 'overlap' });
});

test('where an application cannot be read for the moment, nothing is known together', async () => {
  const [one, other] = [new OneApplication('Own'), new OneApplication('Other')];
  const unreachable = new CallFailed('secretsmanager:GetSecretValue', 'Unreachable');
  jest.spyOn(other.application.ports.secrets, 'readLabel').mockRejectedValue(unreachable);
  one.siblings.push(other.application);
  const head = { versionId: '', entry: entry() };
  await expect(provenSiblings(one.application, CLIENT_ID, head, undefined)).rejects.toBeInstanceOf(CallFailed);
});
