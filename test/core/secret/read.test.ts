import { readState, readTwoVersions } from '../../../lambda/core/secret/read';
import { failureOf } from '../../../lambda/core/failure';
import { CallFailed } from '../../../lambda/core/ports';
import { entry } from '../entries';
import { OneApplication } from '../one-application';

const CURRENT = 'AWSCURRENT';
const JOURNAL = 'SpApiRotationJournal';

function takenOn(): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  one.journal(entry());
  return one;
}

/** Reads by this label see what had it before a moment ago. */
function behind(one: OneApplication, label: string, versionId: string | undefined): void {
  const { secrets } = one.application.ports;
  const readLabel = secrets.readLabel.bind(secrets);
  jest
    .spyOn(secrets, 'readLabel')
    .mockImplementation((asked) =>
      asked !== label
        ? readLabel(asked)
        : versionId === undefined
          ? Promise.resolve(undefined)
          : secrets.readVersion(versionId),
    );
}

test('what is current is the version that all labels were read with', async () => {
  const one = takenOn();
  const before = one.idOf(CURRENT);
  one.store('later');
  behind(one, CURRENT, before);
  expect((await one.state()).current).toMatchObject({
    versionId: one.idOf(CURRENT),
    credentials: { clientSecret: 'later' },
  });
});

test('the journal is the version that all labels were read with', async () => {
  const one = takenOn();
  const before = one.idOf(JOURNAL);
  one.another((last) => ({ ...last, superseded: ['later'] }));
  behind(one, JOURNAL, before);
  expect((await one.read()).journal).toEqual({ journal: 'readable', head: one.head() });
});

test.each([readState, readTwoVersions])(
  '%p of a secret that is marked for deletion says when, and how to restore it',
  async (read) => {
    const one = takenOn();
    one.secretsManager.deleteSecret({ SecretId: one.secretArn });
    const failed: unknown = await read(one.application).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'InvalidRequestException', isLasting: true });
    const { next } = failureOf(failed);
    expect(next).toContain(`DeletedDate ${new Date(one.clock.now()).toISOString()}`);
    expect(next).toContain(`aws secretsmanager restore-secret --secret-id ${one.secretArn}.`);
    expect(next).not.toContain('their policies');
    one.secretsManager.restoreSecret({ SecretId: one.secretArn });
    expect(await read(one.application)).toBeDefined();
  },
);

test('another invalid request stays what it is', async () => {
  const one = takenOn();
  const thrown = new CallFailed('secretsmanager:GetSecretValue', 'InvalidRequestException');
  jest.spyOn(one.application.ports.secrets, 'readLabel').mockRejectedValue(thrown);
  await expect(readState(one.application)).rejects.toBe(thrown);
});

test('a journal that exists and cannot be read yet is not reported as unreadable', async () => {
  const one = takenOn();
  behind(one, JOURNAL, undefined);
  jest.spyOn(one.application.ports.secrets, 'readVersion').mockResolvedValue(undefined);
  await expect(one.read()).rejects.toMatchObject({ code: 'ReadLagsBehind' });
});

describe('a journal whose read', () => {
  test.each([
    ['is throttled', 'ThrottlingException'],
    ['does not get through', 'Unreachable'],
  ])('%s is not called unreadable', async (_, code) => {
    const one = takenOn();
    fail(one, code);
    await expect(readState(one.application)).rejects.toMatchObject({ code });
  });

  test('fails because of its key is unreadable', async () => {
    const one = takenOn();
    fail(one, 'DecryptionFailure');
    expect((await one.read()).journal).toEqual({ journal: 'unreadable', versionId: one.idOf(JOURNAL) });
  });

  function fail(one: OneApplication, code: string): void {
    const { secrets } = one.application.ports;
    const readLabel = secrets.readLabel.bind(secrets);
    jest
      .spyOn(secrets, 'readLabel')
      .mockImplementation((label) =>
        label === JOURNAL ? Promise.reject(new CallFailed('secretsmanager:GetSecretValue', code)) : readLabel(label),
      );
  }
});
