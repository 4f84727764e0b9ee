import { OVERLAP_DAYS } from '../../lib/contract/amazon';
import { LABEL } from '../../lambda/core/ports';
import { CLOCK_SKEW, DAY, HOUR, MINUTE, SECOND, toIso, type Instant } from '../../lambda/core/time';
import type { RotationWindowSettings } from '../../lib/contract/application-settings';
import type { IssuedSecret } from '../fakes/amazon';
import type { GroundTruth, Post } from './ground-truth';
import type { Hub } from './hub';
import type { Invocation } from './invocation';
import type { InvariantName } from './invariants';
import type { World } from './world';

/** After how long without the new secret a function may ask for another rotation. */
const RETRY_LADDER = [72 * HOUR, 120 * HOUR];

/** How long a read of Secrets Manager may lag behind. */
const MAX_READ_LAG = 30 * SECOND;

/** What must be so when a function asks Amazon for a rotation. */
export class PostInvariants {
  constructor(private readonly world: World) {}

  private get truth(): GroundTruth {
    return this.world.truth;
  }

  /** A function begins a POST. */
  check(hub: Hub, invocation: Invocation, post: Post): void {
    const { at, isOfAnother } = post;
    const isLabelGone = isOfAnother && !this.world.stateOfSecret().includes(LABEL.journal);
    if (isLabelGone || (invocation.wasDenied && this.world.parameters.sharers.includes('copy'))) {
      // What it had to know may stand in the journal of the one that it could not read.
      this.world.eventLog.count('a copy whose journal could not be read held nothing back');
      this.truth.journalLostAt = at;
      return;
    }
    this.checkIsAllowed(invocation, post);
    if (!isOfAnother) {
      this.checkFitsItsSecret(invocation);
      this.checkIsNeeded(invocation, at);
    }
    // Where both may be so, it is outstanding: never too soon.
    const outstanding = this.truth.outstanding(28 * SECOND);
    if (outstanding.length > 0) {
      this.checkRepeatedPost(invocation, outstanding, at);
    } else if (!this.isRetryOfUnsentPost(invocation, at)) {
      if (!invocation.isForced) {
        this.checkOverlap(invocation, at);
      }
      if (invocation.isAutomatic) {
        this.checkDue(hub, invocation, post);
        // What a journal holds for outstanding is asked for again all the same.
        if (!this.truth.isAskedForAgain()) {
          this.checkPause(invocation, post);
          this.checkWindow(invocation, at);
        }
      }
    }
  }

  private violate(invariant: InvariantName, happened: string): void {
    this.world.invariants.violate(invariant, happened);
  }

  /** What holds for every POST, whoever asked for it. */
  private checkIsAllowed(invocation: Invocation, { at, isOfAnother }: Post): void {
    const { truth, world } = this;
    const last = truth.posts.at(-1);
    // A person had removed the label of the journal that tells of it, and a read of a copy may not show yet that it is back.
    const isUnseen = isOfAnother && world.mayReadsLag() && truth.journalFoundAt > at - MINUTE;
    if (last !== undefined && at - last.at < MINUTE && !isUnseen) {
      this.violate('one-a-minute', `the POST before was ${(at - last.at) / 1000} s ago`);
    }
    if (world.parameters.isNotifyOnly) {
      this.violate('notify-only', `${invocation.name} rotates`);
    }
    if (invocation.sawPolicy !== true) {
      this.violate('no-post-unprepared', `${invocation.name} rotates and saw ${String(invocation.sawPolicy)}`);
    }
  }

  private checkFitsItsSecret(invocation: Invocation): void {
    const { world } = this;
    const hadManagedRotation = invocation.beganWithManagedRotation && world.hasManagedRotation;
    if (hadManagedRotation || invocation.sawOfSecret === 'managed rotation') {
      this.violate('no-post-beside-managed-rotation', `${invocation.name} rotates`);
    }
  }

  /** What a run could not yet know when it asked LWA does not count. */
  private checkIsNeeded({ name }: Invocation, at: Instant): void {
    const { truth, world } = this;
    const standing = world.standingBy();
    const usableFrom = truth.secret(standing)?.usableFrom ?? at;
    if (
      standing !== undefined &&
      standing === truth.newestDelivered()?.value &&
      Math.max(usableFrom, truth.handWrittenAt, truth.promotedAt) < at - 15 * MINUTE
    ) {
      this.violate(
        'no-needless-post',
        `${name} rotates, and ${world.nameOf(standing)} works and only has to be promoted`,
      );
    }
  }

  /** A function that was killed between intent and POST leaves a rotation that may have happened. */
  private isRetryOfUnsentPost({ isAutomatic }: Invocation, at: Instant): boolean {
    const intendedAt = this.truth.firstIntentAt() ?? Number.POSITIVE_INFINITY;
    return isAutomatic && at >= intendedAt + (RETRY_LADDER[0] ?? 0) - MINUTE;
  }

  /** A POST while the secrets of earlier ones have not come. */
  private checkRepeatedPost(invocation: Invocation, outstanding: readonly Post[], at: Instant): void {
    const [first, last] = [outstanding[0], outstanding.at(-1)];
    if (first === undefined || last === undefined) {
      return;
    }
    if (at - last.at < HOUR - MINUTE) {
      this.violate('never-twice', `${invocation.name} rotates, and the last rotation is in flight`);
    } else if (invocation.isAutomatic) {
      // What was asked for longer before the last than an overlap does not hasten the next.
      const earliest = last.at - OVERLAP_DAYS * DAY;
      const recent = outstanding.filter((one) => one.at > earliest).map((one) => one.at);
      const intent = this.truth.firstIntentAt() ?? Number.NEGATIVE_INFINITY;
      const firstAt = Math.min(...recent, ...(intent > earliest ? [intent] : []));
      this.checkRetryLadder(invocation, { firstAt, posts: recent.length, at });
    } else if (!invocation.isForced) {
      this.violate('never-twice', `${invocation.name} rotates for a person beside the ladder`);
    }
  }

  private checkRetryLadder(
    { name }: Invocation,
    { firstAt, posts, at }: { readonly firstAt: Instant; readonly posts: number; readonly at: Instant },
  ): void {
    const wait = RETRY_LADDER[posts - 1];
    const hours = (at - firstAt) / HOUR;
    if (wait === undefined) {
      this.violate('never-twice', `${name} rotates for the fourth time, ${hours} hours after the first`);
    } else if (at < firstAt + wait - MINUTE && this.possibleExpiries().every((end) => at < end - DAY - CLOCK_SKEW)) {
      this.violate('never-twice', `${name} asks again ${hours} hours after the first time`);
    }
  }

  /** When the current client secret may expire, as far as the hub can know: on its last day it may ask earlier. */
  private possibleExpiries(): readonly Instant[] {
    const { truth, world } = this;
    const current = truth.secret(world.currentSecret());
    if (current === undefined) {
      return [0];
    }
    // A hub whose journal began later cannot know whether a notice is about the secret or the one before it.
    const isConfusable = (truth.firstCurrentAt.get(current.value) ?? 0) < truth.journalLostAt;
    const all = isConfusable ? world.amazon.secretsOf(truth.clientId) : [];
    const told = truth.knownExpiries().filter(({ source }) => source === 'person');
    return [
      current.expiresAt,
      current.issuedAt + 180 * DAY,
      ...all.map(({ expiresAt }) => expiresAt),
      ...told.map(({ at }) => at),
    ];
  }

  private checkOverlap({ name }: Invocation, at: Instant): void {
    const { truth, world } = this;
    const recent = world.amazon.rotations.find(
      (rotation) =>
        rotation.clientId === truth.clientId &&
        rotation.at > at - 7 * DAY + CLOCK_SKEW &&
        truth.firstCurrentAt.has(rotation.clientSecret) &&
        (truth.isRecorded(rotation.clientSecret) || this.isBaselineOfPerson(rotation.clientSecret)),
    );
    if (recent !== undefined && truth.journalLostAt <= recent.at) {
      const how = truth.unannounced.has(recent.clientSecret) ? `${recent.by}, unannounced` : recent.by;
      this.violate('never-twice', `${name} rotates inside the overlap that began on ${toIso(recent.at)} (${how})`);
    }
  }

  /** Stored by a person and not written over since, so that the hub knows of its overlap. */
  private isBaselineOfPerson(value: string): boolean {
    const { truth, world } = this;
    return truth.wasBaseline(value) && !truth.isNewer(value, world.currentSecret());
  }

  private checkDue(hub: Hub, { name, startedAt }: Invocation, { at, isOfAnother }: Post): void {
    const { truth, world } = this;
    const current = truth.secret(world.currentSecret());
    // Which notices are about a client secret knows only who saw it come: a copy has a journal of its own.
    const knownSince = isOfAnother
      ? Math.max(truth.journalLostAt, truth.copyKnownSince, truth.journalFoundAt)
      : truth.journalLostAt;
    const isTold = truth.knownExpiries().some(({ source }) => source === 'person');
    // What a person stores while a run is under way, the run has not read. Nor what was stored just before it, where reads lag.
    const isSeen = truth.handWrittenAt < startedAt - (world.mayReadsLag() ? MAX_READ_LAG : 0);
    if (
      isSeen &&
      !isTold &&
      current !== undefined &&
      knownSince < current.issuedAt &&
      at < this.dueAt(current) - CLOCK_SKEW
    ) {
      this.violate('never-early', `${name} rotates ${world.nameOf(current.value)} of ${toIso(current.issuedAt)}`);
    }
    // A copy may know of it for longer.
    const adoptedAt = isOfAnother ? hub.addedAt : (truth.adoptedAt.get(hub.arn) ?? at);
    if (at < adoptedAt + DAY - CLOCK_SKEW && hub.processedAt < adoptedAt - CLOCK_SKEW) {
      this.violate('never-early', `${name} rotates on the first day by what another hub knew`);
    }
    if (at < hub.addedAt + DAY - CLOCK_SKEW && truth.lastNoticeAt < hub.addedAt) {
      this.violate('never-early', `${name} rotates on the first day`);
    }
  }

  /** A pause ends before the expiry that a journal knows. */
  private checkPause({ name }: Invocation, { at, isOfAnother }: Post): void {
    const { journalFoundAt, lastEntry, pausedUntil } = this.truth;
    // With its journal, or that of the other client id, a pause is lost. A copy may look for it before it is found again.
    const end = lastEntry?.paused && Math.min(pausedUntil, this.firstKnownExpiry() - 21 * DAY);
    const isUnseen = isOfAnother && journalFoundAt > at - MINUTE;
    if (end !== undefined && at < end - CLOCK_SKEW && !isUnseen) {
      this.violate('paused-is-paused', `${name} rotates, and a person paused it until ${toIso(end)}`);
    }
  }

  /** A function may stand still between its decision and the POST. */
  private checkWindow({ name, startedAt }: Invocation, at: Instant): void {
    const { settings, parameters } = this.world;
    const { rotationWindow } = settings;
    const isNear = this.firstKnownExpiry() - 14 * DAY <= at + CLOCK_SKEW;
    const skew = parameters.clockSkewSeconds * SECOND;
    const times = Array.from({ length: 1 + Math.ceil((at - startedAt) / MINUTE) }, (_, minute) => at - minute * MINUTE);
    if (rotationWindow !== undefined && !isNear && !times.some((time) => isWithin(rotationWindow, time + skew))) {
      this.violate('inside-window', `${name} rotates outside the window`);
    }
  }

  /** A copy may hold another client secret, with a journal of its own, and ask for the rotation of both. */
  private firstKnownExpiry(): Instant {
    return Math.min(...this.truth.knownExpiries().map(({ at }) => at));
  }

  private dueAt({ issuedAt, expiresAt }: IssuedSecret): Instant {
    const byAge = issuedAt + this.world.settings.rotateAfterDays * DAY;
    return Math.min(byAge, issuedAt + 150 * DAY, expiresAt - 90 * DAY);
  }
}

/** By the words of the local time, not as the core reckons. */
function isWithin({ days, from, to, timeZone }: RotationWindowSettings, at: Instant): boolean {
  const words = new Date(at).toLocaleString('sv-SE', { timeZone });
  const day = new Date(`${words.slice(0, 10)}T00:00:00Z`).getUTCDay() || 7;
  const minute = Number(words.slice(11, 13)) * 60 + Number(words.slice(14, 16));
  const opened = from < to || minute >= from ? day : ((day + 5) % 7) + 1;
  return days.includes(opened) && (from < to ? minute >= from && minute < to : minute >= from || minute < to);
}
