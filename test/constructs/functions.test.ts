import { isDeepStrictEqual } from 'node:util';
import { CfnParameter, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { SpApiSecretRotationProps } from '../../lib';
import { ENVIRONMENT } from '../../lib/contract/environment';
import {
  arnOf,
  onlyResource,
  reference,
  resource,
  resourcesOf,
  statementsOfRole,
  Subject,
  type Statement,
} from './synthesis';

const FUNCTIONS = ['Rotate', 'Store'];

/** AWS lets nobody name a resource here. Alone it reads nothing: each secret must be allowed by `GetSecretValue`. */
const READS_SEVERAL = { Action: ['secretsmanager:BatchGetSecretValue'], Resource: ['*'] };
const NOTIFICATION_ARN = arnOf('HubQueuesNotification');
const DEAD_LETTER_ARN = arnOf('HubQueuesDeadLetter');
const UNCLAIMED_ARN = arnOf('HubQueuesUnclaimed');

function subject(props?: ConstructorParameters<typeof Subject>[0]): Subject {
  const made = new Subject(props);
  made.hub.addApplication('App');
  return made;
}

function functionProperties(made: Subject, name: string): Record<string, unknown> {
  return resource(made.template, 'AWS::Lambda::Function', `Hub${name}Function`).Properties;
}

function environment(made: Subject, name: string): Record<string, unknown> {
  return (functionProperties(made, name).Environment as { Variables: Record<string, unknown> }).Variables;
}

function statements(made: Subject, name: string): Statement[] {
  return statementsOfRole(made.template, `Hub${name}Role`);
}

function actionsOn(made: Subject, name: string, service: string): Statement[] {
  return statements(made, name).filter(({ Action }) => Action.some((action) => action.startsWith(`${service}:`)));
}

describe('both functions', () => {
  test.each(FUNCTIONS)('%s runs on Node.js 24, arm64, 512 MiB by default', (name) => {
    expect(functionProperties(subject(), name)).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 512,
      Handler: 'index.handler',
    });
  });

  test.each([
    ['Rotate', 900],
    ['Store', 60],
  ])('%s has %i seconds, and takes no share of the concurrency of the account for itself', (name, seconds) => {
    const properties = functionProperties(subject(), name);
    expect(properties.Timeout).toBe(seconds);
    expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test.each(FUNCTIONS)('%s takes what the user chooses', (name) => {
    const made = subject({
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.X86_64,
      memorySize: 512,
    });
    expect(functionProperties(made, name)).toMatchObject({
      Runtime: 'nodejs22.x',
      Architectures: ['x86_64'],
      MemorySize: 512,
    });
  });

  test.each(FUNCTIONS)('%s has a log group of its own, kept for a year and kept with the stack gone', (name) => {
    const made = subject();
    expect(functionProperties(made, name).LoggingConfig).toEqual({
      LogGroup: reference(`Hub${name}Logs`),
    });
    expect(resource(made.template, 'AWS::Logs::LogGroup', `Hub${name}Logs`)).toMatchObject({
      Properties: { RetentionInDays: 365 },
      DeletionPolicy: 'Retain',
    });
  });

  test('removalPolicy and logRetention are for the logs only', () => {
    const { template } = subject({ removalPolicy: RemovalPolicy.DESTROY, logRetention: logs.RetentionDays.ONE_MONTH });
    const kept = Object.values(resourcesOf(template)).filter(({ Type }) =>
      ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'AWS::SecretsManager::Secret'].includes(Type),
    );
    expect(kept).toHaveLength(7);
    for (const { DeletionPolicy, UpdateReplacePolicy } of kept) {
      expect(DeletionPolicy).toMatch(/^Retain/);
      expect(UpdateReplacePolicy).toBe('Retain');
    }
    for (const name of FUNCTIONS) {
      expect(resource(template, 'AWS::Logs::LogGroup', `Hub${name}Logs`)).toMatchObject({
        Properties: { RetentionInDays: 30 },
        DeletionPolicy: 'Delete',
      });
    }
  });

  test('have the environment variables of the contract and no others', () => {
    const both = {
      [ENVIRONMENT.queueUrl]: reference('HubQueuesNotification'),
      [ENVIRONMENT.queueArn]: NOTIFICATION_ARN,
      [ENVIRONMENT.applicationsPath]: {
        'Fn::Join': ['', ['/cdk-sp-api-secret-rotation/', { Ref: 'AWS::StackName' }, expect.stringMatching(/^\/\w+$/)]],
      },
      [ENVIRONMENT.eventBusArn]: { 'Fn::Join': ['', expect.arrayContaining([':event-bus/default'])] },
      [ENVIRONMENT.lwaTokenUrl]: 'https://api.amazon.com/auth/o2/token',
      POWERTOOLS_LOG_LEVEL: 'INFO',
    };
    const made = subject();
    const unclaimed = { [ENVIRONMENT.unclaimedQueueUrl]: reference('HubQueuesUnclaimed') };
    expect(environment(made, 'Rotate')).toEqual({
      ...both,
      ...unclaimed,
      [ENVIRONMENT.deadLetterQueueUrl]: reference('HubQueuesDeadLetter'),
      [ENVIRONMENT.storeFunctionArn]: arnOf('HubStoreFunction'),
      [ENVIRONMENT.sweepIntervalMinutes]: '60',
    });
    expect(environment(made, 'Store')).toEqual({ ...both, ...unclaimed });
  });

  test.each(FUNCTIONS)('%s is told of the customer key of the queue, the bus and the token endpoint', (name) => {
    const made = subject((stack) => ({
      encryptionKey: new kms.Key(stack, 'Key'),
      eventBus: new events.EventBus(stack, 'Bus'),
      lwaTokenUrl: 'http://127.0.0.1:8080/token',
    }));
    expect(environment(made, name)).toMatchObject({
      [ENVIRONMENT.queueKeyArn]: arnOf('Key'),
      [ENVIRONMENT.eventBusArn]: arnOf('Bus'),
      [ENVIRONMENT.lwaTokenUrl]: 'http://127.0.0.1:8080/token',
    });
  });

  test('are bundles of their own', () => {
    const made = subject();
    expect(functionProperties(made, 'Rotate').Code).not.toEqual(functionProperties(made, 'Store').Code);
  });

  test('the rotate function is not repeated by Lambda', () => {
    expect(onlyResource(subject().template, 'AWS::Lambda::EventInvokeConfig').Properties).toMatchObject({
      FunctionName: reference('HubRotateFunction'),
      MaximumRetryAttempts: 0,
    });
  });
});

describe('permissions', () => {
  const everything: [string, (stack: Stack) => SpApiSecretRotationProps][] = [
    ['by default', () => ({})],
    [
      'with every key',
      (stack) => ({ encryptionKey: new kms.Key(stack, 'Key'), secretEncryptionKey: new kms.Key(stack, 'SecretKey') }),
    ],
  ];

  test.each(everything)('%s, no role has an AWS-managed policy', (_, props) => {
    for (const { Properties } of Object.values(resourcesOf(subject(props).template)).filter(
      ({ Type }) => Type === 'AWS::IAM::Role',
    )) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(Properties).not.toHaveProperty('Policies');
    }
  });

  test.each(everything)(
    '%s, no permission of a role has a wildcard, except to read several of the named secrets at once',
    (_, props) => {
      const made = subject(props);
      for (const role of ['Rotate', 'Store', 'Reconcile']) {
        const all = statements(made, role);
        const [several, ...others] = all.filter(({ Action }) => isDeepStrictEqual(Action, READS_SEVERAL.Action));
        expect([several?.Resource, others]).toEqual(
          role === 'Reconcile' ? [undefined, []] : [READS_SEVERAL.Resource, []],
        );
        const named = all.filter((one) => one !== several);
        expect(named.length).toBeGreaterThan(0);
        expect(JSON.stringify(named)).not.toContain('*');
        expect(JSON.stringify(all)).not.toContain('NotAction');
        expect(all.map(({ Effect }) => Effect)).toEqual(all.map(() => 'Allow'));
      }
    },
  );

  test('the rotate function may read the attributes of the queues and none of their messages', () => {
    expect(actionsOn(subject(), 'Rotate', 'sqs').map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      { Action: ['sqs:GetQueueAttributes'], Resource: [NOTIFICATION_ARN, DEAD_LETTER_ARN, UNCLAIMED_ARN] },
    ]);
  });

  test('the store function may take messages, and send only what is unclaimed', () => {
    expect(actionsOn(subject(), 'Store', 'sqs').map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      {
        Action: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        Resource: [NOTIFICATION_ARN],
      },
      { Action: ['sqs:SendMessage'], Resource: [UNCLAIMED_ARN] },
    ]);
  });

  test.each(FUNCTIONS)('%s does these actions and no others', (name) => {
    const own = {
      Rotate: ['sqs:GetQueueAttributes'],
      Store: [
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ],
    }[name];
    const actions = statements(subject(), name).flatMap(({ Action }) => Action);
    expect([...new Set(actions)].sort()).toEqual(
      [
        ...(own ?? []),
        'events:PutEvents',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'secretsmanager:BatchGetSecretValue',
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
        'ssm:GetParametersByPath',
      ].sort(),
    );
  });

  test.each(FUNCTIONS)('%s writes to its own log group', (name) => {
    expect(actionsOn(subject(), name, 'logs')[0]?.Resource).toEqual([arnOf(`Hub${name}Logs`)]);
  });

  test.each(FUNCTIONS)('%s reads parameters below the path of the hub', (name) => {
    const made = subject();
    const path = (environment(made, name)[ENVIRONMENT.applicationsPath] as { 'Fn::Join': [string, unknown[]] })[
      'Fn::Join'
    ][1];
    const [arn] = actionsOn(made, name, 'ssm')[0]?.Resource as [{ 'Fn::Join': [string, unknown[]] }];
    const [head, ...rest] = path;
    expect(arn['Fn::Join'][1].slice(-3)).toEqual([`:parameter${String(head)}`, ...rest]);
  });

  test.each(FUNCTIONS)('%s puts events on the bus of the hub', (name) => {
    const made = subject((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    expect(actionsOn(made, name, 'events')[0]?.Resource).toEqual([arnOf('Bus')]);
  });

  test('only the store function uses the key of the queues', () => {
    const made = subject((stack) => ({ encryptionKey: new kms.Key(stack, 'Key') }));
    const key = arnOf('Key');
    expect(actionsOn(made, 'Rotate', 'kms')).toEqual([]);
    expect(actionsOn(made, 'Store', 'kms').flatMap(({ Action }) => Action)).toEqual(
      expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']),
    );
    for (const { Resource } of actionsOn(made, 'Store', 'kms')) {
      expect(Resource).toEqual([key]);
    }
  });

  test('of a queue that is passed in, the store function may only decrypt with its key', () => {
    const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const made = subject((stack) => ({
      notificationQueue: sqs.Queue.fromQueueAttributes(stack, 'Queue', {
        queueArn: 'arn:aws:sqs:eu-west-1:111122223333:registered',
        keyArn,
      }),
    }));
    expect(actionsOn(made, 'Store', 'kms').map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      { Action: ['kms:Decrypt'], Resource: [keyArn] },
    ]);
  });

  test('the store function can neither invoke a function nor touch a schedule', () => {
    expect(actionsOn(subject(), 'Store', 'lambda')).toEqual([]);
    expect(actionsOn(subject(), 'Store', 'scheduler')).toEqual([]);
  });
});

describe('in a VPC', () => {
  function inVpc(): Subject {
    return subject((stack) => {
      const vpc = new ec2.Vpc(stack, 'Vpc');
      return {
        vpc,
        vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })],
      };
    });
  }

  test.each(FUNCTIONS)('%s is placed there', (name) => {
    expect(functionProperties(inVpc(), name).VpcConfig).toEqual({
      SecurityGroupIds: [{ 'Fn::GetAtt': [expect.stringMatching(/^Group/), 'GroupId'] }],
      SubnetIds: [
        { Ref: expect.stringMatching(/^VpcPrivateSubnet1/) as unknown },
        { Ref: expect.stringMatching(/^VpcPrivateSubnet2/) as unknown },
      ],
    });
  });

  test.each(FUNCTIONS)('%s may have network interfaces made, and that is its only further wildcard', (name) => {
    const made = inVpc();
    expect(resource(made.template, 'AWS::IAM::Role', `Hub${name}Role`).Properties).not.toHaveProperty(
      'ManagedPolicyArns',
    );
    const wild = statements(made, name).filter(
      ({ Effect, Resource }) => Effect === 'Allow' && JSON.stringify(Resource).includes('*'),
    );
    expect(wild.map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      READS_SEVERAL,
      {
        Action: [
          'ec2:AssignPrivateIpAddresses',
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:UnassignPrivateIpAddresses',
        ],
        Resource: ['*'],
      },
    ]);
  });

  test.each(FUNCTIONS)('the code of %s gets none of these permissions', (name) => {
    expect(statements(inVpc(), name).filter(({ Effect }) => Effect === 'Deny')).toEqual([
      {
        Effect: 'Deny',
        Action: [
          'ec2:AssignPrivateIpAddresses',
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:UnassignPrivateIpAddresses',
        ],
        Resource: ['*'],
        Condition: { ArnEquals: { 'lambda:SourceFunctionArn': arnOf(`Hub${name}Function`) } },
      },
    ]);
  });

  test('subnets and security groups need one', () => {
    expect(() => new Subject({ vpcSubnets: {} })).toThrow('vpcSubnets needs vpc; received vpcSubnets without it');
    expect(() => new Subject({ securityGroups: [] })).toThrow(
      'securityGroups needs vpc; received securityGroups without it',
    );
  });
});

test.each(FUNCTIONS)('%s may publish events of this package only', (name) => {
  expect(actionsOn(subject(), name, 'events')).toMatchObject([
    { Action: ['events:PutEvents'], Condition: { StringEquals: { 'events:source': 'cdk-sp-api-secret-rotation' } } },
  ]);
});

test('the keys of the queues are for SQS only', () => {
  const made = subject((stack) => ({ encryptionKey: new kms.Key(stack, 'Key') }));
  const keys = actionsOn(made, 'Store', 'kms');
  expect(keys.length).toBeGreaterThan(0);
  for (const { Condition: condition } of keys) {
    expect(condition).toEqual({
      StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['sqs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } },
    });
  }
});

test('whoever may observe may invoke the alias that does nothing else, and whoever may invoke may do both', () => {
  const made = new Subject();
  const [observer, operator] = ['Observer', 'Operator'].map(
    (id) => new iam.Role(made.stack, id, { assumedBy: new iam.AccountRootPrincipal() }),
  );
  made.hub.grantObserve(observer ?? made.hub.rotateFunction);
  made.hub.grantInvoke(operator ?? made.hub.rotateFunction);
  made.template.hasResourceProperties('AWS::Lambda::Alias', { Name: 'observe', FunctionVersion: '$LATEST' });
  expect(statementsOfRole(made.template, 'Observer')).toEqual([
    { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [reference('HubRotateObserve')] },
  ]);
  const invoked = statementsOfRole(made.template, 'Operator').map(({ Resource }) => Resource);
  expect(invoked).toEqual([[arnOf('HubRotateFunction'), { 'Fn::Join': ['', [arnOf('HubRotateFunction'), ':*']] }]]);
});

describe('what the functions cannot be', () => {
  test.each([
    [lambda.Runtime.NODEJS_20_X, 'nodejs20.x'],
    [lambda.Runtime.PYTHON_3_13, 'python3.13'],
  ])('run on another runtime: %s', (runtime, name) => {
    expect(() => new Subject({ runtime })).toThrow(`runtime must be Node.js 22 or newer; received "${name}"`);
  });

  test.each([127, 10_241, 256.5])('have %s MiB', (memorySize) => {
    expect(() => new Subject({ memorySize })).toThrow(
      `memorySize must be a whole number of MiB from 128 to 10240; received ${memorySize}`,
    );
  });

  test.each([128, 10_240])('but they can have %s MiB', (memorySize) => {
    expect(() => new Subject({ memorySize })).not.toThrow();
  });

  test('memory may be known only at deployment', () => {
    const made = subject((stack) => ({
      memorySize: new CfnParameter(stack, 'Memory', { type: 'Number' }).valueAsNumber,
    }));
    expect(functionProperties(made, 'Rotate').MemorySize).toEqual({ Ref: 'Memory' });
  });

  test.each([
    ['http://example.com/token', 'it must be https (http only for a loopback address)', '"http://example.com/token"'],
    ['https://me:word@example.com/', 'it must not contain credentials', '"https://…@example.com/"'],
    ['https://example.com/?key=word', 'it must not contain a query or a fragment', '"https://example.com/…"'],
    ['nowhere', 'it is not a URL', '"nowhere"'],
  ])('sent to %s', (lwaTokenUrl, problem, received) => {
    expect(() => new Subject({ lwaTokenUrl })).toThrow(
      `lwaTokenUrl must be a URL such as "https://api.amazon.com/auth/o2/token": ${problem}; received ${received}`,
    );
  });
});

describe('the event source', () => {
  test('takes up to ten messages at a time without waiting for more, answers for each, two functions at most', () => {
    expect(onlyResource(subject().template, 'AWS::Lambda::EventSourceMapping').Properties).toEqual({
      EventSourceArn: NOTIFICATION_ARN,
      FunctionName: reference('HubStoreFunction'),
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test('waits until the functions can know of every application', () => {
    const made = new Subject();
    made.hub.addApplication('One');
    made.hub.addApplication('Two');
    expect(onlyResource(made.template, 'AWS::Lambda::EventSourceMapping').DependsOn).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^HubApplicationsOneSettings/),
        expect.stringMatching(/^HubApplicationsTwoSettings/),
      ]),
    );
  });
});
