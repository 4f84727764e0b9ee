import { DAY, HOUR, type LocalHub, openScene, RotationMode, SECOND } from './scene';

describe('whether the queue is registered', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  const notice = (expiry: number, clientId: string): string =>
    JSON.stringify({
      notificationType: 'APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY',
      eventTime: new Date(scene.clock.now()).toISOString(),
      payload: {
        applicationOAuthClientSecretExpiry: { clientId, clientSecretExpiryTime: new Date(expiry).toISOString() },
      },
    });

  test('is asked of a person 14 days before a rotation, and proven by the client secret that comes', async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.pass(75 * DAY);
    expect(await scene.sweep()).toMatchObject({ outcome: 'healthy', registered: false });
    await scene.pass(DAY + HOUR);
    const asked = await scene.sweep();
    expect(asked).toMatchObject({ outcome: 'failed', kind: 'needs-person', registered: false });
    expect(asked.next).toMatch(
      /Rotate once by hand.*1\. Developer Console.*2\. npx.*rotate --application Shop --wait.*3\./,
    );
    expect(asked.next).toContain(scene.queueArn);
    expect(await scene.ask({ action: 'status' })).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(scene.stack.metrics.filter(({ name }) => name === 'ApplicationsNeedingAttention').at(-1)?.value).toBe(1);
    await scene.rotate();
    await scene.deliver();
    expect(scene.text('SpApiRotationJournal')).toContain('"heard"');
    const registered = { provenAt: expect.any(String) as string, by: 'new-secret' };
    expect(await scene.sweep()).toMatchObject({ outcome: 'healthy', registered });
  });

  test('is not asked where only a person rotates', async () => {
    scene = await openScene({ props: { mode: RotationMode.NOTIFY_ONLY } });
    await scene.sweep();
    await scene.pass(80 * DAY);
    expect(await scene.sweep()).toMatchObject({ outcome: 'healthy', registered: false });
  });

  test('is proven by no notice that anybody can have written, though its date counts', async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.pass(2 * DAY);
    const expiry = scene.clock.now() + 150 * DAY;
    await scene.send(notice(expiry, scene.clientId()));
    await scene.drain();
    expect(await scene.sweep()).toMatchObject({ worksUntil: new Date(expiry).toISOString(), registered: false });
  });

  test('is proven by a notice with the date that a person read in the console', async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.pass(2 * DAY);
    const on = new Date(scene.clock.now() + 150 * DAY).toISOString().slice(0, 10);
    await scene.ask({ action: 'expires', application: 'Shop', on });
    await scene.send(notice(Date.parse(on) + HOUR, scene.clientId()));
    await scene.drain();
    expect(await scene.sweep()).toMatchObject({ registered: { by: 'expiry-notice' } });
  });

  test('is proven by a message that comes back after a sweep made its client secret current', async () => {
    scene = await openScene({ behaviour: { propagationDelay: 100 * SECOND } });
    await scene.sweep();
    await scene.rotate();
    await scene.deliver();
    await scene.pass(2 * 60 * SECOND);
    expect(await scene.sweep()).toMatchObject({ outcome: 'promoted' });
    expect(scene.text('SpApiRotationJournal')).not.toContain('"heard"');
    await scene.pass(HOUR);
    await scene.drain();
    expect(scene.text('SpApiRotationJournal')).toContain('"heard"');
  });
});
