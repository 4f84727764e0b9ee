import { AwsError } from './aws-error';
import type { Clock } from './clock';
import { jsonObjectFrom } from './event-pattern';
import { Identifiers } from './identifiers';
import type { QueueModel } from './queue-model';

/** Messages a second, where a task asks for no rate: SQS goes no faster. */
const FASTEST = 500;
const MOST_LISTED = 10;

export interface MoveRequest {
  readonly source: string;
  /** Default: the queue from which each message came. */
  readonly destination: string | undefined;
  readonly perSecond: number | undefined;
}

interface MoveTask extends MoveRequest {
  readonly handle: string;
  readonly startedAt: number;
  readonly toMove: number;
  moved: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  reason?: string;
}

/** The queues, as tasks see them. */
export interface MovableQueues {
  readonly modelOf: (arn: string) => QueueModel | undefined;
  /** Queues that have this one as their dead-letter queue. */
  readonly sourcesOf: (deadLetterQueue: string) => readonly string[];
}

/**
 * Tasks that move messages out of dead-letter queues. A moved message is a new one: with an id, a time and receives of
 * its own. A task that meets a message without a known source fails, and the message stays.
 */
export class MoveTasks {
  private readonly tasks: MoveTask[] = [];
  private readonly identifiers = new Identifiers('move-tasks');

  constructor(
    private readonly clock: Clock,
    private readonly queues: MovableQueues,
  ) {}

  start(request: MoveRequest): string {
    const { source, destination, perSecond } = request;
    this.refuseUnknownQueue('SourceArn', source);
    this.refuseUnknownQueue('DestinationArn', destination ?? source);
    if (this.queues.sourcesOf(source).length === 0) {
      throw invalid('Source queue must be configured as a Dead Letter Queue.');
    }
    if (perSecond !== undefined && !(perSecond >= 1 && perSecond <= FASTEST)) {
      throw invalid(`Value ${perSecond} for parameter MaxNumberOfMessagesPerSecond is invalid.`);
    }
    this.advance();
    if (this.tasks.some((task) => task.source === source && task.status === 'RUNNING')) {
      throw invalid(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const handle = Buffer.from(JSON.stringify({ taskId: this.identifiers.uuid(), sourceArn: source })).toString(
      'base64',
    );
    const toMove = this.visible(source).length;
    this.tasks.push({ ...request, handle, startedAt: this.clock.now(), toMove, moved: 0, status: 'RUNNING' });
    this.advance();
    return handle;
  }

  /** The newest first, as ListMessageMoveTasks answers them. */
  list(source: string, max = 1): readonly object[] {
    this.refuseUnknownQueue('SourceArn', source);
    if (!(max >= 1 && max <= MOST_LISTED)) {
      throw invalid(`Value ${max} for parameter MaxResults is invalid. Reason: Must be between 1 and ${MOST_LISTED}.`);
    }
    this.advance();
    const found = this.tasks.filter((task) => task.source === source).reverse();
    return found.slice(0, max).map((task) => ({
      ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
      Status: task.status,
      SourceArn: source,
      DestinationArn: task.destination,
      MaxNumberOfMessagesPerSecond: task.perSecond,
      ApproximateNumberOfMessagesMoved: task.moved,
      ApproximateNumberOfMessagesToMove: task.toMove,
      FailureReason: task.reason,
      StartedTimestamp: task.startedAt,
    }));
  }

  sourceOf(handle: string): string {
    return this.find(handle).source;
  }

  /** Returns how many messages were moved before. */
  cancel(handle: string): number {
    this.advance();
    const task = this.find(handle);
    if (task.status !== 'RUNNING') {
      throw invalid('Only active tasks can be cancelled.');
    }
    task.status = 'CANCELLED';
    return task.moved;
  }

  /** Moves what had time to move since the start. */
  advance(): void {
    for (const task of this.tasks.filter(({ status }) => status === 'RUNNING')) {
      const seconds = 1 + Math.floor((this.clock.now() - task.startedAt) / 1000);
      while (task.status === 'RUNNING' && task.moved < seconds * (task.perSecond ?? FASTEST)) {
        this.moveOne(task);
      }
    }
  }

  private refuseUnknownQueue(parameter: string, arn: string): void {
    if (this.queues.modelOf(arn) === undefined) {
      throw notFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);
    }
  }

  private find(handle: string): MoveTask {
    const { taskId, sourceArn } = jsonObjectFrom(Buffer.from(handle, 'base64').toString()) ?? {};
    if (typeof taskId !== 'string' || typeof sourceArn !== 'string') {
      throw invalid('Value for parameter TaskHandle is invalid.');
    }
    this.refuseUnknownQueue('SourceArn', sourceArn);
    const task = this.tasks.find((one) => one.handle === handle);
    if (task === undefined) {
      throw notFound('Task does not exist.');
    }
    return task;
  }

  private moveOne(task: MoveTask): void {
    const [message] = this.visible(task.source);
    if (message === undefined) {
      task.status = 'COMPLETED';
      return;
    }
    const destination = task.destination ?? message.source;
    const target = destination === undefined ? undefined : this.queues.modelOf(destination);
    if (target === undefined) {
      task.status = 'FAILED';
      task.reason =
        destination === undefined ? 'CouldNotDetermineMessageSource' : 'AWS.SimpleQueueService.NonExistentQueue';
      return;
    }
    this.queues.modelOf(task.source)?.take(message.messageId);
    const { body, attributes, senderId } = message;
    target.send(body, { attributes, senderId });
    task.moved += 1;
  }

  private visible(arn: string): ReturnType<QueueModel['movable']> {
    return this.queues.modelOf(arn)?.movable() ?? [];
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, 'InvalidParameterValue');
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404, 'ResourceNotFoundException');
}
