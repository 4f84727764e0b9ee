import type { DescribeAlarmsInput, SetAlarmStateInput } from '@aws-sdk/client-cloudwatch';
import type { Alarm, AlarmModel, StateValue } from './alarms';
import { AwsError } from './aws-error';
import type { IamModel } from './iam';
import { operation, type ServiceApi } from './operation';

const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] satisfies StateValue[];
const MAX_NAMES = 100;
const PAGE = 50;

/** What people's tools ask CloudWatch about metric alarms. */
export function alarmsApi(model: AlarmModel, iam: IamModel, arnOf: (alarm: string) => string): ServiceApi {
  return {
    name: 'monitoring',
    target: 'GraniteServiceVersion20100801',
    contentType: 'application/x-amz-json-1.0',
    errorNamespace: 'com.amazonaws.cloudwatch',
    throttled: new AwsError('ThrottlingException', 'Rate exceeded'),
    operations: {
      DescribeAlarms: operation<DescribeAlarmsInput>(
        { AlarmNames: 'strings', MaxRecords: 'number', NextToken: 'string' },
        ({ AlarmNames: names, MaxRecords: size = PAGE, NextToken: token = '0' }, principal) => {
          if ((names?.length ?? 0) > MAX_NAMES || size > MAX_NAMES) {
            throw new AwsError('ValidationError', `Member must have length less than or equal to ${MAX_NAMES}`);
          }
          for (const resource of (names ?? ['*']).map(arnOf)) {
            iam.authorize({ principal, action: 'cloudwatch:DescribeAlarms', resource });
          }
          return pageOf(model.list(names), Number(token), size);
        },
      ),
      SetAlarmState: operation<SetAlarmStateInput>(
        { AlarmName: 'string!', StateValue: 'string!', StateReason: 'string!' },
        ({ AlarmName: name = '', StateValue: state = '', StateReason: reason = '' }, principal) => {
          iam.authorize({ principal, action: 'cloudwatch:SetAlarmState', resource: arnOf(name) });
          if (!STATES.includes(state) || reason.length > 1023) {
            throw new AwsError(
              'ValidationError',
              'stateValue must be a state, and stateReason at most 1023 characters',
            );
          }
          model.setState(name, state as StateValue, reason);
        },
      ),
    },
  };
}

function pageOf(found: readonly Alarm[], start: number, size: number): object {
  const end = start + size;
  return {
    MetricAlarms: found.slice(start, end).map(described),
    ...(end < found.length && { NextToken: String(end) }),
  };
}

function described({ name, arn, description, actionsEnabled, actions, state, reason, changedAt }: Alarm): object {
  return {
    AlarmName: name,
    AlarmArn: arn,
    AlarmDescription: description,
    ActionsEnabled: actionsEnabled,
    AlarmActions: actions.ALARM,
    OKActions: actions.OK,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: new Date(changedAt),
  };
}
