import { APPLICATIONS_PATH } from './function-environment';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context, SQSRecord } from 'aws-lambda';
import { DAY, MINUTE } from '../lambda/core/time';
import { LwaTokenEndpoint } from '../lambda/adapters/login-with-amazon';
import { SellingPartnerApiEndpoint } from '../lambda/adapters/selling-partner-api';
import { handler as rotateHandler } from '../lambda/rotate/index';
import { handler as storeHandler } from '../lambda/store/index';
import { AmazonModel, ROTATION_SCOPE } from '../test/fakes/amazon';
import { thrownBySdk } from '../test/fakes/sdk-error';
import { MovableClock, ParameterModel, SecretsManagerModel } from 'local-cloud/models';

/** Calls that were running at the same time. */
type RoundTrip = readonly string[];

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
        for (const answer of this.waiting.splice(0)) {
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
          reject(thrownBySdk(error));
        }
      });
    });
  }
}

/** Runs the handlers in this process over models of the services and of Amazon. */
export class RoundTripBench {
  /** Noon: the first sweep of a day looks at more. */
  private readonly clock = new MovableClock(Date.parse('2026-06-01T12:00:00Z'), { frozen: true });
  private readonly secretsManager = new SecretsManagerModel({ clock: this.clock });
  private readonly parameters = new ParameterModel({ clock: this.clock });
  private readonly amazon = new AmazonModel({ clock: this.clock, seed: 'round trips' });
  private rounds = new Rounds();
  private readonly restore: (() => void)[] = [];
  private last = { id: '', clientId: '' };

  /** Begins the journals with one sweep. */
  static async begin(applications: number): Promise<RoundTripBench> {
    const bench = new RoundTripBench();
    for (let index = 0; index < applications; index++) {
      bench.add(`Application${index}`);
    }
    bench.intercept();
    await bench.sweep();
    return bench;
  }

  sweep(): Promise<readonly RoundTrip[]> {
    return this.record(() => rotateHandler({}, CONTEXT));
  }

  /** Delivers a new secret, which was asked for, of the last application to the store function. */
  async deliver(): Promise<readonly RoundTrip[]> {
    const { id, clientId } = this.last;
    this.amazon.register(clientId, 'queue', ['new-secret']);
    await rotateHandler({ action: 'rotate', application: id }, CONTEXT);
    const { value } = this.amazon.currentSecretOf(clientId);
    this.clock.advance(MINUTE);
    const records = this.amazon.takeDueDeliveries().map(({ body }) => ({
      messageId: 'message',
      receiptHandle: 'handle',
      body,
      attributes: { SentTimestamp: String(this.clock.now()), ApproximateReceiveCount: '1' },
    }));
    const made = await this.record(() => storeHandler({ Records: records as SQSRecord[] }, CONTEXT));
    if (this.secretsManager.getSecretValue({ SecretId: id }).SecretString?.includes(value) !== true) {
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
    this.last = { id, clientId };
    const Value = JSON.stringify({
      id,
      secretArn,
      endpoint: 'https://sellingpartnerapi-eu.amazon.com',
      rotateAfterDays: 90,
      mode: 'AUTOMATIC',
      clientIdField: 'clientId',
      clientSecretField: 'clientSecret',
    });
    this.parameters.putParameter({ Name: `${APPLICATIONS_PATH}/${id}`, Type: 'String', Value });
  }

  private async record(run: () => Promise<unknown>): Promise<readonly RoundTrip[]> {
    this.rounds = new Rounds();
    await run();
    return this.rounds.made;
  }

  /** Replaces the network below all of our code. */
  private intercept(): void {
    const { clock, secretsManager, parameters, amazon } = this;
    this.replace(Date, { now: () => clock.now() });
    this.answer(SSMClient, { GetParametersByPath: (input) => parameters.getParametersByPath(input) });
    this.answer(SQSClient, { GetQueueAttributes: () => ({ Attributes: QUEUE_ATTRIBUTES }) });
    this.answer(EventBridgeClient, { PutEvents: () => ({ FailedEntryCount: 0, Entries: [] }) });
    this.answer(SecretsManagerClient, {
      BatchGetSecretValue: (input) => secretsManager.batchGetSecretValue(input),
      DescribeSecret: (input) => secretsManager.describeSecret(input),
      GetSecretValue: (input) => secretsManager.getSecretValue(input),
      PutSecretValue: (input) => secretsManager.putSecretValue(input),
      UpdateSecretVersionStage: (input) => secretsManager.updateSecretVersionStage(input),
    });
    this.replace(LwaTokenEndpoint.prototype, {
      exchange: (credentials) =>
        this.rounds.call('LWA token', () =>
          amazon.exchange({ grantType: 'client_credentials', scope: ROTATION_SCOPE, ...credentials }),
        ),
    } satisfies Partial<LwaTokenEndpoint>);
    this.replace(SellingPartnerApiEndpoint.prototype, {
      rotateClientSecret: (accessToken) => this.rounds.call('rotate', () => amazon.rotate(accessToken)),
    } satisfies Partial<SellingPartnerApiEndpoint>);
  }

  private answer(
    client: { readonly prototype: object },
    operations: Readonly<Record<string, (input: never) => object>>,
  ): void {
    this.replace(client.prototype, {
      send: (command: { readonly input: never }) => {
        const name = command.constructor.name.replace(/Command$/, '');
        return this.rounds.call(name, () => {
          const operation = operations[name];
          if (operation === undefined) {
            throw new Error(`the bench does not answer ${name}`);
          }
          return { $metadata: {}, ...operation(command.input) };
        });
      },
    });
  }

  private replace(target: object, methods: object): void {
    for (const [name, method] of Object.entries(methods)) {
      const descriptor = Object.getOwnPropertyDescriptor(target, name);
      Reflect.set(target, name, method);
      this.restore.push(() => {
        Reflect.deleteProperty(target, name);
        if (descriptor !== undefined) {
          Object.defineProperty(target, name, descriptor);
        }
      });
    }
  }
}
