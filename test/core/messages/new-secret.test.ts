import { syncJournal } from '../../../lambda/core/secret/sync';
import { installNewSecret } from '../../../lambda/core/messages/new-secret';
import { digestOf, stagedVersionId } from '../../../lambda/core/digest';
import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import { withAccepted, withNewest } from '../../../lambda/core/journal/transitions';
import type { Delivery } from '../../../lambda/core/amazon/notification';
import { CallFailed } from '../../../lambda/core/ports';
import { PROPAGATING } from '../../../lambda/core/amazon/propagation';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { ADDED, CLIENT_ID, delivery, entry, rotation } from '../entries';
import { OneApplication } from '../one-application';

/** A delivery made so long after the application was taken on. */
function delivered(clientSecret: string, after: number): Delivery {
  const eventTime = ADDED + after;
  return delivery({ clientSecret, digest: digestOf(clientSecret), notificationId: clientSecret, eventTime });
}

const older = delivered('older', DAY);
const newer = delivered('newer', DAY + 10 * MINUTE);

/** Taken on with the client secret `seeded`, a day before the deliveries came. */
function takenOn(): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  const seeded = digestOf('seeded');
  one.journal(entry({ baseline: { digest: seeded, since: ADDED }, proven: [seeded] }));
  one.clock.advance(DAY + HOUR);
  return one;
}

/** `newer` was asked for, and waits for LWA to know it, in AWSPENDING. */
async function waitingForLogin(): Promise<OneApplication> {
  const one = takenOn();
  const { eventTime: at } = newer;
  one.another((before) => ({ ...before, rotation: rotation({ at, takenAt: at }) }));
  expect(await installNewSecret(one.application, newer, 1)).toEqual({ next: PROPAGATING });
  expect(one.secretIn('AWSPENDING')).toBe('newer');
  return one;
}

function toldOfCurrent(one: OneApplication): OneApplication['published'][number] {
  return { type: DETAIL_TYPE.rotated, versionId: one.idOf('AWSCURRENT') ?? '' };
}

test('a delivery is promoted and announced, and its message is acknowledged', async () => {
  const one = takenOn();
  one.accepted.add('newer');
  expect(await installNewSecret(one.application, newer, 1)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('newer');
  expect(one.published).toEqual([toldOfCurrent(one)]);
});

describe('a delivery to a secret that was read before', () => {
  test('asks LWA about the delivered pair only, where the journal remembers the proof and nobody has the client id too', async () => {
    const one = takenOn();
    const { eventTime: at } = newer;
    one.another((before) => ({ ...before, rotation: rotation({ at, takenAt: at }) }));
    one.accepted.add('newer');
    expect(await installNewSecret(one.application, newer, 1, { read: await one.read() })).toBeUndefined();
    expect(one.asked).toEqual(['newer']);
  });

  test('is judged by what is there now, where a newer one became current meanwhile', async () => {
    const one = takenOn();
    one.accepted.add('newer').add('older');
    const read = await one.read();
    expect(await installNewSecret(one.application, newer, 1)).toBeUndefined();
    expect(await installNewSecret(one.application, older, 1, { read })).toBeUndefined();
    expect(one.secretIn('AWSCURRENT')).toBe('newer');
    expect(one.published).toEqual([toldOfCurrent(one)]);
  });

  test('is read again where another run wrote into the journal meanwhile, which had to be written too', async () => {
    const one = takenOn();
    one.store('stored');
    const read = await one.read();
    one.another((before) => ({ ...before, postedAt: ADDED }));
    one.accepted.add('newer').add('stored');
    // Who went on with the old read would lose for ever.
    const moving = jest.spyOn(one.application.ports.secrets, 'moveLabel');
    moving.mockResolvedValueOnce('elsewhere').mockRejectedValue(new Error('lost again'));
    expect(await installNewSecret(one.application, newer, 1, { read })).toBeDefined();
    expect(one.entry()).toMatchObject({ baseline: { digest: digestOf('stored') }, postedAt: ADDED });
  });

  test('leaves what a person stored meanwhile', async () => {
    const one = takenOn();
    one.accepted.add('newer').add('stored');
    const read = await one.read();
    one.store('stored');
    await installNewSecret(one.application, newer, 1, { read });
    expect(one.secretIn('AWSCURRENT')).toBe('stored');
  });

  test.each([
    ['was asked for', true, true],
    ['nobody asked for', false, true],
    ['nobody asked for, and LWA rejects', false, false],
  ])(
    'that %s writes nothing where the secret was given to another application meanwhile, and a sweep saw that',
    async (_, isAskedFor, isAccepted) => {
      const one = takenOn();
      // Made after the secret was given away: before that it would be older than what is there.
      const late = delivered('newer', DAY + HOUR + MINUTE);
      const { eventTime: at } = late;
      one.another((before) => (isAskedFor ? { ...before, rotation: rotation({ at, takenAt: at }) } : before));
      one.accepted.add('of another');
      if (isAccepted) {
        one.accepted.add('newer');
      }
      const read = await one.read();
      one.store('of another', 'AWSCURRENT', `${CLIENT_ID}0`);
      const { state, journal } = await one.read();
      await syncJournal(one.application, state, journal);
      const before = one.secretsManager.inspect(one.secretArn);
      expect(await installNewSecret(one.application, late, 1, { read })).toHaveProperty('next');
      expect(one.secretsManager.inspect(one.secretArn)).toEqual(before);
    },
  );

  test('that is older than the newest writes nothing either where the secret was given away', async () => {
    const one = takenOn();
    const [waits, late] = [delivered('waits', DAY + HOUR + 10 * MINUTE), delivered('late', DAY + HOUR + 5 * MINUTE)];
    one.another((before) => withNewest(before, waits, 'staged'));
    one.accepted.add('late').add('of another');
    const read = await one.read();
    one.store('of another', 'AWSCURRENT', `${CLIENT_ID}0`);
    const { state, journal } = await one.read();
    await syncJournal(one.application, state, journal);
    const before = one.secretsManager.inspect(one.secretArn);
    expect(await installNewSecret(one.application, late, 1, { read })).toMatchObject({ kind: 'needs-person' });
    expect(one.secretsManager.inspect(one.secretArn)).toEqual(before);
  });

  test('is not made current twice', async () => {
    const one = takenOn();
    one.accepted.add('newer');
    const read = await one.read();
    expect(await installNewSecret(one.application, newer, 1, { read })).toBeUndefined();
    const current = one.idOf('AWSCURRENT');
    expect(await installNewSecret(one.application, newer, 2, { read })).toBeUndefined();
    expect(one.idOf('AWSCURRENT')).toBe(current);
    // Told at least once: two runs that both saw it before cannot know of each other.
    expect(one.published).toContainEqual(toldOfCurrent(one));
  });
});

test('one that nobody asked for takes no place while LWA rejects it, and is kept until LWA does not', async () => {
  const one = takenOn();
  const { newest, rotation: asked } = one.entry();
  expect(await installNewSecret(one.application, newer, 1)).toEqual({ next: PROPAGATING });
  expect(await installNewSecret(one.application, newer, 2)).toEqual({ next: PROPAGATING });
  expect(await installNewSecret(one.application, delivered('third', DAY + HOUR), 1)).toEqual({ next: PROPAGATING });
  expect(one.entry()).toMatchObject({ newest, rotation: asked, sequence: 1, deliveries: [{ digest: newer.digest }] });
  expect(one.idOf('AWSPENDING')).toBeUndefined();
  one.clock.advance(4 * HOUR);
  expect(await installNewSecret(one.application, newer, 9)).toMatchObject({ kind: 'rejected-by-lwa' });
  one.accepted.add('newer');
  expect(await installNewSecret(one.application, newer, 10)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('newer');
});

test('one that nobody asked for, and that was made just before the current one, is not written down while LWA rejects it', async () => {
  const one = takenOn();
  const before = one.entry().sequence;
  await installNewSecret(one.application, delivered('forged', -MINUTE), 1);
  await installNewSecret(one.application, delivered('forged', -MINUTE), 2);
  expect(one.entry().sequence).toBe(before);
});

test('one that nobody asked for takes no place while LWA cannot be asked about it', async () => {
  const one = takenOn();
  jest
    .spyOn(one.application.ports.lwa, 'exchange')
    .mockImplementation(({ clientSecret }) =>
      Promise.resolve(
        clientSecret === 'newer' ? { failed: 'after-sending' } : { status: 200, body: '{"access_token":"Atc|token"}' },
      ),
    );
  expect(await installNewSecret(one.application, newer, 1)).toMatchObject({ kind: 'unreachable' });
  expect(one.entry().newest).toBeNull();
  expect(one.idOf('AWSPENDING')).toBeUndefined();
});

test('one that answered a rotation until another delivery did meanwhile is taken for one that nobody asked for', async () => {
  const one = takenOn();
  const at = older.eventTime - MINUTE;
  one.another((before) => ({ ...before, rotation: rotation({ at, takenAt: at }) }));
  one.before = {
    call: 'secretsmanager:PutSecretValue',
    act: () => one.another((before) => withNewest(before, older, 'staged')),
  };
  expect(await installNewSecret(one.application, newer, 1)).toEqual({ next: PROPAGATING });
  expect(one.entry().newest?.digest).toBe(older.digest);
  one.accepted.add('newer');
  expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('newer');
});

test.each([
  ['the rotation', 0],
  ['a rotation before it', MINUTE],
])(
  'one that answers %s in the name of a sibling, which another delivery answered, is verified first',
  async (_, before) => {
    const one = takenOn();
    const at = older.eventTime - MINUTE;
    one.another((known) => withNewest({ ...known, rotation: rotation({ at, takenAt: at }) }, older, 'staged'));
    const sibling = new OneApplication('Sibling');
    sibling.clock.advance(DAY + HOUR);
    sibling.store('seeded');
    sibling.journal(
      entry({
        baseline: { digest: digestOf('seeded'), since: ADDED },
        proven: [digestOf('seeded')],
        rotation: rotation({ at: at - before, takenAt: at - before, ...(before > 0 && { id: 'before' }) }),
      }),
    );
    one.siblings.push(sibling.application);
    one.accepted.add('seeded');
    sibling.accepted.add('seeded');
    expect(await installNewSecret(one.application, newer, 1)).toEqual({ next: PROPAGATING });
    expect(one.entry().newest?.digest).toBe(older.digest);
  },
);

test('one that answers a rotation in the name of a sibling, which the last but one answered, is verified first', async () => {
  const one = takenOn();
  const at = older.eventTime - MINUTE;
  const asked = { rotation: rotation({ at, takenAt: at }) };
  one.another((before) => ({ ...before, ...asked }));
  one.accepted.add('older').add('newer');
  expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
  expect(await installNewSecret(one.application, newer, 1)).toBeUndefined();
  const sibling = new OneApplication('Sibling');
  sibling.clock.advance(DAY + HOUR);
  sibling.store('seeded');
  const seeded = digestOf('seeded');
  sibling.journal(entry({ baseline: { digest: seeded, since: ADDED }, proven: [seeded], ...asked }));
  one.siblings.push(sibling.application);
  const forged = delivered('forged', DAY + 20 * MINUTE);
  expect(await installNewSecret(one.application, forged, 1)).toHaveProperty('next');
  expect(one.entry().newest?.digest).toBe(newer.digest);
});

test('what a person stored, sent again without a date of its own, takes no place from the newest that waits', async () => {
  const one = takenOn();
  one.store('stored');
  const { state, journal } = await one.read();
  await syncJournal(one.application, state, journal);
  one.clock.advance(DAY);
  const at = one.clock.now();
  const waits = delivered('waits', at - ADDED);
  one.another((before) => ({ ...before, rotation: rotation({ at, takenAt: at }) }));
  expect(await installNewSecret(one.application, waits, 1)).toEqual({ next: PROPAGATING });
  // Dated by its arrival.
  const again = delivered('stored', at - ADDED + HOUR);
  expect(await installNewSecret(one.application, again, 1)).toBeUndefined();
  expect(one.entry()).toMatchObject({ newest: { digest: waits.digest }, superseded: [digestOf('seeded')] });
  expect(one.secretIn('AWSPENDING')).toBe('waits');
});

test('one is written down at once where Amazon tells that the delivery before it, announced meanwhile, was of the console', async () => {
  const one = takenOn();
  const at = older.eventTime + MINUTE;
  const asked = rotation({ at, outcome: 'open' });
  one.another((before) => ({ ...before, rotation: asked, postedAt: at }));
  one.accepted.add('older');
  expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
  one.another((before) => withAccepted(before, asked, { takenAt: at, published: true }) ?? before);
  expect(one.entry().rotation?.id).toBe(asked.id);
  await installNewSecret(one.application, newer, 1);
  expect(one.entry().rotation).toBeNull();
  expect(one.secretIn('AWSPENDING')).toBe('newer');
});

test('a delivery for the client id that the secret held a moment ago touches nothing', async () => {
  const one = takenOn();
  one.store('seeded', 'AWSCURRENT', `${CLIENT_ID}0`);
  one.accepted.add('newer');
  const before = one.secretsManager.inspect(one.secretArn);
  expect(await installNewSecret(one.application, newer, 1)).toMatchObject({ kind: 'needs-person' });
  expect(one.secretsManager.inspect(one.secretArn)).toEqual(before);
  expect(one.asked).toEqual([]);
});

describe('while the newest waits for LWA', () => {
  test('an older one that LWA knows becomes current meanwhile, and the newest keeps AWSPENDING', async () => {
    const one = await waitingForLogin();
    one.accepted.add('older');
    expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
    expect(one.secretIn('AWSCURRENT')).toBe('older');
    expect(one.secretIn('AWSPENDING')).toBe('newer');
    const { newest, fallback } = one.entry();
    expect([newest?.digest, fallback?.digest]).toEqual([newer.digest, older.digest]);
    expect(fallback).toMatchObject({ stagedVersionId: one.idOf('AWSCURRENT'), announced: true, reason: 'console' });
  });

  test('the newest keeps AWSPENDING also where somebody writes just before the older one becomes current', async () => {
    const one = await waitingForLogin();
    one.accepted.add('older');
    one.before = {
      call: 'secretsmanager:UpdateSecretVersionStage',
      act: () => one.store('seeded'),
    };
    expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
    expect(one.before).toBeUndefined();
    expect(one.secretIn('AWSCURRENT')).toBe('older');
    expect(one.secretIn('AWSPENDING')).toBe('newer');
  });

  test('an older one that LWA does not know either is kept, because the newest may never be accepted', async () => {
    const one = await waitingForLogin();
    expect(await installNewSecret(one.application, older, 1)).toEqual({ next: PROPAGATING });
    expect(one.secretIn('AWSCURRENT')).toBe('seeded');
  });

  test('an older one that may not replace what a person stored is kept without asking for a person', async () => {
    const one = await waitingForLogin();
    one.store('by-hand');
    one.accepted.add('by-hand').add('older');
    const kept = await installNewSecret(one.application, older, 1);
    expect(kept?.next).toContain('waits for LWA');
    expect(kept).not.toHaveProperty('kind');
    expect(one.secretIn('AWSCURRENT')).toBe('by-hand');
  });

  test('an older one is acknowledged as soon as the newest is current', async () => {
    const one = await waitingForLogin();
    one.accepted.add('newer');
    expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
    expect(await installNewSecret(one.application, older, 2)).toBeUndefined();
    expect(one.secretIn('AWSCURRENT')).toBe('newer');
  });

  test('an older one is replaced by it, also when consumers were not told of the older one', async () => {
    const one = await waitingForLogin();
    one.accepted.add('older');
    jest
      .spyOn(one.application.ports.events, 'publish')
      .mockRejectedValueOnce(new CallFailed('events:PutEvents', 'Unreachable'));
    await expect(installNewSecret(one.application, older, 1)).rejects.toMatchObject({ operation: 'events:PutEvents' });
    one.accepted.add('newer');
    expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
    expect(one.secretIn('AWSCURRENT')).toBe('newer');
  });

  test('the newest stays current where it overtakes the announcement of an older one', async () => {
    const one = await waitingForLogin();
    one.accepted.add('older');
    jest.spyOn(one.application.ports.events, 'publish').mockImplementationOnce(async () => {
      one.accepted.add('newer');
      expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
    });
    expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
    expect(one.entry()).toMatchObject({
      baseline: { digest: newer.digest },
      newest: { digest: newer.digest, announced: true },
    });
    expect(new Set(one.entry().superseded)).toEqual(new Set([digestOf('seeded'), older.digest]));
  });

  test('it gets AWSPENDING back from an older one whose run was killed halfway', async () => {
    const one = await waitingForLogin();
    one.store('older', 'AWSPENDING');
    expect(await installNewSecret(one.application, newer, 2)).toEqual({ next: PROPAGATING });
    expect(one.secretIn('AWSPENDING')).toBe('newer');
  });
});

describe('a delivery that is current already', () => {
  /** Promoted, and killed before anybody was told. */
  function unannounced(): OneApplication {
    const one = takenOn();
    const stagedId = stagedVersionId(newer.digest, one.idOf('AWSCURRENT') ?? '', 'clientSecret');
    one.another((before) => withNewest(before, newer, stagedId));
    one.store('newer');
    one.accepted.add('newer');
    return one;
  }

  test('is announced before its message is acknowledged', async () => {
    const one = unannounced();
    expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
    expect(one.published).toEqual([toldOfCurrent(one)]);
    expect(one.entry().newest).toMatchObject({ announced: true });
  });

  test('is announced once', async () => {
    const one = unannounced();
    await installNewSecret(one.application, newer, 2);
    expect(await installNewSecret(one.application, newer, 3)).toBeUndefined();
    expect(one.published).toEqual([toldOfCurrent(one)]);
  });
});

test('a delivery never goes into a secret that a person gives to another application in the middle', async () => {
  const one = takenOn();
  const now = delivered('now', DAY + HOUR);
  one.accepted.add('now');
  one.before = {
    call: 'secretsmanager:PutSecretValue',
    act: () => {
      one.store('of-another', 'AWSCURRENT', `${CLIENT_ID}0`);
    },
  };
  expect(await installNewSecret(one.application, now, 1)).toMatchObject({ kind: 'needs-person' });
  expect(one.secretIn('AWSCURRENT')).toBe('of-another');
});

test('a staged version that differs from the current text with the delivered secret is not promoted', async () => {
  const one = takenOn();
  one.accepted.add('newer');
  const stagedId = stagedVersionId(newer.digest, one.idOf('AWSCURRENT') ?? '', 'clientSecret');
  one.put('Somebody', 'something else', stagedId);
  await expect(installNewSecret(one.application, newer, 1)).rejects.toMatchObject({ code: 'ResourceExistsException' });
  expect(one.secretIn('AWSCURRENT')).toBe('seeded');
});

describe('while LWA does not know a delivery', () => {
  test.each([
    ['it is nothing unusual for four hours', 4 * HOUR - 1, undefined],
    ['it is reported after four hours', 4 * HOUR, 'rejected-by-lwa'],
  ])('%s', async (_, after, kind) => {
    const one = takenOn();
    one.clock.advance(after);
    const now = delivered('now', DAY + HOUR);
    const kept = await installNewSecret(one.application, now, 9);
    expect(kept).toEqual(kind === undefined ? { next: PROPAGATING } : expect.objectContaining({ kind }));
  });
});

test('an older delivery does not take the place of the newest while that waits to be healed', async () => {
  const one = takenOn();
  one.accepted.add('newer').add('older').add('seeded');
  await installNewSecret(one.application, newer, 1);
  one.store('seeded');
  expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('seeded');
});

test('a secret that a person stores between a promotion and its announcement stays, and its message is looked at', async () => {
  const one = takenOn();
  one.accepted.add('newer');
  one.clock.advance(HOUR);
  const later = delivered('later', DAY + 2 * HOUR);
  jest.spyOn(one.application.ports.events, 'publish').mockImplementationOnce(async () => {
    one.store('later');
    one.accepted.add('later');
    const { state, journal } = await one.read();
    await syncJournal(one.application, state, journal);
  });
  expect(await installNewSecret(one.application, newer, 1)).toBeUndefined();
  expect(await installNewSecret(one.application, later, 1)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('later');
  expect(one.published.at(-1)).toEqual(toldOfCurrent(one));
  expect(one.entry()).toMatchObject({
    baseline: { digest: later.digest },
    newest: { digest: later.digest, announced: true },
  });
});

test('a repeated message of a delivery that has been current is acknowledged, whatever a person stored since', async () => {
  const one = takenOn();
  one.accepted.add('newer').add('by-hand');
  await installNewSecret(one.application, newer, 1);
  one.store('by-hand');
  expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('by-hand');
});

test('an older delivery does not take the place of a newer one that becomes current in between', async () => {
  const one = takenOn();
  const justBefore = delivered('just-before', DAY + 8 * MINUTE);
  await installNewSecret(one.application, newer, 1);
  one.accepted.add('newer').add('just-before');
  const { lwa } = one.application.ports;
  const exchange = lwa.exchange.bind(lwa);
  jest.spyOn(lwa, 'exchange').mockImplementationOnce(async (credentials) => {
    expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
    return exchange(credentials);
  });
  expect(await installNewSecret(one.application, justBefore, 1)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('newer');
  expect(one.published).toEqual([toldOfCurrent(one)]);
});

test('a delivery is the newest also where the journal is read again as it was before', async () => {
  const one = takenOn();
  one.accepted.add('older').add('newer');
  await installNewSecret(one.application, older, 1);
  const stale = one.head();
  const { secrets } = one.application.ports;
  one.before = {
    call: 'secretsmanager:UpdateSecretVersionStage',
    act: () => {
      one.store('older');
      const readVersion = secrets.readVersion.bind(secrets);
      const asBefore = { versionId: stale.versionId, text: JSON.stringify(stale.entry), createdAt: older.eventTime };
      jest.spyOn(secrets, 'describe').mockImplementationOnce(() =>
        Promise.resolve({
          labels: new Map([
            ['AWSCURRENT', one.idOf('AWSCURRENT') ?? ''],
            ['SpApiRotationJournal', stale.versionId],
          ]),
          key: '',
          failedReplicas: [],
        }),
      );
      jest
        .spyOn(secrets, 'readVersion')
        .mockImplementation((versionId) =>
          versionId === stale.versionId ? Promise.resolve(asBefore) : readVersion(versionId),
        );
    },
  };
  expect(await installNewSecret(one.application, newer, 1)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('newer');
});

test('a superseded delivery is acknowledged without asking LWA about it', async () => {
  const one = takenOn();
  one.another((before) => ({ ...before, superseded: [newer.digest] }));
  expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
  expect(one.asked).toEqual([]);
});

describe('while the journal cannot be read', () => {
  test('a delivery waits for the first three receives, because a permission may be missing only briefly', async () => {
    const one = takenOn();
    one.accepted.add('newer');
    one.spoilJournal();
    expect(await installNewSecret(one.application, newer, 3)).toMatchObject({ kind: 'journal-unreadable' });
    expect(one.secretIn('AWSCURRENT')).toBe('seeded');
  });

  test('a delivery is promoted and announced from the fourth receive on', async () => {
    const one = takenOn();
    one.accepted.add('seeded').add('newer');
    one.spoilJournal();
    expect(await installNewSecret(one.application, newer, 4)).toBeUndefined();
    expect(one.secretIn('AWSCURRENT')).toBe('newer');
    expect(one.published).toEqual([toldOfCurrent(one)]);
  });

  test('one that LWA rejects, which anybody may have written, takes AWSPENDING from nothing', async () => {
    const one = takenOn();
    one.store('standing by', 'AWSPENDING');
    one.accepted.add('seeded');
    one.spoilJournal();
    expect(await installNewSecret(one.application, delivered('forged', DAY), 4)).toHaveProperty('next');
    expect(one.secretIn('AWSPENDING')).toBe('standing by');
  });
});

test('a delivery whose event failed is announced on the next receive', async () => {
  const one = takenOn();
  one.accepted.add('newer');
  jest
    .spyOn(one.application.ports.events, 'publish')
    .mockRejectedValueOnce(new CallFailed('events:PutEvents', 'Unreachable'));
  await expect(installNewSecret(one.application, newer, 1)).rejects.toMatchObject({ operation: 'events:PutEvents' });
  expect(await installNewSecret(one.application, newer, 2)).toBeUndefined();
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
  expect(await installNewSecret(one.application, newer, 1)).toBeUndefined();
  expect(JSON.parse(one.textOf('AWSCURRENT') ?? '')).toEqual({
    edited: true,
    clientId: CLIENT_ID,
    clientSecret: 'newer',
  });
  expect(one.published).toEqual([toldOfCurrent(one)]);
});

describe('a delivery that a person may have made obsolete', () => {
  /** A person stored `by-hand` after the delivery was made. */
  function storedLater(): OneApplication {
    const one = takenOn();
    one.clock.advance(HOUR);
    one.store('by-hand');
    one.accepted.add('by-hand');
    return one;
  }

  test('is kept, and reported, while LWA does not tell', async () => {
    const one = storedLater();
    one.accepted.add('newer');
    const publish = jest.spyOn(one.application.ports.events, 'publish');
    expect(await installNewSecret(one.application, newer, 1)).toMatchObject({ kind: 'order-unknown' });
    expect(publish.mock.calls.at(-1)).toMatchObject([
      DETAIL_TYPE.failed,
      { kind: 'order-unknown', versionId: one.idOf('AWSCURRENT') },
    ]);
    expect(one.secretIn('AWSCURRENT')).toBe('by-hand');
  });

  test('is acknowledged once LWA no longer knows it', async () => {
    const one = storedLater();
    one.clock.advance(8 * DAY);
    expect(await installNewSecret(one.application, newer, 1)).toBeUndefined();
    expect(one.entry().superseded).toContain(newer.digest);
    expect(one.secretIn('AWSCURRENT')).toBe('by-hand');
  });

  test('is installed once LWA does not know what the person stored', async () => {
    const one = storedLater();
    one.accepted.clear();
    one.accepted.add('newer');
    one.clock.advance(8 * HOUR);
    expect(await installNewSecret(one.application, newer, 1)).toBeUndefined();
    expect(one.secretIn('AWSCURRENT')).toBe('newer');
  });
});

test('a secret that nobody filled in keeps the message', async () => {
  expect(await installNewSecret(new OneApplication().application, newer, 1)).toMatchObject({ kind: 'not-seeded' });
});

test('consumers are told who asked for the rotation, and of the console where nobody did', async () => {
  const asked = takenOn();
  asked.accepted.add('newer');
  asked.another((before) => ({
    ...before,
    rotation: rotation({ at: ADDED + DAY, reason: 'person', requestedBy: 'me' }),
  }));
  const publish = jest.spyOn(asked.application.ports.events, 'publish');
  await installNewSecret(asked.application, newer, 1);
  expect(publish.mock.calls).toMatchObject([[DETAIL_TYPE.rotated, { reason: 'person', requestedBy: 'me' }]]);

  const both = await waitingForLogin();
  both.accepted.add('older');
  const publishOlder = jest.spyOn(both.application.ports.events, 'publish');
  await installNewSecret(both.application, older, 1);
  expect(publishOlder.mock.calls).toMatchObject([[DETAIL_TYPE.rotated, { reason: 'console' }]]);
});

test('a delivery that loses the race for the journal to a newer one is the older of the two', async () => {
  const one = takenOn();
  one.accepted.add('older');
  one.before = {
    call: 'secretsmanager:PutSecretValue',
    act: () => {
      one.store('newer', 'AWSPENDING');
      one.another((before) => withNewest(before, newer, one.idOf('AWSPENDING') ?? ''));
    },
  };
  expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
  expect(one.secretIn('AWSCURRENT')).toBe('older');
  expect(one.entry().newest).toMatchObject({ digest: newer.digest, announced: false });
});

test('without a journal, what LWA does not know is kept', async () => {
  const one = takenOn();
  one.accepted.add('seeded');
  one.spoilJournal();
  expect(await installNewSecret(one.application, newer, 4)).toMatchObject({ kind: 'rejected-by-lwa' });
  expect(one.published).toEqual([]);
});

describe('an older delivery that is current while the newest waits for LWA', () => {
  test('is announced once', async () => {
    const one = await waitingForLogin();
    one.accepted.add('older');
    await installNewSecret(one.application, older, 1);
    expect(await installNewSecret(one.application, older, 2)).toBeUndefined();
    expect(one.published).toEqual([toldOfCurrent(one)]);
  });

  test('is announced if a person copied it', async () => {
    const one = await waitingForLogin();
    one.accepted.add('older');
    one.store('older');
    expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
    expect(one.published.at(-1)).toEqual(toldOfCurrent(one));
  });
});
