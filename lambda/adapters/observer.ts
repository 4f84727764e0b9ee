import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  APPLICATION_DIMENSION,
  HUB_DIMENSION,
  KIND_DIMENSION,
  METRIC,
  METRIC_NAMESPACE,
} from '../../lib/contract/metric';
import { runbookLink } from '../../lib/contract/operators';
import { needsPerson, OBSERVATIONS, type Observation, type ObservationRow } from '../core/observation';
import type { Gauges } from '../core/reconcile/all';

const SERVICE_NAME = 'cdk-sp-api-secret-rotation';

/** Logs observations and counts them. Only their own fields are logged: never an event, a body or an error. */
export class Observer {
  private readonly logger: Logger;
  private readonly metrics: Metrics;
  private readonly hubName: string;

  constructor(hub: string) {
    this.logger = new Logger({ serviceName: SERVICE_NAME });
    this.metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: SERVICE_NAME });
    this.metrics.clearDefaultDimensions();
    this.hubName = hub.split(':').at(-1) ?? hub;
    this.metrics.setDefaultDimensions({ [HUB_DIMENSION]: this.hubName });
  }

  /** Begins an invocation. */
  begin(requestId: string): void {
    this.logger.resetKeys();
    this.logger.appendKeys({ function_request_id: requestId });
  }

  readonly observe = (observation: Observation): void => {
    const { what, section, ...fields } = observation;
    const { kind } = observation;
    const level = kind !== undefined ? 'error' : OBSERVATIONS[what].level;
    this.logger[level](what, kind === undefined ? fields : { ...fields, runbook: runbookLink(section ?? kind) });
    this.count(observation);
  };

  /** What complete sweeps publish; of single applications for those in `measured`. */
  gauges({ expiries, unreadable, needingAttention }: Gauges, measured: ReadonlySet<string>): void {
    this.metrics.addMetric(METRIC.needingAttention, MetricUnit.Count, needingAttention);
    if (unreadable > 0) {
      this.metrics.addMetric(METRIC.unreadable, MetricUnit.Count, unreadable);
    }
    const [first] = expiries;
    if (first !== undefined) {
      this.metrics.addMetric(METRIC.daysToExpiry, MetricUnit.NoUnit, first.days);
      this.metrics.addMetadata('expiryEstimated', String(first.estimated));
    }
    for (const expiry of expiries.filter(({ application }) => measured.has(application))) {
      const single = this.single(APPLICATION_DIMENSION, expiry.application);
      single.addMetadata('expiryEstimated', String(expiry.estimated));
      single.addMetric(METRIC.daysToExpiry, MetricUnit.NoUnit, expiry.days);
    }
  }

  /** Ends an invocation. */
  end(): void {
    if (this.metrics.hasStoredMetrics()) {
      this.metrics.publishStoredMetrics();
    }
  }

  private count(observation: Observation): void {
    const { what, kind, seconds = 0 } = observation;
    const row: ObservationRow = OBSERVATIONS[what];
    if (needsPerson(observation)) {
      this.addMetric('personNeeded');
    }
    if (row.counts !== undefined) {
      this.addMetric(row.counts);
      if (row.byKind === true) {
        this.single(KIND_DIMENSION, kind ?? 'refused').addMetric(METRIC[row.counts], MetricUnit.Count, 1);
      }
    }
    if (row.measures !== undefined) {
      this.addMetric(row.measures, MetricUnit.Seconds, seconds);
    }
  }

  /** A metric with one further dimension, and without the one for the service that Powertools adds to it. */
  private single(dimension: string, value: string): Metrics {
    const single = this.metrics.singleMetric();
    single.clearDefaultDimensions();
    single.setDefaultDimensions({ [HUB_DIMENSION]: this.hubName, [dimension]: value });
    return single;
  }

  private addMetric(
    name: keyof typeof METRIC,
    unit: (typeof MetricUnit)[keyof typeof MetricUnit] = MetricUnit.Count,
    value = 1,
  ): void {
    this.metrics.addMetric(METRIC[name], unit, value);
  }
}
