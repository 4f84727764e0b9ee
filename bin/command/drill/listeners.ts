import { paginateListSubscriptionsByTopic, type SNSClient, type Subscription } from '@aws-sdk/client-sns';

/** Who a topic tells. */
interface Listener {
  readonly protocol: string;
  /** Of a URL the host only: the rest may be what lets somebody write there. */
  readonly endpoint: string;
  readonly confirmed: boolean;
}

export interface Topic {
  readonly arn: string;
  readonly listeners: readonly Listener[];
  /** How many subscriptions the stack made that are there no longer: SNS deletes what is not confirmed within 48 hours. */
  readonly missing: number;
  /** Why SNS does not tell. */
  readonly error?: string;
}

/**
 * Reads the subscriptions of a topic.
 *
 * @param made ARNs of the subscriptions that the stack made, to any topic
 */
export async function readTopic(client: SNSClient, arn: string, made: readonly string[]): Promise<Topic> {
  const subscriptions: Subscription[] = [];
  try {
    for await (const { Subscriptions: page = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn: arn })) {
      subscriptions.push(...page);
    }
  } catch (error) {
    return { arn, listeners: [], missing: 0, error: error instanceof Error ? error.message : String(error) };
  }
  const listeners = subscriptions.map(listenerOf);
  const there = subscriptions.map(({ SubscriptionArn: one }) => one);
  const gone = made.filter((one) => one.startsWith(`${arn}:`) && !there.includes(one)).length;
  // One that is pending has no ARN in the list.
  const pending = listeners.filter(({ confirmed }) => !confirmed).length;
  return { arn, listeners, missing: Math.max(0, gone - pending) };
}

function listenerOf({
  Protocol: protocol = '',
  Endpoint: endpoint = '',
  SubscriptionArn: arn = '',
}: Subscription): Listener {
  return {
    protocol,
    endpoint: /^https?:/.test(endpoint) && URL.canParse(endpoint) ? new URL(endpoint).host : endpoint,
    confirmed: arn.startsWith('arn:'),
  };
}
