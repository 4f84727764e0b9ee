import { LABEL } from './labels';
import type { Application } from '../application';
import { digestOf } from '../digest';
import type { Instant } from '../time';
import { parseEntry, type JournalEntry } from '../journal/entry';
import { CallFailed, type ClientCredentials, type SecretDescription, type SecretVersion } from '../ports';
import { readCredentials } from './text';

/** AWSCURRENT, read. */
export interface Current {
  readonly versionId: string;
  readonly createdAt: Instant;
  readonly text: string;
  readonly credentials: ClientCredentials;
  readonly digest: string;
}

export interface JournalHead {
  readonly versionId: string;
  readonly entry: JournalEntry;
}

export type JournalRead =
  | { readonly read: 'readable'; readonly head: JournalHead }
  | { readonly read: 'none' }
  | { readonly read: 'unreadable'; readonly versionId: string };

/** What an application's secret looks like at one moment. */
export interface State {
  /** Empty in a glance. */
  readonly labels: ReadonlyMap<string, string>;
  readonly description: SecretDescription | undefined;
  readonly current: Current;
  readonly journal: JournalRead;
}

export type Look =
  | { readonly seeded: true; readonly state: State }
  | {
      readonly seeded: false;
      readonly problem: 'not-seeded' | 'not-json' | 'field-missing';
      readonly versionId?: string;
    };

/**
 * Reads the secret: all labels at one moment, and beside that the versions that have two of them. Labels may move between
 * two reads, so what was read by its label counts only where it is the version that the labels name; if not, that one is read.
 */
export async function look(application: Application): Promise<Look> {
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
  const [current, journal] = await Promise.all([
    byCurrent?.versionId === currentId ? byCurrent : secrets.readVersion(currentId),
    journalId === undefined ? ({ read: 'none' } as const) : readJournal(application, journalId, byJournal),
  ]);
  if (current === undefined) {
    throw readLags();
  }
  return assemble(application, current, journal, description);
}

/**
 * A cheaper look that reads two versions by label and nothing else. Its parts may be of different moments:
 * good enough to see that all is well, for nothing else.
 *
 * @returns `undefined` when all is not well
 */
export async function glance(application: Application): Promise<State | undefined> {
  const { secrets } = application.ports;
  const [current, journal] = await Promise.all([
    secrets.readLabel(LABEL.current),
    unlessUnreadable(secrets.readLabel(LABEL.journal)),
  ]);
  if (current === undefined || journal === undefined || journal === 'unreadable') {
    return undefined;
  }
  const entry = parseEntry(journal.text);
  if (entry === undefined) {
    return undefined;
  }
  const head: JournalHead = { versionId: journal.versionId, entry };
  const assembled = assemble(application, current, { read: 'readable', head }, undefined);
  return assembled.seeded ? assembled.state : undefined;
}

function assemble(
  application: Application,
  version: SecretVersion,
  journal: JournalRead,
  description: SecretDescription | undefined,
): Look {
  const read = readCredentials(version.text, application.settings);
  if ('problem' in read) {
    return { seeded: false, problem: read.problem, versionId: version.versionId };
  }
  const current: Current = {
    versionId: version.versionId,
    createdAt: version.createdAt,
    text: version.text ?? '',
    credentials: read.credentials,
    digest: digestOf(read.credentials.clientSecret),
  };
  return {
    seeded: true,
    state: { labels: description?.labels ?? new Map<string, string>(), description, current, journal },
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
  const entry = version === 'unreadable' ? undefined : parseEntry(version.text);
  return entry === undefined ? { read: 'unreadable', versionId } : { read: 'readable', head: { versionId, entry } };
}

/** A version that has a label exists: a read that does not find it lags behind, and the next will not. */
function readLags(): CallFailed {
  return new CallFailed('secretsmanager:GetSecretValue', 'ReadLagsBehind');
}

/** A passing failure is none of the journal's: it is thrown on. What stays (its key is gone, say) makes it unreadable. */
async function unlessUnreadable(
  reading: Promise<SecretVersion | undefined>,
): Promise<SecretVersion | 'unreadable' | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CallFailed && error.isLasting) {
      return 'unreadable';
    }
    throw error;
  }
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
