import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { CallFailed, type NotificationQueue, type QueueAttributes } from '../core/ports';
import { call } from './aws-call';

/** The notification queue, as far as the functions touch it themselves. */
export class NotificationSqsQueue implements NotificationQueue {
  constructor(
    private readonly client: SQSClient,
    private readonly url: string,
  ) {}

  async attributes(): Promise<QueueAttributes | undefined> {
    try {
      const { Attributes: attributes = {} } = await call('sqs:GetQueueAttributes', () =>
        this.client.send(
          new GetQueueAttributesCommand({
            QueueUrl: this.url,
            AttributeNames: ['Policy', 'KmsMasterKeyId', 'MessageRetentionPeriod'],
          }),
        ),
      );
      return {
        policy: attributes.Policy,
        key: attributes.KmsMasterKeyId,
        retentionSeconds: Number(attributes.MessageRetentionPeriod ?? 0),
      };
    } catch (error) {
      if (error instanceof CallFailed && /NonExistentQueue|QueueDoesNotExist/.test(error.code)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Hides a message for longer. Never re-sent: Lambda stops a function that feeds its own queue. */
  async hide(receiptHandle: string, seconds: number): Promise<void> {
    await call('sqs:ChangeMessageVisibility', () =>
      this.client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: this.url,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      ),
    );
  }
}

/** Keeps new secrets of client ids that no application here has. */
export class UnclaimedSqsQueue {
  constructor(
    private readonly client: SQSClient,
    private readonly url: string,
  ) {}

  async keep(body: string): Promise<void> {
    await call('sqs:SendMessage', () =>
      this.client.send(new SendMessageCommand({ QueueUrl: this.url, MessageBody: body })),
    );
  }
}
