import * as v from 'valibot';
import { SECRET_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import { FROM_BUS } from '../../../lib/contract/event';
import { couldBeCredential } from '../../../lib/contract/credential';
import {
  APPLICATION_ID,
  MAX_PAUSE_DAYS,
  MAX_REQUESTED_BY_LENGTH,
  MAX_WHY_LENGTH,
  SHOWABLE,
} from '../../../lib/contract/limits';
import { OBSERVE_ALIAS } from '../../../lib/contract/operators';
import { DAY, fromDate, toIso, type Instant } from '../time';

/** It is logged, published and kept. */
function isShowable(text: string): boolean {
  return !couldBeCredential(text);
}

const requestedBy = v.optional(
  v.pipe(v.string(), v.maxLength(MAX_REQUESTED_BY_LENGTH), v.regex(/^[\x20-\x7e]*$/), v.check(isShowable)),
);
const application = v.pipe(v.string(), v.regex(APPLICATION_ID));

const why = v.optional(v.pipe(v.string(), v.maxLength(MAX_WHY_LENGTH), v.regex(SHOWABLE), v.check(isShowable)));
const instant = v.pipe(
  v.string(),
  v.transform((text) => fromDate(text) ?? Number.NaN),
  v.finite(),
);

const request = v.union([
  v.strictObject({ application: v.optional(application), requestedBy }),
  v.strictObject({ action: v.picklist(['status', 'check']), application: v.optional(application), requestedBy }),
  v.strictObject({ action: v.literal('history'), application, requestedBy }),
  v.strictObject({ action: v.literal('rotate'), application, force: v.optional(v.boolean()), requestedBy }),
  v.strictObject({
    action: v.literal('pause'),
    application: v.optional(application),
    until: instant,
    why,
    requestedBy,
  }),
  v.strictObject({ action: v.literal('resume'), application: v.optional(application), requestedBy }),
  v.strictObject({ action: v.literal('expires'), application, on: instant, requestedBy }),
]);

/** What the rule sends. Anybody who may put events on the bus decides what stands for the application. */
const fromBus = v.object({ from: v.literal(FROM_BUS), application: v.fallback(v.optional(application), undefined) });

/** What a person says, for the journal. */
export type Note =
  | { readonly says: 'pause'; readonly until: Instant; readonly why?: string | undefined }
  | { readonly says: 'resume' }
  | { readonly says: 'expires'; readonly on: Instant };

/** What the rotate function was asked for. */
export interface RotateRequest {
  readonly action: 'reconcile' | 'status' | 'check' | 'rotate' | 'note';
  /** What is to be written down: with the action `note`, and no other. */
  readonly note?: Note;
  /** The last rotations are wanted too: with the action `status`. */
  readonly withHistory?: true;
  /** `undefined`: all. */
  readonly application: string | undefined;
  readonly force: boolean;
  /** Who asked, as the caller claims. */
  readonly requestedBy: string | undefined;
  /** Asked for by an event: one that names no application of the hub is nobody's failure. */
  readonly isFromBus?: true;
}

/** @throws {BadRequest} if the caller may only look, and asks for more */
export function requireLook(request: Pick<RotateRequest, 'action'>, qualifier: string | undefined): void {
  if (qualifier === OBSERVE_ALIAS && !onlyLooks(request)) {
    throw new BadRequest(
      `the alias "${OBSERVE_ALIAS}" of this function only answers {"action":"status"}, {"action":"check"} and {"action":"history"}; nothing was done. For everything else, invoke the function itself, which needs grantInvoke()`,
    );
  }
}

/** `status` writes nothing, `check` nothing that changes a value; neither publishes anything. */
export function onlyLooks({ action }: Pick<RotateRequest, 'action'>): boolean {
  return action === 'status' || action === 'check';
}

/** The payload was none of the contract's. Does not quote it: it may hold anything. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}

/** @throws {BadRequest} */
export function parseRequest(payload: unknown, now: Instant): RotateRequest {
  const notified = v.safeParse(fromBus, payload);
  if (notified.success) {
    const { application: named } = notified.output;
    return { action: 'reconcile', application: named, force: false, requestedBy: undefined, isFromBus: true };
  }
  // An array without elements would pass for an object without keys.
  const parsed = v.safeParse(request, Array.isArray(payload) ? undefined : payload);
  if (!parsed.success) {
    throw new BadRequest(
      'the request is not understood; nothing was read or changed. Send {} or {"application":"Id"} to reconcile, ' +
        '{"action":"status"} or {"action":"check"} with an optional "application", {"action":"history","application":"Id"}, {"action":"rotate","application":"Id"} with an optional "force":true, ' +
        '{"action":"pause","until":"2026-12-02"} with an optional "why" and "application", {"action":"resume"} with an optional "application", or {"action":"expires","application":"Id","on":"2027-03-18"}; ' +
        `an application id is 1 to 64 of A-Z a-z 0-9 _ -, "requestedBy" is an optional text of up to ${MAX_REQUESTED_BY_LENGTH} printable characters, without a credential`,
    );
  }
  const asked = parsed.output;
  return {
    ...actionOf(asked, now),
    application: asked.application,
    force: 'force' in asked && asked.force === true,
    requestedBy: asked.requestedBy,
  };
}

function actionOf(
  asked: v.InferOutput<typeof request>,
  now: Instant,
): Pick<RotateRequest, 'action' | 'note' | 'withHistory'> {
  if (!('action' in asked)) {
    return { action: 'reconcile' };
  }
  switch (asked.action) {
    case 'history':
      return { action: 'status', withHistory: true };
    case 'pause':
      requireBetween('until', asked.until, now, now + MAX_PAUSE_DAYS * DAY);
      return { action: 'note', note: { says: 'pause', until: asked.until, why: asked.why } };
    case 'resume':
      return { action: 'note', note: { says: 'resume' } };
    case 'expires':
      requireBetween('on', asked.on, now, now + (SECRET_LIFETIME_DAYS + 1) * DAY);
      return { action: 'note', note: { says: 'expires', on: asked.on } };
    default:
      return { action: asked.action };
  }
}

/** @throws {BadRequest} */
function requireBetween(name: string, at: Instant, after: Instant, atMost: Instant): void {
  if (at <= after || at > atMost) {
    throw new BadRequest(
      `"${name}" must be after ${toIso(after)} and not after ${toIso(atMost)}; received ${toIso(at)}. Nothing was read or changed`,
    );
  }
}
