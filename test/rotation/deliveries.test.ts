import { DAY, HOUR, type LocalHub, MINUTE, newSecretNotification, openScene, SECOND } from './scene';

describe('a delivery', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.pass(10 * DAY);
    await scene.deliver();
  });
  afterEach(() => scene.close());

  /** Amazon makes a new secret, and its message waits in the queue. */
  async function rotateInConsole(): Promise<string> {
    const { value } = scene.amazon.model.rotateInConsole(scene.clientId());
    await scene.pass(2 * SECOND);
    return value;
  }

  /** The same, after the hub asked for it. */
  async function requestRotation(): Promise<string> {
    await scene.rotate();
    await scene.pass(2 * SECOND);
    return scene.newestIssued();
  }

  test('that comes twice at once changes the secret once', async () => {
    const [first] = scene.issued();
    const value = await rotateInConsole();
    const [body = ''] = scene.bodies('Notification');
    for (let copy = 0; copy < 4; copy++) {
      await scene.send(body);
    }
    await scene.stack.drainQueue(undefined, { concurrency: 2 });
    await scene.pass(MINUTE);
    await scene.drain();

    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
    expect(scene.clientSecret('AWSPREVIOUS')).toBe(first);
    expect(scene.bodies('Notification')).toEqual([]);
    expect(scene.bodies('DeadLetter')).toEqual([]);
    const ids = scene.events('Client Secret Rotated').map(({ detail }) => detail.versionId);
    expect(new Set(ids).size).toBe(1);
  });

  test('that comes again days later changes nothing', async () => {
    const value = await rotateInConsole();
    const [body = ''] = scene.bodies('Notification');
    await scene.drain();
    const versions = scene.versions();
    await scene.pass(3 * DAY);
    await scene.send(body);
    await scene.drain();

    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
    expect(scene.versions()).toEqual(versions);
    expect(scene.events('Client Secret Rotated')).toHaveLength(1);
    expect(scene.bodies('Notification')).toEqual([]);
  });

  test('that comes after a newer one does not replace the newer one', async () => {
    const older = await rotateInConsole();
    const [olderBody = ''] = await scene.takeMessages();
    await scene.pass(DAY);
    const newer = await rotateInConsole();
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(newer);

    await scene.send(olderBody);
    await scene.drain();

    expect(older).not.toBe(newer);
    expect(scene.clientSecret('AWSCURRENT')).toBe(newer);
    expect(scene.bodies('Notification')).toEqual([]);
  });

  test('that LWA rejects for three hours is installed when LWA accepts it, and is not reported', async () => {
    scene.amazon.model.behaviour.propagationDelay = 3 * HOUR;
    const before = scene.clientSecret('AWSCURRENT');
    const value = await requestRotation();
    for (let minutes = 0; minutes < 170; minutes += 5) {
      await scene.drain();
      expect(scene.clientSecret('AWSCURRENT')).toBe(before);
      await scene.pass(5 * MINUTE);
    }
    expect(scene.clientSecret('AWSPENDING')).toBe(value);
    expect(await scene.sweep()).toMatchObject({ outcome: 'in-flight' });
    await scene.pass(HOUR);
    await scene.drain();

    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
    expect(scene.clientSecret('AWSPREVIOUS')).toBe(before);
    expect(scene.bodies('Notification')).toEqual([]);
    expect(scene.events('Client Secret Rotation Failed')).toEqual([]);
  });

  test('that nobody asked for takes no place until LWA accepts it, and then is installed', async () => {
    scene.amazon.model.behaviour.propagationDelay = 3 * HOUR;
    const before = scene.clientSecret('AWSCURRENT');
    const value = await rotateInConsole();
    await scene.drain();
    expect(scene.clientSecret('AWSPENDING')).toBeUndefined();
    expect((await scene.rotate()).outcome).toBe('not-rotated');
    expect(scene.clientSecret('AWSCURRENT')).toBe(before);
    await scene.pass(4 * HOUR);
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
    expect(scene.clientSecret('AWSPREVIOUS')).toBe(before);
  });

  test('that LWA rejects for a day is reported, moved to the dead-letter queue, and installed by a later sweep', async () => {
    scene.amazon.model.behaviour.propagationDelay = 24 * HOUR;
    const value = await requestRotation();
    for (let halfHours = 0; halfHours < 21; halfHours++) {
      await scene.drain();
      await scene.pass(31 * MINUTE);
    }
    expect(scene.bodies('DeadLetter')).toHaveLength(1);
    expect(await scene.sweep()).toMatchObject({ outcome: 'failed', kind: 'rejected-by-lwa' });
    await scene.pass(15 * HOUR);
    expect(await scene.sweep()).toMatchObject({ outcome: 'promoted' });
    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
  });

  test('of a secret that LWA never accepts blocks no other', async () => {
    await scene.send(newSecretNotification(scene, 'amzn1.oa2-cs.v1.never-made'));
    await scene.drain();
    await scene.pass(HOUR);
    const value = await rotateInConsole();
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
  });

  test('that LWA accepts is installed although a newer one is not accepted yet', async () => {
    const good = await rotateInConsole();
    const [goodBody = ''] = await scene.takeMessages();
    await scene.pass(5 * MINUTE);
    scene.amazon.model.behaviour.propagationDelay = 2 * HOUR;
    const later = await rotateInConsole();
    await scene.drain();
    await scene.send(goodBody);
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(good);

    await scene.pass(3 * HOUR);
    await scene.drain();
    await scene.sweep();
    expect(scene.clientSecret('AWSCURRENT')).toBe(later);
    expect(scene.clientSecret('AWSPREVIOUS')).toBe(good);
  });

  test('older than a secret that a person seeded afterwards is kept for a person to decide', async () => {
    await rotateInConsole();
    const [body = ''] = await scene.takeMessages();
    await scene.pass(DAY);
    const seeded = scene.amazon.model.rotateInConsole(scene.clientId(), false).value;
    scene.write('Shop', JSON.stringify({ clientId: scene.clientId(), clientSecret: seeded }));
    await scene.send(body);
    await scene.drain();

    expect(scene.clientSecret('AWSCURRENT')).toBe(seeded);
    expect(scene.bodies('Notification')).toEqual([body]);
    expect(scene.logLines).toContainEqual(
      expect.objectContaining({ message: 'message kept', application: 'Shop', kind: 'order-unknown' }),
    );

    // By then LWA has forgotten it, which says what its date could not.
    await scene.pass(8 * DAY);
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT')).toBe(seeded);
    expect(scene.bodies('Notification')).toEqual([]);
    expect(scene.bodies('DeadLetter')).toEqual([]);
  });

  test('a delivery that a person replaced before LWA knew it does not block anything', async () => {
    scene.amazon.model.behaviour.propagationDelay = 2 * HOUR;
    await requestRotation();
    await scene.drain();
    await scene.pass(HOUR);
    scene.amazon.model.behaviour.propagationDelay = 0;
    const seeded = scene.amazon.model.rotateInConsole(scene.clientId(), false).value;
    scene.write('Shop', JSON.stringify({ clientId: scene.clientId(), clientSecret: seeded }));
    await scene.pass(HOUR);
    expect(await scene.sweep()).toMatchObject({ outcome: 'failed', kind: 'order-unknown' });

    await scene.pass(8 * DAY);
    expect(await scene.sweep()).toMatchObject({ outcome: 'healthy' });
    expect(scene.clientSecret('AWSCURRENT')).toBe(seeded);
  });

  test('replaces what a person stored meanwhile, if LWA does not know it after the time for propagation', async () => {
    scene.amazon.model.behaviour.propagationDelay = 2 * HOUR;
    const value = await requestRotation();
    await scene.drain();
    await scene.pass(10 * MINUTE);
    const typo = JSON.stringify({ clientId: scene.clientId(), clientSecret: `${value.slice(0, -1)}x` });
    scene.write('Shop', typo);
    await scene.pass(3 * HOUR);
    // It may be a secret from a moment ago.
    expect(await scene.sweep()).toMatchObject({ outcome: 'failed', kind: 'order-unknown' });
    expect(scene.clientSecret('AWSCURRENT')).toBe(`${value.slice(0, -1)}x`);

    await scene.pass(HOUR);
    expect(await scene.sweep()).toMatchObject({ outcome: 'promoted' });
    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
    await scene.drain();
    expect(scene.bodies('Notification')).toEqual([]);
  });
});
