import type { ApplicationSettings } from '../../../lib/contract/application-settings';
import type { FailureKind } from '../../../lib/contract/failure-kind';
import { runbookLink, type RunbookSection } from '../../../lib/contract/operators';
import type { Failure } from '../failure';
import type { RotationReason } from '../../../lib/contract/event';
import type { JournalEntry } from '../journal/entry';
import type { JournalHead } from '../journal/log';
import type { Application } from '../ports';
import { nextRotationAt, worksUntil, type End } from '../rotation/dates';
import type { GuardName } from '../rotation/guards';
import type { CurrentSecret } from '../secret/read';
import { takenOverFrom } from '../secret/sync';
import { heardOf } from '../journal/heard';
import { endOfPause, pauseAt } from '../journal/pause';
import { DAY, toIso, type Instant } from '../time';
import type { RotationAnswer } from './history';
import { aboutPause } from './note';

type Outcome =
  'healthy' | 'due' | 'requested' | 'in-flight' | 'promoted' | 'not-rotated' | 'stalled' | 'failed' | 'not-seeded';

/** The guards that an answer names. Of the others it says the outcome: not due is healthy, refused is failed. */
export type NamedGuard = Exclude<GuardName, 'due' | 'refused'>;

/** What the rotate function answers about one application. Times are ISO 8601. */
export interface ApplicationAnswer {
  readonly application: string;
  readonly secretName: string;
  /** Without its random suffix where the secret was imported by name. */
  readonly secretArn: string;
  /** Empty while the secret does not tell. */
  readonly clientId: string;
  readonly outcome: Outcome;
  readonly kind?: FailureKind;
  /** Where the runbook says what to do about it. */
  readonly runbook?: string;
  /** When a sweep first found what `kind` says, as far as it was written down. */
  readonly since?: string;
  readonly guard?: NamedGuard;
  /**
   * When the client secret in AWSCURRENT stops working: at its expiry, or at the end of its overlap, if it was rotated, or may have
   * been, and the new one is not in its place.
   */
  readonly worksUntil?: string;
  /** Nothing of Amazon's has told the date yet: it is 180 days after the client secret was first seen. */
  readonly worksUntilEstimated?: true;
  /** Who told it, where a person did, and not Amazon. */
  readonly worksUntilToldBy?: string;
  /** The same of the client secret before the newest. */
  readonly previousWorksUntil?: string;
  /** When the next rotation is due; absent where only a person asks for one. */
  readonly due?: string;
  readonly lastRotation?: LastRotation;
  /** What proved last that Amazon delivers into the hub's queue; `false`: nothing did. */
  readonly registered?: RegisteredAnswer | false;
  /** Until when no rotation is asked for by the schedule, since a person said so. */
  readonly paused?: PauseAnswer;
  /** Only in answers to `pause`, `resume` and `expires`: whether what was said is in the journal. */
  readonly recorded?: boolean;
  readonly versionId?: string;
  /** Only in answers to `history`: the last twelve rotations, the latest first. */
  readonly history?: readonly RotationAnswer[];
  /** What happens next, or what to do next: for people. */
  readonly next: string;
}

/** Something of Amazon's for this application that came through the hub's queue. */
export interface RegisteredAnswer {
  /** When Amazon made it. */
  readonly provenAt: string;
  readonly by: 'new-secret' | 'expiry-notice';
}

/** A pause that is on. */
export interface PauseAnswer {
  /** When it ends: what was asked for, or 21 days before the client secret expires. */
  readonly until: string;
  readonly since: string;
  /** Who asked, as the caller claimed. */
  readonly by?: string;
  readonly why?: string;
}

/** What was asked for last, or came last. */
export interface LastRotation {
  /** `refused`: nothing was rotated. `ambiguous`: it may have been. `accepted`: Amazon makes the client secret. `delivered`: it came. */
  readonly outcome: 'refused' | 'ambiguous' | 'accepted' | 'delivered';
  /** When it was asked for; if it was delivered, when Amazon made it. */
  readonly at: string;
  readonly reason: RotationReason;
  readonly requestedBy?: string;
  /** Amazon's. */
  readonly requestId?: string;
  /** How many attempts before this one brought nothing; absent where there were none. */
  readonly earlierAttempts?: number;
}

/** One of the hub's queues. */
export interface QueueAnswer {
  readonly url: string;
  readonly arn?: string;
  /** How many messages are in it, received ones too. */
  readonly messages?: number;
  /** Why SQS does not tell: its error code. */
  readonly error?: string;
}

/** The hub itself, for those who only look. */
export interface HubAnswer {
  readonly queues: {
    readonly notification: QueueAnswer;
    readonly deadLetter: QueueAnswer;
    readonly unclaimed: QueueAnswer;
  };
  /** ARNs. */
  readonly functions: { readonly rotate: string; readonly store: string };
}

/** What the rotate function answers. */
export interface Answer {
  readonly applications: readonly ApplicationAnswer[];
  /** Only in answers to `status` and `check`. */
  readonly hub?: HubAnswer;
}

/** What a run knows of an application, as far as it got. */
export interface Subject {
  /** Empty while the secret does not tell. */
  readonly clientId: string;
  readonly versionId?: string | undefined;
  /** Of the client secret in AWSCURRENT. */
  readonly digest?: string;
  readonly head?: JournalHead;
}

export function subjectOf({ credentials, versionId, digest }: CurrentSecret, head: JournalHead): Subject {
  return { clientId: credentials.clientId, versionId, digest, head };
}

/** How the run over one application ended. */
export interface Conclusion {
  readonly subject: Subject;
  readonly outcome: Outcome;
  readonly next: string;
  readonly guard?: NamedGuard;
  readonly kind?: FailureKind;
  /** Of the runbook, where another one than that of the kind says more. */
  readonly section?: RunbookSection | undefined;
  /** What failed, where something did: for the log. */
  readonly failure?: Failure;
  /** Whether what a person said is in the journal. */
  readonly recorded?: boolean;
}

/** How long after its end people are still told of a pause. */
const TOLD_AFTER_PAUSE = 7 * DAY;

export function failed(subject: Subject, failure: Failure): Conclusion {
  const { kind, next, section } = failure;
  const outcome = kind === 'not-seeded' || kind === 'stalled' ? kind : 'failed';
  return { subject, outcome, next, kind, section, failure };
}

export function answerOf({ settings, hub, ports }: Application, conclusion: Conclusion): ApplicationAnswer {
  const { subject, outcome, kind, section, guard, next } = conclusion;
  const { clientId, head, versionId } = subject;
  const [entry, end] = [head?.entry, endOf(subject)];
  return {
    application: settings.id,
    secretName: secretNameOf(settings),
    secretArn: settings.secretArn,
    clientId,
    outcome,
    kind,
    runbook: kind && runbookLink(section ?? kind),
    guard,
    ...(entry !== undefined && end !== undefined && knownFrom(entry, end, kind, settings)),
    ...(entry !== undefined && pauseOf(entry, ports.clock.now())),
    ...(conclusion.recorded !== undefined && { recorded: conclusion.recorded }),
    versionId,
    next: [next, ...(entry === undefined ? [] : aboutJournal(entry, outcome, hub, ports.clock.now()))]
      .filter((text) => text !== undefined)
      .join(' '),
  };
}

function pauseOf(entry: JournalEntry, now: Instant): Pick<ApplicationAnswer, 'paused'> {
  const [pause, end] = [pauseAt(entry, now), endOfPause(entry)];
  if (pause === undefined || end === undefined) {
    return {};
  }
  const { at, by, why } = pause;
  return { paused: { until: toIso(end), since: toIso(at), by, why } };
}

function aboutJournal(entry: JournalEntry, outcome: Outcome, hub: string, now: Instant): (string | undefined)[] {
  const end = endOfPause(entry);
  return [
    end !== undefined && now < end + TOLD_AFTER_PAUSE ? aboutPause(entry, now) : undefined,
    aboutQueue(entry, outcome, hub, now),
  ];
}

/** There is no API that tells whether a queue is registered with Amazon. What came through it does. */
function aboutQueue(entry: JournalEntry, outcome: Outcome, hub: string, now: Instant): string | undefined {
  const otherHub = takenOverFrom(entry, hub, now);
  if (otherHub !== undefined) {
    return `The hub with the queue ${otherHub} looked after this secret before. If it still exists, remove the application from it. If that queue is still registered with Amazon, new client secrets go there: register ${hub} instead.`;
  }
  return outcome === 'healthy' && heardOf(entry) === undefined
    ? `Nothing has proved yet that this hub's queue is registered with Amazon for this application: ${hub}. A rotation proves it.`
    : undefined;
}

/** To the name of a secret, its ARN adds a hyphen and six characters. */
function secretNameOf({ secretArn, secretName }: Pick<ApplicationSettings, 'secretArn' | 'secretName'>): string {
  return secretName ?? secretArn.replace(/^(?:[^:]*:){6}/, '').slice(0, -7);
}

/** When the client secret in AWSCURRENT stops working; `undefined` where no journal tells. */
export function endOf({ head, digest }: Subject): End | undefined {
  return head && worksUntil(head.entry, digest ?? head.entry.baseline.digest);
}

function knownFrom(
  entry: JournalEntry,
  end: End,
  kind: FailureKind | undefined,
  settings: ApplicationSettings,
): Partial<ApplicationAnswer> {
  const { finding, newest, expiry } = entry;
  const due = nextRotationAt(entry, settings);
  return {
    since: kind !== undefined && finding?.kind === kind ? toIso(finding.since) : undefined,
    worksUntil: toIso(end.at),
    worksUntilEstimated: end.isEstimated ? true : undefined,
    worksUntilToldBy: expiry.source === 'person' && end.at === expiry.at ? (expiry.by ?? 'unknown') : undefined,
    previousWorksUntil: newest === null ? undefined : toIso(newest.oldExpiry),
    due: due === undefined ? undefined : toIso(due),
    lastRotation: lastRotationOf(entry),
    registered: registeredOf(entry),
  };
}

function registeredOf(entry: JournalEntry): RegisteredAnswer | false {
  const heard = heardOf(entry);
  return heard === undefined ? false : { provenAt: toIso(heard.at), by: heard.by };
}

function lastRotationOf({ rotation, newest }: JournalEntry): LastRotation | undefined {
  if (rotation !== null) {
    const { outcome, at, reason, requestedBy, requestId, earlier = [] } = rotation;
    const earlierAttempts = earlier.length === 0 ? undefined : earlier.length;
    const said = outcome === 'open' ? 'ambiguous' : outcome;
    return { outcome: said, at: toIso(at), reason, requestedBy, requestId, earlierAttempts };
  }
  if (newest === null) {
    return undefined;
  }
  const { eventTime, reason, requestedBy, requestId } = newest;
  return { outcome: 'delivered', at: toIso(eventTime), reason, requestedBy, requestId };
}

/** Whether a person should look. While a further attempt is under way, a rotation that brought nothing has still brought nothing. */
export function needsAttention({
  outcome,
  lastRotation,
}: Pick<ApplicationAnswer, 'outcome' | 'lastRotation'>): boolean {
  return (
    outcome === 'failed' ||
    outcome === 'stalled' ||
    outcome === 'not-seeded' ||
    ((outcome === 'requested' || outcome === 'in-flight') && lastRotation?.earlierAttempts !== undefined)
  );
}
