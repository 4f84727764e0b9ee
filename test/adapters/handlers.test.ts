import '../../bench/function-environment';
import { createHash } from 'node:crypto';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { ENVIRONMENT } from '../../lib/contract/environment';
import type { Answer } from '../../lambda/core/reconcile/answer';
import { AwsServer, refusing, type AwsAnswer } from './aws-server';

/** Both handlers as Lambda calls them, over the clients that ship. Login with Amazon cannot be reached. */
const aws = new AwsServer();
let rotate: (event: unknown, context: Context) => Promise<Answer>;
let store: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

beforeAll(async () => {
  await aws.start();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.configuration.endpoint,
    AWS_ACCESS_KEY_ID: 'ASIA',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_MAX_ATTEMPTS: '1',
    POWERTOOLS_METRICS_DISABLED: 'false',
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_LOG_LEVEL: 'WARN',
    [ENVIRONMENT.lwaTokenUrl]: 'http://127.0.0.1:1/auth/o2/token',
    // The client calls the host of the queue's URL.
    [ENVIRONMENT.queueUrl]: `${aws.configuration.endpoint}/123456789012/notifications`,
    [ENVIRONMENT.unclaimedQueueUrl]: `${aws.configuration.endpoint}/123456789012/unclaimed`,
    [ENVIRONMENT.deadLetterQueueUrl]: `${aws.configuration.endpoint}/123456789012/dead`,
    [ENVIRONMENT.storeFunctionArn]: 'store',
  });
  ({ handler: rotate } = jest.requireActual<{ readonly handler: typeof rotate }>('../../lambda/rotate/index'));
  ({ handler: store } = jest.requireActual<{ readonly handler: typeof store }>('../../lambda/store/index'));
});
afterAll(() => aws.stop());
/** Metrics are lines on the standard output. */
const print = jest.spyOn(console, 'log').mockImplementation(() => undefined);

const CLIENT_ID = 'amzn1.application-oa2-client.0123456789abcdef0123456789abcdef';
const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';

function context(remaining = 60_000): Context {
  return { awsRequestId: 'id', invokedFunctionArn: ARN, getRemainingTimeInMillis: () => remaining } as Context;
}

function parameter(id: string, isMeasured: boolean): object {
  const settings = {
    id,
    secretArn: `arn:aws:secretsmanager:us-east-1:123456789012:secret:${id}-AbCdEf`,
    endpoint: 'https://sellingpartnerapi-eu.amazon.com',
    rotateAfterDays: 90,
    mode: 'AUTOMATIC',
    clientIdField: 'clientId',
    clientSecretField: 'clientSecret',
    daysToExpiryMetric: isMeasured,
  };
  return { Name: `/hub/applications/${id}`, Value: JSON.stringify(settings) };
}

/** Seeded yesterday, and without a journal. */
function secretValue({ VersionStage: label }: Record<string, unknown>): AwsAnswer {
  if (label !== 'AWSCURRENT') {
    return refusing('ResourceNotFoundException');
  }
  const SecretString = JSON.stringify({ clientId: CLIENT_ID, clientSecret: 'amzn1.oa2-cs.v1.stored' });
  return { body: { VersionId: 'v'.repeat(32), SecretString, CreatedDate: Date.now() / 1000 - 86_400 } };
}

const targets = (): Set<string> => new Set(aws.calls.map(({ target }) => target));
const WORLD = {
  'AmazonSSM.GetParametersByPath': { body: { Parameters: [parameter('Shop', true), parameter('Other', false)] } },
  'secretsmanager.GetSecretValue': secretValue,
  'secretsmanager.DescribeSecret': { body: { VersionIdsToStages: { ['v'.repeat(32)]: ['AWSCURRENT'] } } },
  'secretsmanager.PutSecretValue': {},
  'AmazonSQS.GetQueueAttributes': { body: { Attributes: {} } },
  'AmazonSQS.ChangeMessageVisibility': {},
  'AWSEvents.PutEvents': { body: { FailedEntryCount: 0 } },
};

/** Metrics that are printed while it runs, each with its dimensions. */
async function published(act: () => Promise<unknown>): Promise<string[]> {
  print.mockClear();
  await act();
  const lines = print.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('CloudWatchMetrics'));
  return lines.flatMap((line) => {
    const { _aws } = JSON.parse(line) as {
      _aws: { CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[] };
    };
    return _aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Metrics.map(({ Name }) => `${Name} by ${Dimensions.flat().join(', ')}`),
    );
  });
}

const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
for (const level of ['info', 'error'] as const) {
  jest.spyOn(console, level).mockImplementation(() => undefined);
}

describe('the rotate function', () => {
  const GAUGES = /^(DaysToExpiry|ApplicationsNeedingAttention|ApplicationsUnreadable)/;

  test('publishes the gauges of the hub after a complete sweep, and its own for those that are measured', async () => {
    aws.willAlways(WORLD);
    expect((await published(() => rotate({}, context()))).filter((name) => GAUGES.test(name)).sort()).toEqual([
      'ApplicationsNeedingAttention by Hub',
      'DaysToExpiry by Hub',
      'DaysToExpiry by Hub, Application',
    ]);
  });

  test.each([
    { application: 'Shop' },
    { action: 'rotate', application: 'Shop' },
    { action: 'status' },
    { action: 'check' },
    { from: 'bus', application: 'Shop' },
    { from: 'bus', application: 'Nobody' },
    { from: 'bus' },
  ])('publishes none after %j', async (event) => {
    aws.willAlways(WORLD);
    expect((await published(() => rotate(event, context()))).filter((name) => GAUGES.test(name))).toEqual([]);
  });

  test.each([
    [{ action: 'status' }, 3],
    [{ action: 'check' }, 3],
  ])('looks at the queues of the hub for %j', async (event, queues) => {
    aws.willAlways(WORLD);
    const { hub } = await rotate(event, context());
    expect(hub?.functions).toEqual({ rotate: ARN, store: 'store' });
    expect(Object.keys(hub?.queues ?? {})).toHaveLength(queues);
  });

  test.each([
    [5_000, false],
    [30_000, true],
  ])('keeps five seconds of its time for the answer: of %i ms left it reads: %s', async (remaining, reads) => {
    aws.willAlways(WORLD);
    const { applications } = await rotate({ application: 'Shop' }, context(remaining));
    expect(applications).toHaveLength(1);
    expect(targets().has('secretsmanager.GetSecretValue')).toBe(reads);
  });

  test('looks for whoever may only observe, and does nothing else for them', async () => {
    aws.willAlways(WORLD);
    const observing = { ...context(), invokedFunctionArn: `${ARN}:observe` };
    expect((await rotate({ action: 'status' }, observing)).hub?.functions.rotate).toBe(ARN);
    aws.willAlways(WORLD);
    await expect(rotate({}, observing)).rejects.toThrow('the alias "observe" of this function only answers');
    expect(aws.calls).toEqual([]);
  });

  test.each([
    ['Nobody', 1],
    ['Shop', 0],
  ])('says that an event about %s names no application of the hub %i times', async (application, times) => {
    aws.willAlways(WORLD);
    warn.mockClear();
    await rotate({ from: 'bus', application }, context());
    const told = warn.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('event ignored'));
    expect(told).toEqual(Array(times).fill(expect.stringMatching(/"function_request_id": ?"id"/)));
  });

  test('throws nothing but what may be shown', async () => {
    aws.willAlways({ 'AmazonSSM.GetParametersByPath': refusing('AccessDeniedException', '5eafc0de') });
    await expect(rotate({}, context())).rejects.toThrow(/^ssm:GetParametersByPath failed: AccessDeniedException \(/);
    const broken = { ...context(), getRemainingTimeInMillis: () => Number(JSON.parse('{5eafc0de')) };
    await expect(rotate({}, broken)).rejects.toThrow('a defect in cdk-sp-api-secret-rotation; please report it');
  });
});

describe('the store function', () => {
  function message(clientId: string, more: object = {}): { readonly body: string; readonly event: SQSEvent } {
    const body = JSON.stringify({
      notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
      payload: { applicationOAuthClientNewSecret: { clientId, newClientSecret: 'amzn1.oa2-cs.v1.new' } },
    });
    const attributes = { SentTimestamp: String(Date.now() - 3_600_000), ApproximateReceiveCount: '3', ...more };
    const record = { messageId: 'message', receiptHandle: 'handle', body, attributes } as SQSRecord;
    return { body, event: { Records: [record] } };
  }

  const STRANGER = 'amzn1.application-oa2-client.fedcba9876543210fedcba9876543210';
  const STAYS = { batchItemFailures: [{ itemIdentifier: 'message' }] };

  test('copies the message of a stranger to the unclaimed queue, and only then lets it go', async () => {
    const { body, event } = message(STRANGER);
    const MD5OfMessageBody = createHash('md5').update(body).digest('hex');
    aws.willAlways({ ...WORLD, 'AmazonSQS.SendMessage': { body: { MD5OfMessageBody } } });
    expect(await published(() => store(event, context()))).toContain('MessagesUnclaimed by Hub');
    const QueueUrl = process.env[ENVIRONMENT.unclaimedQueueUrl];
    expect(aws.calls.at(-1)).toEqual({ target: 'AmazonSQS.SendMessage', input: { QueueUrl, MessageBody: body } });
    expect(await store(event, context())).toEqual({ batchItemFailures: [] });

    aws.willAlways({ ...WORLD, 'AmazonSQS.SendMessage': refusing('AccessDenied', 'no', 403) });
    let answer: unknown;
    const act = async (): Promise<void> => {
      answer = await store(event, context());
    };
    expect(await published(act)).toContain('MessagesKept by Hub');
    expect(answer).toEqual(STAYS);
  });

  test('reads the applications once for all messages, and tells how old the oldest is', async () => {
    aws.willAlways(WORLD);
    const { Records } = message(CLIENT_ID).event;
    print.mockClear();
    await store({ Records: [...Records, ...message('another').event.Records, ...Records] }, context());
    expect(aws.calls.filter(({ target }) => target === 'AmazonSSM.GetParametersByPath')).toHaveLength(1);
    expect(print.mock.calls.join()).toMatch(/"OldestKeptMessageAge":\[?3[67]\d\d\b/);
  });

  test.each([
    ['ten seconds before the newest of the batch before was received', 1, -10_000],
    ['ten seconds after that', 2, 10_000],
  ])(
    "a stranger's message that was sent %s: the applications are read for %i of the two batches",
    async (_, reads, later) => {
      const received = Date.now();
      const clock = jest.spyOn(Date, 'now').mockReturnValue(received);
      const SendMessage = ({ MessageBody: body }: Record<string, unknown>): AwsAnswer => ({
        body: { MD5OfMessageBody: createHash('md5').update(String(body)).digest('hex') },
      });
      aws.willAlways({ ...WORLD, 'AmazonSQS.SendMessage': SendMessage });
      const sent = (at: number, ApproximateFirstReceiveTimestamp = ''): SQSRecord[] =>
        message(STRANGER, { SentTimestamp: String(at), ApproximateFirstReceiveTimestamp }).event.Records;
      const batch = [received - 20_000, received].flatMap((at) => sent(received, String(at)));
      await store({ Records: batch }, context());
      await store({ Records: sent(received + later) }, context());
      expect(aws.calls.filter(({ target }) => target === 'AmazonSSM.GetParametersByPath')).toHaveLength(reads);
      clock.mockRestore();
    },
  );

  test.each<[string, AwsAnswer]>([
    ['hidden', {}],
    ['not hidden, where that fails', refusing('AccessDenied', 'no', 403)],
  ])('keeps what it cannot serve, %s', async (_, hidden) => {
    aws.willAlways({ ...WORLD, 'AmazonSQS.ChangeMessageVisibility': hidden });
    expect(await store(message(CLIENT_ID).event, context())).toEqual(STAYS);
    expect(aws.calls.at(-1)).toEqual({
      target: 'AmazonSQS.ChangeMessageVisibility',
      input: {
        QueueUrl: process.env[ENVIRONMENT.queueUrl],
        ReceiptHandle: 'handle',
        // Three receives: two minutes.
        VisibilityTimeout: 120,
      },
    });
  });

  test.each([
    [5_000, false],
    [30_000, true],
  ])('keeps five seconds of its time for the answer: of %i ms left it reads: %s', async (remaining, reads) => {
    aws.willAlways(WORLD);
    expect(await store(message(CLIENT_ID).event, context(remaining))).toEqual(STAYS);
    expect(targets().has('secretsmanager.GetSecretValue')).toBe(reads);
  });
});
