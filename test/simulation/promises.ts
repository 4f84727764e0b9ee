import type { EventDetail } from '../../lib/contract/event';
import type { SecretsManagerModel } from '../../local-cloud/services/secrets-manager';
import { CLOCK_SKEW, DAY, HOUR, MINUTE, toIso, type Instant } from '../../lambda/core/time';
import type { Hub } from './hub';
import type { Invocation } from './invocation';
import type { SecretWatch } from './secret';
import type { Post, Truth } from './truth';
import type { World } from './world';

/** Every promise that is checked, by name. */
export const PROMISES = {
  'nothing-lost':
    'the newest delivered client secret is in a queue, a dead-letter queue or a labelled version until a newer one is current',
  'only-forward': 'a function moves AWSCURRENT only to a newer client secret than the one it replaces',
  'only-accepted': 'a function moves AWSCURRENT only to a client secret that LWA knows, of the same client id',
  'only-by-compare-and-set': 'no put of a function moves AWSCURRENT',
  'previous-is-previous': 'AWSPREVIOUS is what was current before',
  'edits-kept': 'a promotion changes the one value, and nothing else of the text',
  'one-a-minute': 'at most one POST for an application in a minute, whoever asks',
  'never-twice':
    'no POST while one is in flight, none by itself or by mere asking inside the overlap or beside the ladder',
  'never-early': 'no automatic POST before a rotation is due, none on the first day without a notice',
  'no-post-unprepared': "no POST after the run saw that the queue's policy does not let Amazon in, or did not look",
  'notify-only': 'no POST in the mode NOTIFY_ONLY',
  'looking-writes-nothing': 'status and check write nothing',
  'leaks-nothing': 'no log line, event or answer contains a secret or a token',
  'few-versions': 'at most 60 versions a day',
  installs: 'after eight calm hours the newest delivered client secret that LWA knows is current, or a person was told',
  'tells-stall': 'after a calm day, a rotation whose secret did not come has been reported',
  'tells-refusal': 'after a calm day, a rotation that Amazon refused has been reported',
  'tells-expiry': 'after a calm day, the expiry shown of a delivered client secret is not later than the true one',
  'tells-truth': 'a version of which consumers are told that it is current is or was so',
  'tells-danger': 'after a calm day with a current client secret that does not work, a person has been told',
  'heals-or-tells': 'what a person wrote over a newer client secret was healed or reported after eight calm hours',
  'consumer-works': 'a consumer is without a working client secret only for a known, counted reason',
  'healthy-again': 'after the faults stop, and a person did what was asked for, all is well again',
  'no-defect': 'nothing but failed calls, refused requests and kills ends a run',
} as const;

export type Promised = keyof typeof PROMISES;

const LADDER = [72 * HOUR, 120 * HOUR];

/** Checks the promises after each step. */
export class Promises {
  private newestPlace: 'somewhere' | 'nowhere' = 'nowhere';
  private readonly writes: Instant[] = [];
  private outageSince: Instant | undefined;
  /** When there last were dead letters, of which an alarm tells. */
  private deadLettersAt: Instant = Number.NEGATIVE_INFINITY;
  /** The client secret whose unknowable end was counted last. */
  private uncounted: string | undefined;

  constructor(private readonly world: World) {}

  private get truth(): Truth {
    return this.world.truth;
  }

  private get model(): SecretsManagerModel {
    return this.world.secretsManager;
  }

  violate(promise: Promised, happened: string): void {
    this.world.chronicle.violate(promise, happened);
  }

  /** Watches the writes of one invocation. */
  watch(invocation: Invocation): SecretWatch {
    let before: { readonly id: string | undefined; readonly text: string | undefined };
    return {
      beforeWrite: () => {
        before = this.world.currentVersion();
        this.beforeLoss();
        if (invocation.readsOnly) {
          this.violate('looking-writes-nothing', `${invocation.name} writes`);
        }
      },
      afterWrite: (what, label, versionId) => {
        this.wrote(invocation, what, label, versionId, before);
      },
    };
  }

  /** To be called before what could lose a client secret: only what was there can be lost. */
  beforeLoss(): void {
    this.newestPlace = this.isNewestSafe() ? 'somewhere' : 'nowhere';
  }

  nothingLost(happened: string): void {
    if (this.newestPlace === 'somewhere' && !this.isNewestSafe()) {
      const newest = this.truth.newestDelivered();
      this.violate(
        'nothing-lost',
        `${happened}, and ${this.world.nameOf(newest?.value)}, the newest delivered client secret, is nowhere any more`,
      );
    }
  }

  /** A function begins a POST. */
  mayPost(hub: Hub, invocation: Invocation, post: Post): void {
    const { truth, world } = this;
    const { at } = post;
    const last = truth.posts.at(-1);
    if (last !== undefined && at - last.at < MINUTE) {
      this.violate('one-a-minute', `the POST before was ${(at - last.at) / 1000} s ago`);
    }
    if (world.scenario.isNotifyOnly) {
      this.violate('notify-only', `${invocation.name} rotates`);
    }
    if (invocation.sawPolicy !== true) {
      this.violate('no-post-unprepared', `${invocation.name} rotates and saw ${String(invocation.sawPolicy)}`);
    }
    const outstanding = truth.outstanding();
    // A function that was killed between intent and POST leaves a rotation that may have happened.
    const asksAgain =
      invocation.automatic && at >= (truth.firstIntentAt() ?? Number.POSITIVE_INFINITY) + (LADDER[0] ?? 0) - MINUTE;
    if (outstanding.length > 0) {
      this.mayAskAgain(invocation, outstanding, at);
    } else if (!asksAgain) {
      if (!invocation.forced) {
        this.isOutsideOverlap(invocation, at);
      }
      if (invocation.automatic) {
        this.isDue(hub, invocation, at);
      }
    }
  }

  /** Consumers are told of a version. */
  tellsTruth({ versionId }: EventDetail): void {
    if (!this.truth.wereCurrent.has(versionId)) {
      this.violate('tells-truth', `consumers are told of version ${versionId}, which was never current`);
    }
  }

  leaksNothing(shown: object): void {
    const text = JSON.stringify(shown);
    if (text.includes('amzn1.oa2-cs') || text.includes('Atza|')) {
      this.violate('leaks-nothing', text);
    }
  }

  /** Every hour or so: whatever must be so by now. */
  tick(hub: Hub): void {
    this.consumer();
    if (hub.deadLetters.inspect().length > 0) {
      this.deadLettersAt = this.world.timeline.now();
    }
    const calm = this.world.trouble.calmFor();
    if (calm > 8 * HOUR) {
      this.isInstalled(hub);
    }
    if (calm > DAY) {
      this.isStallTold(hub);
      this.isRefusalTold(hub);
      this.isExpiryTold(hub);
      this.isDangerTold(hub);
    }
  }

  private wrote(
    invocation: Invocation,
    what: 'put' | 'move',
    label: string,
    versionId: string,
    before: { readonly id: string | undefined; readonly text: string | undefined },
  ): void {
    const { world } = this;
    const after = world.currentVersion();
    const now = world.timeline.now();
    world.chronicle.say(
      () =>
        `${invocation.name}: ${what === 'put' ? 'puts a version with' : 'moves'} ${label} ${what === 'put' ? '' : 'to'} ${versionId.slice(0, 8)}${world.describe(versionId)}`,
    );
    if (what === 'put') {
      this.countVersion(now);
      if (label === 'SpApiRotationJournal') {
        this.truth.journalWritten(world.textOf(versionId) ?? '', now);
      }
      if (after.id !== before.id) {
        this.violate('only-by-compare-and-set', `${invocation.name} moved AWSCURRENT by a put`);
      }
    } else if (after.id !== before.id) {
      this.promoted(invocation, before, after);
    }
    this.nothingLost(`${invocation.name} wrote`);
    if (label === 'AWSPENDING') {
      const { onStaged } = world;
      world.onStaged = undefined;
      onStaged?.();
    }
  }

  private promoted(
    invocation: Invocation,
    before: { readonly id: string | undefined; readonly text: string | undefined },
    after: { readonly id: string | undefined; readonly text: string | undefined },
  ): void {
    const { truth, world } = this;
    const [oldValue, newValue] = [world.secretIn(before.text), world.secretIn(after.text)];
    const [old, fresh] = [truth.secret(oldValue), truth.secret(newValue)];
    const now = world.timeline.now();
    world.chronicle.count('promotions');
    world.landed();
    truth.promotedAt = now;
    if (fresh === undefined || now < fresh.usableFrom || world.clientIn(after.text) !== truth.clientId) {
      this.violate(
        'only-accepted',
        `${invocation.name} makes ${world.nameOf(newValue)} current, which LWA does not know`,
      );
    } else if (old !== undefined && old.issuedAt - CLOCK_SKEW > fresh.issuedAt) {
      this.violate(
        'only-forward',
        `${invocation.name} replaces ${world.nameOf(oldValue)} by the older ${world.nameOf(newValue)}`,
      );
    }
    if (
      this.model.inspect(world.secretArn).find(({ labels }) => labels.includes('AWSPREVIOUS'))?.versionId !== before.id
    ) {
      this.violate('previous-is-previous', `${invocation.name} promoted, and AWSPREVIOUS is not what was current`);
    }
    if (oldValue === undefined || before.text?.split(oldValue).join(newValue ?? '') !== after.text) {
      this.violate('edits-kept', `${invocation.name} turned ${String(before.text)} into ${String(after.text)}`);
    }
  }

  private countVersion(now: Instant): void {
    this.writes.push(now);
    while ((this.writes[0] ?? now) < now - DAY) {
      this.writes.shift();
    }
    if (this.writes.length > 60) {
      this.violate('few-versions', `${this.writes.length} versions in a day`);
    }
  }

  private mayAskAgain(invocation: Invocation, outstanding: readonly Post[], at: Instant): void {
    const [first, last] = [outstanding[0], outstanding.at(-1)];
    if (first === undefined || last === undefined) {
      return;
    }
    const firstAt = Math.min(this.truth.firstIntentAt() ?? first.at, first.at);
    const since = (at - firstAt) / HOUR;
    if (at - last.at < HOUR - MINUTE) {
      this.violate('never-twice', `${invocation.name} rotates, and the last rotation is in flight`);
    } else if (!invocation.forced && !invocation.automatic) {
      this.violate('never-twice', `${invocation.name} rotates for a person beside the ladder`);
    } else if (invocation.automatic) {
      const wait = LADDER[outstanding.length - 1];
      const current = this.truth.secret(this.world.currentSecret());
      // A hub whose journal began later cannot know whether a notice is about the secret or the one before it.
      const confusable =
        current !== undefined && (this.truth.landed.get(current.value) ?? 0) < this.truth.journalLostAt
          ? this.world.amazon.secretsOf(this.truth.clientId).map(({ expiresAt }) => expiresAt)
          : [];
      const ends = [current?.expiresAt, current && current.issuedAt + 180 * DAY, ...confusable].map(
        (end) => (end ?? 0) - DAY,
      );
      if (wait === undefined) {
        this.violate('never-twice', `${invocation.name} rotates for the fourth time, ${since} hours after the first`);
      } else if (at < firstAt + wait - MINUTE && ends.every((end) => at < end - MINUTE)) {
        this.violate('never-twice', `${invocation.name} asks again ${since} hours after the first time`);
      }
    }
  }

  private isOutsideOverlap(invocation: Invocation, at: Instant): void {
    const { truth, world } = this;
    const recent = world.amazon.rotations.find(
      (rotation) =>
        rotation.clientId === truth.clientId &&
        rotation.at > at - 7 * DAY + CLOCK_SKEW &&
        truth.landed.has(rotation.clientSecret),
    );
    if (recent === undefined || truth.journalLostAt > recent.at) {
      return;
    }
    this.violate(
      'never-twice',
      `${invocation.name} rotates inside the overlap that began on ${toIso(recent.at)} (${recent.by}${truth.unannounced.has(recent.clientSecret) ? ', unannounced' : ''})`,
    );
  }

  private isDue(hub: Hub, invocation: Invocation, at: Instant): void {
    const { truth, world } = this;
    const current = truth.secret(world.currentSecret());
    if (current !== undefined && truth.journalLostAt < current.issuedAt) {
      const byAge = current.issuedAt + world.settings.rotateAfterDays * DAY;
      const byExpiry = Math.min(current.issuedAt + 150 * DAY, current.expiresAt - 90 * DAY);
      if (at < Math.min(byAge, byExpiry) - CLOCK_SKEW) {
        this.violate(
          'never-early',
          `${invocation.name} rotates ${world.nameOf(current.value)} of ${toIso(current.issuedAt)}`,
        );
      }
    }
    if (at < hub.addedAt + DAY - CLOCK_SKEW && truth.lastNoticeAt < hub.addedAt) {
      this.violate('never-early', `${invocation.name} rotates on the first day`);
    }
  }

  private isInstalled(hub: Hub): void {
    const { truth, world } = this;
    const newest = truth.newestDelivered();
    const now = world.timeline.now();
    const value = world.currentSecret();
    if (newest === undefined || value === newest.value || !hub.isStoreEnabled || !hub.isScheduleEnabled) {
      return;
    }
    if (truth.isStranded(newest.value)) {
      return;
    }
    const isReady = now > Math.max(newest.usableFrom, truth.delivered.get(newest.value) ?? now) + 8 * HOUR;
    if (!isReady || truth.isNewer(value, newest.value) || this.isTold(hub) || truth.handWrittenAt > now - 8 * HOUR) {
      return;
    }
    // A person may have stored another on purpose; that is told once.
    if (truth.handWrittenAt > newest.issuedAt) {
      if (hub.reportedAt < truth.handWrittenAt) {
        this.violate('heals-or-tells', `${world.nameOf(value)} was written over ${world.nameOf(newest.value)}`);
      }
      return;
    }
    this.violate(
      'installs',
      `${world.nameOf(newest.value)} was delivered and works; ${world.nameOf(value)} is current`,
    );
  }

  private isTold(hub: Hub): boolean {
    const { answer } = hub;
    return (
      answer?.kind !== undefined ||
      hub.deadLetters.inspect().length > 0 ||
      hub.unclaimedOfOurs().length > 0 ||
      hub.waitsSince() < this.world.now() - HOUR
    );
  }

  private isStallTold(hub: Hub): void {
    const outstanding = this.truth.outstanding().at(-1);
    const now = this.world.timeline.now();
    if (
      outstanding !== undefined &&
      now > outstanding.at + 3 * HOUR &&
      hub.isScheduleEnabled &&
      hub.answeredAt > outstanding.at + 2 * HOUR &&
      this.world.isLooked(hub) &&
      !this.isTold(hub) &&
      this.truth.handWrittenAt < outstanding.at
    ) {
      this.violate(
        'tells-stall',
        `the rotation of ${toIso(outstanding.at)} brought nothing, and the answer is ${hub.answer?.outcome ?? 'none'}`,
      );
    }
  }

  private isRefusalTold(hub: Hub): void {
    const refused = this.truth.posts.filter((post) => post.hub === hub.name && post.answer === 'refused').at(-1);
    if (refused !== undefined && hub.answeredAt > refused.at + 2 * HOUR && hub.reportedAt < refused.at) {
      this.violate('tells-refusal', `the rotation of ${toIso(refused.at)} was refused, and nobody was told`);
    }
  }

  private isExpiryTold(hub: Hub): void {
    const { truth, world } = this;
    const current = truth.secret(world.currentSecret());
    const shown = hub.answer?.secretExpiry;
    if (
      current === undefined ||
      shown === undefined ||
      current.replacedAt !== undefined ||
      !truth.isRecorded(current.value)
    ) {
      return;
    }
    const since = Math.max(truth.landed.get(current.value) ?? 0, truth.handWrittenAt);
    const mayKnow = truth.journalLostAt < since && hub.answeredAt > since;
    if (mayKnow && Date.parse(shown) > current.expiresAt + DAY && !this.isTold(hub)) {
      this.violate(
        'tells-expiry',
        `${world.nameOf(current.value)} expires on ${toIso(current.expiresAt)}, and ${shown} is shown`,
      );
    }
  }

  private isDangerTold(hub: Hub): void {
    const { truth, world } = this;
    const value = world.currentSecret();
    const since = this.outageSince ?? Number.POSITIVE_INFINITY;
    if (truth.works(value) || !hub.isScheduleEnabled || hub.answeredAt < since + DAY || this.isTold(hub)) {
      return;
    }
    const isUnknowable =
      world.amazon.behaviour.tokensForExpiredSecret &&
      value !== undefined &&
      !truth.delivered.has(value) &&
      (!truth.noticed.has(value) || this.deadLettersAt > truth.lastNoticeAt);
    if (isUnknowable) {
      // LWA still gives tokens for it, and no notice came of its expiry, or lay among the dead letters until it was gone.
      if (this.uncounted !== value) {
        this.uncounted = value;
        world.chronicle.count(
          'danger that nothing could tell any more: expired, no notice or a dead letter of weeks ago, and LWA still gives tokens',
        );
      }
      return;
    }
    this.violate(
      'tells-danger',
      `${world.nameOf(value)} does not work, and the answer is ${hub.answer?.outcome ?? 'none'}`,
    );
  }

  private consumer(): void {
    const { truth, world } = this;
    const now = world.timeline.now();
    const works = truth.works(world.currentSecret()) || truth.works(world.cachedSecret());
    if (works) {
      if (this.outageSince !== undefined) {
        world.chronicle.count('outage hours', Math.round((now - this.outageSince) / HOUR));
      }
      this.outageSince = undefined;
      return;
    }
    if (this.outageSince === undefined) {
      this.outageSince = now;
      const reason = this.reasonOfOutage(now);
      world.chronicle.say(() => `the consumer has no working client secret: ${reason ?? 'for no good reason'}`);
      if (reason === undefined) {
        this.violate('consumer-works', `${world.nameOf(world.currentSecret())} does not work`);
      } else {
        world.chronicle.count(`outage: ${reason}`);
      }
    }
  }

  /** The reasons that are outside anyone's power, or a person's doing. */
  private reasonOfOutage(now: Instant): string | undefined {
    const { truth, world } = this;
    const value = world.currentSecret();
    const current = truth.secret(value);
    const newest = truth.newestIssued();
    if (current === undefined) {
      return 'a person stored what is no client secret';
    }
    if (truth.handWrittenAt > now - 2 * DAY && truth.isNewer(newest.value, value)) {
      return 'a person wrote an old client secret back';
    }
    if (current.value === newest.value) {
      return now < current.usableFrom
        ? 'a person stored a client secret before LWA knew it'
        : world.whyNotRotated(current.expiresAt);
    }
    const secrets = world.amazon.secretsOf(truth.clientId);
    const later = secrets.slice(secrets.indexOf(current) + 1);
    if (later.every(({ value: one }) => truth.isStranded(one) || !truth.delivered.has(one))) {
      const stranded = later.some(({ value: one }) => truth.isStranded(one));
      if (stranded) {
        return 'its successor waits in the queue of a stack that a person removed';
      }
    }
    const endedAtOnce = world.amazon.behaviour.secondRotationKillsOldSecret && later.length > 1;
    if (!later.some(({ value: one }) => truth.delivered.has(one) && truth.works(one))) {
      if (later.some(({ value: one }) => truth.unannounced.has(one))) {
        return 'rotated in the console, unannounced, and nobody stored the secret';
      }
      if (endedAtOnce) {
        return 'a second rotation ended the old client secret at once, and the message was under way';
      }
      if (later.some(({ issuedAt }) => now >= issuedAt + 7 * DAY - HOUR)) {
        return 'the message never came within the overlap';
      }
      return !truth.delivered.has(current.value) && now >= current.issuedAt + 180 * DAY - HOUR
        ? 'an imported client secret expired of age before the message of its successor came'
        : undefined;
    }
    if (endedAtOnce && later.every(({ issuedAt }) => now < issuedAt + 7 * DAY)) {
      return 'a second rotation ended the old client secret at once';
    }
    const hindered = world.hinderedSince();
    return hindered !== undefined && hindered < now - 5 * DAY
      ? 'hindered for longer than the overlap'
      : world.whyLeftToPerson();
  }

  private isNewestSafe(): boolean {
    const { truth, world } = this;
    const newest = truth.newestDelivered();
    if (newest === undefined) {
      return true;
    }
    const current = world.currentSecret();
    return current === newest.value || truth.isNewer(current, newest.value) || world.isSomewhere(newest.value);
  }
}
