import * as path from 'node:path';
import { Annotations, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../contract/environment';
import { EVENT_SOURCE } from '../contract/event';
import { acknowledge } from './acknowledge';
import type { NotificationQueues } from './notification-queues';
import { shown } from './validation';

const MIN_NODE_MAJOR = 22;
const MIN_MEMORY_MEBIBYTES = 128;
const MAX_MEMORY_MEBIBYTES = 10_240;

/** What Lambda does for a function in a VPC. */
const NETWORK_INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
] as const;

/** What users of the constructs may choose about the functions. */
export interface HubFunctionOptions {
  readonly runtime?: lambda.Runtime;
  readonly architecture?: lambda.Architecture;
  readonly memorySize?: number;
  readonly vpc?: ec2.IVpc;
  readonly vpcSubnets?: ec2.SubnetSelection;
  readonly securityGroups?: ec2.ISecurityGroup[];
  readonly logRetention?: logs.RetentionDays;
  readonly removalPolicy?: RemovalPolicy;
}

/** What both functions use. */
export interface HubResources {
  readonly queues: NotificationQueues;
  readonly eventBus: events.IEventBus;
  /** Path in Parameter Store, without a trailing slash, below which each application has a parameter. */
  readonly applicationsPath: string;
  readonly lwaTokenUrl: string;
}

export interface HubFunctionProps {
  /** Directory of the bundle, below `assets`. */
  readonly bundle: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly resources: HubResources;
  readonly options: HubFunctionOptions;
  readonly environment?: Record<string, string>;
  /** How often Lambda retries an asynchronous invocation that failed. */
  readonly retryAttempts?: number;
}

/** A function with a role and a log group of its own. Its permissions are those added here and by its subclass, and no others. */
export class HubFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: HubFunctionProps) {
    super(scope, id);

    const { options, resources } = props;
    checkRuntime(options.runtime);
    checkMemorySize(options.memorySize);
    checkVpcOptions(options);

    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: options.logRetention ?? logs.RetentionDays.ONE_YEAR,
      removalPolicy: options.removalPolicy ?? RemovalPolicy.RETAIN,
    });

    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.allowBasics(logGroup, resources);
    if (options.vpc !== undefined) {
      this.checkRouteToInternet(options.vpc, options.vpcSubnets);
      // Lambda itself makes these calls, before there is a network interface to name: AWS accepts no narrower resource.
      this.allow(NETWORK_INTERFACE_ACTIONS, '*');
    }
    this.acknowledgeWildcards(options.vpc !== undefined);

    this.function = new lambda.Function(this, 'Function', {
      description: props.description,
      code: lambda.Code.fromAsset(path.join(__dirname, '..', '..', 'assets', props.bundle)),
      handler: 'index.handler',
      runtime: options.runtime ?? lambda.Runtime.NODEJS_24_X,
      architecture: options.architecture ?? lambda.Architecture.ARM_64,
      memorySize: options.memorySize ?? 512,
      timeout: props.timeout,
      retryAttempts: props.retryAttempts,
      role: this.role,
      logGroup,
      vpc: options.vpc,
      vpcSubnets: options.vpcSubnets,
      securityGroups: options.securityGroups,
      environment: { ...environmentOf(resources), ...props.environment },
    });
    if (options.vpc !== undefined) {
      this.denyNetworkInterfacesToCode();
    }
  }

  /** Adds a statement to the function's role. */
  protected allow(actions: readonly string[], ...resources: string[]): void {
    this.allowWhere({}, actions, ...resources);
  }

  /** Adds a statement with conditions to the function's role. */
  protected allowWhere(conditions: iam.Conditions, actions: readonly string[], ...resources: string[]): void {
    this.role.addToPolicy(new iam.PolicyStatement({ actions: [...actions], resources, conditions }));
  }

  private allowBasics(logGroup: logs.LogGroup, { eventBus, applicationsPath }: HubResources): void {
    this.allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      // This ARN ends in ":*", which is how a policy names the streams of a log group.
      logGroup.logGroupArn,
    );
    this.allowWhere({ StringEquals: { 'events:source': EVENT_SOURCE } }, ['events:PutEvents'], eventBus.eventBusArn);
    // AWS accepts no narrower resource. It reads what `GetSecretValue` may read, which SecretAccess allows, and nothing else.
    this.allow(['secretsmanager:BatchGetSecretValue'], '*');
    this.allow(
      ['ssm:GetParametersByPath'],
      Stack.of(this).formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: applicationsPath.replace(/^\//, ''),
      }),
    );
  }

  private acknowledgeWildcards(isInVpc: boolean): void {
    const reasons = [
      'BatchGetSecretValue takes no resource in a policy, and reads only secrets that GetSecretValue is allowed for, which are named.',
      ...(isInVpc
        ? ['The network interfaces that Lambda creates for a function in a VPC have no names before they exist.']
        : []),
    ];
    const finding = { id: 'AwsSolutions-IAM5[Resource::*]', reason: reasons.join(' ') };
    acknowledge(this.role, finding, this.role.node.findChild('DefaultPolicy').node.defaultChild);
  }

  /**
   * Lambda needs these permissions, the function's code does not.
   *
   * In a policy of its own, because the function waits for that of the role, which so cannot name the function.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
   */
  private denyNetworkInterfacesToCode(): void {
    const statement = new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: [...NETWORK_INTERFACE_ACTIONS],
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': this.function.functionArn } },
    });
    new iam.Policy(this, 'CodeWithoutNetworkInterfaces', { roles: [this.role], statements: [statement] });
  }

  /** Warns of what would otherwise show only after deployment, as every application being unreachable. */
  private checkRouteToInternet(vpc: ec2.IVpc, selection?: ec2.SubnetSelection): void {
    const isolated = vpc.isolatedSubnets.map(({ subnetId }) => subnetId);
    const { subnetIds } = vpc.selectSubnets(selection);
    if (subnetIds.length > 0 && subnetIds.every((subnetId) => isolated.includes(subnetId))) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.vpcWithoutWayOut',
        'the subnets chosen with vpc and vpcSubnets are isolated, and the functions cannot reach Amazon without a route to the internet; choose subnets with egress, or acknowledge this warning if there is a route that the CDK does not know of',
      );
    }
  }
}

function environmentOf({ queues, applicationsPath, eventBus, lwaTokenUrl }: HubResources): Record<string, string> {
  return {
    [ENVIRONMENT.queueUrl]: queues.notification.queueUrl,
    [ENVIRONMENT.queueArn]: queues.notification.queueArn,
    ...(queues.notificationKey !== undefined && { [ENVIRONMENT.queueKeyArn]: queues.notificationKey.keyArn }),
    [ENVIRONMENT.applicationsPath]: applicationsPath,
    [ENVIRONMENT.eventBusArn]: eventBus.eventBusArn,
    [ENVIRONMENT.lwaTokenUrl]: lwaTokenUrl,
    POWERTOOLS_LOG_LEVEL: 'INFO',
  };
}

function checkRuntime(runtime: lambda.Runtime | undefined): void {
  if (runtime === undefined || Token.isUnresolved(runtime.name)) {
    return;
  }
  const major = /^nodejs(\d+)\.x$/.exec(runtime.name)?.[1];
  if (major === undefined || Number(major) < MIN_NODE_MAJOR) {
    throw new Error(`runtime must be Node.js ${MIN_NODE_MAJOR} or newer; received ${shown(runtime.name)}`);
  }
}

function checkMemorySize(size: number | undefined): void {
  if (size === undefined || Token.isUnresolved(size)) {
    return;
  }
  if (!Number.isInteger(size) || size < MIN_MEMORY_MEBIBYTES || size > MAX_MEMORY_MEBIBYTES) {
    throw new Error(
      `memorySize must be a whole number of MiB from ${MIN_MEMORY_MEBIBYTES} to ${MAX_MEMORY_MEBIBYTES}; received ${size}`,
    );
  }
}

function checkVpcOptions(options: HubFunctionOptions): void {
  for (const name of ['vpcSubnets', 'securityGroups'] as const) {
    if (options.vpc === undefined && options[name] !== undefined) {
      throw new Error(`${name} needs vpc; received ${name} without it`);
    }
  }
}
