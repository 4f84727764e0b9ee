import { SECOND } from '../core/time';
import type { HttpOutcome, SellingPartnerApi } from '../core/ports';
import { post } from './http-request';

/** @see https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret */
const PATH = '/applications/2023-11-30/clientSecret';

export class SellingPartnerApiEndpoint implements SellingPartnerApi {
  readonly timeout = 30 * SECOND;

  constructor(private readonly endpoint: string) {}

  rotateClientSecret(accessToken: string): Promise<HttpOutcome> {
    return post({
      url: this.endpoint.replace(/\/+$/, '') + PATH,
      headers: { 'x-amz-access-token': accessToken, accept: 'application/json' },
      body: '',
      timeout: this.timeout,
    });
  }
}
