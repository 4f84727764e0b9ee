import type { FailureKind } from '../../../lib/contract/failure-kind';
import { FAULTS } from '../failure-texts';
import type { Guard, Outcome } from './answer';
import type { Application } from '../application';
import type { Step } from '../rotation/guards';
import { failure, type Failure } from '../failure';
import { DAY, toIso, type Instant } from '../time';

/** What a run has to say when nothing is rotated. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly next: string;
  readonly guard?: Guard;
  readonly kind?: FailureKind;
  readonly failure?: Failure;
}

/** Where nobody but a person rotates, a person is told in the last month. */
const WARNING = 30 * DAY;

/** The step in words for people. */
export function verdictOf(step: Step, application: Application, expiry: Instant, now: Instant): Verdict {
  switch (step.step) {
    case 'rest':
      return { outcome: 'healthy', next: `Rotates on ${toIso(step.until)}.` };
    case 'rotate':
      return { outcome: 'due', next: 'The next sweep rotates.' };
    case 'hold':
      return step.guard === 'notify-only' && now >= expiry - WARNING
        ? { ...held(step.guard), kind: 'needs-person' }
        : held(step.guard, step.until);
    case 'wait-for-delivery':
      return {
        outcome: 'in-flight',
        next: `Waits for the new client secret. Reported as stalled on ${toIso(step.until)}.`,
      };
    case 'report-stalled':
      return stalled(application, step.until);
    case 'report-refused': {
      const refused = failure(application, step.kind, step.requestId);
      const next = `${refused.next} Tried again after ${toIso(step.until)}.`;
      return { outcome: 'failed', kind: step.kind, next, failure: { ...refused, next } };
    }
  }
}

function stalled(application: Application, until: Instant | undefined): Verdict {
  if (until !== undefined) {
    return {
      outcome: 'stalled',
      kind: 'stalled',
      next: `${failure(application, 'stalled').next} Asked for again on ${toIso(until)}.`,
    };
  }
  const command = `{"action":"rotate","application":"${application.settings.id}","force":true}`;
  return {
    outcome: 'stalled',
    kind: 'needs-person',
    next: `Three rotations brought no new client secret. ${FAULTS.stalled.next} Then ask again: ${command}.`,
  };
}

/** A guard held back what was due or asked for. */
export function held(guard: Guard, until?: Instant): Verdict {
  const after = until === undefined ? '' : ` Until ${toIso(until)}.`;
  const why: Record<Guard, string> = {
    overlap: `the client secret before this one may still be in use, and another rotation could end it.${after} "force" passes this over.`,
    'in-flight': `a rotation is under way.${after}`,
    'one-a-minute': `Amazon takes one rotation a minute.${after}`,
    stalled: `the last rotation brought no new client secret yet.${after} ${FAULTS.stalled.next} "force" passes this over.`,
    'notify-only': 'the mode is NOTIFY_ONLY. Set it to AUTOMATIC, or rotate in the Developer Console.',
  };
  return { outcome: 'not-rotated', guard, next: `Not rotated: ${why[guard]}` };
}
