import { explain } from '../../../lambda/core/reconcile/explain';
import { DAY, HOUR } from '../../../lambda/core/time';
import { ADDED, entry, rotation } from '../entries';
import { OneApplication } from '../one-application';

const { application } = new OneApplication();
const UNTIL = ADDED + HOUR;
const SCHEDULE = { action: 'reconcile' } as const;
const PERSON = { action: 'rotate' } as const;

test('a refusal is explained with its kind and with the request id of Amazon', () => {
  const refused = rotation({ at: ADDED, attempt: 0, kind: 'not-enrolled', requestId: 'request-1' });
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
  expect(explained.next).toContain('"force":true');
});

test('who is only notified is reminded in the last 30 days', () => {
  const before = entry({ expiry: { at: ADDED + 30 * DAY, source: 'new-secret' } });
  expect(explain({ heldBy: 'notify-only' }, application, SCHEDULE, before, ADDED)).toMatchObject({
    guard: 'notify-only',
    kind: 'needs-person',
  });
  expect(explain({ heldBy: 'notify-only' }, application, SCHEDULE, before, ADDED - 1)).not.toHaveProperty('kind');
});
