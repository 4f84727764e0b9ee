import { Annotations, Lazy, Stack, Token, type Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ApplicationSettings } from './contract/application-settings';
import { CLIENT_ID, CLIENT_ID_PREFIX } from './contract/amazon';
import { couldBeCredential } from './contract/credential';
import { MAX_ROTATE_AFTER_DAYS, MIN_ROTATE_AFTER_DAYS } from './contract/limits';
import { RotationMode } from './contract/rotation-mode';
import type { HubDefaults } from './private/hub-defaults';
import type { Registration } from './private/registration';
import type { HubMetrics } from './private/hub-metrics';
import { oneOf, requirePropTypes, TEXT, withMember, type PropType } from './private/prop-types';
import { grantReading } from './private/secret-reading';
import { UnseededSecret } from './private/unseeded-secret';
import { certainlyDiffer, requireKeyItself, shown, warnOfSharedKey } from './private/validation';
import type { RotationWindow } from './rotation-window';
import { SpApiRegion } from './sp-api-region';

/** The six random characters at the end of an ARN are hardly ever of one kind. */
const LOOKS_LIKE_NAME = /-(?:[a-z]{6}|[A-Z]{6}|\d{6})$/;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const SECRET_NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
const ENDS_LIKE_ARN = /-[A-Za-z0-9]{6}$/;

const DEFAULT_ROTATE_AFTER_DAYS = 90;

/** A higher age leaves little time before the expiry to fix what keeps a rotation from being made. */
const MAX_ROTATE_AFTER_DAYS_WITHOUT_WARNING = 120;

const PROP_TYPES: Readonly<Record<keyof SpApiApplicationProps, PropType>> = {
  secret: withMember('a secretsmanager.ISecret', 'secretArn'),
  secretName: TEXT,
  region: withMember('an SpApiRegion', 'endpointUrl'),
  rotateAfter: withMember('a Duration', 'toDays'),
  mode: oneOf('a RotationMode', RotationMode),
  rotationWindow: withMember('a RotationWindow', '_settings'),
  clientId: TEXT,
  clientIdField: TEXT,
  clientSecretField: TEXT,
};

/**
 * Properties of an application whose client secret is rotated.
 */
export interface SpApiApplicationProps {
  /**
   * The secret that holds the application's client id and client secret, as a JSON object.
   *
   * Other keys of the object keep their values. The secret must be in the region of the stack, and each application
   * needs a secret of its own. If the secret is encrypted with a customer key, pass that key with it (`encryptionKey`,
   * also where you import the secret): without it the functions get no permission to use the key. Do not turn on the
   * managed rotation of Secrets Manager for it.
   *
   * @default - a new secret without a value, which you seed by hand; no deployment writes into it, and it is kept when
   * the application or the stack is removed
   */
  readonly secret?: secretsmanager.ISecret;

  /**
   * Name of the secret created here: 1 to 512 letters, digits and `/_+=.@-`, not ending with a hyphen and six characters.
   * Cannot be combined with `secret`.
   *
   * Set it when you add the application, and never change it: a secret with another name is a new one without a value. The
   * old one is kept. Because a secret outlives its stack, a stack that is created again with the same name fails, since the
   * secret exists: pass the secret that was kept as `secret` then, with `Secret.fromSecretNameV2()`, or import it into the
   * new stack.
   *
   * @default - a name that CloudFormation generates; the status shows it
   * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
   */
  readonly secretName?: string;

  /**
   * The region in which the application is registered with Amazon.
   *
   * @default SpApiRegion.NORTH_AMERICA
   */
  readonly region?: SpApiRegion;

  /**
   * Age at which the client secret is rotated: a whole number of days, from 8 to 150. A client secret expires after
   * 180 days.
   *
   * For 7 days after a rotation, the overlap, the previous client secret works as well. Above 120 days there is a
   * warning, because little time is left before the expiry if rotations fail.
   *
   * @default Duration.days(90)
   * @see https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret
   */
  readonly rotateAfter?: Duration;

  /**
   * Whether the client secret is rotated, or only watched.
   *
   * @default - the mode of the SpApiSecretRotation
   */
  readonly mode?: RotationMode;

  /**
   * When rotations of this application are asked for automatically.
   *
   * It must be at least as long as the longest time between two sweeps, else a sweep may never meet it: that throws. Looking,
   * healing, installing and reporting go on at any time. In the last 14 days before the expiry of a client secret the window
   * is open.
   *
   * @default - the window of the SpApiSecretRotation
   */
  readonly rotationWindow?: RotationWindow;

  /**
   * The client id, where the secret does not hold it. It begins with `amzn1.application-oa2-client.`, and is no secret.
   *
   * Without `clientSecretField` the value of the secret is then the client secret alone. Cannot be combined with
   * `clientIdField`.
   *
   * @default - the secret holds it
   */
  readonly clientId?: string;

  /**
   * Key of the secret's JSON object that holds the client id: one at the top level, or a JSON pointer to a nested one, such as
   * `/lwa/clientId`, which begins with a slash.
   *
   * @default 'clientId'
   * @see https://www.rfc-editor.org/rfc/rfc6901
   */
  readonly clientIdField?: string;

  /**
   * Key of the secret's JSON object that holds the client secret: one at the top level, or a JSON pointer to a nested one.
   *
   * @default 'clientSecret'; with `clientId`, the value of the secret is the client secret alone
   */
  readonly clientSecretField?: string;
}

/**
 * An SP-API application whose client secret is rotated. Created by `SpApiSecretRotation.addApplication()`.
 */
export class SpApiApplication extends Construct {
  /**
   * Creates it. Not public, because the functions could not use the secret of an application that was not added.
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
   * The parameter from which the functions read the settings of the application.
   *
   * @internal
   */
  public readonly _settings: ssm.StringParameter;

  /**
   * What a rehearsal needs to know of the application and of its hub.
   *
   * @internal
   */
  public readonly _registration: Registration;

  private readonly metrics: HubMetrics;
  private isMeasured: boolean;
  private readonly isCreatedHere: boolean;

  private constructor(scope: Construct, id: string, hub: HubDefaults, props: SpApiApplicationProps) {
    super(scope, id);
    refuseParameter(id, props.secret);
    requirePropTypes(props, PROP_TYPES, ` of application "${id}"`);

    this.metrics = hub.metrics;
    this.isMeasured = hub.applicationMetrics;
    const { clientIdField, clientSecretField } = fieldsOf(id, props);
    const rotateAfterDays = this.rotateAfterDays(props.rotateAfter);
    checkSecretName(id, props);

    this.isCreatedHere = props.secret === undefined;
    if (props.secret === undefined) {
      this.secret = new UnseededSecret(this, 'Secret', {
        name: props.secretName,
        description: descriptionOf(id, clientIdField, clientSecretField, props),
        encryptionKey: hub.secretEncryptionKey,
      }).secret;
    } else {
      this.secret = props.secret;
      this.checkExistingSecret();
    }
    this.checkKey(hub);

    const endpoint = (props.region ?? SpApiRegion.NORTH_AMERICA).endpointUrl;
    const [isCreatedHere, hasClientId] = [props.secret === undefined, props.clientId !== undefined];
    this._registration = { hub, endpoint, isCreatedHere, hasClientId, clientIdField, clientSecretField };
    this._settings = this.writeSettings(hub.applicationsPath, {
      id,
      secretArn: this.secret.secretFullArn ?? this.secret.secretArn,
      secretName: nameBesideArn(this.secret, props),
      endpoint,
      rotateAfterDays,
      mode: props.mode ?? hub.mode,
      ...this.rotationWindow(props.rotationWindow ?? hub.rotationWindow, hub.sweepInterval),
      clientIdField,
      clientSecretField,
      ...(props.clientId !== undefined && { clientId: props.clientId }),
    });
  }

  /**
   * Allows to read the secret, and to decrypt it with its key.
   *
   * A reader in another account is named in the policies of the secret and of its key, which must be a customer key; its
   * own policies must allow it too. Where a policy cannot be edited, because the secret or the key is imported, there is a
   * warning with the statement to add.
   *
   * Throws if nothing that this app can edit would allow it, and if a reader in another account meets a secret without a
   * customer key.
   *
   * @param grantee the principal that reads it
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    const { secret, isCreatedHere } = this;
    return grantReading({ scope: this, applicationId: this.node.id, secret, isCreatedHere }, grantee);
  }

  /**
   * Days until the client secret of this application stops working: it expires, or it was rotated and the new one is
   * not in its place. The default statistic is the minimum. A call of this method makes the functions publish the
   * metric, which costs 0.30 USD a month.
   *
   * There is no data while the secret cannot be read: see `metricApplicationsUnreadable()` of SpApiSecretRotation.
   *
   * @param props properties of the metric to override
   */
  public metricDaysToExpiry(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    this.isMeasured = true;
    return this.metrics.daysToExpiryOf(this.node.id, props);
  }

  private rotateAfterDays(rotateAfter: Duration | undefined): number {
    if (rotateAfter === undefined) {
      return DEFAULT_ROTATE_AFTER_DAYS;
    }
    if (rotateAfter.isUnresolved()) {
      return rotateAfter.toDays();
    }
    const days = rotateAfter.toDays({ integral: false });
    if (!Number.isInteger(days) || days < MIN_ROTATE_AFTER_DAYS || days > MAX_ROTATE_AFTER_DAYS) {
      throw new Error(
        `rotateAfter of application "${this.node.id}" must be a whole number of days from ${MIN_ROTATE_AFTER_DAYS} to ${MAX_ROTATE_AFTER_DAYS}; received ${days} days`,
      );
    }
    if (days > MAX_ROTATE_AFTER_DAYS_WITHOUT_WARNING) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiApplication.rotateAfter',
        `rotateAfter of application "${this.node.id}" is ${days} days; above ${MAX_ROTATE_AFTER_DAYS_WITHOUT_WARNING} little of a client secret's 180 days is left if rotations fail`,
      );
    }
    return days;
  }

  private rotationWindow(
    window: RotationWindow | undefined,
    interval: Duration | undefined,
  ): Pick<ApplicationSettings, 'rotationWindow'> {
    if (window === undefined) {
      return {};
    }
    if (interval !== undefined && window._minutes < interval.toMinutes()) {
      throw new Error(
        `rotationWindow of application "${this.node.id}" must be open for at least as long as the longest time between two sweeps, ${interval.toMinutes()} minutes, or a sweep may never meet it; received a window of ${window._minutes} minutes (sweep more often, or open it for longer)`,
      );
    }
    return { rotationWindow: window._settings };
  }

  private writeSettings(path: string, settings: ApplicationSettings): ssm.StringParameter {
    return new ssm.StringParameter(this, 'Settings', {
      parameterName: `${path}/${settings.id}`,
      simpleName: false,
      tier: ssm.ParameterTier.STANDARD,
      description: `Settings of the SP-API application ${settings.id} for the rotation of its client secret`,
      // Lazy, because metricDaysToExpiry() may be called later.
      stringValue: Lazy.string({
        produce: () =>
          Stack.of(this).toJsonString({ ...settings, ...(this.isMeasured && { daysToExpiryMetric: true }) }),
      }),
    });
  }

  private checkKey({ queues: { notificationKey } }: HubDefaults): void {
    const { encryptionKey: key } = this.secret;
    const name = `encryption key of the secret of application "${this.node.id}"`;
    if (key !== undefined) {
      requireKeyItself(this, key, name);
    }
    // Of the key of all secrets created here, the hub warns once.
    if (!this.isCreatedHere) {
      warnOfSharedKey(this, name, key, notificationKey);
    }
  }

  private checkExistingSecret(): void {
    this.checkSuffix();
    this.checkValueInTemplate();
    this.checkRegionAndAccount();
    // At synthesis, because rotation can be turned on after the application was added.
    this.node.addValidation({ validate: () => this.managedRotation() });
  }

  /**
   * Secrets Manager takes an ARN that ends in a hyphen and six characters for a complete one, also if these belong to the
   * name: then it finds no secret.
   */
  private checkSuffix(): void {
    const { secretArn, secretFullArn } = this.secret;
    const name = /:secret:(.+-[A-Za-z0-9]{6})$/.exec(secretArn)?.[1];
    if (secretFullArn === undefined && name !== undefined) {
      throw new Error(
        `secret of application "${this.node.id}" must be given by its complete ARN, because its name ends in a hyphen and six characters, which Secrets Manager takes for the end of a complete ARN; received the name ${shown(name)} (use Secret.fromSecretCompleteArn())`,
      );
    }
    if (secretFullArn !== undefined && LOOKS_LIKE_NAME.test(secretFullArn)) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiApplication.incompleteArn',
        `secret of application "${this.node.id}" has an ARN that ends like a name, in "${secretFullArn.slice(-7)}"; if Secrets Manager did not add this to the name, the ARN is incomplete, and the functions will not find the secret: pass the ARN that describe-secret shows, or acknowledge this warning`,
      );
    }
  }

  /** Warns of what would otherwise show only after a deployment has overwritten a rotated client secret. */
  private checkValueInTemplate(): void {
    const resource = this.secret.node.defaultChild;
    if (
      resource instanceof secretsmanager.CfnSecret &&
      (resource.secretString !== undefined || resource.generateSecretString !== undefined)
    ) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiApplication.secretWithValueInTemplate',
        `secret of application "${this.node.id}" gets its value from the template, and a deployment that changes this value overwrites the rotated client secret; leave out secret, or pass one whose value no template sets`,
      );
    }
  }

  private managedRotation(): string[] {
    return this.secret.node.findAll().some((child) => child instanceof secretsmanager.CfnRotationSchedule)
      ? [
          `secret of application "${this.node.id}" must not have managed rotation as well, because each would overwrite the values of the other; received a secret with a rotation schedule`,
        ]
      : [];
  }

  /** Reports what would otherwise show only as a failure of the functions. */
  private checkRegionAndAccount(): void {
    const { env } = this.secret;
    const { region, account } = Stack.of(this);
    if (certainlyDiffer(env.region, region)) {
      throw new Error(
        `secret of application "${this.node.id}" must be in the region of the stack, "${region}", because the functions write there; received a secret in "${env.region}" (for a replicated secret, pass the primary one)`,
      );
    }
    if (certainlyDiffer(env.account, account)) {
      Annotations.of(this).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiApplication.secretOfAnotherAccount',
        `secret of application "${this.node.id}" is in account "${env.account}", not in "${account}"; its resource policy must allow the roles of both functions the same actions as their own policies, it must be encrypted with a customer key, and the policy of that key must allow them kms:Decrypt and kms:GenerateDataKey`,
      );
    }
  }
}

/** The name of a secret, where its ARN lacks the suffix, or it was given here. */
function nameBesideArn(secret: secretsmanager.ISecret, { secretName }: SpApiApplicationProps): string | undefined {
  return secret.secretFullArn === undefined ? secret.secretName : secretName;
}

function checkSecretName(id: string, { secret, secretName }: SpApiApplicationProps): void {
  if (secretName === undefined) {
    return;
  }
  if (secret !== undefined) {
    throw new Error(
      `secretName of application "${id}" is for a secret created here and cannot be combined with secret; received both`,
    );
  }
  if (!Token.isUnresolved(secretName) && (!SECRET_NAME.test(secretName) || ENDS_LIKE_ARN.test(secretName))) {
    const received = couldBeCredential(secretName) ? "one of Amazon's ids or secrets" : JSON.stringify(secretName);
    throw new Error(
      `secretName of application "${id}" must be 1 to 512 letters, digits and /_+=.@-, and must not end with a hyphen and six characters, because AWS takes these for the end of an ARN; received ${received}`,
    );
  }
}

/** What somebody passes who keeps the pair in Parameter Store. */
function refuseParameter(id: string, secret: unknown): void {
  if (typeof secret === 'object' && secret !== null && 'parameterArn' in secret) {
    throw new Error(
      `secret of application "${id}" must be a secret in Secrets Manager, whose versions and labels the rotation needs; received a parameter of Parameter Store. Store the pair in a secret; a reader of Parameter Store reaches it as /aws/reference/secretsmanager/ and its name`,
    );
  }
}

function checkClientId(id: string, { clientId, clientIdField }: SpApiApplicationProps): void {
  if (clientId === undefined || Token.isUnresolved(clientId)) {
    return;
  }
  if (clientIdField !== undefined) {
    throw new Error(
      `clientId of application "${id}" is for a secret that does not hold it and cannot be combined with clientIdField; received both`,
    );
  }
  if (!CLIENT_ID.test(clientId)) {
    // It may be the client secret.
    throw new Error(
      `clientId of application "${id}" must be a client id, which begins with ${CLIENT_ID_PREFIX}; received something else`,
    );
  }
}

/** An empty key of the client secret: the secret's value is the client secret alone. */
function fieldsOf(
  id: string,
  props: SpApiApplicationProps,
): Pick<ApplicationSettings, 'clientIdField' | 'clientSecretField'> {
  const clientIdField = fieldName(id, 'clientIdField', props.clientIdField ?? 'clientId');
  const isBare = props.clientId !== undefined && props.clientSecretField === undefined;
  const clientSecretField = isBare ? '' : fieldName(id, 'clientSecretField', props.clientSecretField ?? 'clientSecret');
  checkClientId(id, props);
  checkFields(id, clientIdField, clientSecretField);
  return { clientIdField, clientSecretField };
}

function checkFields(id: string, clientIdField: string, clientSecretField: string): void {
  const names = `clientIdField and clientSecretField of application "${id}"`;
  if (Token.isUnresolved(clientIdField)) {
    return;
  }
  if (clientIdField === clientSecretField) {
    throw new Error(`${names} must be different; received ${JSON.stringify(clientIdField)} for both`);
  }
  if (overlap(clientIdField, clientSecretField)) {
    throw new Error(
      `${names} must not lead to the same value, or one into the other; received ${JSON.stringify(clientIdField)} and ${JSON.stringify(clientSecretField)}`,
    );
  }
}

/** Whether one of two keys is the other, or leads to it. */
function overlap(one: string, other: string): boolean {
  const [first, second] = [one, other].map((field) => (field.startsWith('/') ? `${field}/` : `/${field}/`));
  return first !== undefined && second !== undefined && (first.startsWith(second) || second.startsWith(first));
}

function descriptionOf(
  id: string,
  clientIdField: string,
  clientSecretField: string,
  { clientId }: SpApiApplicationProps,
): string {
  if (clientId === undefined) {
    return `Client id and client secret of the SP-API application ${id}, as a JSON object with the keys ${clientIdField} and ${clientSecretField}`;
  }
  return clientSecretField === ''
    ? `Client secret of the SP-API application ${id}, and nothing else`
    : `Client secret of the SP-API application ${id}, as a JSON object with the key ${clientSecretField}`;
}

function fieldName(applicationId: string, prop: string, value: string): string {
  if (value === '') {
    throw new Error(`${prop} of application "${applicationId}" must not be empty; received ""`);
  }
  if (couldBeCredential(value)) {
    // The value is not quoted, because it would appear in the build log.
    throw new Error(
      `${prop} of application "${applicationId}" must be the name of a key of the secret's JSON object; received a value that belongs under that key`,
    );
  }
  if (value.startsWith('/') && !Token.isUnresolved(value) && !/^(?:\/(?:[^~/]|~[01])+)+$/.test(value)) {
    throw new Error(
      `${prop} of application "${applicationId}" that begins with a slash must be a JSON pointer, such as /lwa/clientId, with ~1 for a slash in a key and ~0 for a tilde; received ${JSON.stringify(value)}`,
    );
  }
  return value;
}
