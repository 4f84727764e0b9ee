import { DAY, HOUR, type LocalHub, openScene, type SceneApplication, SECOND } from './scene';

describe('the JSON of a secret', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test('keeps its other keys byte for byte', async () => {
    const text = (clientSecret: string, clientId: string): string =>
      `{\n\t"zeta": 1.0, "big":12345678901234567890,\n  "clientSecret" : "${clientSecret}",  "clientId":"${clientId}",` +
      `"dup":1,"dup":2, "nested":{"clientSecret":"inner"},"unicode":"\\u00e9é", "refreshToken": "Atzr|keep" }\n`;
    scene = await openScene({
      applications: { Shop: { text: ({ clientId, clientSecret }) => text(clientSecret, clientId) } },
    });
    await scene.rotate();
    await scene.deliver();
    expect(scene.text('AWSCURRENT')).toBe(text(scene.newestIssued(), scene.clientId()));
  });

  test('may be as deep as it likes', async () => {
    const deep = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;
    const text = (clientId: string, clientSecret: string): string =>
      `{"deep":${deep},"clientSecret":"${clientSecret}","clientId":"${clientId}"}`;
    const shop: SceneApplication = { text: ({ clientId, clientSecret }) => text(clientId, clientSecret) };
    scene = await openScene({ applications: { Shop: shop } });
    await scene.rotate();
    await scene.deliver();
    expect(scene.text('AWSCURRENT')).toBe(text(scene.clientId(), scene.newestIssued()));
  });

  test.each([
    ['AppClientId', 'AppClientSecret'],
    ['LWA_APP_ID', 'LWA_CLIENT_SECRET'],
  ])('may call its keys %s and %s', async (clientIdField, clientSecretField) => {
    const shop: SceneApplication = {
      props: { clientIdField, clientSecretField },
      text: ({ clientId, clientSecret }) =>
        JSON.stringify({ [clientIdField]: clientId, [clientSecretField]: clientSecret, clientSecret: 'not this one' }),
    };
    scene = await openScene({ applications: { Shop: shop } });
    await scene.rotate();
    await scene.deliver();
    expect(JSON.parse(scene.text('AWSCURRENT') ?? '')).toEqual({
      [clientIdField]: scene.clientId(),
      [clientSecretField]: scene.newestIssued(),
      clientSecret: 'not this one',
    });
  });

  test.each<[string, SceneApplication['text'], string, string]>([
    ['no value', null, 'not-seeded', 'not-seeded'],
    ['a raw string', ({ clientSecret }): string => clientSecret, 'failed', 'not-json'],
    ['a JSON array', (): string => '[]', 'failed', 'not-json'],
    ['no client id', ({ clientSecret }): string => JSON.stringify({ clientSecret }), 'failed', 'field-missing'],
    [
      'an empty client secret',
      ({ clientId }): string => JSON.stringify({ clientId, clientSecret: '' }),
      'failed',
      'field-missing',
    ],
    ...(
      [
        [
          'the two values swapped',
          ({ clientId, clientSecret }) => ({ clientId: clientSecret, clientSecret: clientId }),
        ],
        ['the client secret twice', ({ clientSecret }) => ({ clientId: clientSecret, clientSecret })],
        [
          'a client secret behind the client id',
          ({ clientId, clientSecret }) => ({ clientId: clientId + clientSecret, clientSecret }),
        ],
        [
          'a line break behind the client id',
          ({ clientId, clientSecret }) => ({ clientId: `${clientId}\n`, clientSecret }),
        ],
        [
          'the application id for a client id',
          ({ clientSecret }) => ({ clientId: 'amzn1.sp.solution.1234', clientSecret }),
        ],
      ] as readonly [string, (credentials: { clientId: string; clientSecret: string }) => object][]
    ).map(
      ([name, object]) =>
        [
          name,
          (credentials: { clientId: string; clientSecret: string }) => JSON.stringify(object(credentials)),
          'failed',
          'wrong-client-id',
        ] as [string, SceneApplication['text'], string, string],
    ),
  ])('with %s is reported and not touched', async (_name, text, outcome, kind) => {
    scene = await openScene({ applications: { Shop: { text } } });
    const versions = scene.versions();
    expect(await scene.sweep()).toMatchObject({ outcome, kind });
    expect(await scene.rotate()).toMatchObject({ outcome, kind });
    expect(scene.versions()).toEqual(versions);
    await scene.ask({ action: 'check' });
    expect(scene.amazon.calls).toEqual([]);
    expect(scene.events('Client Secret Rotation Failed')[0]?.detail).toMatchObject({ application: 'Shop', kind });
  });

  test('without room for a new client secret stops a rotation', async () => {
    scene = await openScene({
      applications: {
        Shop: { text: (credentials) => JSON.stringify({ ...credentials, padding: 'x'.repeat(64_900) }) },
      },
    });
    expect(await scene.rotate()).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(scene.posts).toBe(0);
  });

  test('edited by a person while a promotion is under way keeps the edit', async () => {
    scene = await openScene();
    await scene.rotate();
    let edited = '';
    scene.services.faults.add({
      service: 'secretsmanager',
      operation: 'UpdateSecretVersionStage',
      match: () => {
        if (edited === '') {
          edited = JSON.stringify({ ...(JSON.parse(scene.text('AWSCURRENT') ?? '') as object), note: 'mine' });
          scene.write('Shop', edited);
        }
        return false;
      },
      effect: 'throttle',
    });
    await scene.deliver();

    const current = JSON.parse(scene.text('AWSCURRENT') ?? '') as Record<string, string>;
    expect(current).toEqual({ clientId: scene.clientId(), clientSecret: scene.newestIssued(), note: 'mine' });
    expect(scene.text('AWSPREVIOUS')).toBe(edited);
  });

  test('is healed, and that is reported, after somebody wrote an old client secret back', async () => {
    scene = await openScene();
    const old = scene.text('AWSCURRENT') ?? '';
    await scene.rotate();
    await scene.deliver();
    await scene.pass(DAY);
    scene.write('Shop', old);

    expect((await scene.sweep()).outcome).toBe('promoted');
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    expect(scene.events('Client Secret Rotation Failed').map(({ detail }) => detail.kind)).toContain('overwritten');
    expect(scene.posts).toBe(1);
  });

  test('keeps the other client secret that a person seeded, and reports it', async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.pass(DAY);
    const made = scene.amazon.model.rotateInConsole(scene.clientId(), false).value;
    scene.write('Shop', JSON.stringify({ clientId: scene.clientId(), clientSecret: made }));
    expect((await scene.sweep()).outcome).toBe('healthy');
    expect(scene.clientSecret('AWSCURRENT')).toBe(made);
    expect(scene.events('Client Secret Rotation Failed')).toHaveLength(1);
    await scene.pass(HOUR);
    await scene.sweep();
    expect(scene.events('Client Secret Rotation Failed')).toHaveLength(1);
  });

  test('of another application under the same name begins again', async () => {
    scene = await openScene();
    await scene.rotate();
    await scene.deliver();
    const other = scene.amazon.model.createApplication();
    scene.write('Shop', JSON.stringify({ clientId: other.clientId, clientSecret: other.clientSecret }));
    await scene.pass(HOUR);
    expect(await scene.sweep()).toMatchObject({ outcome: 'healthy', clientId: other.clientId });
    expect(scene.clientSecret('AWSCURRENT')).toBe(other.clientSecret);
  });

  test('is written with a label that is not AWSCURRENT, whatever happens', async () => {
    scene = await openScene();
    await scene.rotate();
    await scene.deliver();
    await scene.pass(30 * DAY);
    scene.amazon.model.rotateInConsole(scene.clientId());
    await scene.pass(2 * SECOND);
    await scene.deliver();
    const puts = scene.services.calls.filter(({ operation }) => operation === 'PutSecretValue');
    expect(puts.length).toBeGreaterThan(5);
    for (const { request } of puts) {
      const { VersionStages: labels, ClientRequestToken: token } = request as Record<string, unknown>;
      expect(labels).toHaveLength(1);
      expect(['AWSPENDING', 'SpApiRotationJournal']).toContain((labels as string[])[0]);
      expect(token).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});
