import { AwsError } from './aws-error';
import type { Clock } from './clock';

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmSettings {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly actionsEnabled: boolean;
  /** ARNs, by the state that invokes them. */
  readonly actions: Readonly<Record<StateValue, readonly string[]>>;
}

export interface Alarm extends AlarmSettings {
  readonly state: StateValue;
  readonly reason: string;
  readonly changedAt: number;
}

/** What an alarm told one of its actions. */
interface InvokedAction {
  readonly action: string;
  readonly alarm: string;
  readonly state: StateValue;
  readonly reason: string;
}

/**
 * Metric alarms and the states that they were set to. Nothing is evaluated here, so an alarm keeps a state until it is
 * set again: what CloudWatch does on its own, a test does with `setState`.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
 */
export class AlarmModel {
  readonly invoked: InvokedAction[] = [];

  private readonly alarms = new Map<string, Alarm>();

  constructor(private readonly clock: Clock) {}

  /** A new alarm has no data yet. An existing one keeps its state. */
  put(settings: AlarmSettings): void {
    const { state, reason, changedAt } = this.alarms.get(settings.name) ?? {
      state: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      changedAt: this.clock.now(),
    };
    this.alarms.set(settings.name, { ...settings, state, reason, changedAt });
  }

  delete(name: string): void {
    this.alarms.delete(name);
  }

  /** Those of these names that there are, or all. */
  list(names?: readonly string[]): Alarm[] {
    return [...this.alarms.values()].filter(({ name }) => names?.includes(name) ?? true);
  }

  /** Only a state that differs from the one before invokes actions. */
  setState(name: string, state: StateValue, reason: string): void {
    const alarm = this.alarms.get(name);
    if (alarm === undefined) {
      throw new AwsError('ResourceNotFound', `Unknown alarm ${name}`, 404);
    }
    const isChanged = alarm.state !== state;
    this.alarms.set(name, { ...alarm, state, reason, changedAt: isChanged ? this.clock.now() : alarm.changedAt });
    if (isChanged && alarm.actionsEnabled) {
      this.invoked.push(...alarm.actions[state].map((action) => ({ action, alarm: name, state, reason })));
    }
  }
}
