import { Stack, Token } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** Whether two references mean one secret, also when one names it by ARN and the other by name. */
export function isSameSecret(one: secretsmanager.ISecret, other: secretsmanager.ISecret): boolean {
  if (one === other) {
    return true;
  }
  const [oneName, otherName] = [resolvedName(one), resolvedName(other)];
  if (typeof oneName === 'string' && typeof otherName === 'string') {
    return (
      oneName === otherName &&
      !provablyDifferent(one.env.account, other.env.account) &&
      !provablyDifferent(one.env.region, other.env.region)
    );
  }
  // References to resources mean the same only within one stack.
  return Stack.of(one) === Stack.of(other) && JSON.stringify(oneName) === JSON.stringify(otherName);
}

function resolvedName(secret: secretsmanager.ISecret): unknown {
  return Stack.of(secret).resolve(secret.secretName);
}

function provablyDifferent(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}
