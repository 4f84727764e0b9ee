import { ApplicationsSpApi, LwaAuthClient, ScopeConstants } from '@amazon-sp-api-release/amazon-sp-api-sdk-js';
import type { AmazonCalls } from './with-node-http';

/** Amazon's own SDK, imported as its README says. */
export const amazon: AmazonCalls = {
  token(clientId, clientSecret) {
    const scope = ScopeConstants.SCOPE_APPLICATION_MANAGEMENT_API;
    return new LwaAuthClient(clientId, clientSecret, null, scope).getAccessToken();
  },

  async rotate(endpoint, token) {
    const client = new ApplicationsSpApi.ApiClient(endpoint);
    client.applyXAmzAccessTokenToRequest(token);
    await new ApplicationsSpApi.ApplicationsApi(client).rotateApplicationClientSecret();
  },
};
