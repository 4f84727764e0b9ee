import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct } from 'constructs';
import { renderedLength } from './rendered-length';

const MAX_SECRETS_PER_POLICY = 30;

/** IAM's default quota of managed policies for one role. */
const MAX_POLICIES_PER_ROLE = 10;

/** IAM allows 6,144 characters for a managed policy, and the document without its ARNs has less than 700. */
const MAX_ARN_CHARACTERS_PER_POLICY = 5_400;

/** What both functions do with a secret. */
const SECRET_ACTIONS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * Allows both functions to use the applications' secrets, each by its exact ARN.
 *
 * A managed policy holds up to 30 secrets. One policy for all would exceed the size that IAM allows, and one policy for
 * each the number of policies of a role; synthesis would notice neither.
 */
export class SecretAccess extends Construct {
  private readonly roles: iam.IRole[];
  private readonly policies: SecretPolicy[] = [];

  constructor(scope: Construct, id: string, roles: iam.IRole[]) {
    super(scope, id);
    this.roles = roles;
  }

  /** Allows the use of a secret. Returns the policy that does. */
  public add(secret: secretsmanager.ISecret): iam.ManagedPolicy {
    const last = this.policies.at(-1);
    if (last?.hasRoomFor(secret) === true) {
      return last.add(secret);
    }
    if (this.policies.length === MAX_POLICIES_PER_ROLE) {
      throw new Error(
        `the permissions of a hub must fit into ${MAX_POLICIES_PER_ROLE} managed policies, because IAM attaches no more to a role; received more applications, or longer names of secrets, than fit: put the other applications into another SpApiSecretRotation`,
      );
    }
    const policy = new SecretPolicy(this, `Policy${this.policies.length + 1}`, this.roles);
    this.policies.push(policy);
    return policy.add(secret);
  }
}

/**
 * A condition that only Secrets Manager may use a key for the principal.
 *
 * For the functions, the encryption context (`kms:EncryptionContext:SecretARN`) would add nothing: their roles may read
 * these secrets only. It would double the length of policies that are nearly full.
 */
export function throughSecretsManager(scope: IConstruct): Record<string, Record<string, string>> {
  return through(scope, 'secretsmanager');
}

/** A condition that only this service of AWS may use a key for the principal. */
export function through(scope: IConstruct, service: string): Record<string, Record<string, string>> {
  return { StringEquals: { 'kms:ViaService': `${service}.${Stack.of(scope).region}.amazonaws.com` } };
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
    return this.secretCount < MAX_SECRETS_PER_POLICY && this.characters + additional <= MAX_ARN_CHARACTERS_PER_POLICY;
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
  return [arnInPolicies(secret), secret.encryptionKey?.keyArn];
}

/** Secrets Manager adds a suffix to the name. Where the secret was imported without it, it is six more characters. */
export function arnInPolicies(secret: secretsmanager.ISecret): string {
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}
