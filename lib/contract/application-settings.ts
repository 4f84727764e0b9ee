import type { RotationMode } from './rotation-mode';

/** A mode as the settings hold it. */
export type RotationModeName = `${RotationMode}`;

/** Times are minutes after midnight. With an end before its beginning a window ends on the next day. */
export interface RotationWindowSettings {
  /** Monday is 1, Sunday 7. */
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
  /** As the IANA database names it. */
  readonly timeZone: string;
}

/** The settings of an application: the constructs write them into a parameter, as JSON, and the functions read them. */
export interface ApplicationSettings {
  readonly id: string;
  /** ARN of the secret, without its random suffix where the secret was imported by name. */
  readonly secretArn: string;
  /** Name of the secret, where it does not follow from the ARN: of a complete ARN the last seven characters are not the name's. */
  readonly secretName?: string;
  /** SP-API endpoint, such as `https://sellingpartnerapi-eu.amazon.com`. */
  readonly endpoint: string;
  readonly rotateAfterDays: number;
  readonly mode: RotationModeName;
  readonly clientIdField: string;
  /** Empty where the secret's value is the client secret alone. */
  readonly clientSecretField: string;
  /** Where the secret does not hold it. */
  readonly clientId?: string;
  /** When rotations are asked for automatically; at any time where it is absent. */
  readonly rotationWindow?: RotationWindowSettings;
  /** Whether the functions publish a metric for this application alone; not when it is absent. */
  readonly daysToExpiryMetric?: boolean;
}
