import { resolveConflict } from '../../../lambda/core/secret/resolve';
import { digestOf } from '../../../lambda/core/digest';
import { DAY, HOUR } from '../../../lambda/core/time';
import { withNewest } from '../../../lambda/core/journal/transitions';
import { ADDED, delivery, entry } from '../entries';
import { OneApplication } from '../one-application';

const delivered = delivery({
  clientSecret: 'delivered',
  digest: digestOf('delivered'),
  eventTime: ADDED - DAY,
});

/** A person stored a client secret on the day a delivered one of the day before came, and so much time passed since. */
async function afterwards(milliseconds: number, knownToLogin: readonly string[]) {
  const one = new OneApplication();
  one.store('stored');
  one.journal(withNewest(entry({ baseline: { digest: digestOf('stored'), since: ADDED } }), delivered, 'staged'));
  knownToLogin.forEach((secret) => one.accepted.add(secret));
  one.clock.advance(milliseconds);
  const { current } = await one.state();
  const { newer } = await resolveConflict(one.application, delivered, current, one.head());
  return { newer, entry: one.entry() };
}

describe('of a delivered client secret and one that a person stored', () => {
  test.each([
    ['the stored one is the later where LWA has forgotten the delivered one', 6 * DAY, ['stored'], 'stored'],
    ['nothing is known while LWA may not know the delivered one yet', 6 * DAY - 1, ['stored'], 'unknown'],
    [
      'the delivered one is the later where LWA still does not know the stored one',
      4 * HOUR,
      ['delivered'],
      'delivered',
    ],
    ['nothing is known while LWA may not know the stored one yet', 4 * HOUR - 1, ['delivered'], 'unknown'],
    ['nothing is known while LWA knows both', 30 * DAY, ['stored', 'delivered'], 'unknown'],
    ['nothing is known where LWA knows neither', 30 * DAY, [], 'unknown'],
  ] as const)('%s', async (_, milliseconds, knownToLogin, newer) => {
    expect(await afterwards(milliseconds, knownToLogin)).toMatchObject({ newer });
  });

  test('a delivered secret that was replaced is no longer waited for, and is never promoted', async () => {
    const { entry: written } = await afterwards(6 * DAY, ['stored']);
    expect(written).toMatchObject({ newest: null, superseded: [delivered.digest] });
  });

  test('any delivery may replace a stored secret that LWA does not know', async () => {
    const { entry: written } = await afterwards(4 * HOUR, ['delivered']);
    expect(written).toMatchObject({ newest: { digest: delivered.digest }, superseded: [digestOf('stored')] });
  });
});
