import { SECOND, type LocalHub } from '../../test/fakes/local-hub';
import { PRICE } from '../../scripts/prices';
import { METRIC } from '../../lib/contract/metric';
import { applicationId, openHub, setLatency } from '../local-hub';
import { target, TARGETS, type Section } from '../targets';

const APPLICATIONS = 250;
const STRANGERS = 10_000;
/** Milliseconds a call, on average. */
const LATENCY = 20;
/** As deployed. */
const CONCURRENCY = 2;
/** CloudWatch adds so many to each line. */
const LINE_BYTES = 26;
/** Metrics that alarms watch, but for the one of unclaimed messages. */
const ALARMING: readonly string[] = [METRIC.personNeeded, METRIC.rotationsStalled, METRIC.needingAttention];

interface Flood {
  /** From the first receive until the genuine client secret is current, and until the queue is empty. */
  readonly untilCurrent: number;
  readonly untilEmpty: number;
  readonly invocations: number;
  readonly usd: number;
  readonly lost: readonly string[];
  /** Messages that are still in the queue, or dead letters. */
  readonly kept: number;
  readonly alarming: readonly string[];
}

export async function flood(): Promise<Section> {
  const { untilCurrent, untilEmpty, invocations, usd, lost, kept, alarming } = await measure();
  return {
    text: `## Flood\n\n${STRANGERS} new secrets of unknown client ids at once, and behind them one of the ${APPLICATIONS} applications, ${LATENCY} ms a call, two functions at a time: that one is current after ${untilCurrent.toFixed(1)} s, and the queue empty after ${untilEmpty.toFixed(1)} s, ${(STRANGERS / untilEmpty).toFixed(0)} messages a second in ${invocations} invocations. It costs ${usd.toFixed(3)} USD. Lost: ${lost.length === 0 ? 'nothing' : lost.join('; ')}. Kept: ${kept}. Alarms but for *unclaimed*: ${alarming.length === 0 ? 'none' : alarming.join(', ')}.`,
    targets: [
      target('a client secret behind 10,000 strangers is current, seconds', TARGETS.flood / SECOND, untilCurrent, 0),
      target('cost of 10,000 strangers, USD', TARGETS.floodCost, usd, 2),
      target('losses in a flood', 0, lost.length, 0),
      target('alarms of a flood, but for unclaimed, and messages kept', 0, alarming.length + kept, 0),
    ],
  };
}

/** The queue gives messages out in the order in which they came, which is the worst for the last one. */
async function measure(): Promise<Flood> {
  const hub = await openHub({ applications: APPLICATIONS });
  try {
    const id = applicationId(APPLICATIONS - 1);
    hub.amazon.model.rotateInConsole(hub.clientId(id));
    await hub.pass(10 * SECOND);
    const genuine = (await hub.takeMessages()).filter((body) => body.includes('NEW_SECRET'));
    const strangers = Array.from({ length: STRANGERS }, (_, index) =>
      (genuine[0] ?? '').replaceAll(hub.clientId(id), `amzn1.application-oa2-client.stranger${index}`),
    );
    for (const body of [...strangers, ...genuine]) {
      await hub.send(body);
    }
    // Amazon's messages do not all come in the second in which the function begins.
    hub.clock.advance(5 * SECOND);
    return await drained(hub, id, strangers);
  } finally {
    await hub.close();
  }
}

async function drained(hub: LocalHub, id: string, strangers: readonly string[]): Promise<Flood> {
  const isCurrent = (): boolean => hub.clientSecret('AWSCURRENT', id) === hub.newestIssued(id);
  const [calls, lines] = [hub.services.calls.length, hub.stack.logs.length];
  setLatency(hub, LATENCY);
  const begun = performance.now();
  const sinceBegun = (): number => (performance.now() - begun) / SECOND;
  let untilCurrent: number | undefined;
  const watch = setInterval(() => {
    untilCurrent ??= isCurrent() ? sinceBegun() : undefined;
  }, 100);
  const batches = await hub.stack.drainQueue(undefined, { concurrency: 2 });
  clearInterval(watch);
  const untilEmpty = sinceBegun();
  await hub.stack.settle();
  setLatency(hub, 0);
  const unclaimed = new Set(hub.bodies('Unclaimed'));
  const missing = strangers.filter((body) => !unclaimed.has(body)).length;
  return {
    untilCurrent: untilCurrent ?? (isCurrent() ? untilEmpty : Number.POSITIVE_INFINITY),
    untilEmpty,
    invocations: batches.length,
    usd: costOf(hub, { calls, lines, batches: batches.length, seconds: CONCURRENCY * untilEmpty }),
    lost: [
      ...(isCurrent() ? [] : [`the newest client secret of ${id} is not current`]),
      ...(missing === 0 ? [] : [`${missing} are not in the unclaimed queue`]),
    ],
    kept: hub.bodies('Notification').length + hub.bodies('DeadLetter').length,
    alarming: [
      ...new Set(
        hub.stack.metrics.filter(({ name, value }) => ALARMING.includes(name) && value > 0).map(({ name }) => name),
      ),
    ],
  };
}

/** From what the functions called and logged, at list prices without free tiers. Both functions count as busy all the time. */
function costOf(
  hub: LocalHub,
  {
    calls,
    lines,
    batches,
    seconds,
  }: { readonly calls: number; readonly lines: number; readonly batches: number; readonly seconds: number },
): number {
  const made = hub.services.calls.slice(calls);
  const of = (service: string): typeof made => made.filter((call) => call.service === service);
  // A batch counts as a call for each of its secrets.
  const secrets = of('secretsmanager').reduce(
    (sum, { request }) => sum + ((request as { readonly SecretIdList?: readonly string[] }).SecretIdList?.length ?? 1),
    0,
  );
  const { memorySize } = hub.stack.function(hub.storeFunction).configuration;
  const bytes = hub.stack.logs.slice(lines).reduce((sum, { text }) => sum + Buffer.byteLength(text) + LINE_BYTES, 0);
  // Lambda receives and deletes each batch in one request.
  return (
    secrets * PRICE.secretsManagerCall +
    (of('sqs').length + 2 * batches) * PRICE.sqsRequest +
    batches * PRICE.lambdaRequest +
    seconds * (memorySize / 1024) * PRICE.lambdaGigabyteSecond +
    (bytes / 1e9) * (PRICE.logGigabyte + PRICE.logGigabyteStoredForAYear)
  );
}
