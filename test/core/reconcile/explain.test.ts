import { explain } from '../../../lambda/core/reconcile/explain';
import { DAY, HOUR } from '../../../lambda/core/time';
import { ADDED, entry, rotation } from '../entries';
import { OneApplication } from '../one-application';

const { application } = new OneApplication();
const UNTIL = ADDED + HOUR;
const SCHEDULE = { action: 'reconcile' } as const;
const PERSON = { action: 'rotate' } as const;

test('a refusal is explained with its kind and with the request id of Amazon', () => {
  const refused = rotation({ at: ADDED, outcome: 'refused', kind: 'not-enrolled', requestId: 'request-1' });
  const explained = explain(
    { heldBy: 'refused', until: UNTIL },
    application,
    SCHEDULE,
    entry({ rotation: refused }),
    ADDED,
  );
  expect(explained).toMatchObject({
    outcome: 'failed',
    kind: 'not-enrolled',
    failure: { kind: 'not-enrolled', requestId: 'request-1' },
  });
  expect(explained.next).toContain('request id request-1');
  expect(explained.next).toMatch(/Tried again after 2026-01-01T01:00:00\.000Z\.$/);
});

test.each([
  ['of 3 hours is to be waited for', 3 * HOUR, 'Wait: it is tried again'],
  ['of 4 hours has expired', 4 * HOUR, 'Make a new client secret in the Developer Console now'],
])('a client secret that Amazon calls expired at an age %s', (_what, age, words) => {
  const refusedAt = ADDED + age;
  const refused = rotation({
    at: ADDED,
    outcome: 'refused',
    kind: 'secret-expired',
    requestId: 'request-1',
    refusedAt,
  });
  const decision = { heldBy: 'refused', until: UNTIL } as const;
  const explained = explain(decision, application, SCHEDULE, entry({ rotation: refused }), ADDED + 50 * HOUR);
  expect(explained.kind).toBe('secret-expired');
  expect(explained.next).toContain(words);
  expect(explained.next).toContain('request id request-1');
});

test.each([
  [
    'refused when it was due',
    rotation({ at: ADDED, outcome: 'refused', kind: 'secret-expired' }),
    ADDED - DAY,
    'failed',
  ],
  [
    'refused before it was due',
    rotation({ at: ADDED, outcome: 'refused', kind: 'throttled' }),
    ADDED + 90 * DAY,
    'healthy',
  ],
  ['never asked for', null, ADDED - DAY, 'healthy'],
] as const)('on the first day with a hub a rotation that was %s', (_what, asked, dueAt, outcome) => {
  const adopted = entry({
    addedAt: ADDED,
    rotation: asked,
    expiry: { at: dueAt + 30 * DAY, source: 'expiry-notice', inherited: true },
  });
  const decision = { heldBy: 'due', until: ADDED + DAY } as const;
  expect(explain(decision, application, SCHEDULE, adopted, ADDED).outcome).toBe(outcome);
});

test.each(['in-flight', 'stalled'] as const)(
  '%s is an outcome of its own, and a guard for a person who asks',
  (heldBy) => {
    const decision = { heldBy, until: UNTIL };
    expect(explain(decision, application, SCHEDULE, entry(), ADDED)).toMatchObject({ outcome: heldBy });
    expect(explain(decision, application, PERSON, entry(), ADDED)).toMatchObject({
      outcome: 'not-rotated',
      guard: heldBy,
    });
  },
);

test('a stall for which no attempt is left needs a person', () => {
  const explained = explain({ heldBy: 'stalled' }, application, SCHEDULE, entry(), ADDED);
  expect(explained).toMatchObject({ outcome: 'stalled', kind: 'needs-person' });
  expect(explained.next).toContain('npx cdk-sp-api-secret-rotation rotate --application App --force');
});

test.each(['notify-only', 'due', 'overlap'] as const)(
  'an application in the mode NOTIFY_ONLY is reported in the last 30 days, where %s holds the rotation back',
  (heldBy) => {
    const notified = { ...application, settings: { ...application.settings, mode: 'NOTIFY_ONLY' as const } };
    const before = entry({ expiry: { at: ADDED + 30 * DAY, source: 'new-secret' } });
    expect(explain({ heldBy }, notified, SCHEDULE, before, ADDED)).toMatchObject({
      guard: 'notify-only',
      kind: 'needs-person',
    });
    expect(explain({ heldBy }, notified, SCHEDULE, before, ADDED - 1).kind).toBeUndefined();
  },
);

test('an application that rotates automatically is healthy on the first day of its hub, also in the last 30 days', () => {
  const before = entry({ expiry: { at: ADDED + 29 * DAY, source: 'expiry-notice' } });
  expect(explain({ heldBy: 'due' }, application, SCHEDULE, before, ADDED)).toMatchObject({ outcome: 'healthy' });
});

test('a rotation that nothing holds back is due', () => {
  expect(explain({ rotate: 'schedule' }, application, SCHEDULE, entry(), ADDED)).toEqual({
    outcome: 'due',
    next: 'The next sweep rotates.',
  });
});

test.each([
  ['due', undefined, 'Rotates.'],
  ['due', UNTIL, 'Rotates on 2026-01-01T01:00:00.000Z.'],
  ['in-flight', UNTIL, 'Reported as stalled on 2026-01-01T01:00:00.000Z.'],
  ['stalled', UNTIL, 'Asked for again on 2026-01-01T01:00:00.000Z.'],
  ['refused', undefined, 'Tried again after.'],
  ['overlap', UNTIL, 'may still be in use, and another rotation could end it. Until 2026-01-01T01:00:00.000Z.'],
  ['overlap', undefined, 'could end it. "force" (of the command: --force) passes this over.'],
  ['one-a-minute', UNTIL, 'Amazon takes one rotation a minute. Until'],
  ['notify-only', undefined, 'Not rotated: the mode is NOTIFY_ONLY.'],
] as const)('%s until %s says when it ends', (heldBy, until, text) => {
  const explained = explain({ heldBy, ...(until && { until }) }, application, SCHEDULE, entry(), ADDED);
  expect(explained.next).toContain(text);
});

test.each([
  ['in-flight', 'Not rotated: a rotation is under way. Until 2026-01-01T01:00:00.000Z.'],
  ['stalled', 'Not rotated: the last rotation brought no new client secret yet. Until 2026-01-01T01:00:00.000Z.'],
] as const)('a person who asks is told why %s holds back', (heldBy, text) => {
  expect(explain({ heldBy, until: UNTIL }, application, PERSON, entry(), ADDED).next).toContain(text);
});

test('a stall is of its own kind while an attempt is left', () => {
  expect(explain({ heldBy: 'stalled', until: UNTIL }, application, SCHEDULE, entry(), ADDED)).toMatchObject({
    outcome: 'stalled',
    kind: 'stalled',
  });
});

test('a refusal without a kind in the journal is reported as refused', () => {
  expect(explain({ heldBy: 'refused', until: UNTIL }, application, SCHEDULE, entry(), ADDED)).toMatchObject({
    outcome: 'failed',
    kind: 'refused',
  });
});
