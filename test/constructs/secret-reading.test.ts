import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { SpApiSecretRotation, type SpApiApplication } from '../../lib';
import { arnOf, onlyResource, reference, statementsOf, statementsOfRole, Subject, type Statement } from './synthesis';

const HERE = { account: '111122223333', region: 'eu-west-1' };
const ABROAD = '444455556666';
const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf';
const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const VIA = { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } };
const WARNING = 'cdk-sp-api-secret-rotation:SpApiApplication.readerOfAnotherAccount';
const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

function hubWithKey(): Subject {
  return new Subject((stack) => ({ secretEncryptionKey: new kms.Key(stack, 'Key') }), { stack: { env: HERE } });
}

function resourceStatements(template: Template, type: string, property: string): Statement[] {
  return statementsOf(onlyResource(template, type).Properties[property]);
}

/** Statements of the only key that name neither its own account nor Amazon. */
function keyStatements(template: Template): Statement[] {
  return resourceStatements(template, 'AWS::KMS::Key', 'KeyPolicy').filter(({ Action }) => !Action.includes('kms:*'));
}

describe('a reader of the same account', () => {
  test('gets its permissions in its own policies, and no other secret under the same key', () => {
    const subject = hubWithKey();
    const reader = new iam.Role(subject.stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
    expect(subject.hub.addApplication('App').grantRead(reader).success).toBe(true);
    expect(statementsOfRole(subject.template, 'Reader')).toEqual([
      { Effect: 'Allow', Action: READ, Resource: [reference('HubApplicationsAppSecret')] },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt'],
        Resource: [arnOf('Key')],
        Condition: {
          ...VIA,
          StringLike: { 'kms:EncryptionContext:SecretARN': reference('HubApplicationsAppSecret') },
        },
      },
    ]);
    expect(keyStatements(subject.template)).toEqual([]);
    subject.template.resourceCountIs('AWS::SecretsManager::ResourcePolicy', 0);
    expect(subject.warnings()).not.toContain(WARNING);
  });

  test.each([
    ['the key in a stack of its own', 'Keys', 'Hub', 'Hub'],
    ['the reader in a stack of its own', 'Hub', 'Hub', 'Readers'],
    ['each in a stack of its own', 'Keys', 'Hub', 'Readers'],
  ])('makes no circle of stacks: %s', (_name, keyIn, hubIn, readerIn) => {
    const app = new App();
    const [keys, hubs, readers] = [keyIn, hubIn, readerIn].map(
      (name) => (app.node.tryFindChild(name) ?? new Stack(app, name)) as Stack,
    );
    const key = new kms.Key(keys ?? app, 'Key');
    const hub = new SpApiSecretRotation(hubs ?? app, 'Rotation', { secretEncryptionKey: key });
    const reader = new iam.Role(readers ?? app, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
    hub.addApplication('App').grantRead(reader);
    expect(() => app.synth()).not.toThrow();
  });

  test('that has no policies of its own gets a resource policy', () => {
    const subject = hubWithKey();
    const service = new iam.ServicePrincipal('appflow.amazonaws.com');
    expect(subject.hub.addApplication('App').grantRead(service).success).toBe(true);
    expect(resourceStatements(subject.template, 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy')).toEqual([
      { Effect: 'Allow', Principal: { Service: 'appflow.amazonaws.com' }, Action: READ, Resource: ['*'] },
    ]);
    expect(keyStatements(subject.template)).toHaveLength(1);
  });
});

describe('a reader of another account', () => {
  test('is named in the policies of the secret and of its key, and what it needs itself is said', () => {
    const subject = hubWithKey();
    expect(subject.hub.addApplication('App').grantRead(new iam.AccountPrincipal(ABROAD)).success).toBe(true);
    const principal = { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${ABROAD}:root`]] } };
    const { Properties } = onlyResource(subject.template, 'AWS::SecretsManager::ResourcePolicy');
    expect(Properties).toMatchObject({ SecretId: reference('HubApplicationsAppSecret'), BlockPublicPolicy: true });
    expect(statementsOf(Properties.ResourcePolicy)).toEqual([
      { Effect: 'Allow', Principal: principal, Action: READ, Resource: ['*'] },
    ]);
    expect(keyStatements(subject.template)).toEqual([
      { Effect: 'Allow', Principal: principal, Action: ['kms:Decrypt'], Resource: ['*'], Condition: VIA },
    ]);
    expect(subject.warning(WARNING)).toContain('its own policies must allow it too');
  });

  test('is refused where no customer key encrypts the secret', () => {
    const subject = new Subject({}, { stack: { env: HERE } });
    expect(() => subject.hub.addApplication('App').grantRead(new iam.AccountPrincipal(ABROAD))).toThrow(
      `the secret of application "App" must be encrypted with a customer key to be read from another account; received a reader in account "${ABROAD}" and no key (pass secretEncryptionKey, or a secret with its encryptionKey)`,
    );
  });

  function imported(subject: Subject): SpApiApplication {
    const secret = secretsmanager.Secret.fromSecretAttributes(subject.stack, 'Secret', {
      secretCompleteArn: SECRET_ARN,
      encryptionKey: kms.Key.fromKeyArn(subject.stack, 'SecretKey', KEY_ARN),
    });
    return subject.hub.addApplication('App', { secret });
  }

  test('of an imported secret is refused where nothing can be edited', () => {
    const subject = new Subject({}, { stack: { env: HERE } });
    expect(() => imported(subject).grantRead(new iam.AccountPrincipal(ABROAD))).toThrow(
      /^the resource policy of the secret of application "App" cannot be edited by this stack.*add this statement: \{.*"secretsmanager:GetSecretValue".*nothing was granted$/,
    );
  });

  test('of an imported secret, with policies of its own, is warned of with both statements', () => {
    const subject = new Subject({}, { stack: { env: { ...HERE, account: ABROAD } } });
    const reader = new iam.Role(subject.stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
    imported(subject).grantRead(reader);
    expect(statementsOfRole(subject.template, 'Reader')).toMatchObject([
      { Action: READ, Resource: [SECRET_ARN] },
      { Action: ['kms:Decrypt'], Resource: [KEY_ARN] },
    ]);
    const warnings = Annotations.fromStack(subject.stack)
      .findWarning('*', Match.stringLikeRegexp('readerOfAnotherAccount'))
      .map(({ entry }) => entry.data as string);
    expect(warnings).toEqual([
      expect.stringMatching(/^the resource policy of the secret .*"secretsmanager:GetSecretValue"/),
      expect.stringMatching(/^the policy of the key of the secret .*"kms:Decrypt"/),
    ]);
  });
});

test('a statement that somebody adds to the policy of a secret created here is not dropped', () => {
  const subject = new Subject();
  const { secret } = subject.hub.addApplication('App');
  secret.denyAccountRootDelete();
  expect(resourceStatements(subject.template, 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy')).toMatchObject([
    { Effect: 'Deny', Action: ['secretsmanager:DeleteSecret'] },
  ]);
});
