import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface UnseededSecretProps {
  readonly description: string;
  readonly encryptionKey?: kms.IKey;
}

/**
 * A secret without a value, to be seeded by hand.
 *
 * Not `secretsmanager.Secret`: that always has CloudFormation write a value, here a random one, and every later change
 * of how it is made would write another one over the secret that works.
 */
export class UnseededSecret extends Construct {
  public readonly secret: secretsmanager.ISecret;

  constructor(scope: Construct, id: string, props: UnseededSecretProps) {
    super(scope, id);
    const resource = new secretsmanager.CfnSecret(this, 'Resource', {
      description: props.description,
      kmsKeyId: props.encryptionKey?.keyArn,
    });
    resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    Validations.of(resource).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Rotated by the functions of SpApiSecretRotation: the new value comes from Amazon, by a queue, which the rotation schedule of Secrets Manager cannot wait for.',
    });
    this.secret = secretsmanager.Secret.fromSecretAttributes(this, 'Reference', {
      secretCompleteArn: resource.ref,
      encryptionKey: props.encryptionKey,
    });
  }
}
