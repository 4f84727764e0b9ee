import { AwsError } from './aws-error';
import { listOf, type PolicyDocument, type PolicyStatement } from './policy';

/** What AddPermission can grant. Each also stands for its batch. */
const GRANTABLE: readonly string[] = [
  '*',
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
  'GetQueueAttributes',
  'GetQueueUrl',
];

export interface Permission {
  readonly label: string;
  readonly accounts: readonly string[];
  /** Without the service before them. */
  readonly actions: readonly string[];
}

/** The policy with the statement that AddPermission writes. A new policy has the older version. */
export function withPermission(
  policy: PolicyDocument | undefined,
  queueArn: string,
  { label, accounts, actions }: Permission,
): PolicyDocument {
  if (!/^[\w-]{1,80}$/.test(label)) {
    throw invalid('Label', label, 'Can only include alphanumeric characters, hyphens, or underscores.');
  }
  if (statementsOf(policy).some(({ Sid }) => Sid === label)) {
    throw invalid('Label', label, 'Already exists.');
  }
  for (const [parameter, given, valid] of [
    ['ActionName', actions, (action: string) => GRANTABLE.includes(action)],
    ['PrincipalId', accounts, (account: string) => /^\d{12}$/.test(account)],
  ] as const) {
    const wrong = given.find((one) => !valid(one));
    if (wrong !== undefined) {
      throw invalid(
        parameter,
        wrong,
        parameter === 'ActionName' ? 'Please refer to the appropriate WSDL.' : 'Unable to verify.',
      );
    }
  }
  const statement: PolicyStatement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrAll(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrAll(actions.map((action) => `SQS:${action}`)),
    Resource: queueArn,
  };
  return {
    ...(policy ?? { Version: '2008-10-17', Id: `${queueArn}/SQSDefaultPolicy` }),
    Statement: [...statementsOf(policy), statement],
  };
}

/** The policy without the statements of that name; `undefined`: none is left. */
export function withoutPermission(policy: PolicyDocument | undefined, label: string): PolicyDocument | undefined {
  const kept = statementsOf(policy).filter(({ Sid }) => Sid !== label);
  if (kept.length === statementsOf(policy).length) {
    throw invalid('Label', label, "can't find label.");
  }
  return kept.length === 0 ? undefined : { ...policy, Statement: kept };
}

function statementsOf(policy: PolicyDocument | undefined): readonly PolicyStatement[] {
  return listOf(policy?.Statement);
}

function oneOrAll(texts: readonly string[]): string | readonly string[] {
  const [first = '', ...others] = texts;
  return others.length === 0 ? first : texts;
}

function invalid(parameter: string, value: string, reason: string): AwsError {
  return new AwsError(
    'InvalidParameterValueException',
    `Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`,
    400,
    'InvalidParameterValue',
  );
}
