import { runFixture, type RunningFixture } from './fixture/cloud';
import { removeAssemblies } from './fixture/stack';

let fixture: RunningFixture;

beforeAll(async () => {
  fixture = await runFixture();
  const policies = [{ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }];
  fixture.services.iam.addPrincipal({ name: 'admin', accessKeyId: 'ADMIN', policies });
});

afterAll(async () => {
  expect(fixture.services.refused).toEqual([]);
  await fixture.stop();
  removeAssemblies();
});

const theFunction = () => fixture.stack.function(fixture.stack.one('AWS::Lambda::Function').ref);

/** A call as the AWS CLI makes it. */
async function call(
  service: string,
  method: string,
  path: string,
  body?: string,
  target = '',
): Promise<{ status: number; text: string }> {
  const { url, region } = fixture.services;
  const answer = await fetch(`${url}${path}`, {
    method,
    ...(body !== undefined && { body }),
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=ADMIN/20260101/${region}/${service}/aws4_request, SignedHeaders=host`,
      'x-amz-target': target,
    },
  });
  return { status: answer.status, text: await answer.text() };
}

const parsed = async (...given: Parameters<typeof call>): Promise<unknown> => JSON.parse((await call(...given)).text);

test('the log of a function is found by its group, a time and a pattern, page after page', async () => {
  const { name, configuration } = theFunction();
  const before = fixture.clock.now();
  await fixture.stack.invoke(name, { action: 'print', lines: ['early ERROR'] });
  fixture.clock.advance(3_600_000);
  for (const text of ['late ERROR', 'late', 'later ERROR']) {
    await fixture.stack.invoke(name, { action: 'print', lines: [text] });
  }
  const ends = (text: string): unknown => ({ message: expect.stringMatching(`\t${text}$`) as unknown });
  const filter = (request: object): Promise<unknown> =>
    parsed(
      'logs',
      'POST',
      '/',
      JSON.stringify({ logGroupName: configuration.logGroupName, filterPattern: 'ERROR', ...request }),
      'Logs_20140328.FilterLogEvents',
    );
  expect(await filter({ startTime: before + 1_800_000 })).toMatchObject({
    events: [ends('late ERROR'), ends('later ERROR')],
  });
  const first = await filter({ limit: 2 });
  expect(first).toMatchObject({ events: [ends('early ERROR'), ends('late ERROR')] });
  const { nextToken } = first as { nextToken: string };
  expect(await filter({ limit: 2, nextToken })).toEqual({
    events: [expect.objectContaining(ends('later ERROR') as object)],
    searchedLogStreams: [],
  });
  expect(await filter({ logGroupName: 'none' })).toMatchObject({ __type: 'ResourceNotFoundException' });
});

test('a function that was stopped is not invoked until its reserved concurrency is deleted', async () => {
  const path = `/functions/${theFunction().name}`;
  const invoke = () => call('lambda', 'POST', `/2015-03-31${path}/invocations`, '{}');
  expect((await call('lambda', 'GET', `/2019-09-30${path}/concurrency`)).text).toBe('{}');
  theFunction().reservedConcurrency = 0;
  expect(await parsed('lambda', 'GET', `/2019-09-30${path}/concurrency`)).toEqual({ ReservedConcurrentExecutions: 0 });
  expect((await invoke()).status).toBe(429);
  expect((await call('lambda', 'DELETE', `/2017-10-31${path}/concurrency`)).status).toBe(204);
  expect((await invoke()).status).toBe(200);
});

test('a mapping that was disabled receives nothing until it is enabled', async () => {
  const [mapping] = [...fixture.stack.mappings.values()].map((one) => Object.assign(one, { enabled: false }));
  const { queueArn = '' } = mapping?.settings ?? {};
  await fixture.services.queues.send(queueArn, 'waits');
  expect(await fixture.stack.drainQueue(queueArn)).toEqual([]);
  const listed = await parsed('lambda', 'GET', `/2015-03-31/event-source-mappings/?FunctionName=${theFunction().name}`);
  expect(listed).toMatchObject({ EventSourceMappings: [{ UUID: mapping?.id, State: 'Disabled' }] });
  await call('lambda', 'PUT', `/2015-03-31/event-source-mappings/${mapping?.id}`, '{"Enabled":true}');
  expect(await fixture.stack.drainQueue(queueArn)).toHaveLength(1);
});

test('the schedules, and the stack of a resource, are told', async () => {
  const [schedule] = fixture.stack.schedules.values();
  expect(await parsed('scheduler', 'GET', '/schedules')).toMatchObject({
    Schedules: [{ Name: schedule?.name, State: 'ENABLED', Target: { Arn: schedule?.targetArn } }],
  });
  const asked = `Action=DescribeStackResources&PhysicalResourceId=${theFunction().name}`;
  const { text } = await call('cloudformation', 'POST', '/', asked);
  expect(text).toContain(`<StackName>${fixture.stack.identity.stackName}</StackName>`);
});
