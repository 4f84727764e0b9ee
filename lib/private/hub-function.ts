import * as path from 'node:path';
import { Annotations, Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../contract/environment';
import type { NotificationQueues } from './notification-queues';

const OLDEST_NODE_MAJOR = 22;
const MEMORY_MEBIBYTES = { least: 128, most: 10_240 };

/** What users of the hub may choose about its functions. */
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

/** What the functions work with. */
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
  /** How often Lambda repeats an asynchronous invocation that failed. */
  readonly retryAttempts?: number;
}

/** A function with a role and a log group of its own, and no permission but those listed. */
export class HubFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: HubFunctionProps) {
    super(scope, id);

    const { options, resources } = props;
    checkOptions(options);

    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: options.logRetention ?? logs.RetentionDays.ONE_YEAR,
      removalPolicy: options.removalPolicy ?? RemovalPolicy.RETAIN,
    });

    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      // Ends in ":*", the form that CloudWatch Logs asks for wherever a policy means a log group: its streams.
      logGroup.logGroupArn,
    );
    this.allow(['events:PutEvents'], resources.eventBus.eventBusArn);
    this.allow(
      ['ssm:GetParametersByPath'],
      Stack.of(this).formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: resources.applicationsPath.replace(/^\//, ''),
      }),
    );
    if (options.vpc !== undefined) {
      this.checkWayOut(options.vpc, options.vpcSubnets);
      // Made by Lambda itself, before there is a network interface to name: AWS takes no narrower resource here.
      this.allow(
        [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        '*',
      );
      Validations.of(this.role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'Network interfaces that Lambda makes for a function in a VPC have no names before they are made.',
      });
    }

    const queueKey = resources.queues.notificationKey;
    this.function = new lambda.Function(this, 'Function', {
      description: props.description,
      code: lambda.Code.fromAsset(path.join(__dirname, '..', '..', 'assets', props.bundle)),
      handler: 'index.handler',
      runtime: options.runtime ?? lambda.Runtime.NODEJS_24_X,
      architecture: options.architecture ?? lambda.Architecture.ARM_64,
      memorySize: options.memorySize ?? 256,
      timeout: props.timeout,
      retryAttempts: props.retryAttempts,
      role: this.role,
      logGroup,
      vpc: options.vpc,
      vpcSubnets: options.vpcSubnets,
      securityGroups: options.securityGroups,
      environment: {
        [ENVIRONMENT.queueUrl]: resources.queues.notification.queueUrl,
        [ENVIRONMENT.queueArn]: resources.queues.notification.queueArn,
        ...(queueKey === undefined ? {} : { [ENVIRONMENT.queueKeyArn]: queueKey.keyArn }),
        [ENVIRONMENT.applicationsPath]: resources.applicationsPath,
        [ENVIRONMENT.eventBusArn]: resources.eventBus.eventBusArn,
        [ENVIRONMENT.lwaTokenUrl]: resources.lwaTokenUrl,
        POWERTOOLS_LOG_LEVEL: 'INFO',
        ...props.environment,
      },
    });
  }

  /** Adds a statement to the function's role. */
  protected allow(actions: readonly string[], ...resources: string[]): void {
    this.role.addToPolicy(new iam.PolicyStatement({ actions: [...actions], resources }));
  }

  /** Says what would otherwise show as every application being unreachable. */
  private checkWayOut(vpc: ec2.IVpc, selection?: ec2.SubnetSelection): void {
    const isolated = vpc.isolatedSubnets.map(({ subnetId }) => subnetId);
    const { subnetIds } = vpc.selectSubnets(selection);
    if (subnetIds.length > 0 && subnetIds.every((subnetId) => isolated.includes(subnetId))) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.vpcWithoutWayOut',
        'the subnets chosen with vpc and vpcSubnets are isolated, and without a way to the internet Amazon cannot be asked for anything; choose subnets with egress, or acknowledge this if there is a way out that the CDK does not know of',
      );
    }
  }
}

function checkOptions(options: HubFunctionOptions): void {
  const { runtime, memorySize } = options;
  if (runtime !== undefined && !Token.isUnresolved(runtime.name)) {
    const major = /^nodejs(\d+)\.x$/.exec(runtime.name)?.[1];
    if (major === undefined || Number(major) < OLDEST_NODE_MAJOR) {
      throw new Error(`runtime must be Node.js ${OLDEST_NODE_MAJOR} or newer; received "${runtime.name}"`);
    }
  }
  if (
    memorySize !== undefined &&
    !Token.isUnresolved(memorySize) &&
    (!Number.isInteger(memorySize) || memorySize < MEMORY_MEBIBYTES.least || memorySize > MEMORY_MEBIBYTES.most)
  ) {
    throw new Error(
      `memorySize must be a whole number of MiB from ${MEMORY_MEBIBYTES.least} to ${MEMORY_MEBIBYTES.most}; received ${memorySize}`,
    );
  }
  if (options.vpc === undefined) {
    for (const name of ['vpcSubnets', 'securityGroups'] as const) {
      if (options[name] !== undefined) {
        throw new Error(`${name} needs vpc; received ${name} without it`);
      }
    }
  }
}
