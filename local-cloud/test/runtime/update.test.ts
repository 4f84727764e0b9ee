import { bringUp } from '../..';
import { CfnResource } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { runFixture, type RunningFixture } from './fixture/cloud';
import { removeAssemblies, synthesize, type FixtureStack } from './fixture/stack';

let fixture: RunningFixture;

beforeEach(async () => {
  fixture = await runFixture();
  await fixture.services.queues.send(fixture.queueArn('Queue'), 'not delivered yet');
  fixture.services.secretsManager.putSecretValue({ SecretId: secret().ref, SecretString: 'by hand' });
});

afterEach(async () => {
  await fixture.stop();
});

afterAll(removeAssemblies);

const secret = () => fixture.stack.one('AWS::SecretsManager::Secret');
const theFunction = () => fixture.stack.function(fixture.stack.one('AWS::Lambda::Function').ref);
const messages = () => fixture.services.queues.inspect(fixture.queueArn('Queue')).visible.map(({ body }) => body);
const update = (change?: (stack: FixtureStack) => void) => fixture.stack.update(synthesize(change));

test('an update that changes nothing changes nothing', async () => {
  const before = fixture.stack.resources;
  const { environment } = await fixture.stack.invoke(theFunction().name, {});
  await update();
  expect(fixture.stack.resources).toStrictEqual(before);
  expect((await fixture.stack.invoke(theFunction().name, {})).environment).toBe(environment);
});

test('what is updated in place keeps its contents', async () => {
  const [queue, theSecret] = [fixture.queueArn('Queue'), secret().ref];
  await update((stack) => {
    stack.secret.description = 'another';
    (stack.queue.node.defaultChild as CfnQueue).visibilityTimeout = 120;
  });
  expect([fixture.queueArn('Queue'), secret().ref]).toStrictEqual([queue, theSecret]);
  expect(messages()).toStrictEqual(['not delivered yet']);
  expect(fixture.services.queues.attributes(queue).VisibilityTimeout).toBe('120');
  expect(fixture.services.secretsManager.describeSecret({ SecretId: theSecret }).Description).toBe('another');
  expect(fixture.services.secretsManager.getSecretValue({ SecretId: theSecret }).SecretString).toBe('by hand');
});

test('a value in the template overwrites the stored one, which a deployment must never do', async () => {
  await update((stack) => {
    stack.secret.secretString = 'from the template';
  });
  expect(fixture.services.secretsManager.getSecretValue({ SecretId: secret().ref }).SecretString).toBe(
    'from the template',
  );
});

test('after an update a function has other settings, and running invocations finish with the old ones', async () => {
  // One environment is busy, another idle.
  const sleep = (milliseconds: number) => fixture.stack.invoke(theFunction().name, { action: 'sleep', milliseconds });
  const running = sleep(1000);
  await sleep(0);
  await update((stack) => {
    stack.target.addEnvironment('COLOUR', 'blue');
  });
  const look = () => fixture.stack.invoke(theFunction().name, { action: 'environment', names: ['COLOUR'] });
  expect(await look()).toMatchObject({ payload: { COLOUR: 'blue' }, coldStart: true });
  expect((await running).payload).toBe('slept');
  const both = await Promise.all([look(), look()]);
  expect(both.map(({ payload }) => payload)).toStrictEqual([{ COLOUR: 'blue' }, { COLOUR: 'blue' }]);
});

test('policies take effect with the update', async () => {
  const read = async () => {
    const { payload } = await fixture.stack.invoke(theFunction().name, { action: 'readSecret', secret: secret().ref });
    return (payload as { status: number }).status;
  };
  expect(await read()).toBe(200);
  await update((stack) => {
    stack.node.tryRemoveChild('ReadSecret');
  });
  expect(await read()).toBe(400);
});

test('a resource that the template no longer has is deleted, or kept if its policy says so', async () => {
  const [deadLetters, theSecret] = [fixture.queueArn('DeadLetters'), secret().ref];
  const parameter = fixture.stack.one('AWS::SSM::Parameter');
  await update((stack) => {
    stack.node.tryRemoveChild('Secret');
    stack.node.tryRemoveChild('ReadSecret');
    stack.node.tryRemoveChild('Parameter');
  });
  expect(fixture.stack.find('AWS::SecretsManager::Secret')).toStrictEqual([]);
  expect(fixture.services.secretsManager.getSecretValue({ SecretId: theSecret }).SecretString).toBe('by hand');
  expect(() => fixture.services.parameters.getParameter({ Name: parameter.ref })).toThrow();
  expect(fixture.services.queues.list()).toContain(deadLetters);
});

test('a changed property that requires replacement makes another resource, and the old one follows its own policy', async () => {
  const before = fixture.queueArn('Queue');
  await update((stack) => {
    (stack.queue.node.defaultChild as CfnQueue).queueName = 'renamed';
  });
  expect(fixture.queueArn('Queue')).toBe('arn:aws:sqs:us-east-1:123456789012:renamed');
  expect(messages()).toStrictEqual([]);
  expect(fixture.services.queues.list()).not.toContain(before);
  await fixture.services.queues.send('arn:aws:sqs:us-east-1:123456789012:renamed', 'new');
  expect(await fixture.stack.drainQueue()).toHaveLength(1);
});

test('rules that are gone deliver nothing any more', async () => {
  const { ref: bus } = fixture.stack.one('AWS::Events::EventBus');
  await update((stack) => {
    stack.node.tryRemoveChild('Rule');
    stack.deadLetterQueue.node.tryRemoveChild('Policy');
  });
  const delivered: string[] = [];
  fixture.services.events.onTarget((targetArn) => delivered.push(targetArn));
  const detail = JSON.stringify({ queue: fixture.queueArn('Queue'), name: 'A', action: 'none' });
  fixture.services.events.putEvents({
    Entries: [{ Source: 'fixture', DetailType: 'Something', Detail: detail, EventBusName: bus }],
  });
  await fixture.stack.settle();
  expect([delivered, fixture.stack.asynchronousInvocations]).toStrictEqual([[], []]);
});

test('an update that fails midway is taken back', async () => {
  const before = [...fixture.stack.resources.keys()];
  const queues = fixture.services.queues.list();
  await expect(
    update((stack) => {
      const added = new Queue(stack, 'Added');
      const broken = new CfnSecret(stack, 'Broken', { generateSecretString: {} });
      broken.node.addDependency(added);
      (stack.queue.node.defaultChild as CfnQueue).visibilityTimeout = 120;
    }),
  ).rejects.toThrow(
    'the local cloud does not know these properties of AWS::SecretsManager::Secret: Broken.GenerateSecretString',
  );
  expect([...fixture.stack.resources.keys()]).toStrictEqual(before);
  expect(fixture.services.queues.list()).toStrictEqual(queues);
  expect(fixture.services.queues.attributes(fixture.queueArn('Queue')).VisibilityTimeout).toBe('60');
  expect(messages()).toStrictEqual(['not delivered yet']);
});

test('deleting the stack leaves what it retains', async () => {
  const theSecret = secret().ref;
  await fixture.stack.delete();
  expect(fixture.services.queues.list()).toStrictEqual([]);
  expect(fixture.services.secretsManager.getSecretValue({ SecretId: theSecret }).SecretString).toBe('by hand');
});

test('a second stack beside it gets its own resources, and only its own events', async () => {
  const { services, clock } = fixture;
  const assembly = synthesize((stack) => {
    stack.node.tryRemoveChild('Parameter');
  });
  const second = await bringUp({ assemblyDirectory: assembly, services, clock });
  try {
    const bus = second.one('AWS::Events::EventBus');
    const [queue] = second.find('AWS::SQS::Queue', ({ logicalId }) => logicalId.startsWith('Queue'));
    const detail = JSON.stringify({ queue: queue?.attributes.Arn, name: 'B', action: 'none' });
    services.events.putEvents({
      Entries: [{ Source: 'fixture', DetailType: 'Something', Detail: detail, EventBusName: bus.ref }],
    });
    await Promise.all([second.settle(), fixture.stack.settle()]);
    expect(second.asynchronousInvocations).toHaveLength(1);
    expect(fixture.stack.asynchronousInvocations).toHaveLength(0);
  } finally {
    await second.stop();
  }
});

test.each<[string, (stack: FixtureStack) => void, string]>([
  ['a resource type', (stack) => new CfnResource(stack, 'Table', { type: 'AWS::DynamoDB::Table' }), 'does not know the resource types AWS::DynamoDB::Table'],
  ['a property', (stack) => { stack.cfnFunction.addPropertyOverride('ReservedConcurrentExecutions', 1); }, '.ReservedConcurrentExecutions'],
  ['a nested property', (stack) => { stack.cfnSchedule.addPropertyOverride('Target.EcsParameters', { TaskCount: 1 }); }, 'Target.EcsParameters'],
  ['a function', (stack) => { stack.cfnFunction.addPropertyOverride('Description', { 'Fn::ImportValue': 'x' }); stack.cfnFunction.addPropertyOverride('Environment.Variables.X', { 'Fn::ImportValue': 'x' }); }, 'does not know the function Fn::ImportValue'],
  ['an attribute', (stack) => { stack.cfnFunction.addPropertyOverride('Environment.Variables.X', { 'Fn::GetAtt': ['Secret', 'Colour'] }); }, 'does not know the attribute Colour of Secret'],
  ['a dynamic reference', (stack) => { stack.target.addEnvironment('X', '{{resolve:secretsmanager:x}}'); }, 'dynamic references'],
  ['a reserved variable', (stack) => { stack.cfnFunction.addPropertyOverride('Environment.Variables.AWS_REGION', 'x'); }, 'Lambda reserves these environment variables: AWS_REGION'],
  ['an environment that is too big', (stack) => { stack.target.addEnvironment('X', 'x'.repeat(4100)); }, 'environment variables of'],
  ['a visibility time-out below the time-out', (stack) => { stack.cfnFunction.timeout = 61; }, 'visibility time-out of 60 seconds is less than'],
  ['a poller without permission', (stack) => { stack.role.node.tryRemoveChild('DefaultPolicy'); }, 'is not authorized to perform sqs:ReceiveMessage'],
  ['a role that Lambda cannot assume', (stack) => { (stack.role.node.defaultChild as CfnResource).addPropertyOverride('AssumeRolePolicyDocument.Statement.0.Principal.Service', 'ec2.amazonaws.com'); }, 'does not let lambda.amazonaws.com assume it'],
])('refused: %s', async (_what, change, message) => {
  await expect(runFixture(change)).rejects.toThrow(message);
}); // prettier-ignore
