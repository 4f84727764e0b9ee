import { CfnResource, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of cdk-nag that does not apply, such as `AwsSolutions-IAM5[Resource::*]`. */
export interface Acknowledgement {
  readonly id: string;
  readonly reason: string;
}

/**
 * Acknowledges a finding of cdk-nag: to version 3 with the CDK's own `Validations`, to version 2 with metadata of the resource
 * that it looks at.
 *
 * @param resource that cdk-nag 2 looks at, if it is not the first of the construct
 */
export function acknowledge(
  construct: IConstruct,
  { id, reason }: Acknowledgement,
  resource: IConstruct | undefined = construct.node.defaultChild ?? construct,
): void {
  Validations.of(construct).acknowledge({ id, reason });
  if (CfnResource.isCfnResource(resource)) {
    const [, rule = id, detail] = /^([^[]+)\[(.+)\]$/.exec(id) ?? [];
    const suppression = { id: rule, reason, ...(detail !== undefined && { applies_to: [detail] }) };
    resource.addMetadata('cdk_nag', { rules_to_suppress: [suppression] });
  }
}
