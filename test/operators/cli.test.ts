import type { RunningStack } from '../../local-cloud/services/running-stack';
import { EXIT } from '../../bin/command/exit-code';
import type { Answer } from '../../lambda/core/reconcile/answer';
import type { LocalHub } from '../fakes/local-hub';
import { DAY, HOUR, openScene } from '../rotation/scene';
import { ROTATE_FUNCTION_OUTPUT } from '../../lib/contract/operators';
import {
  answersIn,
  FINDING,
  LEAST,
  operator,
  OPERATOR_ARN,
  run,
  runCommand,
  runUnread,
  COMMAND,
  type Finished,
} from './command';

let hub: LocalHub;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  hub = await openScene({ applications: { Shop: {}, Empty: { text: null } } });
  environment = operator(hub, LEAST);
});
afterAll(() => hub.close());

test('status finds the only hub, prints a table, and says by its exit code that somebody must look', async () => {
  const { code, out } = await runCommand(environment, 'status');
  expect(out).toContain('healthy');
  expect(out).toContain('not-seeded');
  expect(out).toContain('runbook.md#not-seeded');
  expect(out).toContain('(estimate)');
  expect(out).toContain(`\n  ${hub.secretArn()}\n`);
  expect(code).toBe(1);
});

test('status reads only', async () => {
  const before = hub.services.secretsManager.inspect(hub.secretArn()).length;
  const calls = hub.amazon.calls.length;
  await runCommand(environment, 'status');
  expect(hub.services.secretsManager.inspect(hub.secretArn())).toHaveLength(before);
  expect(hub.amazon.calls).toHaveLength(calls);
});

test('status tells how full the queues are, and every id that the runbook needs', async () => {
  await hub.send('{"about":"something else"}');
  const look = (name: Parameters<LocalHub['queue']>[0], messages: number): object => ({
    url: hub.services.queues.urlOf(hub.queue(name)),
    arn: hub.queue(name),
    messages,
  });
  const arnOf = (name: string): string => hub.stack.function(name).arn;
  const { out } = await runCommand(environment, 'status', '--json', '--application', 'Shop');
  expect((JSON.parse(out) as Answer).hub).toEqual({
    queues: {
      notification: look('Notification', 1),
      deadLetter: look('DeadLetter', 0),
      unclaimed: look('Unclaimed', 0),
    },
    functions: { rotate: arnOf(hub.rotateFunction), store: arnOf(hub.storeFunction) },
  });
  await hub.drain();
  const table = await runCommand(environment, 'status');
  expect(table.out).toContain(`notification queue: messages 0\n  ${hub.queue('Notification')}\n`);
  expect(table.out).toContain(`store function:\n  ${arnOf(hub.storeFunction)}\n`);
});

test('what SQS does not tell of one queue is told as that, and the rest all the same', async () => {
  const { queues } = hub.services;
  const deadLetter = queues.urlOf(hub.queue('DeadLetter'));
  const attributes = queues.attributes.bind(queues);
  const deleted = jest
    .spyOn(queues, 'attributes')
    .mockImplementation((queue) => attributes(queue === deadLetter ? `${deadLetter}-deleted` : queue));
  const { out, code } = await runCommand(environment, 'status', '--application', 'Shop');
  deleted.mockRestore();
  expect(out).toMatch(/dead-letter queue: no answer of SQS \(\S*(NonExistentQueue|QueueDoesNotExist)\)\n/);
  expect(out).toContain(`\n  ${deadLetter}\n`);
  expect(out).toContain('unclaimed queue: messages 0\n');
  expect(code).toBe(0);
});

test.each(['status', 'check'])('%s of one application looks at that one, and nothing more', async (action) => {
  const { payload } = await hub.invoke({ action, application: 'Shop' });
  expect((payload as Answer).applications.map(({ application }) => application)).toEqual(['Shop']);
  const finished = await runCommand(environment, action, '--json', '--application', 'Shop');
  expect(answersIn(finished).map(({ application, outcome }) => [application, outcome])).toEqual([['Shop', 'healthy']]);
  expect(finished.code).toBe(0);
  const asked = hub.services.calls.filter(({ operation }) => operation === 'Invoke').map(({ request }) => request);
  expect(asked.at(-1)).toBe(JSON.stringify({ action, application: 'Shop' }));
});

test('a function that fails does not hide the ids of the hub, from whoever may read its configuration', async () => {
  const wholeAnswer = await runCommand(environment, 'status', '--json');
  const idsIn = ({ out }: Finished): unknown =>
    JSON.parse(out.replaceAll(/,\s*"(messages|arn)": [^\n,]+/g, '').replace(/^.*?"hub"/s, '{"hub"')) as unknown;
  for (const [actions, shown] of [
    [[...LEAST, 'lambda:GetFunctionConfiguration'], idsIn(wholeAnswer)],
    [LEAST, undefined],
  ] as const) {
    const person = operator(hub, actions);
    hub.services.faults.add({ service: 'ssm', effect: 'access-denied' });
    const failed = await runCommand(person, 'status', '--json');
    expect(failed.error).toContain('ssm:GetParametersByPath failed: AccessDenied');
    expect(failed.code).toBe(3);
    expect(failed.out.includes('"hub"') ? idsIn(failed) : undefined).toEqual(shown);
  }
  operator(hub, LEAST);
});

test('check goes as far as a token', async () => {
  const calls = hub.amazon.calls.length;
  const { code } = await runCommand(environment, 'check', '--application', 'Shop');
  expect(code).toBe(0);
  expect(hub.amazon.calls.slice(calls).map(({ endpoint }) => endpoint)).toEqual(['lwa']);
});

test('sweep does what the schedule does, and only a sweep over all says how many applications need attention', async () => {
  const gauges = (): number => hub.stack.metrics.filter(({ name }) => name === 'ApplicationsNeedingAttention').length;
  const before = gauges();
  const one = await runCommand(environment, 'sweep', '--json', '--application', 'Shop');
  expect(answersIn(one).map(({ application, outcome }) => [application, outcome])).toEqual([['Shop', 'healthy']]);
  expect([one.code, gauges()]).toEqual([0, before]);
  const all = await runCommand(environment, 'sweep');
  expect(all.error).toMatch(/^Sweeps all applications through arn:.*, account 123456789012, region us-east-1\n$/);
  expect(all.out).toContain('not-seeded');
  expect([all.code, gauges()]).toEqual([1, before + 1]);
  expect(hub.logLines).toContainEqual(
    expect.objectContaining({ message: 'application looked at', requestedBy: OPERATOR_ARN }),
  );
  expect(hub.posts).toBe(0);
});

test('rotates only when a person asks', async () => {
  const { code, error } = await runCommand(environment, 'rotate', '--application', 'Shop');
  expect(error).toContain('--yes');
  expect(code).toBe(5);
  expect(hub.posts).toBe(0);
});

test('whoever may not invoke the alias, but the function itself, sees the state too', async () => {
  const itself = {
    Effect: 'Allow',
    Action: 'lambda:InvokeFunction',
    Resource: hub.stack.function(hub.rotateFunction).arn,
  };
  const person = operator(hub, FINDING, [itself]);
  const { code, out, error } = await runCommand(person, 'status', '--application', 'Shop');
  operator(hub, LEAST);
  expect(error).toBe('');
  expect(out).toContain('healthy');
  expect(code).toBe(0);
});

test('whoever names a function by its ARN is told the account and the region of that function', async () => {
  const arn = 'arn:aws:lambda:eu-central-1:111122223333:function:rotate';
  const { code, error } = await runCommand(environment, 'rotate', '--application', 'Shop', '--function-name', arn);
  expect(error).toContain(`Rotates Shop through ${arn}, account 111122223333, region eu-central-1\n`);
  expect(code).toBe(5);
});

describe('a rotation that a person asked for', () => {
  // A hub of its own each time: the other tests are about one that never rotated.
  let shared: LocalHub;
  let finished: Finished;
  beforeEach(async () => {
    shared = hub;
    hub = await openScene();
    environment = operator(hub, LEAST);
    finished = await runCommand(environment, 'rotate', '--application', 'Shop', '--yes', '--json');
    await hub.deliver();
    hub.clock.advance(HOUR);
  });
  afterEach(async () => {
    await hub.close();
    hub = shared;
    environment = operator(hub, LEAST);
  });

  test('is in the log, in the events and in the journal, with who it was; a guard holds the next one back', async () => {
    const { arn } = hub.stack.function(hub.rotateFunction);
    expect(finished).toMatchObject({
      code: 0,
      error: `Rotates Shop through ${arn}, account 123456789012, region us-east-1\n`,
    });
    expect(answersIn(finished)[0]).toMatchObject({ application: 'Shop', outcome: 'requested' });

    const by = { requestedBy: OPERATOR_ARN };
    expect(hub.logLines).toContainEqual(
      expect.objectContaining({ message: 'rotation requested', application: 'Shop', ...by }),
    );
    expect(hub.logLines).toContainEqual(
      expect.objectContaining({ message: 'client secret rotated', reason: 'person', ...by }),
    );
    expect(hub.events('Client Secret Rotation Requested')[0]?.detail).toMatchObject({ reason: 'person', ...by });
    expect(hub.events('Client Secret Rotated')[0]?.detail).toMatchObject({ reason: 'person', ...by });
    const journals = hub.versions().flatMap(({ text = '' }) => (text.includes('"nonce"') ? [text] : []));
    expect(journals.some((text) => text.includes(OPERATOR_ARN))).toBe(true);

    const again = await runCommand(environment, 'rotate', '--application', 'Shop', '--yes', '--json');
    expect(answersIn(again)[0]).toMatchObject({ outcome: 'not-rotated', guard: 'overlap' });
    expect(again.code).toBe(4);
  });

  test("is what status shows as the last one: when, who, why, and Amazon's request id", async () => {
    const { out } = await runCommand(environment, 'status', '--application', 'Shop');
    expect(out).toMatch(
      /last rotation of Shop: delivered, \d{4}-\d\d-\d\d \d\d:\d\dZ, asked for by arn:aws:sts::.*anna\n/,
    );
    expect(out).toMatch(/Amazon's request id: \S+\n/);
  });

  test('passes over the overlap with force', async () => {
    hub.clock.advance(DAY);
    const { code } = await runCommand(environment, 'rotate', '--application', 'Shop', '--yes', '--force');
    expect(code).toBe(0);
    await hub.deliver();
    expect(hub.posts).toBe(2);
  });
});

test('a rotation that cannot be made is a failure', async () => {
  const { code, out } = await runCommand(environment, 'rotate', '--application', 'Empty', '--yes');
  expect(out).toContain('not-seeded');
  expect(code).toBe(1);
});

test('whoever may only observe sees the state and cannot rotate, whatever function they name', async () => {
  const { arn, name } = hub.stack.function(hub.rotateFunction);
  const observe = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `${arn}:observe` };
  const observer = operator(hub, FINDING, [observe]);
  const posts = hub.posts;
  for (const action of ['status', 'check']) {
    const { out } = await runCommand(observer, action, '--json', '--application', 'Shop');
    expect(out).toContain('"outcome"');
  }
  const rotate = ['rotate', '--application', 'Shop', '--yes', '--force'];
  const itself = await runCommand(observer, ...rotate);
  expect(itself.error).toContain('not authorized to perform: lambda:InvokeFunction');
  const through = await runCommand(observer, ...rotate, '--function-name', `${arn}:observe`);
  expect(through.error).toContain(
    'only answers {"action":"status"}, {"action":"check"} and {"action":"history"}; nothing was done',
  );
  expect([itself.code, through.code]).toEqual([3, 3]);
  const inRegion = await runCommand(observer, ...rotate, '--function-name', name);
  expect(inRegion.error).toContain(`Rotates Shop through ${name}, account 123456789012, region us-east-1`);
  operator(hub, LEAST);
  hub.clock.advance(HOUR);
  await hub.deliver();
  expect(hub.posts).toBe(posts);
});

interface Resource {
  readonly logicalId: string;
  readonly ref: string;
  readonly type: string;
}

/** A stack beside the one of the hub. */
function stackOf(stackName: string, stackId: string, ...resources: Resource[]): RunningStack {
  return {
    identity: { stackName, stackId },
    outputs: {},
    outputDescriptions: {},
    resources: new Map(resources.map((resource) => [resource.logicalId, resource])),
    functions: new Map(),
    aliases: new Map(),
    mappings: new Map(),
    schedules: new Map(),
    invoke: () => Promise.reject(new Error(`the stack ${stackName} was asked`)),
    delete: () => Promise.reject(new Error(`the stack ${stackName} was to be deleted`)),
  };
}

test.each([
  ['a function elsewhere', 'arn:aws:lambda:us-east-1:999999999999:function:theirs'],
  ['the function of another stack', undefined],
])('a stack whose output names %s is not asked', async (_what, elsewhere) => {
  const { stacks } = hub.services;
  const functionName = elsewhere ?? hub.stack.function(hub.rotateFunction).name;
  const forged = {
    ...stackOf('Forged', 'arn:aws:cloudformation:us-east-1:123456789012:stack/Forged/1'),
    outputs: { Name: functionName },
    outputDescriptions: { Name: ROTATE_FUNCTION_OUTPUT },
  };
  stacks.add(forged);
  try {
    expect((await runCommand(environment, 'status', '--application', 'Shop')).code).toBe(0);
    const named = await runCommand(environment, 'status', '--stack', 'Forged');
    expect(named.error).toContain('the stack Forged has no output with the name of a rotate function of its own');
    expect(named.code).toBe(3);
  } finally {
    stacks.delete(forged);
  }
});

test('who may not list all stacks is told to name theirs', async () => {
  const { stackName, stackId: Resource } = hub.stack.identity;
  const someone = operator(hub, ['lambda:InvokeFunction'], [{ Effect: 'Allow', Action: FINDING, Resource }]);
  const unnamed = await runCommand(someone, 'status');
  const named = await runCommand(someone, 'status', '--stack', stackName, '--application', 'Shop');
  operator(hub, LEAST);
  expect(unnamed.error).toContain('you may not list the stacks of this region: name the stack with --stack');
  expect([unnamed.code, named.code]).toEqual([3, 0]);
});

test('a hub in a nested stack is found by the name of the stack above it', async () => {
  const nested = { logicalId: 'Nested', ref: hub.stack.identity.stackId, type: 'AWS::CloudFormation::Stack' };
  const inBetween = { ...nested, ref: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Above-Middle-1/2' };
  const above = [
    stackOf('Above', 'arn:aws:cloudformation:us-east-1:123456789012:stack/Above/1', inBetween),
    stackOf('Above-Middle-1', inBetween.ref, nested),
  ];
  above.forEach((stack) => hub.services.stacks.add(stack));
  try {
    const { code, out } = await runCommand(environment, 'status', '--stack', 'Above', '--application', 'Shop');
    expect(out).toContain('Shop');
    expect(code).toBe(0);
  } finally {
    above.forEach((stack) => hub.services.stacks.delete(stack));
  }
});

test('a function can be named, without a look at CloudFormation', async () => {
  const { name } = hub.stack.function(hub.rotateFunction);
  const least = operator(hub, ['lambda:InvokeFunction']);
  const finished = await runCommand(least, 'status', '--function-name', name, '--application', 'Shop');
  operator(hub, LEAST);
  expect(finished.code).toBe(0);
});

test.each([
  ['an unknown stack', ['status', '--stack', 'Nowhere'], 3, 'Nowhere does not exist'],
  ['an unknown application', ['rotate', '--application', 'Nobody', '--yes'], 2, 'no application of that name'],
  ['an unknown application to show', ['status', '--application', 'Nobody'], 2, 'It has: Empty, Shop'],
  ['something that is no id', ['rotate', '--application', 'a b', '--yes'], 2, 'letters, digits'],
  ['a missing option', ['rotate'], 2, '--application'],
  ['an unknown command', ['renew'], 2, 'renew'],
  ['an unknown function', ['status', '--function-name', 'nothing'], 3, 'Function not found'],
])('%s is explained, without a stack trace', async (_what, args, code, words) => {
  const finished = await runCommand(environment, ...args);
  expect(finished.error).toContain(words);
  expect(finished.error).not.toContain('    at ');
  expect(finished.code).toBe(code);
});

test.each([
  ['credentials', /^AWS_(ACCESS|SECRET)/, '--profile, or AWS_PROFILE\n'],
  ['a region', /REGION$/, 'Region is missing. Name the region of the stack: --region, or AWS_REGION\n'],
])('without %s it says how to name them', async (_what, unset, words) => {
  const rest = Object.fromEntries(Object.entries(environment).filter(([name]) => !unset.test(name)));
  const { code, error } = await runCommand(rest, 'status');
  expect(error).toContain(words);
  expect(code).toBe(3);
});

test("a caller without permission gets AWS's own error", async () => {
  const nobody = operator(hub, FINDING);
  const { code, error } = await runCommand(nobody, 'status');
  operator(hub, LEAST);
  expect(error).toContain('lambda:InvokeFunction');
  expect(code).toBe(3);
});

test('the help tells the exit codes, and the file runs by itself', async () => {
  const { code, out } = await run(COMMAND, ['rotate', '--help'], environment);
  expect(code).toBe(0);
  for (const exitCode of Object.values(EXIT)) {
    expect(out).toMatch(new RegExp(`^ *${exitCode}  `, 'm'));
  }
});

test.each([
  ['help', 'stdout', 0, ['--help']],
  ['a table', 'stdout', 1, ['status']],
  ['JSON', 'stdout', 0, ['check', '--json', '--application', 'Shop']],
  ['a wrong command line', 'stderr', 2, ['renew']],
  ['an error', 'stderr', 3, ['status', '--stack', 'Nowhere']],
] as const)('when nobody reads %s, the command ends quietly', async (_what, unread, code, args) => {
  expect(await runUnread(environment, unread, ...args)).toEqual({ code, other: '' });
});

test('no output of the command holds a secret', async () => {
  const { out } = await runCommand(environment, 'status', '--json');
  for (const secret of hub.issued()) {
    expect(out).not.toContain(secret);
  }
});
