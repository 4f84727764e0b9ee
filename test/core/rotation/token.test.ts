import { digestOf } from '../../../lambda/core/digest';
import { mint } from '../../../lambda/core/rotation/token';
import { CallFailed } from '../../../lambda/core/ports';
import { DAY } from '../../../lambda/core/time';
import { ADDED, CLIENT_ID, entry, newest } from '../entries';
import { OneApplication } from '../one-application';

/** An application whose current client secret LWA does not know. */
function rejected(): OneApplication {
  const one = new OneApplication();
  one.store('current');
  return one;
}

test('where LWA does not know the current client secret, the pending one is asked with before the previous', async () => {
  const one = rejected();
  one.store('pending', 'AWSPENDING');
  one.store('previous', 'AWSPREVIOUS');
  one.accepted.add('pending').add('previous');
  expect(await mint(one.application, await one.state(), entry())).toMatchObject({ digest: digestOf('pending') });
  expect(one.asked).toEqual(['current', 'pending']);
});

test('the previous client secret is used if LWA knows no other', async () => {
  const one = rejected();
  one.store('pending', 'AWSPENDING');
  one.store('previous', 'AWSPREVIOUS');
  one.accepted.add('previous');
  expect(await mint(one.application, await one.state(), entry())).toMatchObject({ digest: digestOf('previous') });
});

test('a client secret of another client id is never used for a token', async () => {
  const one = rejected();
  one.store('of-another', 'AWSPREVIOUS', `${CLIENT_ID}0`);
  one.accepted.add('of-another');
  expect(await mint(one.application, await one.state(), entry())).toMatchObject({
    failed: { kind: 'wrong-credentials' },
  });
  expect(one.asked).toEqual(['current']);
});

test('the token for the current client secret is what LWA answered', async () => {
  const one = rejected();
  one.accepted.add('current');
  expect(await mint(one.application, await one.state(), entry())).toEqual({
    accessToken: 'Atc|token',
    digest: digestOf('current'),
  });
  expect(one.observed).toEqual([]);
});

test('while LWA cannot be asked, no other client secret is tried', async () => {
  const one = rejected();
  one.store('previous', 'AWSPREVIOUS');
  one.accepted.add('previous');
  const exchange = jest.spyOn(one.application.ports.lwa, 'exchange').mockResolvedValue({ failed: 'after-sending' });
  expect(await mint(one.application, await one.state(), entry())).toMatchObject({ failed: { kind: 'unreachable' } });
  expect(exchange).toHaveBeenCalledTimes(1);
});

describe('while the newest waits, what was current before', () => {
  const VERSION_BEFORE = 'before'.padEnd(32, '-');
  const waits = entry({
    newest: newest({ eventTime: ADDED + DAY, digest: digestOf('waits'), announced: false }),
    fallback: newest({ eventTime: ADDED, digest: digestOf('before'), stagedVersionId: VERSION_BEFORE }),
  });

  function withBefore(): OneApplication {
    const one = rejected();
    one.put('SomeLabel', JSON.stringify({ clientId: CLIENT_ID, clientSecret: 'before' }), VERSION_BEFORE);
    one.accepted.add('before');
    return one;
  }

  test('stands by, so that no token is needed', async () => {
    const one = withBefore();
    expect(await mint(one.application, await one.state(), waits)).toMatchObject({ standingBy: true });
  });

  test.each([
    ['is passed over where nobody can read it', 'DecryptionFailure', true],
    ['is asked about later where it cannot be read for the moment', 'ThrottlingException', false],
  ])('%s', async (_, code, isPassedOver) => {
    const one = withBefore();
    one.store('previous', 'AWSPREVIOUS');
    one.accepted.add('previous');
    const state = await one.state();
    const { secrets } = one.application.ports;
    const readVersion = secrets.readVersion.bind(secrets);
    jest
      .spyOn(secrets, 'readVersion')
      .mockImplementation((id) =>
        id === VERSION_BEFORE ? Promise.reject(new CallFailed('secretsmanager:GetSecretValue', code)) : readVersion(id),
      );
    const minted = mint(one.application, state, waits);
    await (isPassedOver
      ? expect(minted).resolves.toMatchObject({ digest: digestOf('previous') })
      : expect(minted).rejects.toMatchObject({ code }));
  });
});

test('the same client secret in another version is not tried twice', async () => {
  const one = rejected();
  one.store('current', 'AWSPREVIOUS');
  expect(await mint(one.application, await one.state(), entry())).toMatchObject({
    failed: { kind: 'wrong-credentials' },
  });
  expect(one.asked).toEqual(['current']);
});

test("a run that rotates with another version's client secret logs it", async () => {
  const one = rejected();
  one.store('previous', 'AWSPREVIOUS');
  one.accepted.add('previous');
  await mint(one.application, await one.state(), entry());
  expect(one.observed).toMatchObject([
    {
      what: 'token minted with another version',
      application: 'App',
      clientId: CLIENT_ID,
      kind: 'wrong-credentials',
      versionId: one.idOf('AWSPREVIOUS'),
    },
  ]);
});
