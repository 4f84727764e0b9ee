import type { ApplicationSettings } from './application-settings';

/** The environment variables of the function that plays Amazon in a rehearsal. */
export const REHEARSAL_ENVIRONMENT = {
  /** First segment of the path below which it answers. */
  path: 'REHEARSAL_PATH',
  /** ARN of the secret in which it keeps its state. */
  stateArn: 'REHEARSAL_STATE_ARN',
  /** Its {@link RehearsalSettings}, as JSON. */
  settings: 'REHEARSAL_SETTINGS',
} as const;

/** Tag of everything that belongs to a rehearsal. Its function writes no secret without it. */
export const REHEARSAL_TAG = 'cdk-sp-api-secret-rotation:rehearsal';

/** What a client id in a rehearsal begins with. No client id of Amazon's has these letters: they are not hexadecimal. */
export const REHEARSAL_CLIENT_ID_PREFIX = 'amzn1.application-oa2-client.rehearsal';

/** Hours for which the function answers after a start. */
export const REHEARSAL_HOURS = 2;

/** Description of the stack output that holds the name of the function. The operators' command looks for it. */
export const REHEARSAL_FUNCTION_OUTPUT =
  'Function that plays Amazon in a rehearsal: npx cdk-sp-api-secret-rotation rehearse';

/** Description of the stack output that says how many other resources the stack has. The operators' command looks for it. */
export const REHEARSAL_OTHERS_OUTPUT =
  'Resources of this stack that are no rehearsal: with any, rehearse --cleanup does not delete it';

/** The queues of a hub whose applications are rehearsed. */
export interface RehearsedHub {
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly unclaimedQueueUrl: string;
}

/** An application that is rehearsed. */
export interface RehearsedApplication extends Pick<ApplicationSettings, 'clientIdField' | 'clientSecretField'> {
  readonly id: string;
  readonly secretArn: string;
  /** Position of its hub in {@link RehearsalSettings.hubs}. */
  readonly hub: number;
}

/** What the function that plays Amazon knows of those whom it plays for. */
export interface RehearsalSettings {
  readonly hubs: readonly RehearsedHub[];
  readonly applications: readonly RehearsedApplication[];
}
