import { DETAIL_TYPE } from '../../lib/contract/event';
import { FAILURE_KINDS, type FailureKind } from '../../lib/contract/failure-kind';
import { runbookLink } from '../../lib/contract/operators';
import { RotationMode } from '../../lib';
import type { ScriptedAnswer } from '../fakes/amazon';
import type { LocalHub } from '../fakes/local-hub';
import { DAY, HOUR, MINUTE, newSecretNotification, openScene, type SceneOptions } from '../rotation/scene';
import { idOf, OnCall, type Passing } from '../fakes/on-call';
import { isExhaustive, sample } from '../sample';
import { ENDS_BY_MAIL } from './ends-by-mail';
import { FAILURES } from './runbook';

interface Injection {
  readonly scene?: SceneOptions;
  /** Makes the fault. If it returns a time, the promised time begins then, and otherwise at its end. */
  readonly inject: (hub: LocalHub, onCall: OnCall) => unknown;
  readonly passing?: Passing;
  /** Log line to expect. Default: one with the kind of failure. `null`: what is wrong cannot be said by a function. */
  readonly log?: Record<string, unknown> | RegExp | null;
  /** Kind of the event, where the fault is no kind of failure. */
  readonly kind?: FailureKind;
  /** Section of the runbook to which events and log lines lead. Default: the one of the fault. */
  readonly section?: string;
  /** Application of the event and the log line. `null`: it concerns none. */
  readonly application?: string | null;
}

const DUE: SceneOptions = { applications: { Shop: { age: 0 } } };

/** A rotation that is due meets this. */
function rotated(answer: (hub: LocalHub) => void): Injection['inject'] {
  return (hub) => {
    answer(hub);
    hub.clock.advance(91 * DAY);
  };
}

function refusal(status: number, code: string, details = ''): { status: number; body: string } {
  return {
    status,
    body: JSON.stringify({ errors: [{ code, message: 'Access to requested resource is denied.', details }] }),
  };
}

function refused(answer: ScriptedAnswer): Injection['inject'] {
  return rotated((hub) => hub.amazon.script('rotate', answer, { times: 9 }));
}

const INJECTIONS: Readonly<Record<string, Injection>> = {
  'not-seeded': { scene: { applications: { Shop: { text: null } } }, inject: () => undefined },
  'not-json': { inject: (hub) => hub.write('Shop', 'no object') },
  'wrong-client-id': {
    inject: (hub) => hub.write('Shop', JSON.stringify({ clientId: hub.newestIssued(), clientSecret: hub.clientId() })),
  },
  'field-missing': { inject: (hub) => hub.write('Shop', JSON.stringify({ clientId: hub.clientId(), secret: 'x' })) },
  'wrong-credentials': {
    inject: (hub) =>
      hub.write('Shop', JSON.stringify({ clientId: hub.clientId(), clientSecret: 'amzn1.oa2-cs.v1.wrong' })),
  },
  unproven: {
    scene: { applications: { Shop: {}, Zeta: {} } },
    inject: (hub) => hub.write('Shop', JSON.stringify({ clientId: hub.clientId('Zeta'), clientSecret: 'anything' })),
  },
  'secret-expired': {
    inject: refused(refusal(403, 'Unauthorized', 'The LWA secret token you provided has expired.')),
  },
  'not-enrolled': { scene: { applications: { Shop: { registered: false } } }, inject: rotated(() => undefined) },
  'wrong-token': { inject: refused(refusal(403, 'Unauthorized')) },
  throttled: { inject: refused(refusal(429, 'QuotaExceeded')) },
  unreachable: { inject: (hub) => hub.amazon.script('lwa', { status: 503 }, { times: 99 }) },
  refused: { inject: refused(refusal(415, 'UnsupportedMediaType')) },
  ambiguous: { inject: rotated((hub) => hub.amazon.script('rotate', '503-before-effect')) },
  stalled: {
    inject: async (hub) => {
      await hub.rotate();
      await hub.pass(MINUTE);
      await hub.takeMessages();
    },
  },
  'rejected-by-lwa': {
    scene: { behaviour: { propagationDelay: 9 * DAY } },
    inject: (hub) => hub.rotate(),
  },
  'preflight-queue': {
    inject: (hub) => hub.services.queues.setAttributes(hub.queue('Notification'), { MessageRetentionPeriod: 345_600 }),
  },
  'preflight-policy': { inject: (hub) => hub.services.queues.setPolicy(hub.queue('Notification'), undefined) },
  'preflight-key': {
    scene: { customerKey: true },
    inject: (hub) => hub.services.queues.setAttributes(hub.queue('Notification'), { SqsManagedSseEnabled: true }),
  },
  'journal-unreadable': {
    inject: (hub) => {
      const { secretsManager } = hub.services;
      const journal = hub.versions().find(({ labels }) => labels.includes('SpApiRotationJournal'));
      const [other] = hub.versions().filter(({ labels }) => labels.includes('AWSCURRENT'));
      secretsManager.updateSecretVersionStage({
        SecretId: hub.secretArn(),
        VersionStage: 'SpApiRotationJournal',
        RemoveFromVersionId: journal?.versionId,
        MoveToVersionId: other?.versionId,
      });
    },
  },
  overwritten: {
    inject: async (hub, onCall) => {
      const before = hub.text('AWSCURRENT') ?? '';
      await hub.rotate();
      await hub.deliver();
      await onCall.pass(2 * HOUR);
      const at = onCall.now;
      hub.write('Shop', before);
      return at;
    },
    log: { message: 'client secret healed' },
  },
  'order-unknown': {
    inject: async (hub, onCall) => {
      hub.write('Shop', JSON.stringify({ clientId: hub.clientId(), clientSecret: hub.newestIssued() + 'seeded' }));
      await hub.send(newSecretNotification(hub, 'amzn1.oa2-cs.v1.older', { eventTime: onCall.now - 30 * DAY }));
    },
    log: { message: 'message kept' },
  },
  'needs-person': {
    scene: { applications: { Shop: { age: 0, props: { mode: RotationMode.NOTIFY_ONLY } } } },
    inject: (hub) => hub.clock.advance(151 * DAY),
    section: 'expiring',
  },
  'secret-marked-for-deletion': {
    inject: (hub) => hub.services.secretsManager.deleteSecret({ SecretId: hub.secretArn() }),
    log: { message: 'application looked at', next: expect.stringContaining('restore-secret') as unknown },
    kind: 'needs-person',
  },
  'dead-letters': {
    inject: async (hub, onCall) => {
      await hub.send('{"newClientSecret": what is this}');
      await onCall.pass(9 * HOUR);
      const arrived = onCall.cloudWatch.datapoints.find(
        ({ name, dimensions, value }) =>
          name === 'ApproximateNumberOfMessagesVisible' &&
          value > 0 &&
          hub.queue('DeadLetter').endsWith(`:${dimensions.QueueName ?? ''}`),
      );
      return arrived?.timestamp ?? Number.NaN;
    },
    log: { message: 'message kept', runbook: runbookLink('not-understood') },
    application: null,
  },
  unclaimed: {
    inject: (hub) =>
      hub.send(
        newSecretNotification(hub, 'amzn1.oa2-cs.v1.foreign', { clientId: 'amzn1.application-oa2-client.foreign' }),
      ),
    log: { message: 'message unclaimed', clientId: 'amzn1.application-oa2-client.foreign' },
    application: null,
  },
  'not-understood': {
    inject: (hub) => hub.send('{"newClientSecret": what is this}'),
    log: { message: 'message kept', notificationType: 'other', runbook: runbookLink('not-understood') },
    application: null,
  },
  'event-source-disabled': {
    inject: (hub) => hub.send(newSecretNotification(hub, 'amzn1.oa2-cs.v1.waits')),
    passing: { delivering: false },
    log: null,
    application: null,
  },
  'schedule-not-firing': {
    inject: () => undefined,
    passing: { sweeping: false },
    log: null,
    application: null,
  },
  'function-errors': {
    inject: (hub) => hub.services.faults.add({ service: 'ssm', effect: 'access-denied', times: 99 }),
    log: /ssm:GetParametersByPath failed: AccessDenied/,
    application: null,
  },
  'vpc-without-a-way-out': {
    scene: { shorterTimeOuts: true },
    inject: (hub) => hub.services.faults.add({ service: 'ssm', effect: 'timeout-before', times: 99 }),
    log: /ssm:GetParametersByPath failed: Unreachable/,
    application: null,
  },
  'function-timeouts': {
    inject: async (hub) => {
      const rotate = hub.stack.function(hub.rotateFunction);
      // Shorter than the one that is deployed, so that the test need not wait as long.
      await rotate.update({ ...rotate.configuration, timeoutSeconds: 1 });
      hub.services.faults.add({ service: 'ssm', effect: 'timeout-before', times: 99 });
    },
    log: /Task timed out/,
    application: null,
  },
  'function-throttled': {
    inject: (hub) => hub.send(newSecretNotification(hub, 'amzn1.oa2-cs.v1.waits')),
    // Lambda invokes nothing then.
    passing: { delivering: false, sweeping: false },
    log: null,
    application: null,
  },
  expiring: {
    scene: { applications: { Shop: { age: 0, props: { mode: RotationMode.NOTIFY_ONLY } } } },
    inject: (hub) => hub.clock.advance(159 * DAY - 10 * MINUTE),
    log: { message: 'application looked at' },
    kind: 'needs-person',
  },
  'never-proven': {
    scene: {},
    inject: (hub) => hub.clock.advance(76 * DAY - 10 * MINUTE),
    log: { message: 'application looked at', next: expect.stringContaining('Rotate once by hand') as unknown },
    kind: 'needs-person',
  },
  'old-secret-dying': {
    inject: async (hub, onCall) => {
      const at = onCall.now;
      await hub.rotate();
      await onCall.pass(HOUR - 5 * MINUTE, { delivering: false });
      expect(onCall.rang.has('secretExpiresSoon')).toBe(false);
      await onCall.pass(6 * DAY, { delivering: false });
      const days = onCall.cloudWatch.datapoints.filter(({ name }) => name === 'DaysToExpiry').map(({ value }) => value);
      expect(Math.max(...days.slice(-2))).toBeLessThan(1.1);
      return at;
    },
    passing: { delivering: false },
    log: { message: 'client secret dying' },
    kind: 'stalled',
    section: 'stalled',
  },
  'two-hubs': {
    inject: (hub, onCall) => {
      // What another hub writes when it takes the application over.
      const entry = JSON.parse(hub.text('SpApiRotationJournal') ?? '') as { hub: string };
      hub.services.secretsManager.putSecretValue({
        SecretId: hub.secretArn(),
        SecretString: JSON.stringify({
          ...entry,
          hub: `${entry.hub}-of-another-stack`,
          previousHubs: [{ hub: entry.hub, until: onCall.now }],
          addedAt: onCall.now,
        }),
        ClientRequestToken: 'another-hub'.padEnd(32, '-'),
        VersionStages: ['SpApiRotationJournal'],
      });
    },
    log: { message: 'application looked at', next: expect.stringContaining('Another hub') as unknown },
    kind: 'needs-person',
  },
  'failed-replica': {
    inject: (hub) => {
      const { secretsManager } = hub.services;
      const describe = secretsManager.describeSecret.bind(secretsManager);
      jest.spyOn(secretsManager, 'describeSecret').mockImplementation((request) => ({
        ...describe(request),
        ReplicationStatus: [{ Region: 'eu-west-1', Status: 'Failed' }],
      }));
    },
    log: { message: 'application looked at', next: expect.stringContaining('eu-west-1') as unknown },
    kind: 'needs-person',
  },
  'rotated-in-the-console': {
    scene: { behaviour: { consoleRotationNotifies: false } },
    inject: async (hub, onCall) => {
      await onCall.pass(HOUR);
      hub.clock.advance(40 * DAY);
      hub.amazon.model.rotateInConsole(hub.clientId());
      hub.clock.advance(90 * DAY - 10 * MINUTE);
      return onCall.now + 10 * MINUTE;
    },
    log: { message: 'expiry noticed' },
    kind: 'needs-person',
  },
};

/** Nothing here can see a leak, and no way to a defect is known. */
const NOT_INJECTED = ['leak', 'defect'];

test('every failure in the runbook is injected, and exactly those with an alarm have a promised time', () => {
  expect([...Object.keys(INJECTIONS), ...NOT_INJECTED].sort()).toEqual([...FAILURES.keys()].sort());
  for (const [id, { alarms, within }] of FAILURES) {
    expect({ id, promised: within !== undefined }).toEqual({ id, promised: alarms.length > 0 });
  }
});

describe.each(sample(Object.entries(INJECTIONS), 2))('%s', (id, injection) => {
  let hub: LocalHub;
  afterEach(() => hub.close());

  const { alarms = [], event: detailType, within = 0 } = FAILURES.get(id) ?? {};

  const [alarm] = alarms;

  test('rings its alarm within the promised time, and no mail says that it is over before it is mended', async () => {
    hub = await openScene(injection.scene ?? DUE);
    const onCall = new OnCall(hub);
    if (id !== 'not-seeded') {
      await onCall.pass(10 * MINUTE);
      expect(onCall.ringing.filter((ringing) => ringing !== 'sweepsMissing')).toEqual([]);
    }
    const begun = await injection.inject(hub, onCall);
    const from = typeof begun === 'number' ? begun : onCall.now;
    const rest = from + within * MINUTE - onCall.now;
    await onCall.pass(Math.max(rest, 0) + 5 * MINUTE, injection.passing);

    const rang = alarm && onCall.rang.get(alarm);
    expect((rang ?? Number.POSITIVE_INFINITY) - from).toBeLessThanOrEqual(within * MINUTE);

    const kind = injection.kind ?? FAILURE_KINDS.find((one) => one === id);
    const link = runbookLink(injection.section ?? id);
    const application = injection.application === undefined ? 'Shop' : injection.application;
    if (detailType !== undefined && application !== null) {
      const events = hub
        .events()
        .filter((event) => event.detail.kind === kind && event.detail.application === application);
      expect(events.map(({ detail: { runbook } }) => runbook)).toContain(link);
      expect(id === 'expiring' ? [DETAIL_TYPE.expiring] : events.map((event) => event.detailType)).toContain(
        detailType,
      );
    }
    if (injection.log instanceof RegExp) {
      expect(hub.output).toMatch(injection.log);
    } else if (injection.log !== null) {
      expect(hub.logLines).toContainEqual(
        expect.objectContaining({
          ...(kind !== undefined && injection.log?.message !== 'client secret dying' && { kind, runbook: link }),
          ...(application !== null && { application, next: expect.stringMatching(/\w/) as unknown }),
          ...injection.log,
        }),
      );
    }

    await onCall.pass(isExhaustive ? DAY : 8 * HOUR, injection.passing);
    const ended = onCall.transitions.filter(
      ({ at, from: before, to }) => at > from && before === 'ALARM' && to === 'OK',
    );
    expect(
      ended
        .map(({ alarm: name }) => idOf(name))
        .filter((one) => ENDS_BY_MAIL.has(one) && (one !== 'sweepsMissing' || alarms.includes(one))),
    ).toEqual([]);
  });
});
