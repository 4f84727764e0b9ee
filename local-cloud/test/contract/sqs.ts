import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { errorNameOf, rulesFor, type ContractEndpoint, type Differences } from './rules';

const OLDER_FORM: object = { AttributeNames: ['All'] };

/** Every rule of SQS that this package stands on, through the SDK (which checks the MD5 sums). */
export function sqsContract(start: () => Promise<ContractEndpoint>, differences: Differences = {}): void {
  const rule = rulesFor(differences);
  let endpoint: ContractEndpoint;
  let client: SQSClient;

  beforeAll(async () => {
    endpoint = await start();
    client = new SQSClient({
      endpoint: endpoint.url,
      region: endpoint.region,
      credentials: { accessKeyId: endpoint.accessKeyId, secretAccessKey: 'unused' },
    });
  });

  afterAll(async () => {
    client.destroy();
    await endpoint.stop();
  });

  const create = async (
    attributes: Record<string, string> = {},
  ): Promise<{ url: string; arn: string; name: string }> => {
    const name = `contract-${randomUUID()}`;
    const { QueueUrl: url = '' } = await client.send(
      new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
    );
    const answer = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
    return { url, arn: answer.Attributes?.QueueArn ?? '', name };
  };
  const send = (url: string, body: string): Promise<unknown> =>
    client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
  const receive = async (url: string, options: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
    const answer = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        WaitTimeSeconds: 0,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
        // Some implementations know only the older name of it.
        ...OLDER_FORM,
        ...options,
      }),
    );
    return answer.Messages ?? [];
  };
  const one = async (url: string, options: Partial<ReceiveMessageCommandInput> = {}): Promise<Message> => {
    const messages = await receive(url, options);
    expect(messages).toHaveLength(1);
    return messages[0] ?? {};
  };
  const change = (url: string, handle: string | undefined, seconds: number): Promise<unknown> =>
    client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: seconds }),
    );
  const remove = (url: string, handle: string | undefined): Promise<unknown> =>
    client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle }));

  rule('delivers a body as it was sent, with its system attributes', async () => {
    const { url } = await create();
    await send(url, '{"ü":"\\n\t😀"}');
    const message = await one(url);
    expect(message.Body).toBe('{"ü":"\\n\t😀"}');
    expect(message.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(Number(message.Attributes?.SentTimestamp)).toBeGreaterThan(1_700_000_000_000);
    expect(message.Attributes?.ApproximateFirstReceiveTimestamp).toBeDefined();
  });

  rule('delivers attributes with their MD5', async () => {
    const { url } = await create();
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'x',
        MessageAttributes: {
          reason: { DataType: 'String', StringValue: 'stranger' },
          bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
        },
      }),
    );
    const message = await one(url, { MessageAttributeNames: ['All'] });
    expect(message.MessageAttributes?.reason).toMatchObject({ DataType: 'String', StringValue: 'stranger' });
    expect(message.MessageAttributes?.bytes?.BinaryValue).toEqual(new Uint8Array([1, 2]));
    expect(message.MD5OfMessageAttributes).toBe('f31f7a19f7b143f5f4977c52adf2f16d');
  });

  rule('hides a received message for the visibility time-out, and counts receives', async () => {
    const { url } = await create({ VisibilityTimeout: '1' });
    await send(url, 'x');
    await one(url);
    expect(await receive(url)).toEqual([]);
    await endpoint.advance(1100);
    expect((await one(url)).Attributes?.ApproximateReceiveCount).toBe('2');
  });

  rule('lengthens and ends visibility with ChangeMessageVisibility', async () => {
    const { url } = await create({ VisibilityTimeout: '1' });
    await send(url, 'x');
    const { ReceiptHandle: handle } = await one(url);
    await change(url, handle, 60);
    await endpoint.advance(1100);
    expect(await receive(url)).toEqual([]);
    await change(url, handle, 0);
    await one(url);
  });

  rule('refuses a visibility above 12 hours', async () => {
    const { url } = await create();
    await send(url, 'x');
    const { ReceiptHandle: handle } = await one(url);
    expect(await errorNameOf(change(url, handle, 43_201))).not.toBe('no error');
  });

  rule('refuses to change the visibility of a message that is gone', async () => {
    const { url } = await create();
    await send(url, 'x');
    const { ReceiptHandle: handle } = await one(url);
    await remove(url, handle);
    expect(await errorNameOf(change(url, handle, 60))).not.toBe('no error');
  });

  rule('deletes, and deleting again is no error', async () => {
    const { url } = await create({ VisibilityTimeout: '1' });
    await send(url, 'x');
    const { ReceiptHandle: handle } = await one(url);
    await remove(url, handle);
    await remove(url, handle);
    await endpoint.advance(1100);
    expect(await receive(url)).toEqual([]);
  });

  rule('moves a message to the dead-letter queue after so many receives', async () => {
    const dead = await create();
    const { url } = await create({
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
    });
    await send(url, 'poison');
    await one(url);
    await endpoint.advance(1100);
    await one(url);
    await endpoint.advance(1100);
    expect(await receive(url)).toEqual([]);
    expect((await one(dead.url)).Body).toBe('poison');
  });

  rule('keeps the time of the first enqueue in the dead-letter queue', async () => {
    const dead = await create();
    const { url } = await create({
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
    });
    await send(url, 'poison');
    const { Attributes: first } = await one(url);
    await endpoint.advance(1100);
    await receive(url);
    const { Attributes: moved } = await one(dead.url);
    expect(moved?.SentTimestamp).toBe(first?.SentTimestamp);
  });

  rule('goes on counting receives in the dead-letter queue', async () => {
    const dead = await create();
    const { url } = await create({
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
    });
    await send(url, 'poison');
    await one(url);
    await endpoint.advance(1100);
    await receive(url);
    expect((await one(dead.url)).Attributes?.ApproximateReceiveCount).toBe('2');
  });

  rule('keeps a message no longer than the retention period', async () => {
    const { url } = await create({ MessageRetentionPeriod: '60' });
    await send(url, 'x');
    await endpoint.advance(61_000);
    expect(await receive(url)).toEqual([]);
  });

  rule('answers the attributes that a preflight needs', async () => {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::437568002678:root' },
          Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
          Resource: '*',
        },
      ],
    });
    const key = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const { url, arn, name } = await create({
      Policy: policy,
      KmsMasterKeyId: key,
      MessageRetentionPeriod: '1209600',
      VisibilityTimeout: '360',
    });
    const { Attributes: attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    expect(attributes).toMatchObject({
      QueueArn: arn,
      Policy: policy,
      KmsMasterKeyId: key,
      MessageRetentionPeriod: '1209600',
      VisibilityTimeout: '360',
    });
    const found = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    expect(found.QueueUrl).toBe(url);
  });

  rule('answers that a queue is encrypted by SQS unless it has a key', async () => {
    const { url } = await create();
    const { Attributes: attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    expect(attributes?.SqsManagedSseEnabled).toBe('true');
    expect(attributes?.KmsMasterKeyId).toBeUndefined();
    expect(attributes?.Policy).toBeUndefined();
  });

  rule('answers QueueDoesNotExist for a queue that is not there', async () => {
    const { url } = await create();
    expect(await errorNameOf(send(`${url}-not`, 'x'))).toBe('QueueDoesNotExist');
    expect(
      await errorNameOf(
        client.send(new GetQueueAttributesCommand({ QueueUrl: `${url}-not`, AttributeNames: ['All'] })),
      ),
    ).toBe('QueueDoesNotExist');
  });

  rule('delays a message', async () => {
    const { url } = await create();
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', DelaySeconds: 1 }));
    expect(await receive(url)).toEqual([]);
    await endpoint.advance(1100);
    await one(url);
  });

  rule('answers a long poll as soon as there is a message, whatever number was asked for', async () => {
    const { url } = await create();
    const started = performance.now();
    const waiting = receive(url, { WaitTimeSeconds: 3, MaxNumberOfMessages: 10 });
    await send(url, 'x');
    expect(await waiting).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  rule('refuses an empty body', async () => {
    const { url } = await create();
    expect(await errorNameOf(send(url, ''))).not.toBe('no error');
  });

  rule('refuses characters that XML does not have', async () => {
    const { url } = await create();
    expect(await errorNameOf(send(url, '\u0000'))).not.toBe('no error');
  });

  rule('takes a body of 256 KiB', async () => {
    const { url } = await create();
    await send(url, 'x'.repeat(262_144));
    expect((await one(url)).Body).toHaveLength(262_144);
  });
}
