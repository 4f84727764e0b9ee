import { App, CfnOutput, Duration, Stack, type AppProps, type StackProps } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { SpApiSecretRotation } from '../../lib';
import { readSettings, type Settings } from './settings';

export const STACK_NAME = 'SpApiSecretRotation';

/** The stack that `cdk deploy` creates: one SpApiSecretRotation with the applications that the CDK context names. */
class SpApiSecretRotationStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings, props?: StackProps) {
    super(scope, id, { description: 'Rotates client secrets of Amazon Selling Partner API applications', ...props });

    const rotation = new SpApiSecretRotation(this, 'Rotation', {
      mode: settings.mode,
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
  }
}

/**
 * Creates the app with its one stack.
 *
 * @param context adds to the CDK context of `cdk.json` and `-c`
 */
export function createApp(context?: Record<string, unknown>, props?: AppProps): App {
  const app = new App({ ...props, context: { ...props?.context, ...context } });
  new SpApiSecretRotationStack(
    app,
    STACK_NAME,
    readSettings((key) => app.node.tryGetContext(key) as unknown),
  );
  return app;
}
