/** JSON in a template, with intrinsic functions not yet resolved. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, Json>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: Json;
}

/** A CloudFormation template. */
export interface Template {
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: Json }>>;
  readonly Conditions?: Readonly<Record<string, Json>>;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: Json; readonly Description?: string; readonly Condition?: string }>
  >;
}

/** `Rules` only assert about the bootstrap stack, of which there is none here. `Mappings` and `Transform` are not emulated. */
const KNOWN_SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Rules',
  'Conditions',
  'Resources',
  'Outputs',
];

const KNOWN_RESOURCE_ATTRIBUTES = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
];

const KNOWN_POLICIES = ['Delete', 'Retain', 'RetainExceptOnCreate', undefined];

/** Throws on everything that the local cloud would otherwise ignore. */
export function refuseUnknownParts(template: Template): void {
  refuse(Object.keys(template), KNOWN_SECTIONS, 'template section');
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    refuse(Object.keys(resource), KNOWN_RESOURCE_ATTRIBUTES, `attribute of the resource ${logicalId}`);
    for (const policy of [resource.DeletionPolicy, resource.UpdateReplacePolicy]) {
      if (!KNOWN_POLICIES.includes(policy)) {
        throw new Error(`the local cloud does not know the deletion policy ${String(policy)} of ${logicalId}`);
      }
    }
  }
}

function refuse(found: readonly string[], known: readonly string[], what: string): void {
  const unknown = found.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`the local cloud does not know this ${what}: ${unknown.join(', ')}`);
  }
}

/** Logical ids, each after everything that it refers to or depends on. */
export function inOrderOfDependency(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const ordered: string[] = [];
  const state = new Map<string, 'visiting' | 'done'>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    const resource = resources[logicalId];
    if (resource === undefined || state.get(logicalId) === 'done') {
      return;
    }
    if (state.get(logicalId) === 'visiting') {
      throw new Error(`the template has a circular dependency: ${[...path, logicalId].join(' → ')}`);
    }
    state.set(logicalId, 'visiting');
    for (const dependency of dependenciesOf(resource)) {
      visit(dependency, [...path, logicalId]);
    }
    state.set(logicalId, 'done');
    ordered.push(logicalId);
  };
  for (const logicalId of Object.keys(resources)) {
    visit(logicalId, []);
  }
  return ordered;
}

function dependenciesOf(resource: TemplateResource): Set<string> {
  const found = new Set([resource.DependsOn ?? []].flat());
  const walk = (value: Json): void => {
    if (isArray(value)) {
      value.forEach(walk);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        collect(key, inner, found);
        walk(inner);
      }
    }
  };
  walk(resource.Properties ?? {});
  return found;
}

function collect(key: string, value: Json, found: Set<string>): void {
  const first = isArray(value) ? value[0] : value;
  if (typeof first !== 'string') {
    return;
  }
  if (key === 'Ref') {
    found.add(first);
  } else if (key === 'Fn::GetAtt') {
    found.add(first.split('.')[0] ?? first);
  } else if (key === 'Fn::Sub') {
    for (const [, name] of first.matchAll(/\$\{([^!][^}.]*)/g)) {
      found.add(name ?? '');
    }
  }
}

export function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
