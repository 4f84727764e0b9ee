import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DETAIL_TYPE, EVENT_SOURCE, type DetailType, type EventDetail } from '../../lib/contract/event';
import { runbookLink } from '../../lib/contract/operators';
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
              Detail: JSON.stringify({ ...runbookOf(type, detail), ...detail }),
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

/** What happened as it should has no section there. */
function runbookOf(type: DetailType, { kind }: EventDetail): Pick<EventDetail, 'runbook'> {
  const section = kind ?? (type === DETAIL_TYPE.expiring ? 'expiring' : undefined);
  return section === undefined ? {} : { runbook: runbookLink(section) };
}
