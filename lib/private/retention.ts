import { Annotations, CfnDeletionPolicy, CfnResource, type IAspect } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What holds the only copy of something. */
const KEPT = ['AWS::SQS::Queue', 'AWS::SecretsManager::Secret'];

const RETAINING = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE];

/**
 * Warns of a queue or secret that would go with the stack, as aspects of the app's own can make of any resource.
 *
 * To be added as the last aspect: it looks at what the others left.
 */
export class WarnOfRemoval implements IAspect {
  public visit(node: IConstruct): void {
    if (CfnResource.isCfnResource(node) && KEPT.includes(node.cfnResourceType)) {
      const { deletionPolicy, updateReplacePolicy } = node.cfnOptions;
      if ([deletionPolicy, updateReplacePolicy].some((policy) => policy === undefined || !RETAINING.includes(policy))) {
        Annotations.of(node).addWarningV2(
          'cdk-sp-api-secret-rotation:SpApiSecretRotation.notRetained',
          'would be deleted with the stack, and with it perhaps the only copy of a client secret: something in this app, such as RemovalPolicies.of(), changed its removal policy',
        );
      }
    }
  }
}
