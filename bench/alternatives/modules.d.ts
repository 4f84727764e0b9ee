// The few members that the bench uses, so that the project compiles without these packages.

declare module '@sp-api-sdk/auth' {
  export enum AuthorizationScope {
    CLIENT_CREDENTIAL_ROTATION = 'sellingpartnerapi::client_credential:rotation',
  }
  export class SellingPartnerApiAuth {
    constructor(parameters: { clientId: string; clientSecret: string; scopes: AuthorizationScope[] });
    getAccessToken(): Promise<string>;
  }
}

declare module '@amazon-sp-api-release/amazon-sp-api-sdk-js' {
  export namespace ApplicationsSpApi {
    class ApiClient {
      constructor(endpoint: string);
      applyXAmzAccessTokenToRequest(token: string): this;
    }
    class ApplicationsApi {
      constructor(client: ApiClient);
      rotateApplicationClientSecret(): Promise<void>;
    }
  }
  export class LwaAuthClient {
    constructor(clientId: string, clientSecret: string, refreshToken: null, scope: string);
    getAccessToken(): Promise<string>;
  }
  export class ScopeConstants {
    static readonly SCOPE_APPLICATION_MANAGEMENT_API: string;
  }
}
