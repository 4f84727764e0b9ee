import { digestOf } from '../../../lambda/core/digest';
import { CallFailed } from '../../../lambda/core/ports';
import { reconcile } from '../../../lambda/core/reconcile/one';
import { readSiblings } from '../../../lambda/core/secret/siblings';
import { DAY, HOUR } from '../../../lambda/core/time';
import { ADDED, CLIENT_ID, entry, rotation } from '../entries';
import { OneApplication } from '../one-application';

const RECONCILE = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined } as const;
const NOW = ADDED + 130 * DAY;

/** Both have the client secret that LWA knows, and a rotation is outstanding in the journal of the second alone. */
function two(): readonly [OneApplication, OneApplication] {
  const [one, sibling] = [new OneApplication(), new OneApplication('Other')];
  const digest = digestOf('seeded');
  for (const each of [one, sibling]) {
    each.clock.advance(NOW - ADDED);
    each.store('seeded');
    each.accepted.add('seeded');
    const isAsked = each === sibling;
    each.journal(
      entry({
        baseline: { digest, since: ADDED },
        proven: [digest],
        ...(isAsked && { rotation: rotation({ at: NOW - 2 * HOUR }) }),
      }),
    );
  }
  one.siblings.push(sibling.application);
  return [one, sibling];
}

test('a sibling that could not be read for a moment still holds a second rotation', async () => {
  const [one, sibling] = two();
  const failed = new CallFailed('secretsmanager:GetSecretValue', 'Unreachable');
  jest.spyOn(sibling.application.ports.secrets, 'readLabel').mockRejectedValueOnce(failed);
  expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'stalled' });
  expect(one.posts + sibling.posts).toBe(0);
});

test.each([
  ['another client id', (other: OneApplication) => other.store('seeded', 'AWSCURRENT', `${CLIENT_ID}0`)],
  ['no client id', (other: OneApplication) => other.put('AWSCURRENT', 'no JSON')],
] as const)('what holds %s is no sibling, also if it could not be read at first', async (_, store) => {
  const [one, other] = two();
  store(other);
  for (const isRead of [true, false]) {
    const { secrets } = other.application.ports;
    const spy = jest.spyOn(secrets, 'readLabel');
    if (!isRead) {
      spy.mockRejectedValueOnce(new CallFailed('secretsmanager:GetSecretValue', 'Unreachable'));
    }
    expect(await readSiblings(one.application, CLIENT_ID)).toEqual([]);
    spy.mockRestore();
  }
});
