import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  BatchGetSecretValueCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { IamModel } from '../services/iam';
import type { PolicyDocument, PolicyStatement } from '../services/policy';
import type { Services } from '../services/services';
import { errorNameOf } from './contract/rules';
import { ACCOUNT_DECIDES, clientConfiguration, KEY_ARN, startOwnServices } from './own-endpoint';
import { thrownBy } from './thrown';

const BUS = 'arn:aws:events:us-east-1:123456789012:event-bus/default';
const PARAMETERS = 'arn:aws:ssm:us-east-1:123456789012:parameter/hub/applications';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:q';
const AMAZON = '437568002678';

let services: Services;
let secret: string;
let queueUrl: string;
let keys = 0;

beforeEach(async () => {
  ({ services } = await startOwnServices());
  secret = services.secretsManager.createSecret({ Name: 's', SecretString: 'v1' }).ARN ?? '';
  queueUrl = services.queues.create({ name: 'q' }).url;
  services.parameters.putParameter({ Name: '/hub/applications/a', Value: '{}' });
  services.iam.addKeyPolicy(KEY_ARN, ACCOUNT_DECIDES);
});

afterEach(async () => {
  await services.stop();
});

/** Clients of a principal with these statements. */
function somebody(
  statements: PolicyStatement[],
  account?: string,
): { secrets: SecretsManagerClient; sqs: SQSClient; ssm: SSMClient; events: EventBridgeClient } {
  keys += 1;
  const accessKeyId = `KEY${keys}`;
  services.iam.addPrincipal({
    name: `role-${keys}`,
    accessKeyId,
    policies: [{ Version: '2012-10-17', Statement: statements }],
    ...(account === undefined ? {} : { account }),
  });
  const configuration = clientConfiguration(services, accessKeyId);
  return {
    secrets: new SecretsManagerClient(configuration),
    sqs: new SQSClient(configuration),
    ssm: new SSMClient(configuration),
    events: new EventBridgeClient(configuration),
  };
}

function allow(action: string | string[], resource: string | string[]): PolicyStatement {
  return { Effect: 'Allow', Action: action, Resource: resource };
}

it('a role can keep something from the code of a function, and not from others', () => {
  const iam = new IamModel();
  const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:f';
  const policies = [
    {
      Statement: [
        allow('sqs:SendMessage', QUEUE),
        {
          Effect: 'Deny',
          Action: 'sqs:SendMessage',
          Resource: '*',
          Condition: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
        },
      ],
    },
  ];
  iam.addPrincipal({ name: 'code', accessKeyId: 'CODE', policies, functionArn });
  iam.addPrincipal({ name: 'lambda', accessKeyId: 'LAMBDA', policies });
  const send = (name: string) => () => {
    iam.authorize({ principal: iam.byName(name), action: 'sqs:SendMessage', resource: QUEUE });
  };
  expect(send('code')).toThrow('with an explicit deny');
  expect(send('lambda')).not.toThrow();
});

it.each([
  ['every queue', { redrivePermission: 'allowAll' }, true],
  ['none', { redrivePermission: 'denyAll' }, false],
  ['this one', { redrivePermission: 'byQueue', sourceQueueArns: ['arn:aws:sqs:us-east-1:123456789012:from'] }, true],
  ['another one', { redrivePermission: 'byQueue', sourceQueueArns: [QUEUE] }, false],
] as const)('a queue that takes the dead letters of %s', (_whose, RedriveAllowPolicy, isAllowed) => {
  const { arn } = services.queues.create({ name: 'dead', attributes: { RedriveAllowPolicy } });
  const attributes = { RedrivePolicy: { deadLetterTargetArn: arn, maxReceiveCount: 3 } };
  const create = expect(() => services.queues.create({ name: 'from', attributes }));
  if (isAllowed) {
    create.not.toThrow();
  } else {
    create.toThrow('RedrivePolicy');
  }
});

describe('identity policies', () => {
  type Clients = ReturnType<typeof somebody>;
  const calls: readonly (readonly [string, () => string, (clients: Clients) => Promise<unknown>, string])[] = [
    [
      'secretsmanager:DescribeSecret',
      () => secret,
      ({ secrets }) => secrets.send(new DescribeSecretCommand({ SecretId: secret })),
      'AccessDeniedException',
    ],
    [
      'secretsmanager:GetSecretValue',
      () => secret,
      ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: 's' })),
      'AccessDeniedException',
    ],
    [
      'secretsmanager:PutSecretValue',
      () => secret,
      ({ secrets }) =>
        secrets.send(
          new PutSecretValueCommand({ SecretId: secret, SecretString: 'v2', VersionStages: ['AWSPENDING'] }),
        ),
      'AccessDeniedException',
    ],
    [
      'secretsmanager:UpdateSecretVersionStage',
      () => secret,
      ({ secrets }) =>
        secrets.send(
          new UpdateSecretVersionStageCommand({
            SecretId: secret,
            VersionStage: 'Mine',
            MoveToVersionId: services.secretsManager.inspect(secret)[0]?.versionId,
          }),
        ),
      'AccessDeniedException',
    ],
    [
      'ssm:GetParametersByPath',
      () => PARAMETERS,
      ({ ssm }) => ssm.send(new GetParametersByPathCommand({ Path: '/hub/applications' })),
      'AccessDeniedException',
    ],
    [
      'events:PutEvents',
      () => BUS,
      ({ events }) => events.send(new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: '{}' }] })),
      'AccessDeniedException',
    ],
    [
      'sqs:SendMessage',
      () => QUEUE,
      ({ sqs }) => sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x' })),
      'AccessDenied',
    ],
    [
      'sqs:ReceiveMessage',
      () => QUEUE,
      ({ sqs }) => sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl })),
      'AccessDenied',
    ],
    [
      'sqs:GetQueueAttributes',
      () => QUEUE,
      ({ sqs }) => sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] })),
      'AccessDenied',
    ],
    [
      'sqs:ChangeMessageVisibility',
      () => QUEUE,
      async ({ sqs }) => {
        await services.queues.send(QUEUE, 'x');
        const [message] = await services.queues.receive(QUEUE);
        return sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: queueUrl,
            ReceiptHandle: message?.receiptHandle,
            VisibilityTimeout: 60,
          }),
        );
      },
      'AccessDenied',
    ],
  ];
  const allowAllBut = (action: string): PolicyStatement => ({ Effect: 'Allow', NotAction: action, Resource: '*' });

  it.each(calls)('allow %s, on that resource and no other', async (action, resource, call, denied) => {
    expect(await errorNameOf(call(somebody([allow(action, resource())])))).toBe('no error');
    expect(await errorNameOf(call(somebody([allow(action, `${resource()}x`)])))).toBe(denied);
  });

  it.each(calls)('deny everything that lacks %s', async (action, _, call, denied) => {
    expect(await errorNameOf(call(somebody([allowAllBut(action)])))).toBe(denied);
    expect(await errorNameOf(call(somebody([])))).toBe(denied);
  });

  it('let a deny outweigh an allow', async () => {
    const { secrets } = somebody([allow('*', '*'), { Effect: 'Deny', Action: 'secretsmanager:Put*', Resource: '*' }]);
    expect(await errorNameOf(secrets.send(new PutSecretValueCommand({ SecretId: 's', SecretString: 'x' })))).toBe(
      'AccessDeniedException',
    );
    expect(services.secretsManager.inspect('s')).toHaveLength(1);
  });

  it('match the suffix of a secret with six question marks', async () => {
    const pattern = secret.replace(/.{6}$/, '??????');
    const { secrets } = somebody([allow('secretsmanager:GetSecretValue', pattern)]);
    expect(await errorNameOf(secrets.send(new GetSecretValueCommand({ SecretId: secret })))).toBe('no error');
    const { secrets: others } = somebody([allow('secretsmanager:GetSecretValue', pattern.slice(0, -1))]);
    expect(await errorNameOf(others.send(new GetSecretValueCommand({ SecretId: secret })))).toBe(
      'AccessDeniedException',
    );
  });

  it('judge conditions', async () => {
    const { secrets } = somebody([
      {
        ...allow('secretsmanager:GetSecretValue', '*'),
        Condition: { StringEquals: { 'secretsmanager:VersionStage': 'AWSPENDING' } },
      },
    ]);
    expect(await errorNameOf(secrets.send(new GetSecretValueCommand({ SecretId: secret })))).toBe(
      'AccessDeniedException',
    );
  });
});

describe('several secrets', () => {
  const BATCH = 'secretsmanager:BatchGetSecretValue';
  const readTwo = ({ secrets }: ReturnType<typeof somebody>) => {
    const { ARN: other = '' } = services.secretsManager.createSecret({ Name: 'other', SecretString: 'v1' });
    return secrets.send(new BatchGetSecretValueCommand({ SecretIdList: [secret, other, 'missing'] }));
  };

  it.each([
    ['without the permission', [allow('secretsmanager:GetSecretValue', '*')]],
    ['with one that names secrets', [allow(BATCH, 'arn:aws:secretsmanager:us-east-1:123456789012:secret:*')]],
  ])('are not read %s', async (_, statements) => {
    expect(await errorNameOf(readTwo(somebody(statements)))).toBe('AccessDeniedException');
  });

  it('are read as far as each is allowed, and of the others it is said why', async () => {
    const { SecretValues: values = [], Errors: errors = [] } = await readTwo(
      somebody([allow(BATCH, '*'), allow('secretsmanager:GetSecretValue', secret)]),
    );
    expect(values.map(({ ARN: arn, SecretString: text, VersionStages: labels }) => [arn, text, labels])).toEqual([
      [secret, 'v1', ['AWSCURRENT']],
    ]);
    expect(errors.map(({ ErrorCode: code }) => code)).toEqual(['AccessDeniedException', 'AccessDeniedException']);
  });
});

describe('a queue policy', () => {
  const amazonMay = (...actions: string[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${AMAZON}:root` }, Action: actions, Resource: QUEUE },
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'sqs:*',
        Resource: QUEUE,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
  const send = (sqs: SQSClient): Promise<string> =>
    errorNameOf(sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x' })));

  it('lets another account in, which without it stays out', async () => {
    const { sqs } = somebody([allow('*', '*')], AMAZON);
    expect(await send(sqs)).toBe('AccessDenied');
    services.queues.setPolicy(QUEUE, amazonMay('sqs:SendMessage'));
    expect(await send(sqs)).toBe('no error');
    expect(await errorNameOf(sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl })))).toBe('AccessDenied');
  });

  it('lets in no third account', async () => {
    services.queues.setPolicy(QUEUE, amazonMay('sqs:SendMessage'));
    expect(await send(somebody([allow('*', '*')], '111111111111').sqs)).toBe('AccessDenied');
  });

  it('denies what is not encrypted, to everybody', async () => {
    services.queues.setPolicy(QUEUE, amazonMay('sqs:SendMessage'));
    services.iam.addPrincipal({
      name: 'plain',
      accessKeyId: 'PLAIN',
      policies: [{ Statement: allow('*', '*') }],
      account: AMAZON,
      secureTransport: false,
    });
    expect(await send(new SQSClient(clientConfiguration(services, 'PLAIN')))).toBe('AccessDenied');
  });

  it('does not widen what its own account may by naming that account', async () => {
    services.queues.setPolicy(QUEUE, {
      Statement: { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sqs:*', Resource: '*' },
    });
    expect(await send(somebody([]).sqs)).toBe('AccessDenied');
  });
});

describe('a customer key', () => {
  const keyFor = (account: string, ...actions: string[]): PolicyDocument => ({
    Statement: [
      ...(ACCOUNT_DECIDES.Statement as PolicyStatement[]),
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: actions, Resource: '*' },
    ],
  });
  const send = (sqs: SQSClient): Promise<string> =>
    errorNameOf(sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x' })));

  beforeEach(() => {
    services.queues.setAttributes(QUEUE, { KmsMasterKeyId: KEY_ARN });
    services.queues.setPolicy(QUEUE, {
      Statement: { Effect: 'Allow', Principal: { AWS: AMAZON }, Action: 'sqs:SendMessage', Resource: QUEUE },
    });
  });

  it('keeps Amazon out until its policy names Amazon, with both actions', async () => {
    const { sqs } = somebody([allow('*', '*')], AMAZON);
    expect(await send(sqs)).toBe('KmsAccessDenied');
    for (const actions of [['kms:GenerateDataKey'], ['kms:Decrypt']]) {
      services.iam.addKeyPolicy(KEY_ARN, keyFor(AMAZON, ...actions));
      expect(await send(sqs)).toBe('KmsAccessDenied');
    }
    services.iam.addKeyPolicy(KEY_ARN, keyFor(AMAZON, 'kms:GenerateDataKey', 'kms:Decrypt'));
    expect(await send(sqs)).toBe('no error');
  });

  it('is needed by a receiver in the same account', async () => {
    const receive = (sqs: SQSClient): Promise<string> =>
      errorNameOf(sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl })));
    expect(await receive(somebody([allow('sqs:*', '*')]).sqs)).toBe('KmsAccessDenied');
    expect(await receive(somebody([allow('sqs:*', '*'), allow('kms:Decrypt', KEY_ARN)]).sqs)).toBe('no error');
  });

  it('is not given by an identity policy alone', async () => {
    services.iam.addKeyPolicy(KEY_ARN, {
      Statement: { Effect: 'Allow', Principal: { AWS: '111111111111' }, Action: 'kms:*', Resource: '*' },
    });
    expect(await send(somebody([allow('*', '*')]).sqs)).toBe('KmsAccessDenied');
  });

  it('is needed for the value of a secret, through Secrets Manager', async () => {
    services.secretsManager.updateSecret({ SecretId: 's', KmsKeyId: KEY_ARN });
    const get = (secrets: SecretsManagerClient): Promise<string> =>
      errorNameOf(secrets.send(new GetSecretValueCommand({ SecretId: 's' })));
    const put = (secrets: SecretsManagerClient): Promise<string> =>
      errorNameOf(secrets.send(new PutSecretValueCommand({ SecretId: 's', SecretString: 'x', VersionStages: ['x'] })));
    const via = (service: string, ...actions: string[]): PolicyStatement => ({
      ...allow(actions, KEY_ARN),
      Condition: { StringEquals: { 'kms:ViaService': service } },
    });
    const secretsManager = 'secretsmanager.us-east-1.amazonaws.com';
    const reader = allow('secretsmanager:*', '*');
    expect(await get(somebody([reader]).secrets)).toBe('AccessDeniedException');
    expect(await get(somebody([reader, via('sqs.us-east-1.amazonaws.com', 'kms:Decrypt')]).secrets)).toBe(
      'AccessDeniedException',
    );
    const decrypting = somebody([reader, via(secretsManager, 'kms:Decrypt')]).secrets;
    expect(await get(decrypting)).toBe('no error');
    expect(await put(decrypting)).toBe('AccessDeniedException');
    expect(await put(somebody([reader, via(secretsManager, 'kms:Decrypt', 'kms:GenerateDataKey')]).secrets)).toBe(
      'no error',
    );
  });

  it('can be limited to the value of one secret', async () => {
    services.secretsManager.updateSecret({ SecretId: 's', KmsKeyId: KEY_ARN });
    const decrypt = async (arn: string): Promise<string> => {
      const { secrets } = somebody([
        allow('secretsmanager:*', '*'),
        { ...allow('kms:Decrypt', KEY_ARN), Condition: { StringLike: { 'kms:EncryptionContext:SecretARN': arn } } },
      ]);
      return errorNameOf(secrets.send(new GetSecretValueCommand({ SecretId: 's' })));
    };
    expect(await decrypt(secret)).toBe('no error');
    expect(await decrypt(`${secret.slice(0, -6)}??????`)).toBe('no error');
    expect(await decrypt('arn:aws:secretsmanager:us-east-1:123456789012:secret:other-??????')).toBe(
      'AccessDeniedException',
    );
  });

  it('that nobody knows is refused, not assumed', async () => {
    services.queues.setAttributes(QUEUE, { KmsMasterKeyId: 'arn:aws:kms:us-east-1:123456789012:key/unknown' });
    expect(await send(somebody([allow('*', '*')]).sqs)).toBe('NotEmulated');
    expect(services.refused).toHaveLength(1);
  });

  it('of AWS serves its own account, and never another', async () => {
    services.queues.setAttributes(QUEUE, { KmsMasterKeyId: 'alias/aws/sqs' });
    expect(await send(somebody([allow('sqs:*', '*')]).sqs)).toBe('no error');
    expect(await send(somebody([allow('*', '*')], AMAZON).sqs)).toBe('KmsAccessDenied');
  });
});

it("judges a secret's own policy", async () => {
  const { secrets } = somebody([allow('secretsmanager:*', '*')]);
  const policy: PolicyDocument = {
    Statement: { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
  };
  await secrets.send(new PutResourcePolicyCommand({ SecretId: 's', ResourcePolicy: JSON.stringify(policy) }));
  expect(await errorNameOf(secrets.send(new GetSecretValueCommand({ SecretId: 's' })))).toBe('AccessDeniedException');
  expect(await errorNameOf(secrets.send(new DescribeSecretCommand({ SecretId: 's' })))).toBe('no error');
});

it('judges calls within the process by name, where one is said', async () => {
  somebody([allow('sqs:ReceiveMessage', QUEUE)]);
  const as = `role-${keys}`;
  await expect(services.queues.receive(QUEUE, { as })).resolves.toEqual([]);
  await expect(services.queues.send(QUEUE, 'x', { as })).rejects.toMatchObject({ code: 'AccessDeniedException' });
  await expect(services.queues.receive(QUEUE, { as: 'nobody' })).rejects.toThrow(/nobody added/);
});

describe('documents of which it knows a part only', () => {
  const base = { Effect: 'Allow', Action: '*', Resource: '*' };

  it.each<[string, unknown]>([
    ['a condition operator', { Statement: { ...base, Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } } }],
    ['a condition key', { Statement: { ...base, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o' } } } }],
    ['a policy variable', { Statement: { ...base, Condition: { StringLike: { 'aws:PrincipalArn': '${aws:x}' } } } }],
    ['an effect', { Statement: { ...base, Effect: 'allow' } }],
    ['a member of a statement', { Statement: { ...base, NotPrincipal: '*' } }],
    ['a member of the document', { Statement: base, Other: 1 }],
    ['a version', { Version: '2000-01-01', Statement: base }],
    ['an unresolved resource', { Statement: { ...base, Resource: { Ref: 'Queue' } } }],
    ['a principal in an identity policy', { Statement: { ...base, Principal: '*' } }],
    ['no action', { Statement: { Effect: 'Allow', Resource: '*' } }],
  ])('are refused: %s', (_, document) => {
    expect(
      thrownBy(() => {
        new IamModel().addPrincipal({ name: 'x', accessKeyId: 'X', policies: [document as PolicyDocument] });
      }),
    ).toMatchObject({ name: 'NotEmulated' });
  });

  it.each<[string, unknown]>([
    ['a principal that is not text', { Statement: { ...base, Principal: { AWS: { Ref: 'Role' } } } }],
    ['a kind of principal', { Statement: { ...base, Principal: { Federated: 'x' } } }],
    ['no principal', { Statement: base }],
  ])('are refused as a resource policy: %s', (_, document) => {
    expect(
      thrownBy(() => {
        new IamModel().addKeyPolicy(KEY_ARN, document as PolicyDocument);
      }),
    ).toMatchObject({ name: 'NotEmulated' });
  });
});
