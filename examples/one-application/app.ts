import { App, Stack } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { SpApiRegion, SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

export const app = new App();
const stack = new Stack(app, 'OneApplication');

// Whoever is to hear of it when something is wrong. AWS asks the address for a confirmation first.
const people = new sns.Topic(stack, 'OnCall', { enforceSSL: true });
people.addSubscription(new subscriptions.EmailSubscription('on-call@example.com'));

const rotation = new SpApiSecretRotation(stack, 'Rotation', { alarmTopic: people });
rotation.addApplication('Shop', { region: SpApiRegion.EUROPE });
