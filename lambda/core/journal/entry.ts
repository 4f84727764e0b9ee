import * as v from 'valibot';
import { SECRET_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import type { RotationReason } from '../../../lib/contract/event';
import { FAILURE_KINDS } from '../../../lib/contract/failure-kind';
import { parseJson } from '../json';
import { DAY, type Instant } from '../time';

/*
 * Which client secret is which. Time runs to the right; A, B and C are client secrets.
 *
 *   1. Settled: the newest delivery is current, and consumers were told.
 *
 *        A ────────── B ──────────▶ now      baseline    B   what is rightly current, and since when
 *                     AWSCURRENT             newest      B   announced
 *                                            superseded  A   a later delivery took its place
 *
 *   2. A delivery is on its way: staged, but LWA does not accept it yet.
 *
 *        A ────────── B ────── C ─▶ now      baseline    B
 *                     AWSCURRENT  AWSPENDING newest      C   not announced: the promotion is unfinished
 *                                            superseded  A
 *
 *   3. Somebody wrote an old client secret back.
 *
 *        A ────────── B ────── A ─▶ now      baseline    B
 *                              AWSCURRENT    newest      B   announced
 *                                            superseded  A   current and superseded: B is promoted again (healing)
 */

const instant = v.pipe(v.number(), v.finite());
const reason = v.picklist(['schedule', 'expiry', 'person', 'console'] satisfies RotationReason[]);

/** A POST that may have made a client secret which has not come. */
const attempt = {
  /** Identifies the rotation: version id of the entry that announced the POST. */
  id: v.string(),
  at: instant,
  /** When Amazon took the POST, by Amazon's own clock, at the earliest. Absent where there was no answer. */
  takenAt: v.optional(instant),
  /** Whether the event that it was requested was published. */
  published: v.optional(v.boolean()),
};

/** The latest attempt. */
const rotation = v.looseObject({
  ...attempt,
  /** Earlier ones of which nothing came either: the first, and the last three. */
  earlier: v.optional(v.array(v.looseObject(attempt))),
  reason,
  requestedBy: v.optional(v.string()),
  /** `refused`: by all. Then nothing is outstanding. */
  outcome: v.picklist(['open', 'accepted', 'refused']),
  /** The last refusal, and how many there were in a row. */
  refusals: v.number(),
  refusedAt: v.optional(instant),
  kind: v.optional(v.picklist(FAILURE_KINDS)),
  requestId: v.optional(v.string()),
});

const newest = v.looseObject({
  notificationId: v.string(),
  digest: v.string(),
  eventTime: instant,
  newExpiry: instant,
  oldExpiry: instant,
  estimated: v.boolean(),
  stagedVersionId: v.string(),
  /** It is AWSCURRENT, and consumers were told. */
  announced: v.boolean(),
  /** Reason of the rotation that it answers; `console` when this hub asked for none. */
  reason,
  requestedBy: v.optional(v.string()),
  /** The rotation that it answers; absent when this hub asked for none. */
  rotationId: v.optional(v.string()),
  /** Whether the event that this rotation was requested was published. */
  requestPublished: v.optional(v.boolean()),
  /** It was announced before: what takes its place now overwrites it. */
  served: v.optional(v.boolean()),
  /** Why it cannot become current, as the last sweep found; absent while nothing is unusual. */
  problem: v.optional(v.picklist(FAILURE_KINDS)),
});

/** What is known of one application's client secrets. */
const knowledge = {
  clientId: v.string(),
  /** When the hub took the application on. */
  addedAt: instant,
  rotation: v.nullable(rotation),
  newest: v.nullable(newest),
  /** The client secret that is rightly current, and since when it is known. */
  baseline: v.looseObject({
    digest: v.string(),
    since: instant,
    /** When a person put it in the place of another. */
    storedAt: v.optional(instant),
    /** Whether that still has to be reported. */
    unreported: v.optional(v.boolean()),
  }),
  /** Digests of superseded client secrets, the last eight. */
  superseded: v.array(v.string()),
  /**
   * The last eight deliveries. Their event times date a client secret that became current before it was announced, and tell
   * which deliveries were made before the baseline.
   */
  deliveries: v.array(v.looseObject({ digest: v.string(), eventTime: instant })),
  /** When the baseline expires, and who said so. */
  expiry: v.looseObject({
    at: instant,
    source: v.picklist(['new-secret', 'expiry-notice', 'estimate']),
    /** When Amazon made the notice. */
    noticedAt: v.optional(instant),
    /** Another hub learned it: it does not prove that this hub's queue is registered. */
    inherited: v.optional(v.boolean()),
  }),
};

const journalEntry = v.looseObject({
  version: v.literal(1),
  ...knowledge,
  /** ARN of the notification queue of the hub that looks after the secret. */
  hub: v.string(),
  /** The hubs that did before, and until when. The last five. */
  previousHubs: v.optional(v.array(v.looseObject({ hub: v.string(), until: instant }))),
  /** When somebody's overwriting was undone, the last five times. */
  healedAt: v.optional(v.array(instant)),
  sequence: v.number(),
  writtenAt: instant,
  /** Tells whose entry it is when two runs compete for one version id. */
  nonce: v.string(),
  /** Rotations that others followed before the event that they were requested was published. The last three. */
  unpublished: v.optional(v.array(v.looseObject({ id: v.string(), reason, requestedBy: v.optional(v.string()) }))),
  /** Key under which the entry was written. */
  encryptionKey: v.string(),
  /** Time of the last POST, whatever came of it. */
  postedAt: v.optional(instant),
  /** What was known before a person stored another client secret: it holds again when they put that one back. The last three. */
  restorable: v.optional(v.array(v.looseObject(knowledge))),
});

/** The journal: a full snapshot, written as a labelled version of the application's own secret. */
export type JournalEntry = Readonly<v.InferOutput<typeof journalEntry>>;
export type Rotation = Readonly<v.InferOutput<typeof rotation>>;
export type Attempt = Pick<Rotation, keyof typeof attempt>;
export type Newest = Readonly<v.InferOutput<typeof newest>>;

/** `undefined` when the text is no journal entry, or one of a later version of this package. */
export function parseEntry(text: string | undefined): JournalEntry | undefined {
  const parsed = v.safeParse(journalEntry, text === undefined ? undefined : parseJson(text));
  return parsed.success ? parsed.output : undefined;
}

export function formatEntry(entry: JournalEntry): string {
  return JSON.stringify(entry);
}

/** What a run read and the journal must agree with. */
export interface Facts {
  readonly hub: string;
  readonly clientId: string;
  /** Key that encrypts new versions of the secret; `undefined` when the run did not ask. */
  readonly encryptionKey: string | undefined;
  readonly now: Instant;
  /** Digest of the current client secret, and the date of the version that holds it. */
  readonly digest: string;
  readonly createdAt: Instant;
}

export function firstEntry(facts: Facts): JournalEntry {
  return {
    version: 1,
    hub: facts.hub,
    clientId: facts.clientId,
    addedAt: facts.now,
    sequence: 0,
    writtenAt: facts.now,
    nonce: '',
    encryptionKey: facts.encryptionKey ?? '',
    rotation: null,
    newest: null,
    superseded: [],
    deliveries: [],
    ...seededBaseline(facts.digest, facts.createdAt),
  };
}

/** What is known of a client secret that somebody stored by hand: it cannot be younger than its version. */
export function seededBaseline(digest: string, since: Instant): Pick<JournalEntry, 'baseline' | 'expiry'> {
  return {
    baseline: { digest, since },
    expiry: { at: since + SECRET_LIFETIME_DAYS * DAY, source: 'estimate' },
  };
}

/** Whether a POST may have made a client secret that has not come. */
export function isOutstanding(rotation: Rotation | null): rotation is Rotation {
  return rotation !== null && rotation.outcome !== 'refused';
}

/** All attempts of which nothing came, the first one first. */
export function attemptsOf(rotation: Rotation): readonly [Attempt, ...Attempt[]] {
  const [first, ...others] = rotation.earlier ?? [];
  return first === undefined ? [rotation] : [first, ...others, rotation];
}
