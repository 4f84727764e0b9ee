import { Annotations, Aspects, Aws, CfnOutput, Names, RemovalPolicy, Token, type IAspect } from 'aws-cdk-lib';
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
import { DETAIL_TYPE, EVENT_SOURCE, FROM_BUS, type DetailType, type EventDetail } from './contract/event';
import { couldBeCredential } from './contract/credential';
import { APPLICATION_ID } from './contract/limits';
import { CHANGES_URL, ROTATE_FUNCTION_OUTPUT } from './contract/operators';
import { RotationMode } from './contract/rotation-mode';
import { HubAlarms } from './private/hub-alarms';
import type { HubDefaults } from './private/hub-defaults';
import { HubDashboard } from './private/hub-dashboard';
import type { HubResources } from './private/hub-function';
import { HubMetrics } from './private/hub-metrics';
import { NotificationQueues } from './private/notification-queues';
import { checkLwaTokenUrl, OtherEndpoints } from './private/other-endpoints';
import { claim } from './private/owners';
import {
  FLAG,
  LIST,
  NUMBER,
  OBJECT,
  oneOf,
  requirePropTypes,
  TEXT,
  withMember,
  type PropType,
} from './private/prop-types';
import { ReconcileSchedule } from './private/reconcile-schedule';
import { warnOfRemoval } from './private/retention';
import { RotateFunction } from './private/rotate-function';
import { SecretAccess } from './private/secret-access';
import { StoreFunction } from './private/store-function';
import { sweepInterval } from './private/sweep-interval';
import { requireKeyItself, requirePartitionOfAmazon, shown } from './private/validation';
import type { RotationWindow } from './rotation-window';
import { SpApiRegion } from './sp-api-region';
import { SpApiApplication, type SpApiApplicationProps } from './sp-api-application';

/** Token endpoint of Login with Amazon. */
const DEFAULT_LWA_TOKEN_URL = 'https://api.amazon.com/auth/o2/token';

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const QUEUE_NAME = /^[A-Za-z0-9_-]{1,80}$/;

const PROP_TYPES: Readonly<Record<keyof SpApiSecretRotationProps, PropType>> = {
  schedule: withMember('a scheduler.ScheduleExpression', 'expressionString'),
  mode: oneOf('a RotationMode', RotationMode),
  rotationWindow: withMember('a RotationWindow', '_settings'),
  encryptionKey: withMember('a kms.IKey', 'keyArn'),
  secretEncryptionKey: withMember('a kms.IKey', 'keyArn'),
  notificationQueue: withMember('an sqs.IQueue', 'queueArn'),
  queueName: TEXT,
  alarmTopic: withMember('an sns.ITopic', 'topicArn'),
  applicationMetrics: FLAG,
  dashboard: FLAG,
  eventBus: withMember('an events.IEventBus', 'eventBusArn'),
  lwaTokenUrl: TEXT,
  runtime: withMember('a lambda.Runtime', 'runtimeEquals'),
  architecture: withMember('a lambda.Architecture', 'dockerPlatform'),
  memorySize: NUMBER,
  vpc: withMember('an ec2.IVpc', 'vpcId'),
  vpcSubnets: OBJECT,
  securityGroups: LIST,
  logRetention: NUMBER,
  removalPolicy: oneOf('a RemovalPolicy', RemovalPolicy),
};

/** As many applications as one sweep completes in its time, and as the policies of one role have room for. */
const MAX_APPLICATIONS = 250;

/**
 * Properties of SpApiSecretRotation.
 */
export interface SpApiSecretRotationProps {
  /**
   * When to make a sweep: one run of the rotate function over all applications.
   *
   * Dates decide when a client secret is rotated, not this schedule. The schedule decides how soon a failure is noticed
   * and how soon a failed rotation is retried. It must recur: a one-time schedule throws.
   *
   * @default - every hour
   */
  readonly schedule?: scheduler.ScheduleExpression;

  /**
   * Whether client secrets are rotated, or only watched. An application can have a mode of its own.
   *
   * @default RotationMode.AUTOMATIC
   */
  readonly mode?: RotationMode;

  /**
   * When rotations are asked for automatically. An application can have a window of its own.
   *
   * It must be at least as long as the longest time between two sweeps, else a sweep may never meet it: that throws. Looking,
   * healing, installing and reporting go on at any time. In the last 14 days before the expiry of a client secret the window
   * is open.
   *
   * @default - at any time
   */
  readonly rotationWindow?: RotationWindow;

  /**
   * Customer key that encrypts the queues created here. The queues are kept when the stack is removed, so keep the key as
   * long as they exist.
   *
   * Amazon's account is granted `kms:GenerateDataKey` and `kms:Decrypt` on it. If the policy of the key cannot be edited,
   * because the key is imported, there is a warning with the statement to add. It must be a key, not an alias.
   *
   * With `notificationQueue` it encrypts only the other two queues, and Amazon gets no permission on it. Pass the key of
   * your own queue with that queue (`Queue.fromQueueAttributes()` with `keyArn`).
   *
   * @default - SSE-SQS, encryption with a key that SQS owns
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Customer key that encrypts the secrets created here. Amazon gets no permission on it. It must be a key, not an alias.
   *
   * @default - the AWS managed key `aws/secretsmanager`
   */
  readonly secretEncryptionKey?: kms.IKey;

  /**
   * An existing queue that is already registered with Amazon. It must be a standard queue in the region of the stack.
   *
   * Its settings are not changed. Give it a retention period of 14 days, a visibility timeout of at least 360 seconds and
   * a redrive policy to `deadLetterQueue` with a `maxReceiveCount` of 20. Amazon's permission to send is added to its
   * policy. If the policy cannot be edited, because the queue is imported, there is a warning with the statement to add.
   *
   * @default - a new queue, which is kept when the stack is removed
   */
  readonly notificationQueue?: sqs.IQueue;

  /**
   * Name of the notification queue created here: 1 to 80 letters, digits, hyphens and underscores. With a name, a rebuilt
   * stack gets the same ARN, and nothing has to be registered with Amazon again.
   *
   * Set it in the first deployment. If you add, change or remove it later, a new queue takes the place of the registered one,
   * and has to be registered: there is a warning, which you acknowledge.
   *
   * The queue is kept when the stack is removed. Before you create a stack with the same queue name, import the queue into
   * that stack, pass it as `notificationQueue`, or delete it. Cannot be combined with `notificationQueue`.
   *
   * @default - a name that CloudFormation generates
   */
  readonly queueName?: string;

  /**
   * Topic that receives a message when an alarm goes off, and when one ends because a look found all well: those for missing sweeps,
   * dead letters, applications that need attention, and expiry. It must be in the region of the stack.
   *
   * CloudWatch's permission is added to the policy of the topic, if it has one of its own, and to that of its customer
   * key. Where they cannot be edited, because the topic or the key is imported, there is a warning with the statement to
   * add. With the key `alias/aws/sns`, which CloudWatch cannot use, there is a warning too.
   *
   * @default - no notifications, and a warning unless the alarms in `alarms` have actions
   * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
   */
  readonly alarmTopic?: sns.ITopic;

  /**
   * Whether each application has a metric of its own for the days until its client secret expires. Such a metric costs
   * 0.30 USD a month. `metricDaysToExpiry()` of an application turns on the metric of that application alone.
   *
   * @default false
   */
  readonly applicationMetrics?: boolean;

  /**
   * Whether to create a CloudWatch dashboard. It costs 3.00 USD a month once the account has more than three.
   *
   * @default false
   */
  readonly dashboard?: boolean;

  /**
   * The event bus that receives the events.
   *
   * @default - the default bus of the account
   */
  readonly eventBus?: events.IEventBus;

  /**
   * Token endpoint of Login with Amazon, to which client secrets are sent.
   *
   * It must be https (http only for a loopback address, for local runs), in ASCII without white space, and without
   * credentials, query or fragment. An SP-API endpoint throws, as does a path at Login with Amazon that is not
   * `/auth/o2/token`. There is a warning if it is not Amazon's.
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
   * @default 512
   */
  readonly memorySize?: number;

  /**
   * The VPC to place the functions in. They must be able to reach Amazon on the internet, and SQS, Secrets Manager,
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
   * @default - a new one for each function, which allows all outbound traffic and no inbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * How long the logs of the functions are kept. They record who or what requested each rotation.
   *
   * @default logs.RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * What happens to the log groups when the stack is removed. It applies to the log groups only: secrets and queues are
   * always kept.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Rotates the client secrets of Amazon Selling Partner API applications automatically.
 *
 * The rotate function makes a sweep on a schedule: it checks every application and asks Amazon for a new client secret
 * when one is due. Amazon delivers the new client secret into a queue. The store function verifies it with Login with
 * Amazon and makes it the current version of the application's secret in Secrets Manager.
 *
 * After the deployment, register the notification queue in Amazon's Developer Console, and seed the secrets.
 *
 * One SpApiSecretRotation with its queues, functions and applications is called a hub.
 *
 * @see https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret
 */
export class SpApiSecretRotation extends Construct {
  /**
   * The queue into which Amazon delivers. Register it in the Developer Console.
   */
  public readonly notificationQueue: sqs.IQueue;

  /**
   * Keeps messages that were received 20 times and could not be installed or understood, for 14 days.
   */
  public readonly deadLetterQueue: sqs.IQueue;

  /**
   * Keeps new client secrets for client ids that no application here has, for 14 days. Where an application could not be
   * read for an hour, also notices of expiry that may be for it.
   */
  public readonly unclaimedQueue: sqs.IQueue;

  /**
   * The function that rotates. It runs on the schedule, on a notice of expiry, and when an operator invokes it.
   */
  public readonly rotateFunction: lambda.IFunction;

  /**
   * The function that receives Amazon's messages from the queue and installs new client secrets.
   */
  public readonly storeFunction: lambda.IFunction;

  /**
   * The schedule that invokes the rotate function.
   */
  public readonly schedule: scheduler.ISchedule;

  /**
   * The alarms. Each is named after what is wrong; its description says what to do and links to the runbook.
   */
  public readonly alarms: cloudwatch.Alarm[];

  /**
   * The dashboard, if `dashboard` is true.
   */
  public readonly dashboard?: cloudwatch.Dashboard;

  private readonly observe: lambda.IAlias;
  private readonly metrics: HubMetrics;
  private readonly applicationMetrics: boolean;
  private readonly mode: RotationMode;
  private readonly rotationDefaults: Pick<HubDefaults, 'rotationWindow' | 'sweepInterval'>;
  private readonly secretEncryptionKey?: kms.IKey;
  private readonly resources: HubResources;
  private readonly eventBus: events.IEventBus;
  private readonly applicationsPath: string;
  private readonly applicationScope: Construct;
  private readonly otherEndpoints: OtherEndpoints;
  private readonly secretAccess: SecretAccess;
  private readonly settings = new DependencyGroup();

  constructor(scope: Construct, id: string, props: SpApiSecretRotationProps = {}) {
    super(scope, id);
    requirePropTypes(props, PROP_TYPES);
    this.checkProps(props);

    this.mode = props.mode ?? RotationMode.AUTOMATIC;
    this.rotationDefaults = { rotationWindow: props.rotationWindow, sweepInterval: sweepInterval(props.schedule) };
    this.secretEncryptionKey = props.secretEncryptionKey;
    this.applicationMetrics = props.applicationMetrics ?? false;
    this.eventBus = props.eventBus ?? events.EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    this.applicationsPath = `/cdk-sp-api-secret-rotation/${Aws.STACK_NAME}/${Names.uniqueResourceName(this, { maxLength: 64 })}`;

    const visibilityTimeout = StoreFunction.VISIBILITY_TIMEOUT;
    const queues = new NotificationQueues(this, 'Queues', { ...props, visibilityTimeout });
    this.notificationQueue = queues.notification;
    this.deadLetterQueue = queues.deadLetter;
    this.unclaimedQueue = queues.unclaimed;

    const { eventBus, applicationsPath } = this;
    const resources = { queues, eventBus, applicationsPath, lwaTokenUrl: props.lwaTokenUrl ?? DEFAULT_LWA_TOKEN_URL };
    this.resources = resources;
    const store = new StoreFunction(this, 'Store', resources, props);
    const rotate = new RotateFunction(this, 'Rotate', resources, { ...props, storeFunction: store.function });
    this.rotateFunction = rotate.function;
    this.observe = rotate.observe;
    this.storeFunction = store.function;
    this.otherEndpoints = new OtherEndpoints([rotate.function, store.function]);
    this.secretAccess = new SecretAccess(this, 'SecretAccess', [rotate.role, store.role]);

    this.schedule = new ReconcileSchedule(this, 'Reconcile', rotate.function, props.schedule).schedule;
    // The functions start only when the settings of all applications are there: a queue that is already registered may
    // hold a client secret, and without the settings of its application it would be unclaimed.
    this.schedule.node.addDependency(this.settings);
    store.eventSourceMapping.node.addDependency(this.settings);
    this.rotateOnNoticeOfExpiry(rotate.function);

    this.metrics = new HubMetrics(this, this.notificationQueue.queueName);
    this.alarms = this.addAlarms(queues, props);
    if (props.dashboard === true) {
      this.dashboard = this.addDashboard(queues, [rotate.function, store.function]);
    }

    this.applicationScope = new Construct(this, 'Applications');
    warnOfRemoval(this, () => this.keys());
    Aspects.of(this).add(new WarnWithoutApplications(this, () => this.applicationScope.node.children.length === 0));
    this.addOutputs();
  }

  /**
   * Adds an application whose client secret is rotated.
   *
   * It uses one of the 500 resources of a stack, and a second one if its secret is created here. So a stack has room for
   * about 225 applications with a secret that is created here.
   *
   * Throws if another application of this hub has the same id, if an application of any hub of the app has the same secret,
   * or if the permissions for all secrets exceed the limits of IAM.
   *
   * @param id names the application in answers, events and logs: 1 to 64 letters, digits, hyphens and underscores. With
   * another id, a secret that is created here is another one, without a value: see `docs/changes.md` in the repository
   * @param props properties of the application
   */
  public addApplication(id: string, props: SpApiApplicationProps = {}): SpApiApplication {
    if (Token.isUnresolved(id) || !APPLICATION_ID.test(id) || couldBeCredential(id)) {
      throw new Error(
        `id of an application must be 1 to 64 letters, digits, hyphens and underscores; received ${shown(id)}`,
      );
    }
    if (this.applicationScope.node.tryFindChild(id) !== undefined) {
      throw new Error(`id of an application must be unique in its hub; received "${id}" a second time`);
    }
    const application = SpApiApplication._create(
      this.applicationScope,
      id,
      {
        hub: this,
        ...this.resources,
        mode: this.mode,
        ...this.rotationDefaults,
        secretEncryptionKey: this.secretEncryptionKey,
        metrics: this.metrics,
        applicationMetrics: this.applicationMetrics,
      },
      props,
    );
    this.otherEndpoints.add(application, (props.region ?? SpApiRegion.NORTH_AMERICA).endpointUrl);
    claim({ resource: application.secret, name: props.secretName, hub: this, application: id });
    // The functions learn of the application only when they are allowed to use its secret.
    application._settings.node.addDependency(this.secretAccess.add(application.secret));
    this.settings.add(application._settings);

    if (this.applicationScope.node.children.length > MAX_APPLICATIONS) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.tooManyApplications',
        `one SpApiSecretRotation is made for up to ${MAX_APPLICATIONS} applications; put the other ones into another SpApiSecretRotation`,
      );
    }
    return application;
  }

  /**
   * Allows to look: to ask for the status and the history, and to check. It does not allow to rotate, to pause, or to tell a
   * date.
   *
   * It allows to invoke the alias `observe` of the rotate function, through which the function does nothing else. A check
   * asks Login with Amazon for a token for each application, and proves that the function may write its secret, by writes that
   * change no value.
   *
   * @param grantee the principal that looks
   */
  public grantObserve(grantee: iam.IGrantable): iam.Grant {
    return this.observe.grantInvoke(grantee);
  }

  /**
   * Allows to invoke the rotate function: to look, to rotate, also with force, to pause and resume, and to tell a date.
   *
   * @param grantee the principal that invokes it
   */
  public grantInvoke(grantee: iam.IGrantable): iam.Grant {
    return this.rotateFunction.grantInvoke(grantee);
  }

  /**
   * Adds a rule for the event that a new client secret has become the current one, for any application of this hub.
   *
   * An event may be delivered more than once; `detail.versionId` identifies the rotation.
   *
   * @param id of the rule
   * @param options target, and what else the event must match, such as `detail.application`
   */
  public onSecretRotated(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onEvent(id, [DETAIL_TYPE.rotated], options);
  }

  /**
   * Adds a rule for the events that an application of this hub needs attention: a rotation failed, or it stalled, which
   * means that the new client secret did not arrive. `detail.kind` says what is wrong.
   *
   * @param id of the rule
   * @param options target, and what else the event must match, such as `detail.application`
   */
  public onRotationFailed(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onEvent(id, [DETAIL_TYPE.failed, DETAIL_TYPE.stalled], options);
  }

  /**
   * The fewest days until a client secret in use stops working, over all applications. The default statistic is the
   * minimum. Where a rotation is late, it counts to the end of its overlap, seven days after the first attempt.
   *
   * Where the date is an estimate, the log line of the metric has `expiryEstimated`. An application that cannot be read
   * has no date: `metricApplicationsUnreadable()` and `metricApplicationsNeedingAttention()` count it.
   *
   * @param props properties of the metric to override
   */
  public metricDaysToExpiry(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('daysToExpiry', props);
  }

  /**
   * Applications that need attention: failed, stalled or not seeded. Every complete sweep publishes it, also when it is
   * 0.
   *
   * @param props properties of the metric to override
   */
  public metricApplicationsNeedingAttention(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('needingAttention', props);
  }

  /**
   * Applications whose expiry is unknown, because a sweep could not read their secret.
   *
   * @param props properties of the metric to override
   */
  public metricApplicationsUnreadable(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('unreadable', props);
  }

  /**
   * Rotations that Amazon accepted.
   *
   * @param props properties of the metric to override
   */
  public metricRotationsRequested(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('rotationsRequested', props);
  }

  /**
   * New client secrets that have become the current ones.
   *
   * @param props properties of the metric to override
   */
  public metricRotationsCompleted(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('rotationsCompleted', props);
  }

  /**
   * Rotations that Amazon refused, or did not answer clearly.
   *
   * @param props properties of the metric to override
   */
  public metricRotationsFailed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('rotationsFailed', props);
  }

  /**
   * Rotations that failed with one kind of failure.
   *
   * @param kind the kind of failure, as in events and answers, such as `not-enrolled`
   * @param props properties of the metric to override
   */
  public metricRotationsFailedOfKind(kind: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.failedOfKind(kind, props);
  }

  /**
   * How often a sweep found that a new client secret has not arrived.
   *
   * @param props properties of the metric to override
   */
  public metricRotationsStalled(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('rotationsStalled', props);
  }

  /**
   * Failures that the functions cannot resolve automatically.
   *
   * @param props properties of the metric to override
   */
  public metricPersonNeeded(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('personNeeded', props);
  }

  /**
   * Seconds from the creation of a new client secret at Amazon until it is the current one. The default statistic is the
   * maximum.
   *
   * @param props properties of the metric to override
   */
  public metricDeliveryDelay(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('deliveryDelay', props);
  }

  /**
   * How often a message could not be processed yet and stayed in the queue.
   *
   * @param props properties of the metric to override
   */
  public metricMessagesKept(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('messagesKept', props);
  }

  /**
   * New client secrets for client ids that no application here has.
   *
   * @param props properties of the metric to override
   */
  public metricMessagesUnclaimed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('messagesUnclaimed', props);
  }

  /**
   * Messages that have nothing to do with client secrets, such as notifications of other types, which the store function
   * deletes.
   *
   * @param props properties of the metric to override
   */
  public metricMessagesIgnored(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('messagesIgnored', props);
  }

  /**
   * Age, in seconds, of a message that stays in the queue. The default statistic is the maximum.
   *
   * @param props properties of the metric to override
   */
  public metricOldestKeptMessageAge(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.of('oldestKeptMessageAge', props);
  }

  private checkProps({
    queueName,
    notificationQueue,
    lwaTokenUrl,
    schedule,
    secretEncryptionKey,
  }: SpApiSecretRotationProps): void {
    if (queueName !== undefined && notificationQueue !== undefined) {
      throw new Error(
        `queueName is for a queue created here and cannot be combined with notificationQueue; received ${shown(queueName)} and a queue`,
      );
    }
    if (queueName !== undefined && !Token.isUnresolved(queueName) && !QUEUE_NAME.test(queueName)) {
      throw new Error(
        `queueName must be 1 to 80 letters, digits, hyphens and underscores; received ${shown(queueName)}`,
      );
    }
    requirePartitionOfAmazon(this);
    if (lwaTokenUrl !== undefined) {
      checkLwaTokenUrl(this, lwaTokenUrl, DEFAULT_LWA_TOKEN_URL);
    }
    if (schedule?.expressionString.startsWith('at(') === true) {
      throw new Error(
        `schedule must recur, because client secrets expire when nothing rotates them again; received ${shown(schedule.expressionString)}`,
      );
    }
    if (secretEncryptionKey !== undefined) {
      requireKeyItself(this, secretEncryptionKey, 'secretEncryptionKey');
    }
  }

  private addAlarms(
    queues: NotificationQueues,
    { schedule, alarmTopic }: SpApiSecretRotationProps,
  ): cloudwatch.Alarm[] {
    return new HubAlarms(this, 'Alarms', {
      metrics: this.metrics,
      rotateFunction: this.rotateFunction,
      storeFunction: this.storeFunction,
      queues,
      schedule: this.schedule,
      expression: schedule,
      topic: alarmTopic,
    }).all;
  }

  private addDashboard(queues: NotificationQueues, functions: lambda.Function[]): cloudwatch.Dashboard {
    const { metrics, alarms } = this;
    return new HubDashboard(this, 'Dashboard', { metrics, functions, queues, alarms }).dashboard;
  }

  /** Customer keys of the queues and secrets. */
  private keys(): kms.IKey[] {
    const secrets = this.applicationScope.node.children.flatMap((child) =>
      child instanceof SpApiApplication ? [child.secret.encryptionKey] : [],
    );
    return [this.notificationQueue, this.deadLetterQueue]
      .map(({ encryptionMasterKey }) => encryptionMasterKey)
      .concat(secrets)
      .filter((key) => key !== undefined);
  }

  private addOutputs(): void {
    new CfnOutput(this, 'NotificationQueueArn', {
      value: this.notificationQueue.queueArn,
      description:
        'Register this ARN in the Developer Console, for each application: Notification Preferences, the application, ' +
        'in both rows Application Client Secret Expiry and Application Client New Secret add it as destination, ' +
        'create, then Subscribe. If a deployment changes this ARN, do it again at once: new client secrets go on to the ' +
        `old queue, from which nothing receives. ${CHANGES_URL}`,
    });
    new CfnOutput(this, 'RotateFunctionName', {
      value: this.rotateFunction.functionName,
      description: ROTATE_FUNCTION_OUTPUT,
    });
  }

  private onEvent(id: string, detailTypes: DetailType[], options: events.OnEventOptions): events.Rule {
    const rule = new events.Rule(options.crossStackScope ?? this, id, {
      description: options.description,
      ruleName: options.ruleName,
      eventBus: this.eventBus,
      eventPattern: this.patternOf(detailTypes),
    });
    rule.addEventPattern(options.eventPattern);
    rule.addTarget(options.target);
    return rule;
  }

  /**
   * Passes only the id of the application to the function, so that no event can force a rotation, and that it comes from
   * the bus, so that none makes the function fail: anybody in the account who may put events on the bus can forge one.
   */
  private rotateOnNoticeOfExpiry(rotate: lambda.IFunction): void {
    const application: keyof EventDetail = 'application';
    new events.Rule(this, 'Expiring', {
      description: 'Checks an SP-API application when Amazon announces that its client secret expires',
      eventBus: this.eventBus,
      eventPattern: this.patternOf([DETAIL_TYPE.expiring]),
      targets: [
        new targets.LambdaFunction(rotate, {
          event: events.RuleTargetInput.fromObject({
            application: events.EventField.fromPath(`$.detail.${application}`),
            from: FROM_BUS,
          }),
        }),
      ],
    });
  }

  /** Matches events of this hub only: others may use the same bus. */
  private patternOf(detailType: DetailType[]): events.EventPattern {
    const detail: Partial<Record<keyof EventDetail, string[]>> = { hub: [this.notificationQueue.queueArn] };
    return { source: [EVENT_SOURCE], detailType, detail };
  }
}

/** An aspect, because applications can be added until synthesis. */
class WarnWithoutApplications implements IAspect {
  constructor(
    private readonly hub: IConstruct,
    private readonly isEmpty: () => boolean,
  ) {}

  public visit(node: IConstruct): void {
    if (node === this.hub && this.isEmpty()) {
      Annotations.of(node).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.noApplications',
        'no application was added, so no client secret is rotated; call addApplication()',
      );
    }
  }
}
