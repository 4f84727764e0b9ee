import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  BatchGetSecretValueCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { randomUUID } from 'node:crypto';
import { ENVIRONMENT } from '../../lib/contract/environment';
import { EVENT_SOURCE } from '../../lib/contract/event';
import type { AmazonCalls } from './with-node-http';

interface Settings {
  readonly secretArn: string;
  readonly endpoint: string;
}

const ssm = new SSMClient({});
const secretsManager = new SecretsManagerClient({});
const sqs = new SQSClient({});
const eventBridge = new EventBridgeClient({});
const {
  [ENVIRONMENT.applicationsPath]: path,
  [ENVIRONMENT.queueUrl]: queueUrl,
  [ENVIRONMENT.eventBusArn]: bus,
} = process.env;

/** So many applications are looked at together, and so many secrets are read in one call. */
const AT_ONCE = 20;

/**
 * Makes the calls of the rotate function in the same order, without a check, a guard, a log line or a metric.
 * The bench never lets it rotate. The calls of a rotation are here so that the bundle contains them.
 */
export function rotateHandler(amazon: AmazonCalls): () => Promise<unknown> {
  return async () => {
    const all: Settings[] = [];
    for await (const { Parameters: page = [] } of paginateGetParametersByPath({ client: ssm }, { Path: path })) {
      all.push(...page.map(({ Value: value = '' }) => JSON.parse(value) as Settings));
    }
    const currents = new Map<number, Promise<Texts>>();
    const queue = sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['Policy', 'KmsMasterKeyId', 'MessageRetentionPeriod'],
      }),
    );
    const answers: unknown[] = [];
    // All workers take from the same.
    const queued = all.entries();
    const worker = async (): Promise<void> => {
      for (const [index, settings] of queued) {
        const block = Math.floor(index / AT_ONCE) * AT_ONCE;
        const reading = currents.get(block) ?? readSeveral(all.slice(block, block + AT_ONCE));
        currents.set(block, reading);
        answers[index] = await reconcile(settings, reading, amazon);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await queue;
    return answers;
  };
}

/** ARN → what AWSCURRENT holds. */
type Texts = ReadonlyMap<string, string>;

async function readSeveral(block: readonly Settings[]): Promise<Texts> {
  const SecretIdList = block.map(({ secretArn }) => secretArn);
  const { SecretValues: values = [] } = await secretsManager.send(new BatchGetSecretValueCommand({ SecretIdList }));
  return new Map(values.map(({ ARN: arn = '', SecretString: text = '' }) => [arn, text]));
}

async function reconcile(
  { secretArn, endpoint }: Settings,
  reading: Promise<Texts>,
  amazon: AmazonCalls,
): Promise<unknown> {
  const [texts, journal] = await Promise.all([
    reading,
    secretsManager.send(new GetSecretValueCommand({ SecretId: secretArn, VersionStage: 'SpApiRotationJournal' })),
  ]);
  const { clientId, clientSecret } = JSON.parse(texts.get(secretArn) ?? '') as {
    clientId: string;
    clientSecret: string;
  };
  const token = await amazon.token(clientId, clientSecret);
  const { expiry } = JSON.parse(journal.SecretString ?? '') as { expiry: { at: number } };
  if (expiry.at < 0) {
    await rotate(secretArn, endpoint, token, amazon);
  }
  return { clientId, expiry };
}

async function rotate(secretArn: string, endpoint: string, token: string, amazon: AmazonCalls): Promise<void> {
  const { VersionIdsToStages: labels = {} } = await secretsManager.send(
    new DescribeSecretCommand({ SecretId: secretArn }),
  );
  await secretsManager.send(
    new PutSecretValueCommand({
      SecretId: secretArn,
      ClientRequestToken: randomUUID(),
      SecretString: '{}',
      VersionStages: ['SpApiRotationJournal'],
    }),
  );
  await amazon.rotate(endpoint, token);
  await secretsManager.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secretArn,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: Object.keys(labels)[0],
    }),
  );
  await eventBridge.send(
    new PutEventsCommand({
      Entries: [{ EventBusName: bus, Source: EVENT_SOURCE, DetailType: 'Requested', Detail: '{}' }],
    }),
  );
}
