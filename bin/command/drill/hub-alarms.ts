import {
  paginateDescribeAlarms,
  type CloudWatchClient,
  type MetricAlarm,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { RUNBOOK_URL } from '../../../lib/contract/operators';

/** CloudWatch takes so many names in one call. */
const MAX_NAMES = 100;

/** An alarm of the hub, as it was before the drill. */
export interface HubAlarm {
  readonly name: string;
  readonly description: string;
  readonly state: StateValue;
  readonly actionsEnabled: boolean;
  /** Topics that it notifies when it goes off. */
  readonly topics: readonly string[];
  /** What else it does then: this would happen in a drill too. */
  readonly otherActions: readonly string[];
  /** Whether it also tells its end. */
  readonly tellsEnd: boolean;
}

/** The alarms of these names. */
export async function describeAlarms(client: CloudWatchClient, names: readonly string[]): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  for (let start = 0; start < names.length; start += MAX_NAMES) {
    const AlarmNames = names.slice(start, start + MAX_NAMES);
    for await (const { MetricAlarms: page = [] } of paginateDescribeAlarms({ client }, { AlarmNames })) {
      found.push(...page);
    }
  }
  return found;
}

/** Those of the construct: the stack may have alarms of its own, and what they do is not for a drill to cause. */
export async function hubAlarms(client: CloudWatchClient, names: readonly string[]): Promise<HubAlarm[]> {
  const alarms = await describeAlarms(client, names);
  return alarms
    .filter(({ AlarmDescription: description }) => description?.includes(`${RUNBOOK_URL}#alarm-`))
    .map(hubAlarm)
    .sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name));
}

function hubAlarm(alarm: MetricAlarm): HubAlarm {
  const { AlarmActions: actions = [], OKActions: ends = [] } = alarm;
  return {
    name: alarm.AlarmName ?? '',
    description: alarm.AlarmDescription ?? '',
    state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
    actionsEnabled: alarm.ActionsEnabled !== false,
    topics: actions.filter(isTopic),
    otherActions: actions.filter((action) => !isTopic(action)),
    tellsEnd: ends.some(isTopic),
  };
}

function isTopic(action: string): boolean {
  return action.split(':')[2] === 'sns';
}
