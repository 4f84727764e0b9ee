import { ALARMS, type AlarmId } from '../../lib/private/alarm-texts';
import { DAY, HOUR, LocalHub, MINUTE, SECOND } from '../../test/fakes/local-hub';
import { OnCall } from '../../test/fakes/on-call';
import type { PolicyDocument } from 'local-cloud';
import { createApp } from '../app/stack';
import { rotationLine, type PastRotation } from './tables';

/** One step of the demo, printed as one line. */
export interface Step {
  readonly title: string;
  /** Performs the step, checks the outcome, and returns a line that describes it. `progress` prints lines on the way. */
  readonly run: (world: World, progress: (line: string) => void) => Promise<string>;
}

interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** What the steps share. */
export class World {
  hub!: LocalHub;
  onCall!: OnCall;
  /** Where the template was written. */
  assembly = '';
  readonly rotations: PastRotation[] = [];

  /** @throws where the condition does not hold; the demo ends there, with exit code 1 */
  readonly expect = (condition: boolean, what: string): void => {
    if (!condition) {
      throw new Error(`expected ${what}`);
    }
  };
}

const APPLICATION = 'Shop';
const ALARM: AlarmId = 'needsAttention';
const YEARS = 5;
/** Days between two sweeps in fast motion; the default schedule makes one every hour. */
const DAYS_BETWEEN_SWEEPS = 5;

export const STORY: readonly Chapter[] = [
  {
    title: 'A client secret rotates',
    steps: [
      { title: 'The stack of bin/app starts on this machine', run: bringUp },
      { title: 'An operator runs the check', run: check },
      { title: '90 days pass, and the schedule invokes the rotate function', run: fireSchedule },
      { title: 'Amazon delivers, and the store function installs', run: install },
    ],
  },
  {
    title: 'Failures do no harm',
    steps: [
      { title: 'Amazon rotates, and its answer is lost', run: loseAnswer },
      { title: 'The same message arrives again', run: repeatMessage },
      { title: 'A new client secret of an unknown application arrives', run: receiveStranger },
      { title: 'A message of an unknown form arrives', run: receiveUnknownForm },
    ],
  },
  {
    title: 'An alarm goes off and ends',
    steps: [
      { title: 'Somebody removes the policy of the queue', run: breakPolicy },
      { title: 'The stack is deployed again, unchanged', run: deployAgain },
      { title: 'An operator follows the runbook: aws sqs add-permission, then sweep', run: restorePolicy },
    ],
  },
  { title: `${YEARS} years in fast motion`, steps: [{ title: 'Rotations', run: passYears }] },
];

async function bringUp(world: World): Promise<string> {
  world.hub = await LocalHub.open({
    applications: { [APPLICATION]: {} },
    synthesize: (amazon, outdir) =>
      (world.assembly = createApp(
        { applications: [{ id: APPLICATION, region: amazon.url }], lwaTokenUrl: amazon.lwaTokenUrl },
        { outdir, analyticsReporting: false },
      ).synth().directory),
    start: Date.parse('2026-01-01T09:00:00Z'),
    preload: [require.resolve('local-cloud/shorter-time-outs')],
  });
  const { resources } = world.hub.stack;
  return `${resources.size} resources of the synthesized template are running; the secret is seeded, and the queue is registered`;
}

async function check({ hub, expect }: World): Promise<string> {
  const answer = await hub.ask({ action: 'check', requestedBy: 'the demo' }, APPLICATION);
  expect(answer.outcome === 'healthy', `check to answer healthy, received ${answer.outcome}`);
  return `healthy. ${answer.next}`;
}

async function fireSchedule({ hub, expect }: World): Promise<string> {
  await hub.sweep(APPLICATION);
  await hub.pass(90 * DAY + HOUR);
  const answer = await hub.sweep(APPLICATION);
  expect(answer.outcome === 'requested', `a rotation to be requested, received ${answer.outcome}`);
  expect(hub.posts === 1, `one POST, received ${hub.posts}`);
  return `LWA token, preflight, intent, POST: 204. ${answer.next}`;
}

async function install({ hub, expect }: World): Promise<string> {
  const seed = hub.clientSecret('AWSCURRENT', APPLICATION);
  await hub.deliver();
  const current = hub.clientSecret('AWSCURRENT', APPLICATION);
  expect(current === hub.newestIssued(APPLICATION), 'AWSCURRENT to be the new client secret');
  expect(hub.clientSecret('AWSPREVIOUS', APPLICATION) === seed, 'AWSPREVIOUS to be the one before');
  // An event may be delivered more than once; the version id identifies the rotation.
  const rotations = new Set(hub.events('Client Secret Rotated').map(({ detail }) => detail.versionId));
  expect(rotations.size === 1, `events of one rotation, received ${rotations.size}`);
  return 'AWSPENDING, accepted by LWA, AWSCURRENT; the seed is AWSPREVIOUS; consumers got an event';
}

async function loseAnswer({ hub, expect }: World): Promise<string> {
  await hub.pass(30 * DAY);
  const posts = hub.posts;
  hub.amazon.script('rotate', 'timeout-after-effect');
  const ambiguous = await hub.rotate(APPLICATION);
  expect(ambiguous.kind === 'ambiguous', `an ambiguous answer, received ${ambiguous.kind ?? ambiguous.outcome}`);
  await hub.pass(MINUTE);
  const prevented = await hub.rotate(APPLICATION, true);
  expect(hub.posts === posts + 1, 'no second POST');
  await hub.deliver();
  const current = hub.clientSecret('AWSCURRENT', APPLICATION);
  expect(current === hub.newestIssued(APPLICATION), 'AWSCURRENT to be the new client secret');
  return `reported as ambiguous, not requested again (${prevented.guard ?? prevented.outcome}), installed when it arrived`;
}

async function repeatMessage({ hub, expect }: World): Promise<string> {
  await hub.pass(8 * DAY);
  await hub.drain();
  const { value } = hub.amazon.model.rotateInConsole(hub.clientId(APPLICATION));
  await hub.pass(2 * SECOND);
  const [body = ''] = hub.bodies('Notification');
  await hub.send(body);
  await hub.drain();
  const versions = hub.versions(APPLICATION).length;
  await hub.pass(DAY);
  await hub.send(body);
  await hub.drain();
  expect(hub.clientSecret('AWSCURRENT', APPLICATION) === value, 'AWSCURRENT to be the new client secret');
  expect(hub.versions(APPLICATION).length === versions, 'no new version');
  return 'once at the same time and once a day later: installed once, nothing written after that';
}

async function receiveStranger({ hub, expect }: World): Promise<string> {
  const before = hub.text('AWSCURRENT', APPLICATION);
  hub.amazon.model.rotateStranger(hub.queueArn);
  await hub.deliver();
  expect(hub.text('AWSCURRENT', APPLICATION) === before, 'the secret to be unchanged');
  expect(hub.bodies('Unclaimed').length === 1, 'one message in the unclaimed queue');
  return 'kept in the unclaimed queue, in case that application is added; nothing else changed';
}

async function receiveUnknownForm({ hub, expect }: World): Promise<string> {
  await hub.send('{"notificationType":"APPLICATION_OAUTH_CLIENT_NEW_SECRET","payload":"renamed"}');
  for (let receives = 0; receives <= 20; receives++) {
    await hub.drain();
    await hub.pass(31 * MINUTE);
  }
  expect(hub.bodies('DeadLetter').length === 1, 'one message in the dead-letter queue');
  expect(hub.bodies('Notification').length === 0, 'no message in the notification queue');
  return 'received 20 times, then kept in the dead-letter queue for a person';
}

async function breakPolicy(world: World): Promise<string> {
  const { hub, expect } = world;
  world.onCall = new OnCall(hub);
  hub.services.queues.setPolicy(hub.queueArn, undefined);
  const removedAt = hub.clock.now();
  await world.onCall.pass(4 * HOUR);
  const rangAt = world.onCall.rang.get(ALARM);
  const { kind } = await hub.sweep(APPLICATION);
  expect(rangAt !== undefined, 'the alarm to go off');
  expect(kind === 'preflight-policy', `preflight-policy, received ${kind ?? 'nothing'}`);
  const hours = Math.ceil(((rangAt ?? 0) - removedAt) / HOUR);
  return `the alarm ${ALARMS[ALARM].name} goes off within ${hours} hours; the event says ${kind ?? ''}; nothing is rotated until it ends`;
}

async function deployAgain({ hub, onCall, assembly, expect }: World): Promise<string> {
  await hub.stack.update(assembly);
  await onCall.pass(2 * HOUR);
  expect(hub.services.queues.attributes(hub.queueArn).Policy === undefined, 'the queue to have no policy');
  expect(onCall.ringing.includes(ALARM), 'the alarm to go on');
  return 'restores nothing: CloudFormation compares templates, and does not look at the queue; the alarm goes on';
}

async function restorePolicy({ hub, onCall, expect }: World): Promise<string> {
  hub.services.queues.setPolicy(hub.queueArn, permissionOfAmazon(hub.queueArn));
  const { outcome } = await hub.sweep(APPLICATION);
  expect(outcome === 'healthy', `a sweep to find all well, received ${outcome}`);
  await onCall.pass(90 * MINUTE);
  expect(!onCall.ringing.includes(ALARM), 'the alarm to end');
  return `the sweep finds all well, and the alarm ${ALARMS[ALARM].name} has ended within an hour and a half`;
}

/** What `aws sqs add-permission`, as the runbook has it, makes of a queue without a policy. */
function permissionOfAmazon(queueArn: string): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SellingPartnerApiNotifications',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::437568002678:root' },
        Action: ['SQS:SendMessage', 'SQS:GetQueueAttributes'],
        Resource: queueArn,
      },
    ],
  };
}

async function passYears(world: World, progress: (line: string) => void): Promise<string> {
  const { hub, rotations, expect } = world;
  let sweeps = 0;
  const end = hub.clock.now() + YEARS * 365 * DAY;
  while (hub.clock.now() < end) {
    const before = hub.posts;
    await hub.pass(DAYS_BETWEEN_SWEEPS * DAY);
    await hub.drain();
    await hub.sweep(APPLICATION);
    sweeps += 1;
    if (hub.posts > before) {
      const rotation = await watchRotation(hub, rotations.length + 1);
      rotations.push(rotation);
      progress(rotationLine(rotation));
    }
    const { works, reason } = hub.amazon.model.callSellingPartnerApi(
      hub.clientId(APPLICATION),
      hub.clientSecret('AWSCURRENT', APPLICATION) ?? '',
    );
    expect(works, `the current client secret to work, received ${reason ?? ''}`);
  }
  expect(rotations.length >= YEARS * 4 - 1, `${YEARS * 4 - 1} rotations or more, received ${rotations.length}`);
  return `${rotations.length} rotations; a consumer's call worked after each of ${sweeps} sweeps`;
}

async function watchRotation(hub: LocalHub, number: number): Promise<PastRotation> {
  const requestedAt = hub.clock.now();
  await hub.deliver();
  const { worksUntil = '', previousWorksUntil = '' } = await hub.ask({ action: 'status' }, APPLICATION);
  return {
    number,
    requestedAt: new Date(requestedAt).toISOString(),
    currentAfterSeconds: Math.round((hub.clock.now() - requestedAt) / SECOND),
    expires: worksUntil,
    previousWorksUntil,
  };
}
