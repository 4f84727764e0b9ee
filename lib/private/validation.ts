import { Stack, Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';
import { endpointProblem } from '../contract/endpoint';

/**
 * Throws unless client secrets and tokens may be sent to a URL. A URL that is known only at deployment passes.
 *
 * @param name what the error calls the URL
 */
export function requireEndpoint(name: string, url: string, example: string): void {
  const problem = Token.isUnresolved(url) ? undefined : endpointProblem(url);
  if (problem !== undefined) {
    throw new Error(`${name} must be a URL such as "${example}": ${problem}; received ${receivedUrl(url)}`);
  }
}

/** A URL for an error message, without credentials, query and fragment: they must not appear in a build log. */
export function receivedUrl(url: string): string {
  const visible = url.replace(/[?#].*$/s, '');
  const withoutCredentials = visible.replace(/\/\/[^/]*@/, '//…@');
  return JSON.stringify(visible === url ? withoutCredentials : `${withoutCredentials}…`);
}

/**
 * Throws if only an alias of a key is known. IAM compares permissions with the key's own ARN, so a permission for an
 * alias allows nothing, and nobody would notice before the first message.
 *
 * @param name what the error calls the key
 */
export function requireKeyItself(scope: Construct, key: kms.IKey, name: string): void {
  if (JSON.stringify(Stack.of(scope).resolve(key.keyArn)).includes(':alias/')) {
    throw new Error(
      `${name} must be a key itself, because IAM permissions cannot name a key by its alias; received the alias "${key.keyId}"`,
    );
  }
}

/** Throws in a region to whose queues Amazon's account, which is in the partition `aws`, cannot deliver. */
export function requirePartitionOfAmazon(scope: Construct): void {
  const { region } = Stack.of(scope);
  const partition = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  if (partition !== undefined && partition !== 'aws') {
    throw new Error(
      `the region of the stack must be in the partition "aws", because Amazon's account that delivers client secrets has no access to others; received "${region}" in "${partition}"`,
    );
  }
}

/** Whether two accounts or regions differ for certain. A value that is known only at deployment may be equal to any other. */
export function certainlyDiffer(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}
