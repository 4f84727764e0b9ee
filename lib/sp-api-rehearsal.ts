import * as path from 'node:path';
import {
  Annotations,
  Aws,
  CfnOutput,
  CfnResource,
  Duration,
  Fn,
  Lazy,
  RemovalPolicies,
  Stack,
  Tags,
} from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  REHEARSAL_ENVIRONMENT,
  REHEARSAL_FUNCTION_OUTPUT,
  REHEARSAL_OTHERS_OUTPUT,
  REHEARSAL_TAG,
  type RehearsalSettings,
  type RehearsedApplication,
  type RehearsedHub,
} from './contract/rehearsal';
import type { Registration } from './private/registration';
import { UnseededSecret } from './private/unseeded-secret';
import type { SpApiApplication } from './sp-api-application';
import { SpApiRegion } from './sp-api-region';

/** Longer than the functions of a hub wait for an answer, so that one can be held back. */
const TIMEOUT = Duration.seconds(45);

/** Enough for what LWA does not know yet. A hub of its own has 20, which take ten minutes at least. */
const RECEIVES = 4;

/** SQS publishes its metrics so often. */
const ALARM_PERIOD = Duration.minutes(1);

/**
 * Plays Amazon for a rehearsal in your own account, without a seller account: Login with Amazon, the operation that rotates,
 * the messages, and the Developer Console.
 *
 * Give `lwaTokenUrl` to a SpApiSecretRotation and `region` to its applications, and register each application. The function
 * answers over its URL only below an unguessable path, and only for two hours after somebody who may invoke it has started it.
 *
 * **Only for hubs of their own.** The secrets, queues and log groups of a registered hub are deleted with the stack, because
 * they hold nothing of Amazon's. So never register an application that Amazon knows.
 *
 * @see https://github.com/cdk-sp-api-secret-rotation/cdk-sp-api-secret-rotation/blob/main/docs/rehearsal.md
 */
export class SpApiRehearsal extends Construct {
  /**
   * Token endpoint of the played Login with Amazon, for `lwaTokenUrl` of a SpApiSecretRotation.
   */
  public readonly lwaTokenUrl: string;

  /**
   * The played endpoint of SP-API, for `region` of an application.
   */
  public readonly region: SpApiRegion;

  /**
   * The function that plays Amazon. Whoever may invoke it can do what a person does in the Developer Console.
   */
  public readonly function: lambda.IFunction;

  private readonly role: iam.Role;
  private readonly hubs: RehearsedHub[] = [];
  private readonly hubPaths: string[] = [];
  private readonly applications: RehearsedApplication[] = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);

    const state = new UnseededSecret(this, 'State', {
      description: 'What the played Amazon of a rehearsal remembers',
      unscheduledBecause: 'It holds no credential of anybody, and is deleted with the rehearsal.',
    }).secret;
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_WEEK });
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    this.allow(['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'], state.secretArn);

    // CloudFormation makes it, so it stands in no template: the last part of the id of the stack.
    const segment = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    const played = new lambda.Function(this, 'Function', {
      description: 'Plays Amazon in a rehearsal of the rotation of client secrets',
      code: lambda.Code.fromAsset(path.join(__dirname, '..', 'assets', 'rehearsal')),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: 256,
      timeout: TIMEOUT,
      role: this.role,
      logGroup,
      environment: {
        [REHEARSAL_ENVIRONMENT.path]: segment,
        [REHEARSAL_ENVIRONMENT.stateArn]: state.secretArn,
        [REHEARSAL_ENVIRONMENT.settings]: Lazy.string({ produce: () => this.settings() }),
      },
    });
    this.function = played;
    const { url } = played.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    this.lwaTokenUrl = `${url}${segment}/auth/o2/token`;
    this.region = SpApiRegion.of(`${url}${segment}`);

    Tags.of(this).add(REHEARSAL_TAG, this.node.path);
    RemovalPolicies.of(this).destroy();
    new CfnOutput(this, 'FunctionName', { value: played.functionName, description: REHEARSAL_FUNCTION_OUTPUT });
    const others = Lazy.string({ produce: () => String(this.othersInStack().length) });
    new CfnOutput(this, 'OtherResources', { value: others, description: REHEARSAL_OTHERS_OUTPUT });
  }

  /**
   * Registers the notification queue of an application's hub, as a person does in Amazon's Developer Console: from then on
   * the played Amazon delivers into it. The function may also read and write the secret of the application, to seed it.
   *
   * Throws unless the application and its hub use `region` and `lwaTokenUrl` of this rehearsal, its secret and the queue were
   * created for it, and no other application with its id is registered.
   *
   * @param application of a hub that was made for this rehearsal
   */
  public register(application: SpApiApplication): void {
    const { id } = application.node;
    const registration = application._registration;
    this.check(id, registration);
    const { hub, clientIdField, clientSecretField } = registration;
    const { secret } = application;
    this.applications.push({
      id,
      secretArn: secret.secretArn,
      clientIdField,
      clientSecretField,
      hub: this.positionOf(id, registration),
    });
    this.allow(
      ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
      secret.secretArn,
    );
    secret.encryptionKey?.grantEncryptDecrypt(this.role);
    hub.queues.notificationKey?.grant(this.role, 'kms:GenerateDataKey', 'kms:Decrypt');
    Tags.of(application).add(REHEARSAL_TAG, this.node.path);
  }

  private check(id: string, { hub, endpoint, isCreatedHere, hasClientId }: Registration): void {
    if (endpoint !== this.region.endpointUrl || hub.lwaTokenUrl !== this.lwaTokenUrl) {
      throw new Error(
        `application "${id}" must have the region of the rehearsal, and its SpApiSecretRotation the lwaTokenUrl of the rehearsal; received another ${endpoint === this.region.endpointUrl ? 'lwaTokenUrl' : 'region'}`,
      );
    }
    if (hasClientId) {
      throw new Error(
        `application "${id}" must have its client id in its secret, because a rehearsal makes one of its own; received a clientId`,
      );
    }
    if (!isCreatedHere) {
      throw new Error(
        `application "${id}" must have a secret that is created for it, because a rehearsal writes into it and deletes it; received a secret that was passed`,
      );
    }
    if (this.applications.some((other) => other.id === id)) {
      throw new Error(`id of an application must be unique in a rehearsal; received "${id}" a second time`);
    }
  }

  /** Registers the hub with its first application. */
  private positionOf(id: string, { hub: { hub, queues } }: Registration): number {
    const known = this.hubPaths.indexOf(hub.node.path);
    if (known >= 0) {
      return known;
    }
    const { notification, deadLetter, unclaimed } = queues;
    if (notification.node.scope !== queues) {
      throw new Error(
        `the SpApiSecretRotation of application "${id}" must have a notification queue that is created for it, because a rehearsal delivers into it; received a queue that was passed`,
      );
    }
    notification.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'SpApiRehearsal',
        principals: [this.role],
        actions: ['sqs:SendMessage'],
        resources: [notification.queueArn],
      }),
    );
    this.allow(['sqs:GetQueueAttributes'], ...[notification, deadLetter, unclaimed].map(({ queueArn }) => queueArn));
    this.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage'], deadLetter.queueArn);
    Tags.of(hub).add(REHEARSAL_TAG, this.node.path);
    RemovalPolicies.of(hub).destroy();
    hasten(hub, notification);
    for (const warning of ['notRetained', 'alarmsNotifyNobody']) {
      Annotations.of(hub).acknowledgeWarning(
        `cdk-sp-api-secret-rotation:SpApiSecretRotation.${warning}`,
        'in a rehearsal nothing is a client secret of Amazon, and whoever rehearses looks at the alarms',
      );
    }
    this.hubPaths.push(hub.node.path);
    this.hubs.push({
      queueArn: notification.queueArn,
      queueUrl: notification.queueUrl,
      deadLetterQueueUrl: deadLetter.queueUrl,
      unclaimedQueueUrl: unclaimed.queueUrl,
    });
    return this.hubs.length - 1;
  }

  private othersInStack(): CfnResource[] {
    const own = [this.node.path, ...this.hubPaths].map((parent) => `${parent}/`);
    return Stack.of(this)
      .node.findAll()
      .filter((node) => CfnResource.isCfnResource(node))
      .filter((one) => one.cfnResourceType !== 'AWS::CDK::Metadata')
      .filter(({ node }) => !own.some((parent) => node.path.startsWith(parent)));
  }

  private settings(): string {
    const settings: RehearsalSettings = { hubs: this.hubs, applications: this.applications };
    return Stack.of(this).toJsonString(settings);
  }

  private allow(actions: readonly string[], ...resources: string[]): void {
    this.role.addToPolicy(new iam.PolicyStatement({ actions: [...actions], resources }));
  }
}

/** Lets a message that nobody understands become a dead letter, and its alarm ring, in minutes. */
function hasten(hub: Construct, notification: sqs.IQueue): void {
  (notification.node.defaultChild as sqs.CfnQueue).addPropertyOverride('RedrivePolicy.maxReceiveCount', RECEIVES);
  const alarm = hub.node.findChild('Alarms').node.findChild('DeadLetters').node.defaultChild as cloudwatch.CfnAlarm;
  alarm.period = ALARM_PERIOD.toSeconds();
}
