import { App, Duration, Stack } from 'aws-cdk-lib';
import * as chatbot from 'aws-cdk-lib/aws-chatbot';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

const EMAIL = 'on-call@example.com';
const SLACK = { slackWorkspaceId: 'T0123ABCD', slackChannelId: 'C0123ABCD' };

export const app = new App();
const stack = new Stack(app, 'NotifyPeople');

// Two topics: chat takes only messages in its own format, which nobody wants to read in a mail.
const mail = new sns.Topic(stack, 'Mail', { enforceSSL: true });
const chat = new sns.Topic(stack, 'Chat', { enforceSSL: true });
mail.addSubscription(new subscriptions.EmailSubscription(EMAIL));
new chatbot.SlackChannelConfiguration(stack, 'Slack', {
  slackChannelConfigurationName: 'client-secrets',
  notificationTopics: [chat],
  ...SLACK,
});

const rotation = new SpApiSecretRotation(stack, 'Rotation', { alarmTopic: mail });
rotation.addApplication('Shop');
// Chat shows alarms by itself, in a form of its own. The topic has a policy, and so must let them publish.
chat.grantPublish(
  new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
  }),
);
for (const alarm of rotation.alarms) {
  alarm.addAlarmAction(new SnsAction(chat));
}

const messenger = new lambda.Function(stack, 'Messenger', {
  description: 'Tells people in words that a rotation failed',
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  timeout: Duration.seconds(30),
  logGroup: new logs.LogGroup(stack, 'MessengerLogs', { retention: logs.RetentionDays.ONE_MONTH }),
  environment: { MAIL: mail.topicArn, CHAT: chat.topicArn },
  code: lambda.Code.fromInline(`
const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');
const sns = new SNSClient();
const send = (TopicArn, Message, Subject) => sns.send(new PublishCommand({ TopicArn, Message, Subject }));

exports.handler = async ({ id, account, region, detail }) => {
  const { application, kind = 'stalled', runbook, clientSecretExpiryTime, oldClientSecretExpiryTime } = detail;
  const end = clientSecretExpiryTime ?? oldClientSecretExpiryTime;
  const deadline = end === undefined ? 'unknown: look at the status now' : end.slice(0, 16).replace('T', ' ') + ' UTC';
  const title = 'SP-API client secret of ' + application + ': ' + kind;
  const facts = ['Works until: ' + deadline, 'Account ' + account + ', region ' + region];
  const steps = [
    'npx cdk-sp-api-secret-rotation status --region ' + region + ' --application ' + application,
    'Runbook: ' + runbook,
  ];
  // SNS takes 100 characters.
  await send(process.env.MAIL, [title, ...facts, '', 'What to do:', ...steps].join('\\n'), title.slice(0, 100));
  const content = { textType: 'client-markdown', title, description: facts.join('\\n'), nextSteps: steps };
  // Every sweep repeats it for as long as it lasts: in one thread.
  const metadata = { threadId: application + '-' + kind, eventType: kind };
  await send(process.env.CHAT, JSON.stringify({ version: '1.0', source: 'custom', id, content, metadata }));
};
`),
});
mail.grantPublish(messenger);
chat.grantPublish(messenger);
rotation.onRotationFailed('TellPeople', { target: new targets.LambdaFunction(messenger) });
