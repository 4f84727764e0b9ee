/** One call that came in at the front door. */
export interface RecordedCall {
  readonly at: number;
  /** Name of the principal. */
  readonly principal: string;
  /** As in the credential scope: `secretsmanager`, `sqs`, `ssm`, `events`. */
  readonly service: string;
  readonly operation: string;
  /** The parsed body. */
  readonly request: unknown;
  /** HTTP status of the answer; 0: none was given (yet). */
  readonly status: number;
  /** Code of the error. */
  readonly error?: string;
}
