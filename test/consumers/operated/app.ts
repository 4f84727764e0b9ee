import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { RotationWindow, SpApiRegion, SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

const { LWA_TOKEN_URL, SP_API_ENDPOINT = '', CLIENT_ID } = process.env;
const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Operated');

const rotation = new SpApiSecretRotation(stack, 'Rotation', {
  lwaTokenUrl: LWA_TOKEN_URL,
  alarmTopic: new Topic(stack, 'OnCall'),
  rotationWindow: RotationWindow.weekdays({ opensAt: '09:00', closesAt: '16:00', timeZone: 'Europe/Berlin' }),
});
const region = SpApiRegion.of(SP_API_ENDPOINT);
rotation.addApplication('Shop', { region });
rotation.addApplication('Nested', { region, clientIdField: '/lwa/id', clientSecretField: '/lwa/secret' });
rotation.addApplication('Bare', { region, clientId: CLIENT_ID });

app.synth();
