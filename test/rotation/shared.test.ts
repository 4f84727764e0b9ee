import { DAY, HOUR, type LocalHub, MINUTE, openScene, SECOND } from './scene';

const SHOP_AND_OTHER = { Shop: {}, Zeta: {} };

/** Everything that a secret holds, in whatever version. */
function textsOf(scene: LocalHub, id: string): string {
  return scene
    .versions(id)
    .map(({ text }) => text)
    .join();
}

/** A tenant writes into their own secret: its value, or a version with another label. */
function put(scene: LocalHub, label: string, value: object): void {
  scene.services.secretsManager.putSecretValue({
    SecretId: scene.secretArn('Zeta'),
    SecretString: JSON.stringify(value),
    VersionStages: [label],
  });
}

describe('somebody who may write only their own secret, and writes the client id of another application into it,', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene({ applications: SHOP_AND_OTHER });
    await scene.sweep();
    await scene.pass(10 * DAY);
    await scene.deliver();
  });
  afterEach(() => scene.close());

  function journalOf(id: string): Record<string, unknown> {
    return JSON.parse(scene.text('SpApiRotationJournal', id) ?? '{}') as Record<string, unknown>;
  }

  const forgeries: Readonly<Record<string, () => void>> = {
    'and nothing else': () => undefined,
    'and a journal that says LWA accepted it': () => {
      const { clientId, proven } = journalOf('Zeta');
      put(scene, 'SpApiRotationJournal', {
        ...journalOf('Zeta'),
        clientId: scene.clientId(),
        proven: [proven, clientId],
      });
      put(scene, 'SpApiRotationJournal', {
        ...journalOf('Zeta'),
        clientId: scene.clientId(),
        proven: ['11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437'],
      });
    },
    'and AWSPENDING beside it': () => {
      put(scene, 'AWSPENDING', { clientId: scene.clientId(), clientSecret: 'anything else' });
    },
  };

  test.each(Object.keys(forgeries))(
    '%s, is given none of its client secrets, and keeps nobody from theirs',
    async (name) => {
      scene.write('Zeta', JSON.stringify({ clientId: scene.clientId(), clientSecret: 'anything' }));
      await scene.sweep('Zeta');
      forgeries[name]?.();
      expect(await scene.rotate()).toMatchObject({ outcome: 'requested' });
      await scene.deliver();
      await scene.sweep();

      const value = scene.newestIssued();
      expect(scene.clientSecret('AWSCURRENT')).toBe(value);
      expect(textsOf(scene, 'Zeta')).not.toContain(value);
      expect(scene.bodies('Notification')).toHaveLength(1);
      expect(scene.logLines).toContainEqual(
        expect.objectContaining({ message: 'message kept', application: 'Zeta', kind: 'unproven' }),
      );
      expect(scene.events('Client Secret Rotated').map(({ detail }) => detail.application)).toEqual(['Shop']);
    },
  );

  test('is told that it is the client id of another, while LWA accepts that one', async () => {
    scene.write('Zeta', JSON.stringify({ clientId: scene.clientId(), clientSecret: 'anything' }));
    expect(await scene.sweep('Zeta')).toMatchObject({ outcome: 'failed', kind: 'unproven' });
    const status = await scene.ask({ action: 'status' }, 'Zeta');
    expect(status).toMatchObject({ outcome: 'failed', kind: 'unproven' });
    expect(status.next).toContain('It shares its client id with Shop.');
  });

  test('keeps its own application waiting, and no other, until LWA accepts what is stored', async () => {
    scene.write('Zeta', JSON.stringify({ clientId: scene.clientId(), clientSecret: 'anything' }));
    await scene.rotate();
    await scene.deliver();
    scene.write('Zeta', scene.text('AWSPREVIOUS') ?? '');
    await scene.pass(MINUTE);
    await scene.drain();
    expect(scene.clientSecret('AWSCURRENT', 'Zeta')).toBe(scene.newestIssued());
    expect(scene.bodies('Notification')).toEqual([]);
  });

  test('holds back nobody by a journal that says a rotation is under way', async () => {
    scene.write('Zeta', JSON.stringify({ clientId: scene.clientId(), clientSecret: 'anything' }));
    await scene.sweep('Zeta');
    const at = scene.clock.now();
    put(scene, 'SpApiRotationJournal', {
      ...journalOf('Zeta'),
      proven: ['anything'],
      postedAt: at,
      rotation: { id: 'forged', at, reason: 'schedule', outcome: 'open', refusals: 0 },
    });
    expect(await scene.rotate()).toMatchObject({ outcome: 'requested' });
    expect(scene.posts).toBe(1);
  });
});

test('an application whose client secret LWA has forgotten gets the delivered one, where it was proven before', async () => {
  const scene = await openScene();
  try {
    await scene.sweep();
    scene.amazon.model.behaviour.tokensForExpiredSecret = false;
    await scene.pass(181 * DAY);
    const { value } = scene.amazon.model.rotateInConsole(scene.clientId(), true);
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(value);
  } finally {
    await scene.close();
  }
});

describe('one application at Amazon, with two secrets here,', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene({ applications: SHOP_AND_OTHER });
    scene.write('Zeta', scene.text('AWSCURRENT') ?? '');
    await scene.sweep();
    await scene.pass(10 * DAY);
  });
  afterEach(() => scene.close());

  function expectBothToHoldTheNewest(): void {
    const value = scene.newestIssued();
    expect(['Shop', 'Zeta'].map((id) => scene.clientSecret('AWSCURRENT', id))).toEqual([value, value]);
    expect(scene.bodies('Notification')).toEqual([]);
  }

  test('is rotated once, whichever is asked for, and both get the client secret and say who asked', async () => {
    expect(await scene.rotate('Zeta')).toMatchObject({ outcome: 'requested' });
    await scene.pass(2 * MINUTE);
    expect(await scene.rotate('Shop')).toMatchObject({ outcome: 'not-rotated', guard: 'in-flight' });
    expect(await scene.rotate('Zeta')).toMatchObject({ outcome: 'not-rotated', guard: 'in-flight' });
    await scene.deliver();
    expectBothToHoldTheNewest();
    expect(await scene.rotate('Shop')).toMatchObject({ outcome: 'not-rotated', guard: 'overlap' });
    expect(await scene.rotate('Zeta')).toMatchObject({ outcome: 'not-rotated', guard: 'overlap' });
    expect(scene.posts).toBe(1);
    const rotated = scene.events('Client Secret Rotated').map(({ detail }) => detail);
    expect(new Set(rotated.map(({ rotationId }) => rotationId)).size).toBe(1);
    expect(rotated).toMatchObject([
      { reason: 'person', requestedBy: 'a test' },
      { reason: 'person', requestedBy: 'a test' },
    ]);
    expect(scene.events('Client Secret Rotation Requested')).toHaveLength(1);
  });

  test('is rotated once by two people at one time', async () => {
    const answers = await Promise.all([scene.rotate('Shop'), scene.rotate('Zeta')]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['not-rotated', 'requested']);
    expect(scene.posts).toBe(1);
  });

  test('is rotated by the schedule once, also while the message does not come, and nothing is said to have failed', async () => {
    await scene.pass(80 * DAY);
    scene.amazon.model.behaviour.deliveryDelay = 5 * HOUR;
    for (let hour = 0; hour < 4; hour++) {
      await scene.sweep();
      await scene.pass(HOUR);
    }
    expect(scene.posts).toBe(1);
    expect(scene.events('Client Secret Rotation Failed')).toEqual([]);
    await scene.pass(HOUR);
    await scene.drain();
    expectBothToHoldTheNewest();
    expect(await scene.sweep('Zeta')).toMatchObject({ outcome: 'healthy' });
    expect(scene.posts).toBe(1);
  });

  test('is named as one by status', async () => {
    for (const [id, other] of [
      ['Shop', 'Zeta'],
      ['Zeta', 'Shop'],
    ] as const) {
      expect((await scene.ask({ action: 'status' }, id)).next).toContain(`It shares its client id with ${other}.`);
    }
  });

  test('has one secret that cannot be written, which holds up neither the rotation nor the other', async () => {
    scene.services.faults.add({
      service: 'secretsmanager',
      operation: 'PutSecretValue',
      match: (request) => (request as { readonly SecretId: string }).SecretId === scene.secretArn('Shop'),
      times: 100,
      effect: 'access-denied',
    });
    expect(await scene.rotate('Zeta')).toMatchObject({ outcome: 'requested' });
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT', 'Zeta')).toBe(scene.newestIssued());
    expect(scene.clientSecret('AWSCURRENT', 'Shop')).not.toBe(scene.newestIssued());
    scene.services.faults.clear();
    await scene.pass(MINUTE);
    await scene.drain();
    expectBothToHoldTheNewest();
    expect(scene.posts).toBe(1);
  });
});

test('a sweep of healthy applications reads all secrets at once, each journal, and asks LWA once, also where they share a client id', async () => {
  const scene = await openScene({ applications: SHOP_AND_OTHER });
  try {
    scene.write('Zeta', scene.text('AWSCURRENT') ?? '');
    await scene.sweep();
    await scene.pass(2 * HOUR);
    await scene.sweep();
    const before = scene.services.calls.length;
    const asked = scene.amazon.calls.length;
    await scene.pass(HOUR);
    await scene.sweep();
    const calls = scene.services.calls.slice(before).map(({ operation }) => operation);
    const ofSecrets = ['BatchGetSecretValue', 'GetSecretValue', 'DescribeSecret'];
    expect(calls.filter((operation) => ofSecrets.includes(operation)).sort()).toEqual([
      'BatchGetSecretValue',
      'GetSecretValue',
      'GetSecretValue',
    ]);
    expect(scene.amazon.calls).toHaveLength(asked + 2);
  } finally {
    await scene.close();
  }
});

describe('a hub with an application that cannot be read', () => {
  /** Amazon delivers a client secret, and an hour goes by. */
  async function passAnHour(scene: LocalHub): Promise<void> {
    await scene.deliver();
    for (let minutes = 0; minutes < 60; minutes += 1) {
      await scene.drain();
      await scene.pass(MINUTE);
    }
    expect(scene.bodies('Unclaimed')).toEqual([]);
    await scene.pass(5 * MINUTE);
    await scene.drain();
  }

  test("because nobody seeded it gives a stranger's client secret to the unclaimed queue after an hour", async () => {
    const scene = await openScene({ applications: { Shop: {}, Zeta: { text: null } } });
    try {
      const stranger = scene.amazon.model.rotateStranger(scene.queueArn);
      await passAnHour(scene);
      expect(scene.bodies('Unclaimed')).toEqual([expect.stringContaining(stranger.clientSecret)]);
      expect([...scene.bodies('Notification'), ...scene.bodies('DeadLetter')]).toEqual([]);
    } finally {
      await scene.close();
    }
  });

  test('finds its client secret there, and installs it when it is sent back', async () => {
    const scene = await openScene({ applications: SHOP_AND_OTHER });
    try {
      scene.services.faults.add({
        service: 'secretsmanager',
        match: (request) => JSON.stringify(request).includes(scene.secretArn('Zeta')),
        times: 1000,
        effect: 'access-denied',
      });
      const { value } = scene.amazon.model.rotateInConsole(scene.clientId('Zeta'), true);
      await passAnHour(scene);
      const [body = ''] = scene.bodies('Unclaimed');
      scene.services.faults.clear();
      await scene.send(body);
      await scene.drain();
      expect(scene.clientSecret('AWSCURRENT', 'Zeta')).toBe(value);
    } finally {
      await scene.close();
    }
  });
});

describe('ten copies of one message in a batch', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.pass(10 * DAY);
    await scene.deliver();
  });
  afterEach(() => scene.close());

  async function sendCopies(): Promise<void> {
    const [body = ''] = scene.bodies('Notification');
    for (let copy = 1; copy < 10; copy++) {
      await scene.send(body);
    }
    await scene.drain();
    expect(scene.bodies('Notification')).toEqual([]);
  }

  test('are announced once, where they are a new client secret', async () => {
    scene.amazon.model.rotateInConsole(scene.clientId(), true);
    await scene.pass(2 * SECOND);
    await sendCopies();
    expect(scene.events('Client Secret Rotated')).toHaveLength(1);
  });

  test('are told of once, where they are a notice of expiry', async () => {
    // The rotation that the notice begins may be answered before the queue is looked at.
    scene.amazon.model.behaviour.deliveryDelay = HOUR;
    await scene.pass(80.1 * DAY);
    await sendCopies();
    expect(scene.events('Client Secret Expiring')).toHaveLength(1);
  });
});
