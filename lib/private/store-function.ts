import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../contract/environment';
import { HubFunction, type HubFunctionOptions, type HubResources } from './hub-function';

/** Takes Amazon's messages from the queue and installs new client secrets. */
export class StoreFunction extends HubFunction {
  public static readonly TIMEOUT = Duration.seconds(60);

  /** What AWS asks of a queue that feeds a function: time for the batch to be tried again when Lambda is throttled. */
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
    // No kms:ViaService here: the ciphertexts of a queue never leave SQS, so a condition would protect nothing,
    // and one that did not hold for Lambda's poller would stop every delivery.
    if (queues.notificationKey !== undefined) {
      this.allow(['kms:Decrypt'], queues.notificationKey.keyArn);
    }
    if (queues.unclaimed.encryptionMasterKey !== undefined) {
      this.allow(['kms:GenerateDataKey', 'kms:Decrypt'], queues.unclaimed.encryptionMasterKey.keyArn);
    }

    // Not SqsEventSource: that grants more than the function uses.
    this.eventSourceMapping = new lambda.EventSourceMapping(this, 'Messages', {
      target: this.function,
      eventSourceArn: queues.notification.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      // The least there is: deliveries are rare, and Login with Amazon is not to be stormed.
      maxConcurrency: 2,
    });
  }
}
