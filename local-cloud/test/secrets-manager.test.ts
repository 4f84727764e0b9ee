import { MovableClock } from '../services/clock';
import { SecretsManagerModel } from '../services/secrets-manager';
import { thrownBy } from './thrown';

const HOUR = 3_600_000;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/one';
const OTHER_KEY = 'arn:aws:kms:us-east-1:123456789012:key/other';

function setUp(readLag?: () => number): {
  clock: MovableClock;
  model: SecretsManagerModel;
  put: (id: string, label: string) => void;
} {
  const clock = new MovableClock(Date.UTC(2027, 0, 1), { frozen: true });
  const model = new SecretsManagerModel({ clock, ...(readLag === undefined ? {} : { readLag }) });
  model.createSecret({ Name: 's', SecretString: 'first', ClientRequestToken: id('first'), KmsKeyId: KEY });
  const put = (name: string, label: string): void => {
    model.putSecretValue({ SecretId: 's', ClientRequestToken: id(name), SecretString: name, VersionStages: [label] });
  };
  return { clock, model, put };
}

function id(name: string): string {
  return name.padEnd(32, '-');
}

function read(model: SecretsManagerModel, name: string): string | undefined {
  return model.getSecretValue({ SecretId: 's', VersionId: id(name) }).SecretString;
}

describe('versions without a label', () => {
  it('live for a day, and as long as they are among the newest 100', () => {
    const { clock, model, put } = setUp();
    for (let count = 1; count <= 150; count += 1) {
      put(`v${count}`, 'Journal');
    }
    clock.advance(24 * HOUR);
    model.removeUnlabelledVersions('s');
    expect(model.inspect('s')).toHaveLength(151);
    clock.advance(1);
    model.removeUnlabelledVersions('s');
    const left = model.inspect('s').map(({ text }) => text);
    expect(left).toHaveLength(101);
    expect(left).toContain('first');
    expect(left).not.toContain('v50');
    expect(left).toContain('v51');
  });

  it('are gone after a day for a test that wants the worst', () => {
    const { clock, model, put } = setUp();
    put('v1', 'AWSPENDING');
    put('v2', 'AWSPENDING');
    clock.advance(25 * HOUR);
    model.removeUnlabelledVersions('s', { newest: 0 });
    expect(model.inspect('s').map(({ text, labels }) => [text, labels])).toEqual([
      ['first', ['AWSCURRENT']],
      ['v2', ['AWSPENDING']],
    ]);
  });
});

describe('the key', () => {
  it('is changed for AWSCURRENT, AWSPENDING and AWSPREVIOUS only', () => {
    const { model, put } = setUp();
    put('previous', 'AWSCURRENT');
    put('journal', 'Journal');
    put('pending', 'AWSPENDING');
    model.updateSecret({ SecretId: 's', KmsKeyId: OTHER_KEY });
    model.makeKeyUnusable(KEY);
    expect(['first', 'previous', 'pending'].map((name) => read(model, name))).toEqual(['first', 'previous', 'pending']);
    expect(thrownBy(() => read(model, 'journal'))).toMatchObject({ code: 'DecryptionFailure' });
    model.makeKeyUsable(KEY);
    expect(read(model, 'journal')).toBe('journal');
  });

  it('is needed for writing', () => {
    const { model, put } = setUp();
    model.makeKeyUnusable(KEY);
    expect(
      thrownBy(() => {
        put('v1', 'AWSPENDING');
      }),
    ).toMatchObject({ code: 'EncryptionFailure' });
    expect(model.describeSecret({ SecretId: 's' }).KmsKeyId).toBe(KEY);
  });
});

describe('reads that lag behind', () => {
  it('see labels and versions as they were, while writes see them as they are', () => {
    let lag = 0;
    const { clock, model, put } = setUp(() => lag);
    clock.advance(60_000);
    put('v1', 'AWSPENDING');
    clock.advance(500);
    lag = 1000;
    expect(model.describeSecret({ SecretId: 's' }).VersionIdsToStages).toEqual({ [id('first')]: ['AWSCURRENT'] });
    expect(thrownBy(() => read(model, 'v1'))).toMatchObject({ code: 'ResourceNotFoundException' });
    expect(
      thrownBy(() =>
        model.putSecretValue({
          SecretId: 's',
          ClientRequestToken: id('v1'),
          SecretString: 'other',
          VersionStages: ['x'],
        }),
      ),
    ).toMatchObject({ code: 'ResourceExistsException' });
    clock.advance(500);
    expect(read(model, 'v1')).toBe('v1');
  });
});

it('gives the same ids in every run', () => {
  const arnOf = (): string | undefined => setUp().model.describeSecret({ SecretId: 's' }).ARN;
  expect(arnOf()).toBe(arnOf());
});

it('tells of replicas that could not be brought up to date', () => {
  const { model } = setUp();
  model.setReplication('s', [{ Region: 'eu-west-1', Status: 'Failed', StatusMessage: 'x' }]);
  expect(model.describeSecret({ SecretId: 's' }).ReplicationStatus).toEqual([
    { Region: 'eu-west-1', Status: 'Failed', StatusMessage: 'x' },
  ]);
  model.replicate('s', [{ Region: 'eu-west-1' }, { Region: 'eu-west-2' }]);
  expect(model.describeSecret({ SecretId: 's' }).ReplicationStatus).toEqual([
    { Region: 'eu-west-1', Status: 'InSync' },
    { Region: 'eu-west-2', Status: 'InSync' },
  ]);
});
