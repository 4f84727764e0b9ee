import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { ROTATION_SCOPE } from '../fakes/amazon';
import type { LocalHub } from '../fakes/local-hub';
import { DAY, HOUR, openScene } from '../rotation/scene';
import { operator } from './command';

jest.setTimeout(60_000);

const python = spawnSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' }).status === 0;
const runners: [string, string, string, boolean][] = [
  ['Node.js', process.execPath, 'node.mjs', true],
  [python ? 'Python' : 'Python (skipped: python3 with boto3 is not here)', 'python3', 'python.py', python],
];

/** SP-API and LWA's refresh tokens, as far as a consumer sees them; which client secrets work is the model's to say. */
class SellersAmazon {
  private readonly tokens = new Map<string, readonly [clientId: string, clientSecret: string]>();
  private readonly server: Server;

  constructor(private readonly hub: LocalHub) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const [status, body] =
          request.url === '/token'
            ? this.exchange(new URLSearchParams(Buffer.concat(chunks).toString()))
            : this.orders(String(request.headers['x-amz-access-token']));
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private exchange(form: URLSearchParams): [number, object] {
    expect(form.get('grant_type')).toBe('refresh_token');
    const [clientId, clientSecret] = [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
    const { status, body } = this.hub.amazon.model.exchange({
      grantType: 'client_credentials',
      scope: ROTATION_SCOPE,
      clientId,
      clientSecret,
    });
    const answer = JSON.parse(body) as { access_token?: string };
    if (answer.access_token !== undefined) {
      this.tokens.set(answer.access_token, [clientId, clientSecret]);
    }
    return [status, answer];
  }

  private orders(token: string): [number, object] {
    const [clientId, clientSecret] = this.tokens.get(token) ?? ['', ''];
    return this.hub.amazon.model.callSellingPartnerApi(clientId, clientSecret).works ? [200, {}] : [403, {}];
  }
}

describe.each(runners)('the consumer in %s', (_name, program, file, isHere) => {
  const run = isHere ? test : test.skip;
  let hub: LocalHub;
  let amazon: SellersAmazon;
  let consumer: ChildProcessWithoutNullStreams;
  let answers: AsyncIterator<string>;

  beforeEach(async () => {
    hub = await openScene();
    amazon = new SellersAmazon(hub);
    consumer = spawn(program, [path.join(__dirname, 'consumers', file)], {
      env: {
        ...operator(hub, ['secretsmanager:GetSecretValue']),
        // Of what python3 is made of, where it is a shim.
        ...(file.endsWith('.py') && { HOME: process.env.HOME, PYENV_ROOT: process.env.PYENV_ROOT }),
        SECRET_ID: hub.secretArn(),
        AMAZON: await amazon.listen(),
      },
    });
    answers = createInterface({ input: consumer.stdout })[Symbol.asyncIterator]();
  });
  afterEach(async () => {
    consumer.kill();
    amazon.close();
    await hub.close();
  });

  async function call(line = 'call'): Promise<string> {
    consumer.stdin.write(`${line}\n`);
    const next = await answers.next();
    return next.done === true ? 'the consumer has ended' : next.value;
  }

  function reads(): number {
    return hub.services.calls.filter(({ principal }) => principal === 'anna').length;
  }

  run('goes on through a rotation and past the death of the old secret, reading only when it must', async () => {
    expect(await call()).toBe('200');
    expect(await call()).toBe('200');
    expect(reads()).toBe(1);

    await hub.rotate();
    await hub.deliver();
    expect(await call()).toBe('200');
    expect(reads()).toBe(1);

    await hub.pass(8 * DAY);
    expect(await call()).toBe('200');
    expect(reads()).toBe(2);
  });

  run('falls back to the previous client secret while LWA does not know the current one', async () => {
    hub.amazon.model.behaviour.propagationDelay = HOUR;
    const next = hub.amazon.model.rotateInConsole(hub.clientId(), false);
    hub.write('Shop', JSON.stringify({ clientId: hub.clientId(), clientSecret: next.value }));
    expect(await call('forget')).toBe('200');
    expect(reads()).toBe(2);

    await hub.pass(8 * DAY);
    expect(await call()).toBe('200');
    expect(reads()).toBe(3);
  });

  run('says so when neither works', async () => {
    hub.write('Shop', JSON.stringify({ clientId: hub.clientId(), clientSecret: 'one' }));
    hub.write('Shop', JSON.stringify({ clientId: hub.clientId(), clientSecret: 'another' }));
    expect(await call()).toMatch(/neither the current nor the previous/);
  });
});
