import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';
import { couldBeCredential } from '../contract/credential';

/**
 * Throws where a URL has a problem. A URL that is known only at deployment passes.
 *
 * @param name what the error calls the URL
 */
export function requireEndpoint(
  name: string,
  url: string,
  example: string,
  problemOf: (url: string) => string | undefined,
): void {
  const problem = Token.isUnresolved(url) ? undefined : problemOf(url);
  if (problem !== undefined) {
    throw new Error(`${name} must be a URL such as "${example}": ${problem}; received ${receivedUrl(url)}`);
  }
}

/** A URL for an error message, without credentials, query and fragment: they must not appear in a build log. */
export function receivedUrl(url: string): string {
  const visible = url.replace(/[?#].*$/s, '');
  const withoutCredentials = visible.replace(/\/\/[^/]*@/, '//…@');
  return shown(visible === url ? withoutCredentials : `${withoutCredentials}…`);
}

/** A text for an error message, unless it could be a credential: people paste those into the wrong place, and builds are logged. */
export function shown(text: string): string {
  return couldBeCredential(text) ? 'a text that could be a credential' : JSON.stringify(text);
}

/**
 * Throws if only an alias of a key is known. IAM compares permissions with the key's own ARN, so a permission for an
 * alias allows nothing, and nobody would notice before the first message.
 *
 * @param name what the error calls the key
 */
export function requireKeyItself(scope: Construct, key: kms.IKey, name: string): void {
  // The ARN of an alias that this app creates may be a reference, in which the name does not show.
  if ('aliasName' in key || JSON.stringify(Stack.of(scope).resolve(key.keyArn)).includes(':alias/')) {
    throw new Error(
      `${name} must be a key itself, because IAM permissions cannot name a key by its alias; received the alias ${shown(Token.isUnresolved(key.keyId) ? key.node.path : key.keyId)}`,
    );
  }
}

/** Warns of a secret under the key of the notification queue: Amazon's account may decrypt with it. */
export function warnOfSharedKey(scope: Construct, name: string, key?: kms.IKey, queueKey?: kms.IKey): void {
  if (key !== undefined && queueKey !== undefined && areSame(key, queueKey)) {
    Annotations.of(scope).addWarningV2(
      'cdk-sp-api-secret-rotation:SpApiSecretRotation.sharedKey',
      `${name} is also the key of the notification queue, so Amazon's account may decrypt with it; use another key for one of the two`,
    );
  }
}

function areSame(one: kms.IKey, other: kms.IKey): boolean {
  const [arn, otherArn] = [one, other].map((key) => Stack.of(key).resolve(key.keyArn) as unknown);
  // Logical ids are unique only within one stack.
  const isComparable = typeof arn === 'string' || Stack.of(one) === Stack.of(other);
  return isComparable && JSON.stringify(arn) === JSON.stringify(otherArn);
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
