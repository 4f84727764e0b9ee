import { Annotations, App, Aspects, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SpApiSecretRotation } from '../../lib';
import { ALARMS_NOTIFY_NOBODY, resourcesOf, statementsOf, Subject, type Statement } from './synthesis';

const WARNING = 'cdk-sp-api-secret-rotation:SpApiSecretRotation';
const TOPIC_ARN = 'arn:aws:sns:eu-west-1:111122223333:people';
const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';

const SAME_ACCOUNT = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
const CLOUD_WATCH = { Service: 'cloudwatch.amazonaws.com' };

function topicIn({ stack }: Subject): sns.ITopic {
  return stack.node.findChild('Topic') as sns.ITopic;
}

function notifying(topic: (stack: Stack) => sns.ITopic, props: { region?: string; account?: string } = {}): Subject {
  const subject = new Subject((stack) => ({ alarmTopic: topic(stack) }), { stack: { env: props } });
  subject.hub.addApplication('Shop');
  return subject;
}

/** What the policies of this type of resource say about CloudWatch. */
function forCloudWatch(template: Template, type: string, property: string): Statement[] {
  return (
    Object.values(resourcesOf(template))
      .filter(({ Type }) => Type === type)
      .flatMap(({ Properties }) => statementsOf(Properties[property]))
      .filter(({ Principal }) => JSON.stringify(Principal) === JSON.stringify(CLOUD_WATCH))
      // The CDK numbers the statements of a topic.
      .map((statement) => ({ ...statement, Sid: undefined }))
  );
}

describe('a topic with a policy of its own lets the alarms publish', () => {
  test.each<[string, (stack: Stack) => sns.ITopic, (topic: sns.ITopic, subject: Subject) => unknown]>([
    ['where only TLS is allowed', (stack) => new sns.Topic(stack, 'Topic', { enforceSSL: true }), () => undefined],
    [
      'where it is the target of a rule too',
      (stack) => new sns.Topic(stack, 'Topic'),
      (topic, { hub }) => hub.onRotationFailed('Failed', { target: new targets.SnsTopic(topic) }),
    ],
    [
      'where a policy is added beside it',
      (stack) => new sns.Topic(stack, 'Topic'),
      (topic, { stack }) => new sns.TopicPolicy(stack, 'Policy', { topics: [topic] }),
    ],
    [
      'where it is imported and its policy is not',
      (stack) => sns.Topic.fromTopicArn(stack, 'Topic', TOPIC_ARN),
      (topic, { stack }) => new sns.TopicPolicy(stack, 'Policy', { topics: [topic] }),
    ],
    [
      'where an aspect of the app adds the policy',
      (stack) => new sns.Topic(stack, 'Topic'),
      (topic, { app }) => {
        Aspects.of(app).add({
          visit: (node) => {
            if (node === topic) {
              topic.grantPublish(new iam.ServicePrincipal('budgets.amazonaws.com'));
            }
          },
        });
      },
    ],
  ])('%s', (_name, topicOf, then) => {
    const subject = notifying(topicOf);
    then(topicIn(subject), subject);
    expect(forCloudWatch(subject.template, 'AWS::SNS::TopicPolicy', 'PolicyDocument')).toEqual([
      {
        Effect: 'Allow',
        Principal: CLOUD_WATCH,
        Action: ['sns:Publish'],
        Resource: [subject.stack.resolve(topicIn(subject).topicArn)],
        Condition: SAME_ACCOUNT,
      },
    ]);
    expect(subject.warnings()).toEqual([]);
  });

  test('in another stack, and another topic of the app stays as it is', () => {
    const app = new App();
    const foundation = new Stack(app, 'Foundation');
    const topic = new sns.Topic(foundation, 'Topic', { enforceSSL: true });
    new sns.Topic(foundation, 'Other', { enforceSSL: true });
    new SpApiSecretRotation(new Stack(app, 'Stack'), 'Hub', { alarmTopic: topic }).addApplication('Shop');
    const statements = forCloudWatch(Template.fromStack(foundation), 'AWS::SNS::TopicPolicy', 'PolicyDocument');
    expect(statements.map(({ Resource }) => Resource)).toEqual([[foundation.resolve(topic.topicArn)]]);
  });
});

test('a topic without a policy keeps the one that SNS gives it', () => {
  const { template } = notifying((stack) => new sns.Topic(stack, 'Topic'));
  template.resourceCountIs('AWS::SNS::TopicPolicy', 0);
});

describe('the customer key of a topic', () => {
  test.each<[string, (stack: Stack) => kms.IKey]>([
    ['itself', (stack) => new kms.Key(stack, 'Key')],
    ['by an alias of the same app', (stack) => new kms.Key(stack, 'Key').addAlias('alias/people')],
  ])('lets CloudWatch encrypt: %s', (_name, key) => {
    const subject = notifying((stack) => new sns.Topic(stack, 'Topic', { masterKey: key(stack) }));
    expect(forCloudWatch(subject.template, 'AWS::KMS::Key', 'KeyPolicy')).toEqual([
      {
        Effect: 'Allow',
        Principal: CLOUD_WATCH,
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Resource: ['*'],
        Condition: SAME_ACCOUNT,
      },
    ]);
    expect(subject.warnings()).toEqual([]);
  });

  test.each<[string, (stack: Stack) => sns.ITopic, RegExp]>([
    [
      'imported',
      (stack) => new sns.Topic(stack, 'Topic', { masterKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }),
      /add this statement to the policy of the key: \{.*"kms:GenerateDataKey\*"/,
    ],
    [
      'an alias of which nothing else is known',
      (stack) => new sns.Topic(stack, 'Topic', { masterKey: kms.Alias.fromAliasName(stack, 'Key', 'alias/mine') }),
      /add this statement to the policy of the key/,
    ],
    [
      'that of AWS',
      (stack) => new sns.Topic(stack, 'Topic', { masterKey: kms.Alias.fromAliasName(stack, 'Key', 'alias/aws/sns') }),
      /which CloudWatch cannot use, so no alarm can notify anybody/,
    ],
    [
      'that of AWS, set on the resource',
      (stack) => {
        const topic = new sns.Topic(stack, 'Topic');
        (topic.node.defaultChild as sns.CfnTopic).kmsMasterKeyId = 'alias/aws/sns';
        return topic;
      },
      /which CloudWatch cannot use, so no alarm can notify anybody/,
    ],
  ])('is warned of: %s', (_name, topic, words) => {
    const subject = notifying(topic);
    expect(subject.warnings()).toEqual([`${WARNING}.alarmTopicKey`]);
    expect(subject.warning(`${WARNING}.alarmTopicKey`)).toMatch(words);
  });
});

test('an imported topic is warned of, with the statement to add', () => {
  const subject = notifying((stack) => sns.Topic.fromTopicArn(stack, 'Topic', TOPIC_ARN), {
    region: 'eu-west-1',
    account: '111122223333',
  });
  expect(subject.warnings()).toEqual([`${WARNING}.alarmTopicPolicy`]);
  const [statement = ''] = /\{.*?\}\}\}/.exec(subject.warning(`${WARNING}.alarmTopicPolicy`)) ?? [];
  expect(JSON.parse(statement)).toEqual({
    Effect: 'Allow',
    Principal: CLOUD_WATCH,
    Action: ['sns:Publish'],
    Resource: TOPIC_ARN,
    Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
  });
});

test('a topic of another region is refused', () => {
  expect(() =>
    notifying((stack) => sns.Topic.fromTopicArn(stack, 'Topic', TOPIC_ARN), { region: 'us-east-1' }),
  ).toThrow(
    'alarmTopic must be in the region of the stack, "us-east-1", because an alarm cannot notify a topic in another region; received a topic in "eu-west-1"',
  );
});

describe('alarms that notify nobody', () => {
  function warningsOf(prepare: (hub: SpApiSecretRotation, stack: Stack) => void): string[] {
    const subject = new Subject({}, { onCall: true });
    subject.hub.addApplication('Shop');
    prepare(subject.hub, subject.stack);
    return subject.warnings();
  }

  test('are warned of', () => {
    expect(warningsOf(() => undefined)).toEqual([ALARMS_NOTIFY_NOBODY]);
  });

  test.each<[string, (hub: SpApiSecretRotation, stack: Stack) => void]>([
    [
      'somebody acknowledges it',
      (hub) => {
        Annotations.of(hub).acknowledgeWarning(ALARMS_NOTIFY_NOBODY);
      },
    ],
    [
      'they have actions of their own',
      ({ alarms }, stack) => alarms.at(0)?.addAlarmAction(new SnsAction(new sns.Topic(stack, 'Topic'))),
    ],
    [
      'an aspect of the app gives them actions',
      (_hub, stack) => {
        Aspects.of(stack).add({
          visit: (node) => {
            if (node instanceof cloudwatch.CfnAlarm) {
              node.alarmActions = [TOPIC_ARN];
            }
          },
        });
      },
    ],
  ])('are not warned of where %s', (_name, prepare) => {
    expect(warningsOf(prepare)).toEqual([]);
  });
});
