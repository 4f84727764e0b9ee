import type { FailureKind } from '../../../lib/contract/failure-kind';
import { isPropagated } from '../amazon/propagation';
import { failure, type Failure } from '../failure';
import type { JournalEntry } from '../journal/entry';
import type { Application } from '../ports';
import { toIso, type Instant } from '../time';

/** What a refusal of Amazon means, for people. Right after a client secret was made, SP-API may call it expired. */
export function refusal(
  application: Application,
  { baseline }: Pick<JournalEntry, 'baseline'>,
  {
    kind,
    at,
    requestId,
  }: { readonly kind: FailureKind; readonly at: Instant; readonly requestId?: string | undefined },
): Failure {
  const refused = failure(application, kind, requestId);
  if (kind !== 'secret-expired' || isPropagated(baseline.since, at)) {
    return refused;
  }
  const request = requestId === undefined ? '' : ` (Amazon's request id ${requestId})`;
  return {
    ...refused,
    next: `Application '${application.settings.id}' has a client secret that Amazon calls expired${request}; nothing was rotated. It is known here since ${toIso(baseline.since)}, and of a new one Amazon says so for hours. Wait: it is tried again automatically. Make another only if the Developer Console shows that this one is older than 180 days.`,
  };
}
