import { Annotations, CfnDeletionPolicy, CfnResource } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** Types of resources that may hold the only copy of a client secret. */
const RETAINED_TYPES = ['AWS::SQS::Queue', 'AWS::SecretsManager::Secret'];

const RETAINING_POLICIES = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE];

/**
 * Warns of a queue or secret that would be deleted with the stack, because the app changed its removal policy, and of a key
 * that would be deleted before what it encrypts.
 *
 * As a validation, because that comes after all aspects, whatever their priority.
 */
export function warnOfRemoval(hub: Construct, keys: () => readonly kms.IKey[]): void {
  hub.node.addValidation({
    validate: () => {
      hub.node.findAll().filter(CfnResource.isCfnResource).filter(holdsSecrets).forEach(warnIfRemoved);
      for (const key of new Set(keys())) {
        warnIfKeyIsRemoved(hub, key);
      }
      return [];
    },
  });
}

function holdsSecrets({ cfnResourceType }: CfnResource): boolean {
  return RETAINED_TYPES.includes(cfnResourceType);
}

function warnIfRemoved(resource: CfnResource): void {
  if (isRemoved(resource)) {
    Annotations.of(resource).addWarningV2(
      'cdk-sp-api-secret-rotation:SpApiSecretRotation.notRetained',
      'would be deleted with the stack, and it may hold the only copy of a client secret: something in this app, such as RemovalPolicies.of(), changed its removal policy',
    );
  }
}

function warnIfKeyIsRemoved(hub: Construct, key: kms.IKey): void {
  const resource = key.node.defaultChild;
  if (CfnResource.isCfnResource(resource) && isRemoved(resource)) {
    Annotations.of(hub).addWarningV2(
      'cdk-sp-api-secret-rotation:SpApiSecretRotation.keyNotRetained',
      `the key "${key.node.path}" would be deleted with the stack, and the queues and secrets that it encrypts are kept: nothing could read them any more; give it RemovalPolicy.RETAIN`,
    );
  }
}

function isRemoved({ cfnOptions: { deletionPolicy, updateReplacePolicy } }: CfnResource): boolean {
  return [deletionPolicy, updateReplacePolicy].some(
    (policy) => policy === undefined || !RETAINING_POLICIES.includes(policy),
  );
}
