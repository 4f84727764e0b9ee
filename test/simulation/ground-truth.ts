import type { AmazonModel, IssuedSecret } from '../fakes/amazon';
import { digestOf } from '../../lambda/core/digest';
import { CLOCK_SKEW, MINUTE, SECOND, type Instant } from '../../lambda/core/time';
import { attemptsOf, isOutstanding, parseEntry, type JournalEntry } from '../../lambda/core/journal/entry';

/** One POST that a function began. */
export interface Post {
  readonly at: Instant;
  readonly hub: string;
  answer: 'unknown' | 'accepted' | 'refused' | 'ambiguous';
  /** The client secret that it made, whatever the caller learned. */
  secret: string | undefined;
  /** The rotation that it is for, as the intent in the journal says. */
  readonly rotationId: string | undefined;
  /** Asked for on behalf of another secret with the same client id. */
  readonly isOfAnother: boolean;
  /** When the journal first said that it was accepted or answered. */
  knownAt?: Instant;
  /** Whether the journal knows by Amazon's clock when it was taken. */
  isTimed?: true;
}

/** A delivery that was made so long before a timed POST is not its answer; without Amazon's time it may be. */
export const TIMED_SKEW = 62 * SECOND;

/** What really happened to an application. Nobody in the world knows all of it; the invariants are checked against it. */
export class GroundTruth {
  readonly posts: Post[] = [];
  /** Client secret → when a queue of ours took its message. */
  readonly delivered = new Map<string, Instant>();
  /** Client secrets of whose expiry a queue of ours took a notice. */
  readonly noticedExpiries = new Set<string>();
  /** Client secret → when it first was AWSCURRENT. */
  readonly firstCurrentAt = new Map<string, Instant>();
  /** Versions that have been AWSCURRENT. */
  readonly onceCurrent = new Set<string>();
  /** Client secrets that the console made without a notification. */
  readonly unannounced = new Set<string>();
  /** When a person removed the journal, or a function began another. */
  journalLostAt: Instant = Number.NEGATIVE_INFINITY;
  /** When a person last wrote into AWSCURRENT. */
  handWrittenAt: Instant = Number.NEGATIVE_INFINITY;
  /** When a person last changed the client secret that consumers read, and whether that is the current one. */
  handChangedAt: Instant = Number.NEGATIVE_INFINITY;
  isCurrentByHand = true;
  /** When a hub last wrote down a delivery. */
  recordedAt: Instant = Number.NEGATIVE_INFINITY;
  /** When somebody removed the journal that there was. */
  journalRemovedAt: Instant = Number.NEGATIVE_INFINITY;
  /** When a run last gave the journal its label back. Without it no sibling sees the journal. */
  journalFoundAt: Instant = Number.NEGATIVE_INFINITY;
  /** Hub → since when it has looked after the application. */
  readonly adoptedAt = new Map<string, Instant>();
  /** Rotations whose event that they were requested was published. */
  readonly requested = new Set<string>();
  /** When a function last moved AWSCURRENT, and whether what is in it was announced to consumers since. */
  promotedAt: Instant = Number.NEGATIVE_INFINITY;
  isAnnounced = true;
  /** Client secrets that a function made current and that were not announced to consumers since. */
  readonly untold = new Set<string>();
  /** Until when a person wants no rotation by the schedule, as the last answer says. */
  pausedUntil: Instant = Number.NEGATIVE_INFINITY;
  lastNoticeAt: Instant = Number.NEGATIVE_INFINITY;
  /** Intents written, each followed by a POST unless the function was killed. */
  private readonly intents: { readonly id: string; readonly at: Instant }[] = [];
  /** A person stored a client secret that nobody delivered, and the hub took it for the one that it waited for. */
  private answeredByHandAt: Instant = Number.NEGATIVE_INFINITY;
  lastEntry: JournalEntry | undefined;
  private lastEntryOfCopy: JournalEntry | undefined;
  /** When the journal of the copy began. */
  copyKnownSince: Instant = Number.NEGATIVE_INFINITY;
  private readonly receivers = new Map<string, Set<{ readonly isDeployed: boolean }>>();
  private readonly digests = new Map<string, string>();
  private readonly recorded = new Set<string>();
  /** By the application itself, and not by a copy of it alone. */
  private readonly recordedHere = new Set<string>();
  private readonly baselines = new Set<string>();

  constructor(
    private readonly amazon: AmazonModel,
    readonly clientId: string,
  ) {}

  /** What Amazon knows of a client secret. */
  secret(value: string | undefined): IssuedSecret | undefined {
    return value === undefined ? undefined : this.amazon.secretsOf(this.clientId).find((one) => one.value === value);
  }

  recordDelivery(value: string, hub: { readonly isDeployed: boolean }, now: Instant): void {
    if (!this.delivered.has(value)) {
      this.delivered.set(value, now);
    }
    this.receivers.set(value, (this.receivers.get(value) ?? new Set()).add(hub));
  }

  /** Whether all queues that took its message belong to stacks that were removed before they recorded it. */
  isStranded(value: string): boolean {
    const hubs = [...(this.receivers.get(value) ?? [])];
    return hubs.length > 0 && hubs.every(({ isDeployed }) => !isDeployed) && !this.isRecorded(value);
  }

  works(value: string | undefined): boolean {
    return value !== undefined && this.amazon.callSellingPartnerApi(this.clientId, value).works;
  }

  /** A function wrote a journal entry: the hub knows from now on what it says is newest. */
  recordJournalEntry(text: string, now: Instant): void {
    const entry = parseEntry(text);
    const before = this.lastEntry;
    this.lastEntry = entry;
    if (entry === undefined) {
      return;
    }
    if (entry.sequence === 0) {
      this.journalLostAt = now;
      this.journalRemovedAt = before === undefined ? this.journalRemovedAt : now;
    }
    if (before !== undefined && before.clientId !== entry.clientId && entry.newest === null) {
      // The secret had the client id of another application when the journal began.
      this.journalLostAt = now;
    }
    if (entry.hub !== before?.hub) {
      this.adoptedAt.set(entry.hub, now);
    }
    if (this.isAnsweredByHand(before, entry)) {
      this.answeredByHandAt = now;
    }
    this.baselines.add(entry.baseline.digest);
    this.recordedHere.add(entry.newest?.digest ?? '');
    this.recordKnownPosts(entry, now);
    this.recordWhatHubKnows(entry, now);
  }

  /** A function wrote the journal of a copy: what that knows, the hub knows. */
  recordCopysEntry(entry: JournalEntry | undefined, now: Instant): void {
    if (entry !== undefined) {
      // The last entry is also written once more, as a proof that it can be.
      const isBegun = entry.sequence === 0 && entry.nonce !== this.lastEntryOfCopy?.nonce;
      this.copyKnownSince = isBegun ? now : this.copyKnownSince;
      this.lastEntryOfCopy = entry;
      this.recordWhatHubKnows(entry, now);
    }
  }

  /** When the client secret expires and who said so, by each journal that counts for the client id. */
  knownExpiries(): readonly JournalEntry['expiry'][] {
    return [this.lastEntry, this.lastEntryOfCopy].flatMap((entry) => entry?.expiry ?? []);
  }

  /** A journal holds an earlier rotation for outstanding as well. */
  isAskedForAgain(): boolean {
    return [this.lastEntry, this.lastEntryOfCopy].some((entry) => entry?.rotation?.earlier !== undefined);
  }

  private recordWhatHubKnows({ newest, rotation }: JournalEntry, now: Instant): void {
    if (rotation?.outcome === 'open' && this.intents.at(-1)?.id !== rotation.id) {
      this.intents.push({ id: rotation.id, at: now });
    }
    if (newest !== null) {
      this.recordedAt = this.recorded.has(newest.digest) ? this.recordedAt : now;
      this.recorded.add(newest.digest);
    }
  }

  private recordKnownPosts({ newest, rotation }: JournalEntry, now: Instant): void {
    const post = this.posts.at(-1);
    const id = post?.rotationId;
    if (post === undefined || id === undefined) {
      return;
    }
    const isAccepted = rotation?.id === id && rotation.outcome === 'accepted';
    if (isAccepted && rotation.takenAt !== undefined) {
      post.isTimed = true;
    }
    // A forged message may seem to answer a POST with which Amazon rotated nothing.
    if (isAccepted || (newest?.rotationId === id && post.secret !== undefined)) {
      post.knownAt ??= now;
    }
  }

  /** The rotation whose intent was written last. */
  lastIntentId(): string | undefined {
    return this.intents.at(-1)?.id;
  }

  /** Whether LWA gives tokens for it. */
  isAcceptedByLogin(value: string | undefined, now: Instant): boolean {
    const secret = this.secret(value);
    const { tokensForExpiredSecret } = this.amazon.behaviour;
    return (
      secret !== undefined &&
      now >= secret.usableFrom &&
      (now < secret.expiresAt || (secret.replacedAt === undefined && tokensForExpiredSecret))
    );
  }

  /** Whether a rotation ended without a delivery, because of what a person stored since it was asked for. */
  private isAnsweredByHand(before: JournalEntry | undefined, entry: JournalEntry): boolean {
    const isDelivered = before?.newest?.digest !== entry.newest?.digest;
    return (
      before?.rotation != null && entry.rotation === null && !isDelivered && this.handWrittenAt >= before.rotation.at
    );
  }

  /** Whether a hub has written down that it was rightly current. */
  wasBaseline(value: string): boolean {
    return this.baselines.has(this.digest(value));
  }

  isRecorded(value: string): boolean {
    return this.recorded.has(this.digest(value));
  }

  isRecordedHere(value: string): boolean {
    return this.recordedHere.has(this.digest(value));
  }

  private digest(value: string): string {
    let digest = this.digests.get(value);
    if (digest === undefined) {
      digest = digestOf(value);
      this.digests.set(value, digest);
    }
    return digest;
  }

  newestIssued(): IssuedSecret {
    return this.amazon.currentSecretOf(this.clientId);
  }

  /** The newest client secret whose message a queue took. */
  newestDelivered(): IssuedSecret | undefined {
    const secrets = this.amazon.secretsOf(this.clientId);
    for (let index = secrets.length - 1; index >= 0; index--) {
      const secret = secrets[index];
      if (secret !== undefined && this.delivered.has(secret.value)) {
        return secret;
      }
    }
    return undefined;
  }

  /** POSTs that may have made a client secret which no hub has recorded. */
  outstanding(timedSkew: number = TIMED_SKEW, skew: number = CLOCK_SKEW): Post[] {
    return this.posts.filter(
      ({ answer, at, isTimed, rotationId }) =>
        answer !== 'refused' && this.isUnanswered(at, rotationId, isTimed === true ? timedSkew : skew),
    );
  }

  /** When the intent of the first outstanding rotation was written: a function that is killed between intent and POST must count it. */
  firstIntentAt(): Instant | undefined {
    return this.intents.find(
      ({ id, at }) => this.isUnanswered(at, id) && (!this.wasRefused(at) || this.isRemembered(id)),
    )?.at;
  }

  private wasRefused(at: Instant): boolean {
    return this.posts.some((post) => post.answer === 'refused' && Math.abs(post.at - at) < MINUTE);
  }

  /** So many attempts came after it that a journal remembers it no longer: that remembers the first attempt and the last four. */
  isDroppedAttempt(post: Post): boolean {
    return this.intents.filter(({ at }) => at > post.at && !this.wasRefused(at)).length >= 4;
  }

  hasIntent(rotationId: string): boolean {
    return this.intents.some(({ id }) => id === rotationId);
  }

  /** The journal holds it for outstanding. */
  private isRemembered(intentId: string | undefined): boolean {
    const rotation = this.lastEntry?.rotation ?? null;
    return isOutstanding(rotation) && attemptsOf(rotation).some(({ id }) => id === intentId);
  }

  private isUnanswered(at: Instant, intentId: string | undefined, skew: number = CLOCK_SKEW): boolean {
    if (at <= Math.max(this.journalLostAt, this.answeredByHandAt)) {
      return false;
    }
    const secrets = this.amazon.secretsOf(this.clientId);
    for (let index = secrets.length - 1; index >= 0; index--) {
      const secret = secrets[index];
      if (secret === undefined || secret.issuedAt < at - skew) {
        return true;
      }
      if (this.isRecorded(secret.value)) {
        return false;
      }
      // One that became current while the journal was unreadable is found there later, and taken for a person's. It may be gone
      // again before a sweep sees it.
      if (this.firstCurrentAt.has(secret.value)) {
        return this.isRemembered(intentId);
      }
    }
    return true;
  }

  /** A person stored another client secret over the current one, and removed the journal before a sweep saw it. */
  isForgotten(): boolean {
    return this.journalRemovedAt >= this.handWrittenAt && this.handWrittenAt > this.promotedAt;
  }

  /** It was current, and the journal knows of no such delivery, or forgot it: two writes of a person cost it like one that was imported. */
  isNewestForgotten(): boolean {
    const newest = this.newestDelivered();
    return (
      newest !== undefined &&
      this.firstCurrentAt.has(newest.value) &&
      this.lastEntry?.newest?.digest !== digestOf(newest.value)
    );
  }

  /** Whether a newer one has been current. What happened to that since is for those who wrote over it. */
  wasFollowedInUse(value: string): boolean {
    return [...this.firstCurrentAt.keys()].some((other) => this.isNewer(other, value));
  }

  isNewer(one: string | undefined, other: string | undefined): boolean {
    const [first, second] = [this.secret(one), this.secret(other)];
    return first !== undefined && second !== undefined && first.issuedAt > second.issuedAt;
  }
}
