import type { QueueModel } from 'local-cloud/models';
import { HOUR, DAY, MINUTE, SECOND, type Instant } from '../../lambda/core/time';
import type { FailureKind } from '../../lib/contract/failure-kind';
import type { Note } from '../../lambda/core/rotation/request';
import { RECONCILE, type Hub } from './hub';
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
  'wrong-client-id',
  'unproven',
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
  /** Until then nobody looks at the alarms. */
  private awayUntil: Instant = Number.NEGATIVE_INFINITY;
  /** A pipeline that writes its client secret back again and again. */
  private pipeline: { readonly until: Instant } | undefined;

  /** How often a person has sent the body of a dead letter to the queue again. */
  private readonly redriven = new Map<string, { readonly times: number; readonly since: Instant }>();

  constructor(private readonly world: World) {}

  /** Stores a text in AWSCURRENT, as the console does. */
  storeText(text: string): void {
    const { world } = this;
    const before = world.currentSecret();
    world.invariants.checkNothingLostByOthers('a person wrote into AWSCURRENT', () => {
      try {
        world.secretsManager.putSecretValue({ SecretId: world.secretArn, SecretString: text });
      } catch {
        world.log(() => 'a person cannot write the secret, because its key is disabled');
        return;
      }
      world.truth.handWrittenAt = world.now();
      world.recordCurrentSecret();
      this.noteChangeByHand(before);
      world.faults.noteDisturbance();
      world.sweepHourlyFor(6 * HOUR);
      world.log(() => `a person stores a text in AWSCURRENT with ${world.nameOf(world.currentSecret())}`);
    });
  }

  private noteChangeByHand(before: string | undefined): void {
    const { truth } = this.world;
    if (before !== undefined && this.world.currentSecret() !== before) {
      truth.handChangedAt = this.world.now();
      truth.isCurrentByHand = true;
    }
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
    this.disturb();
    this.handlers[kind](action);
  }

  private disturb(): void {
    this.world.faults.noteDisturbance();
    this.world.sweepHourlyFor(8 * HOUR);
  }

  /** A person looks at the alarms now and then, and does what they ask for. */
  checkAlarms(): void {
    const { world } = this;
    const { operatorHours } = world.parameters;
    const { hub } = world;
    if (world.now() < Math.max(this.lastHelpAt + Math.max(operatorHours, 6) * HOUR, this.awayUntil)) {
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
    this.disturb();
    this.repairDeployment();
    this.pipeline = undefined;
    if (kind !== undefined) {
      this.followAdvice(kind);
    } else if (this.mustDecideOrder()) {
      this.storeNewest();
    }
    world.sharers.repair();
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
    KEYS.forEach((key) => world.secretsManager.makeKeyUsable(key));
    this.setManagedRotation(false);
    if (this.hasReplica) {
      this.setReplica('InSync');
    }
    this.removeOtherHubs();
    if (this.registered !== hub) {
      this.register(hub);
    }
    hub.poll(0);
  }

  private removeOtherHubs(): void {
    for (const other of [this.world.secondHub, this.world.thirdHub]) {
      if (other.isDeployed) {
        other.remove();
      }
    }
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
    } else if (kind === 'overwritten') {
      this.requestRotation(false);
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
        : JSON.stringify({ clientId: world.truth.clientId, [world.settings.clientSecretField]: value }),
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

  /** A person has something written down, and reads in the answer whether it is. */
  private say(note: Note): void {
    const { hub, settings, truth } = this.world;
    const asked = hub.runRotateFunction(
      { action: 'note', note, application: settings.id, force: false, requestedBy: 'a person' },
      note.says,
    );
    void asked.then((answers) => {
      if (answers?.some(({ application, recorded }) => application === settings.id && recorded === true) === true) {
        if (note.says !== 'expires') {
          truth.pausedUntil = note.says === 'pause' ? note.until : Number.NEGATIVE_INFINITY;
        }
        this.world.eventLog.count(`written down: ${note.says}`);
      }
    });
  }

  private rotateInConsole(hoursUntilStored: number): void {
    const { world } = this;
    const again = world.truth.newestIssued().issuedAt + 2 * MINUTE;
    if (world.now() < again) {
      // Nobody is faster at clicking, confirming and copying.
      world.timeline.at(again, () => this.rotateInConsole(hoursUntilStored));
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
   * Sends the messages of a dead-letter queue to the notification queue again. One that comes back is deleted where it is not
   * about the application, and after some times where its client secret is known, or is not in the console.
   */
  private redrive(hub: Hub, from: QueueModel = hub.deadLetters): void {
    const { world } = this;
    for (const { body, receiptHandle } of from.receive({ max: 10, visibilitySeconds: 0 })) {
      const sent = this.redriven.get(body) ?? { times: 0, since: world.now() };
      if (!world.isWorthSending(body, sent)) {
        world.eventLog.count('dead letters deleted');
      } else {
        this.redriven.set(body, { ...sent, times: sent.times + 1 });
        hub.queue.send(body);
        world.eventLog.count('messages redriven');
      }
      from.delete(receiptHandle);
    }
    hub.poll(1000);
  }

  /** A message that looks like Amazon's and is not: a client secret that LWA never knows, or a notice of a date that cannot be. */
  private forge(number: number): void {
    const { world } = this;
    if (world.faults.isOver) {
      return;
    }
    const { clientId } = world.truth;
    const [eventTime, date] = [
      [undefined, '9999-12-31T00:00:00.000Z'],
      ['9999-12-31T00:00:00.000Z', '9999-12-31T00:00:00.000Z'],
      [undefined, '1970-01-01T00:00:00.000Z'],
      ['1970-01-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z'],
    ][number % 4] ?? [undefined, ''];
    const secret = {
      clientId,
      newClientSecret: `amzn1.oa2-cs.v1.forged${number}`,
      newClientSecretExpiryTime: date,
      oldClientSecretExpiryTime: date,
    };
    const notice = { clientId, clientSecretExpiryTime: date };
    world.hub.queue.send(
      JSON.stringify(
        number % 3 === 0
          ? {
              notificationType: 'APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY',
              payload: { applicationOAuthClientSecretExpiry: notice },
            }
          : {
              notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
              eventTime,
              payload: { applicationOAuthClientNewSecret: secret },
            },
      ),
    );
    world.eventLog.count('messages forged');
    world.hub.poll(10);
  }

  /** For the pipeline it is enough when it wrote: who overwrites that does not interest it. */
  private writeBack(pipeline: { readonly until: Instant }, value: string, interval: number): void {
    const { world } = this;
    if (this.pipeline !== pipeline || world.faults.isOver || world.now() > pipeline.until) {
      return;
    }
    if (world.currentSecret() !== undefined && world.currentSecret() !== value) {
      world.eventLog.count('written back by the pipeline');
      this.storeSecret(value);
    }
    world.after(interval, () => this.writeBack(pipeline, value, interval));
  }

  /** The template of the stack says from now on that the client secret is under another key. */
  private deployField(field: string): void {
    const { world } = this;
    const before = world.currentSecret();
    world.log(() => `a deploy changes clientSecretField to ${field}`);
    world.hubs.forEach((hub) => hub.killAll('by a redeployment'));
    world.settings = { ...world.settings, clientSecretField: field };
    world.recordCurrentSecret();
    this.noteChangeByHand(before);
    if (world.currentSecret() !== before) {
      world.truth.handWrittenAt = world.now();
    }
    this.disturb();
  }

  /** Changes what comes of the hub's message, and of the console's before it where there is one. */
  private changeBothDeliveries(variant: number, hours: number, minutes: number): void {
    const { amazon } = this.world;
    if (amazon.behaviour.consoleRotationNotifies) {
      amazon.changeNextDelivery(variant % 2 === 0 ? { delay: (minutes + 3) * MINUTE } : {});
    }
    amazon.changeNextDelivery([{ isLost: true }, { delay: hours * HOUR }, {}][variant % 3] ?? {});
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
      this.disturb();
    });
  }

  private switchOff(
    action: OperatorAction,
    what: 'hasPolicy' | 'isKeyGranted' | 'isStoreEnabled' | 'isScheduleEnabled',
  ) {
    const { hub } = this.world;
    this.applyForItsDuration(
      action,
      () => (hub[what] = false),
      () => {
        hub[what] = true;
        if (what === 'isStoreEnabled') {
          hub.poll(0);
        }
      },
    );
  }

  private readonly handlers: Readonly<Record<OperatorAction['kind'], (action: OperatorAction) => void>> = {
    'rotate-in-console': ({ hours }) => this.rotateInConsole(hours),
    'ask-to-rotate': () => this.requestRotation(false),
    force: () => this.requestRotation(true),
    'read-status': ({ variant }) => {
      const action = variant % 2 === 0 ? 'status' : 'check';
      void this.world.hub.runRotateFunction({ ...RECONCILE, action }, action);
    },
    redeploy: () => this.world.hub.killAll('by a redeployment'),
    redrive: () => this.redrive(this.world.hub),
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
    'seed-by-hand': () => this.storeSecret(this.world.truth.newestIssued().value),
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
              `{"clientId":"${world.truth.clientId}","${world.settings.clientSecretField}":"y"}`,
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
            world.after(20 * DAY, () => world.secretsManager.makeKeyUsable(old));
          }
        });
      }
    },
    'break-policy': (action) => this.switchOff(action, 'hasPolicy'),
    'take-key-grant': (action) => this.switchOff(action, 'isKeyGranted'),
    'disable-store': (action) => this.switchOff(action, 'isStoreEnabled'),
    'stop-schedule': (action) => this.switchOff(action, 'isScheduleEnabled'),
    unregister: (action) => {
      const { world } = this;
      this.applyForItsDuration(
        action,
        () => {
          this.registered = undefined;
          world.amazon.unregister(world.truth.clientId);
        },
        () => this.register(world.hub),
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
    // Somebody who may write into the queue, and knows the client id from a log.
    'forge-messages': ({ hours, variant }) => {
      for (let hour = 0; hour < Math.min(hours, 30); hour++) {
        this.world.after(hour * HOUR, () => {
          this.forge(variant + hour);
        });
      }
    },
    // Somebody who may write only the secret of the neighbour.
    'poison-journal': ({ variant }) => {
      this.world.poisonNeighbour(
        [
          { rotation: { id: 'x', at: 9e15, reason: 'schedule', outcome: 'accepted', refusals: 0 } },
          { expiry: { at: 9e15, source: 'new-secret' } },
          { postedAt: this.world.now() + 9_000 * DAY },
          { clientId: 17 },
        ][variant % 4] ?? {},
      );
    },
    pause: ({ hours, variant }) => {
      const until = this.world.now() + ((variant + 1) * 5 * DAY - hours * MINUTE);
      this.say({ says: 'pause', until, why: 'peak season' });
    },
    resume: () => this.say({ says: 'resume' }),
    // Most read it right in the console, some the date of another client secret, or they mistake the month.
    'tell-date': ({ variant }) => {
      const { truth } = this.world;
      const { expiresAt } = truth.secret(this.world.currentSecret()) ?? truth.newestIssued();
      const day = Math.floor(expiresAt / DAY) * DAY + (variant < 8 ? 0 : (variant - 10) * 30 * DAY);
      if (day > this.world.now()) {
        this.say({ says: 'expires', on: day });
      }
    },
    'lose-delivery': () => this.world.amazon.changeNextDelivery({ isLost: true }),
    'delay-delivery': ({ hours, variant }) =>
      this.world.amazon.changeNextDelivery({ delay: hours * HOUR, copies: 1 + (variant % 3) }),
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
        () => this.setManagedRotation(true),
        () => this.setManagedRotation(false),
      );
    },
    'fail-replica': (action) => {
      this.applyForItsDuration(
        action,
        () => this.setReplica('Failed'),
        () => this.setReplica('InSync'),
      );
    },
    'remove-journal-label': ({ variant }) => {
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
        // A script that removes labels removes versions too, or Secrets Manager does: all that it may, or the oldest.
        if (variant % 3 > 0) {
          world.invariants.checkNothingLostByOthers('a clean-up script deleted versions', () =>
            world.secretsManager.removeUnlabelledVersions(world.secretArn, { newest: variant % 3 === 1 ? 0 : 10 }),
          );
        }
      }
    },
    'store-typo': ({ hours, variant }) => {
      const { world } = this;
      const value = world.truth.newestIssued().value;
      this.awayUntil = world.now() + hours * HOUR;
      this.storeSecret(`${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`);
      if (variant % 4 === 0) {
        // Consumers fail, and somebody hopes that a rotation helps.
        world.after(30 * MINUTE, () => this.requestRotation(true));
      }
    },
    'write-back-again-and-again': ({ hours, variant }) => {
      const { world } = this;
      const secrets = world.amazon.secretsOf(world.truth.clientId);
      const value = (variant % 2 === 0 ? secrets[0] : secrets.at(-2))?.value ?? '';
      const [interval, atMost] = variant % 4 < 2 ? [HOUR, 200 * HOUR] : [5 * MINUTE, 60 * HOUR];
      this.pipeline = { until: world.now() + Math.min(Math.max(hours, 30) * HOUR, atMost) };
      if (value !== '') {
        this.writeBack(this.pipeline, value, interval);
      }
    },
    'third-hub': ({ hours, variant }) => {
      const { world } = this;
      if (world.thirdHub.isDeployed) {
        return;
      }
      if (!world.secondHub.isDeployed) {
        world.secondHub.deploy();
      }
      world.after((variant + 1) * HOUR, () => {
        if (world.thirdHub.isDeployed) {
          return;
        }
        world.thirdHub.deploy();
        if (variant % 3 === 0) {
          this.register(world.thirdHub);
        }
      });
      world.after(14 * DAY + hours * HOUR, () => {
        this.removeOtherHubs();
        this.register(world.hub);
        this.disturb();
      });
    },
    'change-field': ({ hours, variant }) => {
      const { world } = this;
      const { text } = world.currentVersion();
      const { clientSecretField: old } = world.settings;
      const value = world.currentSecret();
      const field = old === 'clientSecret' ? 'lwaSecret' : 'clientSecret';
      if (value === undefined || text === undefined) {
        return;
      }
      // For a while the JSON has both keys. What holds the one of before is no longer of interest, and stays.
      const key = new RegExp(`("${field}" ?: ?)"[^"]*"`);
      this.storeText(
        key.test(text)
          ? text.replace(key, `$1"${value}"`)
          : `{"${field}":"${value}",${text.slice(text.indexOf('{') + 1)}`,
      );
      if (variant % 2 === 0) {
        this.rotateInConsole(1);
      }
      world.after(variant % 2 === 0 ? (variant + 1) * 4 * MINUTE : Math.min(hours, 100) * HOUR, () =>
        this.deployField(field),
      );
    },
    'rotate-in-console-before-due': ({ hours, variant }) => {
      const { world } = this;
      const due = Date.parse(world.hub.answer?.due ?? '');
      if (!(due > world.now())) {
        return;
      }
      const minutes = 1 + (variant % 6);
      world.timeline.at(due - world.parameters.clockSkewSeconds * SECOND + SECOND, () => {
        if (world.faults.isOver) {
          return;
        }
        this.disturb();
        this.changeBothDeliveries(variant, hours, minutes);
        this.rotateInConsole(1);
        world.after(minutes * MINUTE, () => {
          world.eventLog.count('sweeps minutes after a rotation in the console');
          void world.hub.sweep();
        });
      });
    },
  };
}
