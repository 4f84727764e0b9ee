import { setTimeout as pause } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
  type MessageAttributeValue,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import type { InvocationResult, LambdaFunction } from './lambda-function';

export interface EventSourceMappingSettings {
  readonly logicalId: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly target: LambdaFunction;
  readonly enabled: boolean;
  readonly batchSize: number;
  /** Lambda starts with five pollers where the mapping says nothing. */
  readonly maximumConcurrency: number;
  readonly reportBatchItemFailures: boolean;
  readonly region: string;
  readonly endpoint: string;
}

/** What became of one batch. */
export interface BatchResult {
  readonly invocation: InvocationResult;
  readonly deleted: readonly string[];
  /** Message ids that stay in the queue until their visibility time-out is over. */
  readonly kept: readonly string[];
}

/** As much as SQS gives at once. */
const RECEIVE_LIMIT = 10;
const POLLING_PAUSE = 250;

/** Lambda's poller: takes batches from a queue as the function's own role and deletes what the function has dealt with. */
export class EventSourceMapping {
  private client: SQSClient | undefined;
  private polling: { readonly stopper: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(public settings: EventSourceMappingSettings) {}

  /** Throws where Lambda would refuse to create the mapping. */
  async verify(): Promise<void> {
    const { logicalId, queueUrl, target } = this.settings;
    const { Attributes: attributes = {} } = await this.sqs().send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
    );
    const visibility = Number(attributes.VisibilityTimeout);
    if (visibility < target.configuration.timeoutSeconds) {
      throw new Error(
        `${logicalId}: the queue's visibility time-out of ${visibility} seconds is less than the function's time-out of ${target.configuration.timeoutSeconds} seconds`,
      );
    }
  }

  /** Invokes the function until no message is visible any more. */
  async drain(concurrency = 1): Promise<BatchResult[]> {
    if (!this.settings.enabled) {
      return [];
    }
    const results: BatchResult[] = [];
    const poller = async (): Promise<void> => {
      for (let messages = await this.receive(); messages.length > 0; messages = await this.receive()) {
        results.push(await this.deliver(messages));
      }
    };
    const pollers = Math.max(1, Math.min(concurrency, this.settings.maximumConcurrency));
    await Promise.all(Array.from({ length: pollers }, poller));
    return results;
  }

  /** Drains the queue again and again, until `stopPolling`. */
  startPolling(onResults: (results: readonly BatchResult[]) => void, onError: (error: unknown) => void): void {
    if (this.polling !== undefined) {
      return;
    }
    const stopper = new AbortController();
    const loop = async (): Promise<void> => {
      while (!stopper.signal.aborted) {
        try {
          onResults(await this.drain(this.settings.maximumConcurrency));
        } catch (error) {
          onError(error);
          return;
        }
        await pause(POLLING_PAUSE, undefined, { signal: stopper.signal }).catch(() => undefined);
      }
    };
    this.polling = { stopper, ended: loop() };
  }

  async stopPolling(): Promise<void> {
    const { polling } = this;
    this.polling = undefined;
    polling?.stopper.abort();
    await polling?.ended;
  }

  async stop(): Promise<void> {
    await this.stopPolling();
    this.client?.destroy();
    this.client = undefined;
  }

  private async receive(): Promise<Message[]> {
    const messages: Message[] = [];
    while (messages.length < this.settings.batchSize) {
      const { Messages: received = [] } = await this.sqs().send(
        new ReceiveMessageCommand({
          QueueUrl: this.settings.queueUrl,
          MaxNumberOfMessages: Math.min(RECEIVE_LIMIT, this.settings.batchSize - messages.length),
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
          WaitTimeSeconds: 0,
        }),
      );
      messages.push(...received);
      if (received.length === 0) {
        break;
      }
    }
    return messages;
  }

  private async deliver(messages: readonly Message[]): Promise<BatchResult> {
    const event: SQSEvent = { Records: messages.map((message) => this.record(message)) };
    const invocation = await this.settings.target.invoke(event);
    const ids = event.Records.map(({ messageId }) => messageId);
    const kept = failedItems(invocation, ids, this.settings.reportBatchItemFailures);
    const done = event.Records.filter(({ messageId }) => !kept.includes(messageId));
    for (let start = 0; start < done.length; start += RECEIVE_LIMIT) {
      await this.remove(done.slice(start, start + RECEIVE_LIMIT));
    }
    return { invocation, deleted: done.map(({ messageId }) => messageId), kept };
  }

  private async remove(records: readonly SQSRecord[]): Promise<void> {
    const { Failed: failed = [] } = await this.sqs().send(
      new DeleteMessageBatchCommand({
        QueueUrl: this.settings.queueUrl,
        Entries: records.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle })),
      }),
    );
    const [first] = failed;
    if (first !== undefined) {
      throw new Error(`the poller of ${this.settings.logicalId} cannot delete messages: ${String(first.Code)}`);
    }
  }

  private record(message: Message): SQSRecord {
    const { ApproximateReceiveCount, SentTimestamp, SenderId, ApproximateFirstReceiveTimestamp, ...others } =
      (message.Attributes ?? {}) as Record<string, string>;
    return {
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle ?? '',
      body: message.Body ?? '',
      attributes: {
        ApproximateReceiveCount: ApproximateReceiveCount ?? '',
        SentTimestamp: SentTimestamp ?? '',
        SenderId: SenderId ?? '',
        ApproximateFirstReceiveTimestamp: ApproximateFirstReceiveTimestamp ?? '',
        ...others,
      },
      messageAttributes: messageAttributes(message.MessageAttributes ?? {}),
      md5OfBody: message.MD5OfBody ?? '',
      eventSource: 'aws:sqs',
      eventSourceARN: this.settings.queueArn,
      awsRegion: this.settings.region,
    };
  }

  private sqs(): SQSClient {
    this.client ??= new SQSClient({
      region: this.settings.region,
      endpoint: this.settings.endpoint,
      credentials: { accessKeyId: this.settings.target.accessKeyId, secretAccessKey: 'local-cloud' },
      // What the emulation refuses it refuses again.
      maxAttempts: 1,
    });
    return this.client;
  }
}

/**
 * The messages that stay, by Lambda's rules: no list, or an empty one, means that all went well; anything about the
 * answer that Lambda cannot make sense of means that nothing did.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedItems(
  { payload, functionError }: Pick<InvocationResult, 'payload' | 'functionError'>,
  ids: readonly string[],
  reportBatchItemFailures: boolean,
): readonly string[] {
  if (functionError !== undefined) {
    return ids;
  }
  if (!reportBatchItemFailures || payload === null) {
    return [];
  }
  if (typeof payload !== 'object' || Array.isArray(payload)) {
    return ids;
  }
  const { batchItemFailures: failures } = payload as { readonly [member in keyof SQSBatchResponse]?: unknown };
  if (failures === undefined || failures === null) {
    return [];
  }
  if (!Array.isArray(failures)) {
    return ids;
  }
  const failed = failures.map(
    (failure: unknown) => (failure as { readonly itemIdentifier?: unknown } | null)?.itemIdentifier,
  );
  return failed.every((id): id is string => typeof id === 'string' && ids.includes(id)) ? [...new Set(failed)] : ids;
}

function messageAttributes(attributes: Readonly<Record<string, MessageAttributeValue>>): SQSMessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(
      ([name, { DataType: dataType = '', StringValue: stringValue, BinaryValue: binary }]) => [
        name,
        {
          ...(stringValue !== undefined && { stringValue }),
          ...(binary !== undefined && { binaryValue: Buffer.from(binary).toString('base64') }),
          stringListValues: [],
          binaryListValues: [],
          dataType,
        },
      ],
    ),
  );
}
