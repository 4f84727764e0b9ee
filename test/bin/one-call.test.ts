import { createServer, type ServerResponse } from 'node:http';
import { closeServer, listenOnLoopback, MovableClock, startServices, type Services } from 'local-cloud';
import { invoke } from '../../bin/command/invocation';
import { PlayedAmazon } from '../../bin/command/rehearse/played-amazon';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:none';

let services: Services;
beforeAll(async () => {
  services = await startServices({ clock: new MovableClock() });
  services.iam.addPrincipal({
    name: 'person',
    accessKeyId: 'PERSON',
    policies: [{ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }],
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: services.url,
    AWS_REGION: services.region,
    AWS_ACCESS_KEY_ID: 'PERSON',
    AWS_SECRET_ACCESS_KEY: 'unused',
  });
});
afterAll(async () => {
  await services.stop();
});

const amazon = new PlayedAmazon(FUNCTION);
afterAll(() => {
  amazon.end();
});

test.each<[string, () => Promise<unknown>]>([
  ['invoking the function', () => invoke(FUNCTION, { action: 'status' })],
  ['asking the played Amazon', () => amazon.ask({ action: 'look' })],
])('%s, which is not tried again, gets an answer although the connection of the call before broke', async (_, call) => {
  for (let repetition = 0; repetition < 2; repetition++) {
    await expect(call()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    services.breakConnections();
  }
});

const MAKERS: [string, () => Promise<unknown>][] = [
  ['the function is invoked', () => invoke(FUNCTION, { action: 'status' })],
  ['the played Amazon is asked', () => new PlayedAmazon(FUNCTION).ask({ action: 'look' })],
];
const ANSWERS: [string, (response: ServerResponse) => unknown][] = [
  ['no answer', (response) => response.destroy()],
  ['a failure of the service', (response) => response.writeHead(500).end('{}')],
  ['too many requests', (response) => response.writeHead(429).end('{}')],
];

test.each(MAKERS.flatMap(([what, call]) => ANSWERS.map(([said, answer]) => [what, said, call, answer] as const)))(
  '%s once where there is %s: it may have had its effect',
  async (_what, _said, call, answer) => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      answer(response);
    });
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${await listenOnLoopback(server)}`;
    const outcome = await call().catch((error: unknown) => error);
    await closeServer(server);
    process.env.AWS_ENDPOINT_URL = services.url;
    expect(outcome).toBeInstanceOf(Error);
    expect(asked).toBe(1);
  },
);
