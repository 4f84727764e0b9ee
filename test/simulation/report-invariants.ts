import { OVERLAP_DAYS } from '../../lib/contract/amazon';
import { digestOf } from '../../lambda/core/digest';
import { attemptsOf } from '../../lambda/core/journal/entry';
import { CLOCK_SKEW, DAY, HOUR, SECOND, toIso, type Instant } from '../../lambda/core/time';
import type { IssuedSecret } from '../fakes/amazon';
import { TIMED_SKEW, type GroundTruth, type Post } from './ground-truth';
import type { Hub } from './hub';
import type { InvariantName } from './invariants';
import type { World } from './world';

/** After calm hours, the newest client secret is installed, or the hub has reported why it is not. */
export class ReportInvariants {
  /** When messages last lay with the dead letters or unclaimed, which alarms report. */
  private leftToPersonAt: Instant = Number.NEGATIVE_INFINITY;
  /** The last client secret that was counted as one whose end nobody could know. */
  private countedAsUnknowable: string | undefined;

  /** Since when a delivered client secret that works has stood by; infinity: none does. */
  private standsBySince: Instant = Number.POSITIVE_INFINITY;

  constructor(private readonly world: World) {}

  private get truth(): GroundTruth {
    return this.world.truth;
  }

  /** @param withoutSecretSince since when the consumer has had no client secret that works; infinity: it has one */
  check(hub: Hub, withoutSecretSince: Instant): void {
    if (hub.deadLetters.inspect().length + hub.ownUnclaimedMessages().length > 0) {
      this.leftToPersonAt = this.world.now();
    }
    const calm = this.world.faults.calmFor();
    this.noteStandingBy();
    if (calm > 8 * HOUR) {
      this.checkInstalled(hub);
    }
    if (calm > DAY) {
      this.checkStandsBy(hub);
      this.checkRequestsPublished(hub);
      this.checkStallReported(hub);
      this.checkRefusalReported(hub);
      this.checkExpiryShown(hub);
      this.checkDangerReported(hub, withoutSecretSince);
    }
  }

  private violate(invariant: InvariantName, happened: string): void {
    this.world.invariants.violate(invariant, happened);
  }

  /**
   * A report that the secret was overwritten: somebody did so lately, or it is so still, or the journal is lost that could tell, and
   * no run came so far yet as to report what it found then.
   */
  checkOverwritten(): void {
    const { truth, world } = this;
    const isLeft = truth.journalRemovedAt > truth.promotedAt && truth.lastEntry?.baseline.unreported === true;
    if (
      !truth.isCurrentByHand &&
      !isLeft &&
      Math.max(truth.handChangedAt, truth.journalRemovedAt) < world.now() - 3 * DAY
    ) {
      this.violate(
        'overwritten-is-overwritten',
        `${world.nameOf(world.currentSecret())} is current, and nobody wrote it`,
      );
    }
  }

  checkRotationId(versionId: string, rotationId: string | undefined): void {
    const { truth, world } = this;
    if (rotationId === undefined) {
      return;
    }
    const value = world.secretIn(world.textOf(versionId));
    const post = truth.posts.filter((one) => one.rotationId === rotationId).at(-1);
    const made = truth.posts.find(({ secret }) => secret !== undefined && secret === value);
    if (made !== undefined && (made.at <= truth.journalLostAt || truth.isDroppedAttempt(made))) {
      return;
    }
    if (post === undefined) {
      // A run that wrote the intent and ended before the POST may have made it, as far as the journal can tell.
      if (!truth.hasIntent(rotationId)) {
        this.violate('one-rotation-id', `${world.nameOf(value)} is announced with a rotation that nobody asked for`);
      }
    } else if (
      made === undefined ? this.isOfConsole(value, post) : made.at > post.at && made.at > truth.journalLostAt
    ) {
      this.violate('one-rotation-id', `${world.nameOf(value)} is announced with the rotation of ${toIso(post.at)}`);
    }
  }

  /** Made in the console so long before the POST that Amazon's clock tells. */
  private isOfConsole(value: string | undefined, { at, isTimed }: Post): boolean {
    const { issuedAt = at } = this.truth.secret(value) ?? {};
    return isTimed === true && issuedAt < at - TIMED_SKEW;
  }

  private noteStandingBy(): void {
    const { truth, world } = this;
    if (world.standingBy() === undefined) {
      this.standsBySince = Number.POSITIVE_INFINITY;
    } else if (this.standsBySince > world.now() || truth.promotedAt > this.standsBySince) {
      this.standsBySince = world.now();
    }
  }

  private checkStandsBy(hub: Hub): void {
    const { world } = this;
    if (
      hub.isScheduleEnabled &&
      hub.answeredAt > this.standsBySince + DAY &&
      hub.answer?.kind !== 'journal-unreadable'
    ) {
      this.violate(
        'never-stands-by',
        `${world.nameOf(world.standingBy())} has stood by since ${toIso(this.standsBySince)}, and the answer is ${hub.answer?.outcome ?? 'none'} ${hub.answer?.kind ?? ''}`,
      );
    }
  }

  private checkRequestsPublished(hub: Hub): void {
    const { truth } = this;
    const missing = truth.posts.find(
      ({ at, knownAt = Number.POSITIVE_INFINITY, rotationId = '' }) =>
        !truth.requested.has(rotationId) && hub.answeredAt > knownAt + DAY && truth.journalLostAt < at,
    );
    if (missing !== undefined && hub.isScheduleEnabled && hub.answer?.kind !== 'journal-unreadable') {
      this.violate('publishes-request', `the rotation of ${toIso(missing.at)} was never published as requested`);
    }
  }

  private checkInstalled(hub: Hub): void {
    const { truth, world } = this;
    const newest = truth.newestDelivered();
    const value = world.currentSecret();
    if (newest === undefined || value === newest.value || !this.shouldBeInstalled(newest, hub)) {
      return;
    }
    // What a copy alone got is looked for once a day.
    const wait = truth.isRecordedHere(newest.value) ? 8 * HOUR : 26 * HOUR;
    if (truth.isNewer(value, newest.value) || this.isReported(hub) || truth.handWrittenAt > world.now() - wait) {
      return;
    }
    if (truth.handWrittenAt <= newest.issuedAt) {
      this.violate(
        'installs',
        `${world.nameOf(newest.value)} was delivered and works; ${world.nameOf(value)} is current`,
      );
    } else if (world.hubs.every(({ reportedAt }) => reportedAt < this.overwrittenSince(value))) {
      // A person may have stored another on purpose; that is reported once.
      this.violate('heals-or-reports', `${world.nameOf(value)} was written over ${world.nameOf(newest.value)}`);
    }
  }

  /** What a person stores again that the journal knows already, it has reported already. */
  private overwrittenSince(value: string | undefined): Instant {
    const { handWrittenAt, lastEntry } = this.truth;
    const isKnown = value !== undefined && lastEntry?.baseline.digest === digestOf(value);
    return isKnown ? Math.min(handWrittenAt, lastEntry.baseline.since) : handWrittenAt;
  }

  /** Whether the functions have had time enough to make a delivered client secret current. */
  private shouldBeInstalled({ value, usableFrom }: IssuedSecret, hub: Hub): boolean {
    const now = this.world.now();
    const readyAt = Math.max(usableFrom, this.truth.delivered.get(value) ?? now) + 8 * HOUR;
    return hub.isStoreEnabled && hub.isScheduleEnabled && !this.truth.isStranded(value) && now > readyAt;
  }

  /** Whether an answer or an alarm asks for a person now. */
  private isReported(hub: Hub): boolean {
    const { answer } = hub;
    return (
      answer?.kind !== undefined ||
      hub.kindOfCopy !== undefined ||
      hub.deadLetters.inspect().length > 0 ||
      hub.ownUnclaimedMessages().length > 0 ||
      hub.oldestWaitingSince() < this.world.now() - HOUR
    );
  }

  private checkStallReported(hub: Hub): void {
    // Its intent is dated by the function's own clock.
    const skew = CLOCK_SKEW + Math.abs(this.world.parameters.clockSkewSeconds) * SECOND;
    const outstanding = this.truth.outstanding(TIMED_SKEW, skew).at(-1);
    // A forged message may have answered it, and been reported and set aside: then nothing outstanding is known, and nothing is.
    const isOver = outstanding?.secret === undefined && this.world.now() > (outstanding?.at ?? 0) + 8 * DAY;
    if (
      outstanding !== undefined &&
      !isOver &&
      this.world.now() > outstanding.at + 3 * HOUR &&
      hub.isScheduleEnabled &&
      hub.answeredAt > outstanding.at + 2 * HOUR &&
      this.world.hasAnsweredLately(hub) &&
      !this.isReported(hub) &&
      // By a run that began before the one whose answer is the last, and ended after it.
      hub.reportedAt < this.world.now() - 2 * HOUR &&
      this.truth.handWrittenAt < outstanding.at
    ) {
      this.violate(
        'reports-stall',
        `the rotation of ${toIso(outstanding.at)} brought nothing, and the answer is ${hub.answer?.outcome ?? 'none'}`,
      );
    }
  }

  private checkRefusalReported(hub: Hub): void {
    const refused = this.truth.posts
      .filter((post) => post.hub === hub.name && post.answer === 'refused' && !post.isOfAnother)
      .at(-1);
    if (refused !== undefined && hub.answeredAt > refused.at + 2 * HOUR && hub.reportedAt < refused.at) {
      this.violate('reports-refusal', `the rotation of ${toIso(refused.at)} was refused, and that was not reported`);
    }
  }

  private checkExpiryShown(hub: Hub): void {
    const { truth, world } = this;
    const current = truth.secret(world.currentSecret());
    const shown = hub.answer?.worksUntil;
    if (current === undefined || shown === undefined) {
      return;
    }
    const { replacedAt, expiresAt } = current;
    const isKnown =
      replacedAt === undefined
        ? this.mayKnowExpiry(current, hub)
        : this.mayKnowReplacement({ ...current, replacedAt }, hub);
    // That Amazon ended it before its overlap nobody can know: it is reported as rejected.
    const end = replacedAt === undefined ? expiresAt : replacedAt + OVERLAP_DAYS * DAY;
    // Of one that has ended long ago the day is of no use to anybody.
    if (isKnown && Date.parse(shown) > end + DAY && Date.parse(shown) > world.now()) {
      this.violate('shows-expiry', `${world.nameOf(current.value)} works until ${toIso(end)}, and ${shown} is shown`);
    }
  }

  /** Whether the journal has the POST that replaced the current client secret, or what was delivered for it. */
  private mayKnowReplacement(
    { value, replacedAt }: IssuedSecret & { readonly replacedAt: Instant },
    hub: Hub,
  ): boolean {
    const { truth } = this;
    const post = truth.posts.find(({ secret }) => truth.secret(secret)?.issuedAt === replacedAt);
    const { rotation = null, newest = null, fallback, superseded = [] } = truth.lastEntry ?? {};
    // What somebody wrote over the fallback is older than the newest's predecessor.
    const isOverwriting = fallback !== undefined && superseded.includes(digestOf(value));
    const isOutstanding = rotation !== null && attemptsOf(rotation).some(({ id }) => id === post?.rotationId);
    const isWaiting = newest?.announced === false && !isOverwriting && truth.isRecorded(post?.secret ?? '');
    return hub.askedAt > replacedAt + DAY && truth.journalLostAt < replacedAt && (isOutstanding || isWaiting);
  }

  /** Whether the hub took the delivery of the current client secret, and has answered since. */
  private mayKnowExpiry({ value, replacedAt }: IssuedSecret, hub: Hub): boolean {
    const { truth } = this;
    const since = Math.max(truth.promotedAt, truth.handWrittenAt);
    return (
      replacedAt === undefined &&
      truth.isRecordedHere(value) &&
      truth.journalLostAt < (truth.delivered.get(value) ?? 0) &&
      hub.answeredAt > since
    );
  }

  private checkDangerReported(hub: Hub, withoutSecretSince: Instant): void {
    const { truth, world } = this;
    const value = world.currentSecret();
    const hasAnswered = hub.isScheduleEnabled && hub.answeredAt >= withoutSecretSince + DAY;
    // Just requested with another one that works: what comes of it is for the next sweep.
    const isRequested = hub.answer?.outcome === 'requested' && world.now() < hub.answeredAt + 2 * HOUR;
    if (truth.works(value) || !hasAnswered || isRequested || this.isReported(hub)) {
      return;
    }
    if (value !== undefined && this.isEndUnknowable(value)) {
      this.countUnknowable(value);
    } else {
      this.violate(
        'reports-danger',
        `${world.nameOf(value)} does not work, and the answer is ${hub.answer?.outcome ?? 'none'}`,
      );
    }
  }

  private countUnknowable(value: string): void {
    if (this.countedAsUnknowable !== value) {
      this.countedAsUnknowable = value;
      this.world.eventLog.count(
        'danger that nobody could know of: expired, no notice or an ambiguous one or one that nobody took from a queue for weeks, and LWA still gives tokens',
      );
    }
  }

  /**
   * LWA still gives tokens for it, and no notice came of its expiry, or lay in a queue for people until it was gone, or was in a
   * journal that a person removed, or was made in the week after somebody stored it again and may be about what that replaced.
   */
  isEndUnknowable(value: string): boolean {
    const { truth, world } = this;
    return (
      world.amazon.behaviour.tokensForExpiredSecret &&
      !truth.delivered.has(value) &&
      (!truth.noticedExpiries.has(value) ||
        this.leftToPersonAt > truth.lastNoticeAt ||
        truth.journalRemovedAt > truth.lastNoticeAt ||
        truth.handWrittenAt > (truth.secret(value)?.expiresAt ?? 0) - 8 * DAY)
    );
  }
}
