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
  // From Secrets Manager, python-amazon-sp-api reads these keys. Its other key, SP_API_REFRESH_TOKEN, stays as it is.
  secret: secretsmanager.Secret.fromSecretNameV2(stack, 'Credentials', 'sp-api/shop'),
  clientIdField: 'LWA_APP_ID',
  clientSecretField: 'LWA_CLIENT_SECRET',
});
