import { decide, type PolicyDocument, type PolicyStatement, type RequestContext } from '../services/policy';

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
  const decisions = statementsOf(policy)
    .filter(({ Principal: principal }) => concerns(principal, service))
    .map((statement) => decide({ Statement: { ...statement, Principal: '*' } }, { ...request, requester }));
  return decisions.includes('allow') && !decisions.includes('deny');
}

export function statementsOf({ Statement: statements }: PolicyDocument): readonly PolicyStatement[] {
  return 'Effect' in statements ? [statements] : statements;
}

function concerns(principal: PolicyStatement['Principal'], service: string): boolean {
  if (typeof principal !== 'object') {
    return principal === '*';
  }
  return [principal.Service ?? []].flat().includes(service) || [principal.AWS ?? []].flat().includes('*');
}
