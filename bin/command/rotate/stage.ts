import type { ApplicationAnswer } from '../../../lambda/core/reconcile/answer';

/** What of a `status` tells how far a rotation is. */
export type Seen = Pick<ApplicationAnswer, 'outcome' | 'kind' | 'since' | 'guard' | 'versionId' | 'lastRotation'>;

/** `ended`: no new client secret comes before a person, or a later sweep, does something. */
export type Stage = 'requested' | 'delivered' | 'current' | 'ended';

/** Whether a new client secret can come after this answer to `rotate`: also of a rotation that was under way already. */
export function mayBringSecret({ outcome, guard, kind }: Seen): boolean {
  return outcome === 'requested' || outcome === 'promoted' || guard === 'in-flight' || kind === 'ambiguous';
}

/**
 * How far a rotation is.
 *
 * @param before what `status` said before the rotation was asked for
 */
export function stageOf(before: Seen, now: Seen): Stage {
  const isDelivered = now.lastRotation?.outcome === 'delivered';
  if (isDelivered && now.versionId !== before.versionId && now.outcome !== 'in-flight') {
    return 'current';
  }
  if (hasEnded(before, now)) {
    return 'ended';
  }
  return isDelivered ? 'delivered' : 'requested';
}

/** A sweep's finding from before the rotation says nothing about it. After `ambiguous` a new client secret may still come. */
function hasEnded(before: Seen, { outcome, kind, since }: Seen): boolean {
  const isOld = kind === before.kind && since === before.since;
  return outcome === 'stalled' || outcome === 'not-seeded' || (outcome === 'failed' && kind !== 'ambiguous' && !isOld);
}
