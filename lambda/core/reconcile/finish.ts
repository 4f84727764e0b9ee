import type { Delivery } from '../amazon/notification';
import { isPropagated, PROPAGATING } from '../amazon/propagation';
import { failure, type Failure } from '../failure';
import { FAILURE_TEXTS } from '../failure-texts';
import type { Newest } from '../journal/entry';
import { append, type JournalHead } from '../journal/log';
import { withReopened } from '../journal/transitions';
import type { Application } from '../ports';
import { decide } from '../rotation/guards';
import { onlyLooks, type RotateRequest } from '../rotation/request';
import { announce } from '../secret/announce';
import { findStaged, promote, type Promotion } from '../secret/promote';
import type { SecretState } from '../secret/read';
import { resolveConflict } from '../secret/resolve';
import { failed, type Conclusion, type Subject } from './answer';
import { held } from './explain';
import { publishFailed } from './report';

/** How finishing the promotion of the newest delivery ended. */
export type Finished =
  | { readonly conclusion: Conclusion }
  /** There is something to go on from. `finish`: what stood in the way is decided, and the promotion can be finished now. */
  | { readonly goOn: 'next-step' | 'finish'; readonly head: JournalHead };

/** Makes the newest delivery current, and announces it, where the store function could not; or heals what was overwritten. */
export async function finish(
  application: Application,
  request: RotateRequest,
  state: SecretState,
  found: JournalHead,
): Promise<Finished> {
  const newest = found.entry.newest as Newest;
  const subject: Subject = {
    clientId: state.current.credentials.clientId,
    versionId: state.current.versionId,
    entry: found.entry,
  };
  if (onlyLooks(request)) {
    return ends(subject, 'in-flight', ONLY_LOOKED);
  }
  const delivery = await findStaged(application, state, newest);
  if (delivery === undefined) {
    return unfinished(application, request, subject, { newest, head: found });
  }
  const head = newest.announced ? await reopen(application, subject, found) : found;
  const promotion = await promote(application, delivery, { state, head, isFirstStaging: false });
  switch (promotion.result) {
    case 'current':
      return announceFinished(application, subject, { newest, delivery, head, promotion });
    case 'superseded':
      return { conclusion: { subject, ...held('in-flight') } };
    case 'rejected':
      return unfinished(application, request, subject, { newest, head, why: promotion.failure });
    case 'failed':
      return promotion.failure.kind === 'order-unknown'
        ? decideConflict(application, request, subject, { delivery, state, head, why: promotion.failure })
        : unfinished(application, request, subject, { newest, head, why: promotion.failure });
  }
}

const ONLY_LOOKED =
  'The newest client secret is delivered and not current yet; the next sweep or the next delivery of its message goes on.';

/** Before an overwritten client secret is healed: a run that is killed in the middle leaves it to be announced again, and reported. */
async function reopen(application: Application, subject: Subject, head: JournalHead): Promise<JournalHead> {
  await publishFailed(application, subject, 'overwritten');
  const digest = head.entry.newest?.digest ?? '';
  return append(application, head, (entry) => withReopened(entry, digest));
}

async function announceFinished(
  application: Application,
  subject: Subject,
  finished: {
    readonly newest: Newest;
    readonly delivery: Delivery;
    readonly head: JournalHead;
    readonly promotion: Extract<Promotion, { result: 'current' }>;
  },
): Promise<Finished> {
  const { newest, delivery, head, promotion } = finished;
  const { versionId, previousVersionId } = promotion;
  const announced = await announce(application, promotion.head ?? head, {
    delivery,
    versionId,
    previousVersionId,
    reason: newest.reason,
    requestedBy: newest.requestedBy,
  });
  const promoted: Subject = { ...subject, versionId, entry: announced.entry };
  if (!newest.announced) {
    return ends(promoted, 'promoted', 'The newest client secret is current; consumers were told.');
  }
  const { next } = FAILURE_TEXTS.overwritten;
  application.ports.observe({
    what: 'client secret healed',
    application: application.settings.id,
    clientId: subject.clientId,
    kind: 'overwritten',
    versionId,
    next,
  });
  return ends(
    promoted,
    'promoted',
    `Somebody had written a superseded client secret back; the newest is current again. ${next}`,
  );
}

/** Something that a person stored may be newer than the delivery. */
async function decideConflict(
  application: Application,
  request: RotateRequest,
  subject: Subject,
  conflict: {
    readonly delivery: Delivery;
    readonly state: SecretState;
    readonly head: JournalHead;
    readonly why: Failure;
  },
): Promise<Finished> {
  const { delivery, state, why } = conflict;
  const { newer, head } = await resolveConflict(application, delivery, state.current, conflict.head);
  switch (newer) {
    case 'stored':
      return { goOn: 'next-step', head };
    case 'delivered':
      return { goOn: 'finish', head };
    case 'unknown':
      return request.force
        ? { goOn: 'next-step', head }
        : { conclusion: failed({ ...subject, entry: head.entry }, why) };
  }
}

/** The newest cannot become current now. A person may still ask for another; the schedule waits, and reports in time. */
function unfinished(
  application: Application,
  request: RotateRequest,
  subject: Subject,
  { newest, head, why }: { readonly newest: Newest; readonly head: JournalHead; readonly why?: Failure },
): Finished {
  if (why !== undefined && why.kind !== 'rejected-by-lwa') {
    return request.force ? { goOn: 'next-step', head } : { conclusion: failed(subject, why) };
  }
  const now = application.ports.clock.now();
  const isOverdue = isPropagated(newest.eventTime, now);
  if (
    request.action === 'rotate' ||
    (isOverdue && 'rotate' in decide(head.entry, application.settings, request, now))
  ) {
    return { goOn: 'next-step', head };
  }
  return isOverdue
    ? { conclusion: failed(subject, why ?? failure(application, 'stalled')) }
    : ends(subject, 'in-flight', PROPAGATING);
}

function ends(subject: Subject, outcome: 'in-flight' | 'promoted', next: string): Finished {
  return { conclusion: { subject, outcome, next } };
}
