import { App, Duration, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { RotationMode, RotationWindow, SpApiRegion, SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Consumer');

const rotation = new SpApiSecretRotation(stack, 'Rotation', {
  mode: RotationMode.NOTIFY_ONLY,
  schedule: scheduler.ScheduleExpression.rate(Duration.minutes(30)),
  encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
  logRetention: logs.RetentionDays.TWO_YEARS,
  rotationWindow: RotationWindow.weekdays({ opensAt: '09:00', closesAt: '16:00', timeZone: 'Europe/Berlin' }),
});
const shop = rotation.addApplication('Shop', {
  region: SpApiRegion.EUROPE,
  rotateAfter: Duration.days(60),
});
rotation.addApplication('Warehouse', {
  secret: secretsmanager.Secret.fromSecretNameV2(stack, 'Warehouse', 'warehouse/sp-api'),
  region: SpApiRegion.of('https://sellingpartnerapi-fe.amazon.com/'),
  mode: RotationMode.AUTOMATIC,
  clientIdField: 'LWA_APP_ID',
  clientSecretField: 'LWA_CLIENT_SECRET',
});
rotation.addApplication('Till', {
  clientId: 'amzn1.application-oa2-client.0123456789abcdef',
  clientSecretField: '/lwa/secret',
});

shop.grantRead(new iam.Role(stack, 'Reader', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }));
rotation.onSecretRotated('Rotated', {
  description: 'Tells those who use the secret',
  target: new targets.SqsQueue(new sqs.Queue(stack, 'Rotations')),
});

app.synth();
