import type { HubAlarm } from './hub-alarms';
import type { Topic } from './listeners';

/** Why somebody would not be told of an alarm. */
export function problemsOf(alarms: readonly HubAlarm[], topics: readonly Topic[]): string[] {
  return [...alarms.flatMap(problemsOfAlarm), ...topics.flatMap(problemsOfTopic)];
}

function problemsOfAlarm({ name, state, actionsEnabled, topics }: HubAlarm): string[] {
  return [
    ...(topics.length === 0 ? [`${name} notifies no topic: pass alarmTopic to the SpApiSecretRotation`] : []),
    ...(actionsEnabled ? [] : [`${name} notifies nobody, because its actions are disabled: enable them in CloudWatch`]),
    ...(state === 'ALARM' ? [`${name} is in alarm already, and was not rung: see status, and the runbook`] : []),
  ];
}

function problemsOfTopic({ arn, listeners, missing, error }: Topic): string[] {
  if (error !== undefined) {
    return [`the subscriptions of ${arn} could not be read: ${error}`];
  }
  const pending = listeners.filter(({ confirmed }) => !confirmed);
  return [
    ...(listeners.length === 0 ? [`nobody is subscribed to ${arn}`] : []),
    ...pending.map(
      ({ protocol, endpoint }) =>
        `${protocol} ${endpoint} has not confirmed its subscription, and is told nothing: follow the link in the mail of AWS within 48 hours, or subscribe again`,
    ),
    ...(missing === 0
      ? []
      : [
          `${missing} of the subscriptions that the stack made to ${arn} ${missing === 1 ? 'is' : 'are'} gone, because nobody confirmed within 48 hours, or somebody unsubscribed: subscribe again`,
        ]),
  ];
}
