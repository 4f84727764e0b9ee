import type { ApplicationSettings } from '../../lib/contract/application-settings';
import type { DetailType, EventDetail } from '../../lib/contract/event';
import type { RunbookSection } from '../../lib/contract/operators';
import type { Instant } from './time';
import type { Observation } from './observation';

/**
 * What the core needs of the world. The adapters implement these over AWS and HTTP, the simulation over a model.
 *
 * Every method may throw {@link CallFailed}, and nothing else.
 */

/** One version of a secret. Its content never changes; its labels do. */
export interface SecretVersion {
  readonly versionId: string;
  /** `undefined` when the version holds binary data. */
  readonly text: string | undefined;
  readonly createdAt: Instant;
}

/** What DescribeSecret tells, at one moment. */
export interface SecretDescription {
  /** Staging label → version id. */
  readonly labels: ReadonlyMap<string, string>;
  /** Key that encrypts new versions; empty for the AWS managed one. */
  readonly key: string;
  /** Regions whose replica could not be brought up to date. */
  readonly failedReplicas: readonly string[];
  /** The date that marks it for deletion. Then nothing else of it can be read. */
  readonly deletedAt?: Instant;
  /** Why somebody else may or must write it: a rotation that Secrets Manager runs itself, or a replica. */
  readonly rival?: 'managed-rotation' | 'replica';
}

/**
 * Reads AWSCURRENT of several secrets in one call. Never throws: what could not be read, for whatever reason, is not in the answer.
 *
 * @returns ARN → version
 */
export type ReadSeveral = (secretArns: readonly string[]) => Promise<ReadonlyMap<string, SecretVersion>>;

/** Staging labels of Secrets Manager that the functions read or move. */
export const LABEL = {
  current: 'AWSCURRENT',
  previous: 'AWSPREVIOUS',
  /** The version built from the newest delivered client secret. */
  pending: 'AWSPENDING',
  /** The last journal entry. */
  journal: 'SpApiRotationJournal',
  /** Moved to prove that labels can be moved. It means nothing. */
  probe: 'SpApiRotationProbe',
} as const;

/** The versions and labels of one application's secret. */
export interface SecretStore {
  describe(): Promise<SecretDescription>;
  /** `undefined`: no version carries the label. */
  readLabel(label: string): Promise<SecretVersion | undefined>;
  /** `undefined`: there is no such version. */
  readVersion(versionId: string): Promise<SecretVersion | undefined>;
  /**
   * Writes a version under an id of the caller's choosing and gives it a label, taking the label from any other.
   *
   * `taken`: a version of that id with another value exists. Writing the same value again does nothing,
   * and does not give the label back.
   */
  put(version: NewVersion): Promise<'written' | 'taken'>;
  /**
   * Moves a label. `from` is where the caller believes it to be, `undefined` for nowhere.
   *
   * `elsewhere`: it is not there; nothing was moved (or an earlier try of the same call moved it: read again).
   */
  moveLabel(label: string, to: string, from: string | undefined): Promise<'moved' | 'elsewhere'>;
}

export interface NewVersion {
  readonly versionId: string;
  readonly text: string;
  readonly label: typeof LABEL.pending | typeof LABEL.journal;
}

/** What came back from an HTTP call, or how far it got. Unclassified: the core does that. */
export type HttpOutcome =
  | {
      readonly status: number;
      readonly body: string;
      readonly requestId?: string;
      /** The server's own time, as its answer says. */
      readonly date?: Instant;
    }
  /** The request never left: name resolution, connection or TLS failed. */
  | { readonly failed: 'before-sending' }
  /** It was written, and then timed out or broke off: the other side may have acted on it. */
  | { readonly failed: 'after-sending' };

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Login with Amazon. */
export interface LoginWithAmazon {
  /** Asks for a grantless token of the rotation scope. */
  exchange(credentials: ClientCredentials): Promise<HttpOutcome>;
}

/** The Selling Partner API. */
export interface SellingPartnerApi {
  /** Longest time, in milliseconds, that `rotateClientSecret` takes. */
  readonly timeout: number;
  /** POSTs the rotation once, over a fresh connection, following no redirect. */
  rotateClientSecret(accessToken: string): Promise<HttpOutcome>;
}

/** What SQS says about the notification queue. */
export interface QueueAttributes {
  readonly policy: string | undefined;
  /** Customer key, as SQS names it (id, ARN or alias); `undefined` for SSE-SQS. */
  readonly key: string | undefined;
  readonly retentionSeconds: number;
}

export interface NotificationQueue {
  /** `undefined`: the queue does not exist. */
  attributes(): Promise<QueueAttributes | undefined>;
}

export interface EventBus {
  publish(type: DetailType, detail: EventDetail): Promise<void>;
}

export interface Clock {
  now(): Instant;
}

/** Everything a flow may touch on behalf of one application. */
export interface Ports {
  readonly secrets: SecretStore;
  readonly readSeveral?: ReadSeveral;
  readonly lwa: LoginWithAmazon;
  readonly spApi: SellingPartnerApi;
  readonly queue: NotificationQueue;
  readonly events: EventBus;
  readonly clock: Clock;
  /** A value that no other run has. */
  readonly nonce: () => string;
  /** Logs and counts. Never throws. */
  readonly observe: (observation: Observation) => void;
  /** When this run must be over. No call is begun after it. */
  readonly deadline: Instant;
}

/** One application of the hub, with its way to the world. */
export interface Application {
  readonly settings: ApplicationSettings;
  /** Why the settings cannot be used, and what to do, for people. Then nothing of them but the id says anything. */
  readonly misconfigured?: string;
  /** The hub: ARN of the notification queue. */
  readonly hub: string;
  /** ARN of the key that the stack gave the notification queue, if it gave one. */
  readonly queueKeyArn: string | undefined;
  /** Longest time between two sweeps, in milliseconds; `undefined` where the schedule does not tell. */
  readonly sweepInterval: number | undefined;
  readonly ports: Ports;
  /** What the secrets of the hub hold: read when it is first needed, and once for all in an invocation. */
  readonly directory: () => Promise<Directory>;
  /** How a sweep over several reads AWSCURRENT. Absent: each on its own. */
  readonly readCurrent?: (application: Application) => Promise<SecretVersion | undefined>;
}

/** What an application's AWSCURRENT holds. `empty`: nobody stored anything yet. `unreadable`: no client id could be read. */
export type StoredPair = ClientCredentials | 'empty' | 'unreadable';

/** All applications of the hub, and what each stored. */
export type Directory = readonly (readonly [Application, StoredPair])[];

/** A call to AWS that did not succeed. Carries a closed list of fields: what services say may quote a secret. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';

  constructor(
    /** Such as `secretsmanager:PutSecretValue`. */
    readonly operation: string,
    /** The service's error code, such as `AccessDeniedException`; `Unreachable` when none came. */
    readonly code: string,
    readonly requestId?: string,
    /** What to do, for people, where more is known than the code says. */
    readonly advice?: string,
    readonly section?: RunbookSection,
  ) {
    super(`${operation} failed: ${code}${requestId === undefined ? '' : ` (request id ${requestId})`}`);
  }

  /** Whether it is worth a person's attention at once, since waiting will not mend it. */
  get isLasting(): boolean {
    return /AccessDenied|Decryption|Encryption|NotFound|InvalidRequest|InvalidParameter|Validation|KMS|Kms|Exists/.test(
      this.code,
    );
  }

  get isThrottling(): boolean {
    return /Throttl|TooManyRequests|LimitExceeded/.test(this.code);
  }
}

/** What a call answers; something else where it fails in a way that waiting will not mend. */
export async function unlessLasting<Value, Instead>(
  calling: Promise<Value>,
  instead: (failed: CallFailed) => Instead,
): Promise<Value | Instead> {
  try {
    return await calling;
  } catch (error) {
    if (error instanceof CallFailed && error.isLasting) {
      return instead(error);
    }
    throw error;
  }
}
