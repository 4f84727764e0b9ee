import { Annotations, Lazy, Stack, Token, type Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ApplicationSettings } from './contract/application-settings';
import { ROTATE_AFTER_DAYS } from './contract/limits';
import { requireKeyItself } from './private/customer-key';
import type { HubDefaults } from './private/hub-defaults';
import type { HubMetrics } from './private/hub-metrics';
import { throughSecretsManager } from './private/through-secrets-manager';
import { UnseededSecret } from './private/unseeded-secret';
import { RotationMode } from './rotation-mode';
import { SpApiRegion } from './sp-api-region';

/** How Amazon's client ids and client secrets begin. */
const CREDENTIAL_PREFIX = 'amzn1.';

/**
 * Properties of an application whose client secret is renewed.
 */
export interface SpApiApplicationProps {
  /**
   * The secret that holds the application's client id and client secret, as a JSON object.
   *
   * Other keys of the object are kept as they are. It must be in the region of the stack, and two applications cannot
   * share one. A secret that is encrypted with a customer key must know that key (`encryptionKey`, or the attribute of
   * the same name when it is imported), or the functions get no permission for it. Managed rotation of Secrets Manager
   * must not be turned on for it.
   *
   * @default - a new secret without a value, which no deployment writes into, and which is kept when the application or
   * the stack is removed; seed it by hand
   */
  readonly secret?: secretsmanager.ISecret;

  /**
   * The region in which the application is registered with Amazon.
   *
   * @default SpApiRegion.NORTH_AMERICA
   */
  readonly region?: SpApiRegion;

  /**
   * Age at which the client secret is renewed, in whole days, from 8 to 150. It lives for 180.
   *
   * An overlap of 7 days, in which the previous secret works as well, follows each rotation. Above 120 days little time
   * is left to act when something is in the way, and there is a warning.
   *
   * @default Duration.days(90)
   * @see https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret
   */
  readonly rotateAfter?: Duration;

  /**
   * Whether the client secret is renewed, or only watched.
   *
   * @default - the mode of the SpApiSecretRotation
   */
  readonly mode?: RotationMode;

  /**
   * Key at the top level of the secret's JSON object that holds the client id.
   *
   * @default 'clientId'
   */
  readonly clientIdField?: string;

  /**
   * Key at the top level of the secret's JSON object that holds the client secret.
   *
   * @default 'clientSecret'
   */
  readonly clientSecretField?: string;
}

/**
 * An SP-API application whose client secret is renewed. Created by `SpApiSecretRotation.addApplication()`.
 */
export class SpApiApplication extends Construct {
  /**
   * Creates it. Not public, because an application without the hub's permissions would only fail.
   *
   * @internal
   */
  public static _create(
    scope: Construct,
    id: string,
    hub: HubDefaults,
    props: SpApiApplicationProps,
  ): SpApiApplication {
    return new SpApiApplication(scope, id, hub, props);
  }

  /**
   * The secret that holds the client id and the client secret.
   */
  public readonly secret: secretsmanager.ISecret;

  /**
   * The parameter from which the functions know of the application.
   *
   * @internal
   */
  public readonly _settings: ssm.StringParameter;

  private readonly metrics: HubMetrics;
  private isMeasured: boolean;

  private constructor(scope: Construct, id: string, hub: HubDefaults, props: SpApiApplicationProps) {
    super(scope, id);

    this.metrics = hub.metrics;
    this.isMeasured = hub.applicationMetrics;
    const clientIdField = fieldName(id, 'clientIdField', props.clientIdField ?? 'clientId');
    const clientSecretField = fieldName(id, 'clientSecretField', props.clientSecretField ?? 'clientSecret');
    if (!Token.isUnresolved(clientIdField) && clientIdField === clientSecretField) {
      throw new Error(
        `clientIdField and clientSecretField of application "${id}" must be different; received ${JSON.stringify(clientIdField)} for both`,
      );
    }
    const rotateAfterDays = this.rotateAfterDays(props.rotateAfter);

    if (props.secret === undefined) {
      this.secret = new UnseededSecret(this, 'Secret', {
        description: `Client id and client secret of the SP-API application ${id}, as a JSON object with the keys ${clientIdField} and ${clientSecretField}`,
        encryptionKey: hub.secretEncryptionKey,
      }).secret;
    } else {
      this.secret = props.secret;
      this.checkOrigin(props.secret);
      this.checkPlace(props.secret);
      this.node.addValidation({ validate: () => this.managedRotation() });
    }
    if (this.secret.encryptionKey !== undefined) {
      requireKeyItself(this, this.secret.encryptionKey, `encryption key of the secret of application "${id}"`);
    }

    const settings: ApplicationSettings = {
      id,
      secretArn: this.secret.secretFullArn ?? this.secret.secretArn,
      endpoint: (props.region ?? SpApiRegion.NORTH_AMERICA).endpointUrl,
      rotateAfterDays,
      mode: props.mode ?? hub.mode,
      clientIdField,
      clientSecretField,
    };
    this._settings = new ssm.StringParameter(this, 'Settings', {
      parameterName: `${hub.applicationsPath}/${id}`,
      simpleName: false,
      tier: ssm.ParameterTier.STANDARD,
      description: `Settings of the SP-API application ${id} for the renewal of its client secret`,
      // Late, because whether the application is measured is known only when everybody has asked.
      stringValue: Lazy.string({
        produce: () =>
          Stack.of(this).toJsonString({ ...settings, ...(this.isMeasured && { daysToExpiryMetric: true }) }),
      }),
    });
  }

  /**
   * Allows reading the secret, and decrypting it with its key.
   *
   * @param grantee who is to read it
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    const grant = this.secret.grantRead(grantee);
    const { encryptionKey } = this.secret;
    if (encryptionKey === undefined) {
      return grant;
    }
    // The secret grants the use of its key in the key's policy only, which does nothing when the key is imported.
    return grant.combine(
      iam.Grant.addToPrincipal({
        grantee,
        actions: ['kms:Decrypt'],
        resourceArns: [encryptionKey.keyArn],
        conditions: throughSecretsManager(this),
      }),
    );
  }

  /**
   * Days until the client secret of this application expires; the minimum by default. Asking for it makes the functions
   * publish it, which costs 0.30 USD a month.
   *
   * It has no data while the secret cannot be read: see `metricApplicationsUnreadable()` of the SpApiSecretRotation.
   *
   * @param props what to read differently
   */
  public metricDaysToExpiry(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    this.isMeasured = true;
    return this.metrics.daysToExpiryOf(this.node.id, props);
  }

  private rotateAfterDays(rotateAfter: Duration | undefined): number {
    if (rotateAfter === undefined) {
      return ROTATE_AFTER_DAYS.fallback;
    }
    if (rotateAfter.isUnresolved()) {
      return rotateAfter.toDays();
    }
    const { least, most, comfortable } = ROTATE_AFTER_DAYS;
    const days = rotateAfter.toDays({ integral: false });
    if (!Number.isInteger(days) || days < least || days > most) {
      throw new Error(
        `rotateAfter of application "${this.node.id}" must be a whole number of days from ${least} to ${most}; received ${days} days`,
      );
    }
    if (days > comfortable) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiApplication.rotateAfter',
        `rotateAfter of application "${this.node.id}" is ${days} days; above ${comfortable} little of a secret's 180 days is left to act when something is in the way of its rotation`,
      );
    }
    return days;
  }

  /** Says what would otherwise show only when a deployment has undone a rotation. */
  private checkOrigin(secret: secretsmanager.ISecret): void {
    const resource = secret.node.defaultChild;
    if (
      resource instanceof secretsmanager.CfnSecret &&
      (resource.secretString !== undefined || resource.generateSecretString !== undefined)
    ) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiApplication.secretWithValueInTemplate',
        `secret of application "${this.node.id}" gets its value from the template, and a deployment that changes how overwrites the rotated one; leave out secret, or pass one that is managed elsewhere`,
      );
    }
  }

  /** At synthesis, because rotation can be turned on after the application was added. */
  private managedRotation(): string[] {
    return this.secret.node.findAll().some((child) => child instanceof secretsmanager.CfnRotationSchedule)
      ? [
          `secret of application "${this.node.id}" must not have managed rotation as well, because the two would overwrite each other's values; received a secret with a rotation schedule`,
        ]
      : [];
  }

  /** Says what would otherwise show only as a failure of the functions. */
  private checkPlace(secret: secretsmanager.ISecret): void {
    const { region, account } = Stack.of(this);
    if (differs(secret.env.region, region)) {
      throw new Error(
        `secret of application "${this.node.id}" must be in the region of the stack, "${region}", because the functions write there; received a secret in "${secret.env.region}" (of a replicated secret, give the primary one)`,
      );
    }
    if (differs(secret.env.account, account)) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiApplication.secretOfAnotherAccount',
        `secret of application "${this.node.id}" is in account "${secret.env.account}", not in "${account}": there, its resource policy must allow the roles of both functions what their own policies do, it must be encrypted with a customer key, and that key's policy must allow them kms:Decrypt and kms:GenerateDataKey`,
      );
    }
  }
}

function fieldName(applicationId: string, prop: string, value: string): string {
  if (value === '') {
    throw new Error(`${prop} of application "${applicationId}" must not be empty; received ""`);
  }
  if (value.startsWith(CREDENTIAL_PREFIX)) {
    // Not quoted: it would be in the build's log, and then in the template.
    throw new Error(
      `${prop} of application "${applicationId}" must be the name of a key of the secret's JSON object; received a value that belongs under that key`,
    );
  }
  return value;
}

function differs(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}
