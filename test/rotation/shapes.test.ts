import { SpApiRegion } from '../../lib';
import { type LocalHub, openScene, synthesize } from './scene';

describe('a secret of another shape', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test('with nested keys is rotated, and all else of it stays', async () => {
    const text = (secret: string, id: string): string =>
      `{ "db":{"clientSecret":"theirs"},\n"lwa":{"id":"${id}", "secret": "${secret}" ,"z":1.10} }`;
    scene = await openScene({
      applications: {
        Shop: {
          text: ({ clientId, clientSecret }) => text(clientSecret, clientId),
          props: { clientIdField: '/lwa/id', clientSecretField: '/lwa/secret' },
        },
      },
    });
    expect(await scene.ask({ action: 'check' })).toMatchObject({ outcome: 'healthy', clientId: scene.clientId() });
    await scene.rotate();
    await scene.deliver();
    expect(scene.text('AWSCURRENT')).toBe(text(scene.newestIssued(), scene.clientId()));
    expect((await scene.sweep()).outcome).toBe('healthy');
  });

  test('that is the client secret alone is rotated, also after it was a JSON object', async () => {
    scene = await openScene();
    await scene.sweep();
    await scene.rotate();
    const props = { clientId: scene.clientId(), region: SpApiRegion.of(scene.amazon.url) };
    const assembly = synthesize({ applications: { Shop: { props } } }, scene.amazon, scene.outputDirectory());
    await scene.stack.update(assembly);
    scene.write('Shop', scene.issued()[0] ?? '');
    expect(await scene.ask({ action: 'status' })).toMatchObject({ clientId: scene.clientId() });
    await scene.deliver();
    expect(scene.text('AWSCURRENT')).toBe(scene.newestIssued());
    expect((await scene.sweep()).outcome).toBe('healthy');
  });
});
