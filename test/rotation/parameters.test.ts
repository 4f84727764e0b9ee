import { createServer, type AddressInfo } from 'node:net';
import { DAY, type LocalHub, openScene } from './scene';

/** Somebody who may call ssm:PutParameter, and nothing else. */
describe('a parameter that somebody else writes', () => {
  let scene: LocalHub;
  let connections = 0;
  const elsewhere = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  const started = new Promise<string>((resolve) => {
    elsewhere.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`);
    });
  });

  beforeEach(async () => {
    connections = 0;
    scene = await openScene({ applications: { Shop: {}, Other: {} } });
  });
  afterEach(() => scene.close());
  afterAll(() => {
    elsewhere.close();
  });

  function parameterOf(id: string): { readonly name: string; readonly value: Record<string, unknown> } {
    const found = scene.stack.find('AWS::SSM::Parameter', ({ properties }) =>
      (properties.Name as string).endsWith(`/${id}`),
    )[0];
    return {
      name: found?.properties.Name as string,
      value: JSON.parse(found?.properties.Value as string) as Record<string, unknown>,
    };
  }

  function put(name: string, value: unknown): void {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    scene.services.parameters.putParameter({ Name: name, Value: text, Overwrite: true });
  }

  test.each<[string, (shop: Record<string, unknown>, url: string) => unknown]>([
    ['is not JSON', () => '{"id":'],
    ['is no object', () => []],
    ['lacks a field', (shop) => ({ ...shop, secretArn: undefined })],
    ['has a value of another type', (shop) => ({ ...shop, rotateAfterDays: '90' })],
    ['has a number out of bounds', (shop) => ({ ...shop, rotateAfterDays: 7 })],
    ['takes the id of another application', (shop) => ({ ...shop, id: 'Other' })],
    ['names a host of somebody else', (shop, url) => ({ ...shop, endpoint: url })],
    ['names a host at AWS', (shop) => ({ ...shop, endpoint: 'https://x.lambda-url.us-east-1.on.aws' })],
    ['names a host that begins like one', (shop) => ({ ...shop, endpoint: 'https://api.amazon.com.example.com' })],
    ['names a host that ends like one', (shop) => ({ ...shop, endpoint: 'https://x-sellingpartnerapi-eu.amazon.com' })],
    ['names another port', (shop) => ({ ...shop, endpoint: 'https://sellingpartnerapi-eu.amazon.com:8443' })],
    [
      'has credentials in its URL',
      (shop) => ({ ...shop, endpoint: 'https://me:word@sellingpartnerapi-eu.amazon.com' }),
    ],
  ])('and %s is the failure of its own application only', async (_name, change) => {
    const { name, value } = parameterOf('Shop');
    put(name, change(value, await started));

    const shop = {
      outcome: 'failed',
      kind: 'needs-person',
      clientId: '',
      next: expect.stringContaining(name) as unknown,
    };
    expect(await scene.rotate('Shop', true)).toMatchObject(shop);
    expect(await scene.ask({ action: 'status' })).toMatchObject(shop);
    expect(await scene.sweep('Shop')).toMatchObject(shop);
    expect(scene.logLines).toContainEqual(
      expect.objectContaining({ application: 'Shop', kind: 'needs-person', next: shop.next, level: 'ERROR' }),
    );
    expect(connections).toBe(0);

    await scene.pass(91 * DAY);
    expect(await scene.sweep('Other')).toMatchObject({ outcome: 'requested' });
    for (let receives = 0; receives < 6; receives += 1) {
      await scene.deliver();
      await scene.pass(DAY / 48);
    }
    expect(scene.clientSecret('AWSCURRENT', 'Other')).toBe(scene.newestIssued('Other'));
    expect(scene.bodies('DeadLetter')).toEqual([]);
    expect(scene.issued('Shop')).toHaveLength(1);
  });

  test('and is additional names itself, and stops nobody', async () => {
    const { name, value } = parameterOf('Shop');
    const added = name.replace(/Shop$/, 'Added.by-nobody');
    put(added, { ...value, endpoint: await started });
    expect(await scene.sweep('Added.by-nobody')).toMatchObject({ next: expect.stringContaining(added) as unknown });
    expect(await scene.sweep('Shop')).toMatchObject({ outcome: 'healthy' });
    expect(connections).toBe(0);
  });

  test('and has a name that could be a credential is not named', async () => {
    const old = '5eafc0de'.repeat(8);
    put(parameterOf('Shop').name.replace(/Shop$/, old), '{}');
    await scene.sweep('Shop');
    await scene.ask({ action: 'status' });
    expect(scene.output).toContain('its name could be a credential');
    expect(scene.output).not.toContain('5eafc0de');
  });
});
