import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { ENVIRONMENT } from '../../lib/contract/environment';
import { EVENT_SOURCE } from '../../lib/contract/event';
import type { AmazonCalls } from './with-node-http';

interface Delivered {
  readonly clientId: string;
  readonly newClientSecret: string;
  readonly newClientSecretExpiryTime: string;
}

interface Notification {
  readonly payload: { readonly applicationOAuthClientNewSecret: Delivered };
}

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

const ssm = new SSMClient({});
const secretsManager = new SecretsManagerClient({});
const sqs = new SQSClient({});
const eventBridge = new EventBridgeClient({});
const {
  [ENVIRONMENT.applicationsPath]: path,
  [ENVIRONMENT.queueUrl]: queueUrl,
  [ENVIRONMENT.unclaimedQueueUrl]: unclaimedQueueUrl,
  [ENVIRONMENT.eventBusArn]: bus,
} = process.env;

/**
 * The fewest calls, one after the other, that keep the guarantees of a delivery:
 *
 * 1. Read the applications. Only the parameters say which secrets there are.
 * 2. Read the secret: AWSCURRENT (whose client id is it?), the journal and the labels, all at the same time.
 * 3. Write the journal. After a crash, a staged secret that the journal does not name cannot be told from an older one.
 * 4. Write AWSPENDING. Only a version that exists can get a label, and a put straight into AWSCURRENT compares nothing.
 * 5. Move AWSCURRENT.
 *
 * The token request runs beside 3 and 4: its answer is needed before 5 and changes nothing. The event and the last journal
 * entry follow 5.
 */
export function storeHandler(amazon: AmazonCalls): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    const { Parameters: parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path: path }));
    const secretArns = parameters.map(
      ({ Value: value = '' }) => (JSON.parse(value) as { secretArn: string }).secretArn,
    );
    for (const { body, receiptHandle } of event.Records) {
      const delivered = (JSON.parse(body) as Notification).payload.applicationOAuthClientNewSecret;
      const taken = await Promise.all(secretArns.map((secretArn) => install(secretArn, delivered, amazon)));
      if (!taken.includes(true)) {
        await sqs.send(new SendMessageCommand({ QueueUrl: unclaimedQueueUrl, MessageBody: body }));
        await sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: queueUrl,
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: 0,
          }),
        );
      }
    }
    return { batchItemFailures: [] };
  };
}

async function install(
  secretArn: string,
  { clientId, newClientSecret, newClientSecretExpiryTime }: Delivered,
  amazon: AmazonCalls,
): Promise<boolean> {
  const read = (label: string) =>
    secretsManager.send(new GetSecretValueCommand({ SecretId: secretArn, VersionStage: label }));
  const [current] = await Promise.all([
    read('AWSCURRENT'),
    read('SpApiRotationJournal'),
    secretsManager.send(new DescribeSecretCommand({ SecretId: secretArn })),
  ]);
  const credentials = JSON.parse(current.SecretString ?? '') as Credentials;
  if (credentials.clientId !== clientId) {
    return false;
  }
  const stagedId = randomUUID();
  const expiry = { at: Date.parse(newClientSecretExpiryTime) };
  const put = (versionId: string, content: object, label: string) =>
    secretsManager.send(
      new PutSecretValueCommand({
        SecretId: secretArn,
        ClientRequestToken: versionId,
        SecretString: JSON.stringify(content),
        VersionStages: [label],
      }),
    );
  await Promise.all([
    put(randomUUID(), { newest: stagedId, expiry }, 'SpApiRotationJournal').then(() =>
      put(stagedId, { ...credentials, clientSecret: newClientSecret }, 'AWSPENDING'),
    ),
    amazon.token(clientId, newClientSecret),
  ]);
  await secretsManager.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secretArn,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: stagedId,
      RemoveFromVersionId: current.VersionId,
    }),
  );
  await eventBridge.send(
    new PutEventsCommand({
      Entries: [{ EventBusName: bus, Source: EVENT_SOURCE, DetailType: 'Rotated', Detail: '{}' }],
    }),
  );
  await put(randomUUID(), { newest: stagedId, expiry, announced: true }, 'SpApiRotationJournal');
  return true;
}
