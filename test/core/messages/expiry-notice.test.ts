import {
  recordExpiryNotice,
  subjectOf as subjectOfNotice,
  type NoticeSubject,
} from '../../../lambda/core/messages/expiry-notice';
import { DAY, HOUR, MINUTE, type Instant } from '../../../lambda/core/time';
import { type JournalEntry } from '../../../lambda/core/journal/entry';
import { withAnnounced, withNewest } from '../../../lambda/core/journal/transitions';
import { digestOf } from '../../../lambda/core/digest';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { ADDED, CLIENT_ID, delivery, entry, newest } from '../entries';
import { OneApplication } from '../one-application';

/** Of a notice that Amazon made just now. */
function subjectOf(journal: JournalEntry, expiry: Instant): NoticeSubject {
  return subjectOfNotice(journal, { expiry, eventTime: ADDED + 400 * DAY });
}

describe('a notice of expiry is about', () => {
  const estimated = entry();
  const told = entry({ expiry: { at: ADDED + 90 * DAY, source: 'person' } });
  const known = entry({ expiry: { at: ADDED + 180 * DAY, source: 'new-secret' } });
  const inOverlap = entry({
    baseline: { digest: 'delivered', since: ADDED },
    newest: newest({ eventTime: ADDED }),
    expiry: { at: ADDED + 180 * DAY, source: 'new-secret' },
  });
  const inOverlapUndated = { ...inOverlap, expiry: { at: ADDED + 180 * DAY, source: 'estimate' as const } };
  const waiting = entry({ newest: newest({ eventTime: ADDED + 10 * DAY, announced: false }) });
  const storedOver = entry({
    baseline: { digest: 'by-hand', since: ADDED + 30 * DAY, storedAt: ADDED + 30 * DAY },
    newest: newest({ eventTime: ADDED + 10 * DAY }),
    expiry: { at: ADDED + 210 * DAY, source: 'estimate' },
  });
  const storedOlder = { ...storedOver, expiry: { at: ADDED + 100 * DAY, source: 'expiry-notice' as const } };
  const inOverlapOfAnother = entry({
    baseline: { digest: 'delivered', since: ADDED },
    newest: newest({ eventTime: ADDED + DAY, digest: 'forged', announced: false }),
    deliveries: [{ digest: 'delivered', eventTime: ADDED }],
  });

  test.each([
    ['the current secret, of whose age nothing was known', estimated, ADDED + 60 * DAY, 'current'],
    ['the current secret, as the estimate had it', estimated, ADDED + 180 * DAY + 23 * HOUR, 'current'],
    ['one that never came, when it is later than any estimate', estimated, ADDED + 181 * DAY, 'one-never-delivered'],
    ['the current secret, of which a person told an earlier date', told, ADDED + 120 * DAY, 'current'],
    ['the current secret, of which a person told a later date', told, ADDED + 60 * DAY, 'current'],
    ['one that never came, whatever a person told', told, ADDED + 181 * DAY, 'one-never-delivered'],
    ['the current secret, by the known date', known, ADDED + 180 * DAY - HOUR, 'current'],
    ['another than the known one', known, ADDED + 170 * DAY, 'another'],
    ['one that never came, when it is later than the known one', known, ADDED + 200 * DAY, 'one-never-delivered'],
    ['the old secret of the overlap', inOverlap, ADDED + 7 * DAY, 'another'],
    ['the old secret of the overlap, by a clock that is ahead', inOverlap, ADDED + 7 * DAY + 5 * MINUTE, 'another'],
    [
      'the old secret of the overlap, where no date came with the new one',
      inOverlapUndated,
      ADDED + 7 * DAY,
      'another',
    ],
    ['the old secret of the overlap, with a forged one after it', inOverlapOfAnother, ADDED + 7 * DAY, 'another'],
    ['the new secret, with a forged one after it', inOverlapOfAnother, ADDED + 8 * DAY, 'current'],
    ['the new secret, where no date came with it', inOverlapUndated, ADDED + 8 * DAY, 'current'],
    ['one that a person stored on the day on which another was delivered', storedOver, ADDED + 190 * DAY, 'current'],
    ['the delivered secret over which a person stored an older one', storedOlder, ADDED + 190 * DAY, 'another'],
    ['the delivered secret that is not current yet', waiting, ADDED + 190 * DAY, 'another'],
    ['the current secret while a delivered one waits', waiting, ADDED + 100 * DAY, 'current'],
  ])('%s', (_, journal, expiry, subject) => {
    expect(subjectOf(journal, expiry)).toBe(subject);
  });

  test('the secret that a person replaced, while it may still be in use', () => {
    const replaced = entry({ baseline: { digest: 'by-hand', since: ADDED, storedAt: ADDED } });
    expect(subjectOf(replaced, ADDED + 7 * DAY)).toBe('another');
    expect(subjectOf(replaced, ADDED + 8 * DAY)).toBe('current');
    expect(subjectOf(entry(), ADDED + 7 * DAY)).toBe('current');
  });

  test('the secret that a person replaced, if the notice was made before that and waited in a queue', () => {
    const replaced = entry({ baseline: { digest: 'by-hand', since: ADDED + 50 * DAY, storedAt: ADDED + 50 * DAY } });
    const expiry = ADDED + 100 * DAY;
    expect(subjectOfNotice(replaced, { expiry, eventTime: ADDED + 50 * DAY })).toBe('another');
    expect(subjectOfNotice(replaced, { expiry, eventTime: ADDED + 50 * DAY + 1 })).toBe('current');
  });

  test('the current secret, if the earlier notice had another date', () => {
    const noticed = entry({ expiry: { at: ADDED + 100 * DAY, source: 'expiry-notice' } });
    expect(subjectOf(noticed, ADDED + 60 * DAY)).toBe('current');
  });

  test('an earlier secret, if the notice was made before the current one and waited in a queue', () => {
    const undated = entry({
      baseline: { digest: 'delivered', since: ADDED },
      newest: newest({ digest: 'delivered', eventTime: ADDED }),
      expiry: { at: ADDED + 180 * DAY, source: 'estimate' },
    });
    const expiry = ADDED + 90 * DAY;
    expect(subjectOfNotice(undated, { expiry, eventTime: ADDED - DAY })).toBe('another');
    expect(subjectOfNotice(undated, { expiry, eventTime: ADDED })).toBe('another');
    expect(subjectOfNotice(undated, { expiry, eventTime: ADDED + DAY })).toBe('current');
  });
});

describe('a notice and another run that write at once:', () => {
  const made = ADDED + 100 * DAY;
  const notified = { clientId: CLIENT_ID, expiry: ADDED + 150 * DAY, eventTime: made };

  /** A notice is about to be written down when something else is. */
  async function noticeAfter(change: (before: JournalEntry) => JournalEntry): Promise<JournalEntry> {
    const one = new OneApplication();
    one.store('seeded');
    one.journal(entry({ baseline: { digest: digestOf('seeded'), since: ADDED } }));
    one.clock.advance(101 * DAY);
    one.before = {
      call: 'secretsmanager:PutSecretValue',
      act: () => {
        one.another(change);
      },
    };
    await recordExpiryNotice(one.application, notified);
    return one.entry();
  }

  test('if the other run announced a later secret, the notice is about the earlier one and not recorded', async () => {
    const later = delivery({ eventTime: made + DAY, estimated: true });
    const written = await noticeAfter((before) => withAnnounced(withNewest(before, later, 'staged'), later));
    expect(written.expiry).toEqual({ at: later.newExpiry, source: 'estimate' });
  });

  test('if the other run wrote something else, the notice is recorded as well', async () => {
    const written = await noticeAfter((before) => ({ ...before, superseded: ['theirs'] }));
    expect(written).toMatchObject({ superseded: ['theirs'], expiry: { at: notified.expiry, source: 'expiry-notice' } });
  });
});

describe('a notice', () => {
  const eventTime = ADDED + 100 * DAY;

  function takenOn(): OneApplication {
    const one = new OneApplication();
    one.store('seeded');
    one.journal(entry({ baseline: { digest: digestOf('seeded'), since: ADDED } }));
    return one;
  }

  async function noticed(one: OneApplication, expiry: number) {
    const publish = jest.spyOn(one.application.ports.events, 'publish');
    const kept = await recordExpiryNotice(one.application, { clientId: CLIENT_ID, expiry, eventTime });
    return { kept, published: publish.mock.calls };
  }

  test('about the current client secret is published, which wakes the rotate function', async () => {
    const one = takenOn();
    const { kept, published } = await noticed(one, ADDED + 150 * DAY);
    expect(kept).toBeUndefined();
    const versionId = one.idOf('AWSCURRENT');
    const clientSecretExpiryTime = new Date(ADDED + 150 * DAY).toISOString();
    expect(published).toMatchObject([
      [DETAIL_TYPE.expiring, { clientId: CLIENT_ID, versionId, reason: 'expiry', clientSecretExpiryTime }],
    ]);
    expect(one.observed).toEqual([{ what: 'expiry noticed', application: 'App', clientId: CLIENT_ID, versionId }]);
  });

  test('about another secret changes nothing', async () => {
    const one = takenOn();
    one.another((before) => ({ ...before, expiry: { at: ADDED + 180 * DAY, source: 'new-secret' } }));
    expect(await noticed(one, ADDED + 90 * DAY)).toEqual({ kept: undefined, published: [] });
    expect(one.observed).toEqual([]);
  });

  test('about a secret that never came is reported to a person', async () => {
    const one = takenOn();
    const { kept, published } = await noticed(one, ADDED + 270 * DAY);
    expect(kept).toBeUndefined();
    const clientSecretExpiryTime = new Date(ADDED + 270 * DAY).toISOString();
    expect(published).toMatchObject([
      [DETAIL_TYPE.failed, { kind: 'needs-person', reason: 'console', clientSecretExpiryTime }],
    ]);
    expect(one.observed).toMatchObject([{ what: 'expiry noticed', kind: 'needs-person', clientId: CLIENT_ID }]);
    expect(one.observed[0]?.next).toContain(`expires on ${clientSecretExpiryTime}, later than the one stored here`);
    expect(one.observed[0]?.next).toContain('Copy it from there into the secret');
  });

  test.each([
    ['was over before it was made: it is about nothing', -DAY, undefined],
    [
      'is years away: it is kept',
      360 * DAY + 1,
      { kind: 'needs-person', next: /an expiry that no client secret can have/ },
    ],
  ])('of an expiry that %s', async (_, after, kept) => {
    const one = takenOn();
    const before = one.entry();
    const seen = await noticed(one, eventTime + after);
    expect(seen.published).toEqual([]);
    expect(seen.kept).toEqual(kept && { ...kept, next: expect.stringMatching(kept.next) as string });
    expect(one.entry()).toEqual(before);
  });

  test('is kept while the secret or its journal cannot be read', async () => {
    expect((await noticed(new OneApplication(), ADDED + 150 * DAY)).kept).toMatchObject({ kind: 'not-seeded' });
    const one = takenOn();
    one.spoilJournal();
    expect((await noticed(one, ADDED + 150 * DAY)).kept).toMatchObject({ kind: 'journal-unreadable' });
  });
});
