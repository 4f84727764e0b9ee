import type { Stack } from 'aws-cdk-lib';

/** The longest that these can become, in any partition. */
const LONGEST: Readonly<Record<string, number>> = {
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::Region': 'ap-southeast-1'.length,
  'AWS::AccountId': 12,
  'AWS::URLSuffix': 'amazonaws.com.cn'.length,
  'AWS::StackName': 128,
};

/**
 * A reference to a resource is at most its ARN, and the name in it is the logical id, a hyphen and 12 characters
 * (CloudFormation), a hyphen and 6 more (Secrets Manager).
 */
const LONGEST_ARN_BEFORE_NAME = 'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:'.length;
const LONGEST_NAME_SUFFIXES = '-123456789012-123456'.length;

/** How many characters a value will have after deployment, at most. */
export function renderedLength(stack: Stack, value: string): number {
  return lengthOf(stack.resolve(value));
}

function lengthOf(resolved: unknown): number {
  if (typeof resolved === 'string') {
    return resolved.length;
  }
  const join = property(resolved, 'Fn::Join');
  if (Array.isArray(join) && Array.isArray(join[1])) {
    return join[1].reduce((sum: number, part: unknown) => sum + lengthOf(part), 0);
  }
  const reference = property(resolved, 'Ref') ?? property(resolved, 'Fn::GetAtt');
  const name = String(Array.isArray(reference) ? reference[0] : (reference ?? ''));
  return LONGEST[name] ?? LONGEST_ARN_BEFORE_NAME + name.length + LONGEST_NAME_SUFFIXES;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
