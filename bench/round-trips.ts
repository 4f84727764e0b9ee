import { APPLICATIONS_PATH } from './function-environment';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context, SQSRecord } from 'aws-lambda';
import { LwaTokenEndpoint } from '../lambda/adapters/login-with-amazon';
import { handler as rotateHandler } from '../lambda/rotate/index';
import { handler as storeHandler } from '../lambda/store/index';
import { AmazonModel } from '../test/fakes/amazon/model';
import { AwsError, MovableClock, ParameterModel, SecretsManagerModel } from 'local-cloud/models';

/** Calls that were running at the same time. */
type RoundTrip = readonly string[];

const DAY = 86_400_000;

const CONTEXT = {
  awsRequestId: 'bench',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:bench',
  getRemainingTimeInMillis: () => 60_000,
} as Context;

/** A queue to which Amazon may send. */
const QUEUE_ATTRIBUTES = {
  MessageRetentionPeriod: String(14 * 86_400),
  Policy: JSON.stringify({
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: '437568002678' },
      Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
    },
  }),
};

/**
 * Counts the calls that are made one after the other, on any machine, however busy: it answers the calls, all of them at the
 * same time, when the code has nothing left to do but wait.
 */
class Rounds {
  readonly made: string[][] = [];
  private waiting: (() => void)[] = [];

  call<Answer>(name: string, perform: () => Answer): Promise<Answer> {
    if (this.waiting.length === 0) {
      this.made.push([]);
      setImmediate(() => {
        const answers = this.waiting;
        this.waiting = [];
        for (const answer of answers) {
          answer();
        }
      });
    }
    this.made.at(-1)?.push(name);
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        try {
          resolve(perform());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: never;
}

/** Runs the handlers in this process over models of the services and of Amazon. */
export class RoundTripBench {
  /** Noon: the first sweep of a day looks at more. */
  private readonly clock = new MovableClock(Date.parse('2026-06-01T12:00:00Z'), { frozen: true });
  private readonly secretsManager = new SecretsManagerModel({ clock: this.clock });
  private readonly parameters = new ParameterModel({ clock: this.clock });
  private readonly amazon = new AmazonModel({ clock: this.clock, seed: 'round trips' });
  private readonly clientIds: string[] = [];
  private rounds = new Rounds();
  private restore: (() => void)[] = [];

  constructor(applications: number) {
    for (let index = 0; index < applications; index++) {
      this.add(`Application${index}`);
    }
  }

  /** Begins the journals with one sweep. */
  async begin(): Promise<void> {
    this.intercept();
    await this.sweep();
  }

  sweep(): Promise<readonly RoundTrip[]> {
    return this.record(() => rotateHandler({}, CONTEXT));
  }

  /** Delivers a new secret of the last application to the store function. */
  async deliver(): Promise<readonly RoundTrip[]> {
    const clientId = this.clientIds.at(-1) ?? '';
    const { value } = this.amazon.rotateInConsole(clientId, false);
    const now = Date.now();
    const body = JSON.stringify({
      notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
      eventTime: new Date(now).toISOString(),
      payload: {
        applicationOAuthClientNewSecret: {
          clientId,
          newClientSecret: value,
          newClientSecretExpiryTime: new Date(now + 180 * DAY).toISOString(),
          oldClientSecretExpiryTime: new Date(now + 7 * DAY).toISOString(),
        },
      },
    });
    const record: Pick<SQSRecord, 'messageId' | 'receiptHandle' | 'body'> & { attributes: object } = {
      messageId: 'message',
      receiptHandle: 'handle',
      body,
      attributes: { SentTimestamp: String(now), ApproximateReceiveCount: '1' },
    };
    const made = await this.record(() => storeHandler({ Records: [record as SQSRecord] }, CONTEXT));
    if (this.currentSecret(clientId) !== value) {
      throw new Error('the delivered client secret is not current');
    }
    return made;
  }

  end(): void {
    for (const restore of this.restore) {
      restore();
    }
  }

  private add(id: string): void {
    const { clientId, clientSecret } = this.amazon.createApplication({ issuedAt: this.clock.now() - 10 * DAY });
    const { ARN: secretArn } = this.secretsManager.createSecret({
      Name: id,
      SecretString: JSON.stringify({ clientId, clientSecret }),
      ClientRequestToken: id.padEnd(32, '-'),
    });
    this.clientIds.push(clientId);
    this.parameters.putParameter({
      Name: `${APPLICATIONS_PATH}/${id}`,
      Type: 'String',
      Value: JSON.stringify({
        id,
        secretArn,
        endpoint: 'https://sellingpartnerapi-eu.amazon.com',
        rotateAfterDays: 90,
        mode: 'AUTOMATIC',
        clientIdField: 'clientId',
        clientSecretField: 'clientSecret',
      }),
    });
  }

  private currentSecret(clientId: string): string | undefined {
    const id = `Application${this.clientIds.indexOf(clientId)}`;
    const { SecretString: text = '{}' } = this.secretsManager.getSecretValue({ SecretId: id });
    return (JSON.parse(text) as { clientSecret?: string }).clientSecret;
  }

  private async record(run: () => Promise<unknown>): Promise<readonly RoundTrip[]> {
    this.rounds = new Rounds();
    await run();
    return this.rounds.made;
  }

  /** Replaces the network below all of our code. */
  private intercept(): void {
    const { clock, secretsManager, parameters, amazon } = this;
    const { now } = Date;
    Date.now = () => clock.now();
    this.restore.push(() => {
      Date.now = now;
    });
    this.answer(SSMClient, { GetParametersByPathCommand: (input) => parameters.getParametersByPath(input) });
    this.answer(SQSClient, { GetQueueAttributesCommand: () => ({ Attributes: QUEUE_ATTRIBUTES }) });
    this.answer(EventBridgeClient, { PutEventsCommand: () => ({ FailedEntryCount: 0, Entries: [] }) });
    this.answer(SecretsManagerClient, {
      DescribeSecretCommand: (input) => secretsManager.describeSecret(input),
      GetSecretValueCommand: (input) => dated(secretsManager.getSecretValue(input)),
      PutSecretValueCommand: (input) => secretsManager.putSecretValue(input),
      UpdateSecretVersionStageCommand: (input) => secretsManager.updateSecretVersionStage(input),
    });
    const prototype = LwaTokenEndpoint.prototype;
    const exchange = Object.getOwnPropertyDescriptor(prototype, 'exchange') ?? {};
    prototype.exchange = ({ clientId, clientSecret }) =>
      this.rounds.call('LWA token', () =>
        amazon.exchange({
          grantType: 'client_credentials',
          scope: 'sellingpartnerapi::client_credential:rotation',
          clientId,
          clientSecret,
        }),
      );
    this.restore.push(() => {
      Object.defineProperty(prototype, 'exchange', exchange);
    });
  }

  private answer(
    client: { readonly prototype: object },
    operations: Readonly<Record<string, (input: never) => object>>,
  ): void {
    const send = (command: Command): Promise<object> => {
      const { name } = command.constructor;
      return this.rounds.call(name.replace(/Command$/, ''), () => {
        const operation = operations[name];
        if (operation === undefined) {
          throw new Error(`the bench does not answer ${name}`);
        }
        try {
          return { $metadata: {}, ...operation(command.input) };
        } catch (error) {
          throw error instanceof AwsError
            ? Object.assign(new Error(error.message), { name: error.code, $metadata: { httpStatusCode: error.status } })
            : error;
        }
      });
    };
    Object.assign(client.prototype, { send });
    this.restore.push(() => {
      Reflect.deleteProperty(client.prototype, 'send');
    });
  }
}

/** The model returns dates as the protocol does, in seconds; the client converts them. */
function dated(answer: { CreatedDate?: unknown }): object {
  const { CreatedDate: created } = answer;
  return { ...answer, CreatedDate: typeof created === 'number' ? new Date(created * 1000) : created };
}
