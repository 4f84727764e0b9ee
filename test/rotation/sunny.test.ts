import type { Answer } from '../../lambda/core/reconcile/answer';
import { DAY, Duration, HOUR, type LocalHub, MINUTE, openScene } from './scene';

describe('a client secret', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test('rotates by schedule when it is due', async () => {
    scene = await openScene();
    const [first] = scene.issued();
    expect((await scene.sweep()).outcome).toBe('healthy');
    await scene.pass(89 * DAY);
    await scene.deliver();
    // Nothing has proved that the queue is registered, and the rotation is a day away.
    expect(await scene.sweep()).toMatchObject({ outcome: 'failed', kind: 'needs-person', registered: false });
    expect(scene.posts).toBe(0);

    await scene.pass(DAY + HOUR);
    expect((await scene.sweep()).outcome).toBe('requested');
    await scene.deliver();

    expect(scene.issued()).toHaveLength(2);
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    expect(scene.clientSecret('AWSPREVIOUS')).toBe(first);
    const rotated = scene.events('Client Secret Rotated');
    // Events come at least once: the expiry notice of this day may make the rotate function tell of it too.
    expect(new Set(rotated.map(({ detail }) => detail.versionId)).size).toBe(1);
    expect(rotated[0]?.detail).toMatchObject({
      hub: scene.queueArn,
      application: 'Shop',
      clientId: scene.clientId(),
      secretArn: scene.secretArn(),
      versionId: scene.versions().find(({ labels }) => labels.includes('AWSCURRENT'))?.versionId,
      reason: 'schedule',
    });
    expect(scene.bodies('Notification')).toEqual([]);
    expect((await scene.sweep()).outcome).toBe('healthy');
  });

  test('rotates, and sweeps many, where the connections of the functions broke while they were frozen', async () => {
    const others = Array.from({ length: 30 }, (_, index) => [`Other${index}`, {}] as const);
    scene = await openScene({ applications: { Shop: {}, ...Object.fromEntries(others) } });
    await scene.rotate();
    await scene.deliver();
    await scene.sweep();

    await scene.pass(8 * DAY);
    scene.services.breakConnections();
    const { applications } = (await scene.stack.fireSchedule()).payload as Answer;
    expect(new Set(applications.map(({ outcome }) => outcome))).toEqual(new Set(['healthy']));

    await scene.pass(HOUR);
    scene.services.breakConnections();
    expect((await scene.rotate()).outcome).toBe('requested');
    await scene.deliver();
    expect(scene.issued()).toHaveLength(3);
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
  });

  test('rotates for years, and replaces each client secret in time', async () => {
    scene = await openScene();
    for (let month = 0; month < 36; month++) {
      await scene.pass(30 * DAY + HOUR);
      await scene.deliver();
      await scene.sweep();
      await scene.deliver();
      const secret = scene.clientSecret('AWSCURRENT') ?? '';
      expect(scene.amazon.model.callSellingPartnerApi(scene.clientId(), secret)).toEqual({ works: true });
    }
    expect(scene.issued().length).toBeGreaterThan(10);
    expect(scene.posts).toBe(scene.issued().length - 1);
  });

  test('rotates after a notice of expiry, also if the secret is older than its version in Secrets Manager', async () => {
    scene = await openScene({ applications: { Shop: { age: 115 * DAY } } });
    await scene.sweep();
    await scene.pass(6 * DAY);
    await scene.deliver();

    expect(scene.events('Client Secret Expiring')).toHaveLength(1);
    expect(scene.posts).toBe(1);
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    expect(scene.events('Client Secret Rotated')[0]?.detail.reason).toBe('expiry');
  });

  test('comes through a queue under a customer key, on which Amazon and the functions have just what they need', async () => {
    scene = await openScene({ customerKey: true });
    expect((await scene.ask({ action: 'check' })).outcome).toBe('healthy');
    scene.amazon.model.rotateStranger(scene.queueArn);
    expect((await scene.rotate()).outcome).toBe('requested');
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    expect(scene.bodies('Unclaimed')).toHaveLength(1);
  });

  test('is left alone by a notice of expiry that comes long before it is due', async () => {
    scene = await openScene({ applications: { Shop: { props: { rotateAfter: Duration.days(150) } } } });
    await scene.sweep();
    await scene.pass(91 * DAY);
    await scene.deliver();

    expect(scene.events('Client Secret Expiring').length).toBeGreaterThan(0);
    expect(scene.posts).toBe(0);
  });

  test('that a person made in the console is installed like any other', async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.pass(10 * DAY);
    const made = scene.amazon.model.rotateInConsole(scene.clientId());
    await scene.deliver();

    expect(scene.clientSecret('AWSCURRENT')).toBe(made.value);
    expect(scene.events('Client Secret Rotated')[0]?.detail.reason).toBe('console');
    expect(scene.posts).toBe(0);
  });

  test('is not rotated by estimate on the first day, however old it is', async () => {
    scene = await openScene();
    await scene.pass(200 * DAY);
    expect((await scene.sweep()).outcome).toBe('healthy');
    await scene.pass(23 * HOUR);
    await scene.sweep();
    expect(scene.posts).toBe(0);
    await scene.pass(HOUR + MINUTE);
    await scene.sweep();
    expect(scene.posts).toBe(1);
  });

  test('rotates when a person asks, and says who', async () => {
    scene = await openScene();
    const answer = await scene.ask({ action: 'rotate', application: 'Shop', requestedBy: 'Ada, ticket 7' });
    expect(answer).toMatchObject({ outcome: 'requested', clientId: scene.clientId() });
    await scene.deliver();

    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    for (const type of ['Client Secret Rotation Requested', 'Client Secret Rotated']) {
      expect(scene.events(type)[0]?.detail).toMatchObject({ reason: 'person', requestedBy: 'Ada, ticket 7' });
    }
    expect(scene.logLines).toContainEqual(
      expect.objectContaining({ message: 'rotation requested', requestedBy: 'Ada, ticket 7', application: 'Shop' }),
    );
  });

  test('rotates with force inside the overlap, but not twice a minute', async () => {
    scene = await openScene();
    await scene.rotate();
    await scene.deliver();
    expect(await scene.rotate()).toMatchObject({ outcome: 'not-rotated', guard: 'overlap' });
    expect(await scene.rotate('Shop', true)).toMatchObject({ outcome: 'not-rotated', guard: 'one-a-minute' });
    await scene.pass(2 * MINUTE);
    expect(await scene.rotate('Shop', true)).toMatchObject({ outcome: 'requested' });
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
  });
});
