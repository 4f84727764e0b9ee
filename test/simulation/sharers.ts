import type { ApplicationSettings } from '../../lib/contract/application-settings';
import { digestOf } from '../../lambda/core/digest';
import { firstEntry, formatEntry, parseEntry, type JournalEntry } from '../../lambda/core/journal/entry';
import { DAY, HOUR } from '../../lambda/core/time';
import { settingsOf, type World } from './world';
import type { WriteCommand } from './write-invariants';

/** Their ids come before and after the application's: by those all agree who of them acts. */
export const IDS = { tenant: 'A-tenant', copy: 'Z-copy' } as const;

/**
 * The other secrets of the hub with the application's client id. A copy holds the same client secret. A tenant knows the client
 * id only, may write nothing but their own secret, and writes whatever might help into it.
 */
export class Sharers {
  private readonly arns = new Map<string, string>();

  constructor(private readonly world: World) {
    for (const sharer of world.parameters.sharers) {
      this.arns.set(sharer, world.secretsManager.createSecret({ Name: sharer }).ARN ?? '');
    }
    if (this.arns.has('tenant')) {
      this.forgeAgain();
    }
  }

  settings(): ApplicationSettings[] {
    return this.world.parameters.sharers.map((sharer) => ({
      ...settingsOf(IDS[sharer], this.arns.get(sharer) ?? '', this.world.parameters),
      clientSecretField: 'clientSecret',
    }));
  }

  /** Somebody stores the first client secret, in the copy as well. */
  seed(text: string): void {
    this.put('copy', 'AWSCURRENT', text);
  }

  /** Whether a labelled version of the copy holds a client secret. */
  hasCopyOf(value: string): boolean {
    return this.versionsOf('copy').some(({ labels, text }) => labels.length > 0 && text?.includes(value));
  }

  /** A person stores the newest client secret in the copy too. */
  repair(): void {
    const { clientId } = this.world.truth;
    const clientSecret = this.world.truth.newestIssued().value;
    this.put('copy', 'AWSCURRENT', JSON.stringify({ clientId, clientSecret }));
  }

  /** A function wrote into another secret than the application's. */
  checkWritten({ input }: WriteCommand): void {
    const { world } = this;
    if (input.SecretId === this.arns.get('copy') && 'SecretString' in input) {
      // Its rotations are the application's too.
      world.truth.recordCopysEntry(parseEntry(input.SecretString), world.now());
    }
    if (input.SecretId !== this.arns.get('tenant') || !('SecretString' in input)) {
      return;
    }
    const { SecretString: text = '' } = input;
    const received = world.amazon
      .secretsOf(world.truth.clientId)
      .find(({ value }) => text.includes(value) || text.includes(digestOf(value)));
    if (received !== undefined) {
      world.invariants.violate(
        'proves-before-receiving',
        `the tenant got ${world.nameOf(received.value)}, or its digest`,
      );
    }
  }

  private forgeAgain(): void {
    const { world } = this;
    world.after(world.random.between(HOUR, 20 * DAY), () => {
      const { clientId } = world.truth;
      const clientSecret = `anything ${world.random.integer(0, 3)}`;
      this.put('tenant', 'AWSCURRENT', JSON.stringify({ clientId, clientSecret }));
      if (world.random.chance(0.7)) {
        this.put('tenant', 'SpApiRotationJournal', formatEntry(this.forgedEntry(clientSecret)));
      }
      if (world.random.chance(0.3)) {
        this.put('tenant', 'AWSPENDING', JSON.stringify({ clientId, clientSecret: 'anything else' }));
      }
      world.eventLog.count('tenant: forges');
      this.forgeAgain();
    });
  }

  /** It says that LWA accepted the pair, and at times that a rotation is under way or was just delivered. */
  private forgedEntry(clientSecret: string): JournalEntry {
    const { world } = this;
    const [now, digest] = [world.now(), digestOf(clientSecret)];
    const facts = {
      hub: world.hub.arn,
      clientId: world.truth.clientId,
      encryptionKey: '',
      now,
      digest,
      createdAt: now,
    };
    const own = parseEntry(
      this.versionsOf('tenant').find(({ labels }) => labels.includes('SpApiRotationJournal'))?.text,
    );
    return {
      ...firstEntry(facts),
      ...(world.random.chance(0.5) && own),
      clientId: world.truth.clientId,
      proven: [digest],
      ...(world.random.chance(0.5) && {
        postedAt: now,
        rotation: { id: 'forged', at: now, reason: 'schedule', outcome: 'open', refusals: 0 },
      }),
      nonce: `forged ${world.nonce()}`,
    };
  }

  private versionsOf(sharer: keyof typeof IDS): ReturnType<World['secretsManager']['inspect']> {
    const arn = this.arns.get(sharer);
    return arn === undefined ? [] : this.world.secretsManager.inspect(arn);
  }

  private put(sharer: keyof typeof IDS, label: string, text: string): void {
    const SecretId = this.arns.get(sharer);
    if (SecretId === undefined) {
      return;
    }
    try {
      this.world.secretsManager.putSecretValue({ SecretId, SecretString: text, VersionStages: [label] });
    } catch {
      this.world.log(() => `the ${sharer} cannot write the secret, because its key is disabled`);
    }
  }
}
