import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { certainlyDiffer } from './validation';

/** A queue of a hub, or the secret of an application of it, which no other hub or application of the app may have. */
export interface Property {
  readonly resource: sqs.IQueue | secretsmanager.ISecret;
  /** Name of the resource, where it does not tell the name that it was given. */
  readonly name?: string;
  readonly hub: IConstruct;
  /** Id of the application, for a secret. */
  readonly application?: string;
}

const RULES = {
  queue: 'each SpApiSecretRotation must have queues of its own',
  secret: 'each application must have a secret of its own',
};

/** What is owned in each app, by kind and name. */
const OWNED = new WeakMap<IConstruct, Map<string, Property[]>>();

/**
 * Throws where a resource has another owner already, in this hub or in another one of the app, whether it is given by name,
 * by ARN or as a resource. Warns where only the deployment shows that: two stacks without an account or a region may be
 * deployed to the same ones.
 */
export function claim(property: Property): void {
  const { hub } = property;
  const kind = kindOf(property);
  const owned = OWNED.get(hub.node.root) ?? new Map<string, Property[]>();
  OWNED.set(hub.node.root, owned);
  const key = keyOf(property);
  const namesakes = owned.get(key) ?? [];
  owned.set(key, [...namesakes, property]);

  const candidates = namesakes.filter((other) => mayBeSame(property, other));
  const other = candidates.find((candidate) => isSame(property, candidate)) ?? candidates[0];
  if (other === undefined) {
    return;
  }
  const [its, own] = [ownerOf(other, hub), ownerOf(property, hub)];
  if (isSame(property, other)) {
    throw new Error(`${RULES[kind]}; received the ${kind} of ${its} for ${own}`);
  }
  Annotations.of(hub).addWarningV2(
    'cdk-sp-api-secret-rotation:SpApiSecretRotation.perhapsShared',
    `${RULES[kind]}; that of ${its} is also that of ${own} if their stacks are deployed to the same account and region: give the stacks their env, or acknowledge this warning`,
  );
}

function ownerOf({ hub, application }: Property, seenFrom: IConstruct): string {
  if (application === undefined) {
    return `"${hub.node.path}"`;
  }
  return hub === seenFrom ? `"${application}"` : `"${application}" of "${hub.node.path}"`;
}

function kindOf({ resource }: Property): keyof typeof RULES {
  return 'queueArn' in resource ? 'queue' : 'secret';
}

function keyOf(property: Property): string {
  const { resource } = property;
  const kind = kindOf(property);
  const stack = Stack.of(resource);
  // Where none was given, the CDK may hold a token that resolves to nothing.
  const resolved: unknown = stack.resolve(givenName(property)) ?? stack.resolve(referredName(resource));
  // Logical ids are unique only within one stack.
  return typeof resolved === 'string'
    ? `${kind} ${resolved}`
    : `${kind} ${stack.node.addr} ${JSON.stringify(resolved)}`;
}

/** A resource of the app does not have the name that it was given as its own, but a reference. */
function givenName({ resource, name }: Property): string | undefined {
  const { defaultChild } = resource.node;
  if (defaultChild instanceof sqs.CfnQueue) {
    return defaultChild.queueName;
  }
  return defaultChild instanceof secretsmanager.CfnSecret ? defaultChild.name : name;
}

function referredName(resource: Property['resource']): string {
  return 'queueArn' in resource ? resource.queueName : resource.secretName;
}

function mayBeSame({ resource: { env } }: Property, { resource }: Property): boolean {
  return !certainlyDiffer(resource.env.account, env.account) && !certainlyDiffer(resource.env.region, env.region);
}

/** Of two that may be the same. */
function isSame({ resource: one }: Property, { resource: other }: Property): boolean {
  return (
    deployedStack(one) === deployedStack(other) ||
    [one.env, other.env].every(({ account, region }) => !Token.isUnresolved(account) && !Token.isUnresolved(region))
  );
}

function deployedStack(of: IConstruct): Stack {
  const stack = Stack.of(of);
  return stack.nestedStackParent === undefined ? stack : deployedStack(stack.nestedStackParent);
}
