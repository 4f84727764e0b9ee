import { Annotations, CfnDeletionPolicy, CfnResource, type IAspect } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Types of resources that may hold the only copy of a client secret. */
const RETAINED_TYPES = ['AWS::SQS::Queue', 'AWS::SecretsManager::Secret'];

const RETAINING_POLICIES = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE];

/**
 * Warns of a queue or secret that would be deleted with the stack, because an aspect of the app changed its removal
 * policy.
 *
 * It must be the last aspect, so that it sees what the others have changed.
 */
export class WarnOfRemoval implements IAspect {
  public visit(node: IConstruct): void {
    if (CfnResource.isCfnResource(node) && RETAINED_TYPES.includes(node.cfnResourceType)) {
      const { deletionPolicy, updateReplacePolicy } = node.cfnOptions;
      if (
        [deletionPolicy, updateReplacePolicy].some(
          (policy) => policy === undefined || !RETAINING_POLICIES.includes(policy),
        )
      ) {
        Annotations.of(node).addWarningV2(
          'cdk-sp-api-secret-rotation:SpApiSecretRotation.notRetained',
          'would be deleted with the stack, and it may hold the only copy of a client secret: something in this app, such as RemovalPolicies.of(), changed its removal policy',
        );
      }
    }
  }
}
