import { App, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

export const app = new App();
const stack = new Stack(app, 'ExistingSecret');

const rotation = new SpApiSecretRotation(stack, 'Rotation', {
  alarmTopic: new sns.Topic(stack, 'OnCall', { enforceSSL: true }),
});
rotation.addApplication('Shop', {
  // python-amazon-sp-api reads a secret with these keys. Its other key, the refresh token, stays as it is.
  secret: secretsmanager.Secret.fromSecretNameV2(stack, 'Credentials', 'sp-api/shop'),
  clientIdField: 'lwa_app_id',
  clientSecretField: 'lwa_client_secret',
});
