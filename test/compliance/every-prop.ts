import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  RotationMode,
  RotationWindow,
  SpApiRegion,
  SpApiSecretRotation,
  type SpApiSecretRotationProps,
} from 'cdk-sp-api-secret-rotation';

/** A hub as most have it. */
export function defaultStack(app: App): Stack {
  const stack = new Stack(app, 'Default');
  new SpApiSecretRotation(stack, 'Rotation').addApplication('Shop');
  return stack;
}

/** A hub for which every prop that can be set beside the others is set; what it is given lives in another stack. */
export function everyPropStack(app: App): Stack {
  const foundation = new Stack(app, 'Foundation');
  const vpc = new ec2.Vpc(foundation, 'Vpc');
  const stack = new Stack(app, 'EveryProp');
  const queueKey = new kms.Key(stack, 'QueueKey', { enableKeyRotation: true });
  const secretKey = new kms.Key(stack, 'SecretKey', { enableKeyRotation: true });

  // Required, so that the compiler asks for whatever prop comes to be.
  const props: Required<Omit<SpApiSecretRotationProps, 'notificationQueue'>> = {
    schedule: scheduler.ScheduleExpression.rate(Duration.hours(2)),
    mode: RotationMode.AUTOMATIC,
    rotationWindow: RotationWindow.weekdays({ opensAt: '09:00', closesAt: '16:00', timeZone: 'Europe/Berlin' }),
    encryptionKey: queueKey,
    secretEncryptionKey: secretKey,
    queueName: 'sp-api-secrets',
    alarmTopic: new sns.Topic(foundation, 'People', { enforceSSL: true }),
    applicationMetrics: true,
    dashboard: true,
    eventBus: new events.EventBus(stack, 'Bus'),
    lwaTokenUrl: 'https://api.amazon.com/auth/o2/token',
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.X86_64,
    memorySize: 512,
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [new ec2.SecurityGroup(stack, 'SecurityGroup', { vpc })],
    logRetention: logs.RetentionDays.TWO_YEARS,
    removalPolicy: RemovalPolicy.DESTROY,
  };
  const rotation = new SpApiSecretRotation(stack, 'Rotation', props);
  rotation.addApplication('Shop', {
    region: SpApiRegion.EUROPE,
    rotateAfter: Duration.days(60),
    mode: RotationMode.NOTIFY_ONLY,
  });
  rotation.addApplication('Warehouse', {
    secret: secretsmanager.Secret.fromSecretNameV2(stack, 'Warehouse', 'warehouse/sp-api'),
    clientIdField: 'LWA_APP_ID',
    clientSecretField: 'LWA_CLIENT_SECRET',
  });
  return stack;
}
