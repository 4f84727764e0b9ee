import type { Delivery } from '../amazon/notification';
import { digestOf, stagedVersionId } from '../digest';
import type { Newest } from '../journal/entry';
import type { JournalHead } from '../journal/log';
import { CallFailed, LABEL, type Application, type SecretDescription } from '../ports';
import type { CurrentSecret, SecretState } from './read';
import { stringsIn } from './text';

/** The version that a delivery becomes, merged into the current one under the settings of now. */
export function stagedIdOf(
  { settings }: Application,
  { digest }: Pick<Delivery, 'digest'>,
  { versionId }: Pick<CurrentSecret, 'versionId'>,
): string {
  return stagedVersionId(digest, versionId, settings.clientSecretField);
}

/** Whether what is current was staged over the one before, and promoted: nobody stored it. */
export function wasStaged(application: Application, { current, description: { labels } }: SecretState): boolean {
  const previous = labels.get(LABEL.previous);
  return previous !== undefined && stagedIdOf(application, current, { versionId: previous }) === current.versionId;
}

/**
 * The newest delivered client secret from wherever it was staged, under whatever key: a deploy may have changed the settings since.
 *
 * @returns `undefined` while it is only in the queue
 */
export async function findStaged(
  application: Application,
  { current, description }: SecretState,
  newest: Newest,
): Promise<Delivery | undefined> {
  if (current.digest === newest.digest) {
    return { ...newest, ...current.credentials };
  }
  const { labels } = description;
  const staged = await findVersion(application, newest, [
    labels.get(LABEL.pending),
    newest.stagedVersionId,
    labels.get(LABEL.previous),
  ]);
  return staged && { ...newest, clientId: current.credentials.clientId, clientSecret: staged.clientSecret };
}

/**
 * Puts AWSPENDING back on a version with the newest delivered client secret. AWS takes it off the version that is AWSCURRENT too when
 * somebody stores a new value, and deletes versions without a label. From a version that is not current it is not taken.
 */
export async function restorePending(
  application: Application,
  { labels }: SecretDescription,
  { entry: { newest } }: JournalHead,
): Promise<void> {
  const holder = labels.get(LABEL.pending);
  if (newest === null || holder === newest.stagedVersionId) {
    return;
  }
  try {
    const staged = await findVersion(application, newest, [
      holder,
      newest.stagedVersionId,
      labels.get(LABEL.previous),
      labels.get(LABEL.current),
    ]);
    if (staged !== undefined && staged.versionId !== holder) {
      // Somebody else who moves the label meanwhile knows of a newer one.
      await application.ports.secrets.moveLabel(LABEL.pending, staged.versionId, holder);
    }
  } catch (error) {
    // It stands by at best: what fails here must not hold up the application. The next full look tries again.
    if (!(error instanceof CallFailed)) {
      throw error;
    }
  }
}

/**
 * The first of these versions that holds the newest delivered client secret.
 *
 * @throws {CallFailed} where none does that could be read: the key of another may be gone, for instance
 */
async function findVersion(
  { ports }: Application,
  { digest }: Newest,
  versionIds: readonly (string | undefined)[],
): Promise<{ readonly versionId: string; readonly clientSecret: string } | undefined> {
  let unread: CallFailed | undefined;
  for (const versionId of new Set(versionIds)) {
    const version = versionId === undefined ? undefined : await unlessFailed(ports.secrets.readVersion(versionId));
    if (version instanceof CallFailed) {
      // One that fails for the moment may be readable the next time.
      unread = unread?.isLasting === false ? unread : version;
      continue;
    }
    const clientSecret = stringsIn(version?.text).find((value) => digestOf(value) === digest);
    if (versionId !== undefined && clientSecret !== undefined) {
      return { versionId, clientSecret };
    }
  }
  if (unread !== undefined) {
    throw unread;
  }
  return undefined;
}

async function unlessFailed<Value>(reading: Promise<Value>): Promise<Value | CallFailed> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CallFailed) {
      return error;
    }
    throw error;
  }
}
