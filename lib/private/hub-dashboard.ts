import { Aws, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { SECRET_LIFETIME_DAYS } from '../contract/amazon';
import { MAX_ROTATE_AFTER_DAYS } from '../contract/limits';
import { RUNBOOK_URL } from '../contract/operators';
import { MIN_DAYS_TO_EXPIRY } from './alarm-texts';
import type { HubMetrics } from './hub-metrics';
import type { NotificationQueues } from './notification-queues';

export interface HubDashboardProps {
  readonly metrics: HubMetrics;
  readonly functions: readonly lambda.Function[];
  readonly queues: NotificationQueues;
  readonly alarms: cloudwatch.Alarm[];
}

const WHOLE = 24;
const HALF = 12;
const HOUR = Duration.hours(1);

/** Shows an operator the alarms, the applications, the rotations, the messages and the latest problems. */
export class HubDashboard extends Construct {
  public readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, { metrics, functions, queues, alarms }: HubDashboardProps) {
    super(scope, id);
    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', { defaultInterval: Duration.days(14) });
    this.dashboard.addWidgets(
      new cloudwatch.TextWidget({ markdown: links(functions), width: WHOLE, height: 2 }),
      new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: WHOLE, height: 3 }),
    );
    this.dashboard.addWidgets(expiry(metrics), applications(metrics));
    this.dashboard.addWidgets(rotations(metrics), messages(metrics, queues));
    this.dashboard.addWidgets(invocations(functions), problems(functions));
  }
}

function expiry(metrics: HubMetrics): cloudwatch.IWidget {
  return graph('Days until the first client secret expires', {
    left: [metrics.of('daysToExpiry')],
    leftYAxis: { min: 0 },
    leftAnnotations: [
      { value: MIN_DAYS_TO_EXPIRY, label: 'alarm', color: cloudwatch.Color.RED },
      {
        value: SECRET_LIFETIME_DAYS - MAX_ROTATE_AFTER_DAYS,
        label: 'due at the latest',
        color: cloudwatch.Color.ORANGE,
      },
    ],
  });
}

function applications(metrics: HubMetrics): cloudwatch.IWidget {
  return graph('Applications', {
    left: [metrics.of('needingAttention'), metrics.of('unreadable')],
    leftYAxis: { min: 0 },
  });
}

function rotations(metrics: HubMetrics): cloudwatch.IWidget {
  return graph('Rotations', {
    left: (
      ['rotationsRequested', 'rotationsCompleted', 'rotationsFailed', 'rotationsStalled', 'personNeeded'] as const
    ).map((name) => metrics.of(name, { period: HOUR })),
    right: [metrics.of('deliveryDelay', { period: HOUR })],
  });
}

function messages(metrics: HubMetrics, queues: NotificationQueues): cloudwatch.IWidget {
  return graph('Messages', {
    left: [
      queues.notification.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
      queues.deadLetter.metricApproximateNumberOfMessagesVisible({ label: 'dead letters' }),
      queues.unclaimed.metricApproximateNumberOfMessagesVisible({ label: 'unclaimed' }),
      metrics.of('messagesKept', { label: 'kept' }),
    ],
    right: [
      queues.notification.metricApproximateAgeOfOldestMessage({ label: 'age of the oldest waiting (s)' }),
      metrics.of('oldestKeptMessageAge', { label: 'age of the oldest kept (s)' }),
    ],
  });
}

function invocations(functions: readonly lambda.Function[]): cloudwatch.IWidget {
  return graph('Functions', {
    left: functions.flatMap((one) => [one.metricErrors({ period: HOUR }), one.metricThrottles({ period: HOUR })]),
    right: functions.map((one) => one.metricDuration({ period: HOUR, statistic: 'Maximum' })),
  });
}

function problems(functions: readonly lambda.Function[]): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
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
  });
}

function graph(title: string, props: cloudwatch.GraphWidgetProps): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({ title, width: HALF, height: 6, ...props });
}

function links(functions: readonly lambda.Function[]): string {
  const logs = functions.map(
    ({ node, logGroup }) =>
      `[Log of the ${node.scope?.node.id.toLowerCase() ?? ''} function](https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}#logsV2:log-groups/log-group/${logGroup.logGroupName})`,
  );
  return [`[Runbook](${RUNBOOK_URL})`, ...logs].join(' · ');
}
