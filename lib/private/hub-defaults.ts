import type { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { RotationMode } from '../contract/rotation-mode';
import type { RotationWindow } from '../rotation-window';
import type { HubResources } from './hub-function';
import type { HubMetrics } from './hub-metrics';

/** What an application gets from its {@link SpApiSecretRotation}. */
export interface HubDefaults extends HubResources {
  readonly hub: Construct;
  readonly mode: RotationMode;
  readonly rotationWindow?: RotationWindow;
  /** The longest time between two sweeps; absent where the schedule does not tell. */
  readonly sweepInterval?: Duration;
  /** Key of a secret created for the application. */
  readonly secretEncryptionKey?: kms.IKey;
  readonly metrics: HubMetrics;
  /** Whether each application has a metric of its own. */
  readonly applicationMetrics: boolean;
}
