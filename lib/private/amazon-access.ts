import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AMAZON_KEY_ACTIONS, AMAZON_NOTIFICATION_ACCOUNT, AMAZON_QUEUE_ACTIONS } from '../contract/amazon';

const QUEUE_STATEMENT_ID = 'SellingPartnerApiNotifications';

/**
 * Lets Amazon send into a queue.
 *
 * Without a condition: Amazon documents none, and one that does not match the sender would silently stop the delivery
 * of the only copy of a new secret.
 */
export function amazonQueueStatement(queueArn: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: QUEUE_STATEMENT_ID,
    principals: [new iam.AccountPrincipal(AMAZON_NOTIFICATION_ACCOUNT)],
    actions: [...AMAZON_QUEUE_ACTIONS],
    resources: [queueArn],
  });
}

/** Lets Amazon encrypt what it sends into a queue that has a customer key. */
export function amazonKeyStatement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: QUEUE_STATEMENT_ID,
    principals: [new iam.AccountPrincipal(AMAZON_NOTIFICATION_ACCOUNT)],
    actions: [...AMAZON_KEY_ACTIONS],
    resources: ['*'],
  });
}

/** {@link amazonQueueStatement} for a person to add by hand. */
export function amazonQueueStatementText(queueArn: string): string {
  return statementText(AMAZON_QUEUE_ACTIONS, Token.isUnresolved(queueArn) ? 'ARN of the queue' : queueArn);
}

/** {@link amazonKeyStatement} for a person to add by hand. */
export function amazonKeyStatementText(): string {
  return statementText(AMAZON_KEY_ACTIONS, '*');
}

function statementText(actions: readonly string[], resource: string): string {
  return JSON.stringify({
    Sid: QUEUE_STATEMENT_ID,
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${AMAZON_NOTIFICATION_ACCOUNT}:root` },
    Action: actions,
    Resource: resource,
  });
}
