import type { AwsError } from './aws-error';
import type { Principal } from './iam';

export interface HttpApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body: string;
}

export interface HttpApiAnswer {
  /** As calls are recorded. */
  readonly operation: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A service that does not speak the JSON protocol of the others: management services, as people's tools call them. */
export interface HttpApi {
  /** As in the credential scope. */
  readonly name: string;
  /** @throws {AwsError} what the service refuses */
  readonly handle: (request: HttpApiRequest, principal: Principal) => HttpApiAnswer | Promise<HttpApiAnswer>;
  readonly renderError: (error: AwsError) => Pick<HttpApiAnswer, 'contentType' | 'headers' | 'body'>;
}
