import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { runFixture, START, type RunningFixture } from './fixture/cloud';
import { removeAssemblies, synthesize } from './fixture/stack';

const DAY = 86_400_000;

let fixture: RunningFixture;

function invoke(event: object, options: { cold?: boolean } = {}) {
  return fixture.stack.invoke(theFunction().name, event, options);
}

const theFunction = () => fixture.stack.function(fixture.stack.one('AWS::Lambda::Function').ref);

beforeAll(async () => {
  fixture = await runFixture();
});

afterAll(async () => {
  await fixture.stop();
  removeAssemblies();
});

test('answers under its logical id, its name and its ARN', async () => {
  const { logicalId, ref, attributes } = fixture.stack.one('AWS::Lambda::Function');
  for (const reference of [logicalId, ref, attributes.Arn ?? '']) {
    const { payload, functionError } = await fixture.stack.invoke(reference, { hello: 'there' });
    expect(payload).toMatchObject({ echo: { hello: 'there' } });
    expect(functionError).toBeUndefined();
  }
  await expect(async () => fixture.stack.invoke('Nobody')).rejects.toThrow('the stack has no function Nobody');
});

test('an idle environment is used again, another one is started where none is idle or it is asked for', async () => {
  const first = await invoke({});
  const second = await invoke({});
  const cold = await invoke({}, { cold: true });
  expect(second.coldStart).toBe(false);
  expect((second.payload as { invocations: number }).invocations).toBeGreaterThan(1);
  expect(cold).toMatchObject({ coldStart: true, payload: { invocations: 1 } });
  expect(cold.environment).not.toBe(first.environment);
  const together = await Promise.all([1, 2, 3].map(() => invoke({ action: 'sleep', milliseconds: 100 })));
  expect(new Set(together.map(({ environment }) => environment)).size).toBe(3);
});

test("has the environment that Lambda sets, its own, and nothing of this process's", async () => {
  process.env.OF_THE_TEST = 'must not be seen';
  const names = [
    'COLOUR', '_HANDLER', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_EXECUTION_ENV', 'AWS_REGION',
    'AWS_ENDPOINT_URL', 'AWS_EC2_METADATA_DISABLED', 'OF_THE_TEST', 'HTTPS_PROXY', 'LOCAL_CLOUD_MARKER', 'LOCAL_CLOUD_CLOCK_OFFSET',
  ]; // prettier-ignore
  const { payload } = await invoke({ action: 'environment', names }, { cold: true });
  delete process.env.OF_THE_TEST;
  expect(payload).toStrictEqual({
    COLOUR: 'red',
    _HANDLER: 'index.handler',
    AWS_LAMBDA_FUNCTION_NAME: theFunction().name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: fixture.services.url,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});

test('what is thrown comes back as Lambda describes it, and is logged as Lambda logs it', async () => {
  const { payload, functionError, logs } = await invoke({ action: 'fail', message: 'boom' });
  expect(functionError).toBe('Unhandled');
  expect(payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'boom' });
  expect((payload as { trace: string[] }).trace[0]).toBe('TypeError: boom');
  const line = logs.find(({ text }) => text.includes('Invoke Error'))?.text;
  expect(line).toContain('"detail":"enumerable"');
});

test('a process that ends is replaced', async () => {
  const { payload, functionError } = await invoke({ action: 'exit' });
  expect(functionError).toBe('Unhandled');
  expect(payload).toMatchObject({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 7$/) as string,
  });
  expect((await invoke({})).functionError).toBeUndefined();
});

test('an answer of more than 6 MB is an error, and the process goes on', async () => {
  const limit = 6 * 1024 * 1024 + 100;
  const quotes = 2;
  const [fits, not, next] = [
    await invoke({ action: 'answer', length: limit - quotes }),
    await invoke({ action: 'answer', length: limit - quotes + 1 }),
    await invoke({}),
  ];
  expect([fits.functionError, String(fits.payload).length]).toStrictEqual([undefined, limit - quotes]);
  expect(not.functionError).toBe('Unhandled');
  expect(not.payload).toStrictEqual({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  });
  expect(next).toMatchObject({ coldStart: false, environment: fits.environment });
});

test('a running invocation can be killed from outside', async () => {
  const running = invoke({ action: 'sleep', milliseconds: 60_000 });
  for (let round = 0; round < 500 && theFunction().running === 0; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await theFunction().killRunning()).toBe(1);
  const { payload, functionError } = await running;
  expect(functionError).toBe('Unhandled');
  expect(payload).toMatchObject({ errorMessage: expect.stringContaining('signal: killed') as string });
});

test('sees the clock of the test, also when it jumps', async () => {
  const time = async () =>
    (await invoke({ action: 'time' })).payload as { now: number; text: string; remaining: number };
  const first = await time();
  expect(first.now).toBeGreaterThanOrEqual(START);
  expect(first.now).toBeLessThan(START + 60_000);
  // Read after the other, so perhaps a millisecond later.
  expect(Date.parse(first.text)).toBeGreaterThanOrEqual(first.now);
  expect(Date.parse(first.text)).toBeLessThan(START + 60_000);
  fixture.clock.advance(100 * DAY);
  const later = await time();
  expect(later.now - first.now).toBeGreaterThanOrEqual(100 * DAY);
  expect(later.now - first.now).toBeLessThan(100 * DAY + 60_000);
  for (const { remaining } of [first, later]) {
    expect(remaining).toBeGreaterThan(5_000);
    expect(remaining).toBeLessThanOrEqual(10_000);
  }
});

test('stands still between invocations', async () => {
  const { environment, logs } = await invoke({ action: 'leaveWorkBehind' }, { cold: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const printed = () => theFunction().logs.filter(({ text }) => text.includes('done afterwards'));
  expect([logs.some(({ text }) => text.includes('done afterwards')), printed().length]).toStrictEqual([false, 0]);
  // It goes on as soon as that environment has something to do.
  const all = await Promise.all([1, 2, 3, 4, 5].map(() => invoke({ action: 'sleep', milliseconds: 100 })));
  expect(all.map((result) => result.environment)).toContain(environment);
  expect(printed()).toHaveLength(1);
});

test('everything it prints is kept, and metrics are found in it', async () => {
  const metric = {
    _aws: {
      Timestamp: START,
      CloudWatchMetrics: [{ Namespace: 'Space', Dimensions: [['Hub']], Metrics: [{ Name: 'Count', Unit: 'Count' }] }],
    },
    Hub: 'one',
    Count: [1, 2],
  };
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index} ${'x'.repeat(500)}`);
  const { logs } = await invoke({ action: 'print', lines, metric });
  expect(logs.filter(({ stream }) => stream === 'stdout')).toHaveLength(501);
  expect(logs.find(({ stream }) => stream === 'stderr')?.text).toBe('no line feed at the end');
  expect(fixture.stack.metrics.filter(({ namespace }) => namespace === 'Space')).toStrictEqual(
    [1, 2].map((value) => ({
      namespace: 'Space', name: 'Count', dimensions: { Hub: 'one' }, unit: 'Count', value, timestamp: START,
    })), // prettier-ignore
  );
});

test('nothing reaches beyond this machine', async () => {
  expect((await invoke({ action: 'fetch', url: 'https://example.com/' })).payload).toBe('ERR_NOT_LOOPBACK');
  expect((await invoke({ action: 'fetch', url: 'http://192.0.2.1/' })).payload).toBe('ERR_NOT_LOOPBACK');
  expect((await invoke({ action: 'https', url: 'https://192.0.2.1/' })).payload).toBe('ERR_NOT_LOOPBACK');
  expect(fixture.stack.refusedConnections).toStrictEqual(['example.com:443', '192.0.2.1:80', '192.0.2.1:443']);
});

test('acts as its own role', async () => {
  const secret = fixture.stack.one('AWS::SecretsManager::Secret');
  fixture.services.secretsManager.putSecretValue({ SecretId: secret.ref, SecretString: 'text' });
  const { payload } = await invoke({ action: 'readSecret', secret: secret.ref });
  expect(payload).toMatchObject({ status: 200, body: { SecretString: 'text' } });
});

describe('of another configuration', () => {
  let other: RunningFixture | undefined;

  afterEach(async () => {
    await other?.stop();
  });

  test('without the permission it is denied', async () => {
    other = await runFixture((stack) => {
      stack.node.tryRemoveChild('ReadSecret');
      new ManagedPolicy(stack, 'SomebodyElseMay', {
        roles: [new Role(stack, 'SomebodyElse', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })],
        statements: [
          new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [stack.secret.attrId] }),
        ],
      });
    });
    const secret = other.stack.one('AWS::SecretsManager::Secret');
    const { ref: name } = other.stack.one('AWS::Lambda::Function');
    const { payload } = await other.stack.invoke(name, { action: 'readSecret', secret: secret.ref });
    expect(payload).toMatchObject({ status: 400, body: { __type: expect.stringContaining('AccessDenied') as string } });
  });

  test('an invocation ends with its time', async () => {
    other = await runFixture((stack) => {
      stack.cfnFunction.timeout = 1;
    });
    const { ref: name } = other.stack.one('AWS::Lambda::Function');
    const { payload, functionError, logs } = await other.stack.invoke(name, { action: 'sleep', milliseconds: 30_000 });
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/) as string,
    });
    expect(logs.at(-1)?.text).toMatch(/Task timed out after 1\.00 seconds$/);
  });

  test('the answer of a failed initialization is an error', async () => {
    other = await runFixture((stack) => {
      stack.target.addEnvironment('FAIL_INITIALIZATION', 'true');
    });
    const { ref: name } = other.stack.one('AWS::Lambda::Function');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { payload, functionError, logs } = await other.stack.invoke(name, {});
      expect(functionError).toBe('Unhandled');
      expect(payload).toMatchObject({ errorType: 'Error', errorMessage: 'no start today' });
      expect(logs.some(({ text }) => text.includes('Init Error'))).toBe(true);
    }
  });

  test('a process that ends during the initialization is an error', async () => {
    other = await runFixture((stack) => {
      stack.target.addEnvironment('EXIT_INITIALIZATION', 'true');
    });
    const { ref: name } = other.stack.one('AWS::Lambda::Function');
    expect((await other.stack.invoke(name, {})).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('Error: Runtime exited with error: exit status 5') as string,
    });
  });

  test('after its time it begins anew', async () => {
    other = await runFixture((stack) => {
      stack.cfnFunction.timeout = 1;
    });
    const { ref: name } = other.stack.one('AWS::Lambda::Function');
    const late = await other.stack.invoke(name, { action: 'sleep', milliseconds: 30_000 });
    expect(late.functionError).toBe('Unhandled');
    expect(await other.stack.invoke(name, {})).toMatchObject({ coldStart: true, payload: { invocations: 1 } });
  });

  test('the answer of a missing handler is an error', async () => {
    other = await runFixture((stack) => {
      stack.cfnFunction.handler = 'index.nothing';
    });
    const { ref: name } = other.stack.one('AWS::Lambda::Function');
    expect((await other.stack.invoke(name, {})).payload).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });

  test("tests add variables and preloads; Lambda's own variables stay", async () => {
    const preload = path.join(synthesize(), 'preload.cjs');
    writeFileSync(preload, "process.env.FROM_PRELOAD = 'loaded';");
    const environment = { POWERTOOLS_DEV: 'true', AWS_ENDPOINT_URL: 'https://example.com' };
    other = await runFixture(undefined, { environment, preload: [preload] });
    const { ref: name } = other.stack.one('AWS::Lambda::Function');
    const names = ['FROM_PRELOAD', 'POWERTOOLS_DEV', 'AWS_ENDPOINT_URL'];
    expect((await other.stack.invoke(name, { action: 'environment', names })).payload).toStrictEqual({
      FROM_PRELOAD: 'loaded',
      POWERTOOLS_DEV: 'true',
      AWS_ENDPOINT_URL: other.services.url,
    });
  });

  test('a notification that comes late answers nothing', async () => {
    const preload = path.join(synthesize(), 'late-notifications.cjs');
    writeFileSync(
      preload,
      `const { wait } = Atomics;
       let woken = false;
       Atomics.wait = (...parameters) => ((woken = !woken) ? 'ok' : wait(...parameters));`,
    );
    other = await runFixture(undefined, { preload: [preload] });
    const { ref: name } = other.stack.one('AWS::Lambda::Function');
    expect((await other.stack.invoke(name, { hello: 'there' })).payload).toMatchObject({ echo: { hello: 'there' } });
  });
});
