import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import type { MovableClock } from '../services/clock';
import type { Services } from '../services/services';
import { errorNameOf } from './contract/rules';
import { clientConfiguration, startOwnServices } from './own-endpoint';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:OnCall';

let clock: MovableClock;
let services: Services;
let cloudWatch: CloudWatchClient;
let sns: SNSClient;

beforeEach(async () => {
  ({ clock, services } = await startOwnServices());
  cloudWatch = new CloudWatchClient(clientConfiguration(services));
  sns = new SNSClient(clientConfiguration(services));
  services.topics.create(TOPIC);
  services.alarms.put(alarm('one'));
});
afterEach(async () => {
  cloudWatch.destroy();
  sns.destroy();
  await services.stop();
  expect(services.refused).toEqual([]);
});

const alarm = (name: string, actionsEnabled = true): Parameters<Services['alarms']['put']>[0] => ({
  name,
  arn: `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`,
  description: 'says what is wrong',
  actionsEnabled,
  actions: { ALARM: [TOPIC], OK: [], INSUFFICIENT_DATA: [] },
});

const set = (AlarmName: string, StateValue: 'OK' | 'ALARM'): Promise<unknown> =>
  cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));

const states = async (): Promise<unknown[]> =>
  ((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? []).map((one) => [
    one.AlarmName,
    one.StateValue,
    one.StateReason,
  ]);

it('an alarm has no data first, takes the state that is set, and keeps it when it is updated', async () => {
  expect(await states()).toEqual([['one', 'INSUFFICIENT_DATA', expect.stringContaining('Unchecked')]]);
  await set('one', 'ALARM');
  services.alarms.put(alarm('one'));
  expect(await states()).toEqual([['one', 'ALARM', 'a test']]);
});

it('only a state that differs invokes the actions of that state, and only where actions are enabled', async () => {
  services.alarms.put(alarm('quiet', false));
  for (const state of ['ALARM', 'ALARM', 'OK', 'ALARM'] as const) {
    await set('one', state);
    await set('quiet', state);
  }
  expect(services.alarms.invoked).toEqual(
    Array(2).fill({ action: TOPIC, alarm: 'one', state: 'ALARM', reason: 'a test' }),
  );
});

it('refuses what CloudWatch refuses', async () => {
  expect(await errorNameOf(set('none', 'OK'))).toBe('ResourceNotFound');
  expect(await errorNameOf(set('one', 'LOUD' as 'OK'))).toBe('ValidationException');
  services.iam.addPrincipal({
    name: 'reader',
    accessKeyId: 'READER',
    policies: [{ Statement: { Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: '*' } }],
  });
  const reader = new CloudWatchClient(clientConfiguration(services, 'READER'));
  const ring = new SetAlarmStateCommand({ AlarmName: 'one', StateValue: 'ALARM', StateReason: 'x' });
  expect(await errorNameOf(reader.send(ring))).toBe('AccessDeniedException');
  expect(await reader.send(new DescribeAlarmsCommand({ AlarmNames: ['one', 'none'] }))).toMatchObject({
    MetricAlarms: [{ AlarmName: 'one' }],
  });
});

it('lists alarms by pages', async () => {
  for (let index = 0; index < 60; index++) {
    services.alarms.put(alarm(`alarm-${index}`));
  }
  const first = await cloudWatch.send(new DescribeAlarmsCommand({}));
  const second = await cloudWatch.send(new DescribeAlarmsCommand({ NextToken: first.NextToken }));
  expect([first.MetricAlarms?.length, second.MetricAlarms?.length, second.NextToken]).toEqual([50, 11, undefined]);
});

async function subscriptions(TopicArn = TOPIC): Promise<string[]> {
  const found: string[] = [];
  for await (const { Subscriptions: page = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn })) {
    found.push(...page.map(({ Protocol, Endpoint, SubscriptionArn }) => `${Protocol} ${Endpoint} ${SubscriptionArn}`));
  }
  return found;
}

it('who subscribes by mail or HTTPS is pending until they confirm, and gone after 48 hours', async () => {
  services.topics.subscribe(TOPIC, `${TOPIC}:1`, 'email', 'a@example.com');
  services.topics.subscribe(TOPIC, `${TOPIC}:2`, 'https', 'https://example.com');
  services.topics.subscribe(TOPIC, `${TOPIC}:3`, 'lambda', 'arn:aws:lambda:us-east-1:123456789012:function:f');
  services.topics.confirm(TOPIC, 'a@example.com');
  const confirmed = [
    `lambda arn:aws:lambda:us-east-1:123456789012:function:f ${TOPIC}:3`,
    `email a@example.com ${TOPIC}:1`,
  ];
  expect(new Set(await subscriptions())).toEqual(
    new Set([...confirmed, 'https https://example.com PendingConfirmation']),
  );
  clock.advance(48 * 3_600_000);
  expect(new Set(await subscriptions())).toEqual(new Set(confirmed));
  services.topics.unsubscribe(`${TOPIC}:1`);
  expect(await subscriptions()).toEqual([confirmed[0]]);
});

it('lists more than a page of subscriptions, and knows no other topic', async () => {
  for (let index = 0; index < 130; index++) {
    services.topics.subscribe(TOPIC, `${TOPIC}:${index}`, 'sqs', `queue-${index}`);
  }
  expect(await subscriptions()).toHaveLength(130);
  expect(await errorNameOf(subscriptions(`${TOPIC}s`))).toBe('NotFoundException');
});
