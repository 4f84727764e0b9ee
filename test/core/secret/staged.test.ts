import { digestOf } from '../../../lambda/core/digest';
import { CallFailed } from '../../../lambda/core/ports';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { findStaged } from '../../../lambda/core/secret/staged';
import { DAY } from '../../../lambda/core/time';
import { ADDED, CLIENT_ID, entry, newest } from '../entries';
import { OneApplication } from '../one-application';

const SWEEP: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };
const DIGEST = digestOf('newest');
const DELIVERED = ADDED + 2 * DAY;

/** The newest client secret is current, and AWSPENDING on the same version. */
function rotated(): OneApplication {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('newest');
  one.clock.advance(2 * DAY);
  one.store('newest', 'AWSPENDING');
  const id = one.idOf('AWSPENDING') ?? '';
  one.journal(
    entry({
      baseline: { digest: DIGEST, since: DELIVERED },
      superseded: [digestOf('seeded')],
      deliveries: [{ digest: DIGEST, eventTime: DELIVERED }],
      newest: newest({ digest: DIGEST, eventTime: DELIVERED, stagedVersionId: id }),
    }),
  );
  one.secretsManager.updateSecretVersionStage({
    SecretId: one.secretArn,
    VersionStage: 'AWSCURRENT',
    MoveToVersionId: id,
    RemoveFromVersionId: one.idOf('AWSCURRENT'),
  });
  one.clock.advance(DAY);
  return one;
}

const edit = (note: string) => JSON.stringify({ clientId: CLIENT_ID, clientSecret: 'newest', note });

test.each<[string, readonly string[]]>([
  ['what is no JSON', ['first', 'second']],
  ['two mistyped client secrets', [edit('').replace('newest', 'typo'), edit('').replace('newest', 'other typo')]],
  ['two edits of the text around it', [edit('first'), edit('second')]],
])('a sweep gives AWSPENDING back to the newest client secret after somebody stored %s', async (_, texts) => {
  const one = rotated();
  for (const text of texts) {
    one.put('AWSCURRENT', text);
  }
  expect(one.idOf('AWSPENDING')).toBeUndefined();
  await reconcile(one.application, SWEEP);
  expect(one.secretIn('AWSPENDING')).toBe('newest');
  // AWS takes the label off AWSCURRENT only.
  one.put('AWSCURRENT', 'third');
  expect(one.secretIn('AWSPENDING')).toBe('newest');
});

test('a sweep gives it back also from the version that an older delivery left it on', async () => {
  const one = rotated();
  one.store('older', 'AWSPENDING');
  await reconcile(one.application, SWEEP);
  expect(one.secretIn('AWSPENDING')).toBe('newest');
});

test.each([
  ['DecryptionFailure', 'ThrottlingException'],
  ['ThrottlingException', 'DecryptionFailure'],
])('of versions that cannot be read, %s and %s, what may pass is told', async (first, second) => {
  const one = rotated();
  one.store('seeded');
  one.store('other', 'AWSPENDING');
  const codes = new Map([
    [one.idOf('AWSPENDING'), first],
    [one.entry().newest?.stagedVersionId, second],
  ]);
  const { secrets } = one.application.ports;
  const readVersion = secrets.readVersion.bind(secrets);
  const state = await one.state();
  jest.spyOn(secrets, 'readVersion').mockImplementation((id) => {
    const code = codes.get(id);
    return code === undefined ? readVersion(id) : Promise.reject(new CallFailed('secretsmanager:GetSecretValue', code));
  });
  await expect(
    findStaged(one.application, state, newest({ ...one.entry().newest, eventTime: DELIVERED })),
  ).rejects.toMatchObject({ code: 'ThrottlingException' });
});

test('what is delivered and staged while the sweep looks keeps it', async () => {
  const one = rotated();
  one.put('AWSCURRENT', edit('first'));
  one.before = {
    call: 'secretsmanager:UpdateSecretVersionStage',
    act: () => {
      one.store('newer', 'AWSPENDING');
    },
  };
  await reconcile(one.application, SWEEP);
  expect(one.before).toBeUndefined();
  expect(one.secretIn('AWSPENDING')).toBe('newer');
});

test.each(['status', 'check'] as const)('%s moves no label', async (action) => {
  const one = rotated();
  one.put('AWSCURRENT', edit('first'));
  await reconcile(one.application, { ...SWEEP, action });
  expect(one.idOf('AWSPENDING')).toBeUndefined();
});

describe.each(['DecryptionFailure', 'InternalServiceError'])(
  'where the version with the newest cannot be read: %s',
  (code) => {
    function unreadable(...texts: string[]): OneApplication {
      const one = rotated();
      const { secrets } = one.application.ports;
      const staged = one.idOf('AWSCURRENT');
      const read = secrets.readVersion.bind(secrets);
      jest
        .spyOn(secrets, 'readVersion')
        .mockImplementation((id) =>
          id === staged ? Promise.reject(new CallFailed('secretsmanager:GetSecretValue', code)) : read(id),
        );
      for (const text of texts) {
        one.put('AWSCURRENT', text);
      }
      return one;
    }

    test('a rotation that is due is made all the same', async () => {
      const one = unreadable(edit('first'), edit('second'));
      one.clock.advance(150 * DAY);
      expect(await reconcile(one.application, SWEEP)).toMatchObject({ outcome: 'requested' });
    });

    test('another version that holds it is taken', async () => {
      const one = unreadable(edit('first'));
      one.store('seeded');
      expect(await reconcile(one.application, SWEEP)).toMatchObject({ outcome: 'promoted' });
      expect(one.secretIn('AWSCURRENT')).toBe('newest');
      expect(one.secretIn('AWSPENDING')).toBe('newest');
    });

    test('that is told where no other holds it', async () => {
      const one = unreadable('no JSON');
      one.store('seeded');
      expect((await reconcile(one.application, SWEEP)).kind).toMatch(/^(needs-person|unreachable)$/);
    });

    test('what is no JSON is reported as that', async () => {
      const one = unreadable('no JSON');
      expect(await reconcile(one.application, SWEEP)).toMatchObject({ kind: 'not-json' });
    });
  },
);
