import type { Context } from 'aws-lambda';
import { clock, Hub } from '../adapters/hub';
import { lookAtHub } from '../adapters/look';
import { showable } from '../adapters/showable-error';
import type { Answer } from '../core/reconcile/answer';
import { SECOND } from '../core/time';
import { onlyLooks, parseRequest, requireLook } from '../core/rotation/request';
import { gauges, reconcileAll } from '../core/reconcile/all';

/** Time kept back for the answer and the metrics. */
const CLOSING = 5 * SECOND;

const hub = new Hub();

/** Looks at all applications, or does what a person asks: see docs/operate.md, "Invoke by hand". */
export async function handler(event: unknown, context: Context): Promise<Answer> {
  const { observer } = hub;
  hub.begin(context.awsRequestId);
  try {
    const request = parseRequest(event, clock.now());
    const arn = context.invokedFunctionArn.split(':');
    requireLook(request, arn[7]);
    const deadline = clock.now() + context.getRemainingTimeInMillis() - CLOSING;
    const all = await hub.applications(deadline);
    const [applications, looked] = await Promise.all([
      reconcileAll(all, request, clock, deadline),
      onlyLooks(request) ? lookAtHub(hub.sqs, arn.slice(0, 7).join(':')) : undefined,
    ]);
    if (request.isFromBus === true) {
      if (applications.length === 0) {
        observer.observe({ what: 'event ignored', next: 'It names no application of this hub.' });
      }
    } else if (request.action === 'reconcile' && request.application === undefined) {
      const measured = all.filter(({ settings }) => settings.daysToExpiryMetric === true);
      observer.gauges(gauges(applications, clock.now()), new Set(measured.map(({ settings }) => settings.id)));
    }
    return { applications, hub: looked };
  } catch (error) {
    throw showable(error);
  } finally {
    hub.end();
  }
}
