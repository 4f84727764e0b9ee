import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SpApiSecretRotation } from '../../lib';
import type { AlarmId } from '../../lib/private/alarm-texts';
import { idOf } from '../fakes/on-call';

interface NamedAlarm {
  readonly Properties: { readonly AlarmName: string };
}

/** The alarms whose end is told by a mail. */
export const ENDS_BY_MAIL: ReadonlySet<AlarmId> = (() => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Scene');
  new SpApiSecretRotation(stack, 'Hub', { alarmTopic: new Topic(stack, 'People') }).addApplication('Shop');
  const alarms = Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm', {
    Properties: { OKActions: Match.anyValue() },
  });
  return new Set((Object.values(alarms) as NamedAlarm[]).map(({ Properties }) => idOf(Properties.AlarmName)));
})();
