import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { RehearsalSettings } from '../../lib/contract/rehearsal';
import { call } from '../adapters/aws-call';
import { CallFailed } from '../core/ports';
import type { AmazonModel, Delivery } from './amazon/model';

/** The longest that SQS delays a message, in seconds. */
export const MAX_DELAY_SECONDS = 900;

/** A message, and for how long SQS is to hold it back. */
export interface Outgoing {
  readonly delivery: Delivery;
  readonly delaySeconds: number;
}

/** Takes what is to be sent now: nothing of this function runs later, so SQS itself holds back what is due later. */
export function takeOutgoing(model: AmazonModel, now: number): Outgoing[] {
  return model.takeDueDeliveries(now + MAX_DELAY_SECONDS * 1000).map((delivery) => ({
    delivery,
    delaySeconds: Math.max(0, Math.round((delivery.dueAt - now) / 1000)),
  }));
}

/** Sends messages. As at Amazon, one that the queue refuses is lost; returns why each was, in one word. */
export async function send(
  client: SQSClient,
  { hubs }: RehearsalSettings,
  outgoing: readonly Outgoing[],
): Promise<string[]> {
  const refused: string[] = [];
  for (const { delivery, delaySeconds } of outgoing) {
    const url = hubs.find(({ queueArn }) => queueArn === delivery.queueArn)?.queueUrl;
    try {
      await call('sqs:SendMessage', () =>
        client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: delivery.body, DelaySeconds: delaySeconds })),
      );
    } catch (error) {
      refused.push(error instanceof CallFailed ? error.code : 'Unknown');
    }
  }
  return refused;
}
