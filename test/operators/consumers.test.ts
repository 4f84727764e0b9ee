import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { ROTATION_SCOPE } from '../fakes/amazon';
import type { LocalHub } from '../fakes/local-hub';
import { DAY, HOUR, openScene } from '../rotation/scene';
import { operator } from './command';

/** What `npm run consumers:prepare` installs. */
const PREPARED = path.join(__dirname, '..', '..', 'node_modules', '.cache', 'consumers');
const preparedPython = path.join(PREPARED, 'python', 'bin', 'python');
const python = existsSync(preparedPython) ? preparedPython : 'python3';

function isHere(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

const runners = [
  { name: 'Node.js', command: [process.execPath, 'node.mjs'], here: true },
  { name: 'Python', command: [python, 'python.py'], here: isHere(python, '-c', 'import boto3') },
  {
    name: 'Java',
    command: ['java', '--class-path', `${PREPARED}/java/classes:${PREPARED}/java/dependency/*`, 'java/Consumer.java'],
    here: existsSync(path.join(PREPARED, 'java', 'dependency')),
  },
  { name: 'PHP', command: ['php', 'php.php'], here: isHere('php', '--version') },
].map(({ name, command, here }) => [here ? name : `${name} (skipped: it is not here)`, command, here] as const);
const libraryIsHere = isHere(python, '-c', 'import sp_api');

/** The names of the keys in a secret that was there before the hub. */
const FIELDS = { clientIdField: 'LWA_APP_ID', clientSecretField: 'LWA_CLIENT_SECRET' };

function textOf(clientId: string, clientSecret: string): string {
  return JSON.stringify({ LWA_APP_ID: clientId, LWA_CLIENT_SECRET: clientSecret, SP_API_REFRESH_TOKEN: 'Atzr|a' });
}

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

/** A program that reads lines and answers each with one. */
class Consumer {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly answers: AsyncIterator<string>;
  private errors = '';

  /** @param command to run in the folder `consumers` */
  constructor(command: readonly string[], environment: NodeJS.ProcessEnv) {
    const [program = '', ...args] = command;
    this.process = spawn(program, args, {
      cwd: path.join(__dirname, 'consumers'),
      // Where python3 is a shim, the shim needs these two.
      env: { ...environment, HOME: process.env.HOME, PYENV_ROOT: process.env.PYENV_ROOT },
    });
    this.answers = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.stderr.on('data', (text: Buffer) => (this.errors += text.toString()));
  }

  async call(line = 'call'): Promise<string> {
    this.process.stdin.write(`${line}\n`);
    const next = await this.answers.next();
    return next.done === true ? `the consumer has ended: ${this.errors}` : next.value;
  }

  end(): void {
    this.process.kill();
  }
}

let hub: LocalHub;
let amazon: SellersAmazon;
let consumer: Consumer;

/** Starts a consumer of the secret of a hub. */
async function start(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<void> {
  consumer = new Consumer(command, {
    ...operator(hub, ['secretsmanager:GetSecretValue']),
    SECRET_ID: hub.secretArn(),
    SP_API_AWS_SECRET_ID: hub.secretArn(),
    CLIENT_ID_FIELD: FIELDS.clientIdField,
    CLIENT_SECRET_FIELD: FIELDS.clientSecretField,
    AMAZON: await amazon.listen(),
    ...environment,
  });
}

beforeEach(async () => {
  hub = await openScene({
    applications: { Shop: { props: FIELDS, text: ({ clientId, clientSecret }) => textOf(clientId, clientSecret) } },
  });
  amazon = new SellersAmazon(hub);
});
afterEach(async () => {
  consumer.end();
  amazon.close();
  await hub.close();
});

const call = (line?: string): Promise<string> => consumer.call(line);

describe.each(runners)('the consumer in %s', (_name, command, here) => {
  const run = here ? test : test.skip;

  beforeEach(() => start(command));

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
    hub.write('Shop', textOf(hub.clientId(), next.value));
    expect(await call('forget')).toBe('200');
    expect(reads()).toBe(2);

    await hub.pass(8 * DAY);
    expect(await call()).toBe('200');
    expect(reads()).toBe(3);
  });

  run('says so when neither works', async () => {
    hub.write('Shop', textOf(hub.clientId(), 'one'));
    hub.write('Shop', textOf(hub.clientId(), 'another'));
    expect(await call()).toMatch(/neither the current nor the previous/);
  });
});

describe(`python-amazon-sp-api${libraryIsHere ? '' : ' (skipped: it is not here)'}`, () => {
  const run = libraryIsHere ? test : test.skip;
  const LIBRARY = [python, 'python_amazon_sp_api.py'];
  const FAILS = 'AuthorizationError';

  run('goes on after a rotation; a client that lives on fails after the overlap, a new one works', async () => {
    await start(LIBRARY);
    expect(await call()).toBe('200');
    await hub.rotate();
    await hub.deliver();
    expect(await call('later')).toBe('200');

    await hub.pass(8 * DAY);
    expect(await call('later')).toBe(FAILS);
    expect(await call('forget')).toBe('200');
  });

  run('does not find the names of its dictionary in a secret', async () => {
    hub.write('Shop', JSON.stringify({ lwa_app_id: hub.clientId(), lwa_client_secret: hub.newestIssued() }));
    await start(LIBRARY);
    expect(await call()).toBe('MissingCredentials');
  });

  run('takes the variables of its environment before the secret', async () => {
    await start(LIBRARY, {
      LWA_APP_ID: hub.clientId(),
      LWA_CLIENT_SECRET: hub.newestIssued(),
      SP_API_REFRESH_TOKEN: 'Atzr|a',
    });
    await hub.rotate();
    await hub.deliver();
    await hub.pass(8 * DAY);
    expect(await call()).toBe(FAILS);
  });
});
