import { Annotations, App, CfnOutput, Duration, Stack, type AppProps, type StackProps } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { SpApiRehearsal, SpApiSecretRotation } from '../../lib';
import { readRehearsal, readSettings, type Settings } from './settings';

export const STACK_NAME = 'SpApiSecretRotation';
const REHEARSAL_STACK_NAME = 'SpApiRehearsal';

/** The stack that `cdk deploy` creates: one SpApiSecretRotation with the applications that the CDK context names. */
class SpApiSecretRotationStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings, props?: StackProps) {
    super(scope, id, { description: 'Rotates client secrets of Amazon Selling Partner API applications', ...props });

    const rotation = new SpApiSecretRotation(this, 'Rotation', {
      alarmTopic: this.alarmTopic(settings),
      mode: settings.mode,
      rotationWindow: settings.rotationWindow,
      lwaTokenUrl: settings.lwaTokenUrl,
    });
    for (const application of settings.applications) {
      const { id: name, secretArn, rotateAfterDays } = application;
      const { secret } = rotation.addApplication(name, {
        secret:
          secretArn === undefined
            ? undefined
            : secretsmanager.Secret.fromSecretCompleteArn(this, `Secret-${name}`, secretArn),
        region: application.region,
        rotateAfter: rotateAfterDays === undefined ? undefined : Duration.days(rotateAfterDays),
        rotationWindow: application.rotationWindow,
        clientId: application.clientId,
        clientIdField: application.clientIdField,
        clientSecretField: application.clientSecretField,
      });
      if (secretArn === undefined) {
        new CfnOutput(this, `SecretArn-${name}`, {
          value: secret.secretArn,
          description: `Seed this secret with the client id and client secret of ${name}, unless it has them already`,
        });
      }
    }
    if (settings.alarmEmail === undefined && settings.alarmTopicArn === undefined) {
      Annotations.of(rotation).acknowledgeWarning(
        'cdk-sp-api-secret-rotation:SpApiSecretRotation.alarmsNotifyNobody',
        'the warning of this app says it in its own words',
      );
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:app.alarmsNotifyNobody',
        'no alarm notifies anybody, so a client secret could expire before somebody sees why; add -c alarmEmail=… or -c alarmTopicArn=…',
      );
    }
  }

  private alarmTopic({ alarmEmail, alarmTopicArn }: Settings): sns.ITopic | undefined {
    if (alarmTopicArn !== undefined) {
      return sns.Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn);
    }
    if (alarmEmail === undefined) {
      return undefined;
    }
    const topic = new sns.Topic(this, 'OnCall', { enforceSSL: true });
    topic.addSubscription(new subscriptions.EmailSubscription(alarmEmail));
    return topic;
  }
}

/** The stack that `cdk deploy -c rehearsal=true` creates: a hub of its own, and one that plays Amazon for it. */
class RehearsalStack extends Stack {
  constructor(scope: Construct) {
    super(scope, REHEARSAL_STACK_NAME, {
      description: 'A rehearsal of the rotation of client secrets, without Amazon: delete it afterwards',
    });
    const rehearsal = new SpApiRehearsal(this, 'Rehearsal');
    const rotation = new SpApiSecretRotation(this, 'Rotation', { lwaTokenUrl: rehearsal.lwaTokenUrl });
    for (const name of ['Shop', 'Warehouse']) {
      rehearsal.register(rotation.addApplication(name, { region: rehearsal.region }));
    }
  }
}

/**
 * Creates the app with its one stack.
 *
 * @param context adds to the CDK context of `cdk.json` and `-c`
 */
export function createApp(context?: Record<string, unknown>, props?: AppProps): App {
  const app = new App({ ...props, context: { ...props?.context, ...context } });
  const contextValue = (key: string): unknown => app.node.tryGetContext(key) as unknown;
  if (readRehearsal(contextValue)) {
    new RehearsalStack(app);
  } else {
    new SpApiSecretRotationStack(app, STACK_NAME, readSettings(contextValue));
  }
  return app;
}
