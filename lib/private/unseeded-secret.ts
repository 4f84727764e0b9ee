import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface UnseededSecretProps {
  readonly description: string;
  /** Default: a name that CloudFormation generates. */
  readonly name?: string;
  readonly encryptionKey?: kms.IKey;
}

/**
 * A secret without a value. A person stores the first one.
 *
 * Not `secretsmanager.Secret`, with which CloudFormation always writes a value: a random one, and another one over the
 * working client secret whenever a property of its generation changes.
 */
export class UnseededSecret extends Construct {
  public readonly secret: secretsmanager.ISecret;

  constructor(scope: Construct, id: string, props: UnseededSecretProps) {
    super(scope, id);
    const resource = new secretsmanager.CfnSecret(this, 'Resource', {
      name: props.name,
      description: props.description,
      kmsKeyId: props.encryptionKey?.keyArn,
    });
    resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    Validations.of(resource).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'The functions of SpApiSecretRotation rotate it: Amazon delivers the new value into a queue, and the rotation schedule of Secrets Manager cannot wait for that.',
    });
    this.secret = secretsmanager.Secret.fromSecretAttributes(this, 'Reference', {
      secretCompleteArn: resource.ref,
      encryptionKey: props.encryptionKey,
    });
  }
}
