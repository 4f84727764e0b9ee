import { OVERLAP_DAYS } from '../../lib/contract/amazon';
import { DAY, HOUR, type Instant } from '../../lambda/core/time';
import type { IssuedSecret } from '../fakes/amazon';
import type { World } from './world';

/** A consumer, which reads the secret every hour, always has a client secret that works. */
export class ConsumerInvariant {
  /** Since when neither the current client secret nor the one that the consumer read last works. */
  withoutSecretSince: Instant = Number.POSITIVE_INFINITY;

  constructor(private readonly world: World) {}

  check(): void {
    const { world } = this;
    const now = world.now();
    const wasWithout = this.withoutSecretSince <= now;
    if (world.truth.works(world.currentSecret()) || world.truth.works(world.secretOfConsumer())) {
      if (wasWithout) {
        world.eventLog.count(
          'hours without a working client secret',
          Math.round((now - this.withoutSecretSince) / HOUR),
        );
      }
      this.withoutSecretSince = Number.POSITIVE_INFINITY;
    } else if (!wasWithout) {
      this.withoutSecretSince = now;
      this.checkReason(now);
    }
  }

  private checkReason(now: Instant): void {
    const { world } = this;
    const reason = this.reason(now);
    world.log(() => `the consumer has no working client secret: ${reason ?? 'for no good reason'}`);
    if (reason === undefined) {
      world.invariants.violate('consumer-works', `${world.nameOf(world.currentSecret())} does not work`);
    } else {
      world.eventLog.count(`no working client secret: ${reason}`);
    }
  }

  /** The reasons that are outside anyone's power, or a person's doing. */
  private reason(now: Instant): string | undefined {
    const { world } = this;
    const { truth } = world;
    const current = truth.secret(world.currentSecret());
    if (current === undefined) {
      return 'a person stored what is no client secret';
    }
    const newest = truth.newestIssued();
    if (truth.handWrittenAt > now - 2 * DAY && truth.isNewer(newest.value, current.value)) {
      return 'a person wrote an old client secret back';
    }
    if (truth.isCurrentByHand && !truth.isRecorded(current.value) && truth.isNewer(newest.value, current.value)) {
      return 'a person stored an old client secret that no message brought, so that nobody knows when it ends';
    }
    if (truth.isForgotten() && truth.isNewer(newest.value, current.value)) {
      return 'a person wrote an old client secret back, and removed the journal before a sweep saw it';
    }
    const { journalRemovedAt } = truth;
    if (journalRemovedAt > Math.max(newest.issuedAt, truth.promotedAt) && truth.isNewer(newest.value, current.value)) {
      // With the text of before a change of fields, for instance.
      return 'an old client secret came back after a person had removed the journal, which knew it';
    }
    if (current.value === newest.value) {
      return now < current.usableFrom
        ? 'a person stored a client secret before LWA knew it'
        : this.whyNotRotated(current.expiresAt);
    }
    return this.reasonNotReplaced(current, now);
  }

  /** Why none of the client secrets that Amazon made after the current one has taken its place. */
  private reasonNotReplaced(current: IssuedSecret, now: Instant): string | undefined {
    const { world } = this;
    const { truth } = world;
    const secrets = world.amazon.secretsOf(truth.clientId);
    const later = secrets.slice(secrets.indexOf(current) + 1);
    const isStranded = ({ value }: IssuedSecret): boolean => truth.isStranded(value);
    if (later.some(isStranded) && later.every((one) => isStranded(one) || !truth.delivered.has(one.value))) {
      return 'its successor waits in the queue of a stack that a person removed';
    }
    const endedAtOnce = world.amazon.behaviour.secondRotationKillsOldSecret && later.length > 1;
    // What comes once the overlap is over comes too late.
    const endOfOverlap = Math.min(...later.map(({ issuedAt }) => issuedAt + OVERLAP_DAYS * DAY));
    const isInTime = ({ value }: IssuedSecret): boolean =>
      (truth.delivered.get(value) ?? Number.POSITIVE_INFINITY) < endOfOverlap - HOUR;
    if (!later.some((one) => isInTime(one) && truth.works(one.value))) {
      return this.reasonNotDelivered(current, { later, endedAtOnce, now });
    }
    if (endedAtOnce && later.every(({ issuedAt }) => now < issuedAt + OVERLAP_DAYS * DAY)) {
      return 'a second rotation ended the old client secret at once';
    }
    const hindered = world.hinderedSince();
    return hindered !== undefined && hindered < now - 5 * DAY
      ? 'hindered for longer than the overlap'
      : this.whyLeftToPerson();
  }

  private reasonNotDelivered(
    current: IssuedSecret,
    { later, endedAtOnce, now }: { later: readonly IssuedSecret[]; endedAtOnce: boolean; now: Instant },
  ): string | undefined {
    const { truth, parameters } = this.world;
    if (later.some(({ value }) => truth.unannounced.has(value))) {
      return 'rotated in the console, unannounced, and nobody stored the secret';
    }
    if (endedAtOnce) {
      return 'a second rotation ended the old client secret at once, and the message was under way';
    }
    if (later.some(({ issuedAt }) => now >= issuedAt + OVERLAP_DAYS * DAY - HOUR)) {
      return 'the message never came within the overlap';
    }
    if (now < current.issuedAt + 180 * DAY - HOUR) {
      return undefined;
    }
    if (parameters.isNotifyOnly) {
      return 'NOTIFY_ONLY, and a person rotated so late that it expired of age before the message of its successor came';
    }
    return truth.delivered.has(current.value)
      ? undefined
      : 'an imported client secret expired of age before the message of its successor came';
  }

  /** Why the newest client secret ended without a successor. */
  private whyNotRotated(expiresAt: Instant): string | undefined {
    const { parameters, truth } = this.world;
    if (parameters.isNotifyOnly) {
      return 'NOTIFY_ONLY, and nobody rotated';
    }
    const hindered = this.world.hinderedSince();
    if (hindered !== undefined && hindered < this.world.now() - 5 * DAY) {
      return 'hindered for longer than the overlap';
    }
    if (truth.lastNoticeAt < expiresAt - 8 * DAY && truth.delivered.size === 0) {
      return 'nobody could know how old the imported client secret was';
    }
    if (truth.handWrittenAt > expiresAt - 8 * DAY && !truth.delivered.has(this.world.currentSecret() ?? '')) {
      return 'an imported client secret was stored again in its last week, and the notices may be about what it replaced';
    }
    return this.whyLeftToPerson();
  }

  private whyLeftToPerson(): string | undefined {
    const { hub } = this.world;
    const { answer, lastKeptKind } = hub;
    const kind = answer?.kind ?? (lastKeptKind === 'order-unknown' ? lastKeptKind : undefined);
    if (kind !== undefined) {
      return `left to a person who did not act in time: ${kind}`;
    }
    if (hub.ownUnclaimedMessages().length > 0) {
      return 'left to a person who did not act in time: unclaimed';
    }
    const letters = hub.deadLetters.inspect();
    return letters.some(({ receiveCount }) => receiveCount >= 20)
      ? 'left to a person who did not act in time: dead letters'
      : undefined;
  }
}
