import type { ApplicationSettings } from '../contract/application-settings';
import type { HubDefaults } from './hub-defaults';

/** What a rehearsal needs to know of an application and of its hub. */
export interface Registration extends Pick<ApplicationSettings, 'clientIdField' | 'clientSecretField'> {
  readonly hub: HubDefaults;
  /** SP-API endpoint. */
  readonly endpoint: string;
  /** Whether the secret was created for the application, rather than passed. */
  readonly isCreatedHere: boolean;
  /** Whether the client id is not in the secret. */
  readonly hasClientId: boolean;
}
