import { nextEntryId } from '../digest';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { eventSubject, publishBestEffort } from '../event';
import { failure } from '../failure';
import { firstEntry, type Facts, type JournalEntry } from '../journal/entry';
import { append, begin, claim, type JournalHead } from '../journal/log';
import { isRecorded, isSuperseded } from '../journal/order';
import {
  withBaseline,
  withHub,
  withOtherApplication,
  withReported,
  withRestored,
  withSeededSecret,
  withStoredDelivery,
} from '../journal/transitions';
import { LABEL, type Application } from '../ports';
import { DAY, type Instant } from '../time';
import type { CurrentSecret, JournalRead, SecretState } from './read';
import { wasStaged } from './staged';

/** How long after a change of hubs the previous one may not take the application back automatically: both may be alive. */
const HANDOVER = 7 * DAY;

/** Whether another hub took this application over lately, so that this one must only watch. */
export function isTakenOver(entry: JournalEntry, hub: string, now: Instant): boolean {
  const previous = entry.previousHubs?.find((one) => one.hub === hub);
  return entry.hub !== hub && previous !== undefined && now < previous.until + HANDOVER;
}

/**
 * The hub that this one took the application over from: lately, so that it may still be there, or with nothing having come
 * through this one's queue since, so that its queue may be the registered one.
 */
export function takenOverFrom(
  { previousHubs = [], ...entry }: JournalEntry,
  hub: string,
  now: Instant,
): string | undefined {
  const last = previousHubs.at(-1);
  const mayDeliverThere = last !== undefined && (now < last.until + HANDOVER || entry.expiry.inherited === true);
  return entry.hub === hub && mayDeliverThere ? last.hub : undefined;
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
  const changes = [syncHub, syncClientId, syncEncryptionKey, syncSeeded, syncRestored];
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

/** Somebody put back a client secret that was known before, or stored one that a message had brought. */
function syncRestored(entry: JournalEntry, { digest, createdAt }: Facts): JournalEntry {
  const { newest, baseline } = entry;
  if (baseline.digest === digest || isSuperseded(digest, entry)) {
    return entry;
  }
  return newest?.digest === digest
    ? newest.announced
      ? withBaseline(entry, newest)
      : entry
    : (withRestored(entry, digest) ?? withStoredDelivery(entry, digest, createdAt) ?? entry);
}

/**
 * Begins the journal or brings it into agreement with what was read.
 *
 * @returns `lost-race` when another run wrote first: what was read then no longer holds together, and all is to be read again
 */
export async function syncJournal(
  application: Application,
  state: SecretState,
  journal: JournalRead,
): Promise<JournalHead | 'unreadable' | 'lost-race'> {
  if (journal.journal === 'unreadable') {
    return 'unreadable';
  }
  const facts = factsOf(application, state);
  if (journal.journal === 'none') {
    return beginJournal(application, state, facts);
  }
  const synced = syncEntry(journal.head.entry, facts);
  const head = synced === undefined ? journal.head : await claim(application, journal.head, synced);
  if (head === undefined) {
    // The other run's entry has the label, unless somebody moved that back: then all runs would lose for ever.
    const { versionId, entry } = journal.head;
    await application.ports.secrets.moveLabel(LABEL.journal, nextEntryId(versionId, entry.nonce), versionId);
    return 'lost-race';
  }
  return reportSeeded(application, state, head);
}

/**
 * A secret that has AWSPENDING was looked after before, and its journal is lost: what was stored last may have an overlap. AWS takes
 * that label off when somebody stores a new current value over the version that has both; the one of the probe stays.
 */
async function beginJournal(
  application: Application,
  state: SecretState,
  facts: Facts,
): Promise<JournalHead | 'lost-race'> {
  const isLost = [LABEL.pending, LABEL.probe].some((label) => state.description.labels.has(label));
  const first = firstEntry(facts);
  const begun = await begin(application, isLost ? withSeededSecret(first, facts.digest, facts.createdAt) : first);
  if (isLost) {
    application.ports.observe({
      what: 'journal lost',
      application: application.settings.id,
      clientId: facts.clientId,
      next: `Somebody removed the label ${LABEL.journal}. ${begun.mine ? 'What was known is gone, and dates are estimated again.' : 'The journal was found again.'} Nothing may remove the labels of the secret.`,
    });
  }
  if (begun.mine) {
    return reportSeeded(application, state, begun.head);
  }
  // Another run began it, or its label was removed: then it is found by that again.
  await application.ports.secrets.moveLabel(LABEL.journal, begun.head.versionId, undefined);
  return 'lost-race';
}

/**
 * A client secret that nobody delivered may be a person's new one or a pipeline's old one. Only a person can tell, so it is
 * reported to one, and then written down that it was.
 */
async function reportSeeded(application: Application, state: SecretState, head: JournalHead): Promise<JournalHead> {
  const { credentials, versionId, digest } = state.current;
  if (head.entry.baseline.unreported !== true || head.entry.baseline.digest !== digest) {
    return head;
  }
  if (wasStaged(application, state)) {
    // Nobody stored it: it was delivered and promoted while the journal could not be read, or before that was lost.
    return append(application, head, (entry) => withReported(entry, digest));
  }
  const { clientId } = credentials;
  application.ports.observe({
    what: 'client secret seeded by hand',
    application: application.settings.id,
    clientId,
    versionId,
    ...failure(application, 'overwritten'),
  });
  const published = await publishBestEffort(application, DETAIL_TYPE.failed, {
    ...eventSubject(application, clientId, versionId),
    kind: 'overwritten',
  });
  return published ? append(application, head, (entry) => withReported(entry, digest)) : head;
}
