import { App, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as sns from 'aws-cdk-lib/aws-sns';
import { RotationMode, SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

export const app = new App();
const stack = new Stack(app, 'NotifyOnly');

const people = new sns.Topic(stack, 'People', { enforceSSL: true });
const rotation = new SpApiSecretRotation(stack, 'Rotation', {
  alarmTopic: people,
  // Watches, reports, and installs a secret that somebody makes in the Developer Console; asks Amazon for none itself.
  mode: RotationMode.NOTIFY_ONLY,
});
rotation.addApplication('Shop');
// One at a time, once it is trusted.
rotation.addApplication('Playground', { mode: RotationMode.AUTOMATIC });

rotation.onRotationFailed('TellPeople', { target: new targets.SnsTopic(people) });
