import { Annotations, AspectPriority, Aspects, Duration, Names, Stack, type IAspect } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import { runbookLink } from '../contract/operators';
import { letAlarmsPublish } from './alarm-topic';
import { ALARMS, alarmSection, MIN_DAYS_TO_EXPIRY, type AlarmId } from './alarm-texts';
import type { HubMetrics } from './hub-metrics';
import type { NotificationQueues } from './notification-queues';
import { sweepInterval } from './sweep-interval';

/** SQS publishes the metrics of a queue every five minutes. */
const PERIOD = Duration.minutes(5);

/** The longest period that CloudWatch allows for an alarm. */
const MAX_INTERVAL = Duration.days(1);

/** Longer than a message waits to be received. `ApproximateAgeOfOldestMessage` leaves out messages received three times. */
const MAX_WAIT = Duration.minutes(30);

/** Longer than the three hours that a new client secret takes to propagate, and the four after which it is reported. */
const MAX_KEPT = Duration.minutes(270);

export interface HubAlarmsProps {
  readonly metrics: HubMetrics;
  readonly rotateFunction: lambda.IFunction;
  readonly storeFunction: lambda.IFunction;
  readonly queues: NotificationQueues;
  readonly schedule: scheduler.ISchedule;
  readonly expression?: scheduler.ScheduleExpression;
  readonly topic?: sns.ITopic;
}

type Condition = Pick<
  cloudwatch.AlarmProps,
  'metric' | 'comparisonOperator' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
>;

/**
 * The alarms that end because a later look found all well. The others end in silence too, as when a report comes once, or when no
 * sweep reports any more: a mail that they are over would say so while nothing is mended.
 */
const ENDED_BY_A_LOOK: readonly AlarmId[] = ['sweepsMissing', 'deadLetters', 'needsAttention', 'secretExpiresSoon'];

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
      deadLetters: this.deadLetters(props),
      // Counts arrivals, not the messages in the queue: one that nobody removes must not hide the next one for 14 days.
      unclaimedSecret: this.reported(props.metrics.of('messagesUnclaimed', { period: PERIOD }), PERIOD),
      needsAttention: this.needsAttention(props),
      newSecretMissing: this.reported(props.metrics.of('rotationsStalled'), this.interval),
      secretExpiresSoon: this.secretExpiresSoon(props),
      personNeeded: this.reported(props.metrics.of('personNeeded'), this.interval),
      messagesWaiting: this.messagesWaiting(props),
    };
    this.all = Object.entries(conditions).map(([alarm, condition]) => this.alarm(alarm as AlarmId, condition, props));
    if (props.topic !== undefined) {
      letAlarmsPublish(this, props.topic);
    }
    Aspects.of(this).add(new WarnOfSilence(this), { priority: AspectPriority.READONLY });
  }

  private alarm(id: AlarmId, condition: Condition, { topic, schedule }: HubAlarmsProps): cloudwatch.Alarm {
    const { name, says } = ALARMS[id];
    const alarm = new cloudwatch.Alarm(this, id.charAt(0).toUpperCase() + id.slice(1), {
      alarmName: `${Names.uniqueResourceName(this.node.scope ?? this, { maxLength: 200, separator: '-', allowedSpecialCharacters: '-_' })}-${name}`,
      alarmDescription: `${says} ${runbookLink(alarmSection(id))} ${this.place}`,
      ...condition,
    });
    if (topic !== undefined) {
      const action = new SnsAction(topic);
      alarm.addAlarmAction(action);
      if (ENDED_BY_A_LOOK.includes(id)) {
        alarm.addOkAction(action);
      }
    }
    // A new schedule fires at once. Before that, the alarm for missing sweeps would go off.
    alarm.node.addDependency(schedule);
    return alarm;
  }

  /** Where the alarm is, as a command: whoever receives the mail may look after many accounts. */
  private get place(): string {
    const { account, region, stackName } = Stack.of(this);
    return `In account ${account}: npx cdk-sp-api-secret-rotation status --region ${region} --stack ${stackName}`;
  }

  /**
   * Counts data points of a metric that only a complete sweep publishes: an invocation may have failed, or may have been
   * for one application. Missing data count as 0, because CloudWatch waits for hours before it treats them as missing.
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

  /**
   * Two failures, because the next run completes what a single failure left undone. Throttling shows as missing sweeps
   * and as waiting messages.
   */
  private functionsFailing({ rotateFunction, storeFunction }: HubAlarmsProps): Condition {
    const period = this.shortPeriod();
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

  private deadLetters({ queues }: HubAlarmsProps): Condition {
    return {
      // Not NumberOfMessagesSent, which does not count the messages that SQS itself moves there.
      metric: queues.deadLetter.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 1,
      // SQS stops publishing the metrics of a queue that nobody has used for hours, although messages are still in it.
      treatMissingData: IGNORE,
    };
  }

  /**
   * Two sweeps in a row, because a single one may have met a temporary failure of another service. Sweeps are not evenly
   * spaced, so these are two data points of many short periods, not two long periods.
   */
  private needsAttention({ metrics }: HubAlarmsProps): Condition {
    const period = this.shortPeriod();
    return {
      metric: metrics.of('needingAttention', { period }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: this.periodsOfTwoSweeps(period),
      datapointsToAlarm: 2,
      treatMissingData: IGNORE,
    };
  }

  private secretExpiresSoon({ metrics }: HubAlarmsProps): Condition {
    return {
      metric: metrics.of('daysToExpiry', { period: PERIOD }),
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: MIN_DAYS_TO_EXPIRY,
      evaluationPeriods: 1,
      // The result of the last sweep holds until the next one.
      treatMissingData: IGNORE,
    };
  }

  private messagesWaiting({ queues, metrics }: HubAlarmsProps): Condition {
    return {
      metric: new cloudwatch.MathExpression({
        expression: `IF(FILL(waiting, 0) > ${MAX_WAIT.toSeconds()} OR FILL(kept, 0) > ${MAX_KEPT.toSeconds()}, 1, 0)`,
        usingMetrics: {
          waiting: queues.notification.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }),
          kept: metrics.of('oldestKeptMessageAge', { period: PERIOD }),
        },
        period: PERIOD,
        label: 'Messages wait',
      }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      // A kept message is received every half hour.
      evaluationPeriods: 8,
      datapointsToAlarm: 1,
      treatMissingData: NOT_BREACHING,
    };
  }

  /** Goes off at the first report. It ends when no report has come for longer than the time between two reports. */
  private reported(metric: cloudwatch.Metric, repeatedAfter: Duration): Condition {
    const period = repeatedAfter.toMinutes() <= PERIOD.toMinutes() ? PERIOD : this.shortPeriod();
    return {
      metric: metric.with({ period }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: Math.ceil((repeatedAfter.toMinutes() * 1.25) / period.toMinutes()),
      datapointsToAlarm: 1,
      treatMissingData: NOT_BREACHING,
    };
  }

  /** A twelfth of the interval: the longest time between a sweep and the alarm that it raises. */
  private shortPeriod(): Duration {
    return Duration.minutes(Math.max(1, Math.floor(this.interval.toMinutes() / 12)));
  }

  private periodsOfTwoSweeps(period: Duration): number {
    return Math.ceil((this.interval.toMinutes() * 2 + this.interval.toMinutes() / 6) / period.toMinutes());
  }

  private intervalOf(expression: scheduler.ScheduleExpression | undefined): Duration {
    const interval = sweepInterval(expression);
    if (interval === undefined) {
      // The schedule is known only at deployment, or cannot be read. A shorter period could raise false alarms.
      return MAX_INTERVAL;
    }
    if (interval.toMinutes() > MAX_INTERVAL.toMinutes()) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.rareSchedule',
        `schedule must recur at least once a day: nothing is noticed, healed or tried again between two sweeps, and the alarm for missing sweeps goes off in a pause of three days; received "${expression?.expressionString ?? ''}", whose longest pause is ${interval.toHours({ integral: false })} hours`,
      );
      return MAX_INTERVAL;
    }
    return interval;
  }
}

/** An aspect, because actions can be added to the alarms until synthesis. It looks at all when it visits the last one. */
class WarnOfSilence implements IAspect {
  constructor(private readonly alarms: HubAlarms) {}

  public visit(node: IConstruct): void {
    const { all } = this.alarms;
    if (node === all.at(-1)?.node.defaultChild && !all.some(notifies)) {
      Annotations.of(this.alarms).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.alarmsNotifyNobody',
        'no alarm notifies anybody, so a client secret could expire before somebody sees why; pass alarmTopic, add actions to the alarms in the member alarms, or acknowledge this warning if somebody watches them in another way',
      );
    }
  }
}

function notifies(alarm: cloudwatch.Alarm): boolean {
  const { alarmActions } = alarm.node.defaultChild as cloudwatch.CfnAlarm;
  const actions = Stack.of(alarm).resolve(alarmActions) as unknown[] | undefined;
  return actions !== undefined && actions.length > 0;
}
