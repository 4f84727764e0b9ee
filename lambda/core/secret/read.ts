import { digestOf } from '../digest';
import { failure, type Failure } from '../failure';
import { readEntry } from '../journal/entry';
import type { JournalHead } from '../journal/log';
import type { StoredSecret } from '../journal/order';
import {
  CallFailed,
  LABEL,
  unlessLasting,
  type Application,
  type ClientCredentials,
  type SecretDescription,
  type SecretVersion,
} from '../ports';
import type { ReadCurrent } from './current-versions';
import { tellingDeletion } from './marked-for-deletion';
import { readCredentials, type CredentialsProblem } from './text';

/** The version labelled AWSCURRENT, read. */
export interface CurrentSecret extends StoredSecret {
  readonly versionId: string;
  readonly text: string;
  readonly credentials: ClientCredentials;
}

/** What an application's secret looks like at one moment. The journal is read beside it: it changes while a run goes on. */
export interface SecretState {
  readonly current: CurrentSecret;
  readonly description: SecretDescription;
}

export type JournalRead =
  | { readonly journal: 'readable'; readonly head: JournalHead }
  | { readonly journal: 'none' }
  | { readonly journal: 'unreadable'; readonly versionId: string };

export type StateRead =
  | { readonly seeded: true; readonly state: SecretState; readonly journal: JournalRead }
  | ({ readonly seeded: false; readonly stored?: StoredUnusable } & Unusable);

/** What there is beside a current version without credentials. */
interface StoredUnusable {
  readonly versionId: string;
  readonly description: SecretDescription;
  readonly journal: JournalRead;
}

/** Why there are no credentials. */
type Unusable = CredentialsProblem | { readonly problem: 'not-seeded' };

/**
 * Reads the secret: all labels at one moment, and beside that the versions that have two of them. Labels may move between
 * two reads, so what was read by its label counts only where it is the version that the labels name; if not, that one is read.
 */
export function readState(application: Application): Promise<StateRead> {
  return tellingDeletion(application, readAll(application));
}

async function readAll(application: Application): Promise<StateRead> {
  const { secrets } = application.ports;
  const [description, byCurrent, byJournal] = await Promise.all([
    secrets.describe(),
    secrets.readLabel(LABEL.current),
    unlessUnreadable(secrets.readLabel(LABEL.journal)),
  ]);
  const currentId = description.labels.get(LABEL.current);
  if (currentId === undefined) {
    return { seeded: false, problem: 'not-seeded' };
  }
  const journalId = description.labels.get(LABEL.journal);
  const [version, journal] = await Promise.all([
    byCurrent?.versionId === currentId ? byCurrent : secrets.readVersion(currentId),
    journalId === undefined ? ({ journal: 'none' } as const) : readJournal(application, journalId, byJournal),
  ]);
  if (version === undefined) {
    throw readLags();
  }
  const current = parseCurrent(application, version);
  return 'problem' in current
    ? { seeded: false, ...current, stored: { versionId: version.versionId, description, journal } }
    : { seeded: true, state: { current, description }, journal };
}

/** What two labels name. `current` is missing where somebody stored what is no pair of client id and client secret. */
export interface JournalBesideCurrent {
  readonly current?: CurrentSecret;
  readonly head: JournalHead;
}

/**
 * A cheaper look: reads two versions by label and nothing else. They may be of different moments: good enough to see that
 * all is well, for nothing else.
 *
 * @returns `undefined` when one of them is missing or cannot be read
 */
export async function readTwoVersions(
  application: Application,
  readCurrent?: ReadCurrent,
): Promise<Required<JournalBesideCurrent> | undefined> {
  const read = await readJournalBesideCurrent(application, readCurrent);
  return read?.current === undefined ? undefined : { current: read.current, head: read.head };
}

/** The same for those who want the journal above all. */
export async function readJournalBesideCurrent(
  application: Application,
  readCurrent: ReadCurrent = ({ ports }) => ports.secrets.readLabel(LABEL.current),
): Promise<JournalBesideCurrent | undefined> {
  const { secrets } = application.ports;
  const [version, journal] = await Promise.all([
    tellingDeletion(application, readCurrent(application)),
    unlessUnreadable(secrets.readLabel(LABEL.journal)),
  ]);
  if (version === undefined || journal === undefined || journal === 'unreadable') {
    return undefined;
  }
  const entry = readEntry(journal);
  if (entry === undefined) {
    return undefined;
  }
  const current = parseCurrent(application, version);
  const head = { versionId: journal.versionId, entry };
  return 'problem' in current ? { head } : { current, head };
}

function parseCurrent(
  { settings }: Application,
  { versionId, createdAt, text }: SecretVersion,
): CurrentSecret | CredentialsProblem {
  const read = readCredentials(text, settings);
  return 'problem' in read
    ? read
    : {
        versionId,
        createdAt,
        text: text ?? '',
        credentials: read.credentials,
        digest: digestOf(read.credentials.clientSecret),
      };
}

async function readJournal(
  application: Application,
  versionId: string,
  byLabel: SecretVersion | 'unreadable' | undefined,
): Promise<JournalRead> {
  const version =
    byLabel === 'unreadable' || byLabel?.versionId === versionId
      ? byLabel
      : await unlessUnreadable(application.ports.secrets.readVersion(versionId));
  if (version === undefined) {
    throw readLags();
  }
  const entry = version === 'unreadable' ? undefined : readEntry(version);
  return entry === undefined
    ? { journal: 'unreadable', versionId }
    : { journal: 'readable', head: { versionId, entry } };
}

/** What is wrong with the stored secret, for people. */
export function unusable(application: Application, { problem, ...detail }: Unusable): Failure {
  const said = failure(application, problem);
  const { hint } = detail as Partial<CredentialsProblem>;
  return hint === undefined ? said : { ...said, next: `${said.next} ${hint}` };
}

/** A version that has a label exists: a read that does not find it lags behind, and the next will not. */
function readLags(): CallFailed {
  return new CallFailed('secretsmanager:GetSecretValue', 'ReadLagsBehind');
}

/** A passing failure says nothing about the journal and is thrown on. A lasting one (its key is gone, say) makes it unreadable. */
function unlessUnreadable(
  reading: Promise<SecretVersion | undefined>,
): Promise<SecretVersion | 'unreadable' | undefined> {
  return unlessLasting(reading, () => 'unreadable');
}

/** The credentials in a version other than the current one; `undefined` where there are none for the same client id. */
export async function credentialsIn(
  application: Application,
  versionId: string | undefined,
  clientId: string,
): Promise<ClientCredentials | undefined> {
  const version = versionId === undefined ? undefined : await application.ports.secrets.readVersion(versionId);
  const read = version === undefined ? undefined : readCredentials(version.text, application.settings);
  return read !== undefined && 'credentials' in read && read.credentials.clientId === clientId
    ? read.credentials
    : undefined;
}
