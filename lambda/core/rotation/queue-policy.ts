import * as v from 'valibot';
import { AMAZON_NOTIFICATION_ACCOUNT, AMAZON_QUEUE_ACTIONS } from '../../../lib/contract/amazon';
import { parseJson } from '../json';
import { all, any, conditionsHold, matches, not, type Answer } from './policy-conditions';

const oneOrMany = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
const principal = v.union([v.literal('*'), v.looseObject({ AWS: v.optional(oneOrMany, []) })]);
const scalar = v.pipe(v.union([v.string(), v.boolean(), v.number()]), v.transform(String));
const values = v.pipe(
  v.union([scalar, v.array(scalar)]),
  v.transform((value) => [value].flat()),
);
const statement = v.looseObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Principal: v.optional(principal),
  NotPrincipal: v.optional(principal),
  Action: v.optional(oneOrMany),
  NotAction: v.optional(oneOrMany),
  Resource: v.optional(oneOrMany),
  NotResource: v.optional(oneOrMany),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), values)), {}),
});
const policyDocument = v.object({ Statement: v.union([v.array(statement), statement]) });
type Statement = v.InferOutput<typeof statement>;

/** Whether the policy of a queue lets Amazon's account send and look, as far as Amazon's requests are known. */
export type Verdict =
  | { readonly letsIn: 'yes' }
  /** Whether these denials apply depends on what is not known of Amazon's requests. */
  | { readonly letsIn: 'perhaps'; readonly statements: readonly string[] }
  /** No statement allows it; `statements` would, under conditions that are not known to hold. */
  | { readonly letsIn: 'not-allowed'; readonly statements: readonly string[] }
  | { readonly letsIn: 'denied'; readonly statements: readonly string[] };

let last: { readonly policy: string | undefined; readonly queueArn: string; readonly verdict: Verdict } | undefined;

/** All applications of a hub ask for the verdict on the policy of one queue. */
export function rememberedVerdict(policy: string | undefined, queueArn: string): Verdict {
  if (last?.policy !== policy || last?.queueArn !== queueArn) {
    last = { policy, queueArn, verdict: verdictOf(policy, queueArn) };
  }
  return last.verdict;
}

/**
 * Evaluates the policy of a queue as IAM does: what no statement allows is denied, and a denial outweighs all else.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function verdictOf(policy: string | undefined, queueArn: string): Verdict {
  const parsed = v.safeParse(policyDocument, policy === undefined ? undefined : parseJson(policy));
  const statements = parsed.success ? [parsed.output.Statement].flat() : [];
  const found = AMAZON_QUEUE_ACTIONS.flatMap((action) =>
    statements.map((one, index) => ({
      action,
      effect: one.Effect,
      applies: applies(one, action, queueArn),
      name: nameOf(one, index),
    })),
  );
  const named = (effect: Statement['Effect'], answer: Answer): string[] => [
    ...new Set(found.filter((one) => one.effect === effect && one.applies === answer).map(({ name }) => name)),
  ];
  if (named('Deny', 'yes').length > 0) {
    return { letsIn: 'denied', statements: named('Deny', 'yes') };
  }
  const allowed = new Set(
    found.flatMap((one) => (one.effect === 'Allow' && one.applies === 'yes' ? [one.action] : [])),
  );
  if (allowed.size < AMAZON_QUEUE_ACTIONS.length) {
    return { letsIn: 'not-allowed', statements: named('Allow', 'unknown') };
  }
  const doubtful = named('Deny', 'unknown');
  return doubtful.length === 0 ? { letsIn: 'yes' } : { letsIn: 'perhaps', statements: doubtful };
}

/** By its Sid, where that is one; by its place otherwise. */
function nameOf({ Sid = '' }: Statement, index: number): string {
  return /^[\w .-]{1,128}$/.test(Sid) ? `"${Sid}"` : `number ${index + 1}`;
}

function applies(one: Statement, action: string, queueArn: string): Answer {
  return all([
    principalsOf(one),
    named(one.Action, one.NotAction, (pattern) => matches(pattern.toLowerCase(), action.toLowerCase())),
    // SQS takes a statement without a resource for one about its queue.
    one.Resource === undefined && one.NotResource === undefined
      ? 'yes'
      : named(one.Resource, one.NotResource, (pattern) => matches(pattern, queueArn)),
    conditionsHold(one.Condition, queueArn),
  ]);
}

function named(
  included: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
  match: (pattern: string) => Answer,
): Answer {
  return included === undefined && excluded !== undefined
    ? not(any(excluded.map(match)))
    : any((included ?? []).map(match));
}

/**
 * A denial of all but an account is not known to spare the users and roles of that account: AWS checks both.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function principalsOf({ Effect, Principal, NotPrincipal }: Statement): Answer {
  if (NotPrincipal === undefined) {
    return Principal === undefined ? 'no' : principalAnswer(Principal);
  }
  const spared = principalAnswer(NotPrincipal);
  // Not supported by AWS in an Allow.
  return Effect === 'Allow' ? 'no' : spared === 'no' ? 'yes' : NotPrincipal === '*' ? 'no' : 'unknown';
}

function principalAnswer(named: NonNullable<Statement['Principal']>): Answer {
  const principals = named === '*' ? ['*'] : named.AWS;
  return any(
    principals.map((one) => {
      if (one === '*' || one === AMAZON_NOTIFICATION_ACCOUNT) {
        return 'yes';
      }
      const [, account, resource] = /^arn:[a-z-]+:(?:iam|sts)::(\d{12}):(.+)$/.exec(one) ?? [];
      return account !== AMAZON_NOTIFICATION_ACCOUNT ? 'no' : resource === 'root' ? 'yes' : 'unknown';
    }),
  );
}
