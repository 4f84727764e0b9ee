import { HOUR, type LocalHub } from '../../test/fakes/local-hub';
import { codeOf, EMPTY, SHIPPED } from '../bundles';
import { FunctionProcess, type Usage } from '../function-process';
import { openHub, setLatency } from '../local-hub';
import { median, megabytes, spread, table } from '../report';
import { target, TARGETS, type Section } from '../targets';

/** Milliseconds a call. */
const LATENCY = 50;
const RUNS = 3;

interface Sweep extends Usage {
  readonly milliseconds: number;
  readonly calls: number;
}

interface Fleet {
  readonly row: readonly string[];
  readonly milliseconds: number;
  /** Bytes above those of an empty handler. */
  readonly memory: number;
}

export async function fleet(): Promise<Section> {
  const small = await measure(100);
  const large = await measure(250);
  const growth = large.milliseconds / small.milliseconds;
  const head = ['healthy sweep', 's', 'calls', 'processor ms', 'MB'];
  return {
    text: `## Fleet\n\nOne sweep in a process of its own, ${LATENCY} ms a call. MB: peak above an empty handler.\n\n${table(head, [small.row, large.row])}`,
    targets: [
      target('healthy sweep of 250, seconds', TARGETS.healthySweep / 1000, large.milliseconds / 1000, 1),
      target('memory of a healthy sweep of 250, MB', TARGETS.sweepMemory / 1e6, large.memory / 1e6, 0),
      target('time of 250 applications to that of 100', TARGETS.sweepGrowth, growth, 2),
    ],
  };
}

async function measure(applications: number): Promise<Fleet> {
  const hub = await openHub({ applications });
  try {
    const empty = await sweep(hub, await codeOf(EMPTY, 'rotate'));
    setLatency(hub, LATENCY);
    const sweeps: Sweep[] = [];
    for (let run = 0; run < RUNS; run++) {
      hub.clock.advance(HOUR);
      sweeps.push(await sweep(hub, await codeOf(SHIPPED, 'rotate')));
    }
    const of = (figure: keyof Sweep): number[] => sweeps.map((one) => one[figure]);
    const memory = median(of('peakMemory')) - empty.peakMemory;
    const seconds = of('milliseconds').map((milliseconds) => milliseconds / 1000);
    return {
      row: [
        `${applications} applications`,
        spread(seconds, 1),
        String(sweeps[0]?.calls),
        spread(of('processorTime')),
        megabytes(memory),
      ],
      milliseconds: median(of('milliseconds')),
      memory,
    };
  } finally {
    await hub.close();
  }
}

async function sweep(hub: LocalHub, code: string): Promise<Sweep> {
  const started = await FunctionProcess.start(hub, 'rotate', code);
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
