import * as v from 'valibot';
import { SECRET_LIFETIME_DAYS } from '../../../lib/contract/amazon';
import type { RotationReason } from '../../../lib/contract/event';
import { FAILURE_KINDS, type FailureKind } from '../../../lib/contract/failure-kind';
import { CLOCK_SKEW, DAY, type Instant } from '../time';
import { parseJson } from '../json';
import type { Delivery, ExpiryNotice } from '../amazon/notification';

const instant = v.pipe(v.number(), v.finite());
const reason = v.picklist(['schedule', 'expiry', 'person', 'console'] satisfies RotationReason[]);

const rotation = v.looseObject({
  /** Identifies the rotation: version id of the entry that announced the latest POST. */
  id: v.string(),
  /** POSTs that may each have made a secret which has not come: 1 to 3; 0 when all were refused. */
  attempt: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3)),
  /** Times of the first and the latest of them. */
  firstAt: instant,
  at: instant,
  reason,
  by: v.optional(v.string()),
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
  /** Of the rotation that it answers; `console` when this hub asked for none. */
  reason,
  by: v.optional(v.string()),
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
  }),
  /** Digests of superseded client secrets, the last eight. */
  known: v.array(v.string()),
  /**
   * Event times of the last eight deliveries: what dates a client secret that became current before it was announced, and
   * tells which were made before the baseline.
   */
  seen: v.array(v.looseObject({ digest: v.string(), eventTime: instant })),
  /** When the baseline expires, and who said so. */
  expiry: v.looseObject({
    at: instant,
    source: v.picklist(['notification', 'notice', 'estimate']),
    /** When Amazon made the notice. */
    noticedAt: v.optional(instant),
  }),
};

const journalEntry = v.looseObject({
  v: v.literal(1),
  ...knowledge,
  /** ARN of the notification queue of the hub that looks after the secret. */
  hub: v.string(),
  /** The hub that did before. */
  formerHub: v.optional(v.string()),
  seq: v.number(),
  at: instant,
  nonce: v.string(),
  /** Key under which the entry was written. */
  key: v.string(),
  /** Time of the last POST, whatever came of it. */
  postedAt: v.optional(instant),
  /** What was known before a person stored something else: it holds again when they put it back. The last three. */
  former: v.optional(v.array(v.looseObject(knowledge))),
});

/** The journal: a full snapshot, written as a labelled version of the application's own secret. */
export type JournalEntry = Readonly<v.InferOutput<typeof journalEntry>>;
export type Rotation = Readonly<v.InferOutput<typeof rotation>>;
export type Newest = Readonly<v.InferOutput<typeof newest>>;
type Former = NonNullable<JournalEntry['former']>[number];

/** How many digests of each sort the journal keeps. */
const DIGEST_LIMIT = 8;

const FORMER_LIMIT = 3;

/** `undefined` when the text is no journal entry, or one of a later version of this package. */
export function parseEntry(text: string | undefined): JournalEntry | undefined {
  const parsed = v.safeParse(journalEntry, text === undefined ? undefined : parseJson(text));
  return parsed.success ? parsed.output : undefined;
}

export function formatEntry(entry: JournalEntry): string {
  return JSON.stringify(entry);
}

export interface FirstSight {
  readonly hub: string;
  readonly clientId: string;
  readonly key: string;
  readonly now: Instant;
  readonly digest: string;
  readonly since: Instant;
}

export function firstEntry(sight: FirstSight): JournalEntry {
  return {
    v: 1,
    hub: sight.hub,
    clientId: sight.clientId,
    addedAt: sight.now,
    seq: 0,
    at: sight.now,
    nonce: '',
    key: sight.key,
    rotation: null,
    newest: null,
    known: [],
    seen: [],
    ...seededBaseline(sight.digest, sight.since),
  };
}

function seededBaseline(digest: string, since: Instant): Pick<JournalEntry, 'baseline' | 'expiry'> {
  return {
    baseline: { digest, since },
    expiry: { at: since + SECRET_LIFETIME_DAYS * DAY, source: 'estimate' },
  };
}

/** A person seeded a client secret that nobody delivered. */
export function withSeededSecret(entry: JournalEntry, digest: string, since: Instant): JournalEntry {
  const { baseline, expiry } = seededBaseline(digest, since);
  // Stored after a rotation whose secret did not come, it is that secret, copied from the Developer Console. Asking again
  // would replace it.
  const answered = entry.rotation !== null && since >= entry.rotation.at;
  const former = entry.former?.find((one) => one.clientId === entry.clientId && one.baseline.digest === digest);
  return {
    ...entry,
    rotation: answered ? null : entry.rotation,
    // One that is put back is as old as it was. What it took the place of may be newer: hence its overlap all the same.
    baseline: { ...(former?.baseline ?? baseline), storedAt: since },
    expiry: former?.expiry ?? expiry,
    former: remembered(entry),
  };
}

/** The secret was given to another application: nothing of the one before holds, until it is given back. */
export function withOtherApplication(entry: JournalEntry, sight: FirstSight): JournalEntry {
  const former = entry.former?.find(({ clientId }) => clientId === sight.clientId);
  return { ...firstEntry(sight), ...former, former: remembered(entry) };
}

/** Of each client secret that a person replaced what was known last. */
function remembered({ former = [], ...entry }: JournalEntry): Former[] {
  const { clientId, addedAt, rotation, newest, baseline, known, seen, expiry } = entry;
  const others = former.filter((one) => one.clientId !== clientId || one.baseline.digest !== baseline.digest);
  return [{ clientId, addedAt, rotation, newest, baseline, known, seen, expiry }, ...others].slice(0, FORMER_LIMIT);
}

export function withHub(entry: JournalEntry, hub: string, now: Instant): JournalEntry {
  return { ...entry, hub, formerHub: entry.hub, addedAt: now };
}

export interface Intent {
  readonly id: string;
  readonly at: Instant;
  readonly reason: RotationReason;
  readonly by?: string;
}

/** Written before the POST. Attempts add up while their secrets are outstanding. */
export function withIntent(entry: JournalEntry, intent: Intent): JournalEntry {
  const outstanding = entry.rotation !== null && entry.rotation.attempt > 0 ? entry.rotation : undefined;
  return {
    ...entry,
    postedAt: intent.at,
    rotation: {
      ...intent,
      attempt: Math.min((outstanding?.attempt ?? 0) + 1, 3),
      firstAt: outstanding?.firstAt ?? intent.at,
      outcome: 'open',
      refusals: entry.rotation?.refusals ?? 0,
    },
  };
}

export function withAccepted(
  entry: JournalEntry,
  intentId: string,
  requestId: string | undefined,
): JournalEntry | undefined {
  return entry.rotation?.id === intentId
    ? { ...entry, rotation: { ...entry.rotation, outcome: 'accepted', refusals: 0, ...(requestId && { requestId }) } }
    : undefined;
}

/**
 * A refusal is no attempt: what was outstanding before the intent is so again.
 *
 * @param before the rotation as it was before the intent
 */
export function withRefusal(
  entry: JournalEntry,
  intentId: string,
  refusal: { readonly kind: FailureKind; readonly requestId?: string; readonly at: Instant },
  before: Rotation | null,
): JournalEntry | undefined {
  if (entry.rotation?.id !== intentId) {
    return undefined;
  }
  const base =
    before !== null && before.attempt > 0 ? before : { ...entry.rotation, attempt: 0, outcome: 'refused' as const };
  return {
    ...entry,
    rotation: {
      ...base,
      refusals: entry.rotation.refusals + 1,
      refusedAt: refusal.at,
      kind: refusal.kind,
      requestId: refusal.requestId,
    },
  };
}

/** A delivery is the newest. It closes the rotation that it answers, but not one that was asked for after it was made. */
export function withNewest(entry: JournalEntry, delivery: Delivery, stagedVersionId: string): JournalEntry {
  const asked = entry.rotation !== null && entry.rotation.attempt > 0 ? entry.rotation : undefined;
  return {
    ...withSeen(entry, delivery),
    rotation: stillOutstanding(entry.rotation, delivery),
    newest: {
      notificationId: delivery.notificationId,
      digest: delivery.digest,
      eventTime: delivery.eventTime,
      newExpiry: delivery.newExpiry,
      oldExpiry: delivery.oldExpiry,
      estimated: delivery.estimated,
      stagedVersionId,
      announced: false,
      reason: asked?.reason ?? 'console',
      ...(asked?.by !== undefined && { by: asked.by }),
    },
  };
}

function stillOutstanding(asked: Rotation | null, { eventTime }: Delivery): Rotation | null {
  if (asked === null || eventTime >= asked.at - CLOCK_SKEW) {
    return null;
  }
  // Where it answers an earlier attempt, the latest is the first of which nothing came.
  return asked.attempt > 1 && eventTime >= asked.firstAt - CLOCK_SKEW
    ? { ...asked, attempt: 1, firstAt: asked.at }
    : asked;
}

/** A delivery that is not the newest is about to become current. */
export function withSeen(entry: JournalEntry, delivery: Pick<Newest, 'digest' | 'eventTime'>): JournalEntry {
  const { digest, eventTime } = delivery;
  const others = entry.seen.filter((one) => one.digest !== digest);
  return { ...entry, seen: [...others, { digest, eventTime }].slice(-DIGEST_LIMIT) };
}

/**
 * A delivered client secret becomes the baseline; the one before is superseded, and so are all that were delivered earlier.
 * One that a person stored after the delivery was made may be later: it is superseded by nobody, and may come back.
 */
export function withBaseline(
  entry: JournalEntry,
  delivered: Pick<Newest, 'digest' | 'eventTime' | 'newExpiry' | 'estimated'>,
): JournalEntry {
  const earlier = entry.seen.filter(({ eventTime }) => eventTime < delivered.eventTime).map(({ digest }) => digest);
  const { digest, storedAt } = entry.baseline;
  const replaced = storedAt !== undefined && storedAt > delivered.eventTime ? [] : [digest];
  const known = new Set([...entry.known, ...replaced, ...earlier]);
  known.delete(delivered.digest);
  return {
    ...entry,
    baseline: { digest: delivered.digest, since: delivered.eventTime },
    known: [...known].slice(-DIGEST_LIMIT),
    expiry: { at: delivered.newExpiry, source: delivered.estimated ? 'estimate' : 'notification' },
  };
}

/** A delivered client secret never became current: the one that a person stored has replaced it. */
export function withOvertaken(entry: JournalEntry, digest: string): JournalEntry | undefined {
  const { known, newest } = entry;
  const waits = newest?.digest === digest && !newest.announced;
  return known.includes(digest) || (newest?.digest === digest && !waits)
    ? undefined
    : { ...entry, newest: waits ? null : newest, known: [...known, digest].slice(-DIGEST_LIMIT) };
}

/** What a person stored is no client secret any more, or never was: a delivered one may take its place. */
export function withSuperseded(entry: JournalEntry, digest: string): JournalEntry | undefined {
  return entry.known.includes(digest) || entry.newest?.digest === digest
    ? undefined
    : { ...entry, known: [...entry.known, digest].slice(-DIGEST_LIMIT) };
}

/** A delivered client secret is current and consumers were told. */
export function withAnnounced(
  entry: JournalEntry,
  delivered: Pick<Newest, 'digest' | 'eventTime' | 'newExpiry' | 'estimated'>,
): JournalEntry {
  const rebased = withBaseline(entry, delivered);
  return entry.newest?.digest === delivered.digest
    ? { ...rebased, newest: { ...entry.newest, announced: true } }
    : rebased;
}

/**
 * A notice tells the date, unless the notification of the client secret itself did. The latest notice does; of two that were
 * made at once the one with the earlier date, so that they do not take turns.
 */
export function withNotice(
  entry: JournalEntry,
  { expiry, eventTime }: Pick<ExpiryNotice, 'expiry' | 'eventTime'>,
): JournalEntry | undefined {
  const { at, source, noticedAt = Number.NEGATIVE_INFINITY } = entry.expiry;
  const isNews = expiry !== at && (eventTime > noticedAt || (eventTime === noticedAt && expiry < at));
  return source === 'notification' || (source === 'notice' && !isNews)
    ? undefined
    : { ...entry, expiry: { at: expiry, source: 'notice', noticedAt: eventTime } };
}
