import { setTimeout as sleep } from 'node:timers/promises';
import { ROTATION_SCOPE, startAmazon, type Amazon, type ScriptedAnswer } from '.';
import { MovableClock, startServices, type PolicyDocument, type Services } from 'local-cloud';

const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:q';
const AMAZON_MAY_SEND: PolicyDocument = {
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::437568002678:root' },
    Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
    Resource: QUEUE,
  },
};
const USER_AGENT = 'cdk-sp-api-secret-rotation/0.1.0 (Language=TypeScript; Platform=Node)';

let clock: MovableClock;
let services: Services;
let amazon: Amazon;
let clientId: string;
let clientSecret: string;

beforeEach(async () => {
  clock = new MovableClock();
  services = await startServices({ clock });
  amazon = await startAmazon({ clock, services });
  ({ clientId, clientSecret } = amazon.model.createApplication());
  services.queues.create({ name: 'q', policy: AMAZON_MAY_SEND });
  amazon.model.register(clientId, QUEUE);
});

afterEach(async () => {
  await amazon.stop();
  await services.stop();
});

function exchange(change: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Response> {
  const form = {
    grant_type: 'client_credentials',
    scope: ROTATION_SCOPE,
    client_id: clientId,
    client_secret: clientSecret,
  };
  return fetch(amazon.lwaTokenUrl, { method: 'POST', body: new URLSearchParams({ ...form, ...change }), headers });
}

async function token(): Promise<string> {
  const { access_token: value } = (await (await exchange()).json()) as { access_token: string };
  return value;
}

async function rotate(options: RequestInit = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${amazon.url}/applications/2023-11-30/clientSecret`, {
    method: 'POST',
    redirect: 'manual',
    ...options,
    headers: { accept: 'application/json', 'user-agent': USER_AGENT, 'x-amz-access-token': await token(), ...headers },
  });
}

/** What became of a call: its status, or that it failed. */
async function outcome(call: Promise<Response>): Promise<number | string> {
  try {
    return (await call).status;
  } catch (error) {
    return error instanceof DOMException ? error.name : 'failed';
  }
}

it('rotates, and delivers the new secret into the registered queue', async () => {
  const response = await rotate();
  expect(response.status).toBe(204);
  expect(await response.text()).toBe('');
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  clock.advance(1250);
  await amazon.deliverDue();
  const { visible } = services.queues.inspect(QUEUE);
  expect(visible.map(({ body }) => body)).toEqual([
    expect.stringContaining(amazon.model.currentSecretOf(clientId).value),
  ]);
  expect(services.calls).toEqual([
    expect.objectContaining({ principal: 'sp-api-notifications', operation: 'SendMessage', status: 200 }),
  ]);
});

it('loses no message where the connection of the one before is broken', async () => {
  for (const body of ['one', 'two', 'three']) {
    amazon.model.send(clientId, body);
    await amazon.deliverDue();
    services.breakConnections();
  }
  expect(services.queues.inspect(QUEUE).visible.map(({ body }) => body)).toEqual(['one', 'two', 'three']);
});

it('reports a message that never reached the queue, and does not pass it off as refused', async () => {
  await services.stop();
  amazon.model.send(clientId, 'one');
  await amazon.deliverDue();
  expect(services.refused).toEqual([expect.stringMatching(/^a message of Amazon, on its way to the queue: /)]);
});

it('delivers a message automatically, soon after it is due', async () => {
  await rotate();
  clock.advance(1250);
  const [message] = await services.queues.receive(QUEUE, { waitSeconds: 5 });
  expect(message?.body).toContain('APPLICATION_OAUTH_CLIENT_NEW_SECRET');
});

it.each<[string, () => void]>([
  ['the queue does not let it', () => services.queues.setPolicy(QUEUE, undefined)],
  [
    'the key does not let it',
    () => {
      services.iam.addKeyPolicy(KEY_ARN, {
        Statement: { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'kms:*', Resource: '*' },
      });
      services.queues.setAttributes(QUEUE, { KmsMasterKeyId: KEY_ARN });
    },
  ],
  ['the queue is gone', () => services.queues.remove(QUEUE)],
])('loses the only copy when %s', async (_, spoil) => {
  spoil();
  expect((await rotate()).status).toBe(204);
  clock.advance(1250);
  await amazon.deliverDue();
  expect(amazon.model.lostDeliveries).toHaveLength(1);
});

it('records every call, with the connection it came over', async () => {
  await rotate();
  expect(
    amazon.calls.map(({ endpoint, method, clientId: client, status, problems }) => [
      endpoint,
      method,
      client,
      status,
      problems,
    ]),
  ).toEqual([
    ['lwa', 'POST', clientId, 200, []],
    ['rotate', 'POST', clientId, 204, []],
  ]);
  expect(amazon.calls[0]?.connection).toBeGreaterThan(0);
  expect(amazon.calls[1]?.headers['user-agent']).toBe(USER_AGENT);
});

describe('a client that does not do what is documented', () => {
  it.each<[string, () => Promise<Response>, number, string]>([
    ['GETs a token', () => fetch(amazon.lwaTokenUrl), 400, 'method'],
    ['sends the form as JSON', () => exchange({}, { 'content-type': 'application/json' }), 400, 'content-type'],
    ['sends a parameter too many', () => exchange({ refresh_token: 'x' }), 400, 'the parameters'],
    ['misspells the scope', () => exchange({ scope: 'sellingpartnerapi::client_credentials:rotation' }), 400, 'scope'],
    ['does not say what it accepts', () => rotate({}, { accept: '*/*' }), 415, 'accept'],
    ['has no name', () => rotate({}, { 'user-agent': 'node' }), 415, 'user-agent'],
    ['has too long a name', () => rotate({}, { 'user-agent': `a/1 (${'x'.repeat(500)})` }), 415, 'user-agent'],
    ['sends a body', () => rotate({ body: '{}' }), 413, 'the body'],
    ['signs', () => rotate({}, { authorization: 'AWS4-HMAC-SHA256 x' }), 415, 'authorization'],
    [
      'calls another path',
      () => fetch(`${amazon.url}/applications/2023-11-30/clientSecret/`, { method: 'POST' }),
      404,
      'the path',
    ],
  ])('is refused when it %s', async (_, call, status, problem) => {
    expect((await call()).status).toBe(status);
    expect(amazon.calls.at(-1)?.problems).toContain(problem);
    expect(amazon.model.rotations).toEqual([]);
  });
});

describe('scripted answers', () => {
  /** The client waits until its call has arrived, and then a moment: a busy machine may take long until there. */
  const impatience = (): AbortSignal => {
    const client = new AbortController();
    void (async () => {
      while (!amazon.calls.some(({ endpoint }) => endpoint === 'rotate')) {
        await sleep(5);
      }
      await sleep(100);
      client.abort(new DOMException('no answer', 'TimeoutError'));
    })();
    return client.signal;
  };

  it.each<[ScriptedAnswer, number | string, number]>([
    ['500-before-effect', 500, 0],
    ['500-after-effect', 500, 1],
    ['503-before-effect', 503, 0],
    ['503-after-effect', 503, 1],
    ['html', 503, 0],
    ['garbage', 500, 0],
    ['hang', 'TimeoutError', 0],
    ['timeout-before-effect', 'TimeoutError', 0],
    ['timeout-after-effect', 'TimeoutError', 1],
    ['reset-before-effect', 'failed', 0],
    ['reset-after-effect', 'failed', 1],
    [{ redirect: 'https://example.invalid/' }, 307, 0],
    [{ status: 408 }, 408, 0],
    [{ status: 200, body: 'ok', hasEffect: true }, 200, 1],
    [{ delay: 20 }, 204, 1],
  ])('%j: the client sees %s, rotations: %d', async (answer, seen, rotations) => {
    amazon.script('rotate', answer);
    expect(await outcome(rotate(seen === 'TimeoutError' ? { signal: impatience() } : {}))).toBe(seen);
    expect(amazon.model.rotations).toHaveLength(rotations);
  });

  it('half-answer: the client receives the head and never the end', async () => {
    amazon.script('rotate', 'half-answer');
    const client = new AbortController();
    const response = await rotate({ signal: client.signal });
    expect(response.status).toBe(200);
    const text = response.text();
    setTimeout(() => client.abort(), 100);
    await expect(text).rejects.toThrow();
    expect(amazon.model.rotations).toHaveLength(1);
  });

  it('redirect: the answer has the location', async () => {
    amazon.script('lwa', { redirect: 'http://127.0.0.1:9/elsewhere' });
    const response = await fetch(amazon.lwaTokenUrl, { method: 'POST', redirect: 'manual' });
    expect(response.headers.get('location')).toBe('http://127.0.0.1:9/elsewhere');
  });

  it('apply to a number of calls, and to one application', async () => {
    const other = amazon.model.createApplication();
    amazon.script('lwa', '500-before-effect', { clientId: other.clientId, times: 2 });
    const others = { client_id: other.clientId, client_secret: other.clientSecret };
    const statuses = [];
    for (const change of [{}, others, others, others]) {
      statuses.push(await outcome(exchange(change)));
    }
    expect(statuses).toEqual([200, 500, 500, 200]);
    amazon.script('lwa', 'hang');
    amazon.clearScript();
    expect(await outcome(exchange())).toBe(200);
  });
});
