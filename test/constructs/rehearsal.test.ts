import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { REHEARSAL_TAG } from '../../lib/contract/rehearsal';
import { SpApiRegion, SpApiRehearsal, SpApiSecretRotation, type SpApiSecretRotationProps } from '../../lib';

let stack: Stack;
let rehearsal: SpApiRehearsal;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
  rehearsal = new SpApiRehearsal(stack, 'Rehearsal');
});

function hub(props: SpApiSecretRotationProps = {}, id = 'Rotation'): SpApiSecretRotation {
  return new SpApiSecretRotation(stack, id, { lwaTokenUrl: rehearsal.lwaTokenUrl, ...props });
}

const resourcesOf = (type: string): [string, Record<string, unknown>][] =>
  Object.entries(Template.fromStack(stack).findResources(type));

test('nothing of a rehearsal is kept when its stack is deleted, everything is tagged, and nothing is warned of', () => {
  rehearsal.register(hub().addApplication('Shop', { region: rehearsal.region }));
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Record<string, Record<string, unknown>> };
  const kept = Object.entries(Resources).filter(([, { DeletionPolicy: policy }]) => policy !== 'Delete');
  expect(kept).toEqual([]);
  const tag = { Key: REHEARSAL_TAG, Value: 'Stack/Rehearsal' };
  for (const type of ['AWS::SecretsManager::Secret', 'AWS::SQS::Queue', 'AWS::Lambda::Function']) {
    Template.fromStack(stack).allResourcesProperties(type, { Tags: Match.arrayWith([tag]) });
  }
  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});

test('the URLs of a rehearsal have a path that stands in no template, and the functions of the hub may send tokens there', () => {
  rehearsal.register(hub().addApplication('Shop', { region: rehearsal.region }));
  const segment = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
  const endpoint = (end: string[]): object => ({
    'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp('FunctionUrl'), 'FunctionUrl'] }, segment, ...end]],
  });
  Template.fromStack(stack).resourcePropertiesCountIs(
    'AWS::Lambda::Function',
    {
      Environment: {
        Variables: Match.objectLike({ LWA_TOKEN_URL: endpoint(['/auth/o2/token']), OTHER_ENDPOINTS: endpoint([]) }),
      },
    },
    2,
  );
});

test('the played Amazon may send into the queue by a statement of its own, and write no other secret than those registered', () => {
  const rotation = hub();
  rehearsal.register(rotation.addApplication('Shop', { region: rehearsal.region }));
  rotation.addApplication('Other', { region: rehearsal.region });
  Template.fromStack(stack).hasResourceProperties('AWS::SQS::QueuePolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Sid: 'SellingPartnerApiNotifications' }),
        {
          Sid: 'SpApiRehearsal',
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Principal: { AWS: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RehearsalRole'), 'Arn'] } },
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('Notification'), 'Arn'] },
        },
      ]),
    },
  });
  const [, policy] = resourcesOf('AWS::IAM::Policy').find(([id]) => id.startsWith('RehearsalRole')) ?? [];
  const text = JSON.stringify(policy);
  expect(text).toContain('ApplicationsShopSecret');
  expect(text).not.toContain('ApplicationsOtherSecret');
  expect(text).not.toMatch(/"Resource":"\*"/);
});

test('a message that nobody understands becomes a dead letter in minutes, and only in a rehearsal', () => {
  rehearsal.register(hub().addApplication('Shop', { region: rehearsal.region }));
  new SpApiSecretRotation(stack, 'Real').addApplication('Shop');
  const receives = resourcesOf('AWS::SQS::Queue').flatMap(([id, { Properties: properties }]) => {
    const { RedrivePolicy: redrive } = properties as { RedrivePolicy?: { maxReceiveCount: number } };
    return redrive === undefined ? [] : [[id.slice(0, 4), redrive.maxReceiveCount]];
  });
  expect(receives).toEqual([
    ['Rota', 4],
    ['Real', 20],
  ]);
});

test('a rehearsal may use the customer keys of the hub', () => {
  const [encryptionKey, secretEncryptionKey] = [new Key(stack, 'QueueKey'), new Key(stack, 'SecretKey')];
  const rotation = hub({ encryptionKey, secretEncryptionKey });
  rehearsal.register(rotation.addApplication('Shop', { region: rehearsal.region }));
  for (const [actions, key] of [
    [['kms:GenerateDataKey', 'kms:Decrypt'], 'QueueKey'],
    [['kms:Decrypt', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'], 'SecretKey'],
  ] as const) {
    const Resource = { 'Fn::GetAtt': [Match.stringLikeRegexp(key), 'Arn'] };
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([{ Effect: 'Allow', Action: actions, Resource }]) },
      Roles: [{ Ref: Match.stringLikeRegexp('^RehearsalRole') }],
    });
  }
});

test.each<[string, RegExp, () => void]>([
  [
    'with an endpoint of Amazon',
    /^application "Shop" must have the region of the rehearsal.*received another region$/,
    () => {
      rehearsal.register(hub().addApplication('Shop', { region: SpApiRegion.EUROPE }));
    },
  ],
  [
    'of a hub that asks Amazon for tokens',
    /received another lwaTokenUrl$/,
    () => {
      const real = new SpApiSecretRotation(stack, 'Real');
      rehearsal.register(real.addApplication('Shop', { region: rehearsal.region }));
    },
  ],
  [
    'with a secret that was there before',
    /must have a secret that is created for it.*received a secret that was passed$/,
    () => {
      const secret = Secret.fromSecretNameV2(stack, 'Mine', 'shop/sp-api');
      rehearsal.register(hub().addApplication('Shop', { region: rehearsal.region, secret }));
    },
  ],
  [
    'of a hub with a queue that was there before',
    /must have a notification queue that is created for it.*received a queue that was passed$/,
    () => {
      const notificationQueue = new Queue(stack, 'Registered');
      rehearsal.register(hub({ notificationQueue }).addApplication('Shop', { region: rehearsal.region }));
    },
  ],
  [
    'with a client id of its own',
    /^application "Shop" must have its client id in its secret.*received a clientId$/,
    () => {
      const clientId = 'amzn1.application-oa2-client.0a1b2c';
      rehearsal.register(hub().addApplication('Shop', { region: rehearsal.region, clientId }));
    },
  ],
  [
    'whose id is taken',
    /^id of an application must be unique in a rehearsal; received "Shop" a second time$/,
    () => {
      for (const id of ['One', 'Two']) {
        rehearsal.register(hub({}, id).addApplication('Shop', { region: rehearsal.region }));
      }
    },
  ],
])('no application is registered %s', (_, message, register) => {
  expect(register).toThrow(message);
});
