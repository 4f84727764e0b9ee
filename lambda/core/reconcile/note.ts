import { PAUSE_ENDS_BEFORE_EXPIRY_DAYS } from '../../../lib/contract/limits';
import type { JournalEntry } from '../journal/entry';
import { append, appendNext, type JournalHead } from '../journal/log';
import { latestExpiry, withDateOfPerson } from '../journal/transitions';
import { endOfPause, pauseAt, untoldPause, withEndOfPauseTold, withoutPause, withPause } from '../journal/pause';
import type { Application } from '../ports';
import type { Note, RotateRequest } from '../rotation/request';
import { toIso, type Instant } from '../time';

/** What a person said is in the journal, or why it is not. */
export interface Noted {
  readonly head: JournalHead;
  readonly isRecorded: boolean;
  /** What became of it, for people. */
  readonly said: string;
}

/**
 * Writes down what a person says, and logs it. Another hub's journal is left to that hub.
 *
 * @param digest of the client secret in AWSCURRENT
 */
export async function takeNote(
  application: Application,
  { note, requestedBy }: Pick<RotateRequest, 'note' | 'requestedBy'>,
  found: JournalHead,
  digest: string,
): Promise<Noted> {
  if (note === undefined || found.entry.hub !== application.hub) {
    return { head: found, isRecorded: false, said: 'Nothing was written down.' };
  }
  const now = application.ports.clock.now();
  const head = await append(application, found, (entry) => noted(entry, note, { by: requestedBy, now, digest }));
  const isRecorded = holds(head.entry, note, { now, digest });
  const said = isRecorded ? DONE[note.says] : WHY_NOT[note.says](head.entry);
  application.ports.observe({
    what: isRecorded ? OBSERVED[note.says] : 'note not taken',
    application: application.settings.id,
    clientId: head.entry.clientId,
    requestedBy,
    next: said,
  });
  return { head, isRecorded, said };
}

interface Said {
  readonly by?: string | undefined;
  readonly now: Instant;
  readonly digest: string;
}

function noted(entry: JournalEntry, note: Note, { by, now, digest }: Said): JournalEntry | undefined {
  switch (note.says) {
    case 'pause':
      return withPause(entry, { at: now, until: note.until, by, why: note.why });
    case 'resume':
      return withoutPause(entry);
    case 'expires':
      return withDateOfPerson(entry, { digest, expiry: note.on, by, now });
  }
}

function holds(entry: JournalEntry, note: Note, { now, digest }: Said): boolean {
  switch (note.says) {
    case 'pause':
      return pauseAt(entry, now)?.until === note.until;
    case 'resume':
      return entry.paused === undefined;
    case 'expires':
      return entry.baseline.digest === digest && entry.expiry.source === 'person' && entry.expiry.at === note.on;
  }
}

const OBSERVED = { pause: 'rotation paused', resume: 'rotation resumed', expires: 'expiry told' } as const;

const DONE = { pause: 'Paused.', resume: 'Not paused.', expires: 'Noted.' } as const;

const WHY_NOT: Readonly<Record<Note['says'], (entry: JournalEntry) => string>> = {
  pause: ({ expiry }) =>
    `Not paused: the client secret expires on ${toIso(expiry.at)}, and no pause goes on within ${PAUSE_ENDS_BEFORE_EXPIRY_DAYS} days of that.`,
  expires: (entry) =>
    entry.expiry.source === 'estimate' || entry.expiry.source === 'person'
      ? `Not noted: another client secret is on its way into its place, or the date is later than ${toIso(latestExpiry(entry))}, and no client secret that has been here since ${toIso(entry.baseline.since)} lives longer.`
      : `Not noted: Amazon told the date, ${toIso(entry.expiry.at)}.`,
  resume: () => 'Still paused: somebody paused it again at the same time.',
};

/**
 * Tells once, in the log, that a pause is over.
 *
 * @returns `undefined` where somebody else wrote meanwhile
 */
export async function tellEndOfPause(application: Application, head: JournalHead): Promise<JournalHead | undefined> {
  const now = application.ports.clock.now();
  if (untoldPause(head.entry, now) === undefined) {
    return head;
  }
  application.ports.observe({
    what: 'pause over',
    application: application.settings.id,
    clientId: head.entry.clientId,
    next: aboutPause(head.entry, now),
  });
  return appendNext(application, head, (entry) => withEndOfPauseTold(entry, now));
}

/** The pause that is on, or that was. */
export function aboutPause(entry: JournalEntry, now: Instant): string | undefined {
  const [{ paused }, end] = [entry, endOfPause(entry)];
  if (paused === undefined || end === undefined) {
    return undefined;
  }
  const { until, by, why } = paused;
  const who = by === undefined ? '' : ` by ${by}`;
  const reason = why === undefined || why === '' ? '' : `: ${why}`;
  const cut = end < until ? `, ${PAUSE_ENDS_BEFORE_EXPIRY_DAYS} days before the client secret expires` : '';
  return now < end
    ? `Paused${who} until ${toIso(end)}${cut}${reason}.`
    : `The pause${who}${reason} was over on ${toIso(end)}${cut}; the schedule rotates again.`;
}
