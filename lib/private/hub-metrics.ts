import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { FAILURE_KINDS } from '../contract/failure-kind';
import { APPLICATION_DIMENSION, HUB_DIMENSION, KIND_DIMENSION, METRIC, METRIC_NAMESPACE } from '../contract/metric';
import { shown } from './validation';

type Statistic = 'Minimum' | 'Maximum' | 'Sum';

/** The default statistic of each metric. */
const STATISTICS: Readonly<Record<keyof typeof METRIC, Statistic>> = {
  daysToExpiry: 'Minimum',
  needingAttention: 'Maximum',
  unreadable: 'Maximum',
  rotationsRequested: 'Sum',
  rotationsCompleted: 'Sum',
  rotationsFailed: 'Sum',
  rotationsStalled: 'Sum',
  personNeeded: 'Sum',
  deliveryDelay: 'Maximum',
  messagesKept: 'Sum',
  messagesUnclaimed: 'Sum',
  messagesIgnored: 'Sum',
  oldestKeptMessageAge: 'Maximum',
};

/** Metrics that a sweep publishes. */
const GAUGES: readonly (keyof typeof METRIC)[] = ['daysToExpiry', 'needingAttention', 'unreadable'];

/** The metrics that the functions of a hub publish. */
export class HubMetrics {
  constructor(
    private readonly scope: IConstruct,
    /** Name of the notification queue. */
    private readonly hub: string,
  ) {}

  public of(metric: keyof typeof METRIC, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(metric, {}, props);
  }

  public failedOfKind(kind: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!FAILURE_KINDS.some((allowed) => allowed === kind)) {
      throw new Error(`kind of failure must be one of ${FAILURE_KINDS.join(', ')}; received ${shown(kind)}`);
    }
    return this.metric('rotationsFailed', { [KIND_DIMENSION]: kind }, props);
  }

  public daysToExpiryOf(application: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('daysToExpiry', { [APPLICATION_DIMENSION]: application }, props);
  }

  private metric(
    metric: keyof typeof METRIC,
    dimensions: Readonly<Record<string, string>>,
    props: cloudwatch.MetricOptions = {},
  ): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName: METRIC[metric],
      statistic: STATISTICS[metric],
      period: GAUGES.includes(metric) ? Duration.hours(1) : Duration.minutes(5),
      ...props,
      dimensionsMap: { [HUB_DIMENSION]: this.hub, ...dimensions, ...props.dimensionsMap },
    }).attachTo(this.scope);
  }
}
