import type { RotationModeName } from '../../../lib/contract/application-settings';
import type { RotationReason } from '../../../lib/contract/event';
import type { FailureKind } from '../../../lib/contract/failure-kind';
import type { Guard } from '../reconcile/answer';
import type { Instant } from '../time';
import type { JournalEntry } from '../journal/entry';
import { isSuperseded } from '../journal/order';
import { afterRefusal, dueAt, nextAttemptAt, overlapEnd, POST_INTERVAL, STALLED_AFTER } from './dates';

/** Whose wish a run follows. */
export interface Wish {
  readonly action: 'reconcile' | 'rotate';
  readonly force: boolean;
}

export interface Rules {
  readonly rotateAfterDays: number;
  readonly mode: RotationModeName;
}

/** The one next thing for an application. */
export type Step =
  | { readonly step: 'rotate'; readonly reason: RotationReason }
  /** A guard holds back what was due or asked for. */
  | { readonly step: 'hold'; readonly guard: Guard; readonly until?: Instant }
  | { readonly step: 'wait-for-delivery'; readonly until: Instant }
  /** The secret that was asked for has not come. `until`: the next attempt; `undefined` when only a person can help. */
  | { readonly step: 'report-stalled'; readonly until: Instant | undefined }
  | {
      readonly step: 'report-refused';
      readonly kind: FailureKind;
      readonly until: Instant;
      readonly requestId?: string;
    }
  | { readonly step: 'rest'; readonly until: Instant };

/** Whether the newest delivered client secret still has to become, or again become, AWSCURRENT, or be announced. */
export function mustFinish(entry: JournalEntry, currentDigest: string): boolean {
  return (
    entry.newest !== null &&
    (!entry.newest.announced || (entry.newest.digest !== currentDigest && isSuperseded(currentDigest, entry)))
  );
}

/** Guards and dates. Looks at the journal and the clock, and at nothing else. */
export function decide(entry: JournalEntry, rules: Rules, wish: Wish, now: Instant): Step {
  const step = wanted(entry, rules, wish, now);
  if (step.step !== 'rotate') {
    return step;
  }
  const { postedAt } = entry;
  if (postedAt !== undefined && now < postedAt + POST_INTERVAL) {
    return { step: 'hold', guard: 'one-a-minute', until: postedAt + POST_INTERVAL };
  }
  return rules.mode === 'NOTIFY_ONLY' ? { step: 'hold', guard: 'notify-only' } : step;
}

function wanted(entry: JournalEntry, rules: Rules, wish: Wish, now: Instant): Step {
  const { rotation } = entry;
  const asked = wish.action === 'rotate';
  if (rotation !== null && rotation.attempt > 0 && now < rotation.at + STALLED_AFTER) {
    const until = rotation.at + STALLED_AFTER;
    return asked ? { step: 'hold', guard: 'in-flight', until } : { step: 'wait-for-delivery', until };
  }
  if (rotation !== null && rotation.attempt > 0 && !wish.force) {
    const until = nextAttemptAt(rotation, entry.expiry.at);
    if (asked) {
      return { step: 'hold', guard: 'stalled', ...(until !== undefined && { until }) };
    }
    const allowed = until === undefined ? undefined : Math.max(until, afterRefusal(rotation) ?? until);
    return allowed !== undefined && now >= allowed
      ? { step: 'rotate', reason: rotation.reason }
      : { step: 'report-stalled', until: allowed };
  }
  const due = dueAt(entry, rules.rotateAfterDays);
  if (!asked && now < due) {
    return { step: 'rest', until: due };
  }
  const overlap = overlapEnd(entry);
  if (overlap !== undefined && now < overlap && !wish.force) {
    return { step: 'hold', guard: 'overlap', until: overlap };
  }
  const retryAt = rotation === null ? undefined : afterRefusal(rotation);
  if (!asked && retryAt !== undefined && now < retryAt) {
    return {
      step: 'report-refused',
      kind: rotation?.kind ?? 'refused',
      until: retryAt,
      ...(rotation?.requestId !== undefined && { requestId: rotation.requestId }),
    };
  }
  return { step: 'rotate', reason: asked ? 'person' : reasonToRotate(entry) };
}

function reasonToRotate(entry: JournalEntry): RotationReason {
  return entry.expiry.source === 'notice' ? 'expiry' : 'schedule';
}
