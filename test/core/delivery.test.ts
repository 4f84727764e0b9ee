import { receive } from '../../lambda/core/delivery';
import { digestOf, stagedVersionId } from '../../lambda/core/digest';
import { DAY, HOUR, MINUTE } from '../../lambda/core/instant';
import { withNewest } from '../../lambda/core/journal';
import type { Delivery } from '../../lambda/core/notification';
import { CallFailed } from '../../lambda/core/ports';
import { DETAIL_TYPE } from '../../lib/contract/event';
import { ADDED, CLIENT_ID, delivery, entry } from './entries';
import { OneApplication } from './one-application';

/** A delivery made so long after the application was taken on. */
function delivered(clientSecret: string, after: number): Delivery {
  const eventTime = ADDED + after;
  return delivery({ clientSecret, digest: digestOf(clientSecret), notificationId: clientSecret, eventTime });
}

const older = delivered('older', DAY);
const newer = delivered('newer', DAY + 2 * MINUTE);

/** Taken on with the client secret `seeded`, a day before the deliveries came. */
function takenOn(): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  const seeded = digestOf('seeded');
  one.journal(entry({ baseline: { digest: seeded, since: ADDED } }));
  one.clock.advance(DAY + HOUR);
  return one;
}

/** `newer` waits for LWA to know it, in AWSPENDING. */
async function waitingForLogin(): Promise<OneApplication> {
  const one = takenOn();
  expect(await receive(one.application, newer, 1)).toMatchObject({ next: expect.any(String) as string });
  expect(one.textOf('AWSPENDING')).toContain('newer');
  return one;
}

function secretIn(one: OneApplication, label: string): string {
  return (JSON.parse(one.textOf(label) ?? '{}') as { clientSecret: string }).clientSecret;
}

function toldOfCurrent(one: OneApplication): OneApplication['published'][number] {
  return { type: DETAIL_TYPE.rotated, versionId: one.idOf('AWSCURRENT') ?? '' };
}

test('a delivery is promoted and announced, and its message has served', async () => {
  const one = takenOn();
  one.accepted.add('newer');
  expect(await receive(one.application, newer, 1)).toBeUndefined();
  expect(secretIn(one, 'AWSCURRENT')).toBe('newer');
  expect(one.published).toEqual([toldOfCurrent(one)]);
});

test('a delivery for the client id that the secret held a moment ago touches nothing', async () => {
  const one = takenOn();
  one.store('seeded', 'AWSCURRENT', `${CLIENT_ID}0`);
  one.accepted.add('newer');
  const before = one.secretsManager.inspect(one.secretArn);
  expect(await receive(one.application, newer, 1)).toMatchObject({ kind: 'needs-person' });
  expect(one.secretsManager.inspect(one.secretArn)).toEqual(before);
  expect(one.asked).toEqual([]);
});

describe('while the newest waits for LWA', () => {
  test('an older one that LWA knows serves in its place, and AWSPENDING stays with the newest', async () => {
    const one = await waitingForLogin();
    one.accepted.add('older');
    expect(await receive(one.application, older, 1)).toBeUndefined();
    expect(secretIn(one, 'AWSCURRENT')).toBe('older');
    expect(secretIn(one, 'AWSPENDING')).toBe('newer');
  });

  test('an older one that LWA does not know either is kept: the newest may never be accepted', async () => {
    const one = await waitingForLogin();
    expect(await receive(one.application, older, 1)).toMatchObject({ next: expect.any(String) as string });
    expect(secretIn(one, 'AWSCURRENT')).toBe('seeded');
  });

  test('an older one has served as soon as the newest is current', async () => {
    const one = await waitingForLogin();
    one.accepted.add('newer');
    expect(await receive(one.application, newer, 2)).toBeUndefined();
    expect(await receive(one.application, older, 2)).toBeUndefined();
    expect(secretIn(one, 'AWSCURRENT')).toBe('newer');
  });

  test('it gets AWSPENDING back where an older one that was killed halfway has it', async () => {
    const one = await waitingForLogin();
    one.store('older', 'AWSPENDING');
    expect(await receive(one.application, newer, 2)).toMatchObject({ next: expect.any(String) as string });
    expect(secretIn(one, 'AWSPENDING')).toBe('newer');
  });
});

describe('a delivery that is current already', () => {
  /** Promoted, and killed before anybody was told. */
  function unannounced(): OneApplication {
    const one = takenOn();
    const stagedId = stagedVersionId(newer.digest, one.idOf('AWSCURRENT') ?? '');
    one.another((before) => withNewest(before, newer, stagedId));
    one.store('newer');
    one.accepted.add('newer');
    return one;
  }

  test('is announced before its message has served', async () => {
    const one = unannounced();
    expect(await receive(one.application, newer, 2)).toBeUndefined();
    expect(one.published).toEqual([toldOfCurrent(one)]);
    expect(one.entry().newest).toMatchObject({ announced: true });
  });

  test('is announced once', async () => {
    const one = unannounced();
    await receive(one.application, newer, 2);
    expect(await receive(one.application, newer, 3)).toBeUndefined();
    expect(one.published).toEqual([toldOfCurrent(one)]);
  });
});

test('a delivery that consumers could not be told of is told of the next time', async () => {
  const one = takenOn();
  one.accepted.add('newer');
  jest
    .spyOn(one.application.ports.events, 'publish')
    .mockRejectedValueOnce(new CallFailed('events:PutEvents', 'Unreachable'));
  await expect(receive(one.application, newer, 1)).rejects.toMatchObject({ operation: 'events:PutEvents' });
  expect(await receive(one.application, newer, 2)).toBeUndefined();
  expect(one.published).toEqual([toldOfCurrent(one)]);
});

test('consumers are told of the version that is current, also when a person writes in the middle of the promotion', async () => {
  const one = takenOn();
  one.accepted.add('newer');
  one.before = {
    call: 'secretsmanager:PutSecretValue',
    act: () => {
      one.secretsManager.putSecretValue({
        SecretId: one.secretArn,
        SecretString: JSON.stringify({ edited: true, clientId: CLIENT_ID, clientSecret: 'seeded' }),
      });
    },
  };
  expect(await receive(one.application, newer, 1)).toBeUndefined();
  expect(JSON.parse(one.textOf('AWSCURRENT') ?? '')).toEqual({
    edited: true,
    clientId: CLIENT_ID,
    clientSecret: 'newer',
  });
  expect(one.published).toEqual([toldOfCurrent(one)]);
});
