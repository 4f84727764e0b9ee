import { CfnParameter } from 'aws-cdk-lib';
import { SpApiRegion } from '../../lib';
import { ENVIRONMENT } from '../../lib/contract/environment';
import { resource, Subject } from './synthesis';

const OF_APPLICATION = 'cdk-sp-api-secret-rotation:SpApiApplication.endpointNotAmazons';
const OF_LWA = 'cdk-sp-api-secret-rotation:SpApiSecretRotation.lwaTokenUrlNotAmazons';

function withRegions(...regions: (SpApiRegion | undefined)[]): Subject {
  const subject = new Subject();
  for (const [index, region] of regions.entries()) {
    subject.hub.addApplication(`App${index}`, { region });
  }
  return subject;
}

/** What the functions may send tokens to beside Amazon's endpoints. */
function others({ template }: Subject): unknown[] {
  return ['Rotate', 'Store'].map((name) => {
    const { Environment } = resource(template, 'AWS::Lambda::Function', `Hub${name}Function`).Properties;
    return (Environment as { Variables: Record<string, unknown> }).Variables[ENVIRONMENT.otherEndpoints];
  });
}

test.each([undefined, SpApiRegion.EUROPE, SpApiRegion.of('https://sellingpartnerapi-fe.amazon.com/')])(
  'an endpoint of Amazon is neither warned of nor named to the functions: %j',
  (region) => {
    const subject = withRegions(region);
    expect(others(subject)).toEqual([undefined, undefined]);
    expect(subject.warnings()).toEqual([]);
  },
);

test.each([
  'https://example.com',
  'https://sellingpartnerapi-eu.amazon.com.example.com',
  'https://x-sellingpartnerapi-eu.amazon.com',
  'https://sellingpartnerapi-eu.amazon.com:8443',
  'https://x.execute-api.eu-west-1.amazonaws.com',
  'http://127.0.0.1:8080',
])('an endpoint of somebody else is warned of and named to the functions: %s', (url) => {
  const subject = withRegions(SpApiRegion.of(url));
  expect(subject.warning(OF_APPLICATION)).toContain(
    `region of application "App0" is "${url}", which is no endpoint of Amazon's`,
  );
  expect(others(subject)).toEqual([url, url]);
  // The functions know it before the parameter says it.
  const { DependsOn } = resource(subject.template, 'AWS::SSM::Parameter', 'HubApplicationsApp0Settings');
  expect(DependsOn).toEqual(expect.arrayContaining([expect.stringContaining('HubRotateFunction')]));
});

test('each is named once', () => {
  const [one, other] = ['https://one.example', 'https://other.example'];
  const subject = withRegions(SpApiRegion.of(one), SpApiRegion.of(other), SpApiRegion.of(one), SpApiRegion.EUROPE);
  expect(others(subject)).toEqual([`${one} ${other}`, `${one} ${other}`]);
});

test('one that is known only at deployment is named to the functions', () => {
  const subject = new Subject();
  const parameter = new CfnParameter(subject.stack, 'Endpoint');
  subject.hub.addApplication('App', { region: SpApiRegion.of(parameter.valueAsString) });
  expect(others(subject)).toEqual([{ Ref: 'Endpoint' }, { Ref: 'Endpoint' }]);
});

test.each([
  ['https://api.amazon.com/auth/o2/token', []],
  ['https://api.amazon.co.uk/auth/o2/token', []],
  ['https://api.amazon.com.example.com/auth/o2/token', [OF_LWA]],
  ['http://127.0.0.1:8080/token', [OF_LWA]],
])('a token endpoint that is not Amazon is warned of: %s', (lwaTokenUrl, warnings) => {
  const subject = new Subject({ lwaTokenUrl });
  subject.hub.addApplication('App');
  expect(subject.warnings()).toEqual(warnings);
});

test.each([
  ['https://sellingpartnerapi-eu.amazon.com', 'it is an endpoint of SP-API, not of Login with Amazon'],
  [
    'https://sandbox.sellingpartnerapi-eu.amazon.com/auth/o2/token',
    'it is an endpoint of SP-API, not of Login with Amazon',
  ],
  ['https://api.amazon.com', 'it must end with /auth/o2/token'],
  ['https://api.amazon.co.jp/auth/o2/token/', 'it must end with /auth/o2/token'],
  ['https://api.amazon.com/auth/o2/token ', 'it must be ASCII without white space'],
  ['https:/api.amazon.com/auth/o2/token', 'it is not a URL'],
])('a token endpoint that no client secret can be sent to is refused: %j', (lwaTokenUrl, problem) => {
  expect(() => new Subject({ lwaTokenUrl })).toThrow(
    `lwaTokenUrl must be a URL such as "https://api.amazon.com/auth/o2/token": ${problem}; received ${JSON.stringify(lwaTokenUrl)}`,
  );
});
