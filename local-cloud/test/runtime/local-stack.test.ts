import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { runFixture, START, type RunningFixture } from './fixture/cloud';
import { removeAssemblies } from './fixture/stack';

let fixture: RunningFixture;

beforeEach(async () => {
  fixture = await runFixture();
});

afterEach(async () => {
  await fixture.stop();
  expect(fixture.services.refused).toStrictEqual([]);
});

afterAll(removeAssemblies);

const theFunction = () => fixture.stack.function(fixture.stack.one('AWS::Lambda::Function').ref);

const put = (detail: object, source = 'fixture') => {
  const bus = fixture.stack.one('AWS::Events::EventBus');
  fixture.services.events.putEvents({
    Entries: [{ Source: source, DetailType: 'Something', Detail: JSON.stringify(detail), EventBusName: bus.ref }],
  });
};

describe('a queue', () => {
  const bodies = (state: 'visible' | 'inFlight', queue = 'Queue') =>
    fixture.services.queues.inspect(fixture.queueArn(queue))[state].map(({ body }) => body);

  test('a processed message is deleted, and a reported one stays hidden for its visibility time-out', async () => {
    const arn = fixture.queueArn('Queue');
    for (const body of ['one', 'poison', 'two']) {
      await fixture.services.queues.send(arn, body);
    }
    const [batch, ...others] = await fixture.stack.drainQueue(arn);
    expect(others).toStrictEqual([]);
    expect([batch?.deleted.length, batch?.kept.length]).toStrictEqual([2, 1]);
    expect([bodies('visible'), bodies('inFlight')]).toStrictEqual([[], ['poison']]);
    expect(await fixture.stack.drainQueue(arn)).toStrictEqual([]);
  });

  test('a message that fails too often is moved to the dead-letter queue', async () => {
    await fixture.services.queues.send(fixture.queueArn('Queue'), 'poison');
    for (let round = 0; round < 2; round += 1) {
      expect(await fixture.stack.drainQueue()).toHaveLength(1);
      fixture.clock.advance(60_000);
    }
    expect(await fixture.stack.drainQueue()).toHaveLength(0);
    expect([bodies('visible'), bodies('visible', 'DeadLetters')]).toStrictEqual([[], ['poison']]);
    expect(theFunction().logs.map(({ text }) => text.split('\t').at(-1))).toStrictEqual([
      'batch of poison/1',
      'batch of poison/2',
    ]);
  });

  test('the function receives records in the form of Lambda', async () => {
    const arn = fixture.queueArn('Queue');
    await fixture.services.queues.send(arn, 'body', {
      attributes: {
        Text: { DataType: 'String', StringValue: 'value' },
        Bytes: { DataType: 'Binary', BinaryValue: Buffer.from('bytes') },
      },
    });
    await fixture.stack.drainQueue();
    const [invocation] = theFunction().invocations;
    const { Records: records } = JSON.parse(invocation?.event ?? '') as { Records: unknown[] };
    expect(records).toStrictEqual([
      {
        messageId: expect.any(String) as string,
        receiptHandle: expect.any(String) as string,
        body: 'body',
        md5OfBody: '841a2d689ad86bd1611447453c22c6fc',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/) as string,
          SenderId: expect.any(String) as string,
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/) as string,
        },
        messageAttributes: {
          Text: { stringValue: 'value', stringListValues: [], binaryListValues: [], dataType: 'String' },
          Bytes: { binaryValue: 'Ynl0ZXM=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
        },
        eventSource: 'aws:sqs',
        eventSourceARN: arn,
        awsRegion: 'us-east-1',
      },
    ]);
  });

  test('is polled until it is told to stop', async () => {
    fixture.stack.startPolling();
    await fixture.services.queues.send(fixture.queueArn('Queue'), 'one');
    for (let round = 0; round < 250 && theFunction().invocations.length === 0; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await fixture.stack.stopPolling();
    await fixture.services.queues.send(fixture.queueArn('Queue'), 'two');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([bodies('visible'), bodies('inFlight')]).toStrictEqual([['two'], []]);
  });
});

describe('a rule', () => {
  test('invokes the function with its input and sends to the queue', async () => {
    const detail = { queue: fixture.queueArn('Queue'), name: 'A', action: 'none', secret: 'not for the function' };
    put(detail);
    put(detail, 'somebody-else');
    put({ ...detail, queue: 'another' });
    await fixture.stack.settle();
    expect(fixture.stack.asynchronousInvocations.map(({ event }) => event)).toStrictEqual([
      { name: 'A', action: 'none' },
    ]);
    const [letter, ...others] = fixture.services.queues.inspect(fixture.queueArn('DeadLetters')).visible;
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({ source: 'fixture', detail });
    expect(others).toStrictEqual([]);
  });

  test('a failing invocation is tried as often as the function says', async () => {
    put({ queue: fixture.queueArn('Queue'), name: 'A', action: 'fail' });
    await fixture.stack.settle();
    const [invocation] = fixture.stack.asynchronousInvocations;
    expect(invocation?.attempts.map(({ functionError }) => functionError)).toStrictEqual(['Unhandled', 'Unhandled']);
  });

  test.each<[string, (permission: CfnPermission) => void]>([
    ['nobody', (permission) => permission.node.scope?.node.tryRemoveChild(permission.node.id)],
    ['another rule', (permission) => (permission.sourceArn = 'arn:aws:events:us-east-1:123456789012:rule/other')],
    ['another service', (permission) => (permission.principal = 'sns.amazonaws.com')],
  ])('invokes nothing that permits it to %s', async (_whom, change) => {
    await fixture.stop();
    fixture = await runFixture((stack) => {
      const permissions = stack.rule.node.findAll().filter((child) => child instanceof CfnPermission);
      expect(permissions).toHaveLength(1);
      permissions.forEach(change);
    });
    const rule = fixture.stack.one('AWS::Events::Rule');
    expect(fixture.stack.forbiddenTargets).toStrictEqual([
      { ruleArn: rule.attributes.Arn, targetArn: theFunction().arn },
    ]);
    put({ queue: fixture.queueArn('Queue'), name: 'A', action: 'none' });
    await fixture.stack.settle();
    expect(fixture.stack.asynchronousInvocations).toStrictEqual([]);
  });
});

describe('a schedule', () => {
  test('invokes its target with its input', async () => {
    const { payload, functionError } = await fixture.stack.fireSchedule();
    expect(functionError).toBeUndefined();
    expect(payload).toMatchObject({ echo: { from: 'schedule' } });
  });

  test('an event that fails is tried again', async () => {
    await fixture.stop();
    fixture = await runFixture((stack) => {
      stack.cfnSchedule.addPropertyOverride('Target.Input', '{"action":"fail","at":"<aws.scheduler.scheduled-time>"}');
    });
    expect((await fixture.stack.fireSchedule()).functionError).toBe('Unhandled');
    const [first, second] = theFunction().invocations;
    const { action, at } = JSON.parse(first?.event ?? '') as Record<string, string>;
    expect(action).toBe('fail');
    // To the second, by a clock that goes on.
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(at ?? '')).toBeGreaterThanOrEqual(START);
    expect(second?.event).toBe(first?.event);
  });

  test('needs a role that may invoke the function', async () => {
    await fixture.stop();
    fixture = await runFixture((stack) => {
      const [role] = stack.node.findAll().filter(({ node }) => node.id.startsWith('SchedulerRoleForTarget'));
      role?.node.tryRemoveChild('DefaultPolicy');
    });
    await expect(fixture.stack.fireSchedule()).rejects.toThrow('is not authorized to perform lambda:InvokeFunction');
  });

  test('does not fire while it is disabled', async () => {
    await fixture.stop();
    fixture = await runFixture((stack) => {
      stack.cfnSchedule.state = 'DISABLED';
    });
    await expect(fixture.stack.fireSchedule()).rejects.toThrow('is disabled');
  });
});

test('what is created can be looked at', () => {
  const { stack, services } = fixture;
  const secret = stack.one('AWS::SecretsManager::Secret');
  const parameter = stack.one('AWS::SSM::Parameter');
  expect(services.secretsManager.describeSecret({ SecretId: secret.ref })).toMatchObject({
    Description: 'nothing in it yet',
  });
  expect(services.secretsManager.inspect(secret.ref)).toStrictEqual([]);
  expect(parameter.properties.Value).toBe(`{"secret":"${secret.ref}"}`);
  expect(services.parameters.getParameter({ Name: '/fixture/one' }).Parameter?.Value).toBe(parameter.properties.Value);
  expect(services.queues.attributes(fixture.queueArn('Queue'))).toMatchObject({
    VisibilityTimeout: '60',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: fixture.queueArn('DeadLetters'), maxReceiveCount: 2 }),
  });
  expect(stack.physicalId(secret.logicalId)).toBe(secret.ref);
  expect(() => stack.physicalId('Nothing')).toThrow('the stack has no resource Nothing');
});
