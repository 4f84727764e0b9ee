import { Lazy, Token } from 'aws-cdk-lib';
import { SpApiRegion } from '../../lib';
import { Subject } from './synthesis';

test.each([
  [SpApiRegion.NORTH_AMERICA, 'https://sellingpartnerapi-na.amazon.com'],
  [SpApiRegion.EUROPE, 'https://sellingpartnerapi-eu.amazon.com'],
  [SpApiRegion.FAR_EAST, 'https://sellingpartnerapi-fe.amazon.com'],
  [SpApiRegion.of('https://example.com/sp-api/'), 'https://example.com/sp-api'],
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
