import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { failureOf } from '../core/failure';
import type { HubAnswer, QueueAnswer } from '../core/reconcile/answer';
import { call } from './aws-call';
import { requireEnvironment } from './environment';

/** Those that can be received, those that were, and are hidden, and those that are delayed. SQS calls all of them approximate. */
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/**
 * The hub itself, for those who only look.
 *
 * @throws {Misconfigured}
 */
export async function lookAtHub(sqs: SQSClient, rotateFunctionArn: string): Promise<HubAnswer> {
  const functions = { rotate: rotateFunctionArn, store: requireEnvironment('storeFunctionArn') };
  const [notification, deadLetter, unclaimed] = await Promise.all([
    lookAtQueue(sqs, requireEnvironment('queueUrl')),
    lookAtQueue(sqs, requireEnvironment('deadLetterQueueUrl')),
    lookAtQueue(sqs, requireEnvironment('unclaimedQueueUrl')),
  ]);
  return { queues: { notification, deadLetter, unclaimed }, functions };
}

/** What SQS does not tell of one queue is no failure of the look at the others. */
async function lookAtQueue(sqs: SQSClient, url: string): Promise<QueueAnswer> {
  try {
    const { Attributes: attributes = {} } = await call('sqs:GetQueueAttributes', () =>
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn', ...COUNTS] })),
    );
    const messages = COUNTS.reduce((sum, count) => sum + Number(attributes[count] ?? 0), 0);
    return { url, arn: attributes.QueueArn, messages };
  } catch (error) {
    return { url, error: failureOf(error).code };
  }
}
