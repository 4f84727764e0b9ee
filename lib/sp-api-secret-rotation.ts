import {
  Annotations,
  AspectPriority,
  Aspects,
  Aws,
  CfnOutput,
  Names,
  RemovalPolicy,
  Token,
  type IAspect,
} from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct, DependencyGroup, type IConstruct } from 'constructs';
import { LWA_TOKEN_URL } from './contract/amazon';
import { endpointProblem } from './contract/endpoint';
import { APPLICATION_ID, MOST_APPLICATIONS } from './contract/limits';
import { ROTATE_FUNCTION_OUTPUT } from './contract/output';
import { DETAIL_TYPE, EVENT_SOURCE, type DetailType } from './contract/event';
import { requireKeyItself } from './private/customer-key';
import { HubAlarms } from './private/hub-alarms';
import { HubDashboard } from './private/hub-dashboard';
import { HubMetrics } from './private/hub-metrics';
import { NotificationQueues } from './private/notification-queues';
import { receivedUrl } from './private/received-url';
import { ReconcileSchedule } from './private/reconcile-schedule';
import { WarnOfRemoval } from './private/retention';
import { RotateFunction } from './private/rotate-function';
import { SecretAccess } from './private/secret-access';
import { SecretOwners } from './private/secret-owners';
import { StoreFunction } from './private/store-function';
import { RotationMode } from './rotation-mode';
import { SpApiApplication, type SpApiApplicationProps } from './sp-api-application';

/**
 * Properties of a hub that renews client secrets.
 */
export interface SpApiSecretRotationProps {
  /**
   * When the state of every application is looked at. What is due is decided by dates, not by this schedule: it says
   * how soon a problem is noticed, and how soon a rotation that could not be made is tried again. It must recur: a
   * one-time schedule throws.
   *
   * @default - every hour
   */
  readonly schedule?: scheduler.ScheduleExpression;

  /**
   * Whether client secrets are renewed, or only watched. An application can have a mode of its own.
   *
   * @default RotationMode.AUTOMATIC
   */
  readonly mode?: RotationMode;

  /**
   * Customer key that encrypts the queues created here. It must live as long as they do, which is longer than the stack.
   *
   * Amazon's account is granted `kms:GenerateDataKey` and `kms:Decrypt` on it. If its policy cannot be edited, because
   * it is imported, there is a warning with the statement to add. It must be a key, not an alias. With
   * `notificationQueue` it encrypts the other two queues, and no grant is added to it: the key of a queue that is
   * passed in is the one the queue knows (`Queue.fromQueueAttributes()` with `keyArn`).
   *
   * @default - SSE-SQS, encryption with a key that SQS owns
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Customer key that encrypts the secrets created here. Amazon gets no grant on it. It must be a key, not an alias.
   *
   * @default - the AWS managed key `aws/secretsmanager`
   */
  readonly secretEncryptionKey?: kms.IKey;

  /**
   * A queue that is already registered with Amazon, to go on with. It must be a standard queue in the stack's region.
   *
   * Give it a retention period of 14 days, a visibility timeout of at least 360 seconds and a redrive policy to
   * `deadLetterQueue` with a `maxReceiveCount` of 20: none of this is changed from here. Amazon's permission to send
   * is added to its policy; if that cannot be edited, because the queue is imported, there is a warning with the
   * statement to add.
   *
   * @default - a new queue, which is kept when the stack is removed
   */
  readonly notificationQueue?: sqs.IQueue;

  /**
   * Name of the notification queue created here, so that a stack that is rebuilt gets the same ARN and nothing has to
   * be registered again. As the queue outlives the stack, pass it as `notificationQueue`, import it, or delete it
   * before a stack with the same name for it is created. Cannot be combined with `notificationQueue`.
   *
   * @default - a name that CloudFormation makes up
   */
  readonly queueName?: string;

  /**
   * Where the alarms go: told when one rings, and when it is over. If it is encrypted with a customer key, that key's
   * policy must let `cloudwatch.amazonaws.com` use it.
   *
   * @default - the alarms tell nobody; add actions to those in `alarms`
   */
  readonly alarmTopic?: sns.ITopic;

  /**
   * Whether each application has a metric of its own for the days until its client secret expires, at 0.30 USD a month
   * each. One that is asked for with `metricDaysToExpiry()` of the application is published anyhow.
   *
   * @default false
   */
  readonly applicationMetrics?: boolean;

  /**
   * Whether there is a CloudWatch dashboard, at 3.00 USD a month once an account has more than three.
   *
   * @default false
   */
  readonly dashboard?: boolean;

  /**
   * The bus on which the events of the hub are put.
   *
   * @default - the default bus of the account
   */
  readonly eventBus?: events.IEventBus;

  /**
   * Token endpoint of Login with Amazon, to which client secrets are sent.
   *
   * It must be https (http only for a loopback address, for local runs), without credentials, query or fragment.
   *
   * @default 'https://api.amazon.com/auth/o2/token'
   */
  readonly lwaTokenUrl?: string;

  /**
   * Runtime of the functions. Node.js 22 or newer.
   *
   * @default lambda.Runtime.NODEJS_24_X
   */
  readonly runtime?: lambda.Runtime;

  /**
   * Processor architecture of the functions.
   *
   * @default lambda.Architecture.ARM_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * Memory of each function, in MiB, from 128 to 10,240.
   *
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * The VPC to place the functions in. They need a way to the internet, for Amazon, and to SQS, Secrets Manager,
   * Systems Manager, EventBridge and CloudWatch Logs.
   *
   * @default - the functions are not in a VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the VPC to place the functions in. Needs `vpc`.
   *
   * @default - private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Security groups of the functions. Needs `vpc`.
   *
   * @default - a new one for each function, that lets all traffic out and none in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * How long the logs of the functions are kept. They tell who or what asked for each rotation.
   *
   * @default logs.RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * What becomes of the log groups when the stack is removed. Of the log groups only: secrets and queues are always
   * kept.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Renews the client secrets of Amazon Selling Partner API applications, unattended.
 *
 * A function looks at the state of every application on a schedule and asks Amazon for a new client secret when it is
 * due. Amazon delivers it into a queue; another function verifies it with Login with Amazon and makes it the current
 * version of the application's secret in Secrets Manager.
 *
 * Once the stack is deployed, register the notification queue in Amazon's Developer Console, and seed the secrets.
 *
 * @see https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret
 */
export class SpApiSecretRotation extends Construct {
  /**
   * The queue into which Amazon delivers: the one to register in the Developer Console.
   */
  public readonly notificationQueue: sqs.IQueue;

  /**
   * Keeps, for 14 days, what was received 20 times and could not be installed or understood.
   */
  public readonly deadLetterQueue: sqs.IQueue;

  /**
   * Keeps, for 14 days, new client secrets of client ids that no application here has.
   */
  public readonly unclaimedQueue: sqs.IQueue;

  /**
   * The function that looks after the applications: on the schedule, on a notice of expiry, and when it is invoked by
   * hand.
   */
  public readonly rotateFunction: lambda.IFunction;

  /**
   * The function that takes Amazon's messages from the queue.
   */
  public readonly storeFunction: lambda.IFunction;

  /**
   * The schedule on which the rotate function is invoked.
   */
  public readonly schedule: scheduler.ISchedule;

  /**
   * The alarms, each named after what is wrong; its description says what to do and links to the runbook.
   */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * The dashboard, where one was asked for.
   */
  public readonly dashboard?: cloudwatch.Dashboard;

  private readonly metrics: HubMetrics;
  private readonly applicationMetrics: boolean;
  private readonly mode: RotationMode;
  private readonly secretEncryptionKey?: kms.IKey;
  private readonly eventBus: events.IEventBus;
  private readonly applicationsPath: string;
  private readonly applicationScope: Construct;
  private readonly secretOwners = new SecretOwners();
  private readonly secretAccess: SecretAccess;
  private readonly settings = new DependencyGroup();

  constructor(scope: Construct, id: string, props: SpApiSecretRotationProps = {}) {
    super(scope, id);

    if (props.queueName !== undefined && props.notificationQueue !== undefined) {
      throw new Error(
        `queueName is for a queue created here and cannot be combined with notificationQueue; received "${props.queueName}" and a queue`,
      );
    }
    const lwaTokenUrl = props.lwaTokenUrl ?? LWA_TOKEN_URL;
    if (!Token.isUnresolved(lwaTokenUrl)) {
      const problem = endpointProblem(lwaTokenUrl);
      if (problem !== undefined) {
        throw new Error(
          `lwaTokenUrl must be a URL such as "${LWA_TOKEN_URL}": ${problem}; received ${receivedUrl(lwaTokenUrl)}`,
        );
      }
    }
    if (props.schedule?.expressionString.startsWith('at(') === true) {
      throw new Error(
        `schedule must recur, because a rotation that is missed once is a secret that expires; received "${props.schedule.expressionString}"`,
      );
    }
    if (props.secretEncryptionKey !== undefined) {
      requireKeyItself(this, props.secretEncryptionKey, 'secretEncryptionKey');
    }

    this.mode = props.mode ?? RotationMode.AUTOMATIC;
    this.secretEncryptionKey = props.secretEncryptionKey;
    this.eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    this.applicationsPath = `/cdk-sp-api-secret-rotation/${Aws.STACK_NAME}/${Names.uniqueResourceName(this, { maxLength: 64 })}`;

    const queues = new NotificationQueues(this, 'Queues', {
      notificationQueue: props.notificationQueue,
      encryptionKey: props.encryptionKey,
      queueName: props.queueName,
      visibilityTimeout: StoreFunction.VISIBILITY_TIMEOUT,
    });
    this.notificationQueue = queues.notification;
    this.deadLetterQueue = queues.deadLetter;
    this.unclaimedQueue = queues.unclaimed;

    const resources = { queues, eventBus: this.eventBus, applicationsPath: this.applicationsPath, lwaTokenUrl };
    const rotate = new RotateFunction(this, 'Rotate', resources, props);
    const store = new StoreFunction(this, 'Store', resources, props);
    this.rotateFunction = rotate.function;
    this.storeFunction = store.function;
    this.secretAccess = new SecretAccess(this, 'SecretAccess', [rotate.role, store.role]);

    const reconcile = new ReconcileSchedule(this, 'Reconcile', rotate.function, props.schedule);
    this.schedule = reconcile.schedule;
    // Nothing runs before it could know of every application: a queue that is already registered may hold a secret,
    // and a function that sees half of the applications would take it for a stranger's.
    reconcile.schedule.node.addDependency(this.settings);
    store.eventSourceMapping.node.addDependency(this.settings);

    this.rotateOnNoticeOfExpiry(rotate.function);

    this.metrics = new HubMetrics(this, this.notificationQueue.queueName);
    this.applicationMetrics = props.applicationMetrics ?? false;
    this.alarms = new HubAlarms(this, 'Alarms', {
      metrics: this.metrics,
      rotateFunction: rotate.function,
      storeFunction: store.function,
      notificationQueue: this.notificationQueue,
      deadLetterQueue: this.deadLetterQueue,
      schedule: reconcile.schedule,
      expression: props.schedule,
      topic: props.alarmTopic,
    }).all;
    if (props.dashboard === true) {
      this.dashboard = new HubDashboard(this, 'Dashboard', {
        metrics: this.metrics,
        functions: [rotate.function, store.function],
        notificationQueue: this.notificationQueue,
        deadLetterQueue: this.deadLetterQueue,
        unclaimedQueue: this.unclaimedQueue,
        alarms: this.alarms,
      }).dashboard;
    }

    this.applicationScope = new Construct(this, 'Applications');
    Aspects.of(this).add(new WarnOfRemoval(), { priority: AspectPriority.READONLY });
    Aspects.of(this).add(new WarnWithoutApplications(this, () => this.applicationScope.node.children.length === 0));

    new CfnOutput(this, 'NotificationQueueArn', {
      value: this.notificationQueue.queueArn,
      description:
        'Register this ARN in the Developer Console, for each application: Notification Preferences, the application, ' +
        'in both rows Application Client Secret Expiry and Application Client New Secret add it as destination, ' +
        'create, then Subscribe.',
    });
    new CfnOutput(this, 'RotateFunctionName', {
      value: this.rotateFunction.functionName,
      // The operators' command finds the hub by this text.
      description: ROTATE_FUNCTION_OUTPUT,
    });
  }

  /**
   * Adds an application whose client secret is renewed.
   *
   * Costs one resource of the stack's 500, and a second one if the secret is created here: about 225 such applications
   * fit into one stack.
   *
   * Throws if another application of this hub has the same id or the same secret, or if the permissions for more
   * secrets would not fit into IAM's limits.
   *
   * @param id names the application in answers, events and logs: 1 to 64 letters, digits, hyphens and underscores
   * @param props what is particular to the application
   */
  public addApplication(id: string, props: SpApiApplicationProps = {}): SpApiApplication {
    if (Token.isUnresolved(id) || !APPLICATION_ID.test(id)) {
      throw new Error(
        `id of an application must be 1 to 64 letters, digits, hyphens and underscores; received ${JSON.stringify(id)}`,
      );
    }
    if (this.applicationScope.node.tryFindChild(id) !== undefined) {
      throw new Error(`id of an application must be unique in its hub; received "${id}" a second time`);
    }
    const application = SpApiApplication._create(
      this.applicationScope,
      id,
      {
        applicationsPath: this.applicationsPath,
        mode: this.mode,
        secretEncryptionKey: this.secretEncryptionKey,
        metrics: this.metrics,
        applicationMetrics: this.applicationMetrics,
      },
      props,
    );
    const owner = this.secretOwners.claim(application.secret, id);
    if (owner !== undefined) {
      throw new Error(`each application must have a secret of its own; received the secret of "${owner}" for "${id}"`);
    }
    // Known to the functions only once they may use its secret.
    application._settings.node.addDependency(this.secretAccess.add(application.secret));
    this.settings.add(application._settings);

    if (this.applicationScope.node.children.length > MOST_APPLICATIONS) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.tooManyApplications',
        `a hub is made for up to ${MOST_APPLICATIONS} applications; put the further ones into another SpApiSecretRotation`,
      );
    }
    return application;
  }

  /**
   * Allows invoking the rotate function: to ask for the state, to check, and to rotate, also by force.
   *
   * @param grantee who is to invoke it
   */
  public grantInvoke(grantee: iam.IGrantable): iam.Grant {
    return this.rotateFunction.grantInvoke(grantee);
  }

  /**
   * A rule for the event that a new client secret has become the current one, of any application of this hub.
   *
   * Events come at least once; `detail.versionId` identifies a rotation.
   *
   * @param id of the rule
   * @param options target, and what else the event must match, such as `detail.application`
   */
  public onSecretRotated(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onEvent(id, [DETAIL_TYPE.rotated], options);
  }

  /**
   * A rule for the events that an application of this hub needs attention: a rotation failed, or it stalled, which is
   * that a new client secret did not arrive. `detail.kind` says what is wrong.
   *
   * @param id of the rule
   * @param options target, and what else the event must match, such as `detail.application`
   */
  public onRotationFailed(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onEvent(id, [DETAIL_TYPE.failed, DETAIL_TYPE.stalled], options);
  }

  /**
   * The fewest days until a client secret in use stops working, of all applications; the minimum by default.
   *
   * Where the date is an estimate, the embedded log line says so (`expiryEstimated`). Applications that cannot be read have
   * no date: they are in `metricApplicationsUnreadable()`, and in `metricApplicationsNeedingAttention()`.
   *
   * @param props what to read differently
   */
  public metricDaysToExpiry(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('daysToExpiry', props);
  }

  /**
   * Applications that need attention: failed, stalled or not seeded. Published by every complete sweep, also when it is 0.
   *
   * @param props what to read differently
   */
  public metricApplicationsNeedingAttention(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('needingAttention', props);
  }

  /**
   * Applications of which a sweep could read so little that their expiry is not known.
   *
   * @param props what to read differently
   */
  public metricApplicationsUnreadable(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('unreadable', props);
  }

  /**
   * Rotations that Amazon accepted.
   *
   * @param props what to read differently
   */
  public metricRotationsRequested(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('rotationsRequested', props);
  }

  /**
   * New client secrets that have become the current ones.
   *
   * @param props what to read differently
   */
  public metricRotationsCompleted(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('rotationsCompleted', props);
  }

  /**
   * Rotations that Amazon refused, or answered unclearly.
   *
   * @param props what to read differently
   */
  public metricRotationsFailed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('rotationsFailed', props);
  }

  /**
   * Rotations that failed in one way.
   *
   * @param kind the kind of failure, as events and answers name it, such as `not-enrolled`
   * @param props what to read differently
   */
  public metricRotationsFailedOfKind(kind: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.failedOfKind(kind, props);
  }

  /**
   * Times that a sweep found that a new client secret has not come.
   *
   * @param props what to read differently
   */
  public metricRotationsStalled(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('rotationsStalled', props);
  }

  /**
   * Reports of what the functions cannot decide or mend.
   *
   * @param props what to read differently
   */
  public metricPersonNeeded(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('personNeeded', props);
  }

  /**
   * Seconds from the making of a new client secret at Amazon until it was the current one; the maximum by default.
   *
   * @param props what to read differently
   */
  public metricDeliveryDelay(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('deliveryDelay', props);
  }

  /**
   * Times that a message could not be dealt with yet, and stayed in the queue.
   *
   * @param props what to read differently
   */
  public metricMessagesKept(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('messagesKept', props);
  }

  /**
   * New client secrets for client ids that no application here has.
   *
   * @param props what to read differently
   */
  public metricMessagesUnclaimed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('messagesUnclaimed', props);
  }

  /**
   * Seconds since a message that stays in the queue was sent; the maximum by default.
   *
   * @param props what to read differently
   */
  public metricOldestKeptMessageAge(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('oldestKeptMessageAge', props);
  }

  private onEvent(id: string, detailType: DetailType[], options: events.OnEventOptions): events.Rule {
    const rule = new events.Rule(options.crossStackScope ?? this, id, {
      description: options.description,
      ruleName: options.ruleName,
      eventBus: this.eventBus,
      eventPattern: { source: [EVENT_SOURCE], detailType, detail: { hub: [this.notificationQueue.queueArn] } },
    });
    rule.addEventPattern(options.eventPattern);
    rule.addTarget(options.target);
    return rule;
  }

  /** The event carries the id of an application to the function, and nothing that could make it do more than usual. */
  private rotateOnNoticeOfExpiry(rotate: lambda.IFunction): void {
    new events.Rule(this, 'Expiring', {
      description: 'Looks at an SP-API application when Amazon says that its client secret expires',
      eventBus: this.eventBus,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: [DETAIL_TYPE.expiring],
        detail: { hub: [this.notificationQueue.queueArn] },
      },
      targets: [
        new targets.LambdaFunction(rotate, {
          event: events.RuleTargetInput.fromObject({ application: events.EventField.fromPath('$.detail.application') }),
        }),
      ],
    });
  }
}

/** An aspect, because only at synthesis is it certain that no application comes any more. */
class WarnWithoutApplications implements IAspect {
  constructor(
    private readonly hub: IConstruct,
    private readonly isEmpty: () => boolean,
  ) {}

  public visit(node: IConstruct): void {
    if (node === this.hub && this.isEmpty()) {
      Annotations.of(node).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.noApplications',
        'no application was added, so no client secret is renewed; call addApplication()',
      );
    }
  }
}
