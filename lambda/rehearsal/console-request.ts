import * as v from 'valibot';
import { APPLICATION_ID } from '../../lib/contract/limits';
import { couldBeCredential } from '../../lib/contract/credential';
import { MAX_DELAY_SECONDS } from './deliveries';

const HOUR = 3600;
const MAX_AGE_DAYS = 179;
const MAX_COPIES = 10;

/** What Amazon can answer instead of its usual answer. `lost`: it rotates, and no answer comes. */
export const ANSWERS = {
  lost: 'timeout-after-effect',
  'unclear after rotating': '500-after-effect',
  'unclear before rotating': '503-before-effect',
  throttled: {
    status: 429,
    body: '{"errors":[{"code":"QuotaExceeded","message":"You exceeded your quota for the requested resource."}]}',
  },
} as const;

/** What can be put into the queue besides the answer to a rotation. */
const MESSAGES = ['expiry notice', 'stale', 'stranger', 'not understood'] as const;

const application = v.pipe(v.string(), v.regex(APPLICATION_ID));
const text = v.pipe(
  v.string(),
  v.maxLength(256),
  v.check((value) => !couldBeCredential(value)),
);
const seconds = (most: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));

const request = v.variant('action', [
  v.strictObject({ action: v.picklist(['start', 'end', 'look']) }),
  v.strictObject({
    action: v.literal('seed'),
    application,
    /** Age of the client secret. */
    ageDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_AGE_DAYS)), 0),
  }),
  v.strictObject({ action: v.literal('edit'), application, key: text, value: text }),
  v.strictObject({ action: v.literal('rotate in the console'), application }),
  v.strictObject({ action: v.literal('send'), application, message: v.picklist(MESSAGES) }),
  v.strictObject({
    action: v.literal('next answer'),
    application,
    answer: v.picklist(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[]),
  }),
  v.strictObject({
    action: v.literal('next delivery'),
    lost: v.optional(v.boolean()),
    copies: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_COPIES))),
    delaySeconds: v.optional(seconds(MAX_DELAY_SECONDS)),
  }),
  v.strictObject({ action: v.literal('behave'), propagationSeconds: seconds(HOUR) }),
  v.strictObject({ action: v.literal('remove dead letters'), application }),
]);

/** What may be asked of the function, by whoever may invoke it. */
export type ConsoleRequest = v.InferOutput<typeof request>;

/** The same, as it is written: what has a default can be left out. */
export type ConsoleInput = v.InferInput<typeof request>;

/** Somebody asked for something that cannot be done. The message says what can. */
export class WrongRequest extends Error {
  override readonly name = 'WrongRequest';
}

/** @throws {WrongRequest} that does not repeat what was received */
export function readRequest(payload: unknown): ConsoleRequest {
  const result = v.safeParse(request, payload);
  if (!result.success) {
    const where = result.issues.map((issue) => v.getDotPath(issue) ?? 'the payload').join(', ');
    throw new WrongRequest(`not understood: ${where}; docs/rehearsal.md lists what can be asked`);
  }
  return result.output;
}
