import { AuthorizationScope, SellingPartnerApiAuth } from '@sp-api-sdk/auth';
import type { AmazonCalls } from './amazon';
import { amazon as withNothing } from './with-nothing';

/** `@sp-api-sdk/auth` gets tokens; the rotation itself is left to the caller. */
export const amazon: AmazonCalls = {
  token(clientId, clientSecret) {
    const scopes = [AuthorizationScope.CLIENT_CREDENTIAL_ROTATION];
    return new SellingPartnerApiAuth({ clientId, clientSecret, scopes }).getAccessToken();
  },
  rotate: withNothing.rotate,
};
