import { CallFailed, type Application, type Directory } from '../../../lambda/core/ports';
import { readDirectory } from '../../../lambda/core/secret/directory';
import type { HubRead } from '../../../lambda/core/messages/read-hub';
import { KnownClientIds } from '../../../lambda/core/messages/known-client-ids';
import {
  hiddenSeconds,
  hiddenSecondsOfUnclear,
  processMessage,
  type MessageContext,
  type Disposition,
} from '../../../lambda/core/messages/message';
import { MovableClock } from 'local-cloud/models';
import type { Observation } from '../../../lambda/core/observation';
import { HOUR } from '../../../lambda/core/time';
import { CLIENT_ID } from '../entries';
import { OneApplication } from '../one-application';

const APPLICATION = { settings: { id: 'App' } } as Application;

function newSecret(clientId: string): string {
  return JSON.stringify({
    notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
    payload: { applicationOAuthClientNewSecret: { clientId, newClientSecret: 'amzn1.oa2-cs.v1.x' } },
  });
}

function expiry(clientId: string): string {
  return JSON.stringify({
    notificationType: 'APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY',
    payload: {
      applicationOAuthClientSecretExpiry: { clientId, clientSecretExpiryTime: '2026-08-28T12:00:00.000Z' },
    },
  });
}

/** Nothing but the directory is read ahead. */
async function hubOf(directory: Directory | Promise<Directory>): Promise<HubRead> {
  return { directory: await directory, states: new Map() };
}

async function dispositionOf(
  body: string,
  directory: () => Promise<Directory>,
  receiveCount = 3,
): Promise<{ readonly disposition: Disposition; readonly observed: readonly Observation[] }> {
  const observed: Observation[] = [];
  const context: MessageContext = {
    hub: () => hubOf(directory()),
    now: () => 60_000,
    observe: (one) => observed.push(one),
    known: new KnownClientIds(),
    served: new Map(),
  };
  const disposition = await processMessage({ messageId: 'm', body, sentAt: 0, receiveCount }, context);
  return { disposition, observed };
}

const others: Directory = [[APPLICATION, { clientId: 'amzn1.application-oa2-client.other', clientSecret: 'other' }]];
const someUnreadable: Directory = [...others, [APPLICATION, 'unreadable']];
const KEEP: Disposition = { disposition: 'keep', hiddenSeconds: 120 };

describe('a message', () => {
  test('that holds no secret is acknowledged, without reading a secret', async () => {
    const never = (): Promise<Directory> => Promise.reject(new Error('read'));
    const { disposition, observed } = await dispositionOf('hello', never);
    expect(disposition).toEqual({ disposition: 'acknowledge' });
    expect(observed).toEqual([
      {
        what: 'message ignored',
        messageId: 'm',
        notificationType: 'other',
        seconds: 60,
        next: 'It has nothing to do with client secrets, and was deleted.',
      },
    ]);
  });

  test.each<[string, (defect: Error) => () => Promise<Directory>]>([
    ['while the applications are read', (defect) => () => Promise.reject(defect)],
    [
      'while one is served',
      (defect) => () => {
        const { application } = new OneApplication();
        const secrets = new Proxy(application.ports.secrets, { get: () => () => Promise.reject(defect) });
        return Promise.resolve([
          [
            { ...application, ports: { ...application.ports, secrets } },
            { clientId: CLIENT_ID, clientSecret: 'one' },
          ],
        ]);
      },
    ],
  ])('that meets a defect %s is kept and reported, without what was thrown', async (_when, directory) => {
    const defect = new RangeError('amzn1.oa2-cs.v1.x');
    for (const body of [newSecret(CLIENT_ID), expiry(CLIENT_ID)]) {
      const { disposition, observed } = await dispositionOf(body, directory(defect));
      expect(disposition).toEqual(KEEP);
      expect(observed).toMatchObject([{ what: 'message kept', messageId: 'm', seconds: 60 }]);
      expect(observed[0]?.kind).toBeDefined();
      expect(observed[0]?.next).toContain('defect');
      expect(JSON.stringify(observed)).not.toContain('amzn1.oa2-cs');
    }
  });

  test('that may hold a secret is kept, and reported without a word of it', async () => {
    const { disposition, observed } = await dispositionOf('{"newClientSecret":"amzn1.oa2-cs.v1.x"', () =>
      Promise.resolve(others),
    );
    expect(disposition).toEqual({ disposition: 'keep', hiddenSeconds: 30 });
    expect(observed).toMatchObject([{ what: 'message kept', kind: 'needs-person', messageId: 'm', seconds: 60 }]);
    expect(observed[0]?.next).toContain('It is kept, in the end in the dead-letter queue');
    expect(JSON.stringify(observed)).not.toContain('amzn1.oa2-cs');
  });

  test.each([
    [
      'a new secret of a stranger',
      newSecret(CLIENT_ID),
      others,
      { disposition: 'unclaimed' },
      { what: 'message unclaimed', notificationType: 'new-secret', next: /copied to the unclaimed queue/ },
    ],
    [
      'a notice of a stranger',
      expiry(CLIENT_ID),
      others,
      { disposition: 'acknowledge' },
      { what: 'message acknowledged', notificationType: 'expiry', next: /No application here has this client id/ },
    ],
    [
      'a new secret of nobody while some could not be read',
      newSecret(CLIENT_ID),
      someUnreadable,
      KEEP,
      { what: 'message kept', notificationType: 'new-secret', kind: 'needs-person', next: /not all could be read/ },
    ],
    [
      'a notice of nobody while some could not be read',
      expiry(CLIENT_ID),
      someUnreadable,
      KEEP,
      { what: 'message kept', notificationType: 'expiry', kind: 'needs-person', next: /not all could be read/ },
    ],
  ])('%s', async (_, body, directory, expected, { next, ...logged }) => {
    const { disposition, observed } = await dispositionOf(body, () => Promise.resolve(directory));
    expect(disposition).toEqual(expected);
    expect(observed).toMatchObject([{ ...logged, messageId: 'm', clientId: CLIENT_ID }]);
    expect(observed[0]?.next).toMatch(next);
  });

  test('that meets a defect is kept, and named', async () => {
    const defect = (): Promise<Directory> => Promise.reject(new RangeError('amzn1.oa2-cs.v1.x'));
    const { disposition, observed } = await dispositionOf(newSecret(CLIENT_ID), defect);
    expect(disposition).toEqual(KEEP);
    expect(observed).toMatchObject([{ what: 'message kept', kind: 'defect', code: 'RangeError', messageId: 'm' }]);
    expect(JSON.stringify(observed)).not.toContain('oa2-cs');
  });

  test.each([Number.NaN, -1, 9e15])('sent at %d was sent now', async (sentAt) => {
    const observed: Observation[] = [];
    const now = Date.parse('2026-06-01');
    const context: MessageContext = {
      hub: () => hubOf(others),
      now: () => now,
      observe: (one) => observed.push(one),
      known: new KnownClientIds(),
      served: new Map(),
    };
    await processMessage({ messageId: 'm', body: newSecret(CLIENT_ID), sentAt, receiveCount: 1 }, context);
    expect(observed).toMatchObject([{ what: 'message unclaimed', seconds: 0 }]);
  });

  test('stays while the list of applications cannot be read', async () => {
    const failing = (): Promise<Directory> => Promise.reject(new CallFailed('ssm:GetParametersByPath', 'Unreachable'));
    expect((await dispositionOf(newSecret(CLIENT_ID), failing)).disposition).toEqual(KEEP);
  });
});

describe('a new secret of a client id that two applications have', () => {
  const denied = new CallFailed('secretsmanager:GetSecretValue', 'AccessDeniedException');

  function two(): { readonly broken: OneApplication; readonly sound: OneApplication } {
    const [broken, sound] = [new OneApplication('Broken'), new OneApplication('Sound')];
    for (const one of [broken, sound]) {
      one.store('seeded');
      one.accepted.add('seeded').add('amzn1.oa2-cs.v1.x');
      one.clock.advance(HOUR);
    }
    return { broken, sound };
  }

  async function processFor(applications: readonly OneApplication[], receiveCount: number) {
    const observed: Observation[] = [];
    const now = (): number => applications[0]?.clock.now() ?? 0;
    const disposition = await processMessage(
      { messageId: 'm', body: newSecret(CLIENT_ID), sentAt: now(), receiveCount },
      {
        hub: () => hubOf(readDirectory(applications.map(({ application }) => application))),
        now,
        observe: (one) => observed.push(one),
        known: new KnownClientIds(),
        served: new Map(),
      },
    );
    return { disposition, observed };
  }

  test('is installed in one application and kept for the other, which fails', async () => {
    const { broken, sound } = two();
    jest.spyOn(broken.application.ports.secrets, 'describe').mockRejectedValue(denied);
    const { disposition, observed } = await processFor([broken, sound], 20);
    expect(disposition).toMatchObject({ disposition: 'keep' });
    expect(observed).toMatchObject([{ what: 'message kept', application: 'Broken', code: 'AccessDeniedException' }]);
    expect(sound.secretIn('AWSCURRENT')).toBe('amzn1.oa2-cs.v1.x');
  });

  test('is installed in the other application when its secret can be read again', async () => {
    const { broken, sound } = two();
    const reading = jest.spyOn(broken.application.ports.secrets, 'readLabel').mockRejectedValue(denied);
    const first = await processFor([broken, sound], 3);
    expect(first.disposition).toEqual(KEEP);
    expect(first.observed).toMatchObject([{ what: 'message kept', clientId: CLIENT_ID }]);
    expect(first.observed[0]?.next).toContain('looked at once more');
    expect(sound.secretIn('AWSCURRENT')).toBe('amzn1.oa2-cs.v1.x');
    reading.mockRestore();
    const second = await processFor([broken, sound], 4);
    expect(second.disposition).toEqual({ disposition: 'acknowledge' });
    expect(second.observed).toMatchObject([{ what: 'message acknowledged', application: 'Broken, Sound' }]);
    expect(broken.secretIn('AWSCURRENT')).toBe('amzn1.oa2-cs.v1.x');
  });

  test('does not lie in the dead-letter queue because another application cannot be read', async () => {
    const { broken, sound } = two();
    jest.spyOn(broken.application.ports.secrets, 'readLabel').mockRejectedValue(denied);
    expect((await processFor([broken, sound], 4)).disposition).toEqual({ disposition: 'acknowledge' });
  });
});

test.each([newSecret(CLIENT_ID), expiry(CLIENT_ID)])(
  'what may be for an application that cannot be read is kept for eight receives, and then goes to the unclaimed queue: %#',
  async (body) => {
    const unreadable = (): Promise<Directory> => Promise.resolve(someUnreadable);
    expect((await dispositionOf(body, unreadable, 7)).disposition.disposition).toBe('keep');
    expect((await dispositionOf(body, unreadable, 8)).disposition).toEqual({ disposition: 'unclaimed' });
  },
);

test('a kept message stays hidden longer each time, and for half an hour in the end', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20, 100].map(hiddenSeconds)).toEqual([30, 60, 120, 240, 480, 900, 1800, 1800, 1800]);
});

test('twenty receives take about seven and a half hours', () => {
  const seconds = Array.from({ length: 20 }, (_, index) => hiddenSeconds(index + 1)).reduce((sum, one) => sum + one, 0);
  expect(seconds / 3600).toBeGreaterThan(7);
  expect(seconds / 3600).toBeLessThan(8);
});

test('a message waits for only as many hanging secrets as leave time to keep it', async () => {
  const clock = new MovableClock(0, { frozen: true });
  let reads = 0;
  const hanging = Array.from({ length: 61 }, (_, index) => ({
    settings: { id: `App${index}` },
    ports: {
      clock,
      deadline: 55_000,
      lwa: {},
      spApi: {},
      queue: {},
      events: {},
      secrets: {
        readLabel: () => {
          reads += 1;
          if (reads % 20 === 0) {
            clock.advance(15_000);
          }
          return Promise.reject(new CallFailed('secretsmanager:GetSecretValue', 'Unreachable'));
        },
      },
    },
  })) as unknown as Application[];
  const directory = await readDirectory(hanging);
  expect(directory).toHaveLength(61);
  expect(clock.now()).toBeLessThanOrEqual(30_000);
});

describe('a notice of expiry', () => {
  test('is processed by its application, and not kept for another application that cannot be read', async () => {
    const [one, unreadable] = [new OneApplication(), new OneApplication('Unreadable')];
    one.store('seeded');
    one.clock.advance(HOUR);
    jest
      .spyOn(unreadable.application.ports.secrets, 'readLabel')
      .mockRejectedValue(new CallFailed('secretsmanager:GetSecretValue', 'AccessDeniedException'));
    const observed: Observation[] = [];
    const disposition = await processMessage(
      { messageId: 'm', body: expiry(CLIENT_ID), sentAt: one.clock.now(), receiveCount: 1 },
      {
        hub: () => hubOf(readDirectory([one.application, unreadable.application])),
        now: () => one.clock.now(),
        observe: (seen) => observed.push(seen),
        known: new KnownClientIds(),
        served: new Map(),
      },
    );
    expect(disposition).toEqual({ disposition: 'acknowledge' });
    expect(observed).toMatchObject([{ what: 'message acknowledged', notificationType: 'expiry', application: 'App' }]);
    expect(one.observed.map(({ what }) => what)).toContain('expiry noticed');
  });
});

test('what is not understood comes to the dead-letter queue in ten minutes, and is hidden for longer where there is none', () => {
  const receives = Array.from({ length: 21 }, (_, index) => hiddenSecondsOfUnclear(index + 1));
  expect(receives.slice(0, 20)).toEqual(Array(20).fill(30));
  expect(receives[20]).toBe(1_800);
});
