import { DETAIL_TYPE } from '../../../lib/contract/event';
import { eventSubject, publishBestEffort } from '../event';
import { failure } from '../failure';
import type { Facts, JournalEntry } from '../journal/entry';
import { append, begin, type JournalHead } from '../journal/log';
import { isRecorded } from '../journal/order';
import { withBaseline, withHub, withOtherApplication, withSeededSecret } from '../journal/transitions';
import type { Application } from '../ports';
import { DAY, type Instant } from '../time';
import type { CurrentSecret, JournalRead, SecretState } from './read';

/** How long after a change of hubs the previous one may not take the application back automatically: both may be alive. */
const HANDOVER = 7 * DAY;

/** Whether another hub took this application over lately, so that this one must only watch. */
export function isTakenOver(entry: JournalEntry, hub: string, now: Instant): boolean {
  return entry.hub !== hub && entry.previousHub === hub && now < entry.addedAt + HANDOVER;
}

/** What a run read and the journal must agree with. */
export function factsOf(application: Application, { current, description }: SecretState): Facts {
  return { ...factsOfCurrent(application, current), encryptionKey: description.key };
}

/** The same, of a run that did not ask for the secret's key. */
export function factsOfCurrent({ hub, ports }: Application, { credentials, digest, createdAt }: CurrentSecret): Facts {
  return { hub, clientId: credentials.clientId, encryptionKey: undefined, now: ports.clock.now(), digest, createdAt };
}

/** The entry brought into agreement with the facts; `undefined` when it agrees. */
export function syncEntry(entry: JournalEntry, facts: Facts): JournalEntry | undefined {
  const changes = [syncClientId, syncHub, syncEncryptionKey, syncSeeded, syncRestored];
  const synced = changes.reduce((before, change) => change(before, facts), entry);
  return synced === entry ? undefined : synced;
}

function syncClientId(entry: JournalEntry, facts: Facts): JournalEntry {
  return entry.clientId === facts.clientId
    ? entry
    : withOtherApplication(entry, { ...facts, encryptionKey: facts.encryptionKey ?? entry.encryptionKey });
}

function syncHub(entry: JournalEntry, { hub, now }: Facts): JournalEntry {
  return entry.hub === hub || isTakenOver(entry, hub, now) ? entry : withHub(entry, hub, now);
}

/** A change of the secret's key leaves the journal under the old one: it is copied while both can be used. */
function syncEncryptionKey(entry: JournalEntry, { encryptionKey }: Facts): JournalEntry {
  return encryptionKey === undefined || entry.encryptionKey === encryptionKey ? entry : { ...entry, encryptionKey };
}

function syncSeeded(entry: JournalEntry, { digest, createdAt }: Facts): JournalEntry {
  return isRecorded(digest, entry) ? entry : withSeededSecret(entry, digest, createdAt);
}

/** Somebody put the newest client secret back in the place of one that a person stored. */
function syncRestored(entry: JournalEntry, { digest }: Facts): JournalEntry {
  const { newest, baseline } = entry;
  return newest?.announced === true && newest.digest === digest && baseline.digest !== digest
    ? withBaseline(entry, newest)
    : entry;
}

/**
 * Begins the journal or brings it up to date.
 *
 * @returns `undefined` when it is unreadable
 */
export async function syncJournal(
  application: Application,
  state: SecretState,
  journal: JournalRead,
): Promise<JournalHead | undefined> {
  if (journal.journal === 'unreadable') {
    return undefined;
  }
  const facts = factsOf(application, state);
  const head = journal.journal === 'none' ? await begin(application, facts) : journal.head;
  if (isSeededByHand(head.entry, facts)) {
    await reportSeeded(application, state.current);
  }
  return append(application, head, (entry) => syncEntry(entry, facts));
}

/** Whether the current client secret is one that nobody delivered and the journal does not know. */
export function isSeededByHand(entry: JournalEntry, { clientId, digest }: Pick<Facts, 'clientId' | 'digest'>): boolean {
  return entry.clientId === clientId && !isRecorded(digest, entry);
}

/** It may be a person's new secret or a pipeline's old one. Only a person can tell, so it is reported to one, once. */
async function reportSeeded(application: Application, current: CurrentSecret): Promise<void> {
  const { clientId } = current.credentials;
  application.ports.observe({
    what: 'client secret seeded by hand',
    application: application.settings.id,
    clientId,
    versionId: current.versionId,
    ...failure(application, 'overwritten'),
  });
  await publishBestEffort(application, DETAIL_TYPE.failed, {
    ...eventSubject(application, clientId, current.versionId),
    kind: 'overwritten',
  });
}
