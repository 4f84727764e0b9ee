import * as v from 'valibot';
import { MAX_LIFETIME_DAYS, OVERLAP_DAYS, SECRET_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import type { RotationReason } from '../../../lib/contract/event';
import { FAILURE_KINDS } from '../../../lib/contract/failure-kind';
import { parseJson } from '../json';
import { couldBeCredential } from '../../../lib/contract/credential';
import { MAX_PAUSE_DAYS, MAX_REQUESTED_BY_LENGTH, MAX_WHY_LENGTH, SHOWABLE } from '../../../lib/contract/limits';
import type { SecretVersion } from '../ports';
import { DAY, HOUR, type Instant } from '../time';

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

/*
 * Whoever may write the secret may write a journal into it. So nothing in it is without bounds: a time that no clock showed
 * would hold a rotation back for ever, or end the run of every application when it is printed.
 */

/** Before Secrets Manager existed nothing was stored in it. */
const EARLIEST = Date.parse('2018-01-01T00:00:00Z');

/** A version's own date and what was written into it come from clocks that differ, also from Amazon's. */
const CLOCKS = HOUR;

const instant = v.pipe(v.number(), v.finite(), v.minValue(EARLIEST));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(2_048));
const id = v.pipe(v.string(), v.maxLength(256));
/** Answers name it. */
const hub = v.pipe(v.string(), v.regex(/^[\w:./-]{0,256}$/));
const requestedBy = v.optional(v.pipe(v.string(), v.maxLength(MAX_REQUESTED_BY_LENGTH), v.regex(/^[\x20-\x7e]*$/)));

/** What a person wrote, which is shown. */
const why = v.optional(
  v.pipe(
    v.string(),
    v.maxLength(MAX_WHY_LENGTH),
    v.regex(SHOWABLE),
    v.check((words) => !couldBeCredential(words)),
  ),
);

/** No list holds more than eight. */
function few<Item extends v.GenericSchema>(item: Item) {
  return v.pipe(v.array(item), v.maxLength(100));
}

const reason = v.picklist(['schedule', 'expiry', 'person', 'console'] satisfies RotationReason[]);

/** A POST that may have made a client secret which has not come. */
const attempt = {
  /** Identifies the rotation: version id of the entry that announced the POST. */
  id,
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
  earlier: v.optional(few(v.looseObject(attempt))),
  reason,
  requestedBy,
  /** `refused`: by all. Then nothing is outstanding. */
  outcome: v.picklist(['open', 'accepted', 'refused']),
  /** The last refusal, and how many there were in a row. */
  refusals: count,
  refusedAt: v.optional(instant),
  kind: v.optional(v.picklist(FAILURE_KINDS)),
  requestId: v.optional(id),
});

const newest = v.looseObject({
  notificationId: id,
  digest: id,
  eventTime: instant,
  newExpiry: instant,
  oldExpiry: instant,
  estimated: v.boolean(),
  stagedVersionId: id,
  /** It is AWSCURRENT, and consumers were told. */
  announced: v.boolean(),
  /** Reason of the rotation that it answers; `console` when this hub asked for none. */
  reason,
  requestedBy,
  /** The rotation that it answers; absent when this hub asked for none. */
  rotationId: v.optional(id),
  /** Whether the event that this rotation was requested was published. */
  requestPublished: v.optional(v.boolean()),
  /** It was announced before: what takes its place now overwrites it. */
  served: v.optional(v.boolean()),
  /** Amazon's id of the request that it answers. */
  requestId: v.optional(id),
  /** When that was made, and how many attempts there were by then. */
  askedAt: v.optional(instant),
  attempts: v.optional(count),
});

/** What is known of one application's client secrets. */
const knowledge = {
  clientId: text,
  /** When the hub took the application on. */
  addedAt: instant,
  rotation: v.nullable(rotation),
  newest: v.nullable(newest),
  /** What was current before the newest, while that waits, which may never work. */
  fallback: v.optional(newest),
  /** The client secret that is rightly current, and since when it is known. */
  baseline: v.looseObject({
    digest: id,
    since: instant,
    /** When a person put it in the place of another. */
    storedAt: v.optional(instant),
    /** Whether that still has to be reported. */
    unreported: v.optional(v.boolean()),
  }),
  /** Digests of superseded client secrets, the last eight. */
  superseded: few(id),
  /**
   * The last eight deliveries. Their event times date a client secret that became current before it was announced, and tell
   * which deliveries were made before the baseline.
   */
  deliveries: few(v.looseObject({ digest: id, eventTime: instant })),
  /** When the baseline expires, and who said so. */
  expiry: v.looseObject({
    at: instant,
    source: v.picklist(['new-secret', 'expiry-notice', 'person', 'estimate']),
    /** When Amazon made the notice, or a person told the date. */
    noticedAt: v.optional(instant),
    /** The person who told the date. */
    by: requestedBy,
    /** Another hub learned it: it does not prove that this hub's queue is registered. */
    inherited: v.optional(v.boolean()),
  }),
};

const journalEntry = v.looseObject({
  version: v.literal(1),
  ...knowledge,
  /** Digests of the client secrets that LWA accepted for the client id, the last eight. */
  proven: few(id),
  /** ARN of the notification queue of the hub that looks after the secret. */
  hub,
  /** The hubs that did before, and until when. The last five. */
  previousHubs: v.optional(few(v.looseObject({ hub, until: instant }))),
  /** When somebody's overwriting was undone, the last five times. */
  healedAt: v.optional(few(instant)),
  /** What the last sweep found wrong, and since when; without a kind it found nothing, and the time is that of the one before. */
  finding: v.optional(v.looseObject({ kind: v.optional(v.picklist(FAILURE_KINDS)), since: instant })),
  sequence: count,
  writtenAt: instant,
  /** Tells whose entry it is when two runs compete for one version id. */
  nonce: id,
  /** Rotations that others followed before the event that they were requested was published. The last three. */
  unpublished: v.optional(few(v.looseObject({ id, reason, requestedBy }))),
  /** Key under which the entry was written. */
  encryptionKey: text,
  /** Time of the last POST, whatever came of it. */
  postedAt: v.optional(instant),
  /** The last rotations whose client secret became current, the first of them first: twelve at most. */
  history: v.optional(
    few(
      v.looseObject({
        askedAt: v.optional(instant),
        attempts: v.optional(count),
        reason,
        requestedBy,
        requestId: v.optional(id),
        deliveredAt: instant,
        currentAt: instant,
        expiry: instant,
        versionId: id,
      }),
    ),
  ),
  /** What proved last that the hub's queue is registered with Amazon, and when. */
  heard: v.optional(v.looseObject({ at: instant, by: v.picklist(['new-secret', 'expiry-notice']) })),
  /** Until when a person wants no rotation by the schedule, since when, and whether its end was told. */
  paused: v.optional(
    v.looseObject({ at: instant, until: instant, by: requestedBy, why, endTold: v.optional(v.boolean()) }),
  ),
  /** What was known before a person stored another client secret: it holds again when they put that one back. The last three. */
  restorable: v.optional(few(v.looseObject(knowledge))),
});

/** The journal: a full snapshot, written as a labelled version of the application's own secret. */
export type JournalEntry = Readonly<v.InferOutput<typeof journalEntry>>;
export type Rotation = Readonly<v.InferOutput<typeof rotation>>;
export type Attempt = Pick<Rotation, keyof typeof attempt>;
export type PastRotation = NonNullable<JournalEntry['history']>[number];
export type Pause = NonNullable<JournalEntry['paused']>;
export type Newest = Readonly<v.InferOutput<typeof newest>>;

/** `undefined` when the version holds no journal entry, or one of a later version of this package, or one that no run wrote. */
export function readEntry(version: Pick<SecretVersion, 'text' | 'createdAt'> | undefined): JournalEntry | undefined {
  const entry = parseEntry(version?.text);
  return version !== undefined && entry !== undefined && couldBeWritten(entry, version.createdAt) ? entry : undefined;
}

/** The same, whenever it was written. */
export function parseEntry(content: string | undefined): JournalEntry | undefined {
  const parsed = v.safeParse(journalEntry, content === undefined ? undefined : parseJson(content));
  return parsed.success ? parsed.output : undefined;
}

/**
 * Whether no time in an entry is later than it can have been known.
 *
 * @param at when its version was made, by AWS's clock
 */
function couldBeWritten(entry: JournalEntry, at: Instant): boolean {
  const { restorable = [], history = [], paused } = entry;
  const all = [entry, ...restorable];
  const delivered = all.flatMap(({ newest, fallback }) => [newest ?? [], fallback ?? []].flat());
  const past = [...all.flatMap(pastOf), ...ownPastOf(entry)];
  const future = [
    ...all.flatMap(({ expiry }) => expiry.at),
    ...delivered.map(({ newExpiry }) => newExpiry),
    ...history.map(({ expiry }) => expiry),
  ];
  return (
    past.every(isBefore(at + CLOCKS)) &&
    future.every(isBefore(at + CLOCKS + MAX_LIFETIME_DAYS * DAY)) &&
    (paused === undefined || paused.until <= paused.at + MAX_PAUSE_DAYS * DAY + CLOCKS) &&
    delivered.every(({ oldExpiry, eventTime }) => oldExpiry <= eventTime + OVERLAP_DAYS * DAY + CLOCKS)
  );
}

/** What an entry says beside its knowledge of client secrets. */
function ownPastOf({
  writtenAt,
  postedAt,
  healedAt = [],
  previousHubs = [],
  finding,
  paused,
  heard,
  history = [],
}: JournalEntry): (Instant | undefined)[] {
  return [
    writtenAt,
    postedAt,
    finding?.since,
    paused?.at,
    heard?.at,
    ...history.flatMap(({ askedAt, deliveredAt, currentAt }) => [askedAt, deliveredAt, currentAt]),
    ...healedAt,
    ...previousHubs.map(({ until }) => until),
  ];
}

function isBefore(end: Instant): (time: Instant | undefined) => boolean {
  return (time) => time === undefined || time <= end;
}

type Knowledge = Pick<JournalEntry, keyof typeof knowledge>;

function pastOf({
  addedAt,
  rotation,
  newest,
  fallback,
  baseline,
  deliveries,
  expiry,
}: Knowledge): (Instant | undefined)[] {
  return [
    addedAt,
    ...(rotation === null ? [] : attemptsOf(rotation).flatMap(({ at, takenAt }) => [at, takenAt])),
    rotation?.refusedAt,
    newest?.eventTime,
    fallback?.eventTime,
    baseline.since,
    baseline.storedAt,
    ...deliveries.map(({ eventTime }) => eventTime),
    expiry.noticedAt,
  ];
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
    proven: [],
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
