import { Annotations, App, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { SpApiSecretRotation } from 'cdk-sp-api-secret-rotation';

const CLUSTER = 'shop';
const SERVICE = 'order-import';

export const app = new App();
const stack = new Stack(app, 'RestartConsumer');

const rotation = new SpApiSecretRotation(stack, 'Rotation');
Annotations.of(rotation).acknowledgeWarning(
  'cdk-sp-api-secret-rotation:SpApiSecretRotation.alarmsNotifyNobody',
  'our monitoring polls the state of all alarms',
);
rotation.addApplication('Shop');

// For a consumer that reads its secret only when it starts. Both secrets work for 7 days, so there is no hurry.
rotation.onSecretRotated('RestartOrderImport', {
  eventPattern: { detail: { application: ['Shop'] } },
  target: new targets.AwsApi({
    service: 'ECS',
    action: 'updateService',
    parameters: { cluster: CLUSTER, service: SERVICE, forceNewDeployment: true },
    policyStatement: new iam.PolicyStatement({
      actions: ['ecs:UpdateService'],
      resources: [stack.formatArn({ service: 'ecs', resource: 'service', resourceName: `${CLUSTER}/${SERVICE}` })],
    }),
  }),
});
