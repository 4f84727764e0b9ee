import { Annotations, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  amazonKeyStatement,
  amazonKeyStatementText,
  amazonQueueStatement,
  amazonQueueStatementText,
} from './amazon-access';
import { CHANGES_URL } from '../contract/operators';
import { acknowledge } from './acknowledge';
import { claim } from './owners';
import { certainlyDiffer, requireKeyItself, shown, warnOfSharedKey } from './validation';

/**
 * The longest that SQS offers. A dead-letter queue counts the age of a message from when it was first sent: with the
 * default of 4 days, SQS could delete the only copy of a new client secret while the old one still works.
 */
const RETENTION = Duration.days(14);

/** About 7.5 hours, because the store function sets a longer visibility timeout at each receive; 10 minutes for what it does not understand. */
const MAX_RECEIVE_COUNT = 20;

export interface NotificationQueuesProps {
  readonly notificationQueue?: sqs.IQueue;
  readonly encryptionKey?: kms.IKey;
  /** Customer key of the secrets. */
  readonly secretEncryptionKey?: kms.IKey;
  readonly queueName?: string;
  /** How long a received message stays invisible. */
  readonly visibilityTimeout: Duration;
}

/** The queue that is registered with Amazon, and the two that keep messages which cannot be installed. */
export class NotificationQueues extends Construct {
  public readonly notification: sqs.IQueue;
  public readonly deadLetter: sqs.Queue;
  public readonly unclaimed: sqs.Queue;
  /** Customer key of the notification queue, where one is known. */
  public readonly notificationKey?: kms.IKey;

  constructor(scope: Construct, id: string, props: NotificationQueuesProps) {
    super(scope, id);

    if (props.encryptionKey !== undefined) {
      requireKeyItself(this, props.encryptionKey, 'encryptionKey');
    }
    const common = commonProps(props.encryptionKey);
    this.deadLetter = new sqs.Queue(this, 'DeadLetter', { ...common, ...this.onlySource(props) });
    this.unclaimed = new sqs.Queue(this, 'Unclaimed', {
      ...common,
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.DENY_ALL },
    });
    acknowledge(this.unclaimed, {
      id: 'AwsSolutions-SQS3',
      reason: 'Only people receive from this queue, so no message in it can fail to be processed.',
    });

    if (props.notificationQueue === undefined) {
      this.notification = this.createNotificationQueue(common, props);
    } else {
      this.notification = props.notificationQueue;
      this.prepareExistingQueue(props.notificationQueue, props.visibilityTimeout);
    }
    if (this.notification.encryptionType === sqs.QueueEncryption.KMS_MANAGED) {
      throw new Error(
        'notificationQueue must not be encrypted with the key that AWS manages, because Amazon cannot use it; received a queue with KMS_MANAGED, allowed are UNENCRYPTED, SQS_MANAGED and KMS',
      );
    }
    for (const resource of [this.notification, this.deadLetter, this.unclaimed]) {
      claim({ resource, hub: scope });
    }
    this.retainPolicies();

    // The key that the queue has: a property injector of the app may have replaced the one that was asked for.
    this.notificationKey = this.notification.encryptionMasterKey;
    if (this.notificationKey !== undefined) {
      requireKeyItself(this, this.notificationKey, 'encryption key of the notification queue');
      this.allowAmazonToUse(this.notificationKey);
      warnOfSharedKey(this, 'secretEncryptionKey', props.secretEncryptionKey, this.notificationKey);
    }
  }

  /**
   * Lets no other queue of the account send its dead letters here. The dead-letter queue is created first, so this needs
   * an ARN that is known before: that of a queue with a name, or of an imported one.
   */
  private onlySource({
    notificationQueue,
    queueName,
  }: NotificationQueuesProps): Pick<sqs.QueueProps, 'redriveAllowPolicy'> {
    const arn =
      queueName === undefined
        ? notificationQueue?.queueArn
        : Stack.of(this).formatArn({ service: 'sqs', resource: queueName });
    // The ARN of a queue of the same app would be a reference, and with its redrive policy a circle.
    if (arn === undefined || (queueName === undefined && Token.isUnresolved(arn))) {
      return {};
    }
    return { redriveAllowPolicy: { sourceQueues: [sqs.Queue.fromQueueArn(this, 'Source', arn)] } };
  }

  private createNotificationQueue(common: sqs.QueueProps, props: NotificationQueuesProps): sqs.Queue {
    const queue = new sqs.Queue(this, 'Notification', {
      ...common,
      queueName: props.queueName,
      visibilityTimeout: props.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetter, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    queue.addToResourcePolicy(amazonQueueStatement(queue.queueArn));
    if (props.queueName !== undefined) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.queueName',
        `in a hub that is deployed without this queueName, a new queue takes the place of the registered one, and new client secrets go on to the old one, from which nothing receives; register the new queue right after the deployment (${CHANGES_URL}), or acknowledge this warning if the hub was never deployed with another queue`,
      );
    }
    return queue;
  }

  /** Without its policy, a queue that outlives the stack would reject a client secret that Amazon is about to deliver. */
  private retainPolicies(): void {
    for (const queue of [this.notification, this.deadLetter, this.unclaimed]) {
      const policy = queue.node.scope === this ? queue.node.tryFindChild('Policy') : undefined;
      if (policy instanceof sqs.QueuePolicy) {
        policy.applyRemovalPolicy(RemovalPolicy.RETAIN);
      }
    }
  }

  private allowAmazonToUse(key: kms.IKey): void {
    if (!key.addToResourcePolicy(amazonKeyStatement(), true).statementAdded) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.importedKey',
        `the policy of the key of the notification queue cannot be edited by this stack, and Amazon cannot deliver without a permission on the key; add this statement to the policy of the key: ${amazonKeyStatementText()}`,
      );
    }
  }

  /** Adds Amazon's permission to an existing queue where its policy can be edited, and warns of what the user has to do. */
  private prepareExistingQueue(queue: sqs.IQueue, visibilityTimeout: Duration): void {
    if (queue.fifo) {
      throw new Error(
        `notificationQueue must be a standard queue, because Amazon does not deliver to FIFO queues; received ${shown(queue.queueName)}`,
      );
    }
    const { region } = Stack.of(this);
    if (certainlyDiffer(region, queue.env.region)) {
      throw new Error(
        `notificationQueue must be in the region of the stack, "${region}", because a function cannot receive from a queue in another region; received a queue in "${queue.env.region}"`,
      );
    }
    Annotations.of(this).addWarningV2(
      'cdk-sp-api-secret-rotation:SpApiSecretRotation.sharedQueue',
      'the store function receives every message of the queue passed as notificationQueue, and deletes those that have nothing to do with client secrets; let no other notifications go there, and no other consumer receive from it (the metric MessagesIgnored counts what is deleted); a hub that was deployed with another queue receives nothing from that one any more, so this one must be registered with Amazon',
    );
    const settings = [
      `a retention period of ${RETENTION.toDays()} days`,
      `a visibility timeout of at least ${visibilityTimeout.toSeconds()} seconds`,
      `a redrive policy with the dead-letter queue created here (member deadLetterQueue) and a maxReceiveCount of ${MAX_RECEIVE_COUNT}`,
    ].join(', ');
    if (queue.addToResourcePolicy(amazonQueueStatement(queue.queueArn)).statementAdded) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.notificationQueueSettings',
        `the queue passed as notificationQueue keeps its own settings; give it ${settings}`,
      );
    } else {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.importedQueue',
        `the queue passed as notificationQueue cannot be edited by this stack; give it ${settings}, and this statement in its policy: ${amazonQueueStatementText(queue.queueArn)}`,
      );
    }
  }
}

/** Of all three queues. */
function commonProps(encryptionKey: kms.IKey | undefined): sqs.QueueProps {
  return {
    ...(encryptionKey === undefined
      ? { encryption: sqs.QueueEncryption.SQS_MANAGED }
      : { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
    retentionPeriod: RETENTION,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
  };
}
