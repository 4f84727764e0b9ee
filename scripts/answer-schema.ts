import type {
  Answer,
  ApplicationAnswer,
  HubAnswer,
  LastRotation,
  PauseAnswer,
  QueueAnswer,
  RegisteredAnswer,
} from '../lambda/core/reconcile/answer';
import type { RotationAnswer } from '../lambda/core/reconcile/history';
import type { RotationReason } from '../lib/contract/event';
import { FAILURE_KINDS } from '../lib/contract/failure-kind';
import { MAX_REQUESTED_BY_LENGTH, MAX_WHY_LENGTH } from '../lib/contract/limits';
import { runbookLink } from '../lib/contract/operators';

type Schema = Readonly<Record<string, unknown>>;

/** One for each value of the type, and one for each field below: the compiler says when one is missing or too many. */
function oneOf<Value extends string>(values: Readonly<Record<Value, true>>): Schema {
  return { enum: Object.keys(values) };
}

const TIME = { type: 'string', format: 'date-time' };
const ARN = { type: 'string', pattern: '^arn:' };
export const REASON = oneOf<RotationReason>({ schedule: true, expiry: true, person: true, console: true });

function object<Type>(required: readonly (keyof Type)[], properties: Readonly<Record<keyof Type, Schema>>): Schema {
  return { type: 'object', required, properties };
}

const QUEUE = object<QueueAnswer>(['url'], {
  url: { type: 'string' },
  arn: ARN,
  messages: { type: 'integer', minimum: 0, description: 'in the queue, received ones too; approximate' },
  error: { type: 'string', description: 'error code of SQS, where it does not tell' },
});

const LAST_ROTATION = object<LastRotation>(['outcome', 'at', 'reason'], {
  outcome: {
    ...oneOf<LastRotation['outcome']>({ refused: true, ambiguous: true, accepted: true, delivered: true }),
    description:
      'refused: nothing was rotated; ambiguous: it may have been; accepted: Amazon makes the client secret; delivered: it came',
  },
  at: { ...TIME, description: 'when it was asked for; if it was delivered, when Amazon made the client secret' },
  reason: { ...REASON, description: 'who or what asked; console: nobody asked this hub' },
  requestedBy: { type: 'string', maxLength: MAX_REQUESTED_BY_LENGTH, description: 'who asked, as the caller claimed' },
  requestId: { type: 'string', description: "Amazon's request id" },
  earlierAttempts: { type: 'integer', description: 'how many attempts before this one brought nothing' },
});

const APPLICATION = object<ApplicationAnswer>(
  ['application', 'secretName', 'secretArn', 'clientId', 'outcome', 'next'],
  {
    application: { type: 'string', description: 'id of the application in its hub' },
    secretName: { type: 'string' },
    secretArn: {
      type: 'string',
      description:
        'without its random suffix where the secret was imported by name; empty where nothing is known of it',
    },
    clientId: { type: 'string', description: 'empty while the secret does not tell' },
    outcome: oneOf<ApplicationAnswer['outcome']>({
      healthy: true,
      due: true,
      requested: true,
      'in-flight': true,
      promoted: true,
      'not-rotated': true,
      stalled: true,
      failed: true,
      'not-seeded': true,
    }),
    kind: { enum: FAILURE_KINDS, description: `what is wrong; a section of ${runbookLink('…')}` },
    runbook: { type: 'string', format: 'uri', description: 'link to what to do about the kind' },
    since: { ...TIME, description: 'when a sweep first found this kind, as far as it was written down' },
    guard: {
      ...oneOf<NonNullable<ApplicationAnswer['guard']>>({
        'in-flight': true,
        stalled: true,
        overlap: true,
        'one-a-minute': true,
        'notify-only': true,
        paused: true,
        window: true,
      }),
      description: 'what held a rotation back',
    },
    worksUntil: {
      ...TIME,
      description:
        'when the client secret in AWSCURRENT stops working: at its expiry, or at the end of its overlap, if it was rotated, or may have been, and the new one is not in its place',
    },
    worksUntilEstimated: { const: true, description: 'nothing of Amazon has told the date yet' },
    worksUntilToldBy: {
      type: 'string',
      description: 'who told the date, as the caller claimed: a person did, and not Amazon',
    },
    previousWorksUntil: { ...TIME, description: 'the same of the client secret before the newest' },
    due: { ...TIME, description: 'when the next rotation is due; absent where only a person asks for one' },
    lastRotation: LAST_ROTATION,
    registered: {
      oneOf: [
        object<RegisteredAnswer>(['provenAt', 'by'], {
          provenAt: TIME,
          by: oneOf<RegisteredAnswer['by']>({ 'new-secret': true, 'expiry-notice': true }),
        }),
        { const: false },
      ],
      description:
        "what proved last that Amazon delivers into the hub's queue for this application; false: nothing did",
    },
    paused: {
      ...object<PauseAnswer>(['until', 'since'], {
        until: {
          ...TIME,
          description: 'when it ends: what was asked for, or 21 days before the client secret expires',
        },
        since: TIME,
        by: { type: 'string', maxLength: MAX_REQUESTED_BY_LENGTH, description: 'who asked, as the caller claimed' },
        why: { type: 'string', maxLength: MAX_WHY_LENGTH },
      }),
      description: 'a pause that is on: until then the schedule asks for no rotation',
    },
    recorded: {
      type: 'boolean',
      description: 'after pause, resume and expires: whether what was said is in the journal',
    },
    versionId: { type: 'string', description: 'version of the secret, or id of the rotation that was asked for' },
    history: {
      type: 'array',
      maxItems: 12,
      description: 'only in answers to history: the last rotations, the latest first',
      items: object<RotationAnswer>(['outcome', 'reason'], {
        outcome: oneOf<RotationAnswer['outcome']>({
          current: true,
          delivered: true,
          accepted: true,
          ambiguous: true,
          refused: true,
        }),
        reason: REASON,
        requestedBy: { type: 'string', maxLength: MAX_REQUESTED_BY_LENGTH },
        requestId: { type: 'string', description: "Amazon's request id" },
        askedAt: { ...TIME, description: 'absent where this hub did not ask' },
        attempts: { type: 'integer', description: 'how often Amazon was asked' },
        deliveredAt: { ...TIME, description: 'when Amazon made the client secret' },
        currentAt: TIME,
        expiry: { ...TIME, description: 'when the client secret expires' },
        versionId: { type: 'string' },
      }),
    },
    next: { type: 'string', description: 'what happens next, or what to do next: for people' },
  },
);

/** The schema of what the rotate function answers, and of what the command prints with --json. */
export function answerSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Answer of the rotate function',
    description:
      'Also what the command prints with --json. Never holds a secret. More fields may come: ignore those you do not know.',
    ...object<Answer>(['applications'], {
      applications: { type: 'array', items: APPLICATION },
      hub: {
        ...object<HubAnswer>(['queues', 'functions'], {
          queues: object<HubAnswer['queues']>(['notification', 'deadLetter', 'unclaimed'], {
            notification: QUEUE,
            deadLetter: QUEUE,
            unclaimed: QUEUE,
          }),
          functions: object<HubAnswer['functions']>(['rotate', 'store'], { rotate: ARN, store: ARN }),
        }),
        description: 'only in answers to status and check',
      },
    }),
  };
}
