import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Condition that a key is used by Secrets Manager on behalf of the principal, and not by the principal itself. */
export function throughSecretsManager(scope: IConstruct): Record<string, Record<string, string>> {
  return { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(scope).region}.amazonaws.com` } };
}
