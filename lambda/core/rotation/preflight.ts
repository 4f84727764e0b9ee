import * as v from 'valibot';
import { AMAZON_NOTIFICATION_ACCOUNT, AMAZON_QUEUE_ACTIONS } from '../../../lib/contract/amazon';
import { failure, type Failure } from '../failure';
import { parseJson } from '../json';
import type { Application, QueueAttributes, SecretDescription } from '../ports';
import type { CurrentSecret } from '../secret/read';
import { hasRoomForNewSecret } from '../secret/text';
import { DAY, SECOND } from '../time';

type PreflightProblem = 'preflight-queue' | 'preflight-policy' | 'preflight-key';

/** A message must outlive the 7-day overlap, with a day for somebody to act. */
const MIN_RETENTION = 8 * DAY;

const oneOrMany = v.union([v.string(), v.array(v.string())]);
const statement = v.object({
  Effect: v.string(),
  Principal: v.optional(v.union([v.literal('*'), v.object({ AWS: v.optional(oneOrMany, []) })])),
  NotPrincipal: v.optional(v.unknown()),
  Action: v.optional(oneOrMany),
  NotAction: v.optional(v.unknown()),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
});
const policyDocument = v.object({ Statement: v.union([v.array(statement), statement]) });
type Statement = v.InferOutput<typeof statement>;

const RIVALS = {
  'managed-rotation':
    'Secrets Manager runs a rotation of its own on this secret, and would overwrite the client secret. Turn it off (aws secretsmanager cancel-rotate-secret). Nothing is rotated before.',
  replica:
    'The secret is a replica, which nobody can write. Give the application the secret in its primary region, in a stack of that region.',
} as const;

/**
 * Whether a new client secret would find its place, as far as can be seen from here.
 *
 * @param description `undefined` when the run did not ask for it
 */
export async function preflight(
  application: Application,
  current: CurrentSecret,
  description: SecretDescription | undefined,
): Promise<Failure | undefined> {
  const problem = preflightProblem(await application.ports.queue.attributes(), application.queueKeyArn);
  if (problem !== undefined) {
    return failure(application, problem);
  }
  const rival = description?.rival;
  if (rival !== undefined) {
    return { ...failure(application, 'needs-person'), next: RIVALS[rival] };
  }
  return hasRoomForNewSecret(current.text)
    ? undefined
    : {
        ...failure(application, 'needs-person'),
        next: 'The secret is within 1,024 bytes of the 65,536 that Secrets Manager stores: a new client secret may not fit. Take something out of it. Nothing is rotated before.',
      };
}

/**
 * Whether the notification queue can take a new secret, from what SQS says of it.
 *
 * @param attributes `undefined` when the queue does not exist
 * @param deployedKey ARN of the customer key that the stack gave the queue; `undefined` where it gave none or did not make the queue
 */
export function preflightProblem(
  attributes: QueueAttributes | undefined,
  deployedKey: string | undefined,
): PreflightProblem | undefined {
  if (attributes === undefined || attributes.retentionSeconds * SECOND < MIN_RETENTION) {
    return 'preflight-queue';
  }
  if (!letsAmazonIn(attributes.policy)) {
    return 'preflight-policy';
  }
  return deployedKey !== undefined && !sameKey(attributes.key, deployedKey) ? 'preflight-key' : undefined;
}

/** SQS names a key as it was given: by ARN or by the id at the ARN's end. */
function sameKey(named: string | undefined, deployedKey: string): boolean {
  return named !== undefined && (named === deployedKey || deployedKey.endsWith(`/${named}`));
}

function letsAmazonIn(policy: string | undefined): boolean {
  const parsed = v.safeParse(policyDocument, policy === undefined ? undefined : parseJson(policy));
  if (!parsed.success) {
    return false;
  }
  const statements = [parsed.output.Statement].flat();
  return AMAZON_QUEUE_ACTIONS.every(
    (action) =>
      statements.some((one) => one.Effect === 'Allow' && certainlyApplies(one, action)) &&
      !statements.some((one) => one.Effect === 'Deny' && possiblyApplies(one, action)),
  );
}

/** An Allow counts only without conditions: what Amazon's requests carry is not documented. */
function certainlyApplies(one: Statement, action: string): boolean {
  return (
    one.NotPrincipal === undefined &&
    namesAmazon(one) &&
    namesAction(one, action) &&
    Object.keys(one.Condition ?? {}).length === 0
  );
}

/** A Deny counts unless it is only about requests without TLS, which Amazon does not make. */
function possiblyApplies(one: Statement, action: string): boolean {
  const aboutAmazon = one.NotPrincipal !== undefined || namesAmazon(one);
  const aboutAction = one.NotAction !== undefined || namesAction(one, action);
  return aboutAmazon && aboutAction && !isTlsEnforcement(one.Condition);
}

function namesAmazon(one: Statement): boolean {
  const principals = one.Principal === '*' ? ['*'] : [one.Principal?.AWS ?? []].flat();
  return principals.some(
    (principal) =>
      principal === '*' ||
      principal === AMAZON_NOTIFICATION_ACCOUNT ||
      new RegExp(`^arn:[a-z-]+:iam::${AMAZON_NOTIFICATION_ACCOUNT}:root$`).test(principal),
  );
}

function namesAction(one: Statement, action: string): boolean {
  return [one.Action ?? []].flat().some((pattern) => {
    const expression = pattern
      .toLowerCase()
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${expression}$`).test(action.toLowerCase());
  });
}

function isTlsEnforcement(condition: Statement['Condition']): boolean {
  const tests = Object.entries(condition ?? {});
  const [operator, operands] = tests[0] ?? [];
  return (
    tests.length === 1 &&
    operator === 'Bool' &&
    operands !== undefined &&
    Object.keys(operands).join() === 'aws:SecureTransport' &&
    String(operands['aws:SecureTransport']) === 'false'
  );
}
