import { Lazy, Token } from 'aws-cdk-lib';
import { SpApiRegion } from '../../lib';
import { Subject } from './synthesis';

test.each([
  [SpApiRegion.NORTH_AMERICA, 'https://sellingpartnerapi-na.amazon.com'],
  [SpApiRegion.EUROPE, 'https://sellingpartnerapi-eu.amazon.com'],
  [SpApiRegion.FAR_EAST, 'https://sellingpartnerapi-fe.amazon.com'],
  [SpApiRegion.of('https://example.com/sp-api/'), 'https://example.com/sp-api'],
  [SpApiRegion.of('https://sellingpartnerapi-eu.amazon.com/'), 'https://sellingpartnerapi-eu.amazon.com'],
  [SpApiRegion.of('http://localhost:8080'), 'http://localhost:8080'],
  [SpApiRegion.of('http://[::1]:8080'), 'http://[::1]:8080'],
])('%# has the endpoint %s', (region, endpointUrl) => {
  expect(region.endpointUrl).toBe(endpointUrl);
});

test.each(['cn-north-1', 'us-gov-west-1'])('Amazon cannot deliver into a queue in %s', (region) => {
  expect(() => new Subject({}, { stack: { env: { region } } })).toThrow(
    'the region of the stack must be in the partition "aws"',
  );
});

test('an endpoint may be known only at deployment', () => {
  const { endpointUrl } = SpApiRegion.of(Lazy.string({ produce: () => 'later' }));
  expect(Token.isUnresolved(endpointUrl)).toBe(true);
});

test.each([
  ['', 'it is not a URL', '""'],
  ['sellingpartnerapi-eu.amazon.com', 'it is not a URL', '"sellingpartnerapi-eu.amazon.com"'],
  ['http://example.com', 'it must be https (http only for a loopback address)', '"http://example.com"'],
  ['ftp://localhost', 'it must be https (http only for a loopback address)', '"ftp://localhost"'],
  ['https://me:word@example.com', 'it must not contain credentials', '"https://…@example.com"'],
  ['https://example.com?token=word', 'it must not contain a query or a fragment', '"https://example.com…"'],
  ['https://example.com#word', 'it must not contain a query or a fragment', '"https://example.com…"'],
])('%p is no endpoint, and nothing secret in it is repeated', (url, problem, received) => {
  expect(() => SpApiRegion.of(url)).toThrow(
    new Error(
      `an SP-API endpoint must be a URL such as "https://sellingpartnerapi-eu.amazon.com": ${problem}; received ${received}`,
    ),
  );
});

const MISTAKES = {
  'it must be ASCII without white space': [
    ' https://sellingpartnerapi-eu.amazon.com',
    'https://sellingpartnerapi-eu.amazon.com\n',
    'https://sellingpartnerapi-eu .amazon.com',
    'https://sellingpartnerapi-eu.amazon\t.com',
    'https://sellingpartnerapi-eu.amazon.com\u00a0',
    'https://sellingpartnerapi-eu\u200b.amazon.com',
    '\ufeffhttps://sellingpartnerapi-eu.amazon.com',
  ],
  'it is not a URL': [
    'EU',
    'https:/sellingpartnerapi-eu.amazon.com',
    'https:sellingpartnerapi-eu.amazon.com',
    'https:\\\\sellingpartnerapi-eu.amazon.com',
    'https:///sellingpartnerapi-eu.amazon.com',
  ],
  'it must not be the sandbox, which cannot rotate: test with a draft application': [
    'https://sandbox.sellingpartnerapi-na.amazon.com',
    'https://Sandbox.SellingPartnerAPI-eu.amazon.com/',
  ],
  'it must be without the path of an operation, which the functions add': [
    'https://sellingpartnerapi-eu.amazon.com/applications/2023-11-30/clientSecret',
    'https://sellingpartnerapi-eu.amazon.com/applications/2023-11-30',
    'https://sellingpartnerapi-eu.amazon.com/orders/v0/orders',
    'https://sellingpartnerapi-eu.amazon.com/x/',
    'https://example.com/sp-api/applications/2023-11-30/clientSecret/',
    'https://example.com/clientsecret',
  ],
  'it is the endpoint of Login with Amazon, not of SP-API': [
    'https://api.amazon.com',
    'https://api.amazon.co.uk/auth/o2/token',
  ],
};

describe.each(Object.entries(MISTAKES))('of a URL it is said that %s:', (problem, urls) => {
  test.each(urls)('%j', (url) => {
    expect(() => SpApiRegion.of(url)).toThrow(`: ${problem}; received ${JSON.stringify(url)}`);
  });
});
