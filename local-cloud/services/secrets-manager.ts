import type {
  BatchGetSecretValueRequest,
  BatchGetSecretValueResponse,
  CreateSecretRequest,
  CreateSecretResponse,
  DeleteResourcePolicyRequest,
  DeleteSecretRequest,
  DeleteSecretResponse,
  DescribeSecretRequest,
  DescribeSecretResponse,
  GetResourcePolicyRequest,
  GetResourcePolicyResponse,
  GetSecretValueRequest,
  GetSecretValueResponse,
  ListSecretVersionIdsRequest,
  ListSecretVersionIdsResponse,
  PutResourcePolicyRequest,
  PutSecretValueRequest,
  PutSecretValueResponse,
  ReplicaRegionType,
  ReplicationStatusType,
  RestoreSecretRequest,
  Tag,
  UpdateSecretRequest,
  UpdateSecretResponse,
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse,
} from '@aws-sdk/client-secrets-manager';
import { AwsError } from './aws-error';
import type { Clock } from './clock';
import { Identifiers } from './identifiers';

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const PENDING = 'AWSPENDING';
/** The labels whose versions are encrypted again when the secret gets another key. */
const RE_ENCRYPTED = [CURRENT, PENDING, PREVIOUS];

const MAX_VALUE_BYTES = 65_536;
const MAX_LABELS = 20;
const MAX_BATCH = 20;
const MIN_TOKEN_LENGTH = 32;
const MAX_TOKEN_LENGTH = 64;
const DAY = 86_400_000;

export interface SecretsManagerModelOptions {
  readonly clock: Clock;
  readonly region?: string;
  readonly account?: string;
  /** Version ids and ARN suffixes are derived from it. The same seed gives the same ids. */
  readonly seed?: string;
  /**
   * By how many milliseconds a read lags behind. It is called for each read. Default: 0.
   *
   * Describe, get and list then see the labels and versions of that time. Writes always see the newest state.
   */
  readonly readLag?: () => number;
}

/** One version, as tests and the demo see it. */
export interface InspectedVersion {
  readonly versionId: string;
  readonly labels: readonly string[];
  readonly createdAt: number;
  readonly text: string | undefined;
  readonly binary: Uint8Array | undefined;
  /** Key it is encrypted under; empty for the AWS managed one. */
  readonly key: string;
}

interface Value {
  readonly text: string | undefined;
  readonly binary: Uint8Array | undefined;
}

interface Version extends Value {
  readonly id: string;
  readonly createdAt: number;
  /** Order of creation, for versions of the same millisecond. */
  readonly number: number;
  key: string;
}

/** Label → version id. A label cannot be in two places. */
type Labels = ReadonlyMap<string, string>;

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly versions: Map<string, Version>;
  /** Every state of the labels with its time, the newest last. */
  labelHistory: { readonly at: number; readonly labels: Labels }[];
  changedAt: number;
  /** Empty: the AWS managed key. */
  key: string;
  description?: string | undefined;
  deletedAt?: number;
  policy?: string;
  tags: readonly Tag[];
  replication?: readonly ReplicationStatusType[];
  /** What else DescribeSecret reports. Nothing here acts on it. */
  reported: Pick<DescribeSecretResponse, 'RotationEnabled' | 'PrimaryRegion'>;
}

/**
 * Secrets Manager, with AWS's rules for versions, labels, keys and limits.
 *
 * Pure: it takes the time from the given clock, uses no randomness and never waits.
 */
export class SecretsManagerModel {
  private readonly clock: Clock;
  private readonly prefix: string;
  private readonly identifiers: Identifiers;
  private readonly readLag: () => number;
  private readonly secrets = new Map<string, Secret>();
  private readonly unusableKeys = new Set<string>();
  /** The days on which secrets and versions were read last, by ARN and by ARN and version id. */
  private readonly accessedOn = new Map<string, number>();
  private versionCount = 0;

  constructor(options: SecretsManagerModelOptions) {
    this.clock = options.clock;
    this.prefix = `arn:aws:secretsmanager:${options.region ?? 'us-east-1'}:${options.account ?? '123456789012'}:secret:`;
    this.identifiers = new Identifiers(options.seed ?? 'secrets-manager');
    this.readLag = options.readLag ?? (() => 0);
  }

  createSecret(request: CreateSecretRequest): CreateSecretResponse {
    const name = request.Name ?? '';
    if (!/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name)) {
      throw invalidName();
    }
    this.refuseTakenName(name);
    const now = this.clock.now();
    const secret: Secret = {
      arn: `${this.prefix}${name}-${this.identifiers.alphanumeric(6)}`,
      name,
      createdAt: now,
      changedAt: now,
      reported: {},
      versions: new Map(),
      labelHistory: [],
      key: request.KmsKeyId ?? '',
      tags: request.Tags ?? [],
    };
    secret.description = request.Description;
    const id = hasValue(request) ? this.addVersion(secret, request, [CURRENT]).VersionId : undefined;
    this.secrets.set(secret.arn, secret);
    return { ARN: secret.arn, Name: name, ...(id === undefined ? {} : { VersionId: id }) };
  }

  describeSecret(request: DescribeSecretRequest): DescribeSecretResponse {
    const secret = this.find(request.SecretId);
    const stages = this.stagesById(this.seenLabels(secret, this.readLag()));
    return {
      ARN: secret.arn,
      Name: secret.name,
      ...(secret.description ? { Description: secret.description } : {}),
      ...(secret.key === '' ? {} : { KmsKeyId: secret.key }),
      LastChangedDate: new Date(secret.changedAt),
      ...this.lastAccess(secret.arn),
      ...(secret.deletedAt === undefined ? {} : { DeletedDate: new Date(secret.deletedAt) }),
      ...(secret.tags.length === 0 ? {} : { Tags: [...secret.tags] }),
      ...(stages.size === 0 ? {} : { VersionIdsToStages: Object.fromEntries(stages) }),
      CreatedDate: new Date(secret.createdAt),
      ...(secret.replication === undefined ? {} : { ReplicationStatus: [...secret.replication] }),
      ...secret.reported,
    };
  }

  getSecretValue(request: GetSecretValueRequest): GetSecretValueResponse {
    const secret = this.findUndeleted(request.SecretId);
    const lag = this.readLag();
    const labels = this.seenLabels(secret, lag);
    const stage = request.VersionStage ?? (request.VersionId === undefined ? CURRENT : undefined);
    const labelled = stage === undefined ? undefined : labels.get(stage);
    if (request.VersionId !== undefined && stage !== undefined && labelled !== request.VersionId) {
      throw new AwsError(
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      );
    }
    const version = this.seenVersion(secret, request.VersionId ?? labelled, lag);
    if (version === undefined) {
      throw noSuchVersion(soughtBy(request, stage));
    }
    this.refuseUnusableKey(version.key, 'DecryptionFailure');
    const today = Math.floor(this.clock.now() / DAY) * DAY;
    this.accessedOn.set(secret.arn, today).set(`${secret.arn} ${version.id}`, today);
    return answerWith(secret, version, this.stagesById(labels).get(version.id));
  }

  /** @param authorize throws for a secret that the caller may not read */
  batchGetSecretValue(
    { SecretIdList: ids = [] }: BatchGetSecretValueRequest,
    authorize: (secretId: string) => void = () => undefined,
  ): BatchGetSecretValueResponse {
    if (ids.length === 0 || ids.length > MAX_BATCH) {
      throw new AwsError('InvalidParameterException', `You must name 1 to ${MAX_BATCH} secrets.`);
    }
    const values: NonNullable<BatchGetSecretValueResponse['SecretValues']> = [];
    const errors: NonNullable<BatchGetSecretValueResponse['Errors']> = [];
    for (const id of ids) {
      try {
        authorize(id);
        values.push(this.getSecretValue({ SecretId: id }));
      } catch (error) {
        if (!(error instanceof AwsError)) {
          throw error;
        }
        errors.push({ SecretId: id, ErrorCode: error.code, Message: error.message });
      }
    }
    return { SecretValues: values, Errors: errors };
  }

  putSecretValue(request: PutSecretValueRequest): PutSecretValueResponse {
    const secret = this.findUndeleted(request.SecretId);
    if (!hasValue(request)) {
      throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
    }
    const stages = request.VersionStages ?? [CURRENT];
    if (stages.length === 0 || stages.length > MAX_LABELS) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value at 'versionStages' failed to satisfy constraint: Member must have length between 1 and ${MAX_LABELS}`,
      );
    }
    stages.forEach(refuseImpossibleLabel);
    return this.addVersion(secret, request, stages);
  }

  updateSecret(request: UpdateSecretRequest): UpdateSecretResponse {
    const secret = this.findUndeleted(request.SecretId);
    if (request.KmsKeyId !== undefined) {
      this.changeKey(secret, request.KmsKeyId);
    }
    if (request.Description !== undefined) {
      secret.description = request.Description;
    }
    secret.changedAt = this.clock.now();
    const added = hasValue(request) ? this.addVersion(secret, request, [CURRENT]) : undefined;
    return {
      ARN: secret.arn,
      Name: secret.name,
      ...(added?.VersionId === undefined ? {} : { VersionId: added.VersionId }),
    };
  }

  updateSecretVersionStage(request: UpdateSecretVersionStageRequest): UpdateSecretVersionStageResponse {
    const secret = this.findUndeleted(request.SecretId);
    const label = request.VersionStage ?? '';
    refuseImpossibleLabel(label);
    const { MoveToVersionId: to, RemoveFromVersionId: from } = request;
    if (to === undefined && from === undefined) {
      throw new AwsError(
        'InvalidParameterException',
        'You must specify at least one of MoveToVersionId and RemoveFromVersionId.',
      );
    }
    for (const id of [to, from]) {
      if (id !== undefined && !secret.versions.has(id)) {
        throw noSuchVersion(`VersionId: ${id}`);
      }
    }
    this.refuseImpossibleMove(secret, label, from, to);
    if (to === undefined) {
      this.relabel(secret, (labels) => labels.delete(label));
    } else {
      this.attach(secret, to, [label]);
    }
    return { ARN: secret.arn, Name: secret.name };
  }

  /** A move succeeds only if it names the version that has the label now: this makes it a compare-and-set. */
  private refuseImpossibleMove(secret: Secret, label: string, from: string | undefined, to: string | undefined): void {
    const attachedTo = this.labels(secret).get(label);
    if (from !== undefined && from !== attachedTo) {
      throw new AwsError(
        'InvalidParameterException',
        `When you move staging label ${label}, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label ${label}.`,
      );
    }
    if (to === undefined && label === CURRENT) {
      throw new AwsError(
        'InvalidParameterException',
        `You can only move staging label ${CURRENT} to a different secret version. It can’t be completely removed.`,
      );
    }
    if (to !== undefined && from === undefined && attachedTo !== undefined && attachedTo !== to) {
      throw new AwsError(
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${attachedTo}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    }
  }

  listSecretVersionIds(request: ListSecretVersionIdsRequest): ListSecretVersionIdsResponse {
    const secret = this.find(request.SecretId);
    const lag = this.readLag();
    const stages = this.stagesById(this.seenLabels(secret, lag));
    const versions = [...secret.versions.values()].filter(
      ({ id }) =>
        this.seenVersion(secret, id, lag) !== undefined && (request.IncludeDeprecated === true || stages.has(id)),
    );
    const start = request.NextToken === undefined ? 0 : Number(request.NextToken);
    const size = request.MaxResults ?? 100;
    return {
      ARN: secret.arn,
      Name: secret.name,
      Versions: versions.slice(start, start + size).map(({ id, createdAt, key }) => {
        const labels = stages.get(id);
        return {
          VersionId: id,
          ...(labels === undefined ? {} : { VersionStages: labels }),
          CreatedDate: new Date(createdAt),
          ...this.lastAccess(`${secret.arn} ${id}`),
          KmsKeyIds: [key === '' ? 'DefaultEncryptionKey' : key],
        };
      }),
      ...(start + size < versions.length ? { NextToken: String(start + size) } : {}),
    };
  }

  deleteSecret(request: DeleteSecretRequest): DeleteSecretResponse {
    const days = request.RecoveryWindowInDays ?? 30;
    if (request.ForceDeleteWithoutRecovery === true) {
      return this.deleteAtOnce(request.SecretId);
    }
    const secret = this.findUndeleted(request.SecretId);
    if (days < 7 || days > 30) {
      throw new AwsError(
        'InvalidParameterException',
        'RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
      );
    }
    secret.deletedAt = this.clock.now();
    return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(secret.deletedAt + days * DAY) };
  }

  /** It is no error if there is no such secret: a call that is repeated succeeds. */
  private deleteAtOnce(secretId = ''): DeleteSecretResponse {
    refuseImpossibleId(secretId);
    const { arn, name } = this.resolve(secretId) ?? { arn: this.arnOf(secretId), name: secretId };
    this.secrets.delete(arn);
    return { ARN: arn, Name: name, DeletionDate: new Date(this.clock.now()) };
  }

  restoreSecret(request: RestoreSecretRequest): DeleteSecretResponse {
    const secret = this.find(request.SecretId);
    delete secret.deletedAt;
    return { ARN: secret.arn, Name: secret.name };
  }

  putResourcePolicy(request: PutResourcePolicyRequest): GetResourcePolicyResponse {
    const secret = this.findUndeleted(request.SecretId);
    secret.policy = request.ResourcePolicy ?? '';
    return { ARN: secret.arn, Name: secret.name };
  }

  getResourcePolicy(request: GetResourcePolicyRequest): GetResourcePolicyResponse {
    const secret = this.findUndeleted(request.SecretId);
    return {
      ARN: secret.arn,
      Name: secret.name,
      ...(secret.policy === undefined ? {} : { ResourcePolicy: secret.policy }),
    };
  }

  deleteResourcePolicy(request: DeleteResourcePolicyRequest): GetResourcePolicyResponse {
    const secret = this.findUndeleted(request.SecretId);
    delete secret.policy;
    return { ARN: secret.arn, Name: secret.name };
  }

  /** What authorization needs to know of a secret; `undefined`: there is none of that name or ARN. */
  lookUp(
    secretId: string,
  ): { readonly arn: string; readonly key: string; readonly policy: string | undefined } | undefined {
    const secret = this.resolve(secretId);
    return secret === undefined ? undefined : { arn: secret.arn, key: secret.key, policy: secret.policy };
  }

  /** Key that a version is encrypted under, found as GetSecretValue finds the version. */
  keyOfVersion(request: GetSecretValueRequest): string | undefined {
    const secret = this.resolve(request.SecretId ?? '');
    const id = request.VersionId ?? (secret && this.labels(secret).get(request.VersionStage ?? CURRENT));
    return id === undefined ? undefined : secret?.versions.get(id)?.key;
  }

  /** ARN on which access to an unknown name or partial ARN is authorized. */
  arnOf(secretId: string): string {
    return secretId.startsWith('arn:') ? secretId : this.prefix + secretId;
  }

  /** All versions, labelled or not, the oldest first. */
  inspect(secretId: string): readonly InspectedVersion[] {
    const secret = this.find(secretId);
    const stages = this.stagesById(this.labels(secret));
    return [...secret.versions.values()].map((version) => ({
      versionId: version.id,
      labels: stages.get(version.id) ?? [],
      createdAt: version.createdAt,
      text: version.text,
      binary: version.binary,
      key: version.key,
    }));
  }

  /** ARNs of all secrets. */
  list(): readonly string[] {
    return [...this.secrets.keys()];
  }

  /**
   * Deletes versions without a label, as AWS does from time to time.
   *
   * AWS keeps versions younger than a day and the newest 100. A test can lower both limits.
   */
  removeUnlabelledVersions(
    secretId: string,
    limits: { readonly youngerThan?: number; readonly newest?: number } = {},
  ): void {
    const secret = this.find(secretId);
    const stages = this.stagesById(this.labels(secret));
    const newest = new Set(
      [...secret.versions.values()]
        .sort((one, other) => other.number - one.number)
        .slice(0, limits.newest ?? 100)
        .map(({ id }) => id),
    );
    for (const { id, createdAt } of [...secret.versions.values()]) {
      const young = this.clock.now() - createdAt <= (limits.youngerThan ?? DAY);
      if (!stages.has(id) && !young && !newest.has(id)) {
        secret.versions.delete(id);
      }
    }
  }

  /** Stands for a disabled key or a revoked grant: Secrets Manager can neither decrypt nor encrypt with it. */
  makeKeyUnusable(key: string): void {
    this.unusableKeys.add(key);
  }

  makeKeyUsable(key: string): void {
    this.unusableKeys.delete(key);
  }

  /** There are no other regions here: only the state that is reported changes. */
  replicate(
    secretId: string,
    added: readonly ReplicaRegionType[],
  ): { readonly ARN: string; readonly ReplicationStatus: readonly ReplicationStatusType[] } {
    const secret = this.find(secretId);
    const kept = (secret.replication ?? []).filter(({ Region }) => added.every((one) => one.Region !== Region));
    secret.replication = [...kept, ...added.map((region) => ({ ...region, Status: 'InSync' as const }))];
    return { ARN: secret.arn, ReplicationStatus: secret.replication };
  }

  /** State of the replicas, as DescribeSecret reports it. */
  setReplication(secretId: string, status: readonly ReplicationStatusType[]): void {
    this.find(secretId).replication = status;
  }

  /** Makes DescribeSecret report a rotation that Secrets Manager runs itself, or a primary region. */
  reportAs(secretId: string, reported: Pick<DescribeSecretResponse, 'RotationEnabled' | 'PrimaryRegion'>): void {
    this.find(secretId).reported = reported;
  }

  /** Nothing of what was never read. */
  private lastAccess(what: string): { readonly LastAccessedDate?: Date } {
    const day = this.accessedOn.get(what);
    return day === undefined ? {} : { LastAccessedDate: new Date(day) };
  }

  private refuseTakenName(name: string): void {
    const existing = [...this.secrets.values()].find((secret) => secret.name === name);
    if (existing?.deletedAt !== undefined) {
      throw new AwsError(
        'InvalidRequestException',
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (existing !== undefined) {
      throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
    }
  }

  private addVersion(
    secret: Secret,
    request: Pick<PutSecretValueRequest, 'ClientRequestToken' | 'SecretString' | 'SecretBinary'>,
    stages: readonly string[],
  ): PutSecretValueResponse {
    const value = valueOf(request);
    const id = request.ClientRequestToken ?? this.identifiers.uuid();
    if (id.length < MIN_TOKEN_LENGTH || id.length > MAX_TOKEN_LENGTH) {
      throw new AwsError('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.');
    }
    const existing = secret.versions.get(id);
    if (existing !== undefined && !sameValue(existing, value)) {
      throw new AwsError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    if (existing === undefined) {
      this.refuseUnusableKey(secret.key, 'EncryptionFailure');
      const isFirst = secret.versions.size === 0;
      this.versionCount += 1;
      const version = { ...value, id, createdAt: this.clock.now(), number: this.versionCount, key: secret.key };
      // The first version of a secret becomes the current one, whatever the request says.
      const wanted = isFirst ? [...new Set([...stages, CURRENT])] : stages;
      secret.versions.set(id, version);
      secret.changedAt = version.createdAt;
      this.endFinishedRotation(secret, wanted);
      this.attach(secret, id, wanted);
    }
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: id,
      VersionStages: this.stagesById(this.labels(secret)).get(id),
    };
  }

  /** A new current value takes AWSPENDING off the version that had both labels, or RotateSecret would see a rotation there. */
  private endFinishedRotation(secret: Secret, wanted: readonly string[]): void {
    const labels = this.labels(secret);
    const pending = labels.get(PENDING);
    if (wanted.includes(CURRENT) && pending !== undefined && pending === labels.get(CURRENT)) {
      this.relabel(secret, (changed) => changed.delete(PENDING));
    }
  }

  private attach(secret: Secret, id: string, wanted: readonly string[]): void {
    const before = this.labels(secret);
    const onIt = new Set(this.stagesById(before).get(id) ?? []);
    for (const label of wanted) {
      onIt.add(label);
    }
    if (onIt.size > MAX_LABELS) {
      throw new AwsError('LimitExceededException', `A secret version can have at most ${MAX_LABELS} staging labels.`);
    }
    this.relabel(secret, (labels) => {
      for (const label of wanted) {
        labels.set(label, id);
      }
      const current = before.get(CURRENT);
      if (wanted.includes(CURRENT) && current !== undefined && current !== id) {
        labels.set(PREVIOUS, current);
      }
    });
  }

  private relabel(secret: Secret, change: (labels: Map<string, string>) => void): void {
    const labels = new Map(this.labels(secret));
    change(labels);
    secret.labelHistory.push({ at: this.clock.now(), labels });
    secret.labelHistory = secret.labelHistory.slice(-100);
    secret.changedAt = this.clock.now();
  }

  private labels(secret: Secret): Labels {
    return secret.labelHistory.at(-1)?.labels ?? new Map();
  }

  private seenLabels(secret: Secret, lag: number): Labels {
    if (lag <= 0) {
      return this.labels(secret);
    }
    const seenUntil = this.clock.now() - lag;
    return secret.labelHistory.filter(({ at }) => at <= seenUntil).at(-1)?.labels ?? new Map();
  }

  private seenVersion(secret: Secret, id: string | undefined, lag: number): Version | undefined {
    const version = id === undefined ? undefined : secret.versions.get(id);
    return version !== undefined && (lag <= 0 || version.createdAt <= this.clock.now() - lag) ? version : undefined;
  }

  private stagesById(labels: Labels): Map<string, string[]> {
    const stages = new Map<string, string[]>();
    for (const [label, id] of labels) {
      stages.set(id, [...(stages.get(id) ?? []), label]);
    }
    return stages;
  }

  private changeKey(secret: Secret, key: string): void {
    this.refuseUnusableKey(key, 'EncryptionFailure');
    const labels = this.labels(secret);
    const versions = RE_ENCRYPTED.map((label) => secret.versions.get(labels.get(label) ?? ''));
    for (const version of versions) {
      this.refuseUnusableKey(version?.key ?? '', 'DecryptionFailure');
    }
    for (const version of versions) {
      if (version !== undefined) {
        version.key = key;
      }
    }
    secret.key = key;
  }

  private refuseUnusableKey(key: string, code: 'DecryptionFailure' | 'EncryptionFailure'): void {
    if (this.unusableKeys.has(key)) {
      const verb = code === 'DecryptionFailure' ? 'decrypt' : 'encrypt';
      throw new AwsError(code, `Secrets Manager can't ${verb} the protected secret text using the provided KMS key.`);
    }
  }

  private findUndeleted(secretId: string | undefined): Secret {
    const secret = this.find(secretId);
    if (secret.deletedAt !== undefined) {
      throw new AwsError(
        'InvalidRequestException',
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    }
    return secret;
  }

  private find(secretId = ''): Secret {
    refuseImpossibleId(secretId);
    const secret = this.resolve(secretId);
    if (secret === undefined) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return secret;
  }

  private resolve(secretId: string): Secret | undefined {
    const byArn = this.secrets.get(secretId);
    if (byArn !== undefined) {
      return byArn;
    }
    return [...this.secrets.values()].find(
      ({ name }) => name === secretId || (!isComplete(secretId) && this.prefix + name === secretId),
    );
  }
}

/** Of an ARN that ends in a hyphen and six characters, Secrets Manager assumes that it is complete. */
function isComplete(secretId: string): boolean {
  return /-[A-Za-z0-9]{6}$/.test(secretId);
}

function hasValue(request: { SecretString?: string | undefined; SecretBinary?: Uint8Array | undefined }): boolean {
  return request.SecretString !== undefined || request.SecretBinary !== undefined;
}

function valueOf(request: { SecretString?: string | undefined; SecretBinary?: Uint8Array | undefined }): Value {
  const { SecretString: text, SecretBinary: binary } = request;
  if (text !== undefined && binary !== undefined) {
    throw new AwsError('InvalidParameterException', "You can't specify both SecretString and SecretBinary.");
  }
  const size = text === undefined ? (binary?.length ?? 0) : Buffer.byteLength(text);
  if (size === 0 || size > MAX_VALUE_BYTES) {
    const member = text === undefined ? 'secretBinary' : 'secretString';
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length between 1 and ${MAX_VALUE_BYTES}`,
    );
  }
  return { text, binary };
}

function answerWith(secret: Secret, version: Version, stages: string[] | undefined): GetSecretValueResponse {
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...(version.text === undefined ? {} : { SecretString: version.text }),
    ...(version.binary === undefined ? {} : { SecretBinary: version.binary }),
    ...(stages === undefined ? {} : { VersionStages: stages }),
    CreatedDate: new Date(version.createdAt),
  };
}

function soughtBy({ VersionId: id }: GetSecretValueRequest, stage = ''): string {
  return id === undefined ? `staging label: ${stage}` : `VersionId: ${id}`;
}

function sameValue(one: Value, other: Value): boolean {
  if (one.binary !== undefined && other.binary !== undefined) {
    return Buffer.compare(one.binary, other.binary) === 0;
  }
  return one.text !== undefined && one.text === other.text;
}

function noSuchVersion(sought: string): AwsError {
  return new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${sought}`,
  );
}

function refuseImpossibleId(secretId: string): void {
  // Secrets of AWS services have ! in their names.
  if (!secretId.startsWith('arn:') && !/^[A-Za-z0-9/_+=.@!-]+$/.test(secretId)) {
    throw invalidName();
  }
}

function invalidName(): AwsError {
  return new AwsError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

function refuseImpossibleLabel(label: string): void {
  if (label.length < 1 || label.length > 256) {
    throw new AwsError(
      'ValidationException',
      "1 validation error detected: Value at 'versionStage' failed to satisfy constraint: Member must have length between 1 and 256",
    );
  }
}
