import { failure } from '../failure';
import { FAILURE_TEXTS } from '../failure-texts';
import { isOutstanding, type JournalEntry } from '../journal/entry';
import { endOfPause } from '../journal/pause';
import type { Application } from '../ports';
import { dueByAge, unprovenFrom } from '../rotation/dates';
import { isWindowPassedOver, type Decision, type GuardName } from '../rotation/guards';
import { refusal } from '../rotation/refusal';
import type { RotateRequest } from '../rotation/request';
import { opensAt, passedOver } from '../rotation/window';
import { DAY, toIso, type Instant } from '../time';
import type { Conclusion, NamedGuard } from './answer';

/** What a run has to say when nothing is rotated. */
export type Explanation = Omit<Conclusion, 'subject'>;

/** How long before the expiry the answer asks for a person, where only a person rotates. */
const REMINDER = 30 * DAY;

/** Guards that have nothing else to tell. A person who rotates need not wait for what they wait for. */
const REMINDED: ReadonlySet<GuardName> = new Set(['due', 'overlap', 'notify-only']);

function isReminded(heldBy: GuardName, { expiry }: JournalEntry, now: Instant): boolean {
  return REMINDED.has(heldBy) && now >= expiry.at - REMINDER;
}

/** The decision in words for people. */
export function explain(
  decision: Decision,
  application: Application,
  request: Pick<RotateRequest, 'action'>,
  entry: JournalEntry,
  now: Instant,
): Explanation {
  if ('rotate' in decision) {
    const outside = isWindowPassedOver(entry, application.settings, { ...request, force: false }, now);
    return { outcome: 'due', next: `The next sweep rotates.${outside ? ` ${passedOver(entry)}` : ''}` };
  }
  const { heldBy, until } = decision;
  if (application.settings.mode === 'NOTIFY_ONLY' && isReminded(heldBy, entry, now)) {
    return { ...held('notify-only'), kind: 'needs-person', section: 'expiring' };
  }
  switch (heldBy) {
    case 'due':
      return notDue(application, entry, until, now);
    case 'refused':
      return refused(application, entry, until);
    case 'in-flight':
    case 'stalled':
      return request.action === 'rotate' ? held(heldBy, until) : explainWait(heldBy, application, until);
    default:
      return held(heldBy, until);
  }
}

/** The hub before was refused. That this one asks for nothing on its first day mends nothing. */
function wasRefusedWhenDue({ settings }: Application, entry: JournalEntry, now: Instant): boolean {
  const { rotation } = entry;
  return rotation !== null && !isOutstanding(rotation) && now >= dueByAge(entry, settings.rotateAfterDays);
}

/** Nothing is wrong, unless nothing has proved that the rotation can succeed, and it is near. */
function notDue(application: Application, entry: JournalEntry, until: Instant | undefined, now: Instant): Explanation {
  if (wasRefusedWhenDue(application, entry, now)) {
    return refused(application, entry, until);
  }
  const { settings, hub } = application;
  const due = afterwards(application, entry, until);
  const isUnproven = settings.mode === 'AUTOMATIC' && now >= (unprovenFrom(entry, settings) ?? Infinity);
  return isUnproven
    ? {
        outcome: 'failed',
        kind: 'needs-person',
        section: 'never-proven',
        next:
          `A rotation is due${on(due)}, and nothing has proved yet that Amazon delivers into this hub's queue for application '${settings.id}'. Rotate once by hand while somebody watches. ` +
          `1. Developer Console, Notification Preferences, this application: both client secret rows must name ${hub}, and be subscribed. ` +
          `2. npx cdk-sp-api-secret-rotation rotate --application ${settings.id} --wait. ` +
          `3. If nothing comes within an hour, store the client secret that the console shows then: npx cdk-sp-api-secret-rotation seed --application ${settings.id}. The one before it works for 7 days.`,
      }
    : { outcome: 'healthy', next: `Rotates${on(due)}.` };
}

function afterwards(
  { settings: { rotationWindow } }: Application,
  entry: JournalEntry,
  due: Instant | undefined,
): Instant | undefined {
  if (due === undefined) {
    return undefined;
  }
  const next = Math.max(due, endOfPause(entry) ?? due);
  return rotationWindow === undefined ? next : opensAt(rotationWindow, entry.expiry.at, next);
}

/** To a person who asks, these two are guards. To others they tell the state of the rotation. */
function explainWait(
  heldBy: 'in-flight' | 'stalled',
  application: Application,
  until: Instant | undefined,
): Explanation {
  return heldBy === 'in-flight'
    ? { outcome: 'in-flight', next: `Waits for the new client secret. Reported as stalled${on(until)}.` }
    : stalled(application, until);
}

function refused(application: Application, entry: JournalEntry, until: Instant | undefined): Explanation {
  const { kind = 'refused', requestId, refusedAt = entry.writtenAt } = entry.rotation ?? {};
  const why = refusal(application, entry, { kind, at: refusedAt, requestId });
  const next = `${why.next} Tried again after${at(until)}.`;
  return { outcome: 'failed', kind: why.kind, next, failure: { ...why, next } };
}

function stalled(application: Application, until: Instant | undefined): Explanation {
  if (until !== undefined) {
    const { next } = failure(application, 'stalled');
    return { outcome: 'stalled', kind: 'stalled', next: `${next} Asked for again${on(until)}.` };
  }
  const command = `npx cdk-sp-api-secret-rotation rotate --application ${application.settings.id} --force`;
  return {
    outcome: 'stalled',
    kind: 'needs-person',
    section: 'stalled',
    next: `Three rotations brought no new client secret. ${FAILURE_TEXTS.stalled.next} Then ask again: ${command}.`,
  };
}

/** The payload's word, and the command's. */
const FORCE = '"force" (of the command: --force) passes this over.';

/** A guard held back what was due or asked for. */
export function held(guard: NamedGuard, until?: Instant): Explanation {
  const ends = until === undefined ? '' : ` Until ${toIso(until)}.`;
  const why: Record<NamedGuard, string> = {
    overlap: `the client secret before this one may still be in use, and another rotation could end it.${ends} ${FORCE}`,
    'in-flight': `a rotation is under way.${ends}`,
    'one-a-minute': `Amazon takes one rotation a minute.${ends}`,
    stalled: `the last rotation brought no new client secret yet.${ends} ${FAILURE_TEXTS.stalled.next} ${FORCE}`,
    window: `it is outside the rotation window.${ends} A person may rotate at any time.`,
    paused: `it is paused. ${FORCE} "resume" ends the pause.`,
    'notify-only': 'the mode is NOTIFY_ONLY. Set it to AUTOMATIC, or rotate in the Developer Console.',
  };
  return { outcome: 'not-rotated', guard, next: `Not rotated: ${why[guard]}` };
}

function on(until: Instant | undefined): string {
  return until === undefined ? '' : ` on ${toIso(until)}`;
}

function at(until: Instant | undefined): string {
  return until === undefined ? '' : ` ${toIso(until)}`;
}
