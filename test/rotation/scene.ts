import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  RotationMode,
  SpApiRegion,
  SpApiSecretRotation,
  type SpApiApplicationProps,
  type SpApiSecretRotationProps,
} from '../../lib';
import type { Amazon } from '../fakes/amazon';
import { DAY, LocalHub, type LocalApplication, type LocalHubOptions } from '../fakes/local-hub';

export { DAY, HOUR, LocalHub, MINUTE, SECOND } from '../fakes/local-hub';
export { Duration, RotationMode };

export interface SceneApplication extends Omit<LocalApplication, 'clientSecretField'> {
  readonly props?: Pick<
    SpApiApplicationProps,
    'clientId' | 'clientIdField' | 'clientSecretField' | 'rotateAfter' | 'mode'
  >;
}

export interface SceneOptions extends Pick<LocalHubOptions, 'behaviour' | 'environment'> {
  /** Default: one, `Shop`. */
  readonly applications?: Readonly<Record<string, SceneApplication>>;
  readonly props?: SpApiSecretRotationProps;
  /** Whether a customer key encrypts the queues. */
  readonly customerKey?: boolean;
  readonly shorterTimeOuts?: boolean;
  /** Directory with other bundles than those that ship, to show that a test can fail. */
  readonly assets?: string;
}

/** Brings a hub with those applications up. */
export function openScene(options: SceneOptions = {}): Promise<LocalHub> {
  const { applications = { Shop: {} }, behaviour, environment, shorterTimeOuts } = options;
  return LocalHub.open({
    applications: Object.fromEntries(
      Object.entries(applications).map(([id, { props, ...application }]) => [
        id,
        { ...application, ...(props?.clientSecretField && { clientSecretField: props.clientSecretField }) },
      ]),
    ),
    synthesize: (amazon, outputDirectory) => synthesize(options, amazon, outputDirectory),
    start: Date.parse('2026-01-01T00:00:00Z'),
    ...(behaviour && { behaviour }),
    ...(environment && { environment }),
    ...(shorterTimeOuts === true && {
      preload: [require.resolve('local-cloud/shorter-time-outs')],
    }),
  });
}

/** Synthesizes the stack of a scene. */
export function synthesize(options: SceneOptions, amazon: Amazon, outputDirectory: string): string {
  const app = new App({ outdir: outputDirectory, analyticsReporting: false, treeMetadata: false });
  const stack = new Stack(app, 'Scene');
  const rotation = new SpApiSecretRotation(stack, 'Hub', {
    lwaTokenUrl: amazon.lwaTokenUrl,
    ...(options.customerKey === true && { encryptionKey: new Key(stack, 'QueueKey') }),
    ...options.props,
  });
  for (const [id, { props }] of Object.entries<SceneApplication>(options.applications ?? { Shop: {} })) {
    rotation.addApplication(id, { region: SpApiRegion.of(amazon.url), ...props });
  }
  const { directory } = app.synth();
  if (options.assets !== undefined) {
    replaceBundles(directory, options.assets);
  }
  return directory;
}

function replaceBundles(assembly: string, assets: string): void {
  for (const entry of readdirSync(assembly)) {
    const staged = path.join(assembly, entry, 'index.mjs');
    for (const bundle of ['rotate', 'store']) {
      const shipped = path.join(__dirname, '..', '..', 'assets', bundle, 'index.mjs');
      if (existsSync(staged) && readFileSync(staged).equals(readFileSync(shipped))) {
        copyFileSync(path.join(assets, bundle, 'index.mjs'), staged);
      }
    }
  }
}

export interface NotificationChanges {
  readonly clientId?: string;
  readonly eventTime?: number;
}

/** A notification of a new client secret, as Amazon writes it. */
export function newSecretNotification(hub: LocalHub, clientSecret: string, changes: NotificationChanges = {}): string {
  const at = changes.eventTime ?? hub.clock.now();
  return JSON.stringify({
    notificationVersion: '1.0',
    notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
    payloadVersion: '2023-11-30',
    eventTime: new Date(at).toISOString(),
    payload: {
      applicationOAuthClientNewSecret: {
        clientId: changes.clientId ?? hub.clientId(),
        newClientSecret: clientSecret,
        newClientSecretExpiryTime: new Date(at + 180 * DAY).toISOString(),
        oldClientSecretExpiryTime: new Date(at + 7 * DAY).toISOString(),
      },
    },
    notificationMetadata: { notificationId: `notification of ${clientSecret}` },
  });
}
