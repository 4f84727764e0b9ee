import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import {
  withAccepted,
  withAnnounced,
  withBaseline,
  withHub,
  withIntent,
  withNewest,
  withNotice,
  withRefusal,
  withRequestPublished,
  withHealBegun,
  withOtherApplication,
  withDeliverySuperseded,
  withSeededSecret,
  withStoredSuperseded,
  withDelivery,
} from '../../../lambda/core/journal/transitions';
import type { JournalEntry, Newest } from '../../../lambda/core/journal/entry';
import { ADDED, CLIENT_ID, delivery, earlier, entry, HUB, newest, rotation } from '../entries';

const NOW = ADDED + 100 * DAY;

describe('an intent', () => {
  const intent = { id: 'intent', at: NOW, reason: 'schedule' as const };

  test('is the first attempt', () => {
    expect(withIntent(entry(), intent)).toMatchObject({
      postedAt: NOW,
      rotation: { id: 'intent', at: NOW, outcome: 'open', refusals: 0 },
    });
  });

  test('adds up with attempts whose secret is outstanding: the first and the last four are known', () => {
    let given = entry();
    for (const at of [1, 2, 3, 4, 5, 6]) {
      given = withIntent(given, { ...intent, id: `intent-${at}`, at });
    }
    expect(given.rotation).toMatchObject({ id: 'intent-6', at: 6 });
    expect(given.rotation?.earlier).toEqual([1, 3, 4, 5].map((at) => ({ id: `intent-${at}`, at })));
  });

  test('leaves the request before it to be published once', () => {
    const accepted = rotation({ id: 'first', at: NOW - 72 * HOUR, takenAt: NOW - 72 * HOUR });
    const given = withIntent(entry({ rotation: accepted }), intent);
    expect(given).toMatchObject({
      unpublished: [{ id: 'first', reason: 'schedule' }],
      rotation: { earlier: [{ id: 'first', takenAt: NOW - 72 * HOUR, published: true }] },
    });
    const answered = withNewest(given, delivery({ eventTime: NOW - 72 * HOUR + MINUTE }), 'staged');
    expect(answered).toMatchObject({
      unpublished: [{ id: 'first' }],
      newest: { rotationId: 'first', requestPublished: true },
    });
  });

  test('begins again after a refusal, and keeps the count of refusals', () => {
    const refused = rotation({ at: NOW - HOUR, outcome: 'refused', refusals: 2, refusedAt: NOW - HOUR });
    const { rotation: next } = withIntent(entry({ rotation: refused }), intent);
    expect(next).toMatchObject({ at: NOW, outcome: 'open', refusals: 2 });
    expect(next?.earlier).toBeUndefined();
    expect(next?.refusedAt).toBeUndefined();
  });

  test('that was accepted forgets refusals', () => {
    const intended = rotation({ id: 'intent', at: NOW, outcome: 'open', refusals: 2 });
    const acceptance = { requestId: 'request-1', published: true };
    expect(withAccepted(entry({ rotation: intended }), intended, acceptance)?.rotation).toMatchObject({
      outcome: 'accepted',
      refusals: 0,
      requestId: 'request-1',
      published: true,
    });
    const another = rotation({ id: 'another', at: NOW });
    expect(withAccepted(entry({ rotation: another }), intended, acceptance)).toBeUndefined();
    expect(withAccepted(entry(), intended, acceptance)).toBeUndefined();
  });

  test("is known by Amazon's id of the request, before the delivery and after it", () => {
    const intended = rotation({ id: 'intent', at: NOW, outcome: 'open' });
    const acceptance = { requestId: 'request-1', published: true };
    const made = delivery({ eventTime: NOW });
    const accepted = withAccepted(entry({ rotation: intended }), intended, acceptance) ?? entry();
    expect(withNewest(accepted, made, 'staged').newest).toMatchObject({ requestId: 'request-1' });
    const deliveredFirst = withNewest(entry({ rotation: intended }), made, 'staged');
    expect(withAccepted(deliveredFirst, intended, acceptance)?.newest).toMatchObject({ requestId: 'request-1' });
    // Of an earlier attempt the journal does not know it, and a refusal is not what made the secret.
    const later = {
      ...accepted,
      rotation: { ...rotation({ at: NOW + HOUR, requestId: 'other' }), earlier: earlier(NOW) },
    };
    expect(withNewest(later, made, 'staged').newest?.requestId).toBeUndefined();
    const open = withIntent(accepted, { ...intent, id: 'second', at: NOW + HOUR });
    const refusal = { kind: 'throttled' as const, at: NOW + HOUR, requestId: 'request-2' };
    expect(withRefusal(open, 'second', refusal, accepted.rotation)?.rotation).toMatchObject({ requestId: 'request-1' });
    expect(withRefusal(open, 'second', refusal, null)?.rotation).toMatchObject({ requestId: 'request-2' });
  });

  test('that was refused is no attempt', () => {
    const open = entry({ rotation: rotation({ id: 'intent', at: NOW, outcome: 'open', refusals: 1 }), postedAt: NOW });
    const refusal = { kind: 'not-enrolled' as const, at: NOW + 1, requestId: 'request-1' };
    const refused = withRefusal(open, 'intent', refusal, null);
    expect(refused).toMatchObject({
      postedAt: NOW,
      rotation: { outcome: 'refused', refusals: 2, refusedAt: NOW + 1, kind: 'not-enrolled' },
    });
    expect(withRefusal(open, 'another', refusal, null)).toBeUndefined();
    expect(withRefusal(entry(), 'intent', refusal, null)).toBeUndefined();
  });

  test('that was refused does not change which earlier ones are outstanding', () => {
    const before = rotation({ id: 'first', at: NOW - 72 * HOUR });
    const open = entry({
      rotation: rotation({ id: 'intent', at: NOW, earlier: [before], outcome: 'open' }),
    });
    expect(withRefusal(open, 'intent', { kind: 'throttled', at: NOW }, before)?.rotation).toMatchObject({
      id: 'first',
      at: before.at,
      outcome: 'accepted',
      refusals: 1,
      refusedAt: NOW,
    });
  });
});

describe('a delivery', () => {
  test('that was not the newest closes the rotation that it answers, once it is announced', () => {
    const rotated = rotation({ at: NOW, takenAt: NOW, published: true });
    const waiting = newest({ eventTime: NOW + 4 * MINUTE, digest: 'forged', announced: false });
    const given = entry({ rotation: rotated, newest: waiting });
    expect(withAnnounced(given, delivery({ eventTime: NOW + MINUTE }))).toMatchObject({
      rotation: null,
      newest: waiting,
      baseline: { digest: 'delivered' },
    });
    expect(withAnnounced(given, delivery({ eventTime: NOW - MINUTE })).rotation).toEqual(rotated);
  });

  test('that was the newest closes no rotation that was asked for since it was recorded', () => {
    const recorded = withNewest(entry(), delivery({ eventTime: NOW }), 'staged');
    const asked = rotation({ at: NOW + MINUTE, outcome: 'open' });
    expect(withAnnounced({ ...recorded, rotation: asked }, delivery({ eventTime: NOW })).rotation).toEqual(asked);
  });

  test('closes the rotation that it answers and takes over who asked', () => {
    const asked = entry({ rotation: rotation({ at: NOW, reason: 'person', requestedBy: 'me' }) });
    for (const eventTime of [NOW + MINUTE, NOW - 5 * MINUTE]) {
      expect(withNewest(asked, delivery({ eventTime }), 'staged')).toMatchObject({
        rotation: null,
        newest: { announced: false, stagedVersionId: 'staged', reason: 'person', requestedBy: 'me', eventTime },
        deliveries: [{ digest: 'delivered', eventTime }],
      });
    }
  });

  test('made before a rotation was asked for does not close it', () => {
    const asked = entry({ rotation: rotation({ at: NOW }) });
    expect(withNewest(asked, delivery({ eventTime: NOW - 5 * MINUTE - 1 }), 'staged').rotation).toEqual(asked.rotation);
  });

  test('answers the last attempt before it, and those since are outstanding', () => {
    const asked = entry({
      rotation: rotation({ id: 'third', at: NOW, earlier: earlier(NOW - 3 * DAY, NOW - DAY), requestedBy: 'me' }),
    });
    for (const [eventTime, rotationId, outstanding] of [
      [NOW - 3 * DAY, 'earlier-0', earlier(0, NOW - DAY).slice(1)],
      [NOW - DAY, 'earlier-1', undefined],
    ] as const) {
      const answered = withNewest(asked, delivery({ eventTime }), 'staged');
      expect(answered).toMatchObject({ rotation: { id: 'third', at: NOW }, newest: { rotationId, requestedBy: 'me' } });
      expect(answered.rotation?.earlier).toEqual(outstanding);
    }
    const unrelated = delivery({ eventTime: NOW - 4 * DAY });
    expect(withNewest(asked, unrelated, 'staged').rotation).toEqual(asked.rotation);
  });

  test('that this hub did not request has the reason console', () => {
    expect(withNewest(entry(), delivery({ eventTime: NOW }), 'staged').newest?.reason).toBe('console');
    const refused = entry({ rotation: rotation({ at: NOW, outcome: 'refused' }) });
    expect(withNewest(refused, delivery({ eventTime: NOW }), 'staged').newest?.reason).toBe('console');
  });

  test('once announced is the baseline; the one before is superseded', () => {
    const given = withNewest(entry(), delivery({ eventTime: NOW }), 'staged');
    expect(withAnnounced(given, delivery({ eventTime: NOW }))).toMatchObject({
      newest: { announced: true },
      baseline: { digest: 'delivered', since: NOW },
      superseded: ['seeded'],
      expiry: { at: NOW + 180 * DAY, source: 'new-secret' },
    });
  });

  test('announced after a person stored another secret does not supersede that one, which may be later', () => {
    const given = withNewest(entry(), delivery({ eventTime: NOW }), 'staged');
    const announced = withAnnounced(withSeededSecret(given, 'by-hand', NOW + HOUR), delivery({ eventTime: NOW }));
    expect(announced).toMatchObject({ newest: { announced: true }, baseline: { digest: 'delivered' } });
    // What stood there before the delivery was made is older.
    expect(announced.superseded).toEqual(['seeded']);
    const earlier = withAnnounced(withSeededSecret(given, 'by-hand', NOW - HOUR), delivery({ eventTime: NOW }));
    expect(earlier.superseded).toEqual(['seeded', 'by-hand']);
  });

  test('announced after a person copied it by hand is dated by its delivery', () => {
    const copied = withSeededSecret(entry(), 'delivered', NOW + HOUR);
    const given = withNewest(copied, delivery({ eventTime: NOW }), 'staged');
    expect(withAnnounced(given, delivery({ eventTime: NOW }))).toMatchObject({
      baseline: { digest: 'delivered', since: NOW },
      expiry: { at: NOW + 180 * DAY, source: 'new-secret' },
    });
  });

  test('announcing an older delivery leaves the newest to be announced', () => {
    const given = withNewest(entry(), delivery({ eventTime: NOW, digest: 'newer' }), 'staged');
    const earlier = withAnnounced(given, delivery({ eventTime: NOW - DAY, estimated: true }));
    expect(earlier).toMatchObject({
      newest: { digest: 'newer', announced: false },
      baseline: { digest: 'delivered' },
      expiry: { source: 'estimate' },
    });
  });

  test('the last eight superseded and the last eight seen are remembered, each once', () => {
    let given = entry();
    for (let number = 1; number <= 12; number++) {
      const one = delivery({ eventTime: ADDED + number * DAY, digest: `secret-${number}` });
      given = withBaseline(withDelivery(withDelivery(given, one), one), one);
    }
    const names = (from: number, to: number): string[] =>
      Array.from({ length: to - from + 1 }, (_, index) => `secret-${from + index}`);
    expect(given.superseded).toEqual(names(4, 11));
    expect(given.deliveries.map(({ digest }) => digest)).toEqual(names(5, 12));
  });

  test('of any number that LWA does not accept, the current one and the first that waits are remembered', () => {
    const current = delivery({ eventTime: ADDED, digest: 'current' });
    let given = withAnnounced(withNewest(entry(), current, 'staged'), current);
    for (let number = 1; number <= 30; number++) {
      const forged = delivery({ eventTime: ADDED + number * HOUR, digest: `forged-${number}` });
      given = withNewest(given, forged, 'staged');
    }
    const digests = given.deliveries.map(({ digest }) => digest);
    const latest = [25, 26, 27, 28, 29, 30].map((number) => `forged-${number}`);
    expect(digests).toEqual(['current', 'forged-1', ...latest]);
  });

  test('makes all that were delivered before it superseded, also those that never became the baseline', () => {
    const earlier = delivery({ eventTime: NOW - HOUR, digest: 'earlier' });
    const later = delivery({ eventTime: NOW + HOUR, digest: 'later' });
    const given = withDelivery(withDelivery(entry({ superseded: ['old'] }), earlier), later);
    expect(withBaseline(given, delivery({ eventTime: NOW })).superseded).toEqual(['earlier', 'old', 'seeded']);
  });

  test('made current again forgets older ones rather than the one that it replaced', () => {
    const current = delivery({ eventTime: NOW });
    const others = Array.from({ length: 7 }, (_, index) => `other-${index}`);
    let given = entry({ baseline: { digest: current.digest, since: NOW }, superseded: ['replaced', ...others] });
    for (const number of [1, 2, 3]) {
      given = withDelivery(given, delivery({ eventTime: NOW - number * DAY, digest: `old-${number}` }));
    }
    expect(withBaseline(given, current).superseded).toContain('replaced');
  });

  test('supersedes what a person stored, unless that may be newer', () => {
    const stored = (since: number) => entry({ baseline: { digest: 'by-hand', since, storedAt: NOW + HOUR } });
    expect(withBaseline(stored(NOW + HOUR), delivery({ eventTime: NOW })).superseded).toEqual([]);
    expect(withBaseline(stored(NOW - DAY), delivery({ eventTime: NOW })).superseded).toEqual(['by-hand']);
  });

  test.each<[string, string[], Partial<JournalEntry>, Partial<Newest>]>([
    ['supersedes what LWA had accepted before its rotation', ['before', 'seeded'], {}, { rotationId: 'asked' }],
    ['but where nobody asked for it, that may be newer', ['seeded'], {}, {}],
    ['or where it was announced before', ['seeded'], {}, { rotationId: 'asked', served: true }],
    [
      'or where a person stored it since',
      ['before'],
      { proven: ['before', 'by-hand'], baseline: { digest: 'by-hand', since: NOW + HOUR, storedAt: NOW + HOUR } },
      { rotationId: 'asked' },
    ],
  ])('%s', (_, expected, changes, asked) => {
    const waiting = newest({ eventTime: NOW, announced: false, ...asked });
    const given = entry({ proven: ['before', 'seeded'], newest: waiting, ...changes });
    expect(withAnnounced(given, delivery({ eventTime: NOW })).superseded).toEqual(expected);
  });

  test.each([
    ['of a sibling, where that was asked for later', NOW - HOUR, 'theirs'],
    ['of its own journal, where that was', NOW - 3 * HOUR, 'rotation-1'],
  ])('answers the rotation %s', (_, askedAt, rotationId) => {
    const given = entry({ rotation: rotation({ at: NOW - 2 * HOUR }) });
    const sibling = { reason: 'person', rotationId: 'theirs', askedAt, requestPublished: true } as const;
    expect(withNewest(given, delivery({ eventTime: NOW }), 'staged', sibling).newest).toMatchObject({
      rotationId,
      askedAt: Math.max(askedAt, NOW - 2 * HOUR),
    });
  });

  test('that becomes the baseline again is no longer superseded', () => {
    const given = entry({ superseded: ['delivered'], baseline: { digest: 'other', since: ADDED } });
    expect(withBaseline(given, delivery({ eventTime: NOW })).superseded).toEqual(['other']);
  });
});

test('a secret seeded by hand is a new baseline, and supersedes nothing', () => {
  const given = entry({ superseded: ['old'], newest: newest({ eventTime: ADDED }) });
  const { restorable, ...seeded } = withSeededSecret(given, 'by-hand', NOW);
  expect(seeded).toEqual({
    ...given,
    baseline: { digest: 'by-hand', since: NOW, storedAt: NOW, unreported: true },
    expiry: { at: NOW + 180 * DAY, source: 'estimate' },
  });
  expect(restorable).toMatchObject([{ baseline: given.baseline, expiry: given.expiry }]);
});

test('a secret that a person replaced and puts back is as old as it was, and so is its expiry', () => {
  const given = entry({ expiry: { at: ADDED + 60 * DAY, source: 'expiry-notice' } });
  const nonsense = withSeededSecret(withSeededSecret(given, 'nonsense', NOW), 'more nonsense', NOW + DAY);
  expect(withSeededSecret(nonsense, 'seeded', NOW + 2 * DAY)).toMatchObject({
    baseline: { digest: 'seeded', since: ADDED, storedAt: NOW + 2 * DAY },
    expiry: given.expiry,
  });
  expect(withSeededSecret(nonsense, 'another', NOW + 2 * DAY).expiry.source).toBe('estimate');
});

test('the secrets that a person replaced are remembered, the last three of them, once each', () => {
  const replaced = ['one', 'two', 'one', 'three', 'four'].reduce(
    (before, digest, index) => withSeededSecret(before, digest, NOW + index),
    entry(),
  );
  expect(replaced.restorable?.map(({ baseline }) => baseline.digest)).toEqual(['three', 'one', 'two']);
  expect(replaced.restorable?.every((one) => !('restorable' in one))).toBe(true);
});

test('an application gets its history back after its secret held another client id for a while', () => {
  const given = entry({
    superseded: ['old'],
    rotation: rotation({ at: NOW }),
    newest: newest({ eventTime: ADDED }),
    expiry: { at: ADDED + 60 * DAY, source: 'expiry-notice' },
  });
  const facts = { hub: HUB, encryptionKey: '', now: NOW, createdAt: NOW };
  const other = withOtherApplication(given, { ...facts, clientId: 'another', digest: 'another-secret' });
  expect(other).toMatchObject({
    clientId: 'another',
    proven: [],
    rotation: null,
    newest: null,
    superseded: [],
    addedAt: NOW,
  });
  const { restorable, ...back } = withOtherApplication(other, { ...facts, clientId: CLIENT_ID, digest: 'seeded' });
  // All but the proof: LWA is asked again.
  expect(back).toMatchObject({ ...given, proven: [], writtenAt: NOW });
  expect(restorable?.map(({ clientId }) => clientId)).toEqual(['another', CLIENT_ID]);
});

test('a delivered secret with a newer successor is superseded and no longer the newest', () => {
  const waiting = entry({ newest: newest({ eventTime: ADDED, announced: false }) });
  expect(withDeliverySuperseded(waiting, 'delivered', 'stored')).toMatchObject({
    newest: null,
    superseded: ['delivered'],
  });
  expect(withDeliverySuperseded(waiting, 'earlier', 'stored')).toMatchObject({
    newest: waiting.newest,
    superseded: ['earlier'],
  });
  expect(withDeliverySuperseded(entry({ superseded: ['earlier'] }), 'earlier', 'stored')).toBeUndefined();
  expect(
    withDeliverySuperseded(entry({ newest: newest({ eventTime: ADDED }) }), 'delivered', 'stored'),
  ).toBeUndefined();
});

test('a secret seeded by hand after a rotation whose secret did not come is that secret, and closes it', () => {
  const asked = entry({ rotation: rotation({ at: NOW }) });
  expect(withSeededSecret(asked, 'by-hand', NOW + DAY).rotation).toBeNull();
  expect(withSeededSecret(asked, 'by-hand', NOW - 1).rotation).toEqual(asked.rotation);
});

test('what a person stored and LWA does not know is superseded, unless it was delivered meanwhile', () => {
  const given = entry({ superseded: ['old'], newest: newest({ eventTime: ADDED }) });
  expect(withStoredSuperseded(given, 'by-hand')?.superseded).toEqual(['old', 'by-hand']);
  expect(withStoredSuperseded(given, 'old')).toBeUndefined();
  expect(withStoredSuperseded(given, 'delivered')).toBeUndefined();
});

test('a notice tells the date', () => {
  const noticed = withNotice(entry(), { expiry: NOW, eventTime: ADDED }, HUB);
  expect(noticed?.expiry).toEqual({ at: NOW, source: 'expiry-notice', noticedAt: ADDED });
  const delivered = entry({ expiry: { at: NOW, source: 'new-secret' } });
  expect(withNotice(delivered, { expiry: NOW - DAY, eventTime: ADDED }, HUB)).toBeUndefined();
});

test('the later of two notices sets the date, and of two notices with one time the earlier date is used', () => {
  const noticed = entry({ expiry: { at: NOW, source: 'expiry-notice', noticedAt: ADDED + DAY } });
  const written = (expiry: number, eventTime: number): number | undefined =>
    withNotice(noticed, { expiry, eventTime }, HUB)?.expiry.at;
  expect(written(NOW + DAY, ADDED + 2 * DAY)).toBe(NOW + DAY);
  expect(written(NOW - DAY, ADDED)).toBeUndefined();
  expect(written(NOW - DAY, ADDED + DAY)).toBe(NOW - DAY);
  expect(written(NOW + DAY, ADDED + DAY)).toBeUndefined();
  expect(written(NOW, ADDED + 2 * DAY)).toBeUndefined();
});

test('a hub that adopts an application counts its first day from then', () => {
  expect(withHub(entry(), 'other', NOW)).toMatchObject({
    hub: 'other',
    previousHubs: [{ hub: HUB, until: NOW }],
    addedAt: NOW,
  });
});

test('a notice that came through this queue proves what the hub before had learned', () => {
  const inherited = withHub(entry({ expiry: { at: NOW, source: 'expiry-notice', noticedAt: ADDED } }), 'other', NOW);
  expect(inherited.expiry).toEqual({ at: NOW, source: 'expiry-notice', noticedAt: ADDED, inherited: true });
  expect(withNotice(inherited, { expiry: NOW, eventTime: ADDED }, 'other')?.expiry).toEqual({
    at: NOW,
    source: 'expiry-notice',
    noticedAt: ADDED,
  });
});

test('a notice that came through the queue of the hub before proves nothing of this queue', () => {
  const adopted = withHub(entry(), 'other', NOW);
  expect(withNotice(adopted, { expiry: NOW, eventTime: NOW }, HUB)?.expiry).toMatchObject({ at: NOW, inherited: true });
  const inherited = withHub(entry({ expiry: { at: NOW, source: 'expiry-notice', noticedAt: ADDED } }), 'other', NOW);
  expect(withNotice(inherited, { expiry: NOW, eventTime: ADDED }, HUB)).toBeUndefined();
});

test('a client secret of the hub before that is promoted again proves nothing of this queue', () => {
  const current = delivery({ eventTime: NOW });
  const settled = withAnnounced(withNewest(entry(), current, 'staged'), current);
  expect(withAnnounced(withHub(settled, 'other', NOW), current).expiry.inherited).toBe(true);
  expect(withAnnounced(settled, current).expiry.inherited).toBeUndefined();
});

test.each([
  ['before this hub took over', NOW - 1, true],
  ['since then', NOW + 1, undefined],
])('a client secret that was delivered %s', (_, eventTime, inherited) => {
  const delivered = delivery({ eventTime });
  const taken = withHub(withNewest(entry(), delivered, 'staged'), 'other', NOW);
  expect(withAnnounced(taken, delivered).expiry.inherited).toBe(inherited);
  // A person stores another, which takes the date away, and it is healed.
  const overwritten = withSeededSecret(taken, 'by hand', NOW);
  expect(withAnnounced(overwritten, delivered).expiry.inherited).toBe(inherited);
});

describe('the event that a rotation was requested, where it was not published', () => {
  const asked = rotation({ id: 'first', at: NOW, takenAt: NOW, requestedBy: 'a person' });
  const kept = [{ id: 'first', reason: 'schedule', requestedBy: 'a person' }];

  test('is still to be published when another rotation follows', () => {
    const again = withIntent(entry({ rotation: asked }), { id: 'second', at: NOW + DAY, reason: 'schedule' });
    expect(again.unpublished).toEqual(kept);
    expect(withRequestPublished(again, 'first')?.unpublished).toBeUndefined();
  });

  test('is still to be published when another delivery follows its own', () => {
    const answered = withNewest(entry({ rotation: asked }), delivery({ eventTime: NOW + 1 }), 'staged');
    expect(answered.unpublished).toBeUndefined();
    const next = delivery({ eventTime: NOW + DAY, digest: 'next', notificationId: 'next' });
    expect(withNewest(answered, next, 'staged').unpublished).toEqual(kept);
  });

  test('is still to be published when a person stores the client secret instead', () => {
    expect(withSeededSecret(entry({ rotation: asked }), 'stored', NOW + DAY).unpublished).toEqual(kept);
    expect(
      withSeededSecret(entry({ rotation: { ...asked, published: true } }), 'stored', NOW).unpublished,
    ).toBeUndefined();
  });
});

describe('a delivery and the rotation that it may answer', () => {
  const asked = rotation({ id: 'intent', at: NOW, outcome: 'accepted' });
  const taken = { ...asked, takenAt: NOW };

  test('are ordered by the clock of Amazon where its answer told the time', () => {
    const console = delivery({ eventTime: NOW - 2 * MINUTE });
    expect(withNewest(entry({ rotation: taken }), console, 'staged')).toMatchObject({
      rotation: { id: 'intent' },
      newest: { reason: 'console' },
    });
    expect(withNewest(entry({ rotation: asked }), console, 'staged')).toMatchObject({
      rotation: null,
      newest: { reason: 'schedule', rotationId: 'intent' },
    });
    const own = delivery({ eventTime: NOW + MINUTE });
    expect(withNewest(entry({ rotation: taken }), own, 'staged').rotation).toBeNull();
  });

  test('a late answer opens a rotation again that an older delivery closed', () => {
    const intended = rotation({ id: 'intent', at: NOW, outcome: 'open', requestedBy: 'me' });
    const closed = withNewest(entry({ rotation: intended }), delivery({ eventTime: NOW - 2 * MINUTE }), 'staged');
    expect(closed).toMatchObject({ rotation: null, newest: { rotationId: 'intent', requestedBy: 'me' } });
    expect(withAccepted(closed, intended, { takenAt: NOW, published: true })).toMatchObject({
      rotation: { id: 'intent', outcome: 'accepted', takenAt: NOW },
      newest: { reason: 'console', rotationId: undefined },
    });
  });

  test('stay together where it was made after, and the request counts as published', () => {
    const intended = rotation({ id: 'intent', at: NOW, outcome: 'open' });
    const closed = withNewest(entry({ rotation: intended }), delivery({ eventTime: NOW }), 'staged');
    expect(withAccepted(closed, intended, { takenAt: NOW, published: true })).toMatchObject({
      rotation: null,
      newest: { rotationId: 'intent', requestPublished: true },
    });
  });
});

test('a heal begins once, and only if the newest secret was announced', () => {
  const announced = entry({ newest: newest({ eventTime: ADDED }) });
  expect(withHealBegun(announced, 'delivered', NOW)).toEqual({
    ...announced,
    newest: { ...announced.newest, announced: false },
    healedAt: [NOW],
  });
  expect(withHealBegun(announced, 'another', NOW)).toBeUndefined();
  const begun = entry({ newest: newest({ eventTime: ADDED, announced: false }) });
  expect(withHealBegun(begun, 'delivered', NOW)).toBeUndefined();
  expect(withHealBegun(entry(), 'delivered', NOW)).toBeUndefined();
});

test('without a delivery there is no newest to compare with', () => {
  expect(withDeliverySuperseded(entry(), 'delivered', 'stored')).toMatchObject({
    newest: null,
    superseded: ['delivered'],
  });
  expect(withStoredSuperseded(entry(), 'by-hand')?.superseded).toEqual(['by-hand']);
  expect(withAnnounced(entry(), delivery({ eventTime: NOW }))).toMatchObject({
    newest: null,
    baseline: { digest: 'delivered' },
  });
});

test('the journal keeps eight superseded digests, also of what LWA did not know', () => {
  const eight = Array.from({ length: 8 }, (_, index) => `secret-${index}`);
  const full = entry({ superseded: eight });
  expect(withDeliverySuperseded(full, 'one-more', 'stored')?.superseded).toEqual([...eight.slice(1), 'one-more']);
  expect(withStoredSuperseded(full, 'one-more')?.superseded).toEqual([...eight.slice(1), 'one-more']);
});

test('the journal tells equal client secrets of two client ids apart', () => {
  const mine = withSeededSecret(entry({ expiry: { at: ADDED + 60 * DAY, source: 'expiry-notice' } }), 'by-hand', NOW);
  const facts = { hub: HUB, encryptionKey: '', now: NOW + DAY, createdAt: NOW + DAY };
  const other = withOtherApplication(mine, { ...facts, clientId: 'another', digest: 'by-hand' });
  expect(withSeededSecret(other, 'seeded', NOW + 2 * DAY).baseline.since).toBe(NOW + 2 * DAY);
  expect(withOtherApplication(other, { ...facts, clientId: 'third', digest: 'third' }).clientId).toBe('third');
  const names = (one: ReturnType<typeof entry>): string[] =>
    (one.restorable ?? []).map(({ clientId, baseline }) => `${clientId} ${baseline.digest}`);
  expect(names(withSeededSecret(other, 'more', NOW + 2 * DAY))).toEqual([
    'another by-hand',
    `${CLIENT_ID} by-hand`,
    `${CLIENT_ID} seeded`,
  ]);
  const again = withOtherApplication(other, { ...facts, clientId: CLIENT_ID, digest: 'by-hand' });
  expect(names(withSeededSecret(again, 'more', NOW + 3 * DAY))).toEqual([
    `${CLIENT_ID} by-hand`,
    'another by-hand',
    `${CLIENT_ID} seeded`,
  ]);
});

test('what happens in the same millisecond as the POST counts as later', () => {
  const asked = entry({ rotation: rotation({ at: NOW }) });
  expect(withSeededSecret(asked, 'by-hand', NOW).rotation).toBeNull();
  const twice = entry({ rotation: rotation({ at: NOW, earlier: earlier(NOW - 3 * DAY) }) });
  const answer = delivery({ eventTime: NOW - 3 * DAY - 5 * MINUTE });
  expect(withNewest(twice, answer, 'staged')).toMatchObject({
    rotation: { at: NOW },
    newest: { rotationId: 'earlier-0' },
  });
});
