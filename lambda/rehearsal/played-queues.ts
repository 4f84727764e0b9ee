import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { RehearsedHub } from '../../lib/contract/rehearsal';
import { call } from '../adapters/aws-call';

/** Messages in one queue, about: SQS counts a moment later. */
export interface Depth {
  readonly visible: number;
  readonly hidden: number;
}

export async function depthOf(client: SQSClient, url: string): Promise<Depth> {
  const { Attributes: attributes = {} } = await call('sqs:GetQueueAttributes', () =>
    client.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    ),
  );
  return {
    visible: Number(attributes.ApproximateNumberOfMessages ?? 0),
    hidden: Number(attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}

/** Removes the messages that a rehearsal made, and returns how many. Others are left, for a person to read. */
export async function removeDeadLetters(
  client: SQSClient,
  { deadLetterQueueUrl: url }: RehearsedHub,
  isOurs: (body: string) => boolean,
): Promise<number> {
  const { Messages: messages = [] } = await call('sqs:ReceiveMessage', () =>
    client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 2, VisibilityTimeout: 5 }),
    ),
  );
  const ours = messages.filter(({ Body: body = '' }) => isOurs(body));
  for (const { ReceiptHandle: handle } of ours) {
    await call('sqs:DeleteMessage', () =>
      client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle })),
    );
  }
  return ours.length;
}
