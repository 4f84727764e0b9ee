// Deploys a rehearsal, plays one rotation in it and looks at what came of it. Nothing of it outlives the test.
import { ExpectedResult, IntegTest, Match, type IApiCall } from '@aws-cdk/integ-tests-alpha';
import { App, CfnResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { SpApiRehearsal, SpApiSecretRotation } from '../../lib';

const PATIENCE = { interval: Duration.seconds(5), totalTimeout: Duration.minutes(5) };

const app = new App();
const stack = new Stack(app, 'Rehearsal');

const played = new SpApiRehearsal(stack, 'Amazon');
const rotation = new SpApiSecretRotation(stack, 'Rotation', { lwaTokenUrl: played.lwaTokenUrl });
const shop = rotation.addApplication('Shop', { region: played.region });
played.register(shop);

const consumer = new sqs.Queue(stack, 'Consumer', { enforceSSL: true, removalPolicy: RemovalPolicy.DESTROY });
rotation.onSecretRotated('TellConsumer', { target: new targets.SqsQueue(consumer) });

const assertionStack = new Stack(app, 'RehearsalAssertions');
const { assertions } = new IntegTest(app, 'RehearsalTest', {
  testCases: [stack],
  assertionStack,
  // The assets of the snapshot are not in git, so it cannot be deployed before.
  stackUpdateWorkflow: false,
});

const ask = (asked: lambda.IFunction, payload: object): IApiCall =>
  assertions.invokeFunction({ functionName: asked.functionName, payload: JSON.stringify(payload) });
const answered = (answer: object): ExpectedResult =>
  ExpectedResult.objectLike({ StatusCode: 200, Payload: Match.serializedJson(answer) });
const application = (expected: object): object =>
  Match.objectLike({ applications: [Match.objectLike({ application: 'Shop', ...expected })] });
const isPlayed = Match.objectLike({ openUntil: Match.stringLikeRegexp('^20') });

const status = ask(rotation.rotateFunction, { action: 'status' })
  .assertAtPath('Payload.applications.0.outcome', ExpectedResult.stringLikeRegexp('^healthy$'))
  .waitForAssertions(PATIENCE);
const versionId = status.getAttString('Payload.applications.0.versionId');

ask(played.function, { action: 'start' })
  .expect(answered(isPlayed))
  .next(ask(played.function, { action: 'seed', application: 'Shop' }).expect(answered(isPlayed)))
  .next(
    ask(rotation.rotateFunction, { action: 'check' })
      .expect(answered(application({ outcome: 'healthy' })))
      .waitForAssertions(PATIENCE),
  )
  .next(
    ask(rotation.rotateFunction, { action: 'rotate', application: 'Shop', requestedBy: 'integration test' }).expect(
      answered(application({ outcome: 'requested' })),
    ),
  )
  .next(
    ask(played.function, { action: 'look' })
      .expect(answered(application({ rotations: 1, current: 'newest' })))
      .waitForAssertions(PATIENCE),
  )
  .next(status)
  .next(
    assertions
      .awsApiCall('SecretsManager', 'describeSecret', { SecretId: shop.secret.secretArn })
      .expect(ExpectedResult.objectLike({ VersionIdsToStages: { [versionId]: Match.arrayWith(['AWSCURRENT']) } })),
  )
  .next(
    assertions
      .awsApiCall('SQS', 'receiveMessage', { QueueUrl: consumer.queueUrl, WaitTimeSeconds: 1 })
      .expect(
        ExpectedResult.objectLike({
          Messages: [
            Match.objectLike({
              Body: Match.serializedJson(
                Match.objectLike({
                  'detail-type': 'Client Secret Rotated',
                  detail: Match.objectLike({ application: 'Shop', versionId }),
                }),
              ),
            }),
          ],
        }),
      )
      .waitForAssertions(PATIENCE),
  )
  .next(ask(played.function, { action: 'end' }).expect(answered({ openUntil: '1970-01-01T00:00:00.000Z' })));

// Lambda would make log groups for the assertions which stay when the stack is deleted.
const { logGroupName } = new logs.LogGroup(assertionStack, 'Logs', {
  retention: logs.RetentionDays.ONE_WEEK,
  removalPolicy: RemovalPolicy.DESTROY,
});
for (const node of assertionStack.node.findAll()) {
  if (CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::Lambda::Function') {
    node.addPropertyOverride('LoggingConfig', { LogGroup: logGroupName });
  }
}
