import * as vm from 'node:vm';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { app } from '../../examples/notify-people/app';
import { runbookLink } from '../../lib/contract/operators';

const template = Template.fromStack(Stack.of(app.node.findChild('NotifyPeople')));

interface Message {
  readonly TopicArn: string;
  readonly Message: string;
  readonly Subject?: string;
}

const event = (detail: object): object => ({
  id: 'an event',
  account: '111122223333',
  region: 'eu-west-1',
  detail: { application: 'Shop', runbook: runbookLink('preflight-policy'), ...detail },
});

/** What the function of the example publishes. */
async function published(detail: object): Promise<[mail: Message, chat: Message]> {
  const [code] = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(
    ({ Properties }) => (Properties as { Code: { ZipFile?: string } }).Code.ZipFile ?? [],
  );
  const sent: Message[] = [];
  class PublishCommand {
    constructor(readonly input: Message) {}
  }
  class SNSClient {
    send({ input }: PublishCommand): Promise<void> {
      sent.push(input);
      return Promise.resolve();
    }
  }
  const exports: { handler?: (received: object) => Promise<void> } = {};
  const process = { env: { MAIL: 'mail', CHAT: 'chat' } };
  vm.runInNewContext(code ?? '', { exports, process, require: () => ({ SNSClient, PublishCommand }) });
  await exports.handler?.(event(detail));
  return sent as [Message, Message];
}

const STEPS = [
  'npx cdk-sp-api-secret-rotation status --region eu-west-1 --application Shop',
  `Runbook: ${runbookLink('preflight-policy')}`,
];

test.each([
  ['of the client secret in use', { clientSecretExpiryTime: '2026-03-01T12:34:56.000Z' }, '2026-03-01 12:34 UTC'],
  ['of the one before', { oldClientSecretExpiryTime: '2026-02-01T00:00:00.000Z' }, '2026-02-01 00:00 UTC'],
  ['that nothing tells', {}, 'unknown: look at the status now'],
])(
  'mail and chat name the application, what is wrong, the next step and the deadline %s',
  async (_of, dates, until) => {
    const [mail, chat] = await published({ kind: 'preflight-policy', ...dates });
    const title = 'SP-API client secret of Shop: preflight-policy';
    const facts = [`Works until: ${until}`, 'Account 111122223333, region eu-west-1'];
    expect(mail).toEqual({
      TopicArn: 'mail',
      Subject: title,
      Message: [title, ...facts, '', 'What to do:', ...STEPS].join('\n'),
    });
    // https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    expect({ ...chat, Message: JSON.parse(chat.Message) as unknown }).toEqual({
      TopicArn: 'chat',
      Message: {
        version: '1.0',
        source: 'custom',
        id: 'an event',
        content: { textType: 'client-markdown', title, description: facts.join('\n'), nextSteps: STEPS },
        metadata: { threadId: 'Shop-preflight-policy', eventType: 'preflight-policy' },
      },
    });
  },
);

test('a subject is never longer than SNS takes', async () => {
  const [{ Subject: subject }] = await published({ application: 'A'.repeat(64), kind: 'journal-unreadable' });
  expect(subject).toHaveLength(100);
});

test('failed and stalled rotations reach the function, the topics, and the channel', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      'detail-type': ['Client Secret Rotation Failed', 'Client Secret Rotation Stalled'],
    },
    Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Messenger'), 'Arn'] } }],
  });
  template.hasResourceProperties('AWS::Chatbot::SlackChannelConfiguration', {
    SnsTopicArns: [{ Ref: Match.stringLikeRegexp('^Chat') }],
  });
  for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
    expect((Properties as { AlarmActions: unknown[] }).AlarmActions).toHaveLength(2);
  }
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    Topics: [{ Ref: Match.stringLikeRegexp('^Chat') }],
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
      ]),
    },
  });
});
