import { RemovalPolicy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

export interface UnseededSecretProps {
  readonly description: string;
  /** Default: a name that CloudFormation generates. */
  readonly name?: string;
  readonly encryptionKey?: kms.IKey;
  /** Why no rotation schedule of Secrets Manager rotates it. Default: that of a client secret. */
  readonly unscheduledBecause?: string;
}

/**
 * A secret without a value. A person stores the first one.
 *
 * Not `secretsmanager.Secret`, with which CloudFormation always writes a value: a random one, and another one over the
 * working client secret whenever a property of its generation changes.
 */
export class UnseededSecret extends Construct {
  public readonly secret: secretsmanager.ISecret;

  private policy?: secretsmanager.ResourcePolicy;

  constructor(scope: Construct, id: string, props: UnseededSecretProps) {
    super(scope, id);
    const resource = new secretsmanager.CfnSecret(this, 'Resource', {
      name: props.name,
      description: props.description,
      kmsKeyId: props.encryptionKey?.keyArn,
    });
    resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledge(resource, {
      id: 'AwsSolutions-SMG4',
      reason:
        props.unscheduledBecause ??
        'The functions of SpApiSecretRotation rotate it: Amazon delivers the new value into a queue, and the rotation schedule of Secrets Manager cannot wait for that.',
    });
    this.secret = secretsmanager.Secret.fromSecretAttributes(this, 'Reference', {
      secretCompleteArn: resource.ref,
      encryptionKey: props.encryptionKey,
    });
    // To the CDK it is an import, whose resource policy cannot be edited: a statement would be dropped without a word.
    this.secret.addToResourcePolicy = (statement) => this.addToResourcePolicy(statement);
  }

  /** Unlike the secret, the policy is deleted with the stack, and with the last grant: nobody keeps access by accident. */
  private addToResourcePolicy(statement: iam.PolicyStatement): iam.AddToResourcePolicyResult {
    if (this.policy === undefined) {
      this.policy = new secretsmanager.ResourcePolicy(this, 'Policy', { secret: this.secret });
      (this.policy.node.defaultChild as secretsmanager.CfnResourcePolicy).blockPublicPolicy = true;
    }
    this.policy.document.addStatements(statement);
    return { statementAdded: true, policyDependable: this.policy };
  }
}
