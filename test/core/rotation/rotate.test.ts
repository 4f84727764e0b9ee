import { SECOND } from '../../../lambda/core/time';
import { withIntent } from '../../../lambda/core/journal/transitions';
import { rotate, type Rotated } from '../../../lambda/core/rotation/rotate';
import { ADDED, entry } from '../entries';
import { OneApplication } from '../one-application';

const RECONCILE = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined } as const;

/** Taken on, with a client secret that LWA knows. */
function takenOn(): OneApplication {
  const one = new OneApplication();
  one.store('current');
  one.accepted.add('current');
  one.journal(entry());
  return one;
}

async function rotateWithin(one: OneApplication, milliseconds: number): Promise<Rotated> {
  const ports = { ...one.application.ports, deadline: ADDED + milliseconds };
  return rotate({ ...one.application, ports }, await one.state(), one.head(), RECONCILE, 'schedule');
}

test('with just enough time it is asked for', async () => {
  const one = takenOn();
  expect(await rotateWithin(one, 40 * SECOND)).toMatchObject({ result: 'requested' });
  expect(one.entry().rotation).toMatchObject({ attempt: 1, outcome: 'accepted' });
  expect(one.posts).toBe(1);
});

test('without time for the POST and for writing down what came of it, nothing is announced or asked for', async () => {
  const one = takenOn();
  expect(await rotateWithin(one, 40 * SECOND - 1)).toEqual({ result: 'no-time' });
  expect(one.entry()).toEqual(entry());
  expect(one.posts).toBe(0);
});

test('where the queue would not take the new client secret, nothing is asked for', async () => {
  const one = takenOn();
  jest.spyOn(one.application.ports.queue, 'attributes').mockResolvedValue(undefined);
  expect(await rotateWithin(one, 40 * SECOND)).toMatchObject({
    result: 'failed',
    failure: { kind: 'preflight-queue' },
  });
  expect(one.asked).toEqual([]);
  expect(one.posts).toBe(0);
});

test('where a longer client secret may not fit, nothing is asked for', async () => {
  const one = takenOn();
  one.put('AWSCURRENT', JSON.stringify({ clientId: 'c', clientSecret: 'current', other: 'x'.repeat(65_000) }));
  expect(await rotateWithin(one, 40 * SECOND)).toMatchObject({ result: 'failed', failure: { kind: 'needs-person' } });
  expect(one.posts).toBe(0);
});

test.each(['managed-rotation', 'replica'] as const)(
  'where something else writes the secret (%s), nothing is asked for',
  async (rival) => {
    const one = takenOn();
    const { secrets } = one.application.ports;
    const description = await secrets.describe();
    jest.spyOn(secrets, 'describe').mockResolvedValue({ ...description, rival });
    expect(await rotateWithin(one, 40 * SECOND)).toMatchObject({ result: 'failed', failure: { kind: 'needs-person' } });
    expect(one.posts).toBe(0);
  },
);

test('a run that another one overtakes does not ask', async () => {
  const one = takenOn();
  one.before = {
    call: 'secretsmanager:PutSecretValue',
    act: () => {
      one.another((before) => withIntent(before, { id: 'theirs', at: ADDED, reason: 'schedule' }));
    },
  };
  expect(await rotateWithin(one, 40 * SECOND)).toEqual({ result: 'lost-race' });
  expect(one.posts).toBe(0);
});
