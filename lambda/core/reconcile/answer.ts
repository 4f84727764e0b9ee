import type { ApplicationSettings } from '../../../lib/contract/application-settings';
import type { FailureKind } from '../../../lib/contract/failure-kind';
import type { Failure } from '../failure';
import type { JournalEntry } from '../journal/entry';
import type { Application } from '../ports';
import { dueAt } from '../rotation/dates';
import type { GuardName } from '../rotation/guards';
import { takenOverFrom } from '../secret/sync';
import { toIso } from '../time';

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
  readonly guard?: NamedGuard;
  readonly secretExpiry?: string;
  /** Nothing of Amazon's has told the date yet: it is 180 days after the client secret was first seen. */
  readonly secretExpiryEstimated?: true;
  readonly previousSecretExpiry?: string;
  readonly due?: string;
  readonly versionId?: string;
  /** What happens next, or what to do next: for people. */
  readonly next: string;
}

/** What a run knows of an application, as far as it got. */
export interface Subject {
  /** Empty while the secret does not tell. */
  readonly clientId: string;
  readonly versionId?: string | undefined;
  readonly entry?: JournalEntry;
}

/** How the run over one application ended. */
export interface Conclusion {
  readonly subject: Subject;
  readonly outcome: Outcome;
  readonly next: string;
  readonly guard?: NamedGuard;
  readonly kind?: FailureKind;
  /** What failed, where something did: for the log. */
  readonly failure?: Failure;
}

export function failed(subject: Subject, failure: Failure): Conclusion {
  const { kind, next } = failure;
  const outcome = kind === 'not-seeded' || kind === 'stalled' ? kind : 'failed';
  return { subject, outcome, next, kind, failure };
}

export function answerOf({ settings, hub, ports }: Application, conclusion: Conclusion): ApplicationAnswer {
  const { subject, outcome, kind, guard, next } = conclusion;
  const { clientId, entry, versionId } = subject;
  const otherHub = entry === undefined ? undefined : takenOverFrom(entry, hub, ports.clock.now());
  return {
    application: settings.id,
    secretName: secretNameOf(settings),
    secretArn: settings.secretArn,
    clientId,
    outcome,
    kind,
    guard,
    ...(entry !== undefined && datesOf(entry, settings.rotateAfterDays)),
    versionId,
    next:
      otherHub === undefined
        ? next
        : `${next} The hub with the queue ${otherHub} looked after this secret before. If it still exists, remove the application from it. If that queue is still registered with Amazon, new client secrets go there: register ${hub} instead.`,
  };
}

/** To the name of a secret, its ARN adds a hyphen and six characters. */
function secretNameOf({ secretArn, secretName }: Pick<ApplicationSettings, 'secretArn' | 'secretName'>): string {
  return secretName ?? secretArn.replace(/^(?:[^:]*:){6}/, '').slice(0, -7);
}

function datesOf(entry: JournalEntry, rotateAfterDays: number): Partial<ApplicationAnswer> {
  const { expiry, newest } = entry;
  return {
    secretExpiry: toIso(expiry.at),
    secretExpiryEstimated: expiry.source === 'estimate' ? true : undefined,
    previousSecretExpiry: newest === null ? undefined : toIso(newest.oldExpiry),
    due: toIso(dueAt(entry, rotateAfterDays)),
  };
}

/** Whether a person should look. */
export function needsAttention({ outcome }: Pick<ApplicationAnswer, 'outcome'>): boolean {
  return outcome === 'failed' || outcome === 'stalled' || outcome === 'not-seeded';
}
