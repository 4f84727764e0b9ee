import { AwsError, NotEmulated } from './aws-error';
import { decide, refuseUnknownPolicy, type PolicyDocument, type RequestContext, type Requester } from './policy';

export interface PrincipalDefinition {
  /** Name of the role. */
  readonly name: string;
  readonly accessKeyId: string;
  readonly policies: readonly PolicyDocument[];
  /** Default: that of the emulated cloud. */
  readonly account?: string;
  /** As policies name it. Default: the role of that name in the account. */
  readonly arn?: string;
  /** Whether its calls count as encrypted. Default: yes, although they use plain HTTP on the loopback interface. */
  readonly secureTransport?: boolean;
  /** The function whose code calls, with the credentials that Lambda gave it. */
  readonly functionArn?: string;
}

export interface Principal extends Requester, Required<Omit<PrincipalDefinition, 'functionArn'>> {
  readonly functionArn?: string;
}

export interface Access {
  readonly principal: Principal;
  /** Such as `sqs:SendMessage`. */
  readonly action: string;
  readonly resource: string;
  readonly resourcePolicy?: PolicyDocument | undefined;
  readonly context?: RequestContext;
}

/** Who may do what: identity policies, resource policies and key policies, evaluated as IAM does. Pure. */
export class IamModel {
  private readonly principals = new Map<string, Principal>();
  private readonly keyPolicies = new Map<string, PolicyDocument>();

  constructor(private readonly account = '123456789012') {}

  addPrincipal(definition: PrincipalDefinition): void {
    for (const policy of definition.policies) {
      refuseUnknownPolicy(policy, 'identity');
    }
    const account = definition.account ?? this.account;
    this.principals.set(definition.accessKeyId, {
      secureTransport: true,
      arn: `arn:aws:iam::${account}:role/${definition.name}`,
      ...definition,
      account,
    });
  }

  addKeyPolicy(keyArn: string, policy: PolicyDocument): void {
    refuseUnknownPolicy(policy, 'resource');
    this.keyPolicies.set(keyArn, policy);
  }

  byAccessKey(accessKeyId: string): Principal | undefined {
    return this.principals.get(accessKeyId);
  }

  byName(name: string): Principal {
    const principal = [...this.principals.values()].find((one) => one.name === name);
    if (principal === undefined) {
      throw new NotEmulated(`the principal ${name}, which nobody added`);
    }
    return principal;
  }

  /** Throws AccessDeniedException unless policies allow it. */
  authorize(access: Access): void {
    const reason = this.refusal(access, false);
    if (reason !== undefined) {
      throw accessDenied(access, reason);
    }
  }

  /**
   * Throws unless the principal may use a key through a service. `key` has the form that secrets and queues use: empty
   * text or an `alias/aws/…` means a key that AWS manages.
   */
  authorizeKey(
    principal: Principal,
    action: string,
    key: string,
    viaService: string,
    encryptionContext: Readonly<Record<string, string>> = {},
  ): void {
    const resource = this.keyArnOf(key);
    if (resource === undefined) {
      if (principal.account !== this.account) {
        throw accessDenied({ principal, action, resource: key }, 'no resource-based policy allows');
      }
      return;
    }
    const context = {
      'kms:ViaService': viaService,
      'kms:CallerAccount': principal.account,
      ...Object.fromEntries(
        Object.entries(encryptionContext).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
      ),
    };
    const access = { principal, action, resource, context, resourcePolicy: this.keyPolicies.get(resource) };
    const reason = this.refusal(access, true);
    if (reason !== undefined) {
      throw accessDenied(access, reason);
    }
  }

  /** `undefined`: allowed. Unlike other resources, a key needs a key policy that allows access in its own account. */
  private refusal(access: Access, resourcePolicyIsNeeded: boolean): string | undefined {
    const { principal, action, resource, resourcePolicy } = access;
    const request = { requester: principal, action, resource, context: contextOf(access) };
    const byIdentity = principal.policies.map((policy) => decide(policy, request));
    const byResource = resourcePolicy === undefined ? 'nothing' : decide(resourcePolicy, request);
    if (byIdentity.includes('deny')) {
      return 'with an explicit deny in an identity-based policy';
    }
    if (byResource === 'deny') {
      return 'with an explicit deny in a resource-based policy';
    }
    const isOwnAccount = principal.account === (resource.split(':')[4] ?? '');
    if (isOwnAccount && byResource === 'allow') {
      return undefined;
    }
    const missing = missingPolicy({
      isOwnAccount,
      identityAllows: byIdentity.includes('allow'),
      resourceAllows: byResource !== 'nothing' || (isOwnAccount && !resourcePolicyIsNeeded),
    });
    return missing && `because no ${missing}-based policy allows the ${action} action`;
  }

  /** `undefined`: a key that AWS manages. */
  private keyArnOf(key: string): string | undefined {
    if (key === '' || /^(arn:aws:kms:[^:]*:[^:]*:)?alias\/aws\//.test(key)) {
      return undefined;
    }
    const arn = [...this.keyPolicies.keys()].find((known) => known === key || known.endsWith(`:key/${key}`));
    if (arn === undefined) {
      throw new NotEmulated(`the key ${key}, for which nobody added a policy`);
    }
    return arn;
  }
}

/** Which kind of policy does not allow it. In its own account a principal first hears of its identity-based policies. */
function missingPolicy(found: {
  readonly isOwnAccount: boolean;
  readonly identityAllows: boolean;
  readonly resourceAllows: boolean;
}): 'identity' | 'resource' | undefined {
  if (found.identityAllows && found.resourceAllows) {
    return undefined;
  }
  return (found.isOwnAccount ? found.identityAllows : !found.resourceAllows) ? 'resource' : 'identity';
}

function accessDenied({ principal, action, resource }: Omit<Access, 'resourcePolicy'>, reason: string): AwsError {
  return new AwsError(
    'AccessDeniedException',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
  );
}

function contextOf({ principal, context }: Access): Record<string, string> {
  return {
    'aws:SecureTransport': String(principal.secureTransport),
    'aws:PrincipalArn': principal.arn,
    'aws:PrincipalAccount': principal.account,
    ...(principal.functionArn !== undefined && { 'lambda:SourceFunctionArn': principal.functionArn }),
    ...context,
  };
}
