import { HOUR, type LocalHub } from '../../test/fakes/local-hub';
import type { RecordedCall } from 'local-cloud';
import { codeOf, EMPTY, SHIPPED } from '../bundles';
import { FunctionProcess } from '../function-process';
import { applicationId, openHub, setLatency } from '../local-hub';
import { median, megabytes, spread, table } from '../report';
import { target, TARGETS, type Section } from '../targets';

/** Milliseconds a call. */
const LATENCY = 50;
const HEALTHY_RUNS = 3;
/** How long a client of Secrets Manager waits for a secret that never answers: three attempts of five seconds. */
const HANGING_CALL = 15_000;
/** Every fifth secret hangs, so that they are spread evenly over the groups that run at the same time. */
const HANGING_EVERY = 5;

interface Sweep {
  readonly milliseconds: number;
  readonly calls: number;
  readonly processorTime: number;
  /** Bytes above those of an empty handler. */
  readonly memory: number;
  /** Milliseconds until the last call about an application that does not hang was answered. */
  readonly othersDone: number;
}

interface Fleet {
  readonly applications: number;
  readonly healthy: readonly Sweep[];
  readonly hanging: Sweep;
}

export async function fleet(): Promise<Section> {
  const small = await measure(100);
  const large = await measure(250);
  const row = (what: string, sweeps: readonly Sweep[], othersDone = ''): string[] => [
    what,
    spread(
      sweeps.map(({ milliseconds }) => milliseconds / 1000),
      1,
    ),
    othersDone,
    String(sweeps[0]?.calls),
    spread(sweeps.map(({ processorTime }) => processorTime)),
    megabytes(median(sweeps.map(({ memory }) => memory))),
  ];
  const rows = [small, large].flatMap(({ applications, healthy, hanging }) => [
    row(`${applications} applications, healthy`, healthy),
    row(`${applications} applications, 20 % hang`, [hanging], (hanging.othersDone / 1000).toFixed(1)),
  ]);
  const time = ({ healthy }: Fleet): number => median(healthy.map(({ milliseconds }) => milliseconds));
  const memory = median(large.healthy.map((sweep) => sweep.memory));
  const delay = large.hanging.othersDone - time(large);
  const head = ['sweep', 's', 'others done, s', 'calls', 'processor ms', 'MB'];
  return {
    text: `## Fleet\n\nOne sweep in a process of its own, ${LATENCY} ms a call. MB: peak above an empty handler. Hanging: no call about every fifth secret is ever answered; *others done* is when the last of the other applications was finished.\n\n${table(head, rows)}`,
    targets: [
      target('healthy sweep of 250, seconds', TARGETS.healthySweep / 1000, time(large) / 1000, 1),
      target('memory of a healthy sweep of 250, MB', TARGETS.sweepMemory / 1e6, memory / 1e6, 0),
      target('time of 250 applications to that of 100', TARGETS.sweepGrowth, time(large) / time(small), 2),
      target('delay of 200 applications by 50 that hang, seconds', HANGING_CALL / 1000, delay / 1000, 1),
    ],
  };
}

async function measure(applications: number): Promise<Fleet> {
  const hub = await openHub({ applications });
  try {
    const empty = await emptyMemory(hub);
    setLatency(hub, LATENCY);
    const healthy: Sweep[] = [];
    for (let run = 0; run < HEALTHY_RUNS; run++) {
      hub.clock.advance(HOUR);
      healthy.push(await sweep(hub, empty));
    }
    hub.clock.advance(HOUR);
    return { applications, healthy, hanging: await sweep(hub, empty, hang(hub, applications)) };
  } finally {
    await hub.close();
  }
}

function hang(hub: LocalHub, applications: number): ReadonlySet<string> {
  const hanging = new Set<string>();
  for (let index = HANGING_EVERY - 1; index < applications; index += HANGING_EVERY) {
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

async function sweep(hub: LocalHub, empty: number, hanging: ReadonlySet<string> = new Set()): Promise<Sweep> {
  const started = await FunctionProcess.start(hub, 'rotate', await codeOf(SHIPPED, 'rotate'));
  try {
    await started.ready();
    const before = { aws: hub.services.calls.length, amazon: hub.amazon.calls.length };
    const begunAt = hub.clock.now();
    const begun = performance.now();
    await started.invoke({});
    const milliseconds = performance.now() - begun;
    const { peakMemory, processorTime } = started.usage;
    const aws = hub.services.calls.slice(before.aws);
    const amazon = hub.amazon.calls.slice(before.amazon);
    // Only calls about secrets: the events that report the hanging applications come later.
    const aboutOthers = aws.filter((call) => call.service === 'secretsmanager' && !hanging.has(secretOf(call)));
    return {
      milliseconds,
      calls: aws.length + amazon.length,
      processorTime,
      memory: peakMemory - empty,
      othersDone: Math.max(...[...aboutOthers, ...amazon].map(({ at }) => at)) + LATENCY - begunAt,
    };
  } finally {
    await started.stop();
  }
}

function secretOf({ request }: Pick<RecordedCall, 'request'>): string {
  return (request as { SecretId?: string }).SecretId ?? '';
}

async function emptyMemory(hub: LocalHub): Promise<number> {
  const started = await FunctionProcess.start(hub, 'rotate', await codeOf(EMPTY, 'rotate'));
  try {
    await started.invoke({});
    return started.usage.peakMemory;
  } finally {
    await started.stop();
  }
}
