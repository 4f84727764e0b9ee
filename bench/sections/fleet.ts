import { PRICE } from '../../scripts/prices';
import { HOUR, SECOND, type LocalHub } from '../../test/fakes/local-hub';
import { codeOf, EMPTY, FLOOR_BUNDLED_ALIKE, SHIPPED, type Variant } from '../bundles';
import { FunctionProcess, type Usage } from '../function-process';
import { openHub, setLatency } from '../local-hub';
import { median, megabytes, ratios, spread, table } from '../report';
import { target, TARGETS, type Section } from '../targets';

/** Milliseconds a call, on average. */
const LATENCY = 50;
const RUNS = 3;
const SIZES = [1, 10, 100, 250];
/** MB. */
const MEMORY_SIZES = [256, 512, 1024, 1769];
const LARGEST = Math.max(...SIZES);

interface Sweep extends Usage {
  readonly milliseconds: number;
  readonly calls: number;
}

interface Fleet {
  readonly applications: number;
  readonly shipped: readonly Sweep[];
  readonly floor: readonly Sweep[];
  /** Bytes above those of an empty handler. */
  readonly memory: number;
}

export async function fleet(): Promise<Section> {
  const fleets: Fleet[] = [];
  for (const applications of SIZES) {
    fleets.push({ applications, ...(await withHub(applications, measure)) });
  }
  const timesOf = (applications: number): readonly number[] =>
    fleets.find((one) => one.applications === applications)?.shipped.map(({ milliseconds }) => milliseconds) ?? [];
  const largest = fleets.at(-1);
  const toFloor = median(toFloorOf(largest));
  return {
    text: [
      '## Fleet',
      `One healthy sweep in a process of its own, ${LATENCY} ms a call, with the memory that is deployed. Floor: the same calls with the same clients, twenty applications at a time, and nothing else. MB: peak above an empty handler.`,
      table(
        ['applications', 's', 'floor, s', 'to floor', 'calls', 'processor ms', 'floor, processor ms', 'MB'],
        fleets.map(rowOf),
      ),
      `The same sweep of ${LARGEST} applications with other memory, one run each; USD a month: of 730 such sweeps.`,
      table(['MB', 's', 'USD a month'], await withHub(LARGEST, tune)),
    ].join('\n\n'),
    targets: [
      target('healthy sweep of 250, seconds', TARGETS.healthySweep / SECOND, median(timesOf(250)) / SECOND, 1),
      target('healthy sweep of 250, to the floor', TARGETS.sweepToFloor, toFloor, 2),
      target('memory of a healthy sweep of 250, MB', TARGETS.sweepMemory / 1e6, (largest?.memory ?? NaN) / 1e6, 0),
      target(
        'time of 250 applications to that of 100',
        TARGETS.sweepGrowth,
        median(timesOf(250)) / median(timesOf(100)),
        2,
      ),
    ],
  };
}

function toFloorOf(fleet: Fleet | undefined): number[] {
  const times = (sweeps: readonly Sweep[] = []): number[] => sweeps.map(({ milliseconds }) => milliseconds);
  return ratios(times(fleet?.shipped), times(fleet?.floor));
}

function rowOf(fleet: Fleet): string[] {
  const { applications, shipped, floor, memory } = fleet;
  const seconds = (sweeps: readonly Sweep[]): string =>
    spread(
      sweeps.map(({ milliseconds }) => milliseconds / SECOND),
      1,
    );
  const processor = (sweeps: readonly Sweep[]): string => spread(sweeps.map(({ processorTime }) => processorTime));
  const ratio = spread(toFloorOf(fleet), 2);
  const calls = String(shipped[0]?.calls);
  return [
    String(applications),
    seconds(shipped),
    seconds(floor),
    ratio,
    calls,
    processor(shipped),
    processor(floor),
    megabytes(memory),
  ];
}

async function withHub<Result>(applications: number, act: (hub: LocalHub) => Promise<Result>): Promise<Result> {
  const hub = await openHub({ applications });
  try {
    return await act(hub);
  } finally {
    await hub.close();
  }
}

async function measure(hub: LocalHub): Promise<Omit<Fleet, 'applications'>> {
  const empty = await sweep(hub, EMPTY);
  setLatency(hub, LATENCY);
  const [shipped, floor]: [Sweep[], Sweep[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    hub.clock.advance(HOUR);
    shipped.push(await sweep(hub, SHIPPED));
    floor.push(await sweep(hub, FLOOR_BUNDLED_ALIKE));
  }
  const memory = median(shipped.map(({ peakMemory }) => peakMemory)) - empty.peakMemory;
  return { shipped, floor, memory };
}

/** What more memory, and with it a larger share of a processor, costs and gives. */
async function tune(hub: LocalHub): Promise<string[][]> {
  setLatency(hub, LATENCY);
  const rows: string[][] = [];
  for (const memorySize of MEMORY_SIZES) {
    hub.clock.advance(HOUR);
    const { milliseconds } = await sweep(hub, SHIPPED, memorySize);
    const usd = 730 * (milliseconds / SECOND) * (memorySize / 1024) * PRICE.lambdaGigabyteSecond;
    rows.push([String(memorySize), (milliseconds / SECOND).toFixed(1), usd.toFixed(3)]);
  }
  return rows;
}

async function sweep(hub: LocalHub, variant: Variant, memorySize?: number): Promise<Sweep> {
  const code = await codeOf(variant, 'rotate');
  const started = await FunctionProcess.start(hub, 'rotate', code, memorySize === undefined ? {} : { memorySize });
  const calls = (): number => hub.services.calls.length + hub.amazon.calls.length;
  try {
    await started.ready();
    const before = calls();
    const begun = performance.now();
    await started.invoke({});
    return { milliseconds: performance.now() - begun, calls: calls() - before, ...started.usage };
  } finally {
    await started.stop();
  }
}
