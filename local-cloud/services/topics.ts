import { AwsError } from './aws-error';
import type { Clock } from './clock';

/** Protocols whose endpoints must confirm, also in the account of the topic. */
const CONFIRMED_BY_HAND: readonly string[] = ['email', 'email-json', 'http', 'https'];

/** SNS deletes what is not confirmed by then. */
const MAX_PENDING = 48 * 3_600_000;

export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly isConfirmed: boolean;
  readonly since: number;
}

/**
 * Topics and their subscriptions. Nothing is delivered here.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
 */
export class TopicModel {
  private readonly topics = new Map<string, Subscription[]>();

  constructor(private readonly clock: Clock) {}

  create(arn: string): void {
    this.topics.set(arn, this.topics.get(arn) ?? []);
  }

  delete(arn: string): void {
    this.topics.delete(arn);
  }

  subscribe(topicArn: string, arn: string, protocol: string, endpoint: string): void {
    const isConfirmed = !CONFIRMED_BY_HAND.includes(protocol);
    const others = this.subscriptions(topicArn).filter((one) => one.arn !== arn);
    this.topics.set(topicArn, [...others, { arn, protocol, endpoint, isConfirmed, since: this.clock.now() }]);
  }

  /** Somebody follows the link in the mail. */
  confirm(topicArn: string, endpoint: string): void {
    const confirmed = this.subscriptions(topicArn).map((one) =>
      one.endpoint === endpoint ? { ...one, isConfirmed: true } : one,
    );
    this.topics.set(topicArn, confirmed);
  }

  unsubscribe(arn: string): void {
    for (const [topic, subscriptions] of this.topics) {
      this.topics.set(
        topic,
        subscriptions.filter((one) => one.arn !== arn),
      );
    }
  }

  subscriptions(topicArn: string): readonly Subscription[] {
    const subscriptions = this.topics.get(topicArn);
    if (subscriptions === undefined) {
      throw new AwsError('NotFound', 'Topic does not exist', 404);
    }
    return subscriptions.filter(({ isConfirmed, since }) => isConfirmed || this.clock.now() - since < MAX_PENDING);
  }
}
