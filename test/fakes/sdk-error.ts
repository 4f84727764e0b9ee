import { AwsError } from 'local-cloud/models';

/** What a client of the AWS SDK throws: the adapters look at its name and `$metadata` only. */
export class SdkError extends Error {
  constructor(
    override readonly name: string,
    readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string },
    message = name,
  ) {
    super(message);
  }
}

/** The service answered with an error. */
export function refusal(code: string, message?: string, status = 400): SdkError {
  return new SdkError(code, { httpStatusCode: status, requestId: '00000000-0000-4000-8000-000000000000' }, message);
}

/** No answer came, after all attempts of the SDK. */
export function noAnswer(): SdkError {
  return new SdkError('TimeoutError', {});
}

/**
 * Turns the error of a model into what the SDK throws for it.
 *
 * @throws the error itself when it is neither: then the test or the model has a defect
 */
export function thrownBySdk(error: unknown): SdkError {
  if (error instanceof SdkError) {
    return error;
  }
  if (error instanceof AwsError) {
    return refusal(error.code, error.message, error.status);
  }
  throw error;
}
