import type { DETAIL_TYPE } from '../../lib/contract/event';
import type { METRIC } from '../../lib/contract/metric';
import type { AlarmId } from '../../lib/private/alarm-texts';

/** A sentence, or a command for a shell that has run {@link PREPARATION}. */
export type Step = string | { readonly run: string };

/** How an operator notices a failure. */
export interface Signals {
  /** The first one goes off within the time that the entry gives. */
  readonly alarms: readonly AlarmId[];
  readonly metrics?: readonly (keyof typeof METRIC)[];
  readonly event?: keyof typeof DETAIL_TYPE;
  /** What to search for in the log. */
  readonly log?: string;
}

/** A section of the runbook: one way in which a rotation can fail. */
export interface RunbookEntry {
  readonly title: string;
  readonly signals: Signals;
  /** Minutes from the failure to the first alarm, at most; `undefined` where no alarm belongs to it. */
  readonly within?: number;
  /** From when the time counts, where that is not the failure itself. */
  readonly from?: string;
  readonly means: string;
  readonly investigate: readonly Step[];
  readonly fix: readonly Step[];
  /** What happens if nobody does anything. */
  readonly otherwise: string;
}

/** Minutes until an alarm that needs two sweeps: the sweeps, 5 minutes of the alarm and 5 of CloudWatch. */
export const TWO_SWEEPS = 130;

/** Minutes until an alarm that needs one sweep: the sweep, 5 minutes of the alarm and 5 of CloudWatch. */
export const ONE_SWEEP = 70;
