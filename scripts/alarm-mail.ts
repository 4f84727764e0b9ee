// Prints the name and the description of an alarm of the app in bin/app, as its mail has them.
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { createApp } from '../bin/app/stack';
import { ALARMS } from '../lib/private/alarm-texts';

const app = createApp(
  { applications: [{ id: 'Shop' }], alarmEmail: 'on-call@example.com' },
  { analyticsReporting: false },
);
const alarm = app.node
  .findAll()
  .find((node) => node instanceof cloudwatch.CfnAlarm && node.alarmName?.endsWith(ALARMS.needsAttention.name) === true);
if (!(alarm instanceof cloudwatch.CfnAlarm)) {
  throw new Error('there is no such alarm');
}
const { alarmName: name, alarmDescription: description } = alarm;
const says = alarm.stack.resolve(description) as {
  readonly 'Fn::Join': [string, (string | { readonly Ref: string })[]];
};
const PLACE: Readonly<Record<string, string>> = { 'AWS::AccountId': '111122223333', 'AWS::Region': 'eu-west-1' };
const text = says['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : PLACE[part.Ref]));
console.log(JSON.stringify({ name, says: text.join('') }));
