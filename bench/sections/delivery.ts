import type { LocalHub } from '../../test/fakes/local-hub';
import { codeOf, FLOOR, SHIPPED, type Variant } from '../bundles';
import { FunctionProcess } from '../function-process';
import { applicationId, nextDelivery, openHub, queueEvent, setLatency } from '../local-hub';

export const LATENCIES: readonly number[] = [0, 20, 100];

/** Milliseconds from the event's arrival at a warm function to the answer of the call that moved AWSCURRENT. */
export interface DeliveryTimes {
  readonly latency: number;
  readonly shipped: number[];
  readonly floor: number[];
}

/** Deliveries to a warm function, ours and the floor in turn. What a cold start adds is measured by itself. */
export async function measureDeliveries(rounds: number): Promise<DeliveryTimes[]> {
  const shipped = await Subject.open(SHIPPED);
  const floor = await Subject.open(FLOOR);
  try {
    const results: DeliveryTimes[] = [];
    for (const latency of LATENCIES) {
      const times: DeliveryTimes = { latency, shipped: [], floor: [] };
      results.push(times);
      for (let round = 0; round < rounds; round++) {
        times.shipped.push(await shipped.deliver(latency));
        times.floor.push(await floor.deliver(latency));
      }
    }
    return results;
  } finally {
    await shipped.close();
    await floor.close();
  }
}

class Subject {
  static async open(variant: Variant): Promise<Subject> {
    const hub = await openHub({ applications: 1 });
    const subject = new Subject(hub, await FunctionProcess.start(hub, 'store', await codeOf(variant, 'store')));
    await subject.deliver(0);
    return subject;
  }

  private constructor(
    private readonly hub: LocalHub,
    private readonly running: FunctionProcess,
  ) {}

  async deliver(latency: number): Promise<number> {
    const { hub } = this;
    setLatency(hub, 0);
    const event = queueEvent(hub, [await nextDelivery(hub, applicationId(0))]);
    setLatency(hub, latency);
    const before = hub.services.calls.length;
    const begun = hub.clock.now();
    await this.running.invoke(event);
    const moved = hub.services.calls.slice(before).find(({ operation }) => operation === 'UpdateSecretVersionStage');
    if (
      moved === undefined ||
      hub.clientSecret('AWSCURRENT', applicationId(0)) !== hub.newestIssued(applicationId(0))
    ) {
      throw new Error(`the delivery was not installed:\n${this.running.lines.join('\n')}`);
    }
    return moved.at + latency - begun;
  }

  async close(): Promise<void> {
    await this.running.stop();
    await this.hub.close();
  }
}
