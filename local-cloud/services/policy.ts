import { NotEmulated } from './aws-error';

type OneOrMore<T> = T | readonly T[];

/** An IAM policy, resolved: no intrinsic function of CloudFormation is left in it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: OneOrMore<PolicyStatement>;
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: OneOrMore<string>;
  readonly NotAction?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
  readonly NotResource?: OneOrMore<string>;
  readonly Principal?: string | Readonly<Record<string, OneOrMore<string>>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore<string | boolean | number>>>>>;
}

/** The values that conditions are tested against. A missing key has no value. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

export interface Requester {
  readonly arn: string;
  readonly account: string;
}

/**
 * `allow-account`: a resource policy trusts the caller's whole account. Within one account, this alone does not allow
 * the call: an identity policy must allow it too.
 */
export type Decision = 'allow' | 'allow-account' | 'deny' | 'nothing';

const STATEMENT_MEMBERS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'Condition'];

/** Condition keys for which the front door supplies the value, where the request has one. */
const KNOWN_KEYS = [
  'aws:securetransport',
  'aws:principalarn',
  'aws:principalaccount',
  'aws:sourcearn',
  'aws:sourceaccount',
  'kms:viaservice',
  'kms:calleraccount',
  'kms:encryptioncontext:secretarn',
  'lambda:sourcefunctionarn',
  'secretsmanager:versionstage',
  'secretsmanager:secretid',
  'events:source',
  'events:detail-type',
];

type Test = (wanted: string, actual: string) => boolean;

const OPERATORS: Readonly<Partial<Record<string, { readonly test: Test; readonly negated: boolean }>>> = {
  StringEquals: { test: (wanted, actual) => wanted === actual, negated: false },
  StringNotEquals: { test: (wanted, actual) => wanted === actual, negated: true },
  StringEqualsIgnoreCase: { test: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(), negated: false },
  StringLike: { test: (wanted, actual) => matchesWildcards(wanted, actual), negated: false },
  StringNotLike: { test: (wanted, actual) => matchesWildcards(wanted, actual), negated: true },
  ArnEquals: { test: (wanted, actual) => matchesWildcards(wanted, actual), negated: false },
  ArnLike: { test: (wanted, actual) => matchesWildcards(wanted, actual), negated: false },
  ArnNotEquals: { test: (wanted, actual) => matchesWildcards(wanted, actual), negated: true },
  ArnNotLike: { test: (wanted, actual) => matchesWildcards(wanted, actual), negated: true },
  Bool: { test: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(), negated: false },
};

/** Refuses a document with any part that is not emulated: to ignore a condition would allow too much. */
export function refuseUnknownPolicy(document: PolicyDocument, kind: 'identity' | 'resource'): void {
  refuseOtherMembers(document, ['Version', 'Id', 'Statement'], 'a policy');
  // They differ in policy variables only, which are refused in any version.
  if (!['2012-10-17', '2008-10-17', undefined].includes(document.Version)) {
    throw new NotEmulated(`policies of version ${String(document.Version)}`);
  }
  for (const statement of listOf(document.Statement)) {
    refuseOtherMembers(statement, STATEMENT_MEMBERS, 'a policy statement');
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
      throw new NotEmulated(`Effect ${statement.Effect} in a policy statement`);
    }
    refuseUnknownScope(statement);
    if ((statement.Principal !== undefined) !== (kind === 'resource')) {
      throw new NotEmulated(
        `${kind === 'resource' ? 'a resource policy without' : 'an identity policy with'} a Principal`,
      );
    }
    refuseUnknownPrincipal(statement.Principal);
    refuseUnknownConditions(statement);
  }
}

/** What one document decides about a request. A deny overrides every allow. */
export function decide(
  document: PolicyDocument,
  request: {
    readonly requester: Requester;
    readonly action: string;
    readonly resource: string;
    readonly context: RequestContext;
  },
): Decision {
  let decision: Decision = 'nothing';
  for (const statement of listOf(document.Statement)) {
    const who = statement.Principal === undefined ? 'allow' : principalMatch(statement.Principal, request.requester);
    if (who === 'nothing' || !appliesTo(statement, request)) {
      continue;
    }
    if (statement.Effect === 'Deny') {
      return 'deny';
    }
    decision = decision === 'allow' ? decision : who;
  }
  return decision;
}

export interface ServiceRequest {
  /** Such as `events.amazonaws.com`. */
  readonly service: string;
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** Whether a resource policy lets a service of AWS do something. */
export function serviceIsAllowed(policy: PolicyDocument, { service, ...request }: ServiceRequest): boolean {
  const requester = { arn: service, account: '' };
  const decisions = listOf(policy.Statement)
    .filter(({ Principal: principal }) => isGrantedTo(principal, service))
    .map((statement) => decide({ Statement: { ...statement, Principal: '*' } }, { ...request, requester }));
  return decisions.includes('allow') && !decisions.includes('deny');
}

/** `*` any text, `?` one character. */
export function matchesWildcards(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

function appliesTo(
  statement: PolicyStatement,
  {
    action,
    resource,
    context,
  }: { readonly action: string; readonly resource: string; readonly context: RequestContext },
): boolean {
  const matchesAction = (pattern: string): boolean => matchesWildcards(pattern.toLowerCase(), action.toLowerCase());
  const matchesResource = (pattern: string): boolean => matchesWildcards(pattern, resource);
  return (
    (statement.NotAction === undefined
      ? listOf(statement.Action).some(matchesAction)
      : !listOf(statement.NotAction).some(matchesAction)) &&
    (statement.NotResource === undefined
      ? listOf(statement.Resource).some(matchesResource)
      : !listOf(statement.NotResource).some(matchesResource)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, key, listOf(wanted).map(String), context)),
    )
  );
}

function principalMatch(
  principal: NonNullable<PolicyStatement['Principal']>,
  requester: Requester,
): 'allow' | 'allow-account' | 'nothing' {
  const accounts = typeof principal === 'string' ? [principal] : listOf(principal.AWS);
  if (accounts.includes('*') || accounts.includes(requester.arn)) {
    return 'allow';
  }
  const account = [requester.account, `arn:aws:iam::${requester.account}:root`];
  return accounts.some((one) => account.includes(one)) ? 'allow-account' : 'nothing';
}

function isGrantedTo(principal: PolicyStatement['Principal'], service: string): boolean {
  if (typeof principal !== 'object') {
    return principal === '*';
  }
  return listOf(principal.Service).includes(service) || listOf(principal.AWS).includes('*');
}

function holds(operator: string, key: string, wanted: readonly string[], context: RequestContext): boolean {
  const { name, quantifier, ifExists } = partsOf(operator);
  const entry = Object.entries(context).find(([known]) => known.toLowerCase() === key.toLowerCase());
  const actual = entry === undefined ? undefined : listOf(entry[1]);
  if (name === 'Null') {
    return wanted.includes(String(actual === undefined));
  }
  const known = OPERATORS[name];
  if (known === undefined) {
    throw new NotEmulated(`the condition operator ${operator}`);
  }
  if (actual === undefined) {
    return ifExists || known.negated || quantifier === 'ForAllValues';
  }
  const passes = (value: string): boolean => wanted.some((one) => known.test(one, value)) !== known.negated;
  return quantifier === 'ForAllValues' ? actual.every(passes) : actual.some(passes);
}

function partsOf(operator: string): { name: string; quantifier: string | undefined; ifExists: boolean } {
  const [, quantifier, name = ''] = /^(?:(ForAnyValue|ForAllValues):)?(.*?)(?:IfExists)?$/.exec(operator) ?? [];
  return { name, quantifier, ifExists: operator.endsWith('IfExists') };
}

function refuseUnknownScope(statement: PolicyStatement): void {
  for (const member of ['Action', 'NotAction', 'Resource', 'NotResource'] as const) {
    for (const text of listOf<unknown>(statement[member])) {
      if (typeof text !== 'string') {
        throw new NotEmulated(`a ${member} that is not text: ${JSON.stringify(text)}`);
      }
    }
  }
  if ((statement.Action === undefined) === (statement.NotAction === undefined)) {
    throw new NotEmulated('a policy statement without exactly one of Action and NotAction');
  }
  if ((statement.Resource === undefined) === (statement.NotResource === undefined)) {
    throw new NotEmulated('a policy statement without exactly one of Resource and NotResource');
  }
}

function refuseUnknownPrincipal(principal: PolicyStatement['Principal']): void {
  if (principal === undefined || principal === '*') {
    return;
  }
  if (typeof principal === 'string') {
    throw new NotEmulated(`the principal ${principal}`);
  }
  for (const [kind, names] of Object.entries(principal)) {
    // No AWS service calls the front door, so a grant to a service only has to be accepted here.
    if (kind !== 'AWS' && kind !== 'Service') {
      throw new NotEmulated(`principals of kind ${kind}`);
    }
    for (const name of listOf<unknown>(names)) {
      if (typeof name !== 'string') {
        throw new NotEmulated(`a principal that is not text: ${JSON.stringify(name)}`);
      }
    }
  }
}

function refuseUnknownConditions(statement: PolicyStatement): void {
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    const { name } = partsOf(operator);
    if (name !== 'Null' && OPERATORS[name] === undefined) {
      throw new NotEmulated(`the condition operator ${operator}`);
    }
    for (const key of Object.keys(keys)) {
      if (!KNOWN_KEYS.includes(key.toLowerCase())) {
        throw new NotEmulated(`the condition key ${key}`);
      }
    }
    if (JSON.stringify(keys).includes('${')) {
      throw new NotEmulated('policy variables');
    }
  }
}

function refuseOtherMembers(value: object, known: readonly string[], where: string): void {
  for (const member of Object.keys(value)) {
    if (!known.includes(member)) {
      throw new NotEmulated(`${member} in ${where}`);
    }
  }
}

export function listOf<T>(value: OneOrMore<T> | undefined): readonly T[] {
  if (value === undefined) {
    return [];
  }
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
