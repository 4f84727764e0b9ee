import type { PolicyDocument } from '../../services/policy';
import type { Properties } from '../properties';
import type { ResourceType } from './resource-type';

export const ROLE: ResourceType = {
  replacedBy: ['RoleName', 'Path'],
  put({ logicalId, properties, name }, stack) {
    const { partition, account } = stack.identity;
    const roleName = name('RoleName');
    const path = properties.optionalText('Path') ?? '/';
    const arn = `arn:${partition}:iam::${account}:role${path}${roleName}`;
    properties.ignore('Description', 'MaxSessionDuration');
    stack.roles.roles.set(logicalId, {
      name: roleName,
      arn,
      trust: documentOf(properties, 'AssumeRolePolicyDocument'),
      inlinePolicies: properties.objects('Policies').map((policy) => {
        policy.ignore('PolicyName');
        return documentOf(policy, 'PolicyDocument');
      }),
      managedPolicyArns: properties.texts('ManagedPolicyArns'),
    });
    return { ref: roleName, attributes: { Arn: arn, RoleId: `AROA${roleName}` } };
  },
  remove({ logicalId, isReplaced }, stack) {
    if (!isReplaced) {
      stack.roles.roles.delete(logicalId);
    }
  },
};

export const POLICY: ResourceType = {
  put({ logicalId, properties, name }, stack) {
    const policyName = name('PolicyName', 128);
    stack.roles.policies.set(logicalId, {
      document: documentOf(properties, 'PolicyDocument'),
      roleNames: properties.texts('Roles'),
    });
    return { ref: policyName, attributes: { Id: policyName } };
  },
  remove({ logicalId, isReplaced }, stack) {
    if (!isReplaced) {
      stack.roles.policies.delete(logicalId);
    }
  },
};

export const MANAGED_POLICY: ResourceType = {
  replacedBy: ['ManagedPolicyName', 'Path', 'Description'],
  put({ logicalId, properties, name }, stack) {
    const { partition, account } = stack.identity;
    const path = properties.optionalText('Path') ?? '/';
    const arn = `arn:${partition}:iam::${account}:policy${path}${name('ManagedPolicyName', 128)}`;
    properties.ignore('Description');
    stack.roles.policies.set(logicalId, {
      document: documentOf(properties, 'PolicyDocument'),
      roleNames: properties.texts('Roles'),
      arn,
    });
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
  remove({ logicalId, isReplaced }, stack) {
    if (!isReplaced) {
      stack.roles.policies.delete(logicalId);
    }
  },
};

/** The services refuse what they do not understand of it; here it is only handed on. */
export function documentOf(properties: Properties, name: string): PolicyDocument {
  const document = properties.json(name);
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    throw new Error(`${name} is not a policy document`);
  }
  return document as unknown as PolicyDocument;
}
