import type * as kms from 'aws-cdk-lib/aws-kms';
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Throws if a key is known by an alias only: IAM compares permissions with the key's own ARN, so that one for an alias
 * would allow nothing, and it would take until the first message to find out.
 */
export function requireKeyItself(scope: Construct, key: kms.IKey, name: string): void {
  if (JSON.stringify(Stack.of(scope).resolve(key.keyArn)).includes(':alias/')) {
    throw new Error(
      `${name} must be a key itself, because IAM permissions cannot name a key by its alias; received the alias "${key.keyId}"`,
    );
  }
}
