import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { HUB_DIMENSION, METRIC, METRIC_NAMESPACE } from '../../lib/contract/metric';
import type { Observation } from '../core/observation';
import type { Gauges } from '../core/sweep';

/** What needs no attention when nothing is wrong; the rest is at least a warning. */
const QUIET: ReadonlySet<Observation['what']> = new Set([
  'application looked at',
  'rotation requested',
  'client secret rotated',
  'hub adopted',
  'expiry noticed',
  'message acknowledged',
]);

/** Logs observations and counts them. Only their own fields are logged: never an event, a body or an error. */
export class Observer {
  private readonly logger: Logger;
  private readonly metrics: Metrics;

  constructor(hub: string) {
    const serviceName = 'cdk-sp-api-secret-rotation';
    this.logger = new Logger({ serviceName });
    this.metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
    this.metrics.clearDefaultDimensions();
    this.metrics.setDefaultDimensions({ [HUB_DIMENSION]: hub.split(':').at(-1) ?? hub });
  }

  /** Begins an invocation. */
  begin(requestId: string): void {
    this.logger.resetKeys();
    this.logger.appendKeys({ function_request_id: requestId });
  }

  readonly observe = (observation: Observation): void => {
    const { what, ...fields } = observation;
    const level = observation.kind !== undefined ? 'error' : QUIET.has(what) ? 'info' : 'warn';
    this.logger[level](what, fields);
    this.count(observation);
  };

  gauges({ daysToExpiry, needingAttention }: Gauges): void {
    if (daysToExpiry !== undefined) {
      this.metrics.addMetric(METRIC.daysToExpiry, MetricUnit.NoUnit, daysToExpiry);
    }
    this.metrics.addMetric(METRIC.needingAttention, MetricUnit.Count, needingAttention);
  }

  /** Ends an invocation. */
  end(): void {
    if (this.metrics.hasStoredMetrics()) {
      this.metrics.publishStoredMetrics();
    }
  }

  private count({ what, seconds }: Observation): void {
    switch (what) {
      case 'rotation requested':
        this.metrics.addMetric(METRIC.rotationsRequested, MetricUnit.Count, 1);
        break;
      case 'rotation refused':
      case 'rotation ambiguous':
        this.metrics.addMetric(METRIC.rotationsFailed, MetricUnit.Count, 1);
        break;
      case 'rotation stalled':
        this.metrics.addMetric(METRIC.rotationsStalled, MetricUnit.Count, 1);
        break;
      case 'client secret rotated':
        this.metrics.addMetric(METRIC.rotationsCompleted, MetricUnit.Count, 1);
        this.metrics.addMetric(METRIC.deliveryDelay, MetricUnit.Seconds, seconds ?? 0);
        break;
      case 'message kept':
        this.metrics.addMetric(METRIC.messagesKept, MetricUnit.Count, 1);
        this.metrics.addMetric(METRIC.oldestKeptMessageAge, MetricUnit.Seconds, seconds ?? 0);
        break;
      case 'message unclaimed':
        this.metrics.addMetric(METRIC.messagesUnclaimed, MetricUnit.Count, 1);
        break;
      default:
        break;
    }
  }
}
