import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { ApplicationAnswer } from '../../../lambda/core/reconcile/answer';
import type { LookedAt } from '../../../lambda/rehearsal/console';
import { ALARMS } from '../../../lib/private/alarm-texts';
import type { FoundHub } from '../hub-function';
import { CommandFailed, EXIT } from '../exit-code';
import { invoke, observe } from '../invocation';
import { PlayedAmazon } from './played-amazon';

const SECOND = 1000;
const PAUSE = 2 * SECOND;
const MINUTE = 60 * SECOND;
const PATIENCE = 3 * MINUTE;

/** Tells a line on the way. */
export type Progress = (line: string) => void;

/** What the acts of a rehearsal use: the hub, the played Amazon, the alarms. */
export class Scene {
  readonly amazon: PlayedAmazon;
  private readonly cloudWatch = new CloudWatchClient({});

  constructor(
    private readonly hub: FoundHub & { readonly rehearsalArn: string },
    private readonly requestedBy: string,
  ) {
    this.amazon = new PlayedAmazon(hub.rehearsalArn);
  }

  async check(application: string): Promise<ApplicationAnswer> {
    return only(application, await observe(this.hub.functionArn, { action: 'check' }));
  }

  async status(application: string): Promise<ApplicationAnswer> {
    return only(application, await observe(this.hub.functionArn, { action: 'status' }));
  }

  /** Asks for a rotation, also during the overlap of the one before, as soon as the minute after that one is over. */
  async rotate(application: string, outcome: string, progress: Progress): Promise<ApplicationAnswer> {
    const { functionArn } = this.hub;
    const payload = { action: 'rotate', application, force: true, requestedBy: this.requestedBy } as const;
    const answer = await this.until(
      async () => only(application, await invoke(functionArn, payload)),
      ({ guard }) => guard !== 'one-a-minute',
      () => {
        progress('waits: Amazon takes one rotation a minute');
      },
      'a rotation is still held back',
    );
    const received = answer.kind ?? answer.outcome;
    if (received !== outcome) {
      throw new CommandFailed(
        EXIT.needsAttention,
        `the answer to rotate is "${received}${answer.guard === undefined ? '' : ` (${answer.guard})`}", not "${outcome}": ${answer.next}`,
      );
    }
    return answer;
  }

  /** Waits until the newest client secret of so many rotations is current, and the hub has nothing left to do. */
  async untilInstalled(application: string, rotations: number, progress: Progress): Promise<LookedAt> {
    const { looked } = await this.until(
      async () => ({ looked: await this.amazon.look(application), status: await this.status(application) }),
      ({ looked: { rotations: made, current }, status: { outcome } }) =>
        made === rotations && current === 'newest' && outcome === 'healthy',
      ({ looked: { rotations: made, current }, status: { outcome, kind } }) => {
        progress(`Amazon rotated ${made} times; the client secret in use: ${current}; status: ${kind ?? outcome}`);
      },
      'the new client secret is not current',
    );
    return looked;
  }

  /** Waits until Amazon's queue is empty: what was in it is processed. */
  untilQueueIsEmpty(application: string): Promise<LookedAt> {
    return this.until(
      () => this.amazon.look(application),
      ({ queues: { notification } }) => notification.visible + notification.hidden === 0,
      () => undefined,
      'messages are still in the notification queue',
    );
  }

  untilAlarm(state: 'ALARM' | 'OK', progress: Progress): Promise<string> {
    return this.until(
      () => this.stateOfAlarm(),
      (found) => found === state,
      (found) => {
        progress(`the alarm is in state ${found}`);
      },
      `the alarm is not in state ${state}`,
      10 * MINUTE,
    );
  }

  async until<Seen>(
    look: () => Promise<Seen>,
    isDone: (seen: Seen) => boolean | Promise<boolean>,
    tell: (seen: Seen) => void,
    otherwise: string,
    patience = PATIENCE,
  ): Promise<Seen> {
    const end = Date.now() + patience;
    for (;;) {
      const seen = await look();
      if (await isDone(seen)) {
        return seen;
      }
      if (Date.now() > end) {
        throw new CommandFailed(EXIT.needsAttention, `${otherwise} after ${patience / MINUTE} minutes`);
      }
      tell(seen);
      await sleep(PAUSE);
    }
  }

  end(): void {
    this.amazon.end();
    this.cloudWatch.destroy();
  }

  private async stateOfAlarm(): Promise<string> {
    const name = this.hub.alarmNames.find((one) => one.endsWith(`-${ALARMS.deadLetters.name}`));
    const { MetricAlarms: [alarm] = [] } = await this.cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: name === undefined ? [] : [name] }),
    );
    if (alarm === undefined) {
      throw new CommandFailed(EXIT.unreachable, 'the stack has no alarm for dead letters');
    }
    return alarm.StateValue ?? 'unknown';
  }
}

function only(
  application: string,
  { applications }: { readonly applications: readonly ApplicationAnswer[] },
): ApplicationAnswer {
  const found = applications.find((one) => one.application === application);
  if (found === undefined) {
    throw new CommandFailed(EXIT.unreachable, `the hub has no application ${application}`);
  }
  return found;
}
