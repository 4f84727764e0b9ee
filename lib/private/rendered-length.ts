import type { Stack } from 'aws-cdk-lib';

/** The most characters that each pseudo parameter can have, in any partition. */
const MAX_PARAMETER_LENGTH: Readonly<Record<string, number>> = {
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::Region': 'ap-southeast-1'.length,
  'AWS::AccountId': 12,
  'AWS::URLSuffix': 'amazonaws.com.cn'.length,
  'AWS::StackName': 128,
};

/**
 * A reference to a resource renders as its ARN at most. The name in it is the logical id, followed by a hyphen and 12
 * characters from CloudFormation and a hyphen and 6 characters from Secrets Manager.
 */
const MAX_ARN_LENGTH_BEFORE_NAME = 'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:'.length;
const MAX_NAME_SUFFIXES_LENGTH = '-123456789012-123456'.length;

/** How many characters a value has after deployment, at most. */
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
  return MAX_PARAMETER_LENGTH[name] ?? MAX_ARN_LENGTH_BEFORE_NAME + name.length + MAX_NAME_SUFFIXES_LENGTH;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
