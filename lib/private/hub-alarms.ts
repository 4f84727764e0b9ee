import { Annotations, Duration, Names } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { runbookLink } from '../contract/runbook';
import { ALARMS, alarmSection, MIN_DAYS_TO_EXPIRY, type AlarmId } from './alarm-texts';
import type { HubMetrics } from './hub-metrics';
import { sweepInterval } from './sweep-interval';

/** As often as queues publish when they are idle. */
const PERIOD = Duration.minutes(5);

/** The longest period of an alarm. */
const LONGEST_INTERVAL = Duration.days(1);

/** Longer than any message waits to be taken: `ApproximateAgeOfOldestMessage` skips those received three times. */
const LONGEST_WAIT = Duration.minutes(30);

/** Longer than the three hours that a new client secret takes to propagate, and than the four after which it is reported. */
const LONGEST_KEEPING = Duration.minutes(270);

export interface HubAlarmsProps {
  readonly metrics: HubMetrics;
  readonly rotateFunction: lambda.IFunction;
  readonly storeFunction: lambda.IFunction;
  readonly notificationQueue: sqs.IQueue;
  readonly deadLetterQueue: sqs.IQueue;
  readonly schedule: scheduler.ISchedule;
  readonly expression?: scheduler.ScheduleExpression;
  readonly topic?: sns.ITopic;
}

type Condition = Pick<
  cloudwatch.AlarmProps,
  'metric' | 'comparisonOperator' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
>;

const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { BREACHING, IGNORE, NOT_BREACHING } = cloudwatch.TreatMissingData;

/** The alarms of a hub, each named after what is wrong. */
export class HubAlarms extends Construct {
  public readonly all: cloudwatch.Alarm[];

  private readonly interval: Duration;

  constructor(scope: Construct, id: string, props: HubAlarmsProps) {
    super(scope, id);
    this.interval = this.intervalOf(props.expression);
    const conditions: Readonly<Record<AlarmId, Condition>> = {
      sweepsMissing: this.sweepsMissing(props),
      functionsFailing: this.functionsFailing(props),
      deadLetters: {
        // Not NumberOfMessagesSent: what SQS itself moves there does not count as sent.
        metric: props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
          period: PERIOD,
          statistic: 'Maximum',
        }),
        comparisonOperator: GREATER_THAN_THRESHOLD,
        threshold: 0,
        evaluationPeriods: 1,
        // A queue that nobody touches for hours stops publishing, and its messages are still there.
        treatMissingData: IGNORE,
      },
      // Arrivals, not what lies there: a stranger's message must not hide the next one for 14 days.
      unclaimedSecret: this.reported(props.metrics.of('messagesUnclaimed', { period: PERIOD }), PERIOD),
      needsAttention: this.needsAttention(props),
      newSecretMissing: this.reported(props.metrics.of('rotationsStalled'), this.interval),
      secretExpiresSoon: {
        metric: props.metrics.of('daysToExpiry', { period: PERIOD }),
        comparisonOperator: LESS_THAN_THRESHOLD,
        threshold: MIN_DAYS_TO_EXPIRY,
        evaluationPeriods: 1,
        // What the last sweep said holds until the next one.
        treatMissingData: IGNORE,
      },
      personNeeded: this.reported(props.metrics.of('personNeeded'), this.interval),
      messagesWaiting: this.messagesWaiting(props),
    };
    this.all = Object.entries(conditions).map(([alarm, condition]) => this.alarm(alarm as AlarmId, condition, props));
  }

  private alarm(id: AlarmId, condition: Condition, { topic, schedule }: HubAlarmsProps): cloudwatch.Alarm {
    const { name, says } = ALARMS[id];
    const alarm = new cloudwatch.Alarm(this, id.charAt(0).toUpperCase() + id.slice(1), {
      alarmName: `${Names.uniqueResourceName(this.node.scope ?? this, { maxLength: 200, separator: '-', allowedSpecialCharacters: '-_' })}-${name}`,
      alarmDescription: `${says} ${runbookLink(alarmSection(id))}`,
      ...condition,
    });
    if (topic !== undefined) {
      const action = new SnsAction(topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    // A new schedule fires at once; before that a dead man's switch could only ring.
    alarm.node.addDependency(schedule);
    return alarm;
  }

  /**
   * A dead man's switch. Counts the gauge rather than invocations, since what a person invokes, or what fails, is no
   * sweep; filled with zeros, since an alarm that waits for missing data to be missing reacts hours late.
   */
  private sweepsMissing({ metrics }: HubAlarmsProps): Condition {
    const sweeps = metrics.of('needingAttention', { statistic: 'SampleCount', period: this.interval });
    return {
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(sweeps, 0)',
        usingMetrics: { sweeps },
        period: this.interval,
        label: 'Complete sweeps',
      }),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      treatMissingData: BREACHING,
    };
  }

  /** Twice, because the next run does what a single failure left undone. Throttles show as missing sweeps and as waiting messages. */
  private functionsFailing({ rotateFunction, storeFunction }: HubAlarmsProps): Condition {
    const period = this.fineness();
    const errors = { statistic: 'Sum', period };
    return {
      metric: new cloudwatch.MathExpression({
        expression: 'FILL(rotate, 0) + FILL(store, 0)',
        usingMetrics: { rotate: rotateFunction.metricErrors(errors), store: storeFunction.metricErrors(errors) },
        period,
        label: 'Failed invocations',
      }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: this.periodsOfTwoSweeps(period),
      datapointsToAlarm: 2,
      treatMissingData: NOT_BREACHING,
    };
  }

  /**
   * Two sweeps in a row: a single one may have met a passing failure of somebody else's. Sweeps come at unequal times,
   * so these are two data points of many short periods, not two long periods.
   */
  private needsAttention({ metrics }: HubAlarmsProps): Condition {
    const period = this.fineness();
    return {
      metric: metrics.of('needingAttention', { period }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: this.periodsOfTwoSweeps(period),
      datapointsToAlarm: 2,
      treatMissingData: IGNORE,
    };
  }

  private messagesWaiting({ notificationQueue, metrics }: HubAlarmsProps): Condition {
    return {
      metric: new cloudwatch.MathExpression({
        expression: `IF(FILL(waiting, 0) > ${LONGEST_WAIT.toSeconds()} OR FILL(kept, 0) > ${LONGEST_KEEPING.toSeconds()}, 1, 0)`,
        usingMetrics: {
          waiting: notificationQueue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }),
          kept: metrics.of('oldestKeptMessageAge', { period: PERIOD }),
        },
        period: PERIOD,
        label: 'Messages wait',
      }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      // A kept message is seen every half hour.
      evaluationPeriods: 8,
      datapointsToAlarm: 1,
      treatMissingData: NOT_BREACHING,
    };
  }

  /** Rings at the first report, and is over when none came for longer than it takes to be repeated. */
  private reported(metric: cloudwatch.Metric, repeatedAfter: Duration): Condition {
    const period = repeatedAfter.toMinutes() <= PERIOD.toMinutes() ? PERIOD : this.fineness();
    return {
      metric: metric.with({ period }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: Math.ceil((repeatedAfter.toMinutes() * 1.25) / period.toMinutes()),
      datapointsToAlarm: 1,
      treatMissingData: NOT_BREACHING,
    };
  }

  /** A twelfth of the interval: so late is an alarm after the sweep that raises it. */
  private fineness(): Duration {
    return Duration.minutes(Math.max(1, Math.floor(this.interval.toMinutes() / 12)));
  }

  private periodsOfTwoSweeps(period: Duration): number {
    return Math.ceil((this.interval.toMinutes() * 2 + this.interval.toMinutes() / 6) / period.toMinutes());
  }

  private intervalOf(expression: scheduler.ScheduleExpression | undefined): Duration {
    const interval = sweepInterval(expression);
    if (interval === undefined) {
      // Of a schedule that only deployment tells, or that leaves out days: nothing shorter would be safe.
      return LONGEST_INTERVAL;
    }
    if (interval.toMinutes() > LONGEST_INTERVAL.toMinutes()) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.rareSchedule',
        `schedule must recur at least once a day for the alarms to be of use; received "${expression?.expressionString ?? ''}", with which the alarm for missing sweeps rings between them`,
      );
      return LONGEST_INTERVAL;
    }
    return interval;
  }
}
