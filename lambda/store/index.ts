import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { clock, Hub } from '../adapters/hub';
import { showable } from '../adapters/showable-error';
import { processMessage, type MessageContext } from '../core/messages/message';
import { failureOf } from '../core/failure';
import { KnownClientIds } from '../core/messages/known-client-ids';
import { readHub, type HubRead } from '../core/messages/read-hub';
import { SECOND } from '../core/time';

/** Time kept back for the answer and the metrics. */
const CLOSING = 5 * SECOND;

const hub = new Hub();
const unclaimed = hub.unclaimedQueue();
const known = new KnownClientIds();

/** Tells the batch processor that a message stays in the queue. The reason is logged already. */
class MessageKept extends Error {
  override readonly name = 'MessageKept';
}

/** Takes the messages of the notification queue. Never throws: a message that cannot be served stays, those beside it go. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const { observer } = hub;
  hub.begin(context.awsRequestId);
  const deadline = clock.now() + context.getRemainingTimeInMillis() - CLOSING;
  let read: Promise<HubRead> | undefined;
  const messageContext: MessageContext = {
    hub: () => (read ??= look(deadline, firstReceived(event))),
    known,
    observe: observer.observe,
    now: () => clock.now(),
    served: new Map(),
  };
  try {
    return await processPartialResponse(
      event,
      (record: SQSRecord) => serve(record, messageContext),
      new BatchProcessor(EventType.SQS),
      { throwOnFullBatchFailure: false },
    );
  } catch (error) {
    throw showable(error);
  } finally {
    hub.end();
  }
}

async function look(deadline: number, received: number): Promise<HubRead> {
  const at = clock.now();
  const read = await readHub(await hub.applications(deadline));
  known.remember(read.directory, { at, received });
  return read;
}

/** By the clock of SQS, and not later than now. */
function firstReceived({ Records: records }: SQSEvent): number {
  return Math.max(...records.map(({ attributes }) => Number(attributes.ApproximateFirstReceiveTimestamp)));
}

async function serve(record: SQSRecord, messageContext: MessageContext): Promise<void> {
  const handled = await processMessage(
    {
      messageId: record.messageId,
      body: record.body,
      sentAt: Number(record.attributes.SentTimestamp),
      receiveCount: Number(record.attributes.ApproximateReceiveCount),
    },
    messageContext,
  );
  try {
    switch (handled.disposition) {
      case 'acknowledge':
        return;
      case 'unclaimed':
        await unclaimed.keep(record.body);
        return;
      case 'keep':
        await hub.queue.hide(record.receiptHandle, handled.hiddenSeconds);
    }
  } catch (error) {
    messageContext.observe({ what: 'message kept', messageId: record.messageId, ...failureOf(error) });
  }
  throw new MessageKept(`message ${record.messageId} stays in the queue`);
}
