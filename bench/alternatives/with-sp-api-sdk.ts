import { AuthorizationScope, SellingPartnerApiAuth } from '@sp-api-sdk/auth';
import { amazon as withNodeHttp, type AmazonCalls } from './with-node-http';

/** `@sp-api-sdk/auth` only gets tokens. The caller makes the request that rotates. */
export const amazon: AmazonCalls = {
  token(clientId, clientSecret) {
    const scopes = [AuthorizationScope.CLIENT_CREDENTIAL_ROTATION];
    return new SellingPartnerApiAuth({ clientId, clientSecret, scopes }).getAccessToken();
  },
  rotate: withNodeHttp.rotate,
};
