import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE, type DetailType, type EventDetail } from '../../lib/contract/event';
import { CallFailed, type EventBus } from '../core/ports';
import { call } from './aws-call';

export class EventBridgeBus implements EventBus {
  constructor(
    private readonly client: EventBridgeClient,
    private readonly busArn: string,
  ) {}

  async publish(type: DetailType, detail: EventDetail): Promise<void> {
    const answer = await call('events:PutEvents', () =>
      this.client.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: this.busArn,
              Source: EVENT_SOURCE,
              DetailType: type,
              Detail: JSON.stringify(detail),
              Resources: [detail.secretArn],
            },
          ],
        }),
      ),
    );
    // PutEvents succeeds as a call even when no event got through.
    if ((answer.FailedEntryCount ?? 0) > 0) {
      throw new CallFailed('events:PutEvents', 'FailedEntry', answer.$metadata.requestId);
    }
  }
}
