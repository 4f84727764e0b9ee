import { firstEntryId, nextEntryId } from '../digest';
import { CallFailed, LABEL, type Application } from '../ports';
import { firstEntry, formatEntry, readEntry, type Facts, type JournalEntry } from './entry';

/** The last entry of a journal, as far as a run knows, and the version that holds it. */
export interface JournalHead {
  readonly versionId: string;
  readonly entry: JournalEntry;
}

/** Competitors for one entry are few: two functions, two hubs, a person. */
const MAX_TRIES = 20;

/** Secrets Manager keeps about this many versions without a label. */
const MAX_WALK = 100;

/** What an entry becomes; `undefined` when, seen from there, nothing is to be written. */
export type Change = (entry: JournalEntry) => JournalEntry | undefined;

/**
 * Writes the entry that follows. Where somebody else wrote it first, the change is decided again from theirs:
 * a compare-and-set, and a stale read of the label costs no more than a few steps along the chain.
 *
 * @returns the last entry, whoever wrote it
 */
export async function append(application: Application, head: JournalHead, change: Change): Promise<JournalHead> {
  let last = head;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const changed = change(last.entry);
    if (changed === undefined) {
      return last;
    }
    const written = await write(application, last, changed);
    if (written.mine) {
      return written.head;
    }
    last = written.head;
  }
  throw new CallFailed('journal', 'TooManyCompetitors');
}

/**
 * Writes this very entry, or nothing.
 *
 * @returns `undefined` when somebody else wrote since `head`: what was decided from it no longer holds
 */
export async function claim(
  application: Application,
  head: JournalHead,
  entry: JournalEntry,
): Promise<JournalHead | undefined> {
  const written = await write(application, head, entry);
  return written.mine ? written.head : undefined;
}

/**
 * Writes the entry that follows, unless somebody else wrote since `head`: then what was read together with it may be old.
 *
 * @returns the last entry; `undefined` where it is theirs
 */
export async function appendNext(
  application: Application,
  head: JournalHead,
  change: Change,
): Promise<JournalHead | undefined> {
  const changed = change(head.entry);
  return changed === undefined ? head : claim(application, head, changed);
}

/** Begins an application's journal, or finds the end of the one whose label was lost. */
export async function begin(application: Application, first: JournalEntry): Promise<Written> {
  const written = await put(application, firstEntryId(first.clientId), first);
  let { head } = written;
  for (let steps = 0; !written.mine && steps < MAX_WALK; steps++) {
    const versionId = nextEntryId(head.versionId, head.entry.nonce);
    const entry = readEntry(await application.ports.secrets.readVersion(versionId));
    if (entry === undefined) {
      break;
    }
    head = { versionId, entry };
  }
  return { mine: written.mine, head };
}

/** Begins again behind an entry that cannot be read. */
export async function beginAgain(
  application: Application,
  unreadableVersionId: string,
  facts: Facts,
): Promise<JournalHead> {
  const { head } = await put(application, nextEntryId(unreadableVersionId, ''), firstEntry(facts));
  return head;
}

export interface Written {
  /** Whether this run wrote the entry; otherwise somebody else was first. */
  readonly mine: boolean;
  readonly head: JournalHead;
}

function write(application: Application, { versionId, entry }: JournalHead, next: JournalEntry): Promise<Written> {
  return put(application, nextEntryId(versionId, entry.nonce), { ...next, sequence: entry.sequence + 1 });
}

async function put(application: Application, versionId: string, entry: JournalEntry): Promise<Written> {
  const { secrets, clock, nonce } = application.ports;
  const mine: JournalEntry = { ...entry, writtenAt: clock.now(), nonce: nonce() };
  const result = await secrets.put({ versionId, text: formatEntry(mine), label: LABEL.journal });
  if (result === 'written') {
    return { mine: true, head: { versionId, entry: mine } };
  }
  const theirs = readEntry(await secrets.readVersion(versionId));
  if (theirs === undefined) {
    throw new CallFailed('journal', 'Unreadable');
  }
  // With my nonce it is mine after all: the answer to an earlier try of this very call was lost.
  return { mine: theirs.nonce === mine.nonce, head: { versionId, entry: theirs } };
}
