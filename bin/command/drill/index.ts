import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SNSClient } from '@aws-sdk/client-sns';
import { Dialogue } from '../dialogue';
import { CommandFailed, EXIT } from '../exit-code';
import type { FoundHub } from '../hub-function';
import { onInterrupt } from '../interrupt';
import type { Caller } from '../invocation';
import { printable } from '../printable';
import { perform } from '../steps';
import { hubAlarms, type HubAlarm } from './hub-alarms';
import { readTopic, type Topic } from './listeners';
import { problemsOf } from './problems';
import { Ringing } from './ringing';

export interface DrillOptions {
  readonly yes: boolean;
  readonly json: boolean;
}

const NOTHING_RANG = 'no alarm rang';

/** Rings each alarm of a hub, says who should hear it, and sets the states back. */
export async function drill(hub: FoundHub, who: Caller, options: DrillOptions): Promise<void> {
  const cloudWatch = new CloudWatchClient({});
  const sns = new SNSClient({});
  try {
    const alarms = await hubAlarms(cloudWatch, hub.alarmNames);
    if (alarms.length === 0) {
      throw new CommandFailed(EXIT.unreachable, `the stack ${hub.stackName} has no alarms of the hub; ${NOTHING_RANG}`);
    }
    const arns = [...new Set(alarms.flatMap((alarm) => alarm.topics))];
    const topics = await Promise.all(arns.map((arn) => readTopic(sns, arn, hub.subscriptionArns)));
    console.error(printable(planOf(hub, alarms, topics, who)));
    if (!options.yes) {
      await confirm(alarms);
    }
    const ringing = new Ringing(cloudWatch, alarms, who.name);
    await ring(ringing, options);
    conclude({ ringing, alarms, topics }, options);
  } finally {
    cloudWatch.destroy();
    sns.destroy();
  }
}

async function ring(ringing: Ringing, options: DrillOptions): Promise<void> {
  const stopListening = onInterrupt(() => {
    console.error('\nStops ringing, and sets the alarms back.');
    ringing.stop();
  });
  try {
    await perform(ringing.steps, options);
    await ringing.setBack();
  } catch (error) {
    await ringing.setBack();
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new CommandFailed(EXIT.unreachable, [why, ...notSetBackText(ringing)].join('\n'));
  } finally {
    stopListening();
  }
}

function notSetBackText({ notSetBack }: Ringing): string[] {
  return notSetBack.length === 0
    ? []
    : ['not set back, which CloudWatch does by itself when it next evaluates them:', ...notSetBack];
}

async function confirm(alarms: readonly HubAlarm[]): Promise<void> {
  const dialogue = new Dialogue(NOTHING_RANG, 'confirm with --yes');
  try {
    await dialogue.confirm(`Ring ${alarms.length} alarms?`);
  } finally {
    dialogue.close();
  }
}

/** What somebody must know before it rings. */
function planOf(hub: FoundHub, alarms: readonly HubAlarm[], topics: readonly Topic[], who: Caller): string {
  const ends = alarms.filter(({ tellsEnd, state }) => tellsEnd && state === 'OK').length;
  const others = [...new Set(alarms.flatMap(({ otherActions }) => otherActions))];
  return [
    `A drill of the alarms of the stack ${hub.stackName}, account ${who.account}, region ${who.region}:`,
    ...alarms.map(({ name }) => `  ${name}`),
    ...topics.flatMap(({ arn, listeners }) => [
      `They tell ${arn}:`,
      ...listeners.map(
        ({ protocol, endpoint, confirmed }) => `  ${protocol} ${endpoint}${confirmed ? '' : ' (not confirmed)'}`,
      ),
    ]),
    ...others.map((action) => `They also invoke ${action}, as in earnest.`),
    `Whoever is confirmed gets one message for each alarm${ends === 0 ? '' : `, and ${ends} that one is over`}. Each says that it is a drill.`,
  ].join('\n');
}

interface Result {
  readonly ringing: Ringing;
  readonly alarms: readonly HubAlarm[];
  readonly topics: readonly Topic[];
}

function conclude({ ringing, alarms, topics }: Result, { json }: DrillOptions): void {
  const problems = problemsOf(alarms, topics);
  const { rang, notSetBack } = ringing;
  if (json) {
    const told = alarms.map((alarm) => ({ ...alarm, rang: rang.includes(alarm.name) }));
    console.log(printable(JSON.stringify({ alarms: told, topics, problems, notSetBack }, undefined, 2)));
  } else {
    console.log(printable(textOf(rang, topics, problems)));
  }
  if (notSetBack.length > 0) {
    throw new CommandFailed(EXIT.unreachable, notSetBackText(ringing).join('\n'));
  }
  process.exitCode = ringing.wasStopped ? EXIT.interrupted : problems.length > 0 ? EXIT.needsAttention : EXIT.fine;
}

function textOf(rang: readonly string[], topics: readonly Topic[], problems: readonly string[]): string {
  const told = topics.flatMap(({ listeners }) => listeners.filter(({ confirmed }) => confirmed));
  return [
    `${rang.length} alarms rang, and are set back.`,
    ...told.map(
      ({ protocol, endpoint }) =>
        `${protocol} ${endpoint} should have ${rang.length} messages now, each with the name of an alarm, what to do first, and "A drill: nothing is wrong".`,
    ),
    ...problems.map((problem) => `Somebody is not told: ${problem}.`),
    problems.length === 0 ? 'If a message is missing, look at its spam folder and at the policy of the topic.' : '',
  ]
    .filter((line) => line !== '')
    .join('\n');
}
