import { DETAIL_TYPE } from '../../../lib/contract/event';
import type { Application } from '../application';
import { eventSubject, tell } from '../event';
import { failure } from '../failure';
import { DAY, type Instant } from '../time';
import {
  withBaseline,
  withHub,
  withOtherApplication,
  withSeededSecret,
  type FirstSight,
  type JournalEntry,
} from '../journal/entry';
import { append, begin } from '../journal/log';
import { isKnown } from '../journal/order';
import type { Current, JournalHead, State } from './read';

/** What a run sees that the journal should say. */
export interface Sight {
  readonly hub: string;
  /** `undefined` when the run did not look. */
  readonly key: string | undefined;
  readonly now: Instant;
  readonly current: Current;
}

/** How long after a change of hubs the former one may not take the application back by itself: both may be alive. */
const HANDOVER = 7 * DAY;

/** Whether another hub took this application over lately, so that this one must only watch. */
export function isTakenOver(entry: JournalEntry, hub: string, now: Instant): boolean {
  return entry.hub !== hub && entry.formerHub === hub && now < entry.addedAt + HANDOVER;
}

/** Whether the current client secret is one that nobody delivered and the journal has not seen. */
export function isSeededByHand(entry: JournalEntry, current: Current): boolean {
  return entry.clientId === current.credentials.clientId && !isKnown(current.digest, entry);
}

/** The entry brought up to date; `undefined` when it is. */
export function upToDate(entry: JournalEntry, sight: Sight): JournalEntry | undefined {
  const changes = [restarted, adopted, rekeyed, reseeded, restored];
  const updated = changes.reduce((before, change) => change(before, sight), entry);
  return updated === entry ? undefined : updated;
}

function restarted(entry: JournalEntry, { hub, key, now, current }: Sight): JournalEntry {
  const { clientId } = current.credentials;
  return entry.clientId === clientId
    ? entry
    : withOtherApplication(entry, {
        hub,
        clientId,
        key: key ?? entry.key,
        now,
        digest: current.digest,
        since: current.createdAt,
      });
}

function adopted(entry: JournalEntry, { hub, now }: Sight): JournalEntry {
  return entry.hub === hub || isTakenOver(entry, hub, now) ? entry : withHub(entry, hub, now);
}

/** A change of the secret's key leaves the journal under the old one: copied while both can be read. */
function rekeyed(entry: JournalEntry, { key }: Sight): JournalEntry {
  return key === undefined || entry.key === key ? entry : { ...entry, key };
}

function reseeded(entry: JournalEntry, { current }: Sight): JournalEntry {
  return isKnown(current.digest, entry) ? entry : withSeededSecret(entry, current.digest, current.createdAt);
}

/** Somebody put the newest secret back in the place of one seeded by hand. */
function restored(entry: JournalEntry, { current }: Sight): JournalEntry {
  const { newest, baseline } = entry;
  return newest?.announced === true && newest.digest === current.digest && baseline.digest !== current.digest
    ? withBaseline(entry, newest)
    : entry;
}

/** What the first entry of a journal says. */
export function firstSight(application: Application, state: State): FirstSight {
  const { current, description } = state;
  return {
    hub: application.hub,
    clientId: current.credentials.clientId,
    key: description?.key ?? '',
    now: application.ports.clock.now(),
    digest: current.digest,
    since: current.createdAt,
  };
}

/**
 * Begins the journal or brings it up to date.
 *
 * @returns `undefined` when it is unreadable
 */
export async function bookkeep(application: Application, state: State): Promise<JournalHead | undefined> {
  const { journal, current } = state;
  if (journal.read === 'unreadable') {
    return undefined;
  }
  const sight = firstSight(application, state);
  const head = journal.read === 'none' ? await begin(application, sight) : journal.head;
  if (isSeededByHand(head.entry, current)) {
    await reportSeeded(application, current);
  }
  return append(application, head, (entry) => upToDate(entry, { ...sight, current }));
}

/** It may be a person's new secret or a pipeline's old one. Only a person can tell, so a person is told, once. */
async function reportSeeded(application: Application, current: Current): Promise<void> {
  const { clientId } = current.credentials;
  application.ports.observe({
    what: 'client secret seeded by hand',
    application: application.settings.id,
    clientId,
    versionId: current.versionId,
    ...failure(application, 'overwritten'),
  });
  await tell(application, DETAIL_TYPE.failed, {
    ...eventSubject(application, clientId, current.versionId),
    kind: 'overwritten',
  });
}
