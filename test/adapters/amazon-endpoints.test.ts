import { LwaTokenEndpoint } from '../../lambda/adapters/login-with-amazon';
import { SellingPartnerApiEndpoint } from '../../lambda/adapters/selling-partner-api';
import { KeptConnections, post } from '../../lambda/adapters/http-request';

jest.mock('../../lambda/adapters/http-request', () => {
  const sent = jest.fn(() => Promise.resolve({ status: 200 }));
  return { post: sent, KeptConnections: jest.fn(() => ({ post: sent })) };
});
const sent = jest.mocked(post);
const keeping = jest.mocked(KeptConnections);

beforeEach(() => {
  sent.mockClear();
  keeping.mockClear();
});

test('Login with Amazon is asked for a token of the rotation scope, and answers within ten seconds', async () => {
  const url = 'https://api.amazon.com/auth/o2/token';
  await new LwaTokenEndpoint(url).exchange({ clientId: 'amzn1.x', clientSecret: 'a&b=c d+é' });
  expect(sent.mock.calls).toEqual([
    [
      {
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', accept: 'application/json' },
        body: 'grant_type=client_credentials&scope=sellingpartnerapi%3A%3Aclient_credential%3Arotation&client_id=amzn1.x&client_secret=a%26b%3Dc+d%2B%C3%A9',
        timeout: 10_000,
      },
    ],
  ]);
});

test.each(['', '/', '//'])(
  'the Selling Partner API rotates within thirty seconds, at an endpoint with %j',
  async (end) => {
    const spApi = new SellingPartnerApiEndpoint(`https://sellingpartnerapi-eu.amazon.com${end}`);
    await spApi.rotateClientSecret('Atza|token');
    // A rotation goes over a connection of its own.
    expect(keeping).not.toHaveBeenCalled();
    expect(sent.mock.calls).toEqual([
      [
        {
          url: 'https://sellingpartnerapi-eu.amazon.com/applications/2023-11-30/clientSecret',
          headers: { 'x-amz-access-token': 'Atza|token', accept: 'application/json' },
          body: '',
          timeout: 30_000,
        },
      ],
    ]);
    // The core holds a rotation back where less time than this is left.
    expect(spApi.timeout).toBe(30_000);
  },
);
