import type { RotationMode } from './rotation-mode';

/** A mode as the settings hold it. */
export type RotationModeName = `${RotationMode}`;

/** The settings of an application: the constructs write them into a parameter, as JSON, and the functions read them. */
export interface ApplicationSettings {
  readonly id: string;
  /** ARN of the secret, without its random suffix where the secret was imported by name. */
  readonly secretArn: string;
  /** SP-API endpoint, such as `https://sellingpartnerapi-eu.amazon.com`. */
  readonly endpoint: string;
  readonly rotateAfterDays: number;
  readonly mode: RotationModeName;
  readonly clientIdField: string;
  readonly clientSecretField: string;
  /** Whether the functions publish a metric for this application alone; not when it is absent. */
  readonly daysToExpiryMetric?: boolean;
}
