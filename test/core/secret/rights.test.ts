import { digestOf } from '../../../lambda/core/digest';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { proveRights } from '../../../lambda/core/secret/rights';
import { DAY } from '../../../lambda/core/time';
import { ADDED, entry } from '../entries';
import { OneApplication } from '../one-application';

const CHECK: RotateRequest = { action: 'check', application: undefined, force: false, requestedBy: undefined };
const PROBE = 'SpApiRotationProbe';

function takenOn(): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  const digest = digestOf('seeded');
  one.journal(entry({ baseline: { digest, since: ADDED }, proven: [digest] }));
  return one;
}

/** All versions but the label that means nothing. */
function values(one: OneApplication): unknown {
  return one.secretsManager
    .inspect(one.secretArn)
    .map((version) => ({ ...version, labels: version.labels.filter((label) => label !== PROBE) }));
}

test('both rights are proven by writes that change no value, again and again', async () => {
  const one = takenOn();
  const before = values(one);
  const holders = new Set<string | undefined>();
  for (let times = 0; times < 4; times++) {
    await proveRights(one.application, await one.state(), one.head());
    holders.add(one.idOf(PROBE));
    expect(values(one)).toEqual(before);
  }
  expect(holders).toEqual(new Set([one.idOf('SpApiRotationJournal'), one.idOf('AWSCURRENT')]));
});

test('an entry that another version of this package wrote, with its keys in another order, stays as it is', async () => {
  const one = takenOn();
  const { version, ...rest } = one.entry();
  one.put('SpApiRotationJournal', JSON.stringify({ ...rest, later: 1, version }, undefined, 1));
  const before = values(one);
  await proveRights(one.application, await one.state(), one.head());
  expect(values(one)).toEqual(before);
});

test.each(['status', 'reconcile'] as const)(
  '%s of a healthy application proves nothing, and check does',
  async (action) => {
    const one = takenOn();
    await reconcile(one.application, { ...CHECK, action });
    expect(one.idOf(PROBE)).toBeUndefined();
    await reconcile(one.application, CHECK);
    expect(one.idOf(PROBE)).toBeDefined();
  },
);

test('they are proven before each rotation', async () => {
  const one = takenOn();
  one.clock.advance(120 * DAY);
  expect(await reconcile(one.application, { ...CHECK, action: 'reconcile' })).toMatchObject({ outcome: 'requested' });
  expect(one.idOf(PROBE)).toBeDefined();
});
