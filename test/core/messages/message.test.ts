import type { Application } from '../../../lambda/core/application';
import { readDirectory, type Directory } from '../../../lambda/core/messages/directory';
import { hiddenSeconds, judge, type Surroundings, type Verdict } from '../../../lambda/core/messages/message';
import type { Observation } from '../../../lambda/core/observation';
import { CallFailed } from '../../../lambda/core/ports';
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

async function verdictOf(
  body: string,
  directory: () => Promise<Directory>,
): Promise<{ readonly verdict: Verdict; readonly observed: readonly Observation[] }> {
  const observed: Observation[] = [];
  const surroundings: Surroundings = { directory, now: () => 60_000, observe: (one) => observed.push(one) };
  const verdict = await judge({ messageId: 'm', body, sentAt: 0, receiveCount: 3 }, surroundings);
  return { verdict, observed };
}

const others: Directory = [[APPLICATION, 'amzn1.application-oa2-client.other']];
const someUnreadable: Directory = [...others, [APPLICATION, undefined]];
const KEEP: Verdict = { verdict: 'keep', hiddenSeconds: 120 };

describe('a message', () => {
  test('that holds no secret is acknowledged, without reading a secret', async () => {
    const never = (): Promise<Directory> => Promise.reject(new Error('read'));
    expect((await verdictOf('hello', never)).verdict).toEqual({ verdict: 'acknowledge' });
  });

  test('that may hold a secret is kept, and reported without a word of it', async () => {
    const { verdict, observed } = await verdictOf('{"newClientSecret":"amzn1.oa2-cs.v1.x"', () =>
      Promise.resolve(others),
    );
    expect(verdict).toEqual(KEEP);
    expect(observed).toMatchObject([{ what: 'message kept', kind: 'needs-person', messageId: 'm', seconds: 60 }]);
    expect(JSON.stringify(observed)).not.toContain('amzn1.oa2-cs');
  });

  test.each([
    ['a new secret of a stranger', newSecret(CLIENT_ID), others, { verdict: 'unclaimed' }],
    ['a notice of a stranger', expiry(CLIENT_ID), others, { verdict: 'acknowledge' }],
    ['a new secret of nobody while some could not be read', newSecret(CLIENT_ID), someUnreadable, KEEP],
    ['a notice of nobody while some could not be read', expiry(CLIENT_ID), someUnreadable, KEEP],
  ])('%s', async (_, body, directory, verdict) => {
    expect((await verdictOf(body, () => Promise.resolve(directory))).verdict).toEqual(verdict);
  });

  test('stays while the list of applications cannot be read', async () => {
    const failing = (): Promise<Directory> => Promise.reject(new CallFailed('ssm:GetParametersByPath', 'Unreachable'));
    expect((await verdictOf(newSecret(CLIENT_ID), failing)).verdict).toEqual(KEEP);
  });
});

describe('a new secret of a client id that two applications have', () => {
  const denied = new CallFailed('secretsmanager:GetSecretValue', 'AccessDeniedException');

  function two(): { readonly broken: OneApplication; readonly sound: OneApplication } {
    const [broken, sound] = [new OneApplication('Broken'), new OneApplication('Sound')];
    for (const one of [broken, sound]) {
      one.store('seeded');
      one.accepted.add('amzn1.oa2-cs.v1.x');
      one.clock.advance(HOUR);
    }
    return { broken, sound };
  }

  async function judgeFor(applications: readonly OneApplication[], receiveCount: number) {
    const observed: Observation[] = [];
    const now = (): number => applications[0]?.clock.now() ?? 0;
    const verdict = await judge(
      { messageId: 'm', body: newSecret(CLIENT_ID), sentAt: now(), receiveCount },
      {
        directory: () => readDirectory(applications.map(({ application }) => application)),
        now,
        observe: (one) => observed.push(one),
      },
    );
    return { verdict, observed };
  }

  test('reaches the one although the other fails, and is kept for that', async () => {
    const { broken, sound } = two();
    jest.spyOn(broken.application.ports.secrets, 'describe').mockRejectedValue(denied);
    const { verdict, observed } = await judgeFor([broken, sound], 20);
    expect(verdict).toMatchObject({ verdict: 'keep' });
    expect(observed).toMatchObject([{ what: 'message kept', application: 'Broken', code: 'AccessDeniedException' }]);
    expect(sound.secretIn('AWSCURRENT')).toBe('amzn1.oa2-cs.v1.x');
  });

  test('reaches the other when that can be read again', async () => {
    const { broken, sound } = two();
    const reading = jest.spyOn(broken.application.ports.secrets, 'readLabel').mockRejectedValue(denied);
    expect((await judgeFor([broken, sound], 3)).verdict).toEqual(KEEP);
    expect(sound.secretIn('AWSCURRENT')).toBe('amzn1.oa2-cs.v1.x');
    reading.mockRestore();
    expect((await judgeFor([broken, sound], 4)).verdict).toEqual({ verdict: 'acknowledge' });
    expect(broken.secretIn('AWSCURRENT')).toBe('amzn1.oa2-cs.v1.x');
  });

  test('does not lie in the dead-letter queue because another application cannot be read', async () => {
    const { broken, sound } = two();
    jest.spyOn(broken.application.ports.secrets, 'readLabel').mockRejectedValue(denied);
    expect((await judgeFor([broken, sound], 4)).verdict).toEqual({ verdict: 'acknowledge' });
  });
});

test('a kept message stays hidden longer each time, and for half an hour in the end', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20, 100].map(hiddenSeconds)).toEqual([30, 60, 120, 240, 480, 900, 1800, 1800, 1800]);
});

test('twenty receives take about seven and a half hours', () => {
  const seconds = Array.from({ length: 20 }, (_, index) => hiddenSeconds(index + 1)).reduce((sum, one) => sum + one, 0);
  expect(seconds / 3600).toBeGreaterThan(7);
  expect(seconds / 3600).toBeLessThan(8);
});
