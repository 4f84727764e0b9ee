import { DAY, HOUR, type LocalHub } from '../../test/fakes/local-hub';
import type { RecordedCall } from 'local-cloud';
import { codeOf, EMPTY, SHIPPED } from '../bundles';
import { FunctionProcess } from '../function-process';
import { applicationId, openHub, setLatency } from '../local-hub';

export type FleetCase = 'healthy' | '5 % due' | '20 % hang';

export interface FleetRun {
  readonly applications: number;
  readonly what: FleetCase;
  readonly milliseconds: number;
  readonly calls: number;
  readonly processorTime: number | undefined;
  /** Bytes above those of an empty handler. */
  readonly memory: number | undefined;
  /** Milliseconds until the last call for an application that does not hang was answered. */
  readonly othersDone: number | undefined;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Milliseconds a call. */
export const FLEET_LATENCY = 50;
/** What a client of Secrets Manager waits for one that never answers: three tries of five seconds. */
export const HANGING_CALL = 15_000;
const HANGING_SHARE = 0.2;

/** Sweeps over a hub of so many applications, each in a process of its own. */
export async function measureFleet(applications: number, healthyRuns: number): Promise<FleetRun[]> {
  const hub = await openHub({ applications, due: Math.ceil(applications * 0.05) });
  try {
    const empty = await emptyMemory(hub);
    const runs: FleetRun[] = [];
    setLatency(hub, FLEET_LATENCY);
    for (let run = 0; run < healthyRuns; run++) {
      hub.clock.advance(HOUR);
      runs.push(await sweep(hub, applications, 'healthy', empty));
    }
    hub.clock.advance(HOUR);
    const hanging = hang(hub, applications);
    runs.push(await sweep(hub, applications, '20 % hang', empty, hanging));
    hub.services.faults.clear();
    hub.clock.advance(10 * DAY);
    runs.push(await sweep(hub, applications, '5 % due', empty));
    return runs;
  } finally {
    await hub.close();
  }
}

/** Every fifth secret never answers: wherever in the list they stand, they come up all the time. */
function hang(hub: LocalHub, applications: number): ReadonlySet<string> {
  const every = Math.round(1 / HANGING_SHARE);
  const hanging = new Set<string>();
  for (let index = every - 1; index < applications; index += every) {
    hanging.add(hub.secretArn(applicationId(index)));
  }
  hub.services.faults.add({
    service: 'secretsmanager',
    match: (request) => hanging.has(secretOf({ request })),
    times: Number.POSITIVE_INFINITY,
    effect: 'timeout-before',
  });
  return hanging;
}

async function sweep(
  hub: LocalHub,
  applications: number,
  what: FleetCase,
  empty: number | undefined,
  hanging: ReadonlySet<string> = new Set(),
): Promise<FleetRun> {
  const started = await FunctionProcess.start(hub, 'rotate', await codeOf(SHIPPED, 'rotate'));
  try {
    await started.ready();
    const before = { aws: hub.services.calls.length, amazon: hub.amazon.calls.length };
    const begunAt = hub.clock.now();
    const begun = performance.now();
    const answer = (await started.invoke({})) as { applications: { outcome: string }[] };
    const milliseconds = performance.now() - begun;
    const { peakMemory, processorTime } = started.usage;
    const aws = hub.services.calls.slice(before.aws);
    const amazon = hub.amazon.calls.slice(before.amazon);
    const lastOfOthers = Math.max(
      ...aws.filter((call) => isAboutSecret(call) && !hanging.has(secretOf(call))).map(({ at }) => at),
      ...amazon.map(({ at }) => at),
    );
    return {
      applications,
      what,
      milliseconds,
      calls: aws.length + amazon.length,
      processorTime,
      memory: peakMemory === undefined || empty === undefined ? undefined : peakMemory - empty,
      othersDone: hanging.size === 0 ? undefined : lastOfOthers + FLEET_LATENCY - begunAt,
      outcomes: count(answer.applications.map(({ outcome }) => outcome)),
    };
  } finally {
    await started.stop();
  }
}

function secretOf({ request }: Pick<RecordedCall, 'request'>): string {
  return (request as { SecretId?: string }).SecretId ?? '';
}

/** Not the events that report those that hang. */
function isAboutSecret({ service }: RecordedCall): boolean {
  return service === 'secretsmanager';
}

async function emptyMemory(hub: LocalHub): Promise<number | undefined> {
  const started = await FunctionProcess.start(hub, 'rotate', await codeOf(EMPTY, 'rotate'));
  try {
    await started.invoke({});
    return started.usage.peakMemory;
  } finally {
    await started.stop();
  }
}

function count(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}
