import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { bringUp, MovableClock, startServices, type LocalStack, type Services } from 'local-cloud';
import { SpApiSecretRotation } from '../../lib';
import { ALARMS } from '../../lib/private/alarm-texts';
import { COMMAND, LEAST_TO_DRILL, operator, runCommand } from './command';
import { hasTerminal, Terminal } from './terminal';

const PERMISSIONS = readFileSync(path.join(__dirname, '..', '..', 'docs', 'permissions.md'), 'utf8');
const MAIL = 'on-call@example.com';
const HOOK = 'https://hooks.example.com/services/T0/B0/planted';
const SETS_BACK = 'The drill is over: nothing was wrong.';

let clock: MovableClock;
let services: Services;
let stack: LocalStack;
let environment: NodeJS.ProcessEnv;
let topic: string;

async function open(withTopic = true): Promise<void> {
  clock = new MovableClock();
  services = await startServices({ clock });
  const app = new App({ analyticsReporting: false });
  const source = new Stack(app, 'Hub');
  const alarmTopic = new Topic(source, 'OnCall');
  alarmTopic.addSubscription(new EmailSubscription(MAIL));
  alarmTopic.addSubscription(new UrlSubscription(HOOK));
  new SpApiSecretRotation(source, 'Rotation', { ...(withTopic && { alarmTopic }) }).addApplication('Shop');
  // Somebody else's, and what it does may be dear.
  const metric = new Metric({ namespace: 'Shop', metricName: 'Orders' });
  new Alarm(source, 'Other', { metric, threshold: 1, evaluationPeriods: 1 }).addAlarmAction(new SnsAction(alarmTopic));
  stack = await bringUp({ assemblyDirectory: app.synth().directory, services, clock });
  topic = stack.one('AWS::SNS::Topic').ref;
  for (const { name } of services.alarms.list()) {
    services.alarms.setState(name, 'OK', 'all is well');
  }
  services.alarms.invoked.length = 0;
  environment = operator({ people: new Set(), services } as never, LEAST_TO_DRILL);
}

beforeEach(() => open());
afterEach(async () => {
  await stack.stop();
  await services.stop();
  expect(services.refused).toEqual([]);
});

const hubAlarms = () => services.alarms.list().filter(({ name }) => !name.includes('Other'));
const rung = () => services.alarms.invoked.filter(({ state }) => state === 'ALARM').map(({ alarm }) => alarm);
const states = () => new Set(services.alarms.list().map(({ state }) => state));

test('each alarm of the hub rings once, says that it is a drill, and is set back; no other alarm rings', async () => {
  services.topics.confirm(topic, MAIL);
  services.topics.confirm(topic, HOOK);
  const { code, out, error } = await runCommand(environment, 'drill', '--yes');
  expect(code).toBe(0);
  expect(rung()).toEqual(hubAlarms().map(({ name }) => name));
  expect(rung()).toHaveLength(Object.keys(ALARMS).length);
  for (const { state, reason } of services.alarms.invoked) {
    expect(reason).toMatch(state === 'ALARM' ? /^A drill: nothing is wrong\. arn:aws:sts\S+anna tests/ : SETS_BACK);
  }
  expect(services.alarms.invoked.filter(({ state }) => state === 'OK')).toHaveLength(4);
  expect(states()).toEqual(new Set(['OK']));
  expect(error).toContain('one message for each alarm, and 4 that one is over');
  expect(error).toContain(`They tell ${topic}:\n  email ${MAIL}\n  https hooks.example.com\n`);
  expect(out).toContain(`9 alarms rang, and are set back.\nemail ${MAIL} should have 9 messages now`);
  expect(`${out}${error}`).not.toContain('planted');
});

test.each<[string, string, () => void | Promise<void>]>([
  ['who has not confirmed', `email ${MAIL} has not confirmed`, () => services.topics.confirm(topic, HOOK)],
  [
    'whose subscription is gone',
    `1 of the subscriptions that the stack made to`,
    () => {
      services.topics.confirm(topic, HOOK);
      clock.advance(48 * 3_600_000);
    },
  ],
  ['nobody', `nobody is subscribed to`, () => clock.advance(48 * 3_600_000)],
  ['a topic that is gone', 'could not be read', () => services.topics.delete(topic)],
  [
    'an alarm with disabled actions',
    'its actions are disabled',
    () => hubAlarms().forEach((alarm) => services.alarms.put({ ...alarm, actionsEnabled: false })),
  ],
])('%s is told as somebody who would hear nothing, with exit code 1', async (_what, words, prepare) => {
  await prepare();
  const { code, out } = await runCommand(environment, 'drill', '--yes');
  expect(out).toContain(words);
  expect(code).toBe(1);
  expect(states()).toEqual(new Set(['OK']));
});

test('without a topic each alarm is named', async () => {
  await stack.stop();
  await services.stop();
  await open(false);
  const { code, out } = await runCommand(environment, 'drill', '--yes');
  expect(out.match(/notifies no topic: pass alarmTopic/g)).toHaveLength(9);
  expect(code).toBe(1);
});

test('alarms without data, as in a new stack, tell no end, and the plan names none', async () => {
  for (const { name } of hubAlarms()) {
    services.alarms.setState(name, 'INSUFFICIENT_DATA', 'nothing yet');
  }
  const { error } = await runCommand(environment, 'drill', '--yes');
  expect(error).toContain('gets one message for each alarm. Each says that it is a drill');
});

test('an alarm that is on stays on, and one that goes off in earnest meanwhile too', async () => {
  const [first, second, third] = hubAlarms();
  services.alarms.setState(first?.name ?? '', 'ALARM', 'in earnest');
  services.alarms.setState(third?.name ?? '', 'INSUFFICIENT_DATA', 'nothing yet');
  services.faults.add({ operation: 'SetAlarmState', nth: 8, effect: { delay: 1500 } });
  const running = runCommand(environment, 'drill', '--yes', '--json');
  while (rung().length < 8) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  services.alarms.setState(second?.name ?? '', 'ALARM', 'in earnest too');
  const { code, out } = await running;
  const { alarms, topics, problems } = JSON.parse(out) as Record<string, { name: string; rang: boolean }[]>;
  expect(alarms?.filter(({ rang }) => !rang).map(({ name }) => name)).toEqual([first?.name]);
  expect(topics).toMatchObject([{ arn: topic, missing: 0, listeners: [{ protocol: 'email' }, { protocol: 'https' }] }]);
  expect(problems).toContainEqual(expect.stringContaining(`${first?.name} is in alarm already`));
  expect(hubAlarms().slice(0, 3)).toMatchObject([
    { state: 'ALARM', reason: 'in earnest' },
    { state: 'ALARM', reason: 'in earnest too' },
    { state: 'INSUFFICIENT_DATA', reason: SETS_BACK },
  ]);
  expect(code).toBe(1);
});

test('after Ctrl-C no further alarm rings, and those that rang are set back', async () => {
  services.faults.add({ operation: 'SetAlarmState', nth: 3, effect: { delay: 1500 } });
  const child = spawn(process.execPath, [COMMAND, 'drill', '--yes'], { env: environment });
  child.stdout.resume();
  child.stderr.resume();
  while (services.calls.filter(({ operation }) => operation === 'SetAlarmState').length < 3) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(rung()).toHaveLength(3);
  expect(states()).toEqual(new Set(['OK']));
});

test('what AWS refuses on the way ends it, with what rang set back', async () => {
  services.faults.add({ operation: 'SetAlarmState', nth: 4, effect: 'access-denied' });
  const { code, error } = await runCommand(environment, 'drill', '--yes');
  expect(error).toContain('AccessDenied');
  expect(error).not.toContain('not set back');
  expect(code).toBe(3);
  expect(rung()).toHaveLength(3);
  expect(states()).toEqual(new Set(['OK']));
});

test('what cannot be set back is told, and the others are set back all the same', async () => {
  services.faults.add({ operation: 'SetAlarmState', nth: 10, effect: 'access-denied' });
  const { code, error } = await runCommand(environment, 'drill', '--yes');
  expect(error).toContain(`not set back, which CloudWatch does by itself`);
  expect(error).toContain(rung()[0]);
  expect(code).toBe(3);
  expect(services.alarms.list().filter(({ state }) => state === 'ALARM')).toHaveLength(1);
});

test('without a terminal it asks nothing, and no alarm rings', async () => {
  const { code, error } = await runCommand(environment, 'drill');
  expect(error).toContain('confirm with --yes; no alarm rang');
  expect(code).toBe(5);
  expect(rung()).toEqual([]);
});

(hasTerminal ? test : test.skip)('at a terminal it asks, and no is no', async () => {
  const terminal = new Terminal(`'${process.execPath}' '${COMMAND}' drill`, environment);
  await terminal.answer('Ring 9 alarms? [y/N] ', 'n\r');
  expect(await terminal.end()).toBe(5);
  expect(rung()).toEqual([]);
});

test('docs/permissions.md names every permission that it needs', () => {
  expect(LEAST_TO_DRILL.filter((action) => !PERMISSIONS.includes(action))).toEqual([]);
});
