import { CloudWatchServiceException, SetAlarmStateCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { Step } from '../steps';
import { describeAlarms, type HubAlarm } from './hub-alarms';

/** CloudWatch takes so many characters. */
const MAX_REASON = 1023;

const SET_BACK = 'The drill is over: nothing was wrong.';

/** Rings alarms, and sets them back. */
export class Ringing {
  /** Names of the alarms that rang. */
  readonly rang: string[] = [];
  /** What could not be set back, and why. */
  readonly notSetBack: string[] = [];

  private stopped = false;
  private readonly reason: string;

  constructor(
    private readonly client: CloudWatchClient,
    private readonly alarms: readonly HubAlarm[],
    who: string,
  ) {
    this.reason = `A drill: nothing is wrong. ${who} tests whether this message arrives.`.slice(0, MAX_REASON);
  }

  /** No further alarm rings. */
  stop(): void {
    this.stopped = true;
  }

  get wasStopped(): boolean {
    return this.stopped;
  }

  get steps(): Step[] {
    return this.alarms.map((alarm) => ({ title: alarm.name, run: () => this.ring(alarm) }));
  }

  /** Only a state that differs from the one before tells anybody. */
  private async ring({ name, state }: HubAlarm): Promise<string> {
    if (this.stopped) {
      return 'not rung any more';
    }
    if (state === 'ALARM') {
      return 'is in alarm already, and so it cannot ring again: see status';
    }
    // Before the call: one without an answer may have rung it.
    this.rang.push(name);
    try {
      await this.set(name, 'ALARM', this.reason);
    } catch (error) {
      if (isRefused(error)) {
        this.rang.pop();
      }
      throw error;
    }
    return 'rings';
  }

  /** Sets back each one that rang, whatever befalls the others. One that now rings in earnest is left alone. */
  async setBack(): Promise<void> {
    const now = await describeAlarms(this.client, this.rang).catch(() => []);
    for (const { name, state } of this.alarms.filter((alarm) => this.rang.includes(alarm.name))) {
      const found = now.find(({ AlarmName: one }) => one === name);
      if (found?.StateValue === 'ALARM' && found.StateReason !== this.reason) {
        continue;
      }
      await this.set(name, state, SET_BACK).catch((error: unknown) => {
        this.notSetBack.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  }

  private async set(name: string, state: HubAlarm['state'], reason: string): Promise<void> {
    await this.client.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: reason }));
  }
}

/** AWS answered that it did nothing. */
function isRefused(error: unknown): boolean {
  return error instanceof CloudWatchServiceException && error.$fault === 'client';
}
