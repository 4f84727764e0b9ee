const { App, Duration, Stack } = require('aws-cdk-lib');
const targets = require('aws-cdk-lib/aws-events-targets');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');
const logs = require('aws-cdk-lib/aws-logs');
const scheduler = require('aws-cdk-lib/aws-scheduler');
const secretsmanager = require('aws-cdk-lib/aws-secretsmanager');
const sqs = require('aws-cdk-lib/aws-sqs');
const { RotationMode, RotationWindow, SpApiRegion, SpApiSecretRotation } = require('cdk-sp-api-secret-rotation');

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
