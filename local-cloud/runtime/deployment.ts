import { isDeepStrictEqual } from 'node:util';
import type { AssemblyStack } from './cloud-assembly';
import { Intrinsics, type PhysicalResource } from './intrinsics';
import { Properties } from './properties';
import { RESOURCE_TYPES } from './resource-types';
import type { ResourceType } from './resource-types/resource-type';
import type { StackContents } from './stack-contents';
import { inOrderOfDependency, refuseUnknownParts, type Json, type Template, type TemplateResource } from './template';

/** A resource of the stack, in its present state. */
export interface StackResource extends PhysicalResource {
  readonly logicalId: string;
  readonly type: string;
  /** Resolved. */
  readonly properties: Readonly<Record<string, Json>>;
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
}

type WantedResource = Omit<StackResource, keyof PhysicalResource>;

interface DeployedResource extends StackResource {
  /** Counts the resources that had this logical id. */
  readonly generation: number;
}

/** Creates, updates and deletes the resources of a stack until it is as the template says, as CloudFormation does. */
export class Deployment {
  /** In the order in which they were created. */
  resources: ReadonlyMap<string, StackResource> = new Map();
  outputs: Readonly<Record<string, string>> = {};

  private current = new Map<string, DeployedResource>();

  constructor(private readonly stack: StackContents) {}

  async apply({ template, assets }: AssemblyStack): Promise<void> {
    refuseUnknownParts(template);
    refuseUnknownTypes(template);
    this.stack.assets = assets;
    const before = this.current;
    const after = new Map<string, DeployedResource>();
    const intrinsics = new Intrinsics({
      template,
      pseudoParameters: this.pseudoParameters(),
      resource: (logicalId) => after.get(logicalId),
    });
    // Updated with every resource, so that a rollback or `removeAll` finds them all after a failed deployment.
    this.current = new Map(before);
    const definitions = template.Resources ?? {};
    for (const logicalId of inOrderOfDependency(definitions)) {
      const definition = definitions[logicalId];
      if (definition !== undefined && intrinsics.holds(definition.Condition)) {
        const resource = await this.put(wantedResource(logicalId, definition, intrinsics), before.get(logicalId));
        after.set(logicalId, resource);
        this.current.set(logicalId, resource);
      }
    }
    const replaced = [...before.values()].filter(
      ({ logicalId, generation }) => (after.get(logicalId)?.generation ?? generation) !== generation,
    );
    for (const resource of replaced) {
      await this.remove(resource, resource.updateReplacePolicy, true);
    }
    for (const resource of [...before.values()].reverse().filter(({ logicalId }) => !after.has(logicalId))) {
      await this.remove(resource, resource.deletionPolicy, false);
    }
    this.current = after;
    this.resources = after;
    this.outputs = outputsOf(template, intrinsics);
  }

  /** Deletes every resource whose deletion policy allows it. */
  async removeAll(): Promise<void> {
    for (const resource of [...this.current.values()].reverse()) {
      await this.remove(resource, resource.deletionPolicy, false);
    }
    this.current = new Map();
    this.resources = this.current;
    this.outputs = {};
  }

  private async put(wanted: WantedResource, existing: DeployedResource | undefined): Promise<DeployedResource> {
    const { logicalId, type: typeName } = wanted;
    if (existing !== undefined && existing.type !== typeName) {
      throw new Error(`${logicalId}: an update cannot change the type ${existing.type} to ${typeName}`);
    }
    const type = typeOf(typeName);
    const isKept = existing !== undefined && !isReplacing(type, existing.properties, wanted.properties);
    const generation = (existing?.generation ?? 0) + (isKept ? 0 : 1);
    if (isKept && isDeepStrictEqual(existing.properties, wanted.properties)) {
      return { ...existing, ...wanted };
    }
    const properties = new Properties(wanted.properties, logicalId);
    properties.ignore('Tags');
    const physical = await type.put(
      {
        logicalId,
        properties,
        existing: isKept ? existing : undefined,
        name: (property, limit) =>
          properties.optionalText(property) ?? this.stack.physicalName(typeName, logicalId, generation, limit),
      },
      this.stack,
    );
    refuseUnread(properties, typeName);
    return { ...wanted, generation, ref: physical.ref, attributes: physical.attributes };
  }

  private async remove(resource: DeployedResource, policy: string, isReplaced: boolean): Promise<void> {
    if (policy === 'Delete') {
      const properties = new Properties(resource.properties, resource.logicalId);
      await typeOf(resource.type).remove?.({ ...resource, properties, isReplaced }, this.stack);
    }
  }

  private pseudoParameters(): Record<string, string> {
    const { stackName, stackId, region, account, partition } = this.stack.identity;
    return {
      'AWS::StackName': stackName,
      'AWS::StackId': stackId,
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::Partition': partition,
      'AWS::URLSuffix': 'amazonaws.com',
    };
  }
}

function wantedResource(logicalId: string, definition: TemplateResource, intrinsics: Intrinsics): WantedResource {
  return {
    logicalId,
    type: definition.Type,
    properties: intrinsics.resolve(definition.Properties ?? {}) as Readonly<Record<string, Json>>,
    deletionPolicy: definition.DeletionPolicy ?? 'Delete',
    updateReplacePolicy: definition.UpdateReplacePolicy ?? 'Delete',
  };
}

function isReplacing(
  type: ResourceType,
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
): boolean {
  return (type.replacedBy ?? []).some((property) => !isDeepStrictEqual(before[property], after[property]));
}

function typeOf(name: string): ResourceType {
  const type = RESOURCE_TYPES.get(name);
  if (type === undefined) {
    throw new Error(`the local cloud does not know the resource type ${name}`);
  }
  return type;
}

/** Before anything is created. */
function refuseUnknownTypes(template: Template): void {
  const types = Object.values(template.Resources ?? {}).map(({ Type: type }) => type);
  const unknown = [...new Set(types)].filter((type) => !RESOURCE_TYPES.has(type));
  if (unknown.length > 0) {
    throw new Error(`the local cloud does not know the resource types ${unknown.join(', ')}`);
  }
}

function outputsOf(template: Template, intrinsics: Intrinsics): Record<string, string> {
  return Object.fromEntries(
    Object.entries(template.Outputs ?? {})
      .filter(([, { Condition: condition }]) => intrinsics.holds(condition))
      .map(([name, { Value: value }]): [string, string] => [name, intrinsics.resolveText(value)]),
  );
}

function refuseUnread(properties: Properties, typeName: string): void {
  const unread = properties.unread();
  if (unread.length > 0) {
    throw new Error(`the local cloud does not know these properties of ${typeName}: ${unread.join(', ')}`);
  }
}
