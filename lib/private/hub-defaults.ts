import type * as kms from 'aws-cdk-lib/aws-kms';
import type { RotationMode } from '../rotation-mode';

/** What an application gets from the hub it is part of. */
export interface HubDefaults {
  /** Path in Parameter Store, without a trailing slash. */
  readonly applicationsPath: string;
  readonly mode: RotationMode;
  /** Key of a secret created for the application. */
  readonly secretEncryptionKey?: kms.IKey;
}
