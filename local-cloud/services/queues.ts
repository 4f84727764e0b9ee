import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError, NotEmulated } from './aws-error';
import type { Clock } from './clock';
import type { IamModel, Principal } from './iam';
import { MoveTasks } from './move-tasks';
import { refuseUnknownPolicy, type PolicyDocument } from './policy';
import {
  QueueModel,
  type InspectedMessage,
  type ReceivedMessage,
  type SendOptions,
  type SentMessage,
} from './queue-model';

/** Real milliseconds between two checks of a long poll. Visibility follows a clock that can jump meanwhile. */
const LONG_POLL_STEP = 20;

/** So many queues a `RedriveAllowPolicy` can name. */
const MAX_SOURCES = 10;

/** Attributes of a queue, named as CloudFormation names its properties. */
export interface QueueAttributes {
  readonly VisibilityTimeout?: number | string;
  readonly MessageRetentionPeriod?: number | string;
  readonly DelaySeconds?: number | string;
  readonly ReceiveMessageWaitTimeSeconds?: number | string;
  /** Empty: none any more. */
  readonly RedrivePolicy?: RedrivePolicy | '';
  /** Whose dead-letter queue this may be. Default: that of every queue of the account. */
  readonly RedriveAllowPolicy?: RedriveAllowPolicy;
  readonly KmsMasterKeyId?: string;
  readonly KmsDataKeyReusePeriodSeconds?: number | string;
  readonly SqsManagedSseEnabled?: boolean | string;
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number | string;
}

export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns?: readonly string[];
}

export interface QueueDefinition {
  readonly name: string;
  readonly attributes?: QueueAttributes;
  readonly policy?: PolicyDocument;
}

/** The caller of a call in this process. Default: the emulated cloud itself, which is allowed everything. */
export interface Acting {
  /** Name of a principal that was added. */
  readonly as?: string;
}

export interface ReceiveOptions extends Acting {
  readonly max?: number;
  readonly visibilitySeconds?: number;
  /** Real seconds. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface QueueContents {
  readonly visible: readonly InspectedMessage[];
  readonly inFlight: readonly InspectedMessage[];
  readonly delayed: readonly InspectedMessage[];
}

export type QueueAction =
  | 'SendMessage'
  | 'ReceiveMessage'
  | 'DeleteMessage'
  | 'ChangeMessageVisibility'
  | 'GetQueueAttributes'
  | 'SetQueueAttributes'
  | 'GetQueueUrl'
  | 'AddPermission'
  | 'RemovePermission'
  | 'StartMessageMoveTask'
  | 'ListMessageMoveTasks'
  | 'CancelMessageMoveTask';

interface Queue {
  readonly arn: string;
  readonly name: string;
  readonly model: QueueModel;
  readonly createdAt: number;
  modifiedAt: number;
  waitSeconds: number;
  redriveAllow: RedriveAllowPolicy | undefined;
  redrivePolicy: { deadLetterTargetArn: string; maxReceiveCount: number } | undefined;
  key: string | undefined;
  keyReuseSeconds: number;
  managedEncryption: boolean;
  policy: PolicyDocument | undefined;
  /** As it was given: GetQueueAttributes returns exactly this text. */
  policyText: string | undefined;
}

const ATTRIBUTE_NAMES: readonly (keyof QueueAttributes)[] = [
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'DelaySeconds',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
];

/** The queues of the emulated account. */
export class Queues {
  /** Where the front door listens; URLs of queues begin with it, and SQS clients follow them. */
  baseUrl = 'http://127.0.0.1';

  /** Redrives out of dead-letter queues. */
  readonly moveTasks: MoveTasks;

  private readonly queues = new Map<string, Queue>();

  constructor(
    private readonly clock: Clock,
    private readonly iam: IamModel,
    private readonly region = 'us-east-1',
    private readonly account = '123456789012',
  ) {
    this.moveTasks = new MoveTasks(clock, {
      modelOf: (arn) => this.queues.get(arn)?.model,
      sourcesOf: (arn) => this.sourcesOf(arn),
    });
  }

  create(definition: QueueDefinition): { readonly url: string; readonly arn: string } {
    const { name } = definition;
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
      throw new NotEmulated(`the queue name ${name} (FIFO queues, or more than letters, digits, - and _)`);
    }
    const arn = this.arnOfName(name);
    if (this.queues.has(arn)) {
      throw new AwsError('QueueNameExists', 'A queue already exists with the same name.', 400, 'QueueAlreadyExists');
    }
    const now = this.clock.now();
    const queue: Queue = {
      arn,
      name,
      model: new QueueModel({ clock: this.clock, arn }),
      createdAt: now,
      modifiedAt: now,
      waitSeconds: 0,
      redriveAllow: undefined,
      redrivePolicy: undefined,
      key: undefined,
      keyReuseSeconds: 300,
      managedEncryption: true,
      policy: undefined,
      policyText: undefined,
    };
    this.apply(queue, definition.attributes ?? {});
    this.queues.set(arn, queue);
    if (definition.policy !== undefined) {
      this.setPolicy(arn, definition.policy);
    }
    return { url: this.urlOf(arn), arn };
  }

  /** Deletes the queue with all that is in it. */
  remove(queue: string): void {
    this.queues.delete(this.find(queue).arn);
  }

  setAttributes(queue: string, attributes: QueueAttributes): void {
    const found = this.find(queue);
    this.apply(found, attributes);
    found.modifiedAt = this.clock.now();
  }

  setPolicy(queue: string, policy: PolicyDocument | undefined, text = policy && JSON.stringify(policy)): void {
    if (policy !== undefined) {
      refuseUnknownPolicy(policy, 'resource');
    }
    const found = this.find(queue);
    found.policy = policy;
    found.policyText = text;
  }

  send(queue: string, body: string, options: SendOptions & Acting = {}): Promise<SentMessage> {
    return settle(() => {
      const senderId = this.authorizeAs(options.as, 'SendMessage', queue)?.arn;
      return this.find(queue).model.send(body, { ...(senderId === undefined ? {} : { senderId }), ...options });
    });
  }

  /** Waits for a message in real time, for at most the given number of seconds. */
  async receive(queue: string, options: ReceiveOptions = {}): Promise<ReceivedMessage[]> {
    this.authorizeAs(options.as, 'ReceiveMessage', queue);
    const wait = options.waitSeconds ?? this.find(queue).waitSeconds;
    const deadline = performance.now() + wait * 1000;
    for (;;) {
      const messages = this.find(queue).model.receive(options);
      if (messages.length > 0 || performance.now() >= deadline || options.signal?.aborted === true) {
        return messages;
      }
      await sleep(LONG_POLL_STEP);
    }
  }

  delete(queue: string, receiptHandle: string, options: Acting = {}): Promise<void> {
    return settle(() => {
      this.authorizeAs(options.as, 'DeleteMessage', queue);
      this.find(queue).model.delete(receiptHandle);
    });
  }

  changeVisibility(queue: string, receiptHandle: string, seconds: number, options: Acting = {}): Promise<void> {
    return settle(() => {
      this.authorizeAs(options.as, 'ChangeMessageVisibility', queue);
      this.find(queue).model.changeVisibility(receiptHandle, seconds);
    });
  }

  inspect(queue: string): QueueContents {
    const messages = this.find(queue).model.inspect();
    return {
      visible: messages.filter(({ state }) => state === 'visible'),
      inFlight: messages.filter(({ state }) => state === 'in-flight'),
      delayed: messages.filter(({ state }) => state === 'delayed'),
    };
  }

  policyOf(queue: string): PolicyDocument | undefined {
    return this.find(queue).policy;
  }

  /** Queues that have this one as their dead-letter queue. */
  sourcesOf(deadLetterQueue: string): readonly string[] {
    const all = [...this.queues.values()];
    return all.flatMap(({ arn, redrivePolicy }) =>
      redrivePolicy?.deadLetterTargetArn === deadLetterQueue ? [arn] : [],
    );
  }

  /** ARNs of all queues. */
  list(): readonly string[] {
    return [...this.queues.keys()];
  }

  /** All attributes, as GetQueueAttributes returns them. */
  attributes(queue: string): Record<string, string> {
    const found = this.find(queue);
    const { visible, inFlight, delayed } = this.inspect(queue);
    return {
      QueueArn: found.arn,
      ApproximateNumberOfMessages: String(visible.length),
      ApproximateNumberOfMessagesNotVisible: String(inFlight.length),
      ApproximateNumberOfMessagesDelayed: String(delayed.length),
      CreatedTimestamp: String(Math.floor(found.createdAt / 1000)),
      LastModifiedTimestamp: String(Math.floor(found.modifiedAt / 1000)),
      VisibilityTimeout: String(found.model.visibilitySeconds),
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: String(found.model.retentionSeconds),
      DelaySeconds: String(found.model.delaySeconds),
      ReceiveMessageWaitTimeSeconds: String(found.waitSeconds),
      ...(found.policyText === undefined ? {} : { Policy: found.policyText }),
      ...(found.redrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(found.redrivePolicy) }),
      ...(found.redriveAllow === undefined ? {} : { RedriveAllowPolicy: JSON.stringify(found.redriveAllow) }),
      ...(found.key === undefined
        ? {}
        : { KmsMasterKeyId: found.key, KmsDataKeyReusePeriodSeconds: String(found.keyReuseSeconds) }),
      SqsManagedSseEnabled: String(found.managedEncryption),
    };
  }

  /** Throws unless policies, and for an encrypted queue the key's policy, let the principal do this. */
  authorize(principal: Principal, action: QueueAction, queue: string): void {
    const found = this.queues.get(this.arnOf(queue));
    const resource = this.arnOf(queue);
    this.iam.authorize({ principal, action: `sqs:${action}`, resource, resourcePolicy: found?.policy });
    const needed =
      action === 'SendMessage'
        ? ['kms:GenerateDataKey', 'kms:Decrypt']
        : action === 'ReceiveMessage'
          ? ['kms:Decrypt']
          : [];
    if (found?.key !== undefined) {
      for (const keyAction of needed) {
        this.authorizeKey(principal, keyAction, found.key);
      }
    }
  }

  arnOfName(name: string): string {
    return `arn:aws:sqs:${this.region}:${this.account}:${name}`;
  }

  urlOf(queue: string): string {
    const [, , , , account = '', name = ''] = this.arnOf(queue).split(':');
    return `${this.baseUrl}/${account}/${name}`;
  }

  private authorizeAs(name: string | undefined, action: QueueAction, queue: string): Principal | undefined {
    if (name === undefined) {
      return undefined;
    }
    const principal = this.iam.byName(name);
    this.authorize(principal, action, queue);
    return principal;
  }

  private authorizeKey(principal: Principal, action: string, key: string): void {
    try {
      this.iam.authorizeKey(principal, action, key, `sqs.${this.region}.amazonaws.com`);
    } catch (error) {
      if (error instanceof AwsError) {
        throw new AwsError('KmsAccessDenied', error.message, 400, 'KMS.AccessDeniedException');
      }
      throw error;
    }
  }

  private apply(queue: Queue, attributes: QueueAttributes): void {
    for (const name of Object.keys(attributes)) {
      if (!(ATTRIBUTE_NAMES as readonly string[]).includes(name)) {
        throw new NotEmulated(`the queue attribute ${name}`);
      }
    }
    const { RedrivePolicy: redrive, RedriveAllowPolicy: redriveAllow } = attributes;
    const { model } = queue;
    model.visibilitySeconds = wholeNumber(attributes, 'VisibilityTimeout', 0, 43_200) ?? model.visibilitySeconds;
    model.retentionSeconds = wholeNumber(attributes, 'MessageRetentionPeriod', 60, 1_209_600) ?? model.retentionSeconds;
    model.delaySeconds = wholeNumber(attributes, 'DelaySeconds', 0, 900) ?? model.delaySeconds;
    queue.waitSeconds = wholeNumber(attributes, 'ReceiveMessageWaitTimeSeconds', 0, 20) ?? queue.waitSeconds;
    queue.keyReuseSeconds =
      wholeNumber(attributes, 'KmsDataKeyReusePeriodSeconds', 60, 86_400) ?? queue.keyReuseSeconds;
    refuseImpossibleAllowance(redriveAllow);
    queue.redriveAllow = redriveAllow ?? queue.redriveAllow;
    this.applyRedrive(queue, redrive);
    applyEncryption(queue, attributes);
  }

  private applyRedrive(queue: Queue, redrive: QueueAttributes['RedrivePolicy']): void {
    if (!redrive) {
      queue.redrivePolicy = redrive === '' ? undefined : queue.redrivePolicy;
      queue.model.redrive = redrive === '' ? undefined : queue.model.redrive;
      return;
    }
    this.refuseImpossibleRedrive(queue, redrive);
    const { deadLetterTargetArn: target } = redrive;
    const maxReceiveCount = Number(redrive.maxReceiveCount);
    queue.redrivePolicy = { deadLetterTargetArn: target, maxReceiveCount };
    queue.model.redrive = { maxReceiveCount, deadLetterQueue: () => this.queues.get(target)?.model };
  }

  private refuseImpossibleRedrive(queue: Queue, redrive: RedrivePolicy): void {
    const target = redrive.deadLetterTargetArn;
    const maxReceiveCount = Number(redrive.maxReceiveCount);
    if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000) {
      throw invalidValue('RedrivePolicy', JSON.stringify(redrive));
    }
    const allow = this.queues.get(target)?.redriveAllow;
    const isAllowed =
      allow?.redrivePermission === 'byQueue'
        ? allow.sourceQueueArns?.includes(queue.arn) === true
        : allow?.redrivePermission !== 'denyAll';
    if (!isAllowed) {
      throw invalidValue('RedrivePolicy', JSON.stringify(redrive));
    }
  }

  private find(queue: string): Queue {
    this.moveTasks.advance();
    const found = this.queues.get(this.arnOf(queue));
    if (found === undefined) {
      throw new AwsError(
        'QueueDoesNotExist',
        'The specified queue does not exist.',
        400,
        'AWS.SimpleQueueService.NonExistentQueue',
      );
    }
    return found;
  }

  /** From an ARN, a URL, or the name of a queue of the account, which SQS takes for a URL too. */
  arnOf(queue: string): string {
    if (queue.startsWith('arn:')) {
      return queue;
    }
    const [account = '', name] = queue.split('/').slice(-2);
    return name === undefined ? this.arnOfName(account) : `arn:aws:sqs:${this.region}:${account}:${name}`;
  }
}

function refuseImpossibleAllowance(allow: RedriveAllowPolicy | undefined): void {
  const { redrivePermission: permission, sourceQueueArns: sources } = allow ?? { redrivePermission: 'allowAll' };
  const isPossible =
    permission === 'byQueue'
      ? sources !== undefined && sources.length >= 1 && sources.length <= MAX_SOURCES
      : ['allowAll', 'denyAll'].includes(permission) && sources === undefined;
  if (!isPossible) {
    throw invalidValue('RedriveAllowPolicy', JSON.stringify(allow));
  }
}

function applyEncryption(queue: Queue, { KmsMasterKeyId: key, SqsManagedSseEnabled: managed }: QueueAttributes): void {
  if (key !== undefined && key !== '' && String(managed) === 'true') {
    throw invalidValue('SqsManagedSseEnabled', 'true');
  }
  if (key !== undefined) {
    queue.key = key === '' ? undefined : key;
    queue.managedEncryption = key === '';
  }
  if (managed !== undefined) {
    queue.managedEncryption = String(managed) === 'true';
    queue.key = queue.managedEncryption ? undefined : queue.key;
  }
}

function wholeNumber(
  attributes: QueueAttributes,
  name: Exclude<keyof QueueAttributes, 'RedrivePolicy' | 'RedriveAllowPolicy'>,
  least: number,
  most: number,
): number | undefined {
  const given = attributes[name];
  if (given === undefined) {
    return undefined;
  }
  const value = Number(given);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalidValue(name, String(given));
  }
  return value;
}

export function invalidValue(name: string, value: string): AwsError {
  return new AwsError(
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}: ${value}`,
    400,
    'InvalidAttributeValue',
  );
}

function settle<T>(action: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(action());
  });
}
