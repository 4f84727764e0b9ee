import { classifyRotationAnswer, type RotationAnswer } from '../amazon/answers';
import { nextEntryId } from '../digest';
import { failure, type Failure } from '../failure';
import type { JournalEntry, Rotation } from '../journal/entry';
import { append, claim, type JournalHead } from '../journal/log';
import { withAccepted, withIntent, withProof, withRefusal, type Intent } from '../journal/transitions';
import type { Observation } from '../observation';
import { CallFailed, type Application } from '../ports';
import { loginOnce } from '../secret/proof';
import type { SecretState } from '../secret/read';
import { proveRights } from '../secret/rights';
import { HOUR, SECOND, type Instant } from '../time';
import { decide, isWindowPassedOver, type Decision } from './guards';
import { passedOver } from './window';
import { preflight } from './preflight';
import { refusal } from './refusal';
import { publishRequested } from './requested';
import type { RotateRequest } from './request';
import { claimants, knownTogether, provenSiblings, type Member } from './together';
import { mint } from './token';

/** Function time that must be left when a POST may at last have timed out: enough to write down what came of it. */
const AFTER_POST = 10 * SECOND;

export type Rotated =
  | { readonly result: 'requested'; readonly rotationId: string; readonly head: JournalHead | undefined }
  /** Another run did the next thing first. */
  | { readonly result: 'lost-race' }
  | { readonly result: 'no-time' }
  /** By what the siblings know. */
  | {
      readonly result: 'held';
      readonly decision: Decision;
      readonly together: JournalEntry;
      readonly siblings: readonly Member[];
    }
  /** LWA accepts the newest delivered client secret, and not the current one: promoting it is all that is needed. */
  | { readonly result: 'standing-by'; readonly failure: Failure }
  | { readonly result: 'failed'; readonly failure: Failure; readonly rotationId?: string; readonly head?: JournalHead };

/**
 * Asks Amazon for a new client secret: preflight, token, intent, POST, and what came of it.
 *
 * All that can fail without harm comes before the intent; after it the POST counts as made, whatever happens to this run.
 */
export async function rotate(
  application: Application,
  state: SecretState,
  found: JournalHead,
  request: RotateRequest,
): Promise<Rotated> {
  const { clock, deadline, lwa, observe, spApi } = application.ports;
  const { failure: unready, warning } = await preflight(application, state.current, state.description);
  if (unready !== undefined) {
    return { result: 'failed', failure: unready };
  }
  if (warning !== undefined) {
    observe({ what: 'queue policy in doubt', application: application.settings.id, next: warning });
  }
  const minted = await mint(application, state, found.entry);
  if ('failed' in minted) {
    return { result: minted.standingBy === true ? 'standing-by' : 'failed', failure: minted.failed };
  }
  const { clientId } = state.current.credentials;
  const head = await withOtherProof(application, state, found, minted.digest);
  const siblings = await provenSiblings(application, clientId, head, loginOnce(lwa));
  const together = knownTogether(head.entry, siblings);
  const decision = decide(together, application.settings, request, clock.now());
  if ('heldBy' in decision) {
    return { result: 'held', decision, together, siblings };
  }
  if (deadline - clock.now() < spApi.timeout + AFTER_POST) {
    return { result: 'no-time' };
  }
  await proveRights(application, state, head);
  tellWindowPassedOver(application, request, together);
  const { requestedBy } = request;
  const claimed = await claimFirst(claimants({ application, head, known: head.entry }, siblings), {
    at: clock.now(),
    reason: decision.rotate,
    requestedBy,
  });
  return claimed === undefined ? { result: 'lost-race' } : post(claimed, application, minted.accessToken);
}

function tellWindowPassedOver(
  { settings, ports: { clock, observe } }: Application,
  request: RotateRequest,
  together: JournalEntry,
): void {
  if (isWindowPassedOver(together, settings, request, clock.now())) {
    const { clientId } = together;
    observe({ what: 'rotation window passed over', application: settings.id, clientId, next: passedOver(together) });
  }
}

/** A rotation may end what alone proves the application now. By this its siblings know it then. */
async function withOtherProof(
  application: Application,
  { current }: SecretState,
  head: JournalHead,
  digest: string,
): Promise<JournalHead> {
  const { clientId } = current.credentials;
  return digest === current.digest ? head : append(application, head, (entry) => withProof(entry, clientId, digest));
}

/** In the first journal that can be written. */
async function claimFirst(
  [first, ...others]: readonly Member[],
  intent: Omit<Intent, 'id'>,
): Promise<Claimed | undefined> {
  if (first === undefined) {
    return undefined;
  }
  const { application, head } = first;
  const named: Intent = { ...intent, id: nextEntryId(head.versionId, head.entry.nonce) };
  try {
    const intended = await claim(application, head, withIntent(head.entry, named));
    return intended && { application, before: head.entry.rotation, intent: named, intended };
  } catch (error) {
    if (others.length > 0 && error instanceof CallFailed && error.isLasting) {
      return claimFirst(others, intent);
    }
    throw error;
  }
}

async function post(claimed: Claimed, { ports, settings }: Application, accessToken: string): Promise<Rotated> {
  const sentAt = ports.clock.now();
  const answer = classifyRotationAnswer(await ports.spApi.rotateClientSecret(accessToken));
  const asked: Asked = { ...claimed, clientId: claimed.intended.entry.clientId, sentAt };
  const { head, ...rotated } = await write(asked, answer, claimed.before);
  // The journal may be that of a sibling.
  return { ...rotated, head: claimed.application.settings.id === settings.id ? head : undefined };
}

function write(asked: Asked, answer: RotationAnswer, before: Rotation | null): Promise<Written> | Written {
  switch (answer.answer) {
    case 'accepted':
      return accepted(asked, answer);
    case 'refused':
      return refused(asked, answer, before);
    case 'ambiguous':
      return ambiguous(asked, answer);
  }
}

/** What came of a POST, and the journal after it. */
type Written = Extract<Rotated, { result: 'requested' | 'failed' }> & { readonly head: JournalHead };

/** An intent that is written down. */
interface Claimed {
  /** In whose journal. */
  readonly application: Application;
  /** The rotation as it was before. */
  readonly before: Rotation | null;
  readonly intent: Intent;
  /** The journal with the intent. */
  readonly intended: JournalHead;
}

/** A rotation for which the POST was made. */
interface Asked extends Omit<Claimed, 'before'> {
  readonly clientId: string;
  readonly sentAt: Instant;
}

/** Published before it is written down that it was: in this order the event comes twice rather than never. */
async function accepted(
  asked: Asked,
  { requestId, date }: Extract<RotationAnswer, { answer: 'accepted' }>,
): Promise<Written> {
  const { application, clientId, intent, intended, sentAt } = asked;
  const { clock, observe, spApi } = application.ports;
  const takenAt = takenAtOf(date, Math.min(clock.now() - sentAt, spApi.timeout), clock.now());
  observe({ what: 'rotation requested', ...about(asked, requestId) });
  const published = await publishRequested(application, clientId, intent);
  const { rotation } = intended.entry;
  const head =
    rotation === null
      ? intended
      : await append(application, intended, (entry) =>
          withAccepted(entry, rotation, { requestId, takenAt, published }),
        );
  return { result: 'requested', rotationId: intent.id, head };
}

/**
 * When Amazon took the POST at the earliest, by its own clock: the date of its answer less the time that this took.
 *
 * @param duration of the call: not of a function that stood still before it saw the answer
 * @returns `undefined` where the date is missing or none that a clock could show
 */
function takenAtOf(date: Instant | undefined, duration: number, answeredAt: Instant): Instant | undefined {
  return date === undefined || Math.abs(date - answeredAt) > HOUR ? undefined : date - duration;
}

/** @param before the rotation as it was before the intent */
async function refused(
  asked: Asked,
  { kind, requestId }: Extract<RotationAnswer, { answer: 'refused' }>,
  before: Rotation | null,
): Promise<Written> {
  const { application, intent, intended } = asked;
  const at = application.ports.clock.now();
  const why = refusal(application, intended.entry, { kind, at, requestId });
  application.ports.observe({ what: 'rotation refused', ...about(asked, requestId), kind, next: why.next });
  const head = await append(application, intended, (entry) =>
    withRefusal(entry, intent.id, { kind, at, requestId }, before),
  );
  return { result: 'failed', failure: why, rotationId: intent.id, head };
}

/** The intent stays open: the delivery closes it, or nothing does and it is reported as stalled. */
function ambiguous(asked: Asked, { requestId }: RotationAnswer): Written {
  const { application, intent, intended } = asked;
  const doubt = failure(application, 'ambiguous', requestId);
  application.ports.observe({
    what: 'rotation ambiguous',
    ...about(asked, requestId),
    kind: 'ambiguous',
    next: doubt.next,
  });
  return { result: 'failed', failure: doubt, rotationId: intent.id, head: intended };
}

function about({ application, clientId, intent }: Asked, requestId: string | undefined): Omit<Observation, 'what'> {
  const { reason, requestedBy } = intent;
  return {
    application: application.settings.id,
    clientId,
    reason,
    requestedBy,
    requestId,
  };
}
