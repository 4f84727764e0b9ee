import type { QueueModel } from '../../local-cloud/services/queue-model';
import { HOUR, DAY, MINUTE, type Instant } from '../../lambda/core/time';
import type { FailureKind } from '../../lib/contract/failure-kind';
import type { Hub } from './hub';
import type { Act } from './scenario';
import type { World } from './world';

const KEYS = ['', 'key-1', 'key-2'] as const;

/** Operators: what they do of their own accord, and what they do when the hub asks for them. */
export class People {
  private edits = 0;
  private registered: Hub | undefined;
  private key: (typeof KEYS)[number] = '';
  private helpedAt: Instant = Number.NEGATIVE_INFINITY;

  constructor(private readonly world: World) {}

  /** Somebody stores a text in AWSCURRENT, as the console does. */
  write(text: string): void {
    const { world } = this;
    world.promises.beforeLoss();
    try {
      world.secretsManager.putSecretValue({ SecretId: world.secretArn, SecretString: text });
    } catch {
      world.say(() => 'a person cannot write the secret: its key');
      return;
    }
    world.truth.handWrittenAt = world.now();
    world.landed();
    world.trouble.note();
    world.stir(6 * HOUR);
    world.say(() => `a person stores a text in AWSCURRENT with ${world.nameOf(world.currentSecret())}`);
    world.promises.nothingLost('a person wrote into AWSCURRENT');
  }

  register(hub: Hub): void {
    this.world.say(() => `a person registers the queue of the ${hub.name} hub in the console`);
    this.registered = hub;
    this.world.amazon.register(this.world.truth.clientId, hub.arn);
    this.world.pump();
  }

  perform(act: Act): void {
    const { world } = this;
    world.chronicle.count(`act: ${act.kind}`);
    world.say(() => `act: ${act.kind}, ${act.hours.toFixed(1)} hours, way ${act.way}`);
    world.trouble.note();
    world.stir(8 * HOUR);
    this.acts[act.kind](act);
  }

  /** Somebody looks at the alarms now and then, and does what they ask for. */
  tick(): void {
    const { world } = this;
    const { personHours } = world.scenario;
    const { hub } = world;
    if (world.now() < this.helpedAt + Math.max(personHours, 6) * HOUR) {
      return;
    }
    const since = world.now() - personHours * HOUR;
    const isAsked = hub.answer?.kind !== undefined && hub.answeredSince < since;
    const waits = [...hub.deadLetters.inspect(), ...hub.unclaimedOfOurs()].some(({ sentAt }) => sentAt < since);
    if (isAsked || waits || hub.waitsSince() < since) {
      this.help();
    }
  }

  /** Does what the last answer asks for. */
  help(): void {
    const { world } = this;
    const { hub, truth } = world;
    const kind = hub.answer?.kind;
    this.helpedAt = world.now();
    world.chronicle.count(`help: ${kind ?? 'dead letters'}`);
    world.say(() => `a person helps: ${kind ?? 'dead letters'}`);
    world.trouble.note();
    world.stir(8 * HOUR);
    this.repairSurroundings();
    if (kind !== undefined) {
      this.helpWith(kind);
    }
    if (
      kind === undefined &&
      hub.keptKind === 'order-unknown' &&
      !truth.isNewer(world.currentSecret(), truth.newestDelivered()?.value)
    ) {
      // The log says that a person must decide which of two is right.
      this.storeNewest();
    }
    this.redrive(hub);
    if (hub.unclaimedOfOurs().length > 0) {
      this.redrive(hub, hub.unclaimed);
    }
    if (!truth.works(world.currentSecret()) && kind === undefined) {
      this.storeNewest();
    }
  }

  /** What deploying the stack again and a look into the console mend. */
  repairSurroundings(): void {
    const { world } = this;
    const { hub } = world;
    hub.hasPolicy = true;
    hub.isKeyGranted = true;
    hub.isStoreEnabled = true;
    hub.isScheduleEnabled = true;
    KEYS.forEach((key) => {
      world.secretsManager.makeKeyUsable(key);
    });
    if (world.secondHub.isDeployed) {
      world.secondHub.remove();
    }
    if (this.registered !== hub) {
      this.register(hub);
    }
    hub.poll(0);
  }

  private helpWith(kind: FailureKind): void {
    const { world } = this;
    switch (kind) {
      case 'wrong-credentials':
      case 'secret-expired':
      case 'rejected-by-lwa':
      case 'order-unknown':
      case 'not-json':
      case 'field-missing':
        this.storeNewest();
        return;
      case 'stalled':
        this.ask(true, true);
        return;
      case 'journal-unreadable':
        world.truth.journalLostAt = world.now();
        this.ask(true, true);
        return;
      case 'needs-person':
        if (world.scenario.isNotifyOnly) {
          this.rotateInConsole(1);
        } else {
          this.ask(true, true);
        }
        return;
      default:
        return;
    }
  }

  /** Copies the newest client secret from the console into the secret, making one where that is expired. */
  private storeNewest(): void {
    const { world } = this;
    const newest = world.truth.newestIssued();
    if (world.now() >= newest.expiresAt) {
      world.prepareRotation();
      world.amazon.rotateInConsole(world.truth.clientId);
      world.pump();
    }
    this.storeSecret(world.truth.newestIssued().value);
  }

  private storeSecret(value: string): void {
    const { world } = this;
    const { text } = world.currentVersion();
    const old = world.secretIn(text);
    const isSound = old !== undefined && world.clientIn(text) === world.truth.clientId;
    this.write(
      isSound && text !== undefined
        ? text.split(old).join(value)
        : JSON.stringify({ clientId: world.truth.clientId, clientSecret: value }),
    );
  }

  /** @param isHelp whether the person does what the answer asks for, too */
  private ask(force: boolean, isHelp = false): void {
    const { world } = this;
    const asked = world.hub.rotate(
      { action: 'rotate', application: world.settings.id, force, requestedBy: 'a person' },
      force ? 'force' : 'rotate',
    );
    if (isHelp) {
      void asked.then((answers) => {
        if (answers?.some(({ kind }) => kind === 'wrong-credentials' || kind === 'secret-expired') === true) {
          this.storeNewest();
        }
      });
    }
  }

  private rotateInConsole(hoursUntilStored: number): void {
    const { world } = this;
    const again = world.truth.newestIssued().issuedAt + 2 * MINUTE;
    if (world.now() < again) {
      // Nobody clicks, confirms and copies faster.
      world.timeline.at(again, () => {
        this.rotateInConsole(hoursUntilStored);
      });
      return;
    }
    world.prepareRotation();
    const secret = world.amazon.rotateInConsole(world.truth.clientId);
    world.chronicle.count('rotations in the console');
    world.say(
      () =>
        `a person rotates in the console: ${world.nameOf(secret.value)}${world.amazon.behaviour.consoleRotationNotifies ? '' : ', without a notification'}`,
    );
    world.pump();
    if (!world.amazon.behaviour.consoleRotationNotifies) {
      world.truth.unannounced.add(secret.value);
      world.after(hoursUntilStored * HOUR, () => {
        if (world.truth.newestIssued().value === secret.value && world.currentSecret() !== secret.value) {
          this.storeSecret(secret.value);
        }
      });
    }
  }

  /** What lies aside goes back into the queue, as new messages. */
  private redrive(hub: Hub, from: QueueModel = hub.deadLetters): void {
    const { world } = this;
    for (const message of from.receive({ max: 10, visibilitySeconds: 0 })) {
      hub.queue.send(message.body);
      from.delete(message.receiptHandle);
      world.chronicle.count('messages redriven');
    }
    hub.poll(1000);
  }

  private during(act: Act, begin: () => void, end: () => void): void {
    const { world } = this;
    begin();
    world.hinder(act.hours);
    world.after(act.hours * HOUR, () => {
      world.say(() => `the end of: ${act.kind}`);
      end();
      world.trouble.note();
      world.stir(8 * HOUR);
    });
  }

  private readonly acts: Readonly<Record<Act['kind'], (act: Act) => void>> = {
    'rotate-in-console': ({ hours }) => {
      this.rotateInConsole(hours);
    },
    'ask-to-rotate': () => {
      this.ask(false);
    },
    force: () => {
      this.ask(true);
    },
    look: ({ way }) => {
      const action = way % 2 === 0 ? 'status' : 'check';
      void this.world.hub.rotate({ action, application: undefined, force: false, requestedBy: undefined }, action);
    },
    redeploy: () => {
      this.world.hub.killAll('by a redeployment');
    },
    redrive: () => {
      this.redrive(this.world.hub);
    },
    'edit-json': ({ way }) => {
      const { world } = this;
      const { text } = world.currentVersion();
      this.edits += 1;
      const edit = this.edits;
      // The console's editor is open for a while between reading and writing.
      world.after(way * MINUTE, () => {
        if (text?.startsWith('{') === true) {
          this.write(`{"edit":${edit},${text.slice(1).replace(/^"edit":\d+,/, '')}`);
        }
      });
    },
    'write-old-secret-back': ({ way }) => {
      const { world } = this;
      const secrets = world.amazon.secretsOf(world.truth.clientId);
      const old = secrets[Math.max(0, secrets.length - 2 - (way % 3))];
      if (old !== undefined) {
        this.storeSecret(old.value);
      }
    },
    'seed-by-hand': () => {
      this.storeSecret(this.world.truth.newestIssued().value);
    },
    'store-nonsense': (act) => {
      const { world } = this;
      const { text } = world.currentVersion();
      this.during(
        { ...act, hours: Math.min(act.hours, 60) },
        () => {
          this.write(
            [
              'nonsense',
              '{}',
              '{"clientId":"x","clientSecret":"y"}',
              `{"clientId":"${world.truth.clientId}","clientSecret":"y"}`,
            ][act.way % 4] ?? '',
          );
        },
        () => {
          // Back to what was there, as people do it.
          if (text !== undefined && !world.truth.works(world.currentSecret())) {
            this.write(text);
          }
        },
      );
    },
    'change-key': (act) => {
      const { world } = this;
      const old = this.key;
      const next = KEYS[act.way % KEYS.length] ?? '';
      try {
        world.secretsManager.updateSecret({ SecretId: world.secretArn, KmsKeyId: next });
        this.key = next;
      } catch {
        return;
      }
      if (act.way > 5 && old !== next) {
        // The old key is retired some time later, and brought back when somebody misses it.
        world.after(act.hours * HOUR, () => {
          if (this.key !== old) {
            world.say(() => `the key "${old}" is disabled`);
            world.secretsManager.makeKeyUnusable(old);
            world.trouble.note();
            world.after(20 * DAY, () => {
              world.secretsManager.makeKeyUsable(old);
            });
          }
        });
      }
    },
    'break-policy': (act) => {
      const { hub } = this.world;
      this.during(
        act,
        () => (hub.hasPolicy = false),
        () => (hub.hasPolicy = true),
      );
    },
    'take-key-grant': (act) => {
      const { hub } = this.world;
      this.during(
        act,
        () => (hub.isKeyGranted = false),
        () => (hub.isKeyGranted = true),
      );
    },
    unregister: (act) => {
      const { world } = this;
      this.during(
        act,
        () => {
          this.registered = undefined;
          world.amazon.unregister(world.truth.clientId);
        },
        () => {
          this.register(world.hub);
        },
      );
    },
    'disable-store': (act) => {
      const { hub } = this.world;
      this.during(
        act,
        () => (hub.isStoreEnabled = false),
        () => {
          hub.isStoreEnabled = true;
          hub.poll(0);
        },
      );
    },
    'stop-schedule': (act) => {
      const { hub } = this.world;
      this.during(
        act,
        () => (hub.isScheduleEnabled = false),
        () => (hub.isScheduleEnabled = true),
      );
    },
    'second-hub': (act) => {
      const { world } = this;
      if (world.secondHub.isDeployed) {
        return;
      }
      this.during(
        act,
        () => {
          world.secondHub.deploy();
          if (act.way % 2 === 0) {
            this.register(world.secondHub);
          }
        },
        () => {
          world.secondHub.remove();
          this.register(world.hub);
        },
      );
    },
    stranger: () => {
      this.world.amazon.rotateStranger(this.world.hub.arn);
      this.world.pump();
    },
    'garbage-message': ({ way }) => {
      const { hub } = this.world;
      hub.queue.send(
        ['hello', '{"notificationType":"ORDER_CHANGE"}', 'cut off NEW_SECRET', '{"newClientSecret":17}'][way % 4] ?? '',
      );
      hub.poll(10);
    },
    'lose-delivery': () => {
      this.world.amazon.changeNextDelivery({ isLost: true });
    },
    'delay-delivery': ({ hours, way }) => {
      this.world.amazon.changeNextDelivery({ delay: hours * HOUR, copies: 1 + (way % 3) });
    },
    'odd-delivery': ({ way }) => {
      const bodies: ((body: string) => string)[] = [
        (body) => JSON.stringify({ Type: 'Notification', Message: body }),
        (body) => JSON.stringify({ 'detail-type': 'x', detail: JSON.parse(body) as object }),
        (body) => body.replace(/"newClientSecretExpiryTime":"[^"]*",?/, ''),
        (body) => body.replace(/"eventTime":"[^"]*",/, ''),
      ];
      const body = bodies[way % bodies.length];
      this.world.amazon.changeNextDelivery({ copies: 2, ...(body !== undefined && { body }) });
    },
    'remove-journal-label': () => {
      const { world } = this;
      const journal = world.secretsManager
        .inspect(world.secretArn)
        .find(({ labels }) => labels.includes('SpApiRotationJournal'));
      if (journal !== undefined) {
        world.truth.journalLostAt = world.now();
        world.secretsManager.updateSecretVersionStage({
          SecretId: world.secretArn,
          VersionStage: 'SpApiRotationJournal',
          RemoveFromVersionId: journal.versionId,
        });
      }
    },
  };
}
