import { ALARMS, type AlarmId } from '../../lib/private/alarm-texts';
import { CloudWatch, type AlarmTransition } from 'local-cloud';
import { HOUR, MINUTE, SECOND, type LocalHub } from './local-hub';

export interface Passing {
  /** Whether the schedule fires. Default: yes. */
  readonly sweeping?: boolean;
  /** Whether the event source mapping works. Default: yes. */
  readonly delivering?: boolean;
}

/** Lets time pass for a hub: its schedule fires, its queue is polled, and CloudWatch samples. */
export class OnCall {
  readonly cloudWatch: CloudWatch;

  private sinceSweep: number;

  constructor(
    readonly hub: LocalHub,
    /** How often the schedule fires. */
    private readonly interval = HOUR,
  ) {
    this.cloudWatch = new CloudWatch(hub.stack, hub.services, hub.clock);
    // A new schedule fires at once.
    this.sinceSweep = interval;
  }

  get now(): number {
    return this.hub.clock.now();
  }

  async pass(duration: number, { sweeping = true, delivering = true }: Passing = {}): Promise<void> {
    const { hub } = this;
    const end = this.now + duration;
    for (;;) {
      if (sweeping && this.sinceSweep >= this.interval) {
        await hub.stack.fireSchedule();
        this.sinceSweep = 0;
        // Amazon delivers within seconds.
        hub.clock.advance(2 * SECOND);
      }
      await hub.amazon.deliverDue();
      const { visible } = hub.services.queues.inspect(hub.queue('Notification'));
      if (delivering && visible.length > 0) {
        await hub.drain();
      }
      await hub.stack.settle();
      this.cloudWatch.sample();
      if (this.now >= end) {
        return;
      }
      const step = Math.min(this.step(), Math.max(MINUTE, this.interval - this.sinceSweep), end - this.now);
      hub.clock.advance(step);
      this.sinceSweep += step;
    }
  }

  /** Small steps only while a message waits in the queue. */
  private step(): number {
    const { visible, inFlight } = this.hub.services.queues.inspect(this.hub.queue('Notification'));
    return visible.length + inFlight.length > 0 || this.interval <= HOUR ? 5 * MINUTE : HOUR;
  }

  /** When each alarm first went into the state ALARM. */
  get rang(): ReadonlyMap<AlarmId, number> {
    const rang = new Map<AlarmId, number>();
    for (const { alarm, at, to } of this.cloudWatch.transitions) {
      const id = idOf(alarm);
      if (to === 'ALARM' && !rang.has(id)) {
        rang.set(id, at);
      }
    }
    return rang;
  }

  get ringing(): AlarmId[] {
    return [...this.cloudWatch.states].flatMap(([alarm, state]) => (state === 'ALARM' ? [idOf(alarm)] : []));
  }

  get transitions(): AlarmTransition[] {
    return this.cloudWatch.transitions;
  }
}

export function idOf(alarmName: string): AlarmId {
  const found = (Object.keys(ALARMS) as AlarmId[]).find((id) => alarmName.endsWith(`-${ALARMS[id].name}`));
  if (found === undefined) {
    throw new Error(`no alarm is named ${alarmName}`);
  }
  return found;
}
