import type { ApplicationSettings } from '../../lib/contract/application-settings';
import type { Ports } from './ports';

/** One application of the hub, with its way to the world. */
export interface Application {
  readonly settings: ApplicationSettings;
  /** The hub: ARN of the notification queue. */
  readonly hub: string;
  /** ARN of the key that the stack gave the notification queue, if it gave one. */
  readonly queueKeyArn: string | undefined;
  readonly ports: Ports;
}
