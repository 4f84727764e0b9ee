import { EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import type { MovableClock } from '../services/clock';
import type { Services } from '../services/services';
import { errorNameOf } from './contract/rules';
import { clientConfiguration, startOwnServices } from './own-endpoint';

/*
 * What AWS answered when LocalStack's suites were run against it, and the local cloud answered otherwise before:
 * docs/localstack.md.
 */

let clock: MovableClock;
let services: Services;

beforeAll(async () => {
  ({ clock, services } = await startOwnServices());
});
afterAll(async () => {
  await services.stop();
  expect(services.refused).toEqual([]);
});

describe('Secrets Manager', () => {
  let client: SecretsManagerClient;
  beforeAll(() => {
    client = new SecretsManagerClient(clientConfiguration(services));
  });
  afterAll(() => {
    client.destroy();
  });

  const create = async (Description?: string): Promise<{ SecretId: string; first: string }> => {
    const SecretId = `answers/${randomUUID()}`;
    const created = await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'v1', Description }));
    return { SecretId, first: created.VersionId ?? '' };
  };
  const stagesOf = async (SecretId: string): Promise<unknown> =>
    (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages;

  it.each([
    ['PutSecretValue', (SecretId: string) => client.send(new PutSecretValueCommand({ SecretId, SecretString: 'v2' }))],
    ['UpdateSecret', (SecretId: string) => client.send(new UpdateSecretCommand({ SecretId, SecretString: 'v2' }))],
  ])('takes AWSPENDING off the version that had it with AWSCURRENT, at a new current value by %s', async (_, write) => {
    const SecretId = `answers/${randomUUID()}`;
    await client.send(new CreateSecretCommand({ Name: SecretId }));
    const put = { SecretId, SecretString: 'v1', VersionStages: ['AWSPENDING'] };
    const { VersionId: both = '' } = await client.send(new PutSecretValueCommand(put));
    expect(await stagesOf(SecretId)).toEqual({ [both]: ['AWSPENDING', 'AWSCURRENT'] });
    const { VersionId: id = '' } = await write(SecretId);
    expect(await stagesOf(SecretId)).toEqual({ [both]: ['AWSPREVIOUS'], [id]: ['AWSCURRENT'] });
  });

  it('leaves AWSPENDING on a version that is not current', async () => {
    const { SecretId, first } = await create();
    const put = { SecretId, SecretString: 'v2', VersionStages: ['AWSPENDING'] };
    const { VersionId: pending = '' } = await client.send(new PutSecretValueCommand(put));
    const { VersionId: id = '' } = await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'v3' }));
    expect(await stagesOf(SecretId)).toEqual({
      [first]: ['AWSPREVIOUS'],
      [pending]: ['AWSPENDING'],
      [id]: ['AWSCURRENT'],
    });
  });

  it('tells the day on which a secret and a version were read last, and nothing before that', async () => {
    const { SecretId } = await create('');
    const described = await client.send(new DescribeSecretCommand({ SecretId }));
    expect(described).not.toHaveProperty('LastAccessedDate');
    expect(described).not.toHaveProperty('Description');
    await client.send(new GetSecretValueCommand({ SecretId }));
    const LastAccessedDate = new Date(Math.floor(clock.now() / 86_400_000) * 86_400_000);
    const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId }));
    expect(await client.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({ LastAccessedDate });
    expect(Versions).toMatchObject([{ LastAccessedDate }]);
  });

  it('deletes at once what is marked for deletion, or was never there', async () => {
    const { SecretId } = await create();
    const atOnce = new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true });
    await client.send(new DeleteSecretCommand({ SecretId }));
    expect(await client.send(atOnce)).toMatchObject({ Name: SecretId });
    expect(await client.send(atOnce)).toMatchObject({ Name: SecretId });
    expect(await errorNameOf(client.send(new DescribeSecretCommand({ SecretId })))).toBe('ResourceNotFoundException');
  });

  it('refuses what cannot be the name of a secret', async () => {
    const SecretId = 'no name';
    const described = client.send(new DescribeSecretCommand({ SecretId }));
    expect(await errorNameOf(described)).toBe('ValidationException');
    const deleted = client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    expect(await errorNameOf(deleted)).toBe('ValidationException');
  });

  it.each([
    ['CreateSecret', { Name: 'without-token', SecretString: 'v1' }],
    ['PutSecretValue', { SecretId: 'without-token', SecretString: 'v1' }],
    ['UpdateSecret', { SecretId: 'without-token', SecretString: 'v1' }],
  ])('wants a ClientRequestToken, which SDKs make up: %s', async (operation, request) => {
    const answer = await fetch(services.url, {
      method: 'POST',
      headers: {
        'x-amz-target': `secretsmanager.${operation}`,
        authorization: 'AWS4-HMAC-SHA256 Credential=ADMIN/20270101/us-east-1/secretsmanager/aws4_request, unused',
      },
      body: JSON.stringify(request),
    });
    expect(await answer.json()).toMatchObject({ __type: 'InvalidRequestException' });
  });
});

describe('SQS', () => {
  let client: SQSClient;
  beforeAll(() => {
    client = new SQSClient(clientConfiguration(services));
  });
  afterAll(() => {
    client.destroy();
  });

  const create = async (Attributes: Record<string, string> = {}, QueueName = `q-${randomUUID()}`): Promise<string> =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';

  it('creates a queue again that has the attributes asked for, and no other', async () => {
    const url = await create({ DelaySeconds: '1' }, 'again');
    expect(await create({}, 'again')).toBe(url);
    expect(await create({ DelaySeconds: '1' }, 'again')).toBe(url);
    await expect(create({ DelaySeconds: '2' }, 'again')).rejects.toThrow(/different value for attribute DelaySeconds/);
  });

  it('takes the name of a queue for its URL', async () => {
    await create({}, 'by-name');
    await client.send(new SendMessageCommand({ QueueUrl: 'by-name', MessageBody: 'x' }));
    expect(services.queues.inspect('by-name').visible).toHaveLength(1);
  });

  it('hides a message again whose visibility time-out has passed', async () => {
    const QueueUrl = await create({ VisibilityTimeout: '1' });
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const { Messages: [message] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    clock.advance(1100);
    const handle = { QueueUrl, ReceiptHandle: message?.ReceiptHandle };
    await client.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 60 }));
    expect(services.queues.inspect(QueueUrl).inFlight).toHaveLength(1);
  });

  it.each([
    ['Hel.*', ['Hello', 'Help.Me']],
    ['Help.*', ['Help.Me']],
    ['*', ['General', 'Hello', 'Help.Me']],
    ['.*', ['General', 'Hello', 'Help.Me']],
    ['Hel', []],
  ])('answers the message attributes that %s stands for', async (wanted, names) => {
    const QueueUrl = await create();
    const value = { DataType: 'String', StringValue: 'x' };
    const MessageAttributes = { General: value, Hello: value, 'Help.Me': value };
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes }));
    const asked = new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: [wanted] });
    const { Messages: [message] = [] } = await client.send(asked);
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(names);
  });

  it('refuses an empty message attribute', async () => {
    const MessageAttributes = { reason: { DataType: 'String', StringValue: '' } };
    const sent = client.send(new SendMessageCommand({ QueueUrl: await create(), MessageBody: 'x', MessageAttributes }));
    await expect(sent).rejects.toThrow(/'reason' must contain a non-empty value of type 'String'/);
  });

  it('takes the redrive policy off with an empty one', async () => {
    const dead = await create();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: services.queues.arnOf(dead), maxReceiveCount: 1 });
    const QueueUrl = await create({ RedrivePolicy });
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: '' } }));
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).not.toHaveProperty('RedrivePolicy');
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    for (let times = 0; times < 3; times += 1) {
      await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    }
    expect(services.queues.inspect(QueueUrl).visible).toHaveLength(1);
  });

  function handleOf(source: string): string {
    const sourceArn = services.queues.arnOf(source);
    return Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn })).toString('base64');
  }

  it('answers which part of a move task is not there', async () => {
    await create({}, 'source');
    const cancel = (TaskHandle: string): Promise<unknown> =>
      client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    const start = client.send(new StartMessageMoveTaskCommand({ SourceArn: services.queues.arnOf('none') }));
    const $metadata = { httpStatusCode: 404 };
    await expect(start).rejects.toMatchObject({ $metadata, name: 'ResourceNotFoundException' });
    await expect(cancel(handleOf('none'))).rejects.toThrow(/SourceArn parameter doesn't exist/);
    await expect(cancel(handleOf('source'))).rejects.toMatchObject({ $metadata, message: 'Task does not exist.' });
    await expect(cancel('none')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('EventBridge', () => {
  let client: EventBridgeClient;
  beforeAll(() => {
    client = new EventBridgeClient(clientConfiguration(services));
  });
  afterAll(() => {
    client.destroy();
  });

  const EVENT = {
    source: 'mine',
    detail: {
      a: [],
      'b.c': 1,
      list: [
        { x: 1, y: 2 },
        { x: 3, y: 4 },
      ],
    },
  };
  const test = async (pattern: unknown): Promise<boolean | undefined> => {
    const EventPattern = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
    return (await client.send(new TestEventPatternCommand({ EventPattern, Event: JSON.stringify(EVENT) }))).Result;
  };

  it.each([
    [{ source: ['mine'] }, true],
    [{ source: ['other'] }, false],
    [{ detail: { b: { c: [1] } } }, true],
    [{ 'detail.b': { c: [1] } }, true],
    [{ detail: { 'b.c': [2] } }, false],
    [{ detail: { list: { x: [1], y: [2] } } }, true],
    [{ detail: { list: { x: [1], y: [4] } } }, false],
  ])('tells whether %j matches: %s', async (pattern, matches) => {
    expect(await test(pattern)).toBe(matches);
  });

  it.each([
    ['a bare value', { source: 'mine' }, /"source" must be an object or an array/],
    ['an empty list', { detail: { a: [] } }, /Empty arrays are not allowed/],
    ['a comparison that there is not', { source: [{ EXISTS: true }] }, /Unrecognized match type EXISTS/],
    ['a prefix that is no text', { source: [{ prefix: 1 }] }, /prefix match pattern must be a string/],
    ['no JSON', '{', /Filter is not an object/],
    ['no object', '[]', /Filter is not an object/],
  ])('refuses a pattern with %s', async (_, pattern, reason) => {
    const message: unknown = expect.stringMatching(reason);
    await expect(test(pattern)).rejects.toMatchObject({ name: 'InvalidEventPatternException', message });
  });

  it('refuses an event that is no object', async () => {
    const tested = client.send(new TestEventPatternCommand({ EventPattern: '{"a":[1]}', Event: '[]' }));
    expect(await errorNameOf(tested)).toBe('ValidationException');
  });
});
