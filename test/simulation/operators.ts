import type { QueueModel } from 'local-cloud/models';
import { HOUR, DAY, MINUTE, type Instant } from '../../lambda/core/time';
import type { FailureKind } from '../../lib/contract/failure-kind';
import type { Hub } from './hub';
import type { OperatorAction } from './world-parameters';
import type { World } from './world';

/** Failures after which a person stores the newest client secret, and those after which a person forces a rotation. */
const STORE_NEWEST: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'wrong-credentials',
  'secret-expired',
  'rejected-by-lwa',
  'order-unknown',
  'not-json',
  'field-missing',
]);
const FORCE: ReadonlySet<FailureKind> = new Set<FailureKind>(['stalled', 'journal-unreadable', 'needs-person']);

const KEYS = ['', 'key-1', 'key-2'] as const;

/** What operators do of their own accord, and what they do when the hub asks for a person. */
export class Operators {
  private edits = 0;
  private hasReplica = false;
  private registered: Hub | undefined;
  private key: (typeof KEYS)[number] = '';
  private lastHelpAt: Instant = Number.NEGATIVE_INFINITY;

  /** The bodies of dead letters that a person has sent to the queue again. */
  private readonly redriven = new Set<string>();

  constructor(private readonly world: World) {}

  /** Stores a text in AWSCURRENT, as the console does. */
  storeText(text: string): void {
    const { world } = this;
    world.invariants.checkNothingLostBy('a person wrote into AWSCURRENT', () => {
      try {
        world.secretsManager.putSecretValue({ SecretId: world.secretArn, SecretString: text });
      } catch {
        world.log(() => 'a person cannot write the secret, because its key is disabled');
        return;
      }
      world.truth.handWrittenAt = world.now();
      world.recordCurrentSecret();
      world.faults.noteDisturbance();
      world.sweepHourlyFor(6 * HOUR);
      world.log(() => `a person stores a text in AWSCURRENT with ${world.nameOf(world.currentSecret())}`);
    });
  }

  register(hub: Hub): void {
    this.world.log(() => `a person registers the queue of the ${hub.name} hub in the console`);
    this.registered = hub;
    this.world.amazon.register(this.world.truth.clientId, hub.arn);
    this.world.deliverDueMessages();
  }

  perform(action: OperatorAction): void {
    const { world } = this;
    const { kind, hours, variant } = action;
    world.eventLog.count(`operator: ${kind}`);
    world.log(() => `operator: ${kind}, ${hours.toFixed(1)} hours, variant ${variant}`);
    world.faults.noteDisturbance();
    world.sweepHourlyFor(8 * HOUR);
    this.handlers[kind](action);
  }

  /** A person looks at the alarms now and then, and does what they ask for. */
  checkAlarms(): void {
    const { world } = this;
    const { operatorHours } = world.parameters;
    const { hub } = world;
    if (world.now() < this.lastHelpAt + Math.max(operatorHours, 6) * HOUR) {
      return;
    }
    const since = world.now() - operatorHours * HOUR;
    const isAsked = hub.answer?.kind !== undefined && hub.answeredSince < since;
    const waits = [...hub.deadLetters.inspect(), ...hub.ownUnclaimedMessages()].some(({ sentAt }) => sentAt < since);
    if (isAsked || waits || hub.oldestWaitingSince() < since) {
      this.help();
    }
  }

  /** Does what the last answer and the alarms ask for. */
  help(): void {
    const { world } = this;
    const { hub, truth } = world;
    const kind = hub.answer?.kind;
    this.lastHelpAt = world.now();
    world.eventLog.count(`help: ${kind ?? 'dead letters'}`);
    world.log(() => `a person helps: ${kind ?? 'dead letters'}`);
    world.faults.noteDisturbance();
    world.sweepHourlyFor(8 * HOUR);
    this.repairDeployment();
    if (kind !== undefined) {
      this.followAdvice(kind);
    } else if (this.mustDecideOrder()) {
      this.storeNewest();
    }
    this.redrive(hub);
    if (hub.ownUnclaimedMessages().length > 0) {
      this.redrive(hub, hub.unclaimed);
    }
    if (!truth.works(world.currentSecret()) && kind === undefined) {
      this.storeNewest();
    }
  }

  /** What a new deployment of the stack and a look into the console repair. */
  repairDeployment(): void {
    const { world } = this;
    const { hub } = world;
    hub.hasPolicy = true;
    hub.isKeyGranted = true;
    hub.isStoreEnabled = true;
    hub.isScheduleEnabled = true;
    KEYS.forEach((key) => {
      world.secretsManager.makeKeyUsable(key);
    });
    this.setManagedRotation(false);
    if (this.hasReplica) {
      this.setReplica('InSync');
    }
    if (world.secondHub.isDeployed) {
      world.secondHub.remove();
    }
    if (this.registered !== hub) {
      this.register(hub);
    }
    hub.poll(0);
  }

  /** Whether the log says that a person must decide which of two client secrets is newer. */
  private mustDecideOrder(): boolean {
    const { hub, truth } = this.world;
    const isNewer = truth.isNewer(this.world.currentSecret(), truth.newestDelivered()?.value);
    return hub.lastKeptKind === 'order-unknown' && !isNewer;
  }

  private followAdvice(kind: FailureKind): void {
    const { world } = this;
    if (STORE_NEWEST.has(kind)) {
      this.storeNewest();
    } else if (kind === 'needs-person' && world.parameters.isNotifyOnly) {
      this.rotateInConsole(1);
    } else if (FORCE.has(kind)) {
      if (kind === 'journal-unreadable') {
        world.truth.journalLostAt = world.now();
      }
      this.requestRotation(true, true);
    }
  }

  /** Copies the newest client secret from the console into the secret. Makes a new one first where it is expired. */
  private storeNewest(): void {
    const { world } = this;
    const newest = world.truth.newestIssued();
    if (world.now() >= newest.expiresAt) {
      world.prepareRotation();
      world.amazon.rotateInConsole(world.truth.clientId);
      world.deliverDueMessages();
    }
    this.storeSecret(world.truth.newestIssued().value);
  }

  private storeSecret(value: string): void {
    const { world } = this;
    const { text } = world.currentVersion();
    const old = world.secretIn(text);
    const isSound = old !== undefined && world.clientIn(text) === world.truth.clientId;
    this.storeText(
      isSound && text !== undefined
        ? text.split(old).join(value)
        : JSON.stringify({ clientId: world.truth.clientId, clientSecret: value }),
    );
  }

  /** @param isHelp whether the person then does what the answer asks for */
  private requestRotation(force: boolean, isHelp = false): void {
    const { world } = this;
    const asked = world.hub.runRotateFunction(
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
      // Nobody is faster at clicking, confirming and copying.
      world.timeline.at(again, () => {
        this.rotateInConsole(hoursUntilStored);
      });
      return;
    }
    world.prepareRotation();
    const secret = world.amazon.rotateInConsole(world.truth.clientId);
    world.eventLog.count('rotations in the console');
    world.log(
      () =>
        `a person rotates in the console: ${world.nameOf(secret.value)}${world.amazon.behaviour.consoleRotationNotifies ? '' : ', without a notification'}`,
    );
    world.deliverDueMessages();
    if (!world.amazon.behaviour.consoleRotationNotifies) {
      world.truth.unannounced.add(secret.value);
      world.after(hoursUntilStored * HOUR, () => {
        if (world.truth.newestIssued().value === secret.value && world.currentSecret() !== secret.value) {
          this.storeSecret(secret.value);
        }
      });
    }
  }

  /**
   * Sends the messages of a dead-letter queue to the notification queue again. One that comes back, and is not about the
   * application, is deleted.
   */
  private redrive(hub: Hub, from: QueueModel = hub.deadLetters): void {
    const { world } = this;
    for (const { body, receiptHandle } of from.receive({ max: 10, visibilitySeconds: 0 })) {
      if (this.redriven.has(body) && !world.isAboutApplication(body)) {
        world.eventLog.count('dead letters deleted');
      } else {
        this.redriven.add(body);
        hub.queue.send(body);
        world.eventLog.count('messages redriven');
      }
      from.delete(receiptHandle);
    }
    hub.poll(1000);
  }

  private setManagedRotation(isOn: boolean): void {
    const { world } = this;
    world.hasManagedRotation = isOn;
    world.secretsManager.reportAs(world.secretArn, { RotationEnabled: isOn });
  }

  private setReplica(status: 'InSync' | 'Failed'): void {
    const { world } = this;
    this.hasReplica = true;
    world.secretsManager.setReplication(world.secretArn, [{ Region: 'eu-central-1', Status: status }]);
  }

  private applyForItsDuration(action: OperatorAction, begin: () => void, end: () => void): void {
    const { world } = this;
    begin();
    world.recordHindrance(action.hours);
    world.after(action.hours * HOUR, () => {
      world.log(() => `operator: ${action.kind} ends`);
      end();
      world.faults.noteDisturbance();
      world.sweepHourlyFor(8 * HOUR);
    });
  }

  private readonly handlers: Readonly<Record<OperatorAction['kind'], (action: OperatorAction) => void>> = {
    'rotate-in-console': ({ hours }) => {
      this.rotateInConsole(hours);
    },
    'ask-to-rotate': () => {
      this.requestRotation(false);
    },
    force: () => {
      this.requestRotation(true);
    },
    'read-status': ({ variant }) => {
      const action = variant % 2 === 0 ? 'status' : 'check';
      void this.world.hub.runRotateFunction(
        { action, application: undefined, force: false, requestedBy: undefined },
        action,
      );
    },
    redeploy: () => {
      this.world.hub.killAll('by a redeployment');
    },
    redrive: () => {
      this.redrive(this.world.hub);
    },
    'edit-json': ({ variant }) => {
      const { world } = this;
      const { text } = world.currentVersion();
      this.edits += 1;
      const edit = this.edits;
      // The console's editor is open for a while between reading and writing.
      world.after(variant * MINUTE, () => {
        if (text?.startsWith('{') === true) {
          this.storeText(`{"edit":${edit},${text.slice(1).replace(/^"edit":\d+,/, '')}`);
        }
      });
    },
    'write-old-secret-back': ({ variant }) => {
      const { world } = this;
      const secrets = world.amazon.secretsOf(world.truth.clientId);
      const old = secrets[Math.max(0, secrets.length - 2 - (variant % 3))];
      if (old !== undefined) {
        this.storeSecret(old.value);
      }
    },
    'seed-by-hand': () => {
      this.storeSecret(this.world.truth.newestIssued().value);
    },
    'store-nonsense': (action) => {
      const { world } = this;
      const { text } = world.currentVersion();
      this.applyForItsDuration(
        { ...action, hours: Math.min(action.hours, 60) },
        () => {
          this.storeText(
            [
              'nonsense',
              '{}',
              '{"clientId":"x","clientSecret":"y"}',
              `{"clientId":"${world.truth.clientId}","clientSecret":"y"}`,
            ][action.variant % 4] ?? '',
          );
        },
        () => {
          // People put back what was there.
          if (text !== undefined && !world.truth.works(world.currentSecret())) {
            this.storeText(text);
          }
        },
      );
    },
    'change-key': (action) => {
      const { world } = this;
      const old = this.key;
      const next = KEYS[action.variant % KEYS.length] ?? '';
      try {
        world.secretsManager.updateSecret({ SecretId: world.secretArn, KmsKeyId: next });
        this.key = next;
      } catch {
        return;
      }
      if (action.variant > 5 && old !== next) {
        // The old key is disabled some time later, and enabled again when somebody misses it.
        world.after(action.hours * HOUR, () => {
          if (this.key !== old) {
            world.log(() => `the key "${old}" is disabled`);
            world.secretsManager.makeKeyUnusable(old);
            world.faults.noteDisturbance();
            world.after(20 * DAY, () => {
              world.secretsManager.makeKeyUsable(old);
            });
          }
        });
      }
    },
    'break-policy': (action) => {
      const { hub } = this.world;
      this.applyForItsDuration(
        action,
        () => (hub.hasPolicy = false),
        () => (hub.hasPolicy = true),
      );
    },
    'take-key-grant': (action) => {
      const { hub } = this.world;
      this.applyForItsDuration(
        action,
        () => (hub.isKeyGranted = false),
        () => (hub.isKeyGranted = true),
      );
    },
    unregister: (action) => {
      const { world } = this;
      this.applyForItsDuration(
        action,
        () => {
          this.registered = undefined;
          world.amazon.unregister(world.truth.clientId);
        },
        () => {
          this.register(world.hub);
        },
      );
    },
    'disable-store': (action) => {
      const { hub } = this.world;
      this.applyForItsDuration(
        action,
        () => (hub.isStoreEnabled = false),
        () => {
          hub.isStoreEnabled = true;
          hub.poll(0);
        },
      );
    },
    'stop-schedule': (action) => {
      const { hub } = this.world;
      this.applyForItsDuration(
        action,
        () => (hub.isScheduleEnabled = false),
        () => (hub.isScheduleEnabled = true),
      );
    },
    'second-hub': (action) => {
      const { world } = this;
      if (world.secondHub.isDeployed) {
        return;
      }
      this.applyForItsDuration(
        action,
        () => {
          world.secondHub.deploy();
          if (action.variant % 2 === 0) {
            this.register(world.secondHub);
          }
        },
        () => {
          world.secondHub.remove();
          this.register(world.hub);
        },
      );
    },
    'foreign-notification': () => {
      this.world.amazon.rotateStranger(this.world.hub.arn);
      this.world.deliverDueMessages();
    },
    'garbage-message': ({ variant }) => {
      const { hub } = this.world;
      hub.queue.send(
        ['hello', '{"notificationType":"ORDER_CHANGE"}', 'cut off NEW_SECRET', '{"newClientSecret":17}'][variant % 4] ??
          '',
      );
      hub.poll(10);
    },
    'lose-delivery': () => {
      this.world.amazon.changeNextDelivery({ isLost: true });
    },
    'delay-delivery': ({ hours, variant }) => {
      this.world.amazon.changeNextDelivery({ delay: hours * HOUR, copies: 1 + (variant % 3) });
    },
    'odd-delivery': ({ variant }) => {
      const bodies: ((body: string) => string)[] = [
        (body) => JSON.stringify({ Type: 'Notification', Message: body }),
        (body) => JSON.stringify({ 'detail-type': 'x', detail: JSON.parse(body) as object }),
        (body) => body.replace(/"newClientSecretExpiryTime":"[^"]*",?/, ''),
        (body) => body.replace(/"eventTime":"[^"]*",/, ''),
      ];
      const body = bodies[variant % bodies.length];
      this.world.amazon.changeNextDelivery({ copies: 2, ...(body !== undefined && { body }) });
    },
    'turn-on-managed-rotation': (action) => {
      this.applyForItsDuration(
        action,
        () => {
          this.setManagedRotation(true);
        },
        () => {
          this.setManagedRotation(false);
        },
      );
    },
    'fail-replica': (action) => {
      this.applyForItsDuration(
        action,
        () => {
          this.setReplica('Failed');
        },
        () => {
          this.setReplica('InSync');
        },
      );
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
