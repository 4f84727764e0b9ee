import { DAY, HOUR, type LocalHub, MINUTE, newSecretNotification, openScene, SECOND } from './scene';

describe('the notification queue', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.pass(10 * DAY);
    await scene.deliver();
  });
  afterEach(() => scene.close());

  /** A real new secret's message, taken out of the queue to be changed. */
  async function takeNotification(): Promise<{ value: string; body: string }> {
    const { value } = scene.amazon.model.rotateInConsole(scene.clientId());
    await scene.pass(2 * SECOND);
    const [body = ''] = await scene.takeMessages();
    return { value, body };
  }

  const junk = [
    '',
    'not JSON',
    '{"half":',
    '[]',
    'null',
    '42',
    '"text"',
    '{"notificationType":"ANY_OFFER_CHANGED","payload":{}}',
    '{"NotificationType":"ANY_OFFER_CHANGED","Payload":{"AnyOfferChangedNotification":{}}}',
    '<xml/>',
    '{"Type":"Notification","Message":"hello"}',
    '{"notificationType":"SOMETHING_ELSE","newClientSecret":"x"}',
  ].filter((body) => body !== '');

  const kept = [
    '{"notificationType":"APPLICATION_OAUTH_CLIENT_NEW_SECRET"}',
    '{"notificationType":"APPLICATION_OAUTH_CLIENT_NEW_SECRET","payload":{"applicationOAuthClientNewSecret":{"clientId":"x"}}}',
    'amzn1.oa2-cs.v1.a-bare-secret',
    '{"notificationType":"APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY","payload":{}}',
  ];

  test('with unreadable messages still processes the good one and loses nothing that could be a secret', async () => {
    const { value, body } = await takeNotification();
    for (const one of [...junk, ...kept, body]) {
      await scene.send(one);
    }
    await scene.drain();

    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
    expect(scene.bodies('Notification').sort()).toEqual([...kept].sort());
    expect(scene.bodies('DeadLetter')).toEqual([]);
    expect(scene.bodies('Unclaimed')).toEqual([]);

    for (let round = 0; round < 21; round++) {
      await scene.pass(31 * MINUTE);
      await scene.drain();
    }
    expect(scene.bodies('Notification')).toEqual([]);
    expect(scene.bodies('DeadLetter').sort()).toEqual([...kept].sort());
  });

  test('hides what it keeps for longer and longer, at last for half an hour', async () => {
    await scene.send(newSecretNotification(scene, 'amzn1.oa2-cs.v1.that-lwa-does-not-know'));
    const receives: number[] = [];
    for (let minute = 0; minute < 130; minute++) {
      const calls = scene.services.calls.filter(({ operation }) => operation === 'ChangeMessageVisibility').length;
      await scene.drain();
      if (scene.services.calls.filter(({ operation }) => operation === 'ChangeMessageVisibility').length > calls) {
        receives.push(minute);
      }
      await scene.pass(MINUTE);
    }
    expect(receives).toEqual([0, 1, 2, 4, 8, 16, 31, 61, 91, 121]);
  });

  test("gives a stranger's secret to the unclaimed queue, and a stranger's expiry to nobody", async () => {
    const stranger = scene.amazon.model.rotateStranger(scene.queueArn);
    const before = scene.text('AWSCURRENT');
    await scene.deliver();

    expect(scene.text('AWSCURRENT')).toBe(before);
    expect(scene.bodies('Notification')).toEqual([]);
    expect(scene.bodies('DeadLetter')).toEqual([]);
    expect(scene.bodies('Unclaimed')).toHaveLength(1);
    expect(scene.bodies('Unclaimed')[0]).toContain(stranger.clientSecret);

    // The notice of the application's own secret would begin a rotation, whose delivery may come before the next line.
    scene.amazon.model.unregister(scene.clientId(), ['expiry']);
    await scene.pass(120 * DAY);
    await scene.drain();
    expect(scene.bodies('Notification')).toEqual([]);
    expect((await scene.ask({ action: 'status' })).outcome).not.toBe('failed');
  });

  test('keeps an unknown secret while not every application can be read', async () => {
    scene.amazon.model.rotateStranger(scene.queueArn);
    scene.services.faults.add({
      service: 'secretsmanager',
      operation: 'GetSecretValue',
      effect: 'access-denied',
      // However often one look reads.
      times: 3,
    });
    await scene.deliver();
    expect(scene.bodies('Unclaimed')).toEqual([]);
    expect(scene.bodies('Notification')).toHaveLength(1);

    await scene.pass(HOUR);
    await scene.drain();
    expect(scene.bodies('Unclaimed')).toHaveLength(1);
    expect(scene.bodies('Notification')).toEqual([]);
  });

  test('takes a new secret whose dates are missing', async () => {
    const { value, body } = await takeNotification();
    const notification = JSON.parse(body) as {
      eventTime?: string;
      payload: { applicationOAuthClientNewSecret: Record<string, unknown> };
      notificationMetadata?: unknown;
    };
    delete notification.eventTime;
    delete notification.notificationMetadata;
    delete notification.payload.applicationOAuthClientNewSecret.newClientSecretExpiryTime;
    delete notification.payload.applicationOAuthClientNewSecret.oldClientSecretExpiryTime;
    await scene.send(JSON.stringify(notification));
    const sentAt = scene.clock.now();
    await scene.drain();

    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
    const { worksUntil = '', previousWorksUntil = '' } = await scene.ask({ action: 'status' });
    expect(Math.abs(Date.parse(worksUntil) - sentAt - 180 * DAY)).toBeLessThan(MINUTE);
    expect(Math.abs(Date.parse(previousWorksUntil) - sentAt - 7 * DAY)).toBeLessThan(MINUTE);
  });

  test('takes a notification that SNS or EventBridge wrapped', async () => {
    const first = await takeNotification();
    await scene.send(JSON.stringify({ Type: 'Notification', MessageId: 'x', Message: first.body }));
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(first.value);

    await scene.pass(HOUR);
    const second = await takeNotification();
    await scene.send(JSON.stringify({ 'detail-type': 'x', source: 'y', detail: JSON.parse(second.body) as unknown }));
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(second.value);
  });

  test('keeps everything when the list of applications cannot be read', async () => {
    const { value, body } = await takeNotification();
    await scene.send(body);
    scene.services.faults.add({ service: 'ssm', effect: 'access-denied' });
    await scene.drain();
    expect(scene.bodies('Notification')).toEqual([body]);
    expect(scene.clientSecret('AWSCURRENT')).not.toBe(value);

    await scene.pass(MINUTE);
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
  });
});
