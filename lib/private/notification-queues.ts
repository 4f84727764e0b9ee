import { Annotations, Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  amazonKeyStatement,
  amazonKeyStatementText,
  amazonQueueStatement,
  amazonQueueStatementText,
} from './amazon-access';
import { requireKeyItself } from './customer-key';

/**
 * As long as SQS keeps anything. A dead-letter queue counts a message's age from when it was first sent: with the
 * default of 4 days the only copy of a new secret could die while the old one still works.
 */
const RETENTION = Duration.days(14);

/** With the growing visibility timeouts that the store function sets, about 7.5 hours. */
const MAX_RECEIVE_COUNT = 20;

export interface NotificationQueuesProps {
  readonly notificationQueue?: sqs.IQueue;
  readonly encryptionKey?: kms.IKey;
  readonly queueName?: string;
  /** How long a received message stays invisible. */
  readonly visibilityTimeout: Duration;
}

/** The queue that is registered with Amazon, and the two that keep what cannot be installed. */
export class NotificationQueues extends Construct {
  public readonly notification: sqs.IQueue;
  public readonly deadLetter: sqs.Queue;
  public readonly unclaimed: sqs.Queue;
  /** Customer key of the notification queue, where one is known. */
  public readonly notificationKey?: kms.IKey;

  constructor(scope: Construct, id: string, props: NotificationQueuesProps) {
    super(scope, id);

    const encryption: sqs.QueueProps =
      props.encryptionKey === undefined
        ? { encryption: sqs.QueueEncryption.SQS_MANAGED }
        : { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: props.encryptionKey };
    const common: sqs.QueueProps = {
      ...encryption,
      retentionPeriod: RETENTION,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    };

    if (props.encryptionKey !== undefined) {
      requireKeyItself(this, props.encryptionKey, 'encryptionKey');
    }
    this.deadLetter = new sqs.Queue(this, 'DeadLetter', common);
    this.unclaimed = new sqs.Queue(this, 'Unclaimed', common);
    Validations.of(this.unclaimed).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'Nothing receives from this queue but people, so no message in it can fail to be processed.',
    });

    if (props.notificationQueue === undefined) {
      const queue = new sqs.Queue(this, 'Notification', {
        ...common,
        queueName: props.queueName,
        visibilityTimeout: props.visibilityTimeout,
        deadLetterQueue: { queue: this.deadLetter, maxReceiveCount: MAX_RECEIVE_COUNT },
      });
      queue.addToResourcePolicy(amazonQueueStatement(queue.queueArn));
      this.notification = queue;
      // The queue's own: a property injector of the app may have given it another than was asked for.
      this.notificationKey = queue.encryptionMasterKey;
    } else {
      this.notification = props.notificationQueue;
      this.notificationKey = props.notificationQueue.encryptionMasterKey;
      this.adopt(props.notificationQueue, props.visibilityTimeout);
    }
    if (this.notification.encryptionType === sqs.QueueEncryption.KMS_MANAGED) {
      throw new Error(
        'notificationQueue must not be encrypted with the key that AWS manages, because Amazon cannot use it; received a queue with KMS_MANAGED, allowed are UNENCRYPTED, SQS_MANAGED and KMS',
      );
    }
    // A queue without its policy would turn away a secret that is on its way while the stack is being removed.
    for (const queue of [this.notification, this.deadLetter, this.unclaimed]) {
      if (queue.node.scope === this) {
        const policy = queue.node.tryFindChild('Policy');
        if (policy instanceof sqs.QueuePolicy) {
          policy.applyRemovalPolicy(RemovalPolicy.RETAIN);
        }
      }
    }
    if (this.notificationKey !== undefined) {
      requireKeyItself(this, this.notificationKey, 'encryption key of the notification queue');
      this.admitAmazonToKey(this.notificationKey);
    }
  }

  private admitAmazonToKey(key: kms.IKey): void {
    if (!key.addToResourcePolicy(amazonKeyStatement(), true).statementAdded) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.importedKey',
        `the policy of the key of the notification queue cannot be edited from here, and without a grant to Amazon no new secret arrives; add this statement to the key's policy: ${amazonKeyStatementText()}`,
      );
    }
  }

  /** Does for a queue passed in what can be done from here, and asks for the rest. */
  private adopt(queue: sqs.IQueue, visibilityTimeout: Duration): void {
    if (queue.fifo) {
      throw new Error(
        `notificationQueue must be a standard queue, because Amazon does not deliver to FIFO queues; received "${queue.queueName}"`,
      );
    }
    const { region } = Stack.of(this);
    if (!Token.isUnresolved(region) && !Token.isUnresolved(queue.env.region) && region !== queue.env.region) {
      throw new Error(
        `notificationQueue must be in the region of the stack, "${region}", because functions cannot be fed from another; received a queue in "${queue.env.region}"`,
      );
    }
    const wanted = [
      `a retention period of ${RETENTION.toDays()} days`,
      `a visibility timeout of at least ${visibilityTimeout.toSeconds()} seconds`,
      `a redrive policy with the dead-letter queue created here (member deadLetterQueue) and a maxReceiveCount of ${MAX_RECEIVE_COUNT}`,
    ];
    if (queue.addToResourcePolicy(amazonQueueStatement(queue.queueArn)).statementAdded) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.notificationQueueSettings',
        `the settings of the queue passed as notificationQueue are not changed from here; give it ${wanted.join(', ')}`,
      );
    } else {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.importedQueue',
        `the queue passed as notificationQueue cannot be edited from here; give it ${wanted.join(', ')}, and this statement in its policy: ${amazonQueueStatementText(queue.queueArn)}`,
      );
    }
  }
}
