import type { DetailType, EventDetail } from '../../lib/contract/event';
import type { Application } from './ports';
import { failureOf } from './failure';

/** What every event says of its application. */
export function eventSubject(
  application: Application,
  clientId: string,
  versionId: string,
): Pick<EventDetail, 'hub' | 'application' | 'clientId' | 'secretArn' | 'versionId'> {
  const { id, secretArn } = application.settings;
  return { hub: application.hub, application: id, clientId, secretArn, versionId };
}

/**
 * Publishes an event and swallows a failure to do so, which is logged: the journal has what happened, and the next sweep
 * reports again what lasts.
 *
 * @returns whether it was published
 */
export async function publishBestEffort(
  application: Application,
  type: DetailType,
  detail: EventDetail,
): Promise<boolean> {
  try {
    await application.ports.events.publish(type, detail);
    return true;
  } catch (error) {
    application.ports.observe({
      what: 'event not published',
      application: application.settings.id,
      clientId: detail.clientId,
      versionId: detail.versionId,
      ...failureOf(error),
    });
    return false;
  }
}
