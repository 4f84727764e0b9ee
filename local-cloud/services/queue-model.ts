import { createHash } from 'node:crypto';
import { AwsError } from './aws-error';
import type { Clock } from './clock';
import { Identifiers } from './identifiers';

const MAX_VISIBILITY = 43_200;
const MAX_BODY_BYTES = 1_048_576;
const MAX_DELAY = 900;
const MAX_BATCH = 10;
/** Characters that XML 1.0 has, and no others. */
// eslint-disable-next-line no-control-regex -- tab and line ends are among them
const ALLOWED_CHARACTERS = /^[\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

/** An attribute that the sender gave a message. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface QueueModelOptions {
  readonly clock: Clock;
  readonly arn: string;
  readonly visibilitySeconds?: number;
  readonly retentionSeconds?: number;
  readonly delaySeconds?: number;
  readonly redrive?: Redrive;
  /** Message ids and receipt handles are derived from it. The same seed gives the same ids. Default: the ARN. */
  readonly seed?: string;
  /** Chooses the next of so many visible messages. Default: the oldest. A standard queue guarantees no order. */
  readonly pick?: (count: number) => number;
  /** Whether this message is delivered once more, as a standard queue may. Default: never. */
  readonly isDeliveredAgain?: () => boolean;
}

export interface Redrive {
  readonly maxReceiveCount: number;
  readonly deadLetterQueue: () => QueueModel | undefined;
}

export interface SendOptions {
  readonly attributes?: MessageAttributes;
  readonly delaySeconds?: number;
  readonly senderId?: string;
}

export interface SentMessage {
  readonly messageId: string;
  readonly md5OfBody: string;
  readonly md5OfAttributes: string | undefined;
}

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** SentTimestamp, ApproximateReceiveCount, ApproximateFirstReceiveTimestamp, SenderId, DeadLetterQueueSourceArn. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: MessageAttributes;
}

export interface InspectedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly state: 'visible' | 'in-flight' | 'delayed';
  readonly receiveCount: number;
  readonly sentAt: number;
  /** When it can be received again. */
  readonly visibleAt: number;
}

/** A message that a redrive may take. */
export interface MovableMessage extends Required<Omit<SendOptions, 'delaySeconds'>> {
  readonly messageId: string;
  readonly body: string;
  /** ARN of the queue from which it came. */
  readonly source: string | undefined;
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  /** When it was first sent, also for a message in a dead-letter queue: the retention period counts from there. */
  readonly sentAt: number;
  readonly source: string | undefined;
  handles: string[];
  receiveCount: number;
  firstReceivedAt: number | undefined;
  lastReceivedAt: number | undefined;
  visibleAt: number;
}

/**
 * A standard queue of SQS: visibility, receive count, redrive, retention from the first enqueue.
 *
 * Pure: it takes the time from the given clock, uses no randomness unless asked to, and never waits.
 */
export class QueueModel {
  readonly arn: string;
  visibilitySeconds: number;
  retentionSeconds: number;
  delaySeconds: number;
  redrive: Redrive | undefined;

  private readonly clock: Clock;
  private readonly identifiers: Identifiers;
  private readonly pick: (count: number) => number;
  private readonly isDeliveredAgain: () => boolean;
  private messages: Message[] = [];
  /** Handles of messages that are gone: deleting again succeeds. */
  private readonly spentHandles = new Set<string>();

  constructor(options: QueueModelOptions) {
    this.clock = options.clock;
    this.arn = options.arn;
    this.visibilitySeconds = options.visibilitySeconds ?? 30;
    this.retentionSeconds = options.retentionSeconds ?? 345_600;
    this.delaySeconds = options.delaySeconds ?? 0;
    this.redrive = options.redrive;
    this.identifiers = new Identifiers(options.seed ?? options.arn);
    this.pick = options.pick ?? (() => 0);
    this.isDeliveredAgain = options.isDeliveredAgain ?? (() => false);
  }

  send(body: string, options: SendOptions = {}): SentMessage {
    const attributes = options.attributes ?? {};
    refuseImpossibleMessage(body, attributes);
    const delay = options.delaySeconds ?? this.delaySeconds;
    if (delay < 0 || delay > MAX_DELAY) {
      throw invalidParameter(
        `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MAX_DELAY}.`,
      );
    }
    const now = this.clock.now();
    const id = this.identifiers.uuid();
    this.add({
      id,
      body,
      attributes,
      senderId: options.senderId ?? 'AIDAEMULATEDSENDER',
      sentAt: now,
      source: undefined,
      handles: [],
      receiveCount: 0,
      firstReceivedAt: undefined,
      lastReceivedAt: undefined,
      visibleAt: now + delay * 1000,
    });
    return { messageId: id, md5OfBody: digestOfBody(body), md5OfAttributes: digestOfAttributes(attributes) };
  }

  receive(options: { readonly max?: number; readonly visibilitySeconds?: number } = {}): ReceivedMessage[] {
    const max = options.max ?? 1;
    if (max < 1 || max > MAX_BATCH) {
      throw invalidParameter(
        `Value ${max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and ${MAX_BATCH}, if provided.`,
      );
    }
    const seconds = options.visibilitySeconds ?? this.visibilitySeconds;
    refuseImpossibleVisibility(seconds);
    this.dropExpired();
    this.moveDeadLetters();
    const now = this.clock.now();
    const candidates = this.messages.filter(({ visibleAt }) => visibleAt <= now);
    const received: ReceivedMessage[] = [];
    while (received.length < max && candidates.length > 0) {
      for (const message of candidates.splice(this.pick(candidates.length), 1)) {
        received.push(this.handOut(message, now, seconds));
      }
    }
    return received;
  }

  /** A handle of an earlier receive deletes nothing and is no error, as in SQS. */
  delete(receiptHandle: string): void {
    const message = this.messages.find(({ handles }) => handles.includes(receiptHandle));
    if (message === undefined) {
      if (!this.spentHandles.has(receiptHandle)) {
        throw new AwsError(
          'ReceiptHandleIsInvalid',
          `The input receipt handle is invalid.`,
          400,
          'ReceiptHandleIsInvalid',
        );
      }
      return;
    }
    if (message.handles.at(-1) === receiptHandle) {
      this.remove(message);
    }
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    refuseImpossibleVisibility(seconds);
    this.dropExpired();
    const now = this.clock.now();
    const message = this.messages.find(({ handles }) => handles.includes(receiptHandle));
    if (message === undefined && !this.spentHandles.has(receiptHandle)) {
      throw new AwsError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle is invalid.`,
        400,
        'ReceiptHandleIsInvalid',
      );
    }
    if (message?.handles.at(-1) !== receiptHandle) {
      throw invalidParameter(
        `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    if (now + seconds * 1000 > (message.lastReceivedAt ?? now) + MAX_VISIBILITY * 1000) {
      throw invalidParameter(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY} seconds].`,
      );
    }
    message.visibleAt = now + seconds * 1000;
  }

  /** All messages, the oldest first. Nothing changes, except that expired messages are dropped. */
  inspect(): readonly InspectedMessage[] {
    this.dropExpired();
    const now = this.clock.now();
    return this.messages.map((message) => ({
      messageId: message.id,
      body: message.body,
      state: message.visibleAt <= now ? 'visible' : message.receiveCount === 0 ? 'delayed' : 'in-flight',
      receiveCount: message.receiveCount,
      sentAt: message.sentAt,
      visibleAt: message.visibleAt,
    }));
  }

  /** When the next message that is hidden now can be received; `undefined`: none is hidden. */
  nextVisibleAt(): number | undefined {
    this.dropExpired();
    const now = this.clock.now();
    const times = this.messages.map(({ visibleAt }) => visibleAt).filter((at) => at > now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** What a redrive may take now, the oldest first. */
  movable(): readonly MovableMessage[] {
    this.dropExpired();
    const now = this.clock.now();
    return this.messages
      .filter(({ visibleAt }) => visibleAt <= now)
      .map(({ id: messageId, body, attributes, senderId, source }) => ({
        messageId,
        body,
        attributes,
        senderId,
        source,
      }));
  }

  /** Takes a message out, for its redrive. */
  take(messageId: string): void {
    for (const message of this.messages.filter(({ id }) => id === messageId)) {
      this.remove(message);
    }
  }

  private handOut(message: Message, now: number, seconds: number): ReceivedMessage {
    // As those of SQS begin. One that began with a hyphen would be an option to the AWS CLI.
    const handle = `AQEB${this.identifiers.base64url(60)}`;
    message.handles.push(handle);
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    message.lastReceivedAt = now;
    message.visibleAt = now + seconds * 1000;
    if (this.isDeliveredAgain()) {
      this.add({ ...message, handles: [], visibleAt: now });
    }
    return {
      messageId: message.id,
      receiptHandle: handle,
      body: message.body,
      md5OfBody: digestOfBody(message.body),
      attributes: {
        SenderId: message.senderId,
        SentTimestamp: String(message.sentAt),
        ApproximateReceiveCount: String(message.receiveCount),
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
        ...(message.source === undefined ? {} : { DeadLetterQueueSourceArn: message.source }),
      },
      messageAttributes: message.attributes,
    };
  }

  /** The receive count and the time of the first send stay: AWS documents that both count across queues. */
  private moveDeadLetters(): void {
    const target = this.redrive?.deadLetterQueue();
    if (this.redrive === undefined || target === undefined) {
      return;
    }
    const { maxReceiveCount } = this.redrive;
    const now = this.clock.now();
    for (const message of [...this.messages]) {
      if (message.visibleAt <= now && message.receiveCount >= maxReceiveCount) {
        this.remove(message);
        target.add({ ...message, source: this.arn, handles: [], visibleAt: now });
      }
    }
  }

  private add(message: Message): void {
    this.messages.push(message);
  }

  private remove(message: Message): void {
    this.messages = this.messages.filter((other) => other !== message);
    for (const handle of message.handles) {
      this.spentHandles.add(handle);
    }
  }

  private dropExpired(): void {
    const oldest = this.clock.now() - this.retentionSeconds * 1000;
    for (const message of this.messages.filter(({ sentAt }) => sentAt <= oldest)) {
      this.remove(message);
    }
  }
}

/** MD5 of a message's body, as SQS returns it and clients check it. */
function digestOfBody(body: string): string {
  return createHash('md5').update(body).digest('hex');
}

/** MD5 over names, types and values, sorted by name, each with its length before it; `undefined` without attributes. */
export function digestOfAttributes(attributes: MessageAttributes): string | undefined {
  const sorted = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  if (sorted.length === 0) {
    return undefined;
  }
  const hash = createHash('md5');
  const add = (part: string | Uint8Array): void => {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const [name, attribute] of sorted) {
    add(name);
    add(attribute.DataType);
    const isBinary = attribute.DataType.startsWith('Binary');
    hash.update(Buffer.from([isBinary ? 2 : 1]));
    add((isBinary ? attribute.BinaryValue : attribute.StringValue) ?? '');
  }
  return hash.digest('hex');
}

function refuseImpossibleMessage(body: string, attributes: MessageAttributes): void {
  if (body === '') {
    throw new AwsError(
      'MissingRequiredParameterException',
      'The request must contain the parameter MessageBody.',
      400,
      'MissingParameter',
    );
  }
  if (!ALLOWED_CHARACTERS.test(body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
      400,
      'InvalidMessageContents',
    );
  }
  if (Object.keys(attributes).length > 10) {
    throw invalidParameter('Number of message attributes [11] exceeds the allowed maximum [10].');
  }
  const size =
    Buffer.byteLength(body) +
    Object.entries(attributes).reduce(
      (sum, [name, { DataType, StringValue, BinaryValue }]) =>
        sum + Buffer.byteLength(name + DataType + (StringValue ?? '')) + (BinaryValue?.length ?? 0),
      0,
    );
  if (size > MAX_BODY_BYTES) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BODY_BYTES} bytes.`,
    );
  }
}

function refuseImpossibleVisibility(seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_VISIBILITY) {
    throw invalidParameter(
      `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and ${MAX_VISIBILITY}.`,
    );
  }
}

function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, 'InvalidParameterValue');
}
