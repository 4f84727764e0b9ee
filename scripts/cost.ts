// Computes what a default deployment costs a month, in USD, with 1 and with 100 applications: from the synthesized
// template, and from what the functions that ship really call, log and publish in two local days.
//
//   npx tsx scripts/cost.ts [--json] [applications …]
import { existsSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import Table from 'cli-table3';
import type { RecordedCall } from 'local-cloud';
import { SpApiRegion, SpApiSecretRotation } from '../lib';
import { METRIC_NAMESPACE } from '../lib/contract/metric';
import type { Amazon } from '../test/fakes/amazon';
import { PRICE } from './prices';
import { DAY, HOUR, LocalHub } from '../test/fakes/local-hub';

const HOURS_A_MONTH = 730;
const DAYS_A_MONTH = HOURS_A_MONTH / 24;
const ROTATIONS_A_MONTH = DAYS_A_MONTH / 90;

/** Lambda keeps five pollers at a standard queue, each asking for 20 seconds at a time, whether or not there is anything. */
const IDLE_POLLS_A_MONTH = 5 * (3600 / 20) * HOURS_A_MONTH;

/** What cannot be measured here: seconds for one application, of which 20 are looked at together; and the platform's lines. */
const SECONDS_FOR_ONE = 1.5;
const PLATFORM_BYTES = 350;
const CONCURRENCY = 20;

/** Memory of a function by default. */
const GIGABYTES = 512 / 1024;

interface Item {
  readonly what: string;
  readonly quantity: number;
  readonly usd: number;
}

/** What the local run tells. */
interface Measured {
  readonly template: Template;
  /** Of one day without a rotation. */
  readonly idleDay: Consumption;
  /** Of one rotation, without the sweeps of that day. */
  readonly rotation: Consumption;
}

interface Consumption {
  readonly secretsManagerCalls: number;
  readonly sqsCalls: number;
  readonly invocations: number;
  readonly events: number;
  readonly logBytes: number;
  /** Metric → hours in which it was published. */
  readonly metricHours: ReadonlyMap<string, number>;
}

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties?: { readonly Metrics?: readonly { readonly MetricStat?: unknown }[] };
      }
    >
  >;
}

export interface Cost {
  readonly applications: number;
  readonly items: readonly Item[];
  readonly usd: number;
  /** Names of the metrics that every sweep publishes. */
  readonly standingMetrics: readonly string[];
}

export async function cost(applications: number): Promise<Cost> {
  const { template, idleDay, rotation } = await measure(applications);
  const rotations = ROTATIONS_A_MONTH * applications;
  const monthly = (of: (consumption: Consumption) => number): number =>
    of(idleDay) * DAYS_A_MONTH + of(rotation) * rotations;
  const sweeps = HOURS_A_MONTH;
  const standing = [...idleDay.metricHours].filter(([, hours]) => hours >= 24);
  const passing = [...rotation.metricHours].filter(([name]) => !idleDay.metricHours.has(name));
  const passingHours = passing.reduce((sum, [, hours]) => sum + hours, 0) * rotations;
  const invocations = monthly(({ invocations: count }) => count);
  const seconds = invocations * SECONDS_FOR_ONE * Math.max(1, applications / CONCURRENCY);
  const gigabytes = (monthly(({ logBytes }) => logBytes) + invocations * PLATFORM_BYTES) / 1e9;
  const item = (what: string, quantity: number, price: number): Item => ({ what, quantity, usd: quantity * price });
  const resources = Object.values(template.Resources);
  const count = (type: string): number => resources.filter(({ Type }) => Type === type).length;
  const items = [
    item('secrets', count('AWS::SecretsManager::Secret'), PRICE.secret),
    item(
      'calls of Secrets Manager',
      monthly(({ secretsManagerCalls }) => secretsManagerCalls),
      PRICE.secretsManagerCall,
    ),
    item('standing metrics', standing.length, PRICE.metric),
    item('metrics of rotations, in months', passingHours / HOURS_A_MONTH, PRICE.metric),
    item('metrics of alarms', alarmMetrics(template), PRICE.alarmMetric),
    item('idle polling of the queue', IDLE_POLLS_A_MONTH * count('AWS::Lambda::EventSourceMapping'), PRICE.sqsRequest),
    item(
      'other calls of SQS',
      monthly(({ sqsCalls }) => sqsCalls),
      PRICE.sqsRequest,
    ),
    item('invocations by Scheduler', sweeps * count('AWS::Scheduler::Schedule'), PRICE.schedulerInvocation),
    item('invocations of Lambda', invocations, PRICE.lambdaRequest),
    item('Lambda, GB-s', seconds * GIGABYTES, PRICE.lambdaGigabyteSecond),
    item(
      'events',
      monthly(({ events }) => events),
      PRICE.customEvent,
    ),
    item('logs, GB, kept for a year', gigabytes, PRICE.logGigabyte + PRICE.logGigabyteStoredForAYear),
    item('customer keys', count('AWS::KMS::Key'), PRICE.kmsKey),
  ];
  return {
    applications,
    items,
    usd: items.reduce((sum, { usd }) => sum + usd, 0),
    standingMetrics: standing.map(([name]) => name).sort(),
  };
}

/** CloudWatch charges an alarm for each metric that it watches. */
function alarmMetrics(template: Template): number {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .reduce((sum, { Properties }) => {
      const watched = Properties?.Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length;
      return sum + (watched ?? 1);
    }, 0);
}

async function measure(applications: number): Promise<Measured> {
  const ids = Array.from({ length: applications }, (_, index) => `Application${index + 1}`);
  let template: Template | undefined;
  const hub = await LocalHub.open({
    applications: Object.fromEntries(ids.map((id) => [id, {}])),
    start: Date.parse('2026-01-01T00:00:00Z'),
    synthesize: (amazon, outputDirectory) => {
      const { directory, synthesized } = synthesize(ids, amazon, outputDirectory);
      template = synthesized;
      return directory;
    },
  });
  try {
    // The first sweep begins journals; a day like any other comes after it.
    await hub.stack.fireSchedule();
    await hub.pass(HOUR);
    const begun = reading(hub);
    for (const end = hub.clock.now() + DAY; hub.clock.now() < end;) {
      await hub.stack.fireSchedule();
      await hub.pass(HOUR);
    }
    const idle = reading(hub);
    await hub.invoke({ action: 'rotate', application: ids[0] });
    await hub.deliver();
    const rotated = reading(hub);
    if (template === undefined) {
      throw new Error('nothing was synthesized');
    }
    return { template, idleDay: difference(begun, idle), rotation: difference(idle, rotated) };
  } finally {
    await hub.close();
  }
}

function synthesize(
  ids: readonly string[],
  amazon: Amazon,
  outdir: string,
): { directory: string; synthesized: Template } {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Cost');
  const rotation = new SpApiSecretRotation(stack, 'Rotation', { lwaTokenUrl: amazon.lwaTokenUrl });
  for (const id of ids) {
    rotation.addApplication(id, { region: SpApiRegion.of(amazon.url) });
  }
  const assembly = app.synth();
  return {
    directory: assembly.directory,
    synthesized: assembly.getStackArtifact(stack.artifactId).template as Template,
  };
}

interface Reading extends Omit<Consumption, 'metricHours'> {
  readonly metrics: number;
  readonly all: LocalHub['stack']['metrics'];
}

function reading(hub: LocalHub): Reading {
  const functions = [...hub.stack.functions.values()];
  const callers = new Set(functions.map(({ name }) => name));
  const calls = hub.services.calls.filter(({ principal }) => callers.has(principal));
  const of = (service: string): number => calls.filter((call) => call.service === service).length;
  const all = hub.stack.metrics;
  return {
    secretsManagerCalls: calls.reduce((sum, call) => sum + secretsManagerCalls(call), 0),
    sqsCalls: of('sqs'),
    invocations: functions.reduce((sum, { invocations }) => sum + invocations.length, 0),
    events: hub.services.events.sent.length,
    // CloudWatch adds 26 bytes to each.
    logBytes: hub.stack.logs.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 26, 0),
    metrics: all.length,
    all,
  };
}

/** AWS does not say that a batch costs less than a call for each of its secrets. */
function secretsManagerCalls({ service, operation, request }: RecordedCall): number {
  const { SecretIdList: secrets } = request as { readonly SecretIdList?: readonly string[] };
  return service !== 'secretsmanager' ? 0 : operation === 'BatchGetSecretValue' ? (secrets?.length ?? 0) : 1;
}

function difference(before: Reading, after: Reading): Consumption {
  const byMetric = new Map<string, Set<number>>();
  // A function after the other: what is new is not what comes last.
  const seen = new Set(before.all.map((one) => JSON.stringify(one)));
  for (const one of after.all.filter((candidate) => !seen.has(JSON.stringify(candidate)))) {
    if (one.namespace === METRIC_NAMESPACE) {
      const id = `${one.name} ${JSON.stringify(one.dimensions)}`;
      byMetric.set(id, (byMetric.get(id) ?? new Set()).add(Math.floor(one.timestamp / HOUR)));
    }
  }
  return {
    secretsManagerCalls: after.secretsManagerCalls - before.secretsManagerCalls,
    sqsCalls: after.sqsCalls - before.sqsCalls,
    invocations: after.invocations - before.invocations,
    events: after.events - before.events,
    logBytes: after.logBytes - before.logBytes,
    metricHours: new Map([...byMetric].map(([id, hours]) => [id.split(' ')[0] ?? id, hours.size])),
  };
}

function print({ applications, items, usd, standingMetrics }: Cost): void {
  const table = new Table({
    head: [`${applications} application${applications === 1 ? '' : 's'}, a month`, 'quantity', 'USD'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const item of items.filter(({ quantity }) => quantity > 0)) {
    table.push([item.what, Number(item.quantity.toPrecision(4)).toLocaleString('en'), item.usd.toFixed(4)]);
  }
  table.push(['all', '', usd.toFixed(2)]);
  console.log(`${table.toString()}\nstanding metrics: ${standingMetrics.join(', ')}\n`);
}

async function main(): Promise<void> {
  if (!existsSync(path.join(__dirname, '..', 'assets', 'rotate', 'index.mjs'))) {
    throw new Error('there are no bundles yet: npm run bundle');
  }
  const numbers = process.argv.slice(2).filter((argument) => argument !== '--json');
  const costs: Cost[] = [];
  for (const applications of numbers.length > 0 ? numbers.map(Number) : [1, 100]) {
    costs.push(await cost(applications));
  }
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(costs, undefined, 2));
  } else {
    costs.forEach(print);
  }
}

if (require.main === module) {
  void main();
}
