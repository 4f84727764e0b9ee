import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { renderedLength } from './rendered-length';
import { throughSecretsManager } from './through-secrets-manager';

const SECRETS_PER_POLICY = 30;

/** IAM's default quota of managed policies attached to one role. */
const POLICIES_PER_ROLE = 10;

/**
 * Of IAM's 6,144 characters for a managed policy, what is left for ARNs: the rest of the document has less than 700.
 */
const ARN_CHARACTERS_PER_POLICY = 5_400;

/** What both functions do with a secret; one module of theirs writes, and never without a label. */
const SECRET_ACTIONS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * Access of both functions to the applications' secrets, each by its exact ARN.
 *
 * In managed policies that hold some 30 secrets each: one statement for all would exceed the size of a policy,
 * one policy each the number of policies of a role, and synthesis would notice neither.
 */
export class SecretAccess extends Construct {
  private readonly roles: iam.IRole[];
  private readonly policies: SecretPolicy[] = [];

  constructor(scope: Construct, id: string, roles: iam.IRole[]) {
    super(scope, id);
    this.roles = roles;
  }

  /** Returns the policy that now allows it. */
  public add(secret: secretsmanager.ISecret): iam.ManagedPolicy {
    const last = this.policies.at(-1);
    if (last?.hasRoomFor(secret) === true) {
      return last.add(secret);
    }
    if (this.policies.length === POLICIES_PER_ROLE) {
      throw new Error(
        `the permissions of a hub must fit into ${POLICIES_PER_ROLE} managed policies, because IAM attaches no more to a role; received more applications, or longer names of secrets, than fit: put the further applications into another SpApiSecretRotation`,
      );
    }
    const policy = new SecretPolicy(this, `Policy${this.policies.length + 1}`, this.roles);
    this.policies.push(policy);
    return policy.add(secret);
  }
}

class SecretPolicy extends Construct {
  private readonly policy: iam.ManagedPolicy;
  private readonly secrets: iam.PolicyStatement;
  private keys?: iam.PolicyStatement;
  private readonly arns = new Set<string>();
  private secretCount = 0;
  private characters = 0;

  constructor(scope: Construct, id: string, roles: iam.IRole[]) {
    super(scope, id);
    this.secrets = new iam.PolicyStatement({ actions: SECRET_ACTIONS });
    this.policy = new iam.ManagedPolicy(this, 'Resource', {
      description: 'Secrets of SP-API applications whose client secrets are renewed',
      roles,
      statements: [this.secrets],
    });
  }

  public hasRoomFor(secret: secretsmanager.ISecret): boolean {
    const additional = this.newArns(secret).reduce((sum, arn) => sum + this.lengthOf(arn), 0);
    return this.secretCount < SECRETS_PER_POLICY && this.characters + additional <= ARN_CHARACTERS_PER_POLICY;
  }

  public add(secret: secretsmanager.ISecret): iam.ManagedPolicy {
    const [secretArn, keyArn] = arnsOf(secret);
    for (const arn of this.newArns(secret)) {
      this.characters += this.lengthOf(arn);
    }
    this.secretCount += 1;
    this.secrets.addResources(secretArn);
    this.arns.add(secretArn);
    if (keyArn !== undefined && !this.arns.has(keyArn)) {
      this.keyStatement().addResources(keyArn);
      this.arns.add(keyArn);
    }
    return this.policy;
  }

  private keyStatement(): iam.PolicyStatement {
    if (this.keys === undefined) {
      this.keys = new iam.PolicyStatement({
        actions: KEY_ACTIONS,
        conditions: throughSecretsManager(this),
      });
      this.policy.addStatements(this.keys);
    }
    return this.keys;
  }

  private newArns(secret: secretsmanager.ISecret): string[] {
    return arnsOf(secret).filter((arn): arn is string => arn !== undefined && !this.arns.has(arn));
  }

  private lengthOf(arn: string): number {
    return renderedLength(Stack.of(this), arn) + '"",'.length;
  }
}

function arnsOf(secret: secretsmanager.ISecret): [secretArn: string, keyArn: string | undefined] {
  // A secret imported without the suffix that Secrets Manager adds to its name has exactly six characters more.
  return [secret.secretFullArn ?? `${secret.secretArn}-??????`, secret.encryptionKey?.keyArn];
}
