import { decide, listOf, serviceIsAllowed, type PolicyDocument, type RequestContext } from '../services/policy';

export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trust: PolicyDocument;
  readonly inlinePolicies: readonly PolicyDocument[];
  readonly managedPolicyArns: readonly string[];
}

/** A policy that names the roles it is attached to. */
export interface AttachedPolicy {
  readonly document: PolicyDocument;
  readonly roleNames: readonly string[];
  /** Only of a managed policy: a role can name it, too. */
  readonly arn?: string;
}

/** Managed policies of AWS that roles here use. Their documents are not in the template. */
const AWS_POLICIES: Readonly<Record<string, PolicyDocument>> = {
  'service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
    ],
  },
};

/** The stack's roles and what is attached to them, by logical id. */
export class Roles {
  readonly roles = new Map<string, Role>();
  readonly policies = new Map<string, AttachedPolicy>();

  byArn(arn: string): Role {
    const role = [...this.roles.values()].find((candidate) => candidate.arn === arn);
    if (role === undefined) {
      throw new Error(`the local cloud knows no role ${arn}: only a role of the stack has policies it can enforce`);
    }
    return role;
  }

  /** Everything that says what the role may do. */
  policiesOf(role: Role): PolicyDocument[] {
    const attached = [...this.policies.values()];
    return [
      ...role.inlinePolicies,
      ...attached.filter(({ roleNames }) => roleNames.includes(role.name)).map(({ document }) => document),
      ...role.managedPolicyArns.map((arn) => this.managedPolicy(arn)),
    ];
  }

  /** Throws unless the service may assume the role. */
  requireTrust(role: Role, service: string, context: RequestContext = {}): void {
    // A trust policy has no Resource: the resource is its role.
    const statements = listOf(role.trust.Statement).map((one) => ({ ...one, Resource: role.arn }));
    if (
      !serviceIsAllowed({ Statement: statements }, { service, action: 'sts:AssumeRole', resource: role.arn, context })
    ) {
      throw new Error(`the role ${role.name} does not let ${service} assume it`);
    }
  }

  /** Throws unless the role's policies allow it. */
  requireAllowed(role: Role, action: string, resource: string): void {
    const account = role.arn.split(':')[4] ?? '';
    const request = { requester: { arn: role.arn, account }, action, resource, context: {} };
    const decisions = this.policiesOf(role).map((policy) => decide(policy, request));
    if (decisions.includes('deny') || !decisions.includes('allow')) {
      throw new Error(`AccessDeniedException: ${role.arn} is not authorized to perform ${action} on ${resource}`);
    }
  }

  private managedPolicy(arn: string): PolicyDocument {
    const own = [...this.policies.values()].find((policy) => policy.arn === arn);
    const document = own?.document ?? AWS_POLICIES[arn.replace(/^arn:[^:]+:iam::aws:policy\//, '')];
    if (document === undefined) {
      throw new Error(`the local cloud does not know the managed policy ${arn}`);
    }
    return document;
  }
}
