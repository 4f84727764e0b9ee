import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AlarmEvaluation } from 'local-cloud';
import { SpApiSecretRotation, type SpApiSecretRotationProps } from '../../lib';
import { runbookLink } from '../../lib/contract/operators';
import { ALARMS, alarmSection, type AlarmId } from '../../lib/private/alarm-texts';
import { resourcesOf, Subject } from './synthesis';

interface Metric {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: { readonly Name: string; readonly Value: string }[];
}

interface Alarm extends Metric {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions?: unknown[];
  readonly OKActions?: unknown[];
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly TreatMissingData: string;
  readonly Metrics?: { Id: string; Expression?: string; MetricStat?: { Period: number; Metric: Metric } }[];
}

function alarmsOf(template: Template): Map<AlarmId, Alarm> {
  const alarms = Object.values(resourcesOf(template))
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties as unknown as Alarm);
  return new Map(
    alarms.flatMap((alarm) => {
      const ids = (Object.keys(ALARMS) as AlarmId[]).filter((id) => alarm.AlarmName.endsWith(`-${ALARMS[id].name}`));
      expect(ids).toHaveLength(1);
      return ids.map((id) => [id, alarm] as const);
    }),
  );
}

function subject(props: SpApiSecretRotationProps = {}): Subject {
  const one = new Subject(props);
  one.hub.addApplication('Shop');
  return one;
}

function periodsOf(alarm: Alarm | undefined): number[] {
  const periods = (alarm?.Metrics ?? []).flatMap(({ MetricStat }) => MetricStat?.Period ?? []);
  return alarm?.Period === undefined ? periods : [...periods, alarm.Period];
}

test('there are at most nine, each with a name of what is wrong and a link into the runbook', () => {
  const { template, hub } = subject();
  const alarms = alarmsOf(template);
  expect([...alarms.keys()].sort()).toEqual(Object.keys(ALARMS).sort());
  expect(alarms.size).toBeLessThanOrEqual(9);
  expect(hub.alarms).toHaveLength(alarms.size);
  for (const [id, { AlarmDescription: description }] of alarms) {
    const text = JSON.stringify(description);
    expect(text).toContain(ALARMS[id].says);
    expect(text).toContain(runbookLink(alarmSection(id)));
  }
});

test('each says in which account, region and stack it is, with the command, and is not longer than CloudWatch takes', () => {
  const stackName = 'S'.repeat(128);
  const env = { account: '111122223333', region: 'ap-southeast-1' };
  const { template } = new Subject({}, { stack: { stackName, env } });
  for (const { AlarmDescription: description } of alarmsOf(template).values()) {
    expect(description).toContain(
      ` In account 111122223333: npx cdk-sp-api-secret-rotation status --region ap-southeast-1 --stack ${stackName}`,
    );
    expect(description.length).toBeLessThanOrEqual(1024);
  }
});

test('the topic is notified when each alarm starts, and of the end where a look found all well', () => {
  const one = new Subject((stack) => ({ alarmTopic: new sns.Topic(stack, 'Topic') }));
  const ended = ['sweepsMissing', 'deadLetters', 'needsAttention', 'secretExpiresSoon'];
  for (const [id, alarm] of alarmsOf(one.template)) {
    expect(alarm.AlarmActions).toEqual([{ Ref: expect.stringContaining('Topic') as unknown }]);
    expect(alarm.OKActions).toEqual(ended.includes(id) ? alarm.AlarmActions : undefined);
  }
});

test('without a topic there are no actions', () => {
  for (const alarm of alarmsOf(subject().template).values()) {
    expect(alarm).not.toHaveProperty('AlarmActions');
    expect(alarm).not.toHaveProperty('OKActions');
  }
});

test('missing sweeps are counted as zeros, three times the interval', () => {
  const alarm = alarmsOf(subject().template).get('sweepsMissing');
  expect(alarm?.Metrics?.[0]?.Expression).toBe('FILL(sweeps, 0)');
  expect(alarm).toMatchObject({
    EvaluationPeriods: 3,
    DatapointsToAlarm: 3,
    Threshold: 1,
    TreatMissingData: 'breaching',
  });
  expect(periodsOf(alarm)).toEqual([3600]);
});

describe('in the state', () => {
  let alarms: Map<AlarmId, Alarm>;
  beforeAll(() => {
    alarms = alarmsOf(subject().template);
  });

  /**
   * @param published such as `rotate 6=1 66=1, store 70=1`: metrics by their names in the expression of the alarm, `metric` of
   *   one without, and their values at minutes
   */
  function stateOf(id: AlarmId, published: string, minute: number): string | undefined {
    const properties = alarms.get(id);
    const datapoints = published.split(', ').flatMap((series) => {
      const [name, ...values] = series.split(' ');
      const metric = properties?.Metrics?.find(({ Id }) => Id === name)?.MetricStat?.Metric ?? properties;
      const dimensions = Object.fromEntries((metric?.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
      return values.map((one) => {
        const [at = 0, value = 0] = one.split('=').map(Number);
        const which = { namespace: metric?.Namespace ?? '', name: metric?.MetricName ?? '', dimensions };
        return { ...which, value, timestamp: at * 60_000 };
      });
    });
    const evaluation = new AlarmEvaluation({ ref: id, properties } as never);
    return evaluation.history(datapoints, 0, minute * 60_000).at(-1)?.to;
  }

  test.each<[string, AlarmId, string, string, number]>([
    ['ALARM', 'deadLetters', 'a message arrives, and SQS stops publishing', 'metric 6=0 7=1', 900],
    ['OK', 'deadLetters', 'it is moved back', 'metric 6=1 11=0', 20],
    ['OK', 'secretExpiresSoon', '21 days are left', 'metric 6=21', 20],
    ['ALARM', 'secretExpiresSoon', 'less are left for one of two', 'metric 6=20.9 7=80', 900],
    ['OK', 'messagesWaiting', 'a message was kept for four and a half hours', 'kept 6=16200', 20],
    ['ALARM', 'messagesWaiting', 'it is received again in half an hour', 'kept 6=16201 36=18000', 35],
    ['OK', 'messagesWaiting', 'it is received no more', 'kept 6=16201', 60],
    ['ALARM', 'messagesWaiting', 'nothing was received for half an hour', 'waiting 6=1801', 20],
    ['OK', 'functionsFailing', 'one run fails', 'rotate 6=1', 20],
    ['ALARM', 'functionsFailing', 'so does one an hour later', 'rotate 6=1, store 70=1', 80],
    ['ALARM', 'newSecretMissing', 'the next report is ten minutes late', 'metric 6=1 76=1', 75],
    ['OK', 'newSecretMissing', 'no further report comes', 'metric 6=1', 90],
    ['ALARM', 'personNeeded', 'it is reported once', 'metric 6=1', 20],
    ['ALARM', 'unclaimedSecret', 'one arrives', 'metric 6=1', 15],
    ['OK', 'unclaimedSecret', 'no further one arrives', 'metric 6=1', 30],
    ['OK', 'needsAttention', 'one sweep finds something', 'metric 6=1 66=0', 80],
    ['ALARM', 'needsAttention', 'two do, and no sweep comes any more', 'metric 6=1 66=1', 900],
    ['OK', 'sweepsMissing', 'sweeps come', 'sweeps 6=0 66=0 126=0', 240],
    ['ALARM', 'sweepsMissing', 'none came for three hours', 'sweeps 6=0', 300],
  ])('%s is %s, where %s', (state, id, _where, published, minute) => {
    expect(stateOf(id, published, minute)).toBe(state);
  });
});

test('none is there before the schedule, whose first sweep keeps them quiet', () => {
  const alarms = Object.values(resourcesOf(subject().template)).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  for (const { DependsOn } of alarms) {
    expect(DependsOn).toContainEqual(expect.stringMatching(/^HubReconcileSchedule/));
  }
});

test('no alarm uses what alarms cannot use, or what misses redriven messages', () => {
  const text = JSON.stringify([...alarmsOf(subject().template).values()]);
  expect(text).not.toContain('SEARCH');
  expect(text).not.toContain('NumberOfMessagesSent');
});

test.each([
  ['rate', scheduler.ScheduleExpression.rate(Duration.minutes(30)), 1800],
  ['a rate of one hour', scheduler.ScheduleExpression.rate(Duration.hours(1)), 3600],
  ['a rate of a day', scheduler.ScheduleExpression.rate(Duration.days(1)), 86_400],
  ['cron, every six hours', scheduler.ScheduleExpression.cron({ minute: '0', hour: '*/6' }), 21_600],
  ['cron, by day', scheduler.ScheduleExpression.cron({ minute: '15', hour: '8-17' }), 54_000],
  ['cron, twice an hour', scheduler.ScheduleExpression.cron({ minute: '0,20' }), 2400],
  [
    'cron on working days, in periods of a day',
    scheduler.ScheduleExpression.cron({ minute: '0', hour: '*', weekDay: 'MON-FRI' }),
    86_400,
  ],
  ['an expression nobody reads', scheduler.ScheduleExpression.expression('cron(0 L * * ? *)'), 86_400],
])('the alarms follow the schedule: %s', (_name, schedule, seconds) => {
  const alarms = alarmsOf(subject({ schedule }).template);
  expect(periodsOf(alarms.get('sweepsMissing'))).toEqual([seconds]);
  for (const alarm of alarms.values()) {
    for (const period of periodsOf(alarm)) {
      expect(period % 60).toBe(0);
      expect(period).toBeLessThanOrEqual(86_400);
      // CloudWatch looks back a day, and a week where periods are an hour or more.
      expect(period * alarm.EvaluationPeriods).toBeLessThanOrEqual(period >= 3600 ? 604_800 : 86_400);
    }
  }
});

test.each([
  ['rate(3 days)', 72],
  ['cron(0 * ? * MON-THU *)', 73],
  ['cron(0 * ? * 2-5 *)', 73],
  ['cron(0 * ? * FRI-MON *)', 73],
  ['cron(0 8-17 ? * MON-FRI *)', 63],
  ['cron(30 9 1 * ? *)', 31 * 24],
  ['cron(0 9 1,15 * ? *)', 17 * 24],
  ['cron(0 9 29 2 ? *)', 4 * 366 * 24 - 3 * 24],
  ['cron(0 0 ? JAN,jul * *)', 154 * 24],
])('a schedule that pauses for more than a day is warned of: %s', (expression, hours) => {
  const rare = subject({ schedule: scheduler.ScheduleExpression.expression(expression) });
  expect(rare.warning('cdk-sp-api-secret-rotation:SpApiSecretRotation.rareSchedule')).toContain(
    `whose longest pause is ${hours} hours`,
  );
});

test.each([
  'rate(1 day)',
  'cron(0 9 * * ? *)',
  'cron(0 9 1-31/1 1-12 ? *)',
  'cron(0 9 ? * SUN-SAT *)',
  // Nobody reads these: nothing is said of them.
  'cron(0 9 L * ? *)',
  'cron(0 9 ? * 6#3 *)',
  'cron(0 9 1-2-3 * ? *)',
  'cron(0 9 32 * ? *)',
  'cron(0 9 30 2 ? *)',
  'cron(0 9 */0 * ? *)',
  'cron(0 9 * * ? 2030)',
])('a schedule that does not, or of which that is not known, is not: %s', (expression) => {
  const regular = subject({ schedule: scheduler.ScheduleExpression.expression(expression) });
  expect(regular.warnings()).not.toContain('cdk-sp-api-secret-rotation:SpApiSecretRotation.rareSchedule');
});

test('two hubs in one stack have alarms of different names', () => {
  const stack = new Stack(new App(), 'Stack');
  for (const id of ['One', 'Two']) {
    new SpApiSecretRotation(stack, id).addApplication('Shop');
  }
  const names = Object.values(resourcesOf(Template.fromStack(stack)))
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties.AlarmName);
  expect(new Set(names).size).toBe(2 * Object.keys(ALARMS).length);
});

describe('metrics', () => {
  test('have the dimension Hub, and take what is to be read differently', () => {
    const { hub, stack } = subject();
    const metric = hub.metricDaysToExpiry({ period: Duration.days(1), statistic: 'Maximum', label: 'days' });
    expect(metric).toMatchObject({
      namespace: 'SpApiSecretRotation',
      metricName: 'DaysToExpiry',
      statistic: 'Maximum',
      label: 'days',
    });
    expect(stack.resolve(metric.dimensions)).toEqual({
      Hub: { 'Fn::GetAtt': [expect.stringContaining('Notification'), 'QueueName'] },
    });
    expect(hub.metricRotationsRequested().statistic).toBe('Sum');
    expect(hub.metricRotationsFailed().dimensions).not.toHaveProperty('Kind');
    expect(hub.metricRotationsFailedOfKind('not-enrolled').dimensions).toHaveProperty('Kind', 'not-enrolled');
    expect(() => hub.metricRotationsFailedOfKind('broken')).toThrow('received "broken"');
  });

  test('of one application are published only where somebody asks', () => {
    const settings = (one: Subject): unknown[] =>
      Object.values(resourcesOf(one.template))
        .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
        .map(({ Properties }) => JSON.stringify(Properties.Value).includes('daysToExpiryMetric'));
    expect(settings(subject())).toEqual([false]);
    expect(settings(subject({ applicationMetrics: true }))).toEqual([true]);
    const asked = new Subject();
    const application = asked.hub.addApplication('Shop');
    asked.hub.addApplication('Other');
    expect(application.metricDaysToExpiry().dimensions).toHaveProperty('Application', 'Shop');
    expect(settings(asked)).toEqual([true, false]);
  });
});

test('the dashboard is there only when asked for, with links to the runbook and the logs', () => {
  expect(subject().hub.dashboard).toBeUndefined();
  const dashboards = Object.values(resourcesOf(subject({ dashboard: true }).template)).filter(
    ({ Type }) => Type === 'AWS::CloudWatch::Dashboard',
  );
  expect(dashboards).toHaveLength(1);
  const body = JSON.stringify(dashboards[0]?.Properties.DashboardBody);
  for (const words of [
    'runbook.md',
    'log-groups',
    'DaysToExpiry',
    'ApproximateAgeOfOldestMessage',
    'Errors',
    'alarm',
  ]) {
    expect(body).toContain(words);
  }
});
