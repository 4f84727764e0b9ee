import { digestOf } from '../../../lambda/core/digest';
import type { JournalEntry } from '../../../lambda/core/journal/entry';
import { withNewest } from '../../../lambda/core/journal/transitions';
import type { ApplicationAnswer } from '../../../lambda/core/reconcile/answer';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { Note, RotateRequest } from '../../../lambda/core/rotation/request';
import { DAY, HOUR, MINUTE, toIso } from '../../../lambda/core/time';
import { ADDED, delivery, entry, HUB } from '../entries';
import { OneApplication } from '../one-application';

const SWEEP: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };
const digest = digestOf('seeded');
/** When the application is due: 120 days old. */
const DUE = ADDED + 120 * DAY;

function takenOn(at: number, changes: Partial<JournalEntry> = {}): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  one.clock.advance(at - ADDED);
  const heard = { at: ADDED, by: 'new-secret' } as const;
  one.journal(entry({ baseline: { digest, since: ADDED }, proven: [digest], heard, ...changes }));
  return one;
}

function say(one: OneApplication, note: Note): Promise<ApplicationAnswer> {
  return reconcile(one.application, { ...SWEEP, action: 'note', note, requestedBy: 'anna' });
}

const pause = (until: number, why?: string): Note => ({ says: 'pause', until, why });
const sweep = (one: OneApplication): Promise<ApplicationAnswer> => reconcile(one.application, SWEEP);
const observed = (one: OneApplication): string[] => one.observed.map(({ what }) => what);

describe('a pause', () => {
  test('is written down with who and why, shown, and logged', async () => {
    const one = takenOn(DUE - DAY);
    const until = DUE + 10 * DAY;
    const shown = { until: toIso(until), since: toIso(DUE - DAY), by: 'anna', why: 'peak season' };
    const answer = await say(one, pause(until, 'peak season'));
    expect(answer).toMatchObject({ outcome: 'healthy', recorded: true, paused: shown, due: toIso(until) });
    expect(answer.next).toContain(`Paused by anna until ${toIso(until)}: peak season.`);
    expect(one.entry().paused).toEqual({ at: DUE - DAY, until, by: 'anna', why: 'peak season' });
    expect(one.observed).toContainEqual(expect.objectContaining({ what: 'rotation paused', requestedBy: 'anna' }));
    for (const action of ['status', 'check', 'reconcile'] as const) {
      expect(await reconcile(one.application, { ...SWEEP, action })).toMatchObject({ paused: shown });
    }
  });

  test('holds back the schedule and a person who does not insist, and its end is told once', async () => {
    const one = takenOn(DUE);
    await say(one, pause(DUE + DAY));
    expect(await sweep(one)).toMatchObject({ outcome: 'not-rotated', guard: 'paused' });
    const ask = (force: boolean): Promise<ApplicationAnswer> =>
      reconcile(one.application, { ...SWEEP, action: 'rotate', application: 'App', force });
    const refused = await ask(false);
    expect(refused).toMatchObject({ outcome: 'not-rotated', guard: 'paused' });
    expect(refused.next).toMatch(
      /it is paused. "force" .of the command: --force. passes this over. "resume" ends the pause.*Paused by anna until/,
    );
    expect(one.posts).toBe(0);
    one.clock.advance(DAY);
    const over = await sweep(one);
    expect([over.outcome, over.paused]).toEqual(['requested', undefined]);
    expect(over.next).toContain(`The pause by anna was over on ${toIso(DUE + DAY)}`);
    one.clock.advance(MINUTE);
    await sweep(one);
    expect(observed(one).filter((what) => what === 'pause over')).toHaveLength(1);
  });

  test('is passed over by a person who insists', async () => {
    const one = takenOn(DUE);
    await say(one, pause(DUE + DAY));
    const force = { ...SWEEP, action: 'rotate', application: 'App', force: true } as const;
    expect(await reconcile(one.application, force)).toMatchObject({ outcome: 'requested' });
  });

  test('whose end comes while nothing is due is told too, by a sweep of a healthy application', async () => {
    const one = takenOn(ADDED + 2 * HOUR);
    await say(one, pause(ADDED + 3 * HOUR));
    await sweep(one);
    expect(observed(one)).not.toContain('pause over');
    one.clock.advance(HOUR);
    expect(await sweep(one)).toMatchObject({ outcome: 'healthy' });
    expect(observed(one)).toContain('pause over');
    expect((await reconcile(one.application, { ...SWEEP, action: 'status' })).next).toContain(
      'The pause by anna was over',
    );
    one.clock.advance(8 * DAY);
    expect((await sweep(one)).next).not.toContain('pause');
  });

  test('is ended by resume', async () => {
    const one = takenOn(DUE);
    await say(one, pause(DUE + DAY));
    expect(await say(one, { says: 'resume' })).toMatchObject({ outcome: 'due', recorded: true });
    expect(one.entry().paused).toBeUndefined();
    expect(observed(one)).toContain('rotation resumed');
    expect(await sweep(one)).toMatchObject({ outcome: 'requested' });
  });

  test.each([
    ['that begins within 21 days of the expiry is refused', DUE + 39 * DAY, DUE + 40 * DAY, undefined],
    ['that ends within them ends before', DUE, DUE + 50 * DAY, DUE + 39 * DAY],
  ])('%s', async (_, now, until, end) => {
    const one = takenOn(now);
    const answer = await say(one, pause(until));
    expect(answer.paused?.until).toBe(end && toIso(end));
    expect(answer.recorded).toBe(end !== undefined);
    expect(answer.next).toMatch(end === undefined ? /^Not paused: .*expires on/ : /, 21 days before the client secret/);
  });

  test('ends at once where an earlier expiry becomes known', async () => {
    const one = takenOn(DUE);
    await say(one, pause(DUE + 30 * DAY));
    one.another((before) => ({ ...before, expiry: { at: DUE + 21 * DAY, source: 'expiry-notice', noticedAt: DUE } }));
    expect(await sweep(one)).toMatchObject({ outcome: 'requested' });
  });

  test('lets what is delivered be installed', async () => {
    const one = takenOn(DUE);
    await say(one, pause(DUE + DAY));
    one.accepted.add('newest');
    one.store('newest', 'AWSPENDING');
    const newest = delivery({ digest: digestOf('newest'), clientSecret: 'newest', eventTime: DUE });
    one.another((before) => withNewest(before, newest, one.idOf('AWSPENDING') ?? ''));
    expect(await sweep(one)).toMatchObject({ outcome: 'promoted' });
    expect(one.secretIn('AWSCURRENT')).toBe('newest');
    expect(one.entry().paused).toBeDefined();
  });

  test('lets a rotation that brought nothing be asked for again', async () => {
    const one = takenOn(DUE);
    await sweep(one);
    one.clock.advance(2 * HOUR);
    await say(one, pause(DUE + 30 * DAY));
    one.clock.advance(70 * HOUR);
    expect(await sweep(one)).toMatchObject({ outcome: 'requested' });
  });

  test('of a sibling counts too: for Amazon they are one application', async () => {
    const [one, other] = [takenOn(DUE), takenOn(DUE)];
    const sibling = { ...other.application, settings: { ...other.application.settings, id: 'Copy' } };
    await say(other, pause(DUE + DAY));
    one.siblings.push(sibling);
    expect(await sweep(one)).toMatchObject({ outcome: 'not-rotated', guard: 'paused' });
    expect(one.posts).toBe(0);
  });

  test('is left to the hub that looks after the secret', async () => {
    const one = takenOn(DUE, { hub: 'arn:other', previousHubs: [{ hub: HUB, until: DUE - HOUR }] });
    expect(await say(one, pause(DUE + DAY))).toMatchObject({ outcome: 'failed', recorded: false });
    expect(one.entry().paused).toBeUndefined();
  });

  test('of a secret without a value is not recorded', async () => {
    const answer = await say(new OneApplication(), pause(ADDED + DAY));
    expect([answer.outcome, answer.recorded]).toEqual(['not-seeded', undefined]);
  });
});

describe('a date told by a person', () => {
  const told = (on: number): Note => ({ says: 'expires', on });
  /** The console showed 100 days of age when the secret was stored. */
  const EXPIRY = ADDED + 80 * DAY;

  test('is what counts from then on, and is shown as theirs', async () => {
    const one = takenOn(ADDED + 2 * DAY);
    const answer = await say(one, told(EXPIRY));
    expect(answer).toMatchObject({
      outcome: 'healthy',
      recorded: true,
      worksUntil: toIso(EXPIRY),
      worksUntilToldBy: 'anna',
      // 120 days after it was made, 180 days before it expires.
      due: toIso(ADDED + 20 * DAY),
    });
    expect(answer.worksUntilEstimated).toBeUndefined();
    expect(one.entry().expiry).toEqual({ at: EXPIRY, source: 'person', noticedAt: ADDED + 2 * DAY, by: 'anna' });
    expect(one.observed).toContainEqual(expect.objectContaining({ what: 'expiry told', requestedBy: 'anna' }));
  });

  test('of which nobody knew makes a secret due, but not on the first day', async () => {
    const one = takenOn(ADDED + HOUR);
    await say(one, told(ADDED + 15 * DAY));
    expect(await sweep(one)).toMatchObject({ outcome: 'healthy', due: toIso(ADDED + DAY) });
    one.clock.advance(DAY);
    expect(await sweep(one)).toMatchObject({ outcome: 'requested' });
  });

  test.each<[string, Partial<JournalEntry>, number, RegExp]>([
    [
      'is overruled by a notice',
      { expiry: { at: EXPIRY, source: 'expiry-notice' } },
      EXPIRY + DAY,
      /Amazon told the date/,
    ],
    [
      'is overruled by a notification',
      { expiry: { at: EXPIRY, source: 'new-secret' } },
      EXPIRY - DAY,
      /Amazon told the date/,
    ],
    [
      'is no later than a client secret can live',
      {},
      ADDED + 181 * DAY + 1,
      /no client secret that has been here since/,
    ],
  ])('%s', async (_, changes, on, words) => {
    const one = takenOn(ADDED + 2 * DAY, changes);
    const before = one.entry().expiry;
    const answer = await say(one, told(on));
    expect(answer.recorded).toBe(false);
    expect(answer.next).toMatch(words);
    expect(one.entry().expiry).toEqual(before);
    expect(observed(one)).toContain('note not taken');
  });

  test('can be corrected, and holds for the client secret that is current then', async () => {
    const one = takenOn(ADDED + 2 * DAY);
    await say(one, told(EXPIRY));
    expect(await say(one, told(ADDED + 181 * DAY))).toMatchObject({ recorded: true });
    one.store('by-hand');
    one.accepted.add('by-hand');
    expect(await sweep(one)).toMatchObject({ worksUntilEstimated: true });
    expect(one.entry().expiry.source).toBe('estimate');
  });

  test('is not taken while another client secret is on its way into its place', async () => {
    const one = takenOn(ADDED + 2 * DAY, { superseded: [digest], baseline: { digest: 'other', since: ADDED } });
    expect(await say(one, told(EXPIRY))).toMatchObject({ recorded: false });
    expect(one.entry().expiry.source).toBe('estimate');
  });
});
