import type { StackResource } from './deployment';
import type { PublishedMetric } from './emf-metrics';
import { evaluateMath, parseMath, type Value } from './metric-math';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** A change of an alarm's state. */
export interface AlarmTransition {
  readonly alarm: string;
  readonly at: number;
  readonly from: AlarmState;
  readonly to: AlarmState;
}

export type Datapoint = Pick<PublishedMetric, 'namespace' | 'name' | 'dimensions' | 'value' | 'timestamp'>;

/** What an alarm watches, as CloudFormation has it. */
interface MetricStatistic {
  readonly metric: { readonly namespace: string; readonly name: string; readonly dimensions: string };
  readonly periodSeconds: number;
  readonly statistic: string;
}

interface AlarmDefinition {
  readonly name: string;
  readonly metrics: ReadonlyMap<string, MetricStatistic>;
  readonly expression: string;
  readonly periodSeconds: number;
  readonly operator: string;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: string;
}

const AGGREGATES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Minimum: (values) => Math.min(...values),
  Maximum: (values) => Math.max(...values),
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  SampleCount: (values) => values.length,
};

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Whether the period that starts then breaches the threshold; `undefined` where it has no value. */
type Breaches = (start: number) => boolean | undefined;

/**
 * Evaluates an alarm over time, as CloudWatch documents it: metric math, M of N, treatment of missing data.
 *
 * Where the documentation leaves room, the alarm is late here: only periods that have ended count, and data points from
 * before the evaluated periods never fill a gap.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export class AlarmEvaluation {
  readonly name: string;

  private readonly definition: AlarmDefinition;
  private readonly math;

  constructor(alarm: StackResource) {
    this.definition = definitionOf(alarm);
    this.name = this.definition.name;
    this.math = parseMath(this.definition.expression);
  }

  /** How often it is evaluated, in milliseconds. */
  get period(): number {
    return this.definition.periodSeconds * 1000;
  }

  /** Every change of state between two times. The alarm is created at the first. */
  history(datapoints: readonly Datapoint[], from: number, to: number): AlarmTransition[] {
    const breaches = this.breaches(datapoints);
    const { period } = this;
    const { evaluationPeriods } = this.definition;
    const transitions: AlarmTransition[] = [];
    let state: AlarmState = 'INSUFFICIENT_DATA';
    const first = Math.floor(from / period) * period;
    // What is in the evaluated periods is counted as they move on, not anew for each evaluation.
    const counts = { real: 0, breaching: 0 };
    const count = (start: number, change: 1 | -1): void => {
      const isBreaching = breaches(start);
      counts.real += isBreaching === undefined ? 0 : change;
      counts.breaching += isBreaching === true ? change : 0;
    };
    for (let index = 1; index < evaluationPeriods; index++) {
      count(first - index * period, 1);
    }
    for (let end = first + period; end <= to; end += period) {
      count(end - period, 1);
      const next = this.stateWith(counts, state);
      if (next !== state) {
        transitions.push({ alarm: this.name, at: end, from: state, to: next });
        state = next;
      }
      count(end - evaluationPeriods * period, -1);
    }
    return transitions;
  }

  /** Each period is computed once, however many evaluations look at it. */
  private breaches(datapoints: readonly Datapoint[]): Breaches {
    const { operator, threshold } = this.definition;
    const isBreaching = COMPARISONS[operator];
    if (isBreaching === undefined) {
      throw new Error(`the local cloud does not know the comparison ${operator}`);
    }
    const series = this.seriesOf(datapoints);
    const known = new Map<number, boolean | undefined>();
    return (start) => {
      if (!known.has(start)) {
        const value: Value = evaluateMath(this.math, (name) => series.get(name)?.get(start));
        known.set(start, value === undefined ? undefined : isBreaching(value, threshold));
      }
      return known.get(start);
    };
  }

  private stateWith(
    { real, breaching }: { readonly real: number; readonly breaching: number },
    before: AlarmState,
  ): AlarmState {
    const { evaluationPeriods, datapointsToAlarm, treatMissingData } = this.definition;
    if (breaching >= datapointsToAlarm) {
      return 'ALARM';
    }
    switch (treatMissingData) {
      case 'breaching':
        return breaching + evaluationPeriods - real >= datapointsToAlarm ? 'ALARM' : 'OK';
      case 'notBreaching':
        return 'OK';
      case 'ignore':
        return breaching === real ? before : 'OK';
      default:
        return real === 0 ? 'INSUFFICIENT_DATA' : breaching === real ? 'ALARM' : 'OK';
    }
  }

  /** For each metric the values of its periods, by the start of the period. */
  private seriesOf(datapoints: readonly Datapoint[]): Map<string, Map<number, number>> {
    return new Map(
      [...this.definition.metrics].map(([id, { metric, statistic }]) => {
        const aggregate = AGGREGATES[statistic];
        if (aggregate === undefined) {
          throw new Error(`the local cloud does not know the statistic ${statistic}`);
        }
        const buckets = new Map<number, number[]>();
        for (const datapoint of datapoints) {
          if (
            datapoint.name === metric.name &&
            datapoint.namespace === metric.namespace &&
            dimensionsText(datapoint.dimensions) === metric.dimensions
          ) {
            const start = Math.floor(datapoint.timestamp / this.period) * this.period;
            buckets.set(start, [...(buckets.get(start) ?? []), datapoint.value]);
          }
        }
        return [id, new Map([...buckets].map(([start, values]) => [start, aggregate(values)]))];
      }),
    );
  }
}

interface MetricProperties {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
}

interface AlarmProperties extends MetricProperties {
  readonly Period?: number;
  readonly Statistic?: string;
  readonly Metrics?: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly ReturnData?: boolean;
    readonly MetricStat?: { readonly Metric: MetricProperties; readonly Period: number; readonly Stat: string };
  }[];
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData?: string;
}

function definitionOf({ ref, properties }: StackResource): AlarmDefinition {
  const alarm = properties as unknown as AlarmProperties;
  const common = {
    name: ref,
    operator: alarm.ComparisonOperator,
    threshold: alarm.Threshold,
    evaluationPeriods: alarm.EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
    treatMissingData: alarm.TreatMissingData ?? 'missing',
  };
  if (alarm.Metrics === undefined) {
    const metric = metricStatistic(alarm, alarm.Period, alarm.Statistic);
    return {
      ...common,
      metrics: new Map([['metric', metric]]),
      expression: 'metric',
      periodSeconds: metric.periodSeconds,
    };
  }
  return { ...common, ...calculationOf(ref, alarm.Metrics) };
}

function calculationOf(
  ref: string,
  parts: NonNullable<AlarmProperties['Metrics']>,
): Pick<AlarmDefinition, 'metrics' | 'expression' | 'periodSeconds'> {
  const metrics = new Map<string, MetricStatistic>();
  const expressions: string[] = [];
  for (const { Id: id, Expression: expression, MetricStat: stat } of parts) {
    if (stat !== undefined) {
      metrics.set(id, metricStatistic(stat.Metric, stat.Period, stat.Stat));
    } else if (expression !== undefined) {
      expressions.push(expression);
    }
  }
  const [expression, ...others] = expressions;
  const [periodSeconds, ...periods] = new Set([...metrics.values()].map((metric) => metric.periodSeconds));
  if (expression === undefined || others.length > 0 || periodSeconds === undefined || periods.length > 0) {
    throw new Error(`${ref}: the local cloud knows alarms with one expression over metrics of one period only`);
  }
  return { metrics, expression, periodSeconds };
}

function metricStatistic(
  metric: MetricProperties,
  period: number | undefined,
  statistic: string | undefined,
): MetricStatistic {
  const dimensions = Object.fromEntries((metric.Dimensions ?? []).map(({ Name: name, Value: value }) => [name, value]));
  return {
    metric: {
      namespace: metric.Namespace ?? '',
      name: metric.MetricName ?? '',
      dimensions: dimensionsText(dimensions),
    },
    periodSeconds: Number(period),
    statistic: statistic ?? '',
  };
}

function dimensionsText(dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1)));
}
