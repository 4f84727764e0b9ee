import { App, Stack } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SpApiRegion, SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

export const app = new App();
const stack = new Stack(app, 'OneApplication');

const rotation = new SpApiSecretRotation(stack, 'Rotation', {
  // Subscribe whoever is to hear of it when something is wrong.
  alarmTopic: new sns.Topic(stack, 'OnCall', { enforceSSL: true }),
});
rotation.addApplication('Shop', { region: SpApiRegion.EUROPE });
