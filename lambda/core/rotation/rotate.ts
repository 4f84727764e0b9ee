import { DETAIL_TYPE, type RotationReason } from '../../../lib/contract/event';
import { classifyRotationAnswer } from '../amazon/answers';
import type { Application } from '../application';
import type { Wish } from './guards';
import { nextEntryId } from '../digest';
import { eventSubject, tell } from '../event';
import { failure, type Failure } from '../failure';
import { SECOND } from '../time';
import { withAccepted, withIntent, withRefusal } from '../journal/entry';
import { append, claim } from '../journal/log';
import { preflightProblem } from './preflight';
import { hasRoomForNewSecret } from '../secret/text';
import type { JournalHead, State } from '../secret/read';
import { mint } from './token';

/** Function time that must be left when a POST may at last have timed out: enough to write down what came of it. */
const AFTER_POST = 10 * SECOND;

export type Rotated =
  | { readonly result: 'requested'; readonly rotationId: string }
  /** Another run did the next thing first. */
  | { readonly result: 'overtaken' }
  | { readonly result: 'no-time' }
  | { readonly result: 'failed'; readonly failure: Failure; readonly rotationId?: string };

const RIVALS = {
  'managed-rotation':
    'Secrets Manager runs a rotation of its own on this secret, and would overwrite the client secret. Turn it off (aws secretsmanager cancel-rotate-secret). Nothing is rotated before.',
  replica:
    'The secret is a replica, which nobody can write. Give the application the secret in its primary region, in a stack of that region.',
} as const;

/** Whether a new secret would find its place, as far as can be seen from here. */
export async function preflight(application: Application, state: State): Promise<Failure | undefined> {
  const problem = preflightProblem(await application.ports.queue.attributes(), application.queueKeyArn);
  if (problem !== undefined) {
    return failure(application, problem);
  }
  const rival = state.description?.rival;
  if (rival !== undefined) {
    return { ...failure(application, 'needs-person'), next: RIVALS[rival] };
  }
  return hasRoomForNewSecret(state.current.text)
    ? undefined
    : {
        ...failure(application, 'needs-person'),
        next: 'The secret is within 1,024 bytes of the 65,536 that Secrets Manager stores: a new client secret may not fit. Take something out of it. Nothing is rotated before.',
      };
}

/**
 * Asks Amazon for a new client secret: preflight, token, intent, POST, and what came of it.
 *
 * All that can fail without harm comes before the intent; after it the POST counts as made, whatever happens to this run.
 */
export async function rotate(
  application: Application,
  state: State,
  head: JournalHead,
  wish: Wish & { readonly requestedBy: string | undefined },
  reason: RotationReason,
): Promise<Rotated> {
  const { clock, deadline, spApi } = application.ports;
  const unready = await preflight(application, state);
  if (unready !== undefined) {
    return { result: 'failed', failure: unready };
  }
  const minted = await mint(application, state);
  if ('failed' in minted) {
    return { result: 'failed', failure: minted.failed };
  }
  if (deadline - clock.now() < spApi.timeout + AFTER_POST) {
    return { result: 'no-time' };
  }
  return post(application, state, head, wish, reason, minted.accessToken);
}

async function post(
  application: Application,
  state: State,
  head: JournalHead,
  wish: Wish & { readonly requestedBy: string | undefined },
  reason: RotationReason,
  accessToken: string,
): Promise<Rotated> {
  const { clock, observe, spApi } = application.ports;
  const { clientId } = state.current.credentials;
  const intentId = nextEntryId(head.versionId);
  const before = head.entry.rotation;
  const by = wish.requestedBy;
  const intent = { id: intentId, at: clock.now(), reason, ...(by !== undefined && { by }) };
  const intended = await claim(application, head, withIntent(head.entry, intent));
  if (intended === undefined) {
    return { result: 'overtaken' };
  }
  const answer = classifyRotationAnswer(await spApi.rotateClientSecret(accessToken));
  const requestId = answer.requestId;
  const about = {
    application: application.settings.id,
    clientId,
    reason,
    ...(wish.requestedBy !== undefined && { requestedBy: wish.requestedBy }),
    ...(requestId !== undefined && { requestId }),
  };
  switch (answer.answer) {
    case 'accepted':
      observe({ what: 'rotation requested', ...about });
      await append(application, intended, (entry) => withAccepted(entry, intentId, requestId));
      await tell(application, DETAIL_TYPE.requested, {
        ...eventSubject(application, clientId, intentId),
        reason,
        ...(wish.requestedBy !== undefined && { requestedBy: wish.requestedBy }),
      });
      return { result: 'requested', rotationId: intentId };
    case 'refused': {
      const refusal = failure(application, answer.kind, requestId);
      observe({ what: 'rotation refused', ...about, kind: answer.kind, next: refusal.next });
      await append(application, intended, (entry) =>
        withRefusal(entry, intentId, { kind: answer.kind, at: clock.now(), ...(requestId && { requestId }) }, before),
      );
      return { result: 'failed', failure: refusal, rotationId: intentId };
    }
    case 'ambiguous': {
      const doubt = failure(application, 'ambiguous', requestId);
      observe({ what: 'rotation ambiguous', ...about, kind: 'ambiguous', next: doubt.next });
      return { result: 'failed', failure: doubt, rotationId: intentId };
    }
  }
}
