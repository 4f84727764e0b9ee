import type { JournalEntry } from '../../lambda/core/journal/entry';
import { PutSecretValueCommand, type UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { digestOf } from '../../lambda/core/digest';
import { CLOCK_SKEW, DAY, type Instant } from '../../lambda/core/time';
import type { GroundTruth } from './ground-truth';
import type { Invocation } from './invocation';
import type { InvariantName } from './invariants';
import { stringIn, type SecretText, type World } from './world';

export type WriteCommand = PutSecretValueCommand | UpdateSecretVersionStageCommand;

/** The label that a write gives to a version. */
export function labelOf(command: WriteCommand): string {
  return (
    (command instanceof PutSecretValueCommand ? command.input.VersionStages?.[0] : command.input.VersionStage) ?? ''
  );
}

/** Checks the writes of one invocation, at the moment of each effect. */
export interface WriteCheck {
  before(): void;
  after(command: WriteCommand): void;
}

/** What must be so when the secret is written, and when something that may hold a client secret is deleted. */
export class WriteInvariants {
  private wasNewestStored = false;
  /** When functions put versions, in the last day. */
  private readonly putsAt: Instant[] = [];

  constructor(private readonly world: World) {}

  private get truth(): GroundTruth {
    return this.world.truth;
  }

  checkWritesOf(invocation: Invocation): WriteCheck {
    let current: SecretText;
    let versions = '';
    const { clientSecretField } = this.world.settings;
    return {
      before: () => {
        current = this.world.currentVersion();
        this.noteNewestIsStored();
        versions = this.valuesOf();
        if (invocation.readsOnly && !invocation.provesRights) {
          this.violate('looking-writes-nothing', `${invocation.name} writes`);
        }
      },
      after: (command) => {
        if (invocation.readsOnly && (this.valuesOf() !== versions || labelOf(command) === 'AWSCURRENT')) {
          this.violate('looking-writes-nothing', `${invocation.name} changes a value`);
        }
        if (command instanceof PutSecretValueCommand) {
          // The same value under the same id once more changes nothing.
          if (this.valuesOf() !== versions) {
            this.checkPut(invocation, command, current);
          }
        } else {
          this.checkMove(invocation, command, current, clientSecretField);
        }
        this.checkNothingLost(`${invocation.name} wrote`);
      },
    };
  }

  /** All versions, and which of them consumers and the journal's readers see. */
  private valuesOf(): string {
    return this.world.secretsManager
      .inspect(this.world.secretArn)
      .map(({ versionId, labels }) =>
        [versionId, ...labels.filter((label) => label !== 'SpApiRotationProbe')].join(' '),
      )
      .join();
  }

  /** Only what was there can be lost. */
  private noteNewestIsStored(): void {
    this.wasNewestStored = this.isNewestStored();
  }

  checkNothingLostBy(happened: string, act: () => void): void {
    this.noteNewestIsStored();
    act();
    this.checkNothingLost(happened);
  }

  /** Not by a function. What was written over before, while no function could do its work, is out of their reach. */
  checkNothingLostByOthers(happened: string, act: () => void): void {
    const isWithinReach = (this.world.hinderedSince() ?? Number.POSITIVE_INFINITY) >= this.truth.handWrittenAt;
    if (isWithinReach) {
      this.checkNothingLostBy(happened, act);
    } else {
      act();
    }
  }

  private checkNothingLost(happened: string): void {
    if (
      this.wasNewestStored &&
      !this.isNewestStored() &&
      !this.truth.isForgotten() &&
      !this.truth.isNewestForgotten()
    ) {
      const newest = this.truth.newestDelivered();
      this.violate(
        'nothing-lost',
        `${happened}, and ${this.world.nameOf(newest?.value)}, the newest delivered client secret, is nowhere any more`,
      );
    }
  }

  private violate(invariant: InvariantName, happened: string): void {
    this.world.invariants.violate(invariant, happened);
  }

  private checkPut({ name }: Invocation, command: PutSecretValueCommand, before: SecretText): void {
    const { world } = this;
    const [label, versionId] = [labelOf(command), command.input.ClientRequestToken ?? ''];
    world.log(
      () => `${name}: puts a version with ${label}, ${versionId.slice(0, 8)}${world.describeVersion(versionId)}`,
    );
    this.checkNumberOfPuts();
    if (label === 'SpApiRotationJournal') {
      const last = this.truth.lastEntry;
      this.truth.recordJournalEntry(world.textOf(versionId) ?? '', world.now());
      this.checkDateOfPerson(name, last, this.truth.lastEntry);
    }
    if (world.currentVersion().id !== before.id) {
      this.violate('only-by-compare-and-set', `${name} moved AWSCURRENT by a put`);
    }
  }

  private checkDateOfPerson(name: string, last: JournalEntry | undefined, next: JournalEntry | undefined): void {
    const wasAmazons = last?.expiry.source === 'new-secret' || last?.expiry.source === 'expiry-notice';
    if (wasAmazons && next?.expiry.source === 'person' && next.baseline.digest === last.baseline.digest) {
      this.violate('amazon-before-person', `${name} writes a person's date over that of Amazon`);
    }
  }

  private checkMove(
    invocation: Invocation,
    command: UpdateSecretVersionStageCommand,
    before: SecretText,
    field: string,
  ): void {
    const { world } = this;
    const [label, versionId] = [labelOf(command), command.input.MoveToVersionId ?? ''];
    world.log(
      () => `${invocation.name}: moves ${label} to ${versionId.slice(0, 8)}${world.describeVersion(versionId)}`,
    );
    if (label === 'SpApiRotationJournal') {
      this.truth.journalFoundAt = world.now();
    }
    const after = world.currentVersion();
    if (after.id !== before.id) {
      this.checkPromotion(invocation, before, after, field);
    }
  }

  private checkPromotion({ name }: Invocation, before: SecretText, after: SecretText, field: string): void {
    const { truth, world } = this;
    world.eventLog.count('promotions');
    world.recordCurrentSecret();
    truth.promotedAt = world.now();
    truth.isAnnounced = false;
    truth.untold.add(world.secretIn(after.text) ?? '');
    if (truth.isCurrentByHand) {
      // Reports of a heal come after it.
      truth.handChangedAt = world.now();
      truth.isCurrentByHand = false;
    }
    this.checkNewCurrentSecret(name, before, after, field);
    const previous = world.secretsManager.inspect(world.secretArn).find(({ labels }) => labels.includes('AWSPREVIOUS'));
    if (previous?.versionId !== before.id) {
      this.violate('previous-is-previous', `${name} promoted, and AWSPREVIOUS is not what was current`);
    }
    const [oldValue, newValue = ''] = [stringIn(before.text, field), stringIn(after.text, field)];
    if (oldValue === undefined || withValue(before.text, field, oldValue, newValue) !== after.text) {
      this.violate('edits-kept', `${name} turned ${String(before.text)} into ${String(after.text)}`);
    }
  }

  private checkNewCurrentSecret(name: string, before: SecretText, after: SecretText, field: string): void {
    const { truth, world } = this;
    const [oldValue, newValue] = [stringIn(before.text, field), stringIn(after.text, field)];
    const [old, fresh] = [truth.secret(oldValue), truth.secret(newValue)];
    if (fresh === undefined || world.now() < fresh.usableFrom || world.clientIn(after.text) !== truth.clientId) {
      this.violate('only-accepted', `${name} makes ${world.nameOf(newValue)} current, which LWA does not know`);
    } else if (old !== undefined && old.issuedAt - this.skewOf(old.value) > fresh.issuedAt) {
      this.violate('only-forward', `${name} replaces ${world.nameOf(oldValue)} by the older ${world.nameOf(newValue)}`);
    }
  }

  /** Two deliveries are dated by one clock, Amazon's; of what nobody delivered the hub knows no other date than that of its version. */
  private skewOf(value: string): number {
    const digest = digestOf(value);
    return this.truth.lastEntry?.deliveries.some((one) => one.digest === digest) === true ? 0 : CLOCK_SKEW;
  }

  private checkNumberOfPuts(): void {
    const now = this.world.now();
    this.putsAt.push(now);
    while ((this.putsAt[0] ?? now) < now - DAY) {
      this.putsAt.shift();
    }
    if (this.putsAt.length > 60) {
      this.violate('few-versions', `${this.putsAt.length} versions in a day`);
    }
  }

  private isNewestStored(): boolean {
    const { truth, world } = this;
    const newest = truth.newestDelivered();
    if (newest === undefined) {
      return true;
    }
    const current = world.currentSecret();
    return current === newest.value || truth.wasFollowedInUse(newest.value) || world.isStoredSomewhere(newest.value);
  }
}

/** The text with another value under a key, and nothing else changed. */
function withValue(text = '', key: string, old: string, value: string): string {
  const at = text.lastIndexOf(`"${key}"`) + key.length + 2;
  return text.slice(0, at) + text.slice(at).replace(old, value);
}
