import { DAY, HOUR, MINUTE, SECOND, type Instant } from '../../lambda/core/time';
import type { EventLog } from './event-log';
import type { Random } from './random';
import type { WorldParameters, Outage } from './world-parameters';

/** What goes wrong with a call to AWS. */
export type AwsFault =
  | 'none'
  | 'throttled'
  /** Nothing was done. */
  | 'failed-before'
  /** It was done, and the caller never learns. */
  | 'failed-after'
  /** It was done, the answer was lost, and the SDK does it again. */
  | 'answer-lost'
  | 'denied';

/** What goes wrong with a call to LWA or to Amazon's rotation. */
export type HttpFault =
  | 'none'
  | 'not-sent'
  | 'lost-before'
  | 'lost-after'
  | { readonly status: number; readonly hasEffect: boolean; readonly body: string };

const HTML = '<html><body>Service Unavailable</body></html>';

/** Draws what goes wrong. */
export class FaultInjector {
  /** Set for the weeks without faults at the end. */
  isOver = false;
  private readonly outages = new Set<Outage>();
  /** When something last went wrong. */
  private lastAt: Instant;

  constructor(
    private readonly parameters: WorldParameters,
    private readonly random: Random,
    private readonly now: () => Instant,
    private readonly eventLog: EventLog,
  ) {
    this.lastAt = now();
  }

  begin(outage: Outage): void {
    this.outages.add(outage);
    this.eventLog.count(`outage: ${outage.kind}`);
    this.noteDisturbance();
  }

  end(outage: Outage): void {
    this.outages.delete(outage);
    this.noteDisturbance();
  }

  /** Something happened that a flow may need some runs to recover from. */
  noteDisturbance(): void {
    this.lastAt = this.now();
  }

  /** For how long nothing has gone wrong. */
  calmFor(): number {
    return this.outages.size > 0 ? 0 : this.now() - this.lastAt;
  }

  /** The largest strength of the outages of a kind that are on now. */
  strength(kind: Outage['kind']): number {
    if (this.isOver || this.outages.size === 0) {
      return 0;
    }
    let most = 0;
    for (const one of this.outages) {
      most = one.kind === kind ? Math.max(most, one.strength) : most;
    }
    return most;
  }

  awsFault(service: string): AwsFault {
    const fault = this.drawAwsFault(service);
    if (fault !== 'none') {
      this.lastAt = this.now();
      this.eventLog.count(`fault: ${service} ${fault}`);
    }
    return fault;
  }

  httpFault(target: 'lwa' | 'rotation'): HttpFault {
    const fault = this.drawHttpFault(target);
    if (fault !== 'none') {
      this.lastAt = this.now();
      this.eventLog.count(`fault: ${target} ${typeof fault === 'string' ? fault : fault.status}`);
    }
    return fault;
  }

  readLag(): number {
    if (this.isOver) {
      return 0;
    }
    const { random } = this;
    if (random.chance(Math.max(this.parameters.lag, this.strength('secrets-manager-lags')))) {
      this.eventLog.count('fault: read lags');
      return random.between(0, random.chance(0.2) ? 30 * SECOND : 2 * SECOND);
    }
    return 0;
  }

  drawsKill(): boolean {
    if (this.isOver || !this.random.chance(Math.max(this.parameters.kills, this.strength('functions-crash') * 0.7))) {
      return false;
    }
    this.lastAt = this.now();
    return true;
  }

  repeatsMessage(): boolean {
    return (
      !this.isOver && this.random.chance(Math.max(this.parameters.callFaults, this.strength('queue-repeats') * 0.5))
    );
  }

  latency(): number {
    const { random } = this;
    return !this.isOver && random.chance(0.02) ? random.between(1, 20) * SECOND : random.between(5, 200);
  }

  freeze(): number {
    const { random } = this;
    if (this.isOver || this.parameters.kills === 0 || !random.chance(0.0003)) {
      return 0;
    }
    this.eventLog.count('fault: function frozen');
    this.lastAt = this.now();
    return random.between(0.01, 48) * HOUR;
  }

  /** Lateness of a sweep; `undefined`: it is left out. */
  sweepDelay(): number | undefined {
    const { random } = this;
    if (this.isOver) {
      return random.between(0, MINUTE);
    }
    const strength = Math.max(this.parameters.callFaults, this.strength('schedule-late'));
    if (random.chance(strength)) {
      return random.chance(0.5) ? undefined : random.between(0, 15 * MINUTE);
    }
    return random.between(0, MINUTE);
  }

  /** Propagation and delivery of the rotation that is being done. */
  propagation(): number {
    const most = this.parameters.amazon.propagationMinutes * MINUTE;
    return this.random.chance(0.3) ? 0 : this.random.between(0, most);
  }

  delivery(): number {
    return this.random.between(1, this.parameters.amazon.deliverySeconds) * SECOND;
  }

  private drawAwsFault(service: string): AwsFault {
    if (this.isOver) {
      return 'none';
    }
    const { random } = this;
    if (random.chance(this.parameters.callFaults)) {
      return random.pick(['throttled', 'failed-before', 'failed-after', 'answer-lost', 'answer-lost', 'denied']);
    }
    if (this.outages.size === 0) {
      return 'none';
    }
    if (random.chance(this.strength('nothing-reachable'))) {
      return 'failed-before';
    }
    if (random.chance(this.strength('access-denied'))) {
      return 'denied';
    }
    return this.drawServiceFault(service);
  }

  private drawServiceFault(service: string): AwsFault {
    const { random } = this;
    if (service === 'secretsmanager') {
      if (random.chance(this.strength('secrets-manager-throttles'))) {
        return 'throttled';
      }
      if (random.chance(this.strength('secrets-manager-fails'))) {
        return random.pick(['failed-before', 'failed-after', 'answer-lost']);
      }
    }
    return service === 'events' && random.chance(this.strength('event-bridge-fails'))
      ? random.pick(['failed-before', 'throttled', 'failed-after'])
      : 'none';
  }

  private drawHttpFault(target: 'lwa' | 'rotation'): HttpFault {
    if (this.isOver) {
      return 'none';
    }
    const { random } = this;
    const strength = Math.max(
      this.parameters.callFaults,
      this.strength('nothing-reachable'),
      this.strength(target === 'lwa' ? 'login-fails' : 'amazon-fails'),
    );
    if (!random.chance(strength)) {
      return 'none';
    }
    const hasEffect = random.chance(0.5);
    return random.pick<HttpFault>([
      'not-sent',
      'lost-before',
      'lost-after',
      { status: 500, hasEffect, body: '' },
      { status: 503, hasEffect, body: HTML },
      { status: 504, hasEffect, body: '{"errors":[{' },
      { status: 408, hasEffect, body: '' },
      { status: 302, hasEffect, body: '' },
      { status: 429, hasEffect: false, body: '{"errors":[{"code":"QuotaExceeded","message":"quota"}]}' },
    ]);
  }
}

/** The time between two sweeps while nothing happens: the hourly ones between them are left out, to save time. */
export function drawQuietInterval(random: Random): number {
  return random.between(0.5, 1.5) * DAY;
}
