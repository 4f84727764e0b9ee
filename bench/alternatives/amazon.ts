/** The two calls to Amazon, however they are made. */
export interface AmazonCalls {
  readonly token: (clientId: string, clientSecret: string) => Promise<string>;
  readonly rotate: (endpoint: string, token: string) => Promise<void>;
}
