import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AMAZON_NOTIFICATION_ACCOUNT, AMAZON_QUEUE_ACTIONS } from '../contract/amazon';

const STATEMENT_ID = 'SellingPartnerApiNotifications';

/** What Amazon needs on the customer key of the queue. */
const AMAZON_KEY_ACTIONS = ['kms:GenerateDataKey', 'kms:Decrypt'] as const;

/**
 * Allows Amazon to send to a queue.
 *
 * There is no condition: Amazon documents none, and one that does not match the sender would block the delivery of the
 * only copy of a new client secret without any error.
 */
export function amazonQueueStatement(queueArn: string): iam.PolicyStatement {
  return statement(AMAZON_QUEUE_ACTIONS, queueArn);
}

/** Allows Amazon to encrypt what it sends to a queue that has a customer key. */
export function amazonKeyStatement(): iam.PolicyStatement {
  return statement(AMAZON_KEY_ACTIONS, '*');
}

/** {@link amazonQueueStatement} as text, for a person to add by hand. */
export function amazonQueueStatementText(queueArn: string): string {
  return statementText(AMAZON_QUEUE_ACTIONS, Token.isUnresolved(queueArn) ? 'ARN of the queue' : queueArn);
}

/** {@link amazonKeyStatement} as text, for a person to add by hand. */
export function amazonKeyStatementText(): string {
  return statementText(AMAZON_KEY_ACTIONS, '*');
}

function statement(actions: readonly string[], resource: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: STATEMENT_ID,
    principals: [new iam.AccountPrincipal(AMAZON_NOTIFICATION_ACCOUNT)],
    actions: [...actions],
    resources: [resource],
  });
}

function statementText(actions: readonly string[], resource: string): string {
  return JSON.stringify({
    Sid: STATEMENT_ID,
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${AMAZON_NOTIFICATION_ACCOUNT}:root` },
    Action: actions,
    Resource: resource,
  });
}
