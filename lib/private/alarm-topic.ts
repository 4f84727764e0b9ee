import { Annotations, AspectPriority, Aspects, Stack, Token, type IAspect } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import { certainlyDiffer } from './validation';

const CLOUD_WATCH = 'cloudwatch.amazonaws.com';

const PUBLISH = ['sns:Publish'];

/** What CloudWatch needs on the customer key of a topic. */
const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey*'];

/** The key that AWS manages for SNS: its policy cannot be changed, and does not let CloudWatch in. */
const MANAGED_KEY = 'alias/aws/sns';

/**
 * Lets the alarms of this account publish to a topic, and warns where this app cannot.
 *
 * A topic without a policy of its own lets them publish already, and other services of the account too: it stays as it
 * is, because a policy would replace the one that SNS gives it.
 */
export function letAlarmsPublish(scope: Construct, topic: sns.ITopic): void {
  const { region } = Stack.of(scope);
  if (certainlyDiffer(topic.env.region, region)) {
    throw new Error(
      `alarmTopic must be in the region of the stack, "${region}", because an alarm cannot notify a topic in another region; received a topic in "${topic.env.region}"`,
    );
  }
  letCloudWatchUseKey(scope, topic);
  // Late, because the app may still add a policy to the topic, and an aspect of it may do so for all topics.
  Aspects.of(scope.node.root).add(new LetAlarmsPublish(scope, topic), { priority: AspectPriority.READONLY });
}

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services */
function letCloudWatchUseKey(scope: Construct, { masterKey: key }: sns.ITopic): void {
  if (key !== undefined && !key.addToResourcePolicy(statement(scope, KEY_ACTIONS, '*'), true).statementAdded) {
    warnOfKey(scope, key.keyId);
  }
}

function warnOfKey(scope: Construct, keyId: string): void {
  Annotations.of(scope).addWarningV2(
    'cdk-sp-api-secret-rotation:SpApiSecretRotation.alarmTopicKey',
    keyId.endsWith(MANAGED_KEY)
      ? `alarmTopic is encrypted with ${MANAGED_KEY}, which CloudWatch cannot use, so no alarm can notify anybody; encrypt the topic with a customer key, or with none`
      : `the policy of the key of alarmTopic cannot be edited by this stack, and without a permission on the key no alarm can notify anybody; add this statement to the policy of the key: ${statementText(scope, KEY_ACTIONS, '*')}`,
  );
}

/** An aspect, because the policy of the topic may be added until synthesis, anywhere in the app. */
class LetAlarmsPublish implements IAspect {
  constructor(
    private readonly scope: Construct,
    private readonly topic: sns.ITopic,
  ) {}

  public visit(node: IConstruct): void {
    if (node === this.scope) {
      this.warn();
    } else if (this.isPolicy(node) && node.policyDocument instanceof iam.PolicyDocument) {
      node.policyDocument.addStatements(statement(this.scope, PUBLISH, this.topic.topicArn));
    }
  }

  /** Also of one that was not added through the topic: whichever is deployed last replaces the others. */
  private isPolicy(node: IConstruct): node is sns.CfnTopicPolicy {
    if (!(node instanceof sns.CfnTopicPolicy)) {
      return false;
    }
    const arn: unknown = Stack.of(this.topic).resolve(this.topic.topicArn);
    const arns = Stack.of(node).resolve(node.topics) as unknown[];
    // Logical ids are unique only within one stack.
    const isComparable = typeof arn === 'string' || Stack.of(node) === Stack.of(this.topic);
    return isComparable && arns.some((one) => JSON.stringify(one) === JSON.stringify(arn));
  }

  private warn(): void {
    const { scope, topic } = this;
    const resource = topic.node.defaultChild;
    if (topic.masterKey === undefined && resource instanceof sns.CfnTopic && resource.kmsMasterKeyId !== undefined) {
      warnOfKey(scope, resource.kmsMasterKeyId);
    }
    const policies = topic.node.root.node.findAll().filter((node) => this.isPolicy(node));
    const isInReach = policies.length > 0 || resource instanceof sns.CfnTopic;
    if (!isInReach || policies.some(({ policyDocument }) => !(policyDocument instanceof iam.PolicyDocument))) {
      Annotations.of(scope).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.alarmTopicPolicy',
        `the policy of alarmTopic cannot be edited by this stack, and it must let the alarms notify somebody; if it does not, add this statement: ${statementText(scope, PUBLISH, topic.topicArn)}; if the topic has a customer key, add this one to the policy of the key: ${statementText(scope, KEY_ACTIONS, '*')}`,
      );
    }
  }
}

function statement(scope: Construct, actions: string[], resource: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(CLOUD_WATCH)],
    actions,
    resources: [resource],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}

function statementText(scope: Construct, actions: string[], resource: string): string {
  const shown = (value: string, name: string): string => (Token.isUnresolved(value) ? name : value);
  return JSON.stringify({
    Effect: 'Allow',
    Principal: { Service: CLOUD_WATCH },
    Action: actions,
    Resource: shown(resource, 'ARN of the topic'),
    Condition: { StringEquals: { 'aws:SourceAccount': shown(Stack.of(scope).account, 'id of this account') } },
  });
}
