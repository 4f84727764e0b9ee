import { SECOND } from '../core/time';
import type { ClientCredentials, HttpOutcome, LoginWithAmazon } from '../core/ports';
import { KeptConnections } from './http-request';

const TIMEOUT = 10 * SECOND;

/** @see https://developer-docs.amazon.com/sp-api/docs/grantless-operations */
const SCOPE = 'sellingpartnerapi::client_credential:rotation';

export class LwaTokenEndpoint implements LoginWithAmazon {
  /** A sweep asks for hundreds of tokens, and to ask changes nothing. */
  private readonly connections = new KeptConnections();

  constructor(private readonly url: string) {}

  exchange({ clientId, clientSecret }: ClientCredentials): Promise<HttpOutcome> {
    return this.connections.post({
      url: this.url,
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: SCOPE,
        client_id: clientId,
        client_secret: clientSecret,
      }).toString(),
      timeout: TIMEOUT,
    });
  }

  /** Ends an invocation. */
  close(): void {
    this.connections.close();
  }
}
