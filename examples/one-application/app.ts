import { App, Stack } from 'aws-cdk-lib';
import { SpApiRegion, SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

export const app = new App();
const stack = new Stack(app, 'OneApplication');

const rotation = new SpApiSecretRotation(stack, 'Rotation');
rotation.addApplication('Shop', { region: SpApiRegion.EUROPE });
