/** An error as an AWS service answers it. */
export class AwsError extends Error {
  override readonly name = 'AwsError';

  constructor(
    /** Such as `ResourceNotFoundException`. */
    readonly code: string,
    message: string,
    readonly status = 400,
    /** SQS only: the code that the older query protocol has for it, which SDKs still report. */
    readonly queryCode?: string,
  ) {
    super(message);
  }
}

/** Something the emulation does not know. It never guesses: the front door answers 501 and remembers it. */
export class NotEmulated extends Error {
  override readonly name = 'NotEmulated';
}
