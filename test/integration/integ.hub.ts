import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { RotationMode, SpApiRegion, SpApiSecretRotation } from '../../lib';

const app = new App();
const stack = new Stack(app, 'Hub');

const rotation = new SpApiSecretRotation(stack, 'Rotation', {
  // Nothing in an account of ours is registered with Amazon.
  mode: RotationMode.NOTIFY_ONLY,
});
rotation.addApplication('Shop', { region: SpApiRegion.EUROPE, rotateAfter: Duration.days(60) });
rotation.addApplication('Warehouse', {
  secret: secretsmanager.Secret.fromSecretNameV2(stack, 'Warehouse', 'warehouse/sp-api'),
  clientIdField: 'LWA_APP_ID',
  clientSecretField: 'LWA_CLIENT_SECRET',
});

const integration = new IntegTest(app, 'HubTest', { testCases: [stack] });
// In an account: a hub whose secrets are not seeded says so, and nothing else is wrong.
integration.assertions
  .invokeFunction({ functionName: rotation.rotateFunction.functionName, payload: JSON.stringify({ action: 'status' }) })
  .expect(ExpectedResult.objectLike({ StatusCode: 200 }));
