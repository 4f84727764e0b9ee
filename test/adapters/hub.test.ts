import '../../bench/function-environment';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { closeServer, listenOnLoopback } from 'local-cloud';
import { ENVIRONMENT } from '../../lib/contract/environment';
import { Misconfigured } from '../../lambda/adapters/environment';
import { Hub } from '../../lambda/adapters/hub';
import { showable } from '../../lambda/adapters/showable-error';
import { CallFailed } from '../../lambda/core/ports';
import { UnknownApplication } from '../../lambda/core/reconcile/all';
import { BadRequest } from '../../lambda/core/rotation/request';
import { AwsServer } from './aws-server';

const before = { ...process.env };
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
});

describe('a hub', () => {
  const CLEAR = 'it must be https (http only for a loopback address)';

  test.each([
    ['http://localhost.example.com/auth/o2/token', CLEAR],
    ['http://127.0.0.1.example.com/auth/o2/token', CLEAR],
    ['http://2130706433.example.com/auth/o2/token', CLEAR],
    ['http://api.amazon.com/auth/o2/token', CLEAR],
    ['ftp://localhost/auth/o2/token', CLEAR],
    ['https://me:word@api.amazon.com/auth/o2/token', 'it must not contain credentials'],
    ['https://api.amazon.com/auth/o2/token?to=elsewhere', 'it must not contain a query or a fragment'],
    ['api.amazon.com', 'it is not a URL'],
  ])('sends no client secret to %s', (url, problem) => {
    process.env[ENVIRONMENT.lwaTokenUrl] = url;
    expect(() => new Hub()).toThrow(new Misconfigured(`the LWA token URL cannot be used: ${problem}`));
  });

  test.each(['https://api.amazon.co.jp/auth/o2/token', 'http://[::1]:1/token', 'http://localhost:1/token'])(
    'can be made with %s',
    (url) => {
      process.env[ENVIRONMENT.lwaTokenUrl] = url;
      expect(new Hub()).toBeInstanceOf(Hub);
    },
  );

  test.each(['queueArn', 'queueUrl', 'applicationsPath', 'eventBusArn', 'lwaTokenUrl'] as const)(
    'needs its %s',
    (name) => {
      for (const value of ['', undefined]) {
        process.env[ENVIRONMENT[name]] = value;
        if (value === undefined) {
          Reflect.deleteProperty(process.env, ENVIRONMENT[name]);
        }
        expect(() => new Hub()).toThrow(
          new Misconfigured(
            `the environment variable ${ENVIRONMENT[name]} is missing; change memorySize and deploy: an unchanged stack restores nothing`,
          ),
        );
      }
    },
  );

  test.each([
    [29_999, 0],
    [30_001, 1],
  ])('whose last invocation ended %d ms ago closes the connections of each client of AWS %d times', (idle, times) => {
    const begun = Date.now();
    const now = jest.spyOn(Date, 'now').mockReturnValue(begun);
    const closed = [EventBridgeClient, SecretsManagerClient, SQSClient, SSMClient].map((client) =>
      jest.spyOn(client.prototype, 'destroy'),
    );
    const hub = new Hub();
    hub.begin('first');
    hub.end();
    now.mockReturnValue(begun + idle);
    hub.begin('second');
    expect(closed.map(({ mock }) => mock.calls.length)).toEqual([times, times, times, times]);
  });
});

describe('its applications', () => {
  const aws = new AwsServer();
  beforeAll(() => aws.start());
  afterAll(() => aws.stop());

  function parameter(id: string, endpoint: string): object {
    const fields = { clientIdField: 'clientId', clientSecretField: 'clientSecret' };
    const settings = { id, secretArn: 'arn', endpoint, rotateAfterDays: 90, mode: 'AUTOMATIC', ...fields };
    return { Name: `/hub/applications/${id}`, Value: JSON.stringify(settings) };
  }

  beforeEach(() => {
    const credentials = { AWS_ACCESS_KEY_ID: 'ASIA', AWS_SECRET_ACCESS_KEY: 'x' };
    Object.assign(process.env, { AWS_ENDPOINT_URL: aws.configuration.endpoint, ...credentials });
  });

  test.each<[NodeJS.ProcessEnv, object, boolean]>([
    [{}, { queueKeyArn: undefined, sweepInterval: 3_600_000 }, false],
    [
      { [ENVIRONMENT.queueKeyArn]: 'key', [ENVIRONMENT.sweepIntervalMinutes]: '5' },
      { queueKeyArn: 'key', sweepInterval: 300_000 },
      false,
    ],
    [{ [ENVIRONMENT.sweepIntervalMinutes]: 'often' }, { sweepInterval: undefined }, false],
    [{ [ENVIRONMENT.otherEndpoints]: 'https://one.example https://other.example' }, {}, true],
  ])('have of its variables %j what concerns them', async (environment, expected, isUsable) => {
    const queue = { [ENVIRONMENT.queueUrl]: `${aws.configuration.endpoint}/123456789012/notifications` };
    Object.assign(process.env, queue, environment);
    const Parameters = [
      parameter('Shop', 'https://sellingpartnerapi-eu.amazon.com'),
      parameter('Other', 'https://other.example'),
    ];
    aws.willAlways({ 'AmazonSSM.GetParametersByPath': { body: { Parameters } }, 'AmazonSQS.GetQueueAttributes': {} });
    const hub = new Hub();
    for (const asked of [1, 2]) {
      const applications = await hub.applications(Number.POSITIVE_INFINITY);
      expect(applications.map(({ misconfigured }) => misconfigured === undefined)).toEqual([true, isUsable]);
      expect(applications[0]).toMatchObject({ hub: 'arn:aws:sqs:us-east-1:123456789012:notifications', ...expected });
      // Each invocation asks the one queue once.
      await Promise.all(applications.map(({ ports }) => ports.queue.attributes()));
      expect(aws.calls.filter(({ target }) => target === 'AmazonSQS.GetQueueAttributes')).toHaveLength(asked);
    }
  });

  test('ask LWA over one connection, which ends with the invocation', async () => {
    let connections = 0;
    const lwa = createServer((_, response) => response.end('{}')).on('connection', () => (connections += 1));
    process.env[ENVIRONMENT.lwaTokenUrl] = `http://127.0.0.1:${await listenOnLoopback(lwa)}/auth/o2/token`;
    const Parameters = [parameter('Shop', 'https://sellingpartnerapi-eu.amazon.com')];
    aws.willAlways({ 'AmazonSSM.GetParametersByPath': { body: { Parameters } } });
    const hub = new Hub();
    const [application] = await hub.applications(Number.POSITIVE_INFINITY);
    const counted: number[] = [];
    for (const ends of [false, true, false]) {
      await application?.ports.lwa.exchange({ clientId: 'id', clientSecret: 'secret' });
      counted.push(connections);
      if (ends) {
        hub.end();
      }
    }
    await closeServer(lwa);
    expect(counted).toEqual([1, 1, 2]);
  });
});

describe('the error that leaves a function', () => {
  test.each([
    new CallFailed('x:Y', 'Z'),
    new BadRequest('not understood'),
    new UnknownApplication('x'),
    new Misconfigured('x'),
  ])('is what it was: $name', (error) => {
    expect(showable(error)).toBe(error);
  });

  test.each<[string, () => unknown]>([
    ['an error', () => new Error('5eafc0de')],
    ['one of several lines', () => new TypeError('a\nthe 5eafc0de\n    at 5eafc0de of it')],
    ['one with a cause', () => new Error('x', { cause: '5eafc0de' })],
    ['one with fields', () => Object.assign(new Error('x'), { body: '5eafc0de' })],
    ['one with its name', () => Object.assign(new Error('5eafc0de'), { name: 'CallFailed' })],
    ['a text', () => '5eafc0de'],
  ])('says of %s where it arose and nothing of what it says', (_, make) => {
    const shown = showable(make());
    expect(shown.message).toBe('a defect in cdk-sp-api-secret-rotation; please report it with this stack trace');
    expect(shown.name).toBe('Defect');
    expect(inspect(shown, { showHidden: true, depth: 10 })).not.toContain('5eafc0de');
  });

  test('says where it arose', () => {
    expect(showable(new Error('x')).stack).toMatch(/^Defect: .*\n\s+at .*hub\.test\.ts:\d+/);
  });
});
