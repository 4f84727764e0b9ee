import type { PhysicalResource } from '../intrinsics';
import type { Properties } from '../properties';
import type { StackContents } from '../stack-contents';

interface ResourceRequest {
  readonly logicalId: string;
  readonly properties: Properties;
  /** The resource as it is, when it is updated in place. */
  readonly existing: PhysicalResource | undefined;
  /** The name that the property gives; without one, one that stays the same for as long as the resource lives. */
  readonly name: (property: string, limit?: number) => string;
}

/** How resources of one CloudFormation type come to be. */
export interface ResourceType {
  /** Properties that cannot be changed: another value makes another resource. */
  readonly replacedBy?: readonly string[];
  /** Creates the resource, or brings the existing one up to date. */
  put(request: ResourceRequest, stack: StackContents): PhysicalResource | Promise<PhysicalResource>;
  /** Without it there is nothing to delete: the resource is only recorded. */
  remove?(resource: RemovedResource, stack: StackContents): void | Promise<void>;
}

interface RemovedResource extends PhysicalResource {
  readonly logicalId: string;
  readonly properties: Properties;
  /** Whether another resource has taken its logical id. */
  readonly isReplaced: boolean;
}
