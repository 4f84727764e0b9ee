import { fromEnv } from '@aws-sdk/credential-provider-env';
import { fromHttp } from '@aws-sdk/credential-provider-http';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';

/**
 * Stands in the bundles for `@aws-sdk/credential-provider-node`, of which a function needs two links: Lambda gives the
 * role's keys in environment variables, and to functions restored from a snapshot at the container's endpoint.
 * Profiles, SSO, web identities and instance roles are for machines: 120 kB that are loaded at every cold start.
 */
export function defaultProvider(options: Parameters<typeof fromHttp>[0]): AwsCredentialIdentityProvider {
  const fromEnvironment = fromEnv(options);
  return () =>
    fromEnvironment().catch((error: unknown) => {
      if (
        process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI === undefined &&
        process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI === undefined
      ) {
        throw error;
      }
      return fromHttp(options)();
    });
}
