import { App, CfnOutput, Duration, Stack, type AppProps, type StackProps } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { SpApiSecretRotation } from '../../lib';
import { readSettings, type Settings } from './settings';

export const STACK_NAME = 'SpApiSecretRotation';

/** The app behind `cdk deploy`: one hub with the applications that the CDK context names. */
export class SpApiSecretRotationStack extends Stack {
  public readonly rotation: SpApiSecretRotation;

  constructor(scope: Construct, id: string, settings: Settings, props?: StackProps) {
    super(scope, id, { description: 'Renews client secrets of Amazon Selling Partner API applications', ...props });

    this.rotation = new SpApiSecretRotation(this, 'Rotation', {
      mode: settings.mode,
      lwaTokenUrl: settings.lwaTokenUrl,
    });
    for (const application of settings.applications) {
      const { id: name, secretArn, rotateAfterDays } = application;
      const { secret } = this.rotation.addApplication(name, {
        secret:
          secretArn === undefined
            ? undefined
            : secretsmanager.Secret.fromSecretAttributes(this, `Secret-${name}`, secretReference(secretArn)),
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

/** An app with the one stack, from CDK context: what `cdk.json` and `-c` say, or what is given. */
export function createApp(context?: Record<string, unknown>, props?: AppProps): App {
  const app = new App({ ...props, context: { ...props?.context, ...context } });
  new SpApiSecretRotationStack(
    app,
    STACK_NAME,
    readSettings((key) => app.node.tryGetContext(key) as unknown),
  );
  return app;
}

/** An ARN that does not end in the hyphen and six characters that Secrets Manager adds to a name is without them. */
function secretReference(secretArn: string): secretsmanager.SecretAttributes {
  return /-[A-Za-z0-9]{6}$/.test(secretArn) ? { secretCompleteArn: secretArn } : { secretPartialArn: secretArn };
}
