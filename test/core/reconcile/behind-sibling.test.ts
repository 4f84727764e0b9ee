import { digestOf } from '../../../lambda/core/digest';
import { withDelivery } from '../../../lambda/core/journal/transitions';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { DAY, HOUR } from '../../../lambda/core/time';
import { ADDED, entry } from '../entries';
import { OneApplication } from '../one-application';

const SWEEP: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };
const DELIVERED = ADDED + 2 * DAY;

/** Two applications with the same client id and client secret. */
function copies(): [OneApplication, OneApplication] {
  const [one, other] = [new OneApplication(), new OneApplication('Other')];
  const digest = digestOf('live');
  for (const each of [one, other]) {
    each.store('live');
    each.accepted.add('live');
    each.journal(entry({ baseline: { digest, since: ADDED }, proven: [digest] }));
  }
  one.siblings.push(other.application);
  return [one, other];
}
test('somebody mistypes the client secret of a copy: the application that is right is not reported', async () => {
  const [one, other] = copies();
  other.store('typo');
  one.clock.advance(5 * HOUR);
  other.clock.advance(5 * HOUR);
  expect(await reconcile(one.application, { ...SWEEP, action: 'check' })).toMatchObject({ outcome: 'healthy' });
});
test('an older client secret is put back into both, one after the other', async () => {
  const [one, other] = copies();
  const next = digestOf('second');
  for (const each of [one, other]) {
    each.accepted.add('second');
    each.clock.advance(10 * DAY);
    each.store('second');
    await reconcile(each.application, SWEEP);
    expect(each.entry().baseline.digest).toBe(next);
  }
  for (const each of [one, other]) {
    each.clock.advance(2 * DAY);
  }
  one.store('live');
  expect((await reconcile(one.application, SWEEP)).kind).toBeUndefined();
});
test('a delivered client secret that LWA rejected is stored in both, one after the other', async () => {
  const [one] = copies();
  one.clock.advance(2 * DAY + 6 * HOUR);
  one.another((before) => withDelivery(before, { digest: digestOf('waiting'), eventTime: DELIVERED }));
  one.store('waiting');
  one.accepted.add('waiting');
  expect((await reconcile(one.application, SWEEP)).kind).toBeUndefined();
});

test('one that is ahead is so also after somebody mistyped what it holds, and since the same day', async () => {
  const [one, other] = copies();
  for (const each of [one, other]) {
    each.clock.advance(2 * DAY);
  }
  const since = DELIVERED - DAY;
  other.another((before) => ({
    ...before,
    baseline: { digest: digestOf('newer'), since },
    superseded: [digestOf('live')],
  }));
  other.store('typo');
  const { kind, next } = await reconcile(one.application, { ...SWEEP, action: 'check' });
  expect([kind, next]).toEqual(['needs-person', expect.stringContaining(new Date(since).toISOString())]);
});
