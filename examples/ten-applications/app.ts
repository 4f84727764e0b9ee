import { App, Duration, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SpApiRegion, SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

export const app = new App();
const stack = new Stack(app, 'TenApplications');

// Like the queues and the secrets, the keys outlive the stack: kms.Key is retained by default.
const queueKey = new kms.Key(stack, 'QueueKey', {
  description: 'Queues into which Amazon delivers client secrets',
  enableKeyRotation: true,
});
const secretKey = new kms.Key(stack, 'SecretKey', {
  description: 'Secrets of the SP-API applications',
  enableKeyRotation: true,
});

const rotation = new SpApiSecretRotation(stack, 'Rotation', {
  encryptionKey: queueKey,
  secretEncryptionKey: secretKey,
  alarmTopic: new sns.Topic(stack, 'OnCall', { enforceSSL: true }),
});

const brands = ['Ash', 'Beech', 'Cedar', 'Elm', 'Fir', 'Larch', 'Maple', 'Oak', 'Pine', 'Yew'];
for (const [index, brand] of brands.entries()) {
  rotation.addApplication(brand, {
    region: SpApiRegion.EUROPE,
    // A week apart, so that ten rotations do not fall on one day.
    rotateAfter: Duration.days(60 + 7 * (index % 5)),
  });
}
