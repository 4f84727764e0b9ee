import { setTimeout as pause } from 'node:timers/promises';
import type { SQSBatchResponse, SQSEvent, SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import type { MessageAttributes, ReceivedMessage } from '../services/queue-model';
import type { Queues } from '../services/queues';
import type { InvocationResult, LambdaFunction } from './lambda-function';
import type { Roles } from './roles';

export interface EventSourceMappingSettings {
  readonly logicalId: string;
  readonly queueArn: string;
  readonly target: LambdaFunction;
  readonly enabled: boolean;
  readonly batchSize: number;
  /** Lambda starts with five pollers if the mapping sets no maximum. */
  readonly maximumConcurrency: number;
  readonly reportBatchItemFailures: boolean;
  readonly region: string;
}

/** What became of one batch. */
export interface BatchResult {
  readonly invocation: InvocationResult;
  readonly deleted: readonly string[];
  /** Message ids that stay in the queue until their visibility time-out is over. */
  readonly kept: readonly string[];
}

/** The most messages that SQS returns at once. */
const RECEIVE_LIMIT = 10;
const POLLING_PAUSE = 250;

/** Lambda's poller: receives batches from a queue with the function's role, and deletes the messages that succeeded. */
export class EventSourceMapping {
  /** Whether it polls. People can change that. */
  enabled: boolean;

  private polling: { readonly stopper: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(
    readonly settings: EventSourceMappingSettings,
    private readonly queues: Queues,
    private readonly roles: Roles,
  ) {
    this.enabled = settings.enabled;
  }

  get id(): string {
    return this.settings.logicalId;
  }

  /** Throws where Lambda would refuse to create the mapping. */
  verify(): void {
    const { logicalId, queueArn, target } = this.settings;
    const { roleArn, timeoutSeconds } = target.configuration;
    for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
      this.roles.requireAllowed(this.roles.byArn(roleArn), `sqs:${action}`, queueArn);
    }
    const visibility = Number(this.queues.attributes(queueArn).VisibilityTimeout);
    if (visibility < timeoutSeconds) {
      throw new Error(
        `${logicalId}: the queue's visibility time-out of ${visibility} seconds is less than the function's time-out of ${timeoutSeconds} seconds`,
      );
    }
  }

  /** Invokes the function until no message is visible any more. */
  async drain(concurrency = 1): Promise<BatchResult[]> {
    if (!this.enabled || this.settings.target.reservedConcurrency === 0) {
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

  private async receive(): Promise<ReceivedMessage[]> {
    const { queueArn, batchSize, target } = this.settings;
    const messages: ReceivedMessage[] = [];
    while (messages.length < batchSize) {
      const max = Math.min(RECEIVE_LIMIT, batchSize - messages.length);
      const received = await this.queues.receive(queueArn, { max, waitSeconds: 0, as: target.name });
      messages.push(...received);
      if (received.length === 0) {
        break;
      }
    }
    return messages;
  }

  private async deliver(messages: readonly ReceivedMessage[]): Promise<BatchResult> {
    const event: SQSEvent = { Records: messages.map((message) => this.record(message)) };
    const invocation = await this.settings.target.invoke(event);
    const ids = event.Records.map(({ messageId }) => messageId);
    const kept = failedItems(invocation, ids, this.settings.reportBatchItemFailures);
    const done = event.Records.filter(({ messageId }) => !kept.includes(messageId));
    for (const { receiptHandle } of done) {
      await this.queues.delete(this.settings.queueArn, receiptHandle, { as: this.settings.target.name });
    }
    return { invocation, deleted: done.map(({ messageId }) => messageId), kept };
  }

  private record(message: ReceivedMessage): SQSRecord {
    const { SentTimestamp = '', SenderId = '', ...others } = message.attributes;
    const { ApproximateReceiveCount = '', ApproximateFirstReceiveTimestamp = '' } = message.attributes;
    return {
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: {
        ...others,
        ApproximateReceiveCount,
        SentTimestamp,
        SenderId,
        ApproximateFirstReceiveTimestamp,
      },
      messageAttributes: messageAttributes(message.messageAttributes),
      md5OfBody: message.md5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.settings.queueArn,
      awsRegion: this.settings.region,
    };
  }
}

/**
 * The messages that stay in the queue, by Lambda's rules: no list, or an empty one, means that all succeeded. An answer
 * that Lambda does not understand means that all failed.
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

function messageAttributes(attributes: MessageAttributes): SQSMessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType: dataType, StringValue: text, BinaryValue: binary }]) => [
      name,
      {
        ...(text !== undefined && { stringValue: text }),
        ...(binary !== undefined && { binaryValue: Buffer.from(binary).toString('base64') }),
        stringListValues: [],
        binaryListValues: [],
        dataType,
      },
    ]),
  );
}
