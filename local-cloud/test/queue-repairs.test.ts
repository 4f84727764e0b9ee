import {
  AddPermissionCommand,
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { MovableClock } from '../services/clock';
import type { Services } from '../services/services';
import { errorNameOf } from './contract/rules';
import { clientConfiguration, startOwnServices } from './own-endpoint';

const ARN = 'arn:aws:sqs:us-east-1:123456789012';

let clock: MovableClock;
let services: Services;
let sqs: SQSClient;

beforeEach(async () => {
  ({ clock, services } = await startOwnServices());
  sqs = new SQSClient(clientConfiguration(services));
});
afterEach(async () => {
  sqs.destroy();
  await services.stop();
  expect(services.refused).toEqual([]);
});

const url = (name: string): string => services.queues.urlOf(`${ARN}:${name}`);

describe('permissions', () => {
  const add = (Label: string, Actions: string[], AWSAccountIds = ['999999999999']): Promise<unknown> =>
    sqs.send(new AddPermissionCommand({ QueueUrl: url('one'), Label, AWSAccountIds, Actions }));
  const remove = (Label: string): Promise<unknown> =>
    sqs.send(new RemovePermissionCommand({ QueueUrl: url('one'), Label }));
  const policy = async (): Promise<unknown> => {
    const asked = new GetQueueAttributesCommand({ QueueUrl: url('one'), AttributeNames: ['Policy'] });
    return JSON.parse((await sqs.send(asked)).Attributes?.Policy ?? 'null');
  };

  beforeEach(() => sqs.send(new CreateQueueCommand({ QueueName: 'one' })));

  it('a label adds one statement, which lets the accounts in, and is removed by its name', async () => {
    services.iam.addPrincipal({
      name: 'other',
      account: '999999999999',
      accessKeyId: 'OTHER',
      policies: [{ Statement: { Effect: 'Allow', Action: 'sqs:*', Resource: '*' } }],
    });
    const other = new SQSClient(clientConfiguration(services, 'OTHER'));
    const send = (): Promise<unknown> => other.send(new SendMessageCommand({ QueueUrl: url('one'), MessageBody: 'x' }));
    expect(await errorNameOf(send())).toBe('AccessDenied');
    await add('Others', ['SendMessage', 'GetQueueUrl']);
    await add('More', ['*'], ['111111111111', '222222222222']);
    expect(await policy()).toEqual({
      Version: '2008-10-17',
      Id: `${ARN}:one/SQSDefaultPolicy`,
      Statement: [
        {
          Sid: 'Others',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::999999999999:root' },
          Action: ['SQS:SendMessage', 'SQS:GetQueueUrl'],
          Resource: `${ARN}:one`,
        },
        {
          Sid: 'More',
          Effect: 'Allow',
          Principal: { AWS: ['arn:aws:iam::111111111111:root', 'arn:aws:iam::222222222222:root'] },
          Action: 'SQS:*',
          Resource: `${ARN}:one`,
        },
      ],
    });
    expect(await errorNameOf(send())).toBe('no error');
    await remove('Others');
    expect(await errorNameOf(send())).toBe('AccessDenied');
    await remove('More');
    expect(await policy()).toBeNull();
    other.destroy();
  });

  it('refuses a label that is there, or is not, or is none, and other actions and accounts', async () => {
    await add('Others', ['SendMessage']);
    const refused = [
      add('Others', ['SendMessage']),
      remove('Nobody'),
      add('a label', ['SendMessage']),
      add('A', ['PurgeQueue']),
      add('A', ['SendMessage'], ['arn:aws:iam::999999999999:role/x']),
    ];
    expect(await Promise.all(refused.map(errorNameOf))).toEqual(Array(5).fill('InvalidParameterValue'));
  });
});

describe('redrives', () => {
  const start = (name: string, perSecond?: number, destination?: string): Promise<string | undefined> => {
    const request = {
      SourceArn: `${ARN}:${name}`,
      MaxNumberOfMessagesPerSecond: perSecond,
      DestinationArn: destination,
    };
    return sqs.send(new StartMessageMoveTaskCommand(request)).then(({ TaskHandle }) => TaskHandle);
  };
  const list = async (MaxResults?: number): Promise<object[]> =>
    (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: `${ARN}:dead`, MaxResults }))).Results ?? [];
  const receive = async (name: string): Promise<string[]> => {
    const asked = { QueueUrl: url(name), MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
    const { Messages: messages = [] } = await sqs.send(new ReceiveMessageCommand(asked));
    return messages.map(({ Body, Attributes }) => `${Body} ${Attributes?.ApproximateReceiveCount}`);
  };

  beforeEach(async () => {
    await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${ARN}:dead`, maxReceiveCount: 1 });
    await sqs.send(new CreateQueueCommand({ QueueName: 'source', Attributes: { RedrivePolicy } }));
    for (const body of ['1', '2', '3']) {
      await services.queues.send(url('source'), body);
    }
    await receive('source');
    clock.advance(31_000);
    await receive('source');
  });

  it('moves all messages back to where they came from, as new ones', async () => {
    clock.advance(86_400_000);
    await start('dead');
    expect(await list()).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 },
    ]);
    expect(services.queues.inspect(url('source')).visible.map(({ sentAt }) => clock.now() - sentAt < 60_000)).toEqual(
      Array(3).fill(true),
    );
    expect(await receive('source')).toEqual(['1 1', '2 1', '3 1']);
    expect(await receive('dead')).toEqual([]);
  });

  it('moves so many a second where it is asked to, one task at a time, until it is cancelled', async () => {
    await sqs.send(new CreateQueueCommand({ QueueName: 'elsewhere' }));
    const handle = await start('dead', 1, `${ARN}:elsewhere`);
    expect(await list()).toMatchObject([
      { Status: 'RUNNING', TaskHandle: handle, ApproximateNumberOfMessagesMoved: 1 },
    ]);
    expect(await errorNameOf(start('dead'))).toBe('InvalidParameterValue');
    clock.advance(1000);
    const cancelled = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: handle }));
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(2);
    clock.advance(60_000);
    expect(await receive('elsewhere')).toEqual(['1 1', '2 1']);
    await start('dead');
    expect((await list(2)).map((task) => Reflect.get(task, 'Status') as string)).toEqual(['COMPLETED', 'CANCELLED']);
    expect(await errorNameOf(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: handle })))).toBe(
      'InvalidParameterValue',
    );
  });

  it('a message that somebody sent into the dead-letter queue has no source: it stays, and the task fails', async () => {
    await services.queues.send(url('dead'), 'sent there');
    await start('dead');
    expect(await list()).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
    expect(await receive('dead')).toEqual(['sent there 1']);
  });

  it('a message in flight is not moved', async () => {
    await receive('dead');
    await start('dead');
    expect(await list()).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 0 }]);
  });

  it('refuses other queues, and callers who may not do what the task does', async () => {
    expect(await errorNameOf(start('source'))).toBe('InvalidParameterValue');
    expect(await errorNameOf(start('nowhere'))).toBe('ResourceNotFoundException');
    for (const missing of ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'SendMessage']) {
      services.iam.addPrincipal({
        name: 'admin',
        accessKeyId: 'ADMIN',
        policies: [{ Statement: { Effect: 'Allow', NotAction: `sqs:${missing}`, Resource: '*' } }],
      });
      expect([missing, await errorNameOf(start('dead'))]).toEqual([missing, 'AccessDenied']);
    }
  });
});
