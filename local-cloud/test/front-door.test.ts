import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from '../services/loopback';
import type { Services } from '../services/services';
import { errorNameOf } from './contract/rules';
import { clientConfiguration, startOwnServices } from './own-endpoint';

let services: Services;
let client: SecretsManagerClient;
let arn: string;

beforeEach(async () => {
  ({ services } = await startOwnServices());
  client = new SecretsManagerClient({ ...clientConfiguration(services), maxAttempts: 3 });
  arn = (await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'v1' }))).ARN ?? '';
  services.calls.length = 0;
});

afterEach(async () => {
  client.destroy();
  await services.stop();
});

const describeSecret = (): Promise<unknown> => client.send(new DescribeSecretCommand({ SecretId: arn }));

describe('what it does not know', () => {
  it('refuses an operation, without a second try', async () => {
    await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({
      name: 'NotEmulated',
      $metadata: { httpStatusCode: 501, attempts: 1 },
    });
    expect(services.refused).toEqual([expect.stringContaining('secretsmanager:ListSecrets')]);
    expect(await errorNameOf(client.send(new RotateSecretCommand({ SecretId: arn })))).toBe('NotEmulated');
  });

  it('refuses an operation of another service', async () => {
    const events = new EventBridgeClient(clientConfiguration(services));
    expect(await errorNameOf(events.send(new ListRulesCommand({})))).toBe('NotEmulated');
  });

  it('refuses a member that it would have to pass over', async () => {
    const create = new CreateSecretCommand({ Name: 'other', AddReplicaRegions: [{ Region: 'eu-west-1' }] });
    expect(await errorNameOf(client.send(create))).toBe('NotEmulated');
    expect(services.refused).toEqual([expect.stringContaining('AddReplicaRegions')]);
    expect(services.secretsManager.list()).toEqual([arn]);
  });

  it('refuses a member of a list entry', async () => {
    const events = new EventBridgeClient(clientConfiguration(services));
    const put = new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: '{}', TraceHeader: 'x' }] });
    expect(await errorNameOf(events.send(put))).toBe('NotEmulated');
    expect(services.events.sent).toEqual([]);
  });

  it('refuses another region', async () => {
    const elsewhere = new SecretsManagerClient({ ...clientConfiguration(services), region: 'eu-west-1' });
    expect(await errorNameOf(elsewhere.send(new DescribeSecretCommand({ SecretId: arn })))).toBe('NotEmulated');
    expect(services.refused).toEqual([expect.stringContaining('eu-west-1')]);
  });

  it('refuses an access key that belongs to nobody', async () => {
    const stranger = new SecretsManagerClient(clientConfiguration(services, 'NOBODY'));
    expect(await errorNameOf(stranger.send(new DescribeSecretCommand({ SecretId: arn })))).toBe(
      'UnrecognizedClientException',
    );
    expect(services.refused).toHaveLength(1);
  });

  it.each([
    ['unsigned', {}],
    ['of another service', { authorization: credential('s3'), 'x-amz-target': 'secretsmanager.DescribeSecret' }],
    ['without a target', { authorization: credential('secretsmanager') }],
    [
      'with the target of another service',
      { authorization: credential('sqs'), 'x-amz-target': 'secretsmanager.GetSecretValue' },
    ],
    [
      'with a target inherited from Object',
      { authorization: credential('secretsmanager'), 'x-amz-target': 'secretsmanager.constructor' },
    ],
  ])('refuses a request %s', async (_, headers) => {
    const response = await fetch(services.url, { method: 'POST', body: '{}', headers });
    expect(response.status).toBe(501);
    expect(services.refused).toHaveLength(1);
    expect(services.calls).toEqual([]);
  });

  it('refuses a body that is not JSON, and one of the wrong type', async () => {
    const headers = { authorization: credential('secretsmanager'), 'x-amz-target': 'secretsmanager.DescribeSecret' };
    for (const body of ['{', '[]', '{"SecretId":1}', '{}']) {
      const response = await fetch(services.url, { method: 'POST', body, headers });
      expect(response.status).toBe(400);
    }
  });
});

it('listens on the loopback address only', async () => {
  expect(new URL(services.url).hostname).toBe('127.0.0.1');
  const server = createServer();
  await listenOnLoopback(server);
  const address = server.address();
  await closeServer(server);
  expect(address).toMatchObject({ address: '127.0.0.1' });
});

it('records who called what, with the answer', async () => {
  await describeSecret();
  await errorNameOf(client.send(new GetSecretValueCommand({ SecretId: 'none' })));
  expect(services.calls).toEqual([
    expect.objectContaining({
      principal: 'admin',
      service: 'secretsmanager',
      operation: 'DescribeSecret',
      request: { SecretId: arn },
      status: 200,
    }),
    expect.objectContaining({ operation: 'GetSecretValue', status: 400, error: 'ResourceNotFoundException' }),
  ]);
});

it('answers each request with an id of its own', async () => {
  const ids = await Promise.all(
    [1, 2].map(async () => (await client.send(new DescribeSecretCommand({ SecretId: arn }))).$metadata.requestId),
  );
  expect(new Set(ids).size).toBe(2);
});

it('ends no connection that is idle, unless it is told to break them: then the next call over it fails', async () => {
  const hasty = new SecretsManagerClient(clientConfiguration(services));
  const call = (): Promise<unknown> => hasty.send(new DescribeSecretCommand({ SecretId: arn }));
  await call();
  services.breakConnections();
  await expect(call()).rejects.toThrow('socket hang up');
  await call();
  expect(services.calls).toHaveLength(2);
  // The header in which a server says after how long it closes one.
  expect((await fetch(services.url)).headers.get('keep-alive')).toBeNull();
  hasty.destroy();
});

it('takes as long as it is told to', async () => {
  services.latency = () => 120;
  const started = performance.now();
  await describeSecret();
  expect(performance.now() - started).toBeGreaterThan(115);
});

describe('faults', () => {
  it.each(['throttle', 'server-error', 'lost-answer'] as const)('%s: the client tries again', async (effect) => {
    services.faults.add({ operation: 'DescribeSecret', effect });
    await describeSecret();
    expect(services.calls).toHaveLength(2);
    expect(services.faults.hits).toBe(1);
  });

  it('access-denied: the client does not', async () => {
    services.faults.add({ operation: 'DescribeSecret', effect: 'access-denied' });
    expect(await errorNameOf(describeSecret())).toBe('AccessDeniedException');
    await describeSecret();
  });

  it('lost-answer after a promotion: the SDK tries again by itself and reports a failure', async () => {
    const id = randomUUID();
    const first = services.secretsManager.inspect(arn)[0]?.versionId;
    await client.send(
      new PutSecretValueCommand({
        SecretId: arn,
        ClientRequestToken: id,
        SecretString: 'v2',
        VersionStages: ['AWSPENDING'],
      }),
    );
    services.faults.add({ operation: 'UpdateSecretVersionStage', effect: 'lost-answer' });
    const promote = new UpdateSecretVersionStageCommand({
      SecretId: arn,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: id,
      RemoveFromVersionId: first,
    });
    expect(await errorNameOf(client.send(promote))).toBe('InvalidParameterException');
    expect(services.secretsManager.inspect(arn)[1]?.labels).toContain('AWSCURRENT');
  });

  it.each([
    ['timeout-before', 1],
    ['timeout-after', 2],
  ] as const)('%s: no answer comes', async (effect, versions) => {
    services.faults.add({ operation: 'PutSecretValue', effect });
    const put = new PutSecretValueCommand({ SecretId: arn, SecretString: 'v2', VersionStages: ['x'] });
    expect(await errorNameOf(client.send(put, { abortSignal: AbortSignal.timeout(200) }))).toBe('AbortError');
    expect(services.secretsManager.inspect(arn)).toHaveLength(versions);
    expect(services.calls[0]).toMatchObject({ status: 0 });
  });

  it.each([
    ['before', 1],
    ['after', 2],
  ] as const)('kill %s: the caller is gone', async (when, versions) => {
    const caller = new AbortController();
    const kill = (): void => {
      caller.abort();
    };
    services.faults.add({ operation: 'PutSecretValue', effect: { kill, when } });
    const put = new PutSecretValueCommand({ SecretId: arn, SecretString: 'v2', VersionStages: ['x'] });
    expect(await errorNameOf(client.send(put, { abortSignal: caller.signal }))).toBe('AbortError');
    expect(services.secretsManager.inspect(arn)).toHaveLength(versions);
  });

  it('hit only what they are meant for, from the nth call on, so many times', async () => {
    const sqs = new SQSClient(clientConfiguration(services));
    const { url } = services.queues.create({ name: 'q' });
    const send = (MessageBody: string): Promise<string> =>
      errorNameOf(sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody })));
    services.faults.add({
      principal: 'admin',
      service: 'sqs',
      operation: 'SendMessage',
      match: (request) => JSON.stringify(request).includes('hit'),
      nth: 2,
      times: 2,
      effect: 'throttle',
    });
    services.faults.add({ principal: 'somebody else', effect: 'server-error' });
    const outcomes = [];
    for (const body of ['hit 1', 'other', 'hit 2', 'hit 3', 'hit 4']) {
      outcomes.push(await send(body));
    }
    expect(outcomes).toEqual(['no error', 'no error', 'RequestThrottled', 'RequestThrottled', 'no error']);
  });
});

function credential(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=ADMIN/20270101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}
