/** `NOTIFY_ONLY` does everything but the POST that rotates. */
export type RotationModeName = 'AUTOMATIC' | 'NOTIFY_ONLY';

/** What the constructs write into an application's parameter (as JSON) and the functions read from it. */
export interface ApplicationSettings {
  readonly id: string;
  /** The secret's ARN; without its random suffix where the secret was imported by name. */
  readonly secretArn: string;
  /** SP-API endpoint, such as `https://sellingpartnerapi-eu.amazon.com`. */
  readonly endpoint: string;
  readonly rotateAfterDays: number;
  readonly mode: RotationModeName;
  readonly clientIdField: string;
  readonly clientSecretField: string;
  /** Whether the application has a gauge of its own; where absent, it has none. */
  readonly daysToExpiryMetric?: boolean;
}
