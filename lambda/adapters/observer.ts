import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { FailureKind } from '../../lib/contract/failure-kind';
import {
  APPLICATION_DIMENSION,
  HUB_DIMENSION,
  KIND_DIMENSION,
  METRIC,
  METRIC_NAMESPACE,
} from '../../lib/contract/metric';
import { runbookLink } from '../../lib/contract/operators';
import { DAY, SECOND } from '../core/time';
import type { Observation } from '../core/observation';
import type { Gauges } from '../core/reconcile/all';

const SERVICE_NAME = 'cdk-sp-api-secret-rotation';

/** What needs no attention when nothing is wrong; the rest is at least a warning. */
const QUIET: ReadonlySet<Observation['what']> = new Set([
  'application looked at',
  'rotation requested',
  'client secret rotated',
  'hub adopted',
  'expiry noticed',
  'message acknowledged',
]);

/** What no later run decides or mends by itself. */
const FOR_A_PERSON: ReadonlySet<FailureKind> = new Set(['needs-person', 'overwritten', 'order-unknown']);

/** Logs observations and counts them. Only their own fields are logged: never an event, a body or an error. */
export class Observer {
  private readonly logger: Logger;
  private readonly metrics: Metrics;
  /** Of this invocation: until the first of the client secrets stops working that were rotated and not replaced. */
  private daysToEnd = Number.POSITIVE_INFINITY;

  constructor(hub: string) {
    this.logger = new Logger({ serviceName: SERVICE_NAME });
    this.metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: SERVICE_NAME });
    this.metrics.clearDefaultDimensions();
    this.metrics.setDefaultDimensions({ [HUB_DIMENSION]: hub.split(':').at(-1) ?? hub });
  }

  /** Begins an invocation. */
  begin(requestId: string): void {
    this.logger.resetKeys();
    this.logger.appendKeys({ function_request_id: requestId });
    this.daysToEnd = Number.POSITIVE_INFINITY;
  }

  readonly observe = (observation: Observation): void => {
    const { what, ...fields } = observation;
    const { kind } = observation;
    const level = kind !== undefined ? 'error' : QUIET.has(what) ? 'info' : 'warn';
    this.logger[level](what, kind === undefined ? fields : { ...fields, runbook: runbookLink(kind) });
    this.count(observation);
  };

  /** What complete sweeps publish; of single applications for those in `measured`. */
  gauges({ expiries, unreadable, needingAttention }: Gauges, measured: ReadonlySet<string>): void {
    this.metrics.addMetric(METRIC.needingAttention, MetricUnit.Count, needingAttention);
    if (unreadable > 0) {
      this.metrics.addMetric(METRIC.unreadable, MetricUnit.Count, unreadable);
    }
    const [first] = expiries;
    const days = Math.min(first?.days ?? Number.POSITIVE_INFINITY, this.daysToEnd);
    if (Number.isFinite(days)) {
      this.metrics.addMetric(METRIC.daysToExpiry, MetricUnit.NoUnit, days);
      this.metrics.addMetadata('expiryEstimated', String(first?.estimated === true && days === first.days));
    }
    for (const expiry of expiries.filter(({ application }) => measured.has(application))) {
      const single = this.metrics.singleMetric();
      single.addDimension(APPLICATION_DIMENSION, expiry.application);
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

  private count({ what, kind, seconds = 0 }: Observation): void {
    // A secret seeded by hand is reported too, and is what the README asks people to do.
    if (kind !== undefined && FOR_A_PERSON.has(kind) && what !== 'client secret seeded by hand') {
      this.metrics.addMetric(METRIC.personNeeded, MetricUnit.Count, 1);
    }
    switch (what) {
      case 'rotation requested':
        this.metrics.addMetric(METRIC.rotationsRequested, MetricUnit.Count, 1);
        break;
      case 'rotation refused':
      case 'rotation ambiguous':
        this.countFailed(kind ?? 'refused');
        break;
      case 'rotation stalled':
        this.metrics.addMetric(METRIC.rotationsStalled, MetricUnit.Count, 1);
        break;
      case 'client secret rotated':
        this.metrics.addMetric(METRIC.rotationsCompleted, MetricUnit.Count, 1);
        this.metrics.addMetric(METRIC.deliveryDelay, MetricUnit.Seconds, seconds);
        break;
      case 'client secret dying':
        this.daysToEnd = Math.min(this.daysToEnd, (seconds * SECOND) / DAY);
        break;
      case 'message kept':
        this.metrics.addMetric(METRIC.messagesKept, MetricUnit.Count, 1);
        this.metrics.addMetric(METRIC.oldestKeptMessageAge, MetricUnit.Seconds, seconds);
        break;
      case 'message unclaimed':
        this.metrics.addMetric(METRIC.messagesUnclaimed, MetricUnit.Count, 1);
        break;
      default:
        break;
    }
  }

  private countFailed(kind: FailureKind): void {
    this.metrics.addMetric(METRIC.rotationsFailed, MetricUnit.Count, 1);
    const single = this.metrics.singleMetric();
    single.addDimension(KIND_DIMENSION, kind);
    single.addMetric(METRIC.rotationsFailed, MetricUnit.Count, 1);
  }
}
