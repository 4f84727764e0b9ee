import { DAY, HOUR, MINUTE, SECOND, type Instant } from '../../lambda/core/time';
import type { Chronicle } from './chronicle';
import type { Random } from './random';
import type { Scenario, Weather } from './scenario';

/** How a call to AWS goes. */
export type AwsFate =
  | 'done'
  | 'throttled'
  /** Nothing was done. */
  | 'failed-before'
  /** It was done, and the caller never learns. */
  | 'failed-after'
  /** It was done, the answer was lost, and the SDK does it again. */
  | 'answer-lost'
  | 'denied';

export type HttpFate =
  | 'done'
  | 'not-sent'
  | 'lost-before'
  | 'lost-after'
  | { readonly status: number; readonly hasEffect: boolean; readonly body: string };

const HTML = '<html><body>Service Unavailable</body></html>';

/** Decides what goes wrong. */
export class Trouble {
  /** Set for the quiet weeks at the end. */
  isOver = false;
  private readonly weather = new Set<Weather>();
  private lastAt: Instant;

  constructor(
    private readonly scenario: Scenario,
    private readonly random: Random,
    private readonly now: () => Instant,
    private readonly chronicle: Chronicle,
  ) {
    this.lastAt = now();
  }

  begin(weather: Weather): void {
    this.weather.add(weather);
    this.chronicle.count(`weather: ${weather.kind}`);
    this.note();
  }

  end(weather: Weather): void {
    this.weather.delete(weather);
    this.note();
  }

  /** Something happened that a flow may need some runs to get over. */
  note(): void {
    this.lastAt = this.now();
  }

  /** For how long nothing has been in the way. */
  calmFor(): number {
    return this.weather.size > 0 ? 0 : this.now() - this.lastAt;
  }

  /** The largest strength of a weather that is on now. */
  strength(kind: Weather['kind']): number {
    if (this.isOver || this.weather.size === 0) {
      return 0;
    }
    let most = 0;
    for (const one of this.weather) {
      most = one.kind === kind ? Math.max(most, one.strength) : most;
    }
    return most;
  }

  awsFate(service: string): AwsFate {
    const fate = this.drawAwsFate(service);
    if (fate !== 'done') {
      this.lastAt = this.now();
      this.chronicle.count(`fault: ${service} ${fate}`);
    }
    return fate;
  }

  httpFate(target: 'lwa' | 'rotation'): HttpFate {
    const fate = this.drawHttpFate(target);
    if (fate !== 'done') {
      this.lastAt = this.now();
      this.chronicle.count(`fault: ${target} ${typeof fate === 'string' ? fate : fate.status}`);
    }
    return fate;
  }

  readLag(): number {
    if (this.isOver) {
      return 0;
    }
    const { random } = this;
    if (random.chance(Math.max(this.scenario.lag, this.strength('secrets-manager-lags')))) {
      this.chronicle.count('fault: read lags');
      return random.between(0, random.chance(0.2) ? 30 * SECOND : 2 * SECOND);
    }
    return 0;
  }

  kills(): boolean {
    if (this.isOver || !this.random.chance(Math.max(this.scenario.kills, this.strength('functions-crash') * 0.7))) {
      return false;
    }
    this.lastAt = this.now();
    return true;
  }

  repeatsMessage(): boolean {
    return !this.isOver && this.random.chance(Math.max(this.scenario.callFaults, this.strength('queue-repeats') * 0.5));
  }

  latency(): number {
    const { random } = this;
    return !this.isOver && random.chance(0.02) ? random.between(1, 20) * SECOND : random.between(5, 200);
  }

  freeze(): number {
    const { random } = this;
    if (this.isOver || this.scenario.kills === 0 || !random.chance(0.0003)) {
      return 0;
    }
    this.chronicle.count('fault: function frozen');
    this.lastAt = this.now();
    return random.between(0.01, 48) * HOUR;
  }

  /** Lateness of a sweep; `undefined`: it is left out. */
  sweepDelay(): number | undefined {
    const { random } = this;
    if (this.isOver) {
      return random.between(0, MINUTE);
    }
    const strength = Math.max(this.scenario.callFaults, this.strength('schedule-late'));
    if (random.chance(strength)) {
      return random.chance(0.5) ? undefined : random.between(0, 15 * MINUTE);
    }
    return random.between(0, MINUTE);
  }

  /** Propagation and delivery of the rotation that is being done. */
  propagation(): number {
    const most = this.scenario.amazon.propagationMinutes * MINUTE;
    return this.random.chance(0.3) ? 0 : this.random.between(0, most);
  }

  delivery(): number {
    return this.random.between(1, this.scenario.amazon.deliverySeconds) * SECOND;
  }

  private drawAwsFate(service: string): AwsFate {
    if (this.isOver) {
      return 'done';
    }
    const { random } = this;
    if (random.chance(this.scenario.callFaults)) {
      return random.pick(['throttled', 'failed-before', 'failed-after', 'answer-lost', 'answer-lost', 'denied']);
    }
    if (this.weather.size === 0) {
      return 'done';
    }
    if (random.chance(this.strength('nothing-reachable'))) {
      return 'failed-before';
    }
    if (random.chance(this.strength('access-denied'))) {
      return 'denied';
    }
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
      : 'done';
  }

  private drawHttpFate(target: 'lwa' | 'rotation'): HttpFate {
    if (this.isOver) {
      return 'done';
    }
    const { random } = this;
    const strength = Math.max(
      this.scenario.callFaults,
      this.strength('nothing-reachable'),
      this.strength(target === 'lwa' ? 'login-fails' : 'amazon-fails'),
    );
    if (!random.chance(strength)) {
      return 'done';
    }
    const hasEffect = random.chance(0.5);
    return random.pick<HttpFate>([
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

/** Sweeps come hourly where something goes on, and now and then where nothing does: as if the schedule had left out the others. */
export function quietInterval(random: Random): number {
  return random.between(0.5, 1.5) * DAY;
}
