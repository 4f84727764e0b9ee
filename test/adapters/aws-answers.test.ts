import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { ApplicationSettings } from '../../lib/contract/application-settings';
import { DETAIL_TYPE, type DetailType, type EventDetail } from '../../lib/contract/event';
import { call, CLIENT_CONFIGURATION } from '../../lambda/adapters/aws-call';
import { EventBridgeBus } from '../../lambda/adapters/event-bridge';
import { lookAtHub } from '../../lambda/adapters/look';
import { readApplications } from '../../lambda/adapters/parameters';
import { NotificationSqsQueue, UnclaimedSqsQueue } from '../../lambda/adapters/queues';
import { readSeveral, SecretsManagerSecret } from '../../lambda/adapters/secrets-manager';
import { AwsServer, REQUEST_ID, refusing, type AwsAnswer } from './aws-server';

/** The adapters with the clients that ship, and a server that answers as AWS may. */
const aws = new AwsServer();
const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf';
const BUS = 'arn:aws:events:us-east-1:123456789012:event-bus/default';
const QUEUE = 'https://sqs.us-east-1.amazonaws.com/123456789012/notifications';
const SECRET = 'amzn1.oa2-cs.v1.5eafc0de';

let bus: EventBridgeBus;
let secret: SecretsManagerSecret;
let queue: NotificationSqsQueue;
let unclaimed: UnclaimedSqsQueue;
let sqs: SQSClient;
let ssm: SSMClient;

beforeAll(async () => {
  await aws.start();
  sqs = new SQSClient(aws.configuration);
  ssm = new SSMClient(aws.configuration);
  bus = new EventBridgeBus(new EventBridgeClient(aws.configuration), BUS);
  secret = new SecretsManagerSecret(new SecretsManagerClient(aws.configuration), ARN);
  queue = new NotificationSqsQueue(sqs, QUEUE);
  unclaimed = new UnclaimedSqsQueue(sqs, QUEUE);
});
afterAll(() => aws.stop());

const failed = (operation: string, code: string): object => ({
  name: 'CallFailed',
  operation,
  code,
  requestId: REQUEST_ID,
});

test('calls are given up soon, and never without a checked certificate', async () => {
  expect(CLIENT_CONFIGURATION).toEqual({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 3_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
      httpsAgent: { rejectUnauthorized: true },
    },
  });
  aws.will();
  const { maxAttempts } = CLIENT_CONFIGURATION;
  const failing = new UnclaimedSqsQueue(new SQSClient({ ...aws.configuration, maxAttempts }), QUEUE);
  await expect(failing.keep('x')).rejects.toMatchObject({ operation: 'sqs:SendMessage' });
  expect(aws.calls).toHaveLength(3);
});

describe('an event', () => {
  const detail = { hub: 'hub', application: 'Shop', clientId: 'c', secretArn: ARN, versionId: 'v' } as EventDetail;

  test.each<[DetailType, Partial<EventDetail>, string | undefined]>([
    [DETAIL_TYPE.rotated, {}, undefined],
    [DETAIL_TYPE.failed, { kind: 'not-enrolled' }, '#not-enrolled'],
    [DETAIL_TYPE.expiring, {}, '#expiring'],
    [DETAIL_TYPE.expiring, { kind: 'stalled' }, '#stalled'],
  ])('"%s" with %j is put on the bus, and leads to %s of the runbook', async (type, more, section) => {
    aws.will({ body: { FailedEntryCount: 0, Entries: [{ EventId: 'x' }] } });
    await bus.publish(type, { ...detail, ...more });
    const [{ target, input } = {}] = aws.calls;
    const [{ Detail: sent = '', ...entry } = {}] = input?.Entries as Record<string, string>[];
    expect([target, entry]).toEqual([
      'AWSEvents.PutEvents',
      { EventBusName: BUS, Source: 'cdk-sp-api-secret-rotation', DetailType: type, Resources: [ARN] },
    ]);
    const { runbook, ...rest } = JSON.parse(sent) as EventDetail;
    expect(rest).toEqual({ ...detail, ...more });
    expect(runbook?.replace(/^https:.*#/, '#')).toBe(section);
  });

  test('that did not get through although the call did is not published', async () => {
    aws.will({ body: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: SECRET }] } });
    await expect(bus.publish(DETAIL_TYPE.rotated, detail)).rejects.toMatchObject(
      failed('events:PutEvents', 'FailedEntry'),
    );
  });
});

describe('the list of applications', () => {
  const settings = (id: string, more: object = {}): object => ({
    Name: `/hub/${id}`,
    Value: JSON.stringify({
      id,
      secretArn: ARN,
      endpoint: 'https://sellingpartnerapi-eu.amazon.com',
      rotateAfterDays: 90,
      mode: 'AUTOMATIC',
      clientIdField: 'clientId',
      clientSecretField: 'clientSecret',
      ...more,
    }),
  });
  const read = (others: string[] = []): ReturnType<typeof readApplications> => readApplications(ssm, '/hub', others);
  const ids = (list: readonly { readonly settings: ApplicationSettings }[]): string[] =>
    list.map(({ settings: { id } }) => id);

  test('is read to its 26th page, over empty ones', async () => {
    const pages = Array.from({ length: 26 }, (_, page) => page);
    aws.will(
      ...pages.map((page) => ({
        body: {
          Parameters: page === 3 ? [] : Array.from({ length: 10 }, (_, index) => settings(`App${page}-${index}`)),
          ...(page < 25 && { NextToken: `page ${page + 1}` }),
        },
      })),
    );
    const list = await read();
    expect(ids(list)).toHaveLength(250);
    expect(ids(list).at(-1)).toBe('App25-9');
    expect(list.filter(({ misconfigured }) => misconfigured !== undefined)).toEqual([]);
    expect(aws.calls.map(({ input }) => input)).toEqual(
      pages.map((page) => ({ Path: '/hub', MaxResults: 10, ...(page > 0 && { NextToken: `page ${page}` }) })),
    );
  });

  test('is no shorter one where a page cannot be read', async () => {
    aws.will({ body: { Parameters: [settings('Shop')], NextToken: 'more' } }, refusing('AccessDeniedException'));
    await expect(read()).rejects.toMatchObject(failed('ssm:GetParametersByPath', 'AccessDeniedException'));
  });

  test('is an error where it is empty', async () => {
    aws.will({ body: { Parameters: [] } });
    await expect(read()).rejects.toThrow('there is no application below /hub in Parameter Store');
  });

  test.each([
    ['Europe/Berlin', true],
    ['Mars/Olympus_Mons', false],
  ])('holds back rotations by a window in the zone %s: %s, and the application is served', async (timeZone, counts) => {
    const rotationWindow = { days: [1], from: 540, to: 960, timeZone };
    aws.will({ body: { Parameters: [settings('Shop', { rotationWindow })] } });
    const [one] = await read();
    expect([one?.misconfigured, one?.settings.rotationWindow]).toEqual([
      undefined,
      counts ? rotationWindow : undefined,
    ]);
  });

  const problems: [string, boolean][] = [
    ['https://sellingpartnerapi-eu.amazon.com', true],
    ['https://sandbox.sellingpartnerapi-na.amazon.com', true],
    ['https://deployed.example', true],
    ['http://127.0.0.1:8080', true],
    ['http://localhost.example.com', false],
    ['http://127.0.0.1.example.com', false],
    ['http://sellingpartnerapi-eu.amazon.com', false],
    ['https://deployed.example?to=elsewhere', false],
    ['https://deployed.example.com', false],
    ['https://api.amazon.com.example.com', false],
    ['https://sellingpartnerapi-eu.amazon.com:8443', false],
    ['https://deployed', false],
  ];
  test.each(problems)('sends tokens to %s: %s', async (endpoint, isUsable) => {
    // Also what was deployed is looked at again: whoever may change the functions' variables may not open a way in clear text.
    const others = ['https://deployed.example', ...problems.flatMap(([url]) => (url.startsWith('http:') ? [url] : []))];
    aws.will({ body: { Parameters: [settings('Shop', { endpoint })] } });
    const [one] = await read([...others, 'https://deployed.example?to=elsewhere']);
    expect([one?.misconfigured === undefined, one?.settings.endpoint]).toEqual([isUsable, isUsable ? endpoint : '']);
  });
});

describe('the queue', () => {
  test('has a policy, a key and a retention', async () => {
    const attributes = { Policy: '{}', KmsMasterKeyId: 'alias/key', MessageRetentionPeriod: '1209600' };
    aws.will({ body: { Attributes: attributes } }, { body: {} });
    expect(await queue.attributes()).toEqual({ policy: '{}', key: 'alias/key', retentionSeconds: 1_209_600 });
    expect(await queue.attributes()).toEqual({ policy: undefined, key: undefined, retentionSeconds: 0 });
    const AttributeNames = ['Policy', 'KmsMasterKeyId', 'MessageRetentionPeriod'];
    expect(aws.calls[0]).toEqual({
      target: 'AmazonSQS.GetQueueAttributes',
      input: { QueueUrl: QUEUE, AttributeNames },
    });
  });

  test.each<[string, AwsAnswer]>([
    ['', refusing('com.amazonaws.sqs#QueueDoesNotExist')],
    [
      ', as older clients name it',
      {
        ...refusing('com.amazonaws.sqs#QueueDoesNotExist'),
        headers: { 'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender' },
      },
    ],
  ])('may be deleted%s', async (_, answer) => {
    aws.will(answer);
    expect(await queue.attributes()).toBeUndefined();
  });

  test('is not taken for deleted where it may not be asked', async () => {
    aws.will(refusing('AccessDenied', 'no', 403));
    await expect(queue.attributes()).rejects.toMatchObject(failed('sqs:GetQueueAttributes', 'AccessDenied'));
  });

  test('hides a message, and the one for the unclaimed keeps it as it is', async () => {
    const MD5OfMessageBody = createHash('md5').update('{"half":').digest('hex');
    aws.will({}, { body: { MD5OfMessageBody } });
    await queue.hide('handle', 1800);
    await unclaimed.keep('{"half":');
    expect(aws.calls).toEqual([
      {
        target: 'AmazonSQS.ChangeMessageVisibility',
        input: { QueueUrl: QUEUE, ReceiptHandle: 'handle', VisibilityTimeout: 1800 },
      },
      { target: 'AmazonSQS.SendMessage', input: { QueueUrl: QUEUE, MessageBody: '{"half":' } },
    ]);
  });

  test('is looked at beside those that cannot be', async () => {
    Object.assign(process.env, {
      NOTIFICATION_QUEUE_URL: QUEUE,
      DEAD_LETTER_QUEUE_URL: QUEUE,
      UNCLAIMED_QUEUE_URL: QUEUE,
      STORE_FUNCTION_ARN: 'store',
    });
    const Attributes = {
      QueueArn: 'arn',
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '20',
      ApproximateNumberOfMessagesDelayed: '300',
    };
    aws.will({ body: { Attributes } }, { body: { Attributes } }, refusing('AccessDenied', SECRET, 403));
    const { queues, functions } = await lookAtHub(sqs, 'rotate');
    expect(functions).toEqual({ rotate: 'rotate', store: 'store' });
    const answers = Object.values(queues);
    expect(answers.filter(({ messages }) => messages === 321)).toHaveLength(2);
    expect(answers).toContainEqual({ url: QUEUE, error: 'AccessDenied' });
  });
});

describe('the secret', () => {
  const stages = { VersionIdsToStages: { one: ['AWSCURRENT', 'AWSPENDING'], two: ['AWSPREVIOUS'] } };

  test.each<[string, object, object]>([
    ['has labels and no key of its own', stages, { key: '', failedReplicas: [], rival: undefined }],
    ['has a key', { ...stages, KmsKeyId: 'k' }, { key: 'k' }],
    ['is rotated by Secrets Manager', { ...stages, RotationEnabled: true }, { rival: 'managed-rotation' }],
    ['was rotated by it once', { ...stages, RotationEnabled: false }, { rival: undefined }],
    ['is a replica', { ...stages, ARN, PrimaryRegion: 'us-east-1' }, { rival: 'replica' }],
    ['is a primary with replicas', { ...stages, ARN, PrimaryRegion: 'eu-west-1' }, { rival: undefined }],
    [
      'has replicas that failed',
      {
        ...stages,
        ReplicationStatus: [{ Region: 'a', Status: 'InSync' }, { Region: 'b', Status: 'Failed' }, { Status: 'Failed' }],
      },
      { failedReplicas: ['b', 'unknown'] },
    ],
    ['waits for its deletion', { ...stages, DeletedDate: 1_800_000_000 }, { deletedAt: 1_800_000_000_000 }],
  ])('%s', async (_, body, expected) => {
    aws.will({ body });
    const labels = new Map(Object.entries({ AWSCURRENT: 'one', AWSPENDING: 'one', AWSPREVIOUS: 'two' }));
    const description = await secret.describe();
    expect(description).toMatchObject({ labels, ...expected });
    expect('deletedAt' in description).toBe('DeletedDate' in body);
    expect(aws.calls).toEqual([{ target: 'secretsmanager.DescribeSecret', input: { SecretId: ARN } }]);
  });

  const version = { VersionId: 'one', SecretString: '{}', CreatedDate: 1_800_000_000 };

  test('is read by label and by version', async () => {
    aws.will({ body: version }, { body: version }, refusing('ResourceNotFoundException'));
    const expected = { versionId: 'one', text: '{}', createdAt: 1_800_000_000_000 };
    expect(await secret.readLabel('AWSCURRENT')).toEqual(expected);
    expect(await secret.readVersion('one')).toEqual(expected);
    expect(await secret.readVersion('none')).toBeUndefined();
    expect(aws.calls.map(({ input }) => input)).toEqual([
      { SecretId: ARN, VersionStage: 'AWSCURRENT' },
      { SecretId: ARN, VersionId: 'one' },
      { SecretId: ARN, VersionId: 'none' },
    ]);
  });

  test('without a date is not as old as time', async () => {
    aws.will({ body: { ...version, CreatedDate: undefined } });
    await expect(secret.readLabel('AWSCURRENT')).rejects.toMatchObject({ code: 'NoCreatedDate' });
  });

  test('is written with one label, and only under an id that is free', async () => {
    aws.will({}, refusing('ResourceExistsException'));
    const put = { versionId: 'v'.repeat(32), text: SECRET, label: 'AWSPENDING' } as const;
    expect([await secret.put(put), await secret.put(put)]).toEqual(['written', 'taken']);
    expect(aws.calls[0]).toEqual({
      target: 'secretsmanager.PutSecretValue',
      input: {
        SecretId: ARN,
        ClientRequestToken: put.versionId,
        SecretString: SECRET,
        VersionStages: ['AWSPENDING'],
      },
    });
  });

  test('has a label moved only from where it is', async () => {
    aws.will({}, refusing('InvalidParameterException'));
    expect([await secret.moveLabel('AWSCURRENT', 'two', 'one'), await secret.moveLabel('L', 'two', undefined)]).toEqual(
      ['moved', 'elsewhere'],
    );
    expect(aws.calls.map(({ input }) => input)).toEqual([
      { SecretId: ARN, VersionStage: 'AWSCURRENT', MoveToVersionId: 'two', RemoveFromVersionId: 'one' },
      { SecretId: ARN, VersionStage: 'L', MoveToVersionId: 'two' },
    ]);
  });

  const denied = 'AccessDeniedException';
  test.each<[string, string, () => Promise<unknown>]>([
    ['DescribeSecret', denied, () => secret.describe()],
    ['GetSecretValue', denied, () => secret.readLabel('AWSCURRENT')],
    ['GetSecretValue', 'ResourceExistsException', () => secret.readVersion('one')],
    ['PutSecretValue', denied, () => secret.put({ versionId: 'v'.repeat(32), text: SECRET, label: 'AWSPENDING' })],
    [
      'PutSecretValue',
      'ResourceNotFoundException',
      () => secret.put({ versionId: 'v'.repeat(32), text: SECRET, label: 'AWSPENDING' }),
    ],
    ['UpdateSecretVersionStage', denied, () => secret.moveLabel('AWSCURRENT', 'two', 'one')],
  ])('takes no other failure of %s for an answer: %s', async (operation, code, act) => {
    aws.will(refusing(code));
    await expect(act()).rejects.toMatchObject(failed(`secretsmanager:${operation}`, code));
  });
});

describe('what AWS says about a failed call', () => {
  test.each<[string, AwsAnswer, string, string | undefined]>([
    [
      'quotes the input',
      refusing('ValidationException', `Value '${SECRET}' failed`),
      'ValidationException',
      REQUEST_ID,
    ],
    ['is a code that quotes it', refusing(SECRET), 'Unreachable', REQUEST_ID],
    [
      'is a request id that quotes it',
      { ...refusing('ValidationException'), headers: { 'x-amzn-requestid': SECRET } },
      'ValidationException',
      undefined,
    ],
    [
      'is a header that quotes it',
      { ...refusing('ValidationException'), headers: { 'x-quote': SECRET } },
      'ValidationException',
      REQUEST_ID,
    ],
    ['is no JSON', { status: 400, body: `<xml>${SECRET}` }, 'SyntaxError', REQUEST_ID],
    ['is no JSON, although all went well', { body: `<xml>${SECRET}` }, 'SyntaxError', REQUEST_ID],
  ])('leaves neither message, cause nor header where it %s', async (_, answer, code, requestId) => {
    aws.will(answer);
    const error: unknown = await secret.put({ versionId: 'v'.repeat(32), text: SECRET, label: 'AWSPENDING' }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'CallFailed', operation: 'secretsmanager:PutSecretValue', code });
    expect(Object.entries(error as object).filter(([, value]) => value !== undefined)).toEqual([
      ['operation', 'secretsmanager:PutSecretValue'],
      ['code', code],
      ...(requestId === undefined ? [] : [['requestId', requestId]]),
      ['name', 'CallFailed'],
    ]);
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain('5eafc0de');
  });

  test.each([[new Error(SECRET)], [Object.assign(new Error(SECRET), { name: 'AccessDenied' })], [SECRET], [null]])(
    'is nothing where nobody answered: %#',
    async (thrown) => {
      const error: unknown = await call('x:Y', () => Promise.reject(thrown as Error)).catch(
        (caught: unknown) => caught,
      );
      expect(error).toMatchObject({ name: 'CallFailed', message: 'x:Y failed: Unreachable', code: 'Unreachable' });
      expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain('5eafc0de');
    },
  );
});

describe('several secrets', () => {
  const other = ARN.replace('shop', 'other');
  const value = (arn: string, more: object = {}): object => ({
    ARN: arn,
    VersionId: 'v',
    SecretString: 'text',
    CreatedDate: 1,
    ...more,
  });
  const read = (arns: readonly string[] = [ARN, other]): Promise<ReadonlyMap<string, object>> =>
    readSeveral(new SecretsManagerClient(aws.configuration))(arns);
  const VERSION = { versionId: 'v', text: 'text', createdAt: 1000 };

  test('are read in one call, each once', async () => {
    aws.will({ body: { SecretValues: [value(ARN), value(other)] } });
    expect([...(await read([ARN, other, ARN]))]).toEqual([
      [ARN, VERSION],
      [other, VERSION],
    ]);
    expect(aws.calls).toEqual([
      { target: 'secretsmanager.BatchGetSecretValue', input: { SecretIdList: [ARN, other] } },
    ]);
  });

  test.each<[string, AwsAnswer, readonly string[] | undefined, readonly string[]]>([
    ['an error about one', { body: { SecretValues: [value(other)], Errors: [{ SecretId: ARN }] } }, undefined, [other]],
    ['a date that is missing', { body: { SecretValues: [value(ARN, { CreatedDate: null })] } }, undefined, []],
    ['a refusal', refusing('AccessDeniedException', SECRET), undefined, []],
    ['a failure', { status: 500 }, undefined, []],
    ['nothing', { body: {} }, undefined, []],
    ['a secret that nobody asked for', { body: { SecretValues: [value(other)] } }, [ARN], []],
    [
      'one that is known without its suffix',
      { body: { SecretValues: [value(ARN)] } },
      [ARN.slice(0, -7)],
      [ARN.slice(0, -7)],
    ],
  ])('of which Secrets Manager answers %s: what it gives is taken', async (_, answer, asked, expected) => {
    aws.will(answer);
    expect([...(await read(asked)).keys()]).toEqual(expected);
  });
});
