import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { randomUUID } from 'node:crypto';
import { ENVIRONMENT } from '../../lib/contract/environment';
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

/**
 * Makes the calls of the rotate function in the same order, without a check, a guard, a log line or a metric.
 * The bench never lets it rotate. The calls of a rotation are here so that the bundle contains them.
 */
export function rotateHandler(amazon: AmazonCalls): () => Promise<unknown> {
  return async () => {
    const { Parameters: parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path: path }));
    return Promise.all(parameters.map(({ Value: value = '' }) => reconcile(JSON.parse(value) as Settings, amazon)));
  };
}

async function reconcile({ secretArn, endpoint }: Settings, amazon: AmazonCalls): Promise<unknown> {
  const read = (label: string) =>
    secretsManager.send(new GetSecretValueCommand({ SecretId: secretArn, VersionStage: label }));
  const [current, journal] = await Promise.all([read('AWSCURRENT'), read('SpApiRotationJournal')]);
  const { clientId, clientSecret } = JSON.parse(current.SecretString ?? '') as {
    clientId: string;
    clientSecret: string;
  };
  const [, token] = await Promise.all([
    sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['Policy', 'KmsMasterKeyId', 'MessageRetentionPeriod'],
      }),
    ),
    amazon.token(clientId, clientSecret),
  ]);
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
    new PutEventsCommand({ Entries: [{ EventBusName: bus, Source: 'floor', DetailType: 'Requested', Detail: '{}' }] }),
  );
}
