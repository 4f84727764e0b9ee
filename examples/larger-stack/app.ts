import { App, Duration, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

export const app = new App();
const stack = new Stack(app, 'OrderImport');

const people = new sns.Topic(stack, 'People', { enforceSSL: true });
const rotation = new SpApiSecretRotation(stack, 'Rotation', { alarmTopic: people });
const shop = rotation.addApplication('Shop');

const importer = new lambda.Function(stack, 'Importer', {
  description: 'Imports orders, with the client secret that is current when it needs a token',
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  timeout: Duration.seconds(30),
  logGroup: new logs.LogGroup(stack, 'ImporterLogs', { retention: logs.RetentionDays.ONE_MONTH }),
  environment: { SECRET_ARN: shop.secret.secretArn },
  code: lambda.Code.fromInline(`
const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');
const secretsManager = new SecretsManagerClient();
let credentials;

exports.handler = async (event) => {
  // A rotation: the old client secret works for seven more days, so there is no hurry, and no gap.
  if (event['detail-type'] === 'Client Secret Rotated') {
    credentials = undefined;
    return;
  }
  if (credentials === undefined) {
    const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: process.env.SECRET_ARN }));
    credentials = JSON.parse(SecretString);
  }
  // ... get a token with credentials.clientId and credentials.clientSecret, and import orders
};
`),
});
shop.grantRead(importer);
rotation.onSecretRotated('ForgetOldSecret', {
  eventPattern: { detail: { application: ['Shop'] } },
  target: new targets.LambdaFunction(importer),
});

rotation.onRotationFailed('TellPeople', { target: new targets.SnsTopic(people) });
