import { isUndecided, MAX_SECRET_LENGTH } from '../amazon/answers';
import type { JournalEntry } from '../journal/entry';
import { isOutstanding } from '../journal/entry';
import type { JournalHead } from '../journal/log';
import { isNewer, isRecorded } from '../journal/order';
import { stillOutstanding } from '../journal/transitions';
import { CallFailed, type Application } from '../ports';
import { answerTo, type Login } from '../secret/proof';
import { readSiblings, type Sibling } from '../secret/siblings';
import { factsOfCurrent, syncEntry } from '../secret/sync';

/** An application, and what a run knows of its journal. */
export interface Member {
  readonly application: Application;
  readonly head: JournalHead;
  /** The entry as it will be once a sweep has brought it into agreement with what the secret holds: for decisions. */
  readonly known: JournalEntry;
}

/**
 * The siblings whose journals count for a rotation: those that proved the client id. A tenant who may write a client id and a
 * journal into a secret of his own must not hold back another's rotation.
 *
 * @param login `undefined` where LWA is not to be asked
 * @throws {CallFailed}
 */
export async function provenSiblings(
  application: Application,
  clientId: string,
  { entry }: JournalHead,
  login: Login | undefined,
): Promise<readonly Member[]> {
  const siblings = await readSiblings(application, clientId);
  const members = await Promise.all(
    siblings.map(async (sibling) => {
      const { read } = sibling;
      const isProven =
        read !== undefined &&
        (knowsOneOf(entry.proven, read) || (login !== undefined && (await isAccepted(sibling, login))));
      return isProven ? [memberOf(sibling.application, read)] : [];
    }),
  );
  return members.flat();
}

/** A person may have stored another client secret since the last sweep over it, which a failure may have put off. */
function memberOf(application: Application, { current, head }: NonNullable<Sibling['read']>): Member {
  const synced = current && syncEntry(head.entry, factsOfCurrent(application, current));
  const known = synced ?? head.entry;
  return { application, head, known };
}

/** Those that can be read now, without asking LWA: one that cannot holds nobody up. */
export async function siblingsAtHand(
  application: Application,
  clientId: string,
  head: JournalHead,
): Promise<readonly Member[]> {
  try {
    return await provenSiblings(application, clientId, head, undefined);
  } catch (error) {
    if (error instanceof CallFailed) {
      return [];
    }
    throw error;
  }
}

/** Only who had a client secret knows its digest. */
function knowsOneOf(proven: readonly string[], { current, head }: NonNullable<Sibling['read']>): boolean {
  const digests = current === undefined ? head.entry.proven : [current.digest, ...head.entry.proven];
  return digests.some((digest) => proven.includes(digest));
}

/** @throws {CallFailed} where LWA does not tell for the moment: without the siblings' journals nothing can be decided */
async function isAccepted(sibling: Sibling, login: Login): Promise<boolean> {
  if ((sibling.credentials?.clientSecret.length ?? 0) > MAX_SECRET_LENGTH) {
    return false;
  }
  const answer = await answerTo(sibling, login);
  if (isUndecided(answer)) {
    throw new CallFailed('lwa:token', 'Unreachable', 'requestId' in answer ? answer.requestId : undefined);
  }
  return answer.answer === 'granted';
}

/** What all journals of one client id know together, as one entry: for decisions, never to be written. */
export function knownTogether(own: JournalEntry, siblings: readonly Member[]): JournalEntry {
  const entries = [own, ...siblings.map(({ known }) => known)];
  const newest = latest(entries.flatMap((entry) => entry.newest ?? []));
  // Where another got a later client secret than this one, the date of that one counts.
  const dated =
    entries.find((entry) => newest !== null && newest.eventTime > own.baseline.since && entry.newest === newest) ?? own;
  const rotation = rotationOf(entries);
  const expiries = entries.map(({ expiry }) => expiry).sort((one, other) => other.at - one.at);
  return {
    ...own,
    paused: longestPause(entries),
    addedAt: Math.max(...entries.map(({ addedAt }) => addedAt)),
    rotation,
    newest,
    postedAt: lastOf(entries.map(({ postedAt }) => postedAt)),
    baseline: { ...dated.baseline, storedAt: lastOf(entries.map(({ baseline }) => baseline.storedAt)) },
    // Another attempt may end the client secret that works the longest.
    expiry: (isOutstanding(rotation) ? expiries[0] : undefined) ?? dated.expiry,
  };
}

function latest(deliveries: readonly NonNullable<JournalEntry['newest']>[]): JournalEntry['newest'] {
  return deliveries.reduce<JournalEntry['newest']>(
    (last, one) => (last === null || isNewer(one, last) ? one : last),
    null,
  );
}

/** Who paused one of them wants the client secret of all to stay. */
function longestPause(entries: readonly JournalEntry[]): JournalEntry['paused'] {
  const pauses = entries.map(({ paused }) => paused).filter((one) => one !== undefined);
  return pauses.sort((one, other) => other.until - one.until)[0];
}

/** The latest rotation of which nothing came to anybody; else the latest that was refused. */
function rotationOf(entries: readonly JournalEntry[]): JournalEntry['rotation'] {
  const outstanding = entries.map((entry) => outstandingOf(entry, entries));
  const refused = entries.map(({ rotation }) => (isOutstanding(rotation) ? null : rotation));
  return lastRotation(outstanding) ?? lastRotation(refused);
}

function lastRotation(rotations: readonly JournalEntry['rotation'][]): JournalEntry['rotation'] {
  return rotations.filter((one) => one !== null).sort((one, other) => other.at - one.at)[0] ?? null;
}

/** What is outstanding by an entry, and was not answered by a delivery that came to another alone. */
function outstandingOf(entry: JournalEntry, entries: readonly JournalEntry[]): JournalEntry['rotation'] {
  let left = isOutstanding(entry.rotation) ? entry.rotation : null;
  for (const { newest } of entries) {
    left = newest === null || isRecorded(newest.digest, entry) ? left : stillOutstanding(left, newest);
  }
  return left;
}

function lastOf(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * All runs agree on the journal in which a rotation is claimed: on one where such a rotation is outstanding, else by the
 * applications' ids. The others follow, in case that one cannot be written.
 */
export function claimants(own: Member, siblings: readonly Member[]): readonly Member[] {
  const together = knownTogether(own.head.entry, siblings).rotation;
  const rank = ({ head }: Member): number =>
    together !== null && isOutstanding(together) && head.entry.rotation?.id === together.id ? 0 : 1;
  return [own, ...siblings].sort(
    (one, other) => rank(one) - rank(other) || (one.application.settings.id < other.application.settings.id ? -1 : 1),
  );
}
