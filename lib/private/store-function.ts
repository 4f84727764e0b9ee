import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../contract/environment';
import { through } from './secret-access';
import { HubFunction, type HubFunctionOptions, type HubResources } from './hub-function';

/** Receives Amazon's messages from the queue and installs new client secrets. */
export class StoreFunction extends HubFunction {
  public static readonly TIMEOUT = Duration.seconds(60);

  /** Six times the timeout, as AWS recommends: it leaves time to retry a batch when the function is throttled. */
  public static readonly VISIBILITY_TIMEOUT = Duration.seconds(6 * StoreFunction.TIMEOUT.toSeconds());

  public readonly eventSourceMapping: lambda.EventSourceMapping;

  constructor(scope: Construct, id: string, resources: HubResources, options: HubFunctionOptions) {
    const { queues } = resources;
    super(scope, id, {
      bundle: 'store',
      description: 'Installs new client secrets of SP-API applications that Amazon delivers into the queue',
      timeout: StoreFunction.TIMEOUT,
      environment: { [ENVIRONMENT.unclaimedQueueUrl]: queues.unclaimed.queueUrl },
      resources,
      options,
    });

    this.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      queues.notification.queueArn,
    );
    this.allow(['sqs:SendMessage'], queues.unclaimed.queueArn);
    // The condition holds for the poller of Lambda too: the policy of alias/aws/sqs lets nobody in without it.
    const throughQueues = through(this, 'sqs');
    if (queues.notificationKey !== undefined) {
      this.allowWhere(throughQueues, ['kms:Decrypt'], queues.notificationKey.keyArn);
    }
    if (queues.unclaimed.encryptionMasterKey !== undefined) {
      const { keyArn } = queues.unclaimed.encryptionMasterKey;
      this.allowWhere(throughQueues, ['kms:GenerateDataKey', 'kms:Decrypt'], keyArn);
    }

    // Not SqsEventSource, which grants more than the function uses.
    this.eventSourceMapping = new lambda.EventSourceMapping(this, 'Messages', {
      target: this.function,
      eventSourceArn: queues.notification.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      // The lowest value that Lambda allows: deliveries are rare, and many calls at once would burden Login with Amazon.
      maxConcurrency: 2,
    });
  }
}
