import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type Message,
  type QueueAttributeName,
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
  const set = (url: string, attributes: Record<string, string>): Promise<unknown> =>
    client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes }));
  const attributesOf = async (url: string, ...names: QueueAttributeName[]): Promise<Record<string, string>> =>
    (await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names }))).Attributes ?? {};

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

  rule('delivers the attributes of a message only to whom asks for them', async () => {
    const { url } = await create();
    const reason = { DataType: 'String', StringValue: 'x' };
    await client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageAttributes: { reason, other: reason } }),
    );
    const asked = await one(url, { MessageAttributeNames: ['reason'], VisibilityTimeout: 0 });
    expect(asked.MessageAttributes).toMatchObject({ reason });
    expect(asked.MessageAttributes).not.toHaveProperty('other');
    expect(await one(url)).not.toHaveProperty('MessageAttributes');
  });

  rule('delivers one message unless more are asked for, and at most ten', async () => {
    const { url } = await create();
    await Promise.all(Array.from({ length: 12 }, (_, index) => send(url, String(index))));
    expect(await receive(url, { MaxNumberOfMessages: undefined })).toHaveLength(1);
    expect(await receive(url)).toHaveLength(10);
  });

  for (const number of [0, 11]) {
    rule(`refuses to deliver ${number} messages`, async () => {
      const { url } = await create();
      expect(await errorNameOf(receive(url, { MaxNumberOfMessages: number }))).not.toBe('no error');
    });
  }

  rule('ends a long poll without messages when its time is over', async () => {
    const { url } = await create({ ReceiveMessageWaitTimeSeconds: '1' });
    const started = performance.now();
    expect(await receive(url, { WaitTimeSeconds: undefined })).toEqual([]);
    expect(performance.now() - started).toBeGreaterThan(900);
  });

  rule('refuses a long poll of more than 20 seconds', async () => {
    const { url } = await create();
    await send(url, 'x');
    expect(await errorNameOf(receive(url, { WaitTimeSeconds: 21 }))).not.toBe('no error');
  });

  rule('refuses a visibility that ends more than 12 hours after the receive', async () => {
    const { url } = await create();
    await send(url, 'x');
    const { ReceiptHandle: handle } = await one(url);
    await endpoint.advance(1100);
    expect(await errorNameOf(change(url, handle, 43_200))).not.toBe('no error');
  });

  rule('takes the handle of an earlier receive for a deletion, without an error', async () => {
    const { url } = await create();
    await send(url, 'x');
    const { ReceiptHandle: earlier } = await one(url, { VisibilityTimeout: 0 });
    await one(url);
    expect(await errorNameOf(remove(url, earlier))).toBe('no error');
  });

  rule('answers ReceiptHandleIsInvalid for what is no receipt handle', async () => {
    const { url } = await create();
    expect(await errorNameOf(remove(url, 'none'))).toBe('ReceiptHandleIsInvalid');
    expect(await errorNameOf(change(url, 'none', 60))).toBe('ReceiptHandleIsInvalid');
  });

  rule('answers each entry of a batch by itself', async () => {
    const { url } = await create();
    await send(url, 'x');
    const { ReceiptHandle: handle } = await one(url);
    const good = { Id: 'good', ReceiptHandle: handle };
    const bad = { Id: 'bad', ReceiptHandle: 'none' };
    const expected = {
      Successful: [{ Id: 'good' }],
      Failed: [{ Id: 'bad', Code: 'ReceiptHandleIsInvalid', SenderFault: true }],
    };
    const Entries = [good, bad].map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
    expect(await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }))).toMatchObject(
      expected,
    );
    expect(await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: [good, bad] }))).toMatchObject(
      expected,
    );
    expect(await receive(url)).toEqual([]);
  });

  const impossibleBatches: readonly [string, string, readonly string[]][] = [
    ['EmptyBatchRequest', 'a batch of none', []],
    ['TooManyEntriesInBatchRequest', 'a batch of eleven', Array.from({ length: 11 }, (_, index) => String(index))],
    ['InvalidBatchEntryId', 'an empty id in a batch', ['']],
    ['InvalidBatchEntryId', 'an id of 81 characters in a batch', ['x'.repeat(81)]],
    ['InvalidBatchEntryId', 'an id with a colon in a batch', ['a:b']],
    ['BatchEntryIdsNotDistinct', 'an id twice in a batch', ['a', 'a']],
  ];
  for (const [name, what, ids] of impossibleBatches) {
    rule(`answers ${name} for ${what}`, async () => {
      const { url } = await create();
      const Entries = ids.map((Id) => ({ Id, ReceiptHandle: 'x' }));
      expect(await errorNameOf(client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries })))).toBe(name);
    });
  }

  const bounds = [
    ['VisibilityTimeout', 0, 43_200],
    ['MessageRetentionPeriod', 60, 1_209_600],
    ['DelaySeconds', 0, 900],
    ['ReceiveMessageWaitTimeSeconds', 0, 20],
  ] as const;
  for (const [name, least, most] of bounds) {
    rule(`takes a ${name} from ${least} to ${most}, answers it, and refuses others`, async () => {
      const { url } = await create();
      for (const value of [least, most]) {
        await set(url, { [name]: String(value) });
        expect(await attributesOf(url, name)).toEqual({ [name]: String(value) });
      }
      for (const value of [least - 1, most + 1]) {
        expect(await errorNameOf(set(url, { [name]: String(value) }))).toBe('InvalidAttributeValue');
      }
    });
  }

  rule(
    'answers no attributes unless some are asked for, and InvalidAttributeName for one that it has not',
    async () => {
      const { url } = await create();
      expect(await attributesOf(url)).toEqual({});
      expect(await errorNameOf(attributesOf(url, 'Colour' as QueueAttributeName))).toBe('InvalidAttributeName');
    },
  );

  rule('counts the messages that are visible, in flight and delayed', async () => {
    const { url } = await create();
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', DelaySeconds: 60 }));
    await Promise.all(['a', 'b', 'c'].map((body) => send(url, body)));
    await one(url, { MaxNumberOfMessages: 1 });
    expect(await attributesOf(url, 'All')).toMatchObject({
      ApproximateNumberOfMessages: '2',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    });
  });

  rule('answers the redrive policy, and refuses a receive count outside 1 to 1,000', async () => {
    const dead = await create();
    const redrive = (maxReceiveCount: number): Record<string, string> => ({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount }),
    });
    const { url } = await create(redrive(1000));
    const { RedrivePolicy: answer = '{}' } = await attributesOf(url, 'RedrivePolicy');
    expect(JSON.parse(answer)).toEqual({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1000 });
    for (const count of [0, 1001]) {
      expect(await errorNameOf(set(url, redrive(count)))).not.toBe('no error');
    }
  });

  rule('names the queue that a dead letter came from', async () => {
    const dead = await create();
    const { url, arn } = await create({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
    });
    await send(url, 'poison');
    await one(url, { VisibilityTimeout: 0 });
    await receive(url);
    expect((await one(dead.url)).Attributes?.DeadLetterQueueSourceArn).toBe(arn);
  });

  rule('is a dead-letter queue only of queues that its RedriveAllowPolicy admits', async () => {
    const [admitted, other, dead] = [await create(), await create(), await create()];
    const redrive = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }) };
    const allow = (policy: object): Promise<unknown> => set(dead.url, { RedriveAllowPolicy: JSON.stringify(policy) });
    await allow({ redrivePermission: 'byQueue', sourceQueueArns: [admitted.arn] });
    expect(await errorNameOf(set(admitted.url, redrive))).toBe('no error');
    expect(await errorNameOf(set(other.url, redrive))).not.toBe('no error');
    await allow({ redrivePermission: 'denyAll' });
    expect(await errorNameOf(set(other.url, redrive))).not.toBe('no error');
  });

  rule('answers the RedriveAllowPolicy that was set', async () => {
    const { arn } = await create();
    const policy = { redrivePermission: 'byQueue', sourceQueueArns: [arn] };
    const { url } = await create({ RedriveAllowPolicy: JSON.stringify(policy) });
    const { RedriveAllowPolicy: answer = '{}' } = await attributesOf(url, 'RedriveAllowPolicy');
    expect(JSON.parse(answer)).toEqual(policy);
    expect(await attributesOf(url, 'All')).toHaveProperty('RedriveAllowPolicy');
  });

  const impossible: readonly [string, string, (arn: string) => string][] = [
    ['RedrivePolicy', 'text that is no JSON', () => '{'],
    ['RedriveAllowPolicy', 'text that is no JSON', () => '{'],
    ['RedriveAllowPolicy', 'an unknown permission', () => '{"redrivePermission":"some"}'],
    [
      'RedriveAllowPolicy',
      'queues without byQueue',
      (arn) => JSON.stringify({ redrivePermission: 'denyAll', sourceQueueArns: [arn] }),
    ],
    [
      'RedriveAllowPolicy',
      'eleven queues',
      (arn) => JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: Array<string>(11).fill(arn) }),
    ],
  ];
  for (const [name, what, valueFor] of impossible) {
    rule(`refuses a ${name} with ${what}`, async () => {
      const { url, arn } = await create();
      expect(await errorNameOf(set(url, { [name]: valueFor(arn) }))).toBe('InvalidAttributeValue');
    });
  }

  rule('creates a queue again that has the attributes asked for, and no other', async () => {
    const { url, name } = await create({ DelaySeconds: '1' });
    const again = (DelaySeconds: string): Promise<{ QueueUrl?: string }> =>
      client.send(new CreateQueueCommand({ QueueName: name, Attributes: { DelaySeconds } }));
    expect(await again('1')).toMatchObject({ QueueUrl: url });
    expect(await errorNameOf(again('2'))).toBe('QueueNameExists');
  });
}
