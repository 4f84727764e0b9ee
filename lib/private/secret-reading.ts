import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { arnInPolicies, throughSecretsManager } from './secret-access';
import { certainlyDiffer } from './validation';

const SECRET_ACTIONS = ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'];
const KEY_ACTIONS = ['kms:Decrypt'];

/** The secret of an application, as others read it. */
export interface ReadableSecret {
  /** Takes the warnings. */
  readonly scope: Construct;
  readonly applicationId: string;
  readonly secret: secretsmanager.ISecret;
  /** Whether it is created by this package, in the stack of the scope. */
  readonly isCreatedHere: boolean;
}

type Conditions = Record<string, Record<string, unknown>>;

interface Permission {
  /** What the texts call the policy of the resource. */
  readonly policy: string;
  readonly resource: iam.IResourceWithPolicyV2;
  readonly actions: string[];
  readonly arn: string;
  readonly conditions?: Conditions;
  /** Without references to the secret: the key may be in a stack on which that of the secret depends. */
  readonly resourceConditions?: Conditions;
}

/**
 * Allows to read a secret, and to decrypt it with its key.
 *
 * Not the `grantRead()` of the secret, which names the reader in the policy of the key, even if the stack of the reader
 * depends on that of the key.
 *
 * @throws if nothing that this app can edit would allow it
 */
export function grantReading(readable: ReadableSecret, grantee: iam.IGrantable): iam.Grant {
  const { applicationId, secret, scope } = readable;
  const { encryptionKey: key } = secret;
  const isAbroad = isOfAnotherAccount(readable, grantee);
  if (isAbroad && key === undefined) {
    throw new Error(
      `the secret of application "${applicationId}" must be encrypted with a customer key to be read from another account; received a reader in account "${grantee.grantPrincipal.principalAccount ?? ''}" and no key (pass secretEncryptionKey, or a secret with its encryptionKey)`,
    );
  }
  const arn = arnInPolicies(secret);
  const ofSecret: Permission = {
    policy: 'resource policy of the secret',
    resource: secret,
    actions: SECRET_ACTIONS,
    arn,
  };
  const grant = grantPermission(readable, grantee, ofSecret, isAbroad);
  if (key === undefined) {
    return grant;
  }
  const viaSecretsManager = throughSecretsManager(scope);
  return grant.combine(
    grantPermission(
      readable,
      grantee,
      {
        policy: 'policy of the key of the secret',
        resource: key,
        actions: KEY_ACTIONS,
        arn: key.keyArn,
        // Other secrets under the same key stay closed.
        conditions: { ...viaSecretsManager, StringLike: { 'kms:EncryptionContext:SecretARN': arn } },
        resourceConditions: viaSecretsManager,
      },
      isAbroad,
    ),
  );
}

function isOfAnotherAccount({ scope, secret, isCreatedHere }: ReadableSecret, grantee: iam.IGrantable): boolean {
  const { principalAccount } = grantee.grantPrincipal;
  const account = isCreatedHere ? Stack.of(scope).account : secret.env.account;
  return principalAccount !== undefined && certainlyDiffer(principalAccount, account);
}

function grantPermission(
  readable: ReadableSecret,
  grantee: iam.IGrantable,
  permission: Permission,
  isAbroad: boolean,
): iam.Grant {
  const { resource, actions, arn, conditions, resourceConditions } = permission;
  // In another account nobody knows the name that CloudFormation generates.
  const own =
    isAbroad && readable.isCreatedHere
      ? undefined
      : iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [arn], conditions });
  if (own?.success === true && !isAbroad) {
    return own;
  }
  const statement = new iam.PolicyStatement({
    principals: [grantee.grantPrincipal],
    actions,
    resources: ['*'],
    conditions: resourceConditions,
  });
  const { isAdded, grant } = addToResource(resource, statement, grantee);
  report(readable, permission, statement, { own: own?.success === true, isAdded, isAbroad });
  return own === undefined ? grant : own.combine(grant);
}

/** A grant of the CDK counts as successful even where the resource took no statement. */
function addToResource(
  resource: iam.IResourceWithPolicyV2,
  statement: iam.PolicyStatement,
  grantee: iam.IGrantable,
): { isAdded: boolean; grant: iam.Grant } {
  let isAdded = false;
  const watched = Object.create(resource, {
    addToResourcePolicy: {
      value: () => {
        const result = resource.addToResourcePolicy(statement);
        isAdded = result.statementAdded;
        return result;
      },
    },
  }) as iam.IResourceWithPolicyV2;
  const grant = iam.Grant.addStatementToResourcePolicy({
    grantee,
    statement,
    resource: watched,
    actions: statement.actions,
    resourceArns: statement.resources,
  });
  return { isAdded, grant };
}

/** Says what is still missing. */
function report(
  { scope, applicationId, isCreatedHere }: ReadableSecret,
  { policy, actions }: Permission,
  statement: iam.PolicyStatement,
  { own, isAdded, isAbroad }: { readonly own: boolean; readonly isAdded: boolean; readonly isAbroad: boolean },
): void {
  if (!isAdded) {
    const missing = `the ${policy} of application "${applicationId}" cannot be edited by this stack, and it must allow the reader; add this statement: ${JSON.stringify(Stack.of(scope).resolve(statement.toStatementJson()))}`;
    if (!own) {
      throw new Error(
        `${missing}; received a reader whose own policies cannot be edited either, so nothing was granted`,
      );
    }
    Annotations.of(scope).addWarningV2('cdk-sp-api-secret-rotation:SpApiApplication.readerOfAnotherAccount', missing);
  } else if (isAbroad && isCreatedHere) {
    Annotations.of(scope).addWarningV2(
      'cdk-sp-api-secret-rotation:SpApiApplication.readerOfAnotherAccount',
      `a reader of the secret of application "${applicationId}" is in another account, where its own policies must allow it too, once the ARN is known: ${actions.join(', ')}`,
    );
  }
}
