import { AMAZON_NOTIFICATION_ACCOUNT } from '../../../lib/contract/amazon';
import { failure, type Failure } from '../failure';
import type { Application, QueueAttributes, SecretDescription } from '../ports';
import type { CurrentSecret } from '../secret/read';
import { hasRoomForNewSecret } from '../secret/text';
import { DAY, SECOND } from '../time';
import { rememberedVerdict, type Verdict } from './queue-policy';

type PreflightProblem = 'preflight-queue' | 'preflight-policy' | 'preflight-key';

/** A message must outlive the 7-day overlap, with a day for somebody to act. */
const MIN_RETENTION = 8 * DAY;

const RIVALS = {
  'managed-rotation':
    'Secrets Manager runs a rotation of its own on this secret, and would overwrite the client secret. Turn it off (aws secretsmanager cancel-rotate-secret). Nothing is rotated before.',
  replica:
    'The secret is a replica, which nobody can write. Give the application the secret in its primary region, in a stack of that region.',
} as const;

/** Whether a new client secret would find its place. */
export interface Readiness {
  /** Why it would not. */
  readonly failure?: Failure;
  /** What may keep it out and cannot be known from here. It does not keep a rotation from being made. */
  readonly warning?: string;
}

/**
 * Whether a new client secret would find its place, as far as can be seen from here.
 *
 * @param description `undefined` when the run did not ask for it
 */
export async function preflight(
  application: Application,
  current: CurrentSecret,
  description: SecretDescription | undefined,
): Promise<Readiness> {
  const attributes = await application.ports.queue.attributes();
  const verdict = rememberedVerdict(attributes?.policy, application.hub);
  const problem = preflightProblem(attributes, verdict, application.queueKeyArn);
  if (problem !== undefined) {
    const found = failure(application, problem);
    return {
      failure: problem === 'preflight-policy' ? { ...found, next: `${found.next}${culprits(verdict)}` } : found,
    };
  }
  const obstacle = obstacleInSecret(current, description);
  if (obstacle !== undefined) {
    return { failure: { ...failure(application, 'needs-person'), next: obstacle } };
  }
  return verdict.letsIn === 'perhaps' ? { warning: doubt(verdict.statements) } : {};
}

function obstacleInSecret(current: CurrentSecret, description: SecretDescription | undefined): string | undefined {
  const rival = description?.rival;
  if (rival !== undefined) {
    return RIVALS[rival];
  }
  return hasRoomForNewSecret(current.text)
    ? undefined
    : 'The secret is within 1,024 bytes of the 65,536 that Secrets Manager stores: a new client secret may not fit. Take something out of it. Nothing is rotated before.';
}

/** Which statements of the policy are in the way. */
function culprits(verdict: Verdict): string {
  if (verdict.letsIn === 'denied') {
    return ` Shut out by the denial: ${list(verdict.statements)}. Except that account from it (aws:PrincipalAccount).`;
  }
  return verdict.letsIn === 'not-allowed' && verdict.statements.length > 0
    ? ` Conditions that Amazon is not known to meet: ${list(verdict.statements)}. Take them out.`
    : '';
}

function doubt(statements: readonly string[]): string {
  return `A denial in the queue's policy may shut Amazon out: statement ${list(statements)}. To be sure, except account ${AMAZON_NOTIFICATION_ACCOUNT} from it (aws:PrincipalAccount).`;
}

function list(statements: readonly string[]): string {
  return statements.join(', ');
}

/**
 * Whether the notification queue can take a new secret, from what SQS says of it.
 *
 * @param attributes `undefined` when the queue does not exist
 * @param verdict on its policy
 * @param deployedKey ARN of the customer key that the stack gave the queue; `undefined` where it gave none or did not make the queue
 */
export function preflightProblem(
  attributes: QueueAttributes | undefined,
  { letsIn }: Verdict,
  deployedKey: string | undefined,
): PreflightProblem | undefined {
  if (attributes === undefined || attributes.retentionSeconds * SECOND < MIN_RETENTION) {
    return 'preflight-queue';
  }
  if (letsIn === 'denied' || letsIn === 'not-allowed') {
    return 'preflight-policy';
  }
  return deployedKey !== undefined && !sameKey(attributes.key, deployedKey) ? 'preflight-key' : undefined;
}

/** SQS names a key as it was given: by ARN or by the id at the ARN's end. */
function sameKey(named: string | undefined, deployedKey: string): boolean {
  return named !== undefined && (named === deployedKey || deployedKey.endsWith(`/${named}`));
}
