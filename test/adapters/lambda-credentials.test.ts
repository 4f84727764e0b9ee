import { createServer } from 'node:http';
import { fromHttp } from '@aws-sdk/credential-provider-http';
import { closeServer, listenOnLoopback } from 'local-cloud';
import { defaultProvider } from '../../lambda/adapters/lambda-credentials';

jest.mock('@aws-sdk/credential-provider-http', () => {
  const { fromHttp: actual } = jest.requireActual<{ readonly fromHttp: typeof fromHttp }>(
    '@aws-sdk/credential-provider-http',
  );
  return { fromHttp: jest.fn(actual) };
});

const NAMES = /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CONTAINER_.*)$/;
const ENVIRONMENT = { AWS_ACCESS_KEY_ID: 'ASIAENV', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' };
const FROM_ENVIRONMENT = { accessKeyId: 'ASIAENV', secretAccessKey: 'secret', sessionToken: 'session' };
const Expiration = '2030-01-01T00:00:00Z';
const FROM_CONTAINER = { accessKeyId: 'ASIABOX', expiration: new Date(Expiration) };

const authorizations: unknown[] = [];
const server = createServer((request, response) => {
  authorizations.push(request.headers.authorization);
  const answer = { AccessKeyId: 'ASIABOX', SecretAccessKey: 'secret', Token: 'session', Expiration };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
});
let container: Record<string, string>;

beforeAll(async () => {
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}/credentials`;
  container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'let me in' };
});
beforeEach(() => {
  jest.mocked(fromHttp).mockClear();
  for (const name of Object.keys(process.env).filter((one) => NAMES.test(one))) {
    Reflect.deleteProperty(process.env, name);
  }
});
afterAll(() => closeServer(server));

test.each([
  ["the role's keys in the environment", () => ENVIRONMENT, FROM_ENVIRONMENT, 0],
  ['those, although there is an endpoint too', () => ({ ...ENVIRONMENT, ...container }), FROM_ENVIRONMENT, 0],
  ["the container's endpoint, after a restore from a snapshot", () => container, FROM_CONTAINER, 1],
])('a function takes its credentials from %s', async (_, environment, expected, asked) => {
  authorizations.length = 0;
  Object.assign(process.env, environment());
  expect(await defaultProvider({})()).toMatchObject(expected);
  expect(authorizations).toEqual(Array(asked).fill('let me in'));
});

test('it also knows an endpoint by its path only', async () => {
  process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = '/credentials';
  const found = { accessKeyId: 'ASIAPATH', secretAccessKey: 'secret' };
  jest.mocked(fromHttp).mockReturnValueOnce(() => Promise.resolve(found));
  expect(await defaultProvider({})()).toBe(found);
});

test('without either it says so, and asks nobody', async () => {
  await expect(defaultProvider({})()).rejects.toThrow('Unable to find environment variable credentials');
  expect(fromHttp).not.toHaveBeenCalled();
});
