import { Aws, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ROTATE_AFTER_DAYS } from '../contract/limits';
import { RUNBOOK_URL } from '../contract/runbook';
import { MIN_DAYS_TO_EXPIRY } from './alarm-texts';
import type { HubMetrics } from './hub-metrics';

export interface HubDashboardProps {
  readonly metrics: HubMetrics;
  readonly functions: readonly lambda.Function[];
  readonly notificationQueue: sqs.IQueue;
  readonly deadLetterQueue: sqs.IQueue;
  readonly unclaimedQueue: sqs.IQueue;
  readonly alarms: cloudwatch.Alarm[];
}

const WHOLE = 24;
const HALF = 12;
const HOUR = Duration.hours(1);

/** What somebody on call wants to see at once. */
export class HubDashboard extends Construct {
  public readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: HubDashboardProps) {
    super(scope, id);
    const { metrics, functions } = props;
    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', { defaultInterval: Duration.days(14) });
    this.dashboard.addWidgets(
      new cloudwatch.TextWidget({ markdown: links(functions), width: WHOLE, height: 2 }),
      new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: props.alarms, width: WHOLE, height: 3 }),
    );
    this.dashboard.addWidgets(
      graph('Days until the first client secret expires', {
        left: [metrics.of('daysToExpiry')],
        leftYAxis: { min: 0 },
        leftAnnotations: [
          { value: MIN_DAYS_TO_EXPIRY, label: 'alarm', color: cloudwatch.Color.RED },
          { value: 180 - ROTATE_AFTER_DAYS.most, label: 'due at the latest', color: cloudwatch.Color.ORANGE },
        ],
      }),
      graph('Applications', {
        left: [metrics.of('needingAttention'), metrics.of('unreadable')],
        leftYAxis: { min: 0 },
      }),
    );
    this.dashboard.addWidgets(
      graph('Rotations', {
        left: (
          ['rotationsRequested', 'rotationsCompleted', 'rotationsFailed', 'rotationsStalled', 'personNeeded'] as const
        ).map((name) => metrics.of(name, { period: HOUR })),
        right: [metrics.of('deliveryDelay', { period: HOUR })],
      }),
      graph('Messages', {
        left: [
          props.notificationQueue.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
          props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: 'dead letters' }),
          props.unclaimedQueue.metricApproximateNumberOfMessagesVisible({ label: 'unclaimed' }),
          metrics.of('messagesKept', { label: 'kept' }),
        ],
        right: [
          props.notificationQueue.metricApproximateAgeOfOldestMessage({ label: 'age of the oldest waiting (s)' }),
          metrics.of('oldestKeptMessageAge', { label: 'age of the oldest kept (s)' }),
        ],
      }),
    );
    this.dashboard.addWidgets(
      graph('Functions', {
        left: functions.flatMap((one) => [one.metricErrors({ period: HOUR }), one.metricThrottles({ period: HOUR })]),
        right: functions.map((one) => one.metricDuration({ period: HOUR, statistic: 'Maximum' })),
      }),
      new cloudwatch.LogQueryWidget({
        title: 'What went wrong, and what to do',
        logGroupNames: functions.map(({ logGroup }) => logGroup.logGroupName),
        queryLines: [
          'fields @timestamp, application, kind, message, next',
          "filter level in ['ERROR', 'WARN']",
          'sort @timestamp desc',
          'limit 20',
        ],
        width: HALF,
        height: 6,
      }),
    );
  }
}

function graph(title: string, props: cloudwatch.GraphWidgetProps): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, width: HALF, height: 6, ...props });
}

function links(functions: readonly lambda.Function[]): string {
  const logs = functions.map(
    ({ node, logGroup }) =>
      `[Log of the ${node.scope?.node.id.toLowerCase() ?? ''} function](https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}#logsV2:log-groups/log-group/${logGroup.logGroupName})`,
  );
  return [`[Runbook](${RUNBOOK_URL})`, ...logs].join(' · ');
}
