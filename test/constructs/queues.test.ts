import { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { SpApiSecretRotationProps } from '../../lib';
import { arnOf, resource, resourcesOf, statementsOf, Subject, type Statement } from './synthesis';

const QUEUES = ['Notification', 'DeadLetter', 'Unclaimed'];
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:111122223333:registered';
const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const AMAZON = { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::437568002678:root']] } };
const WARNING = 'cdk-sp-api-secret-rotation:SpApiSecretRotation';

function policyOf(subject: Subject, queue: string): Statement[] {
  return statementsOf(
    resource(subject.template, 'AWS::SQS::QueuePolicy', `HubQueues${queue}Policy`).Properties.PolicyDocument,
  );
}

function withApplication(...args: ConstructorParameters<typeof Subject>): Subject {
  const subject = new Subject(...args);
  subject.hub.addApplication('App');
  return subject;
}

describe('the queues created here', () => {
  test.each(QUEUES)('%s keeps messages for 14 days, encrypted, and outlives the stack', (queue) => {
    const found = resource(withApplication().template, 'AWS::SQS::Queue', `HubQueues${queue}`);
    expect(found.Properties).toMatchObject({ MessageRetentionPeriod: 14 * 24 * 60 * 60, SqsManagedSseEnabled: true });
    expect(found.Properties).not.toHaveProperty('FifoQueue');
    expect(found).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test.each(QUEUES)('the policy of %s outlives the stack too', (queue) => {
    expect(resource(withApplication().template, 'AWS::SQS::QueuePolicy', `HubQueues${queue}Policy`)).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test.each(QUEUES)('%s takes TLS only, whoever asks', (queue) => {
    expect(policyOf(withApplication(), queue)).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: ['sqs:*'],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test('no queue may send its dead letters into the unclaimed queue', () => {
    expect(resource(withApplication().template, 'AWS::SQS::Queue', 'HubQueuesUnclaimed').Properties).toMatchObject({
      RedriveAllowPolicy: { redrivePermission: 'denyAll' },
    });
  });

  test.each<[string, (stack: Stack) => SpApiSecretRotationProps, unknown]>([
    [
      'of a name that is given',
      () => ({ queueName: 'registered' }),
      {
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':sqs:',
            { Ref: 'AWS::Region' },
            ':',
            { Ref: 'AWS::AccountId' },
            ':registered',
          ],
        ],
      },
    ],
    [
      'that is imported',
      (stack) => ({ notificationQueue: sqs.Queue.fromQueueArn(stack, 'Queue', QUEUE_ARN) }),
      QUEUE_ARN,
    ],
  ])('only the notification queue may send its dead letters into the dead-letter queue: %s', (_name, props, arn) => {
    const { template } = withApplication(props);
    expect(resource(template, 'AWS::SQS::Queue', 'HubQueuesDeadLetter').Properties).toMatchObject({
      RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn] },
    });
  });

  test('Amazon may send into the notification queue and read its attributes, and nothing else', () => {
    const allowed = policyOf(withApplication(), 'Notification').filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toEqual([
      {
        Sid: 'SellingPartnerApiNotifications',
        Effect: 'Allow',
        Principal: AMAZON,
        Action: ['sqs:GetQueueAttributes', 'sqs:SendMessage'],
        Resource: [arnOf('HubQueuesNotification')],
      },
    ]);
  });

  test.each(['DeadLetter', 'Unclaimed'])('nobody is allowed anything by the policy of %s', (queue) => {
    expect(policyOf(withApplication(), queue).filter(({ Effect }) => Effect === 'Allow')).toEqual([]);
  });

  test('a message is moved to the dead-letter queue after 20 receives', () => {
    expect(resource(withApplication().template, 'AWS::SQS::Queue', 'HubQueuesNotification').Properties).toMatchObject({
      RedrivePolicy: {
        maxReceiveCount: 20,
        deadLetterTargetArn: arnOf('HubQueuesDeadLetter'),
      },
    });
  });

  test('a received message stays invisible for six times the time-out of the store function', () => {
    const { template } = withApplication();
    const { VisibilityTimeout } = resource(template, 'AWS::SQS::Queue', 'HubQueuesNotification').Properties;
    const { Timeout } = resource(template, 'AWS::Lambda::Function', 'HubStoreFunction').Properties;
    expect(VisibilityTimeout).toBe(6 * Number(Timeout));
  });

  test.each(['', 'a b', 'a.fifo', 'x'.repeat(81)])('queueName is none of SQS: %p', (queueName) => {
    expect(() => new Subject({ queueName })).toThrow(
      `queueName must be 1 to 80 letters, digits, hyphens and underscores; received "${queueName}"`,
    );
  });

  test.each([
    [{ queueName: 'registered' }, 'SpApiSecretRotation.queueName', 'register the new queue right after the deployment'],
    [
      {
        notificationQueue: sqs.Queue.fromQueueArn(
          new Stack(),
          'Import',
          'arn:aws:sqs:eu-west-1:111122223333:registered',
        ),
      },
      'SpApiSecretRotation.sharedQueue',
      'so this one must be registered with Amazon',
    ],
  ])('a queue that may take the place of the registered one is warned of: %#', (props, id, says) => {
    expect(withApplication(props).warning(`cdk-sp-api-secret-rotation:${id}`)).toContain(says);
  });

  test('only the notification queue gets queueName', () => {
    const { template } = withApplication({ queueName: 'registered' });
    const names = QUEUES.map(
      (queue) => resource(template, 'AWS::SQS::Queue', `HubQueues${queue}`).Properties.QueueName,
    );
    expect(names).toEqual(['registered', undefined, undefined]);
  });
});

describe('a customer key', () => {
  function withKey(): Subject {
    return withApplication((stack) => ({ encryptionKey: new kms.Key(stack, 'Key') }));
  }

  test.each(QUEUES)('encrypts %s', (queue) => {
    expect(resource(withKey().template, 'AWS::SQS::Queue', `HubQueues${queue}`).Properties.KmsMasterKeyId).toEqual(
      arnOf('Key'),
    );
  });

  test('lets Amazon encrypt and nothing else', () => {
    const subject = withKey();
    const statements = statementsOf(resource(subject.template, 'AWS::KMS::Key', 'Key').Properties.KeyPolicy);
    expect(statements.filter(({ Principal }) => JSON.stringify(Principal).includes('437568002678'))).toEqual([
      {
        Sid: 'SellingPartnerApiNotifications',
        Effect: 'Allow',
        Principal: AMAZON,
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: ['*'],
      },
    ]);
    expect(subject.warnings()).toEqual([]);
  });

  test('that is imported gets a warning with the statement to add', () => {
    const subject = withApplication((stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }));
    expect(subject.warnings()).toEqual([`${WARNING}.importedKey`]);
    const statement = /(\{.*\}) \[ack/.exec(subject.warning(`${WARNING}.importedKey`))?.[1] ?? '';
    expect(JSON.parse(statement)).toEqual({
      Sid: 'SellingPartnerApiNotifications',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::437568002678:root' },
      Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
      Resource: '*',
    });
  });

  test('must not be an alias', () => {
    expect(
      () => new Subject((stack) => ({ encryptionKey: kms.Alias.fromAliasName(stack, 'Key', 'alias/mine') })),
    ).toThrow(/^encryptionKey must be a key itself, .*; received the alias "alias\/mine"$/);
  });
});

describe('a queue that is registered already', () => {
  function adopted(attributes: Partial<sqs.QueueAttributes> = {}, region?: string): Subject {
    return withApplication(
      (stack) => ({
        notificationQueue: sqs.Queue.fromQueueAttributes(stack, 'Queue', { queueArn: QUEUE_ARN, ...attributes }),
      }),
      region === undefined ? {} : { stack: { env: { region } } },
    );
  }

  test('takes the place of the notification queue', () => {
    const { template, hub } = adopted();
    expect(Object.values(resourcesOf(template)).filter(({ Type }) => Type === 'AWS::SQS::Queue')).toHaveLength(2);
    expect(hub.notificationQueue.queueArn).toBe(QUEUE_ARN);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { EventSourceArn: QUEUE_ARN });
    template.hasOutput('*', { Value: QUEUE_ARN });
  });

  test('that is imported gets a warning that lists what the construct cannot do', () => {
    const subject = adopted();
    expect(subject.warnings()).toEqual([`${WARNING}.importedQueue`, `${WARNING}.sharedQueue`]);
    const warning = subject.warning(`${WARNING}.importedQueue`);
    expect(warning).toContain('a retention period of 14 days');
    expect(warning).toContain('a visibility timeout of at least 360 seconds');
    expect(warning).toContain('a redrive policy with the dead-letter queue created here');
    expect(warning).toContain('a maxReceiveCount of 20');
    expect(JSON.parse(/(\{.*\}) \[ack/.exec(warning)?.[1] ?? '')).toEqual({
      Sid: 'SellingPartnerApiNotifications',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::437568002678:root' },
      Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
      Resource: QUEUE_ARN,
    });
  });

  test('of the same app gets the statement, and a warning about its settings', () => {
    const subject = withApplication((stack) => ({ notificationQueue: new sqs.Queue(stack, 'Queue') }));
    expect(subject.warnings()).toEqual([`${WARNING}.notificationQueueSettings`, `${WARNING}.sharedQueue`]);
    expect(
      statementsOf(resource(subject.template, 'AWS::SQS::QueuePolicy', 'QueuePolicy').Properties.PolicyDocument).map(
        ({ Principal, Action }) => ({ Principal, Action }),
      ),
    ).toEqual([{ Principal: AMAZON, Action: ['sqs:GetQueueAttributes', 'sqs:SendMessage'] }]);
  });

  test('is decrypted with its own key, which the functions are told', () => {
    const subject = adopted({ keyArn: KEY_ARN });
    expect(subject.warnings()).toEqual([
      `${WARNING}.importedKey`,
      `${WARNING}.importedQueue`,
      `${WARNING}.sharedQueue`,
    ]);
    expect(
      resource(subject.template, 'AWS::Lambda::Function', 'HubRotateFunction').Properties.Environment,
    ).toMatchObject({ Variables: { NOTIFICATION_QUEUE_KEY_ARN: KEY_ARN } });
  });

  test('is not taken to have the key of the other queues', () => {
    const subject = withApplication((stack) => ({
      notificationQueue: sqs.Queue.fromQueueArn(stack, 'Queue', QUEUE_ARN),
      encryptionKey: new kms.Key(stack, 'Key'),
    }));
    const key = resource(subject.template, 'AWS::KMS::Key', 'Key');
    expect(JSON.stringify(key.Properties.KeyPolicy)).not.toContain('437568002678');
    expect(resource(subject.template, 'AWS::SQS::Queue', 'HubQueuesUnclaimed').Properties).toHaveProperty(
      'KmsMasterKeyId',
    );
    expect(
      JSON.stringify(resource(subject.template, 'AWS::Lambda::Function', 'HubRotateFunction').Properties),
    ).not.toContain('NOTIFICATION_QUEUE_KEY_ARN');
  });

  test('must be a standard queue', () => {
    expect(() => adopted({ queueArn: `${QUEUE_ARN}.fifo` })).toThrow(
      'notificationQueue must be a standard queue, because Amazon does not deliver to FIFO queues; received "registered.fifo"',
    );
    expect(
      () => new Subject((stack: Stack) => ({ notificationQueue: new sqs.Queue(stack, 'Queue', { fifo: true }) })),
    ).toThrow(/must be a standard queue/);
  });

  test('must be in the region of the stack', () => {
    expect(() => adopted({}, 'us-east-1')).toThrow(
      'notificationQueue must be in the region of the stack, "us-east-1", because a function cannot receive from a queue in another region; received a queue in "eu-west-1"',
    );
    expect(() => adopted({}, 'eu-west-1')).not.toThrow();
  });

  test('must not be encrypted with a key that AWS manages', () => {
    expect(
      () =>
        new Subject((stack) => ({
          notificationQueue: new sqs.Queue(stack, 'Queue', { encryption: sqs.QueueEncryption.KMS_MANAGED }),
        })),
    ).toThrow(
      'notificationQueue must not be encrypted with the key that AWS manages, because Amazon cannot use it; received a queue with KMS_MANAGED, allowed are UNENCRYPTED, SQS_MANAGED and KMS',
    );
  });

  test('has its name already', () => {
    expect(
      () =>
        new Subject((stack) => ({
          queueName: 'mine',
          notificationQueue: sqs.Queue.fromQueueArn(stack, 'Queue', QUEUE_ARN),
        })),
    ).toThrow(
      'queueName is for a queue created here and cannot be combined with notificationQueue; received "mine" and a queue',
    );
  });
});

test('the output says what to do with the ARN', () => {
  const outputs = Object.entries(
    (withApplication().template.toJSON() as { Outputs: Record<string, { Description: string; Value: unknown }> })
      .Outputs,
  ).filter(([name]) => name.includes('Queue'));
  expect(outputs).toHaveLength(1);
  const [[id, output]] = outputs as [[string, { Description: string; Value: unknown }]];
  expect(id).toMatch(/^HubNotificationQueueArn/);
  expect(output.Value).toEqual(arnOf('HubQueuesNotification'));
  for (const words of [
    'Developer Console',
    'Notification Preferences',
    'Application Client Secret Expiry',
    'Application Client New Secret',
    'create, then Subscribe',
  ]) {
    expect(output.Description).toContain(words);
  }
  expect(output.Description.length).toBeLessThanOrEqual(1024);
});
