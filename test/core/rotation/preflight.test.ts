import { preflight, preflightProblem } from '../../../lambda/core/rotation/preflight';
import { verdictOf } from '../../../lambda/core/rotation/queue-policy';
import type { QueueAttributes } from '../../../lambda/core/ports';
import { HUB } from '../entries';
import { OneApplication } from '../one-application';

const AMAZON = 'arn:aws:iam::437568002678:root';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0a0a0a0a-0000-4000-8000-000000000000';
const ALLOW = {
  Effect: 'Allow',
  Principal: { AWS: AMAZON },
  Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
  Resource: '*',
};
const DENY_PLAIN_HTTP = {
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: 'sqs:*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

function queue(statements: unknown, changes: Partial<QueueAttributes> = {}): QueueAttributes {
  return {
    policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    key: undefined,
    retentionSeconds: 1_209_600,
    ...changes,
  };
}

function problemOf(attributes: QueueAttributes | undefined, key?: string): ReturnType<typeof preflightProblem> {
  return preflightProblem(attributes, verdictOf(attributes?.policy, HUB), key);
}

describe('the queue', () => {
  test('of the stack is ready', () => {
    expect(problemOf(queue([DENY_PLAIN_HTTP, ALLOW]))).toBeUndefined();
  });

  test('must exist', () => {
    expect(problemOf(undefined)).toBe('preflight-queue');
  });

  test.each([
    [345_600, 'preflight-queue'],
    [8 * 86_400 - 1, 'preflight-queue'],
    [8 * 86_400, undefined],
  ])('that keeps messages for %i s: %s', (retentionSeconds, problem) => {
    expect(problemOf(queue([ALLOW], { retentionSeconds }))).toBe(problem);
  });

  test.each([
    [KEY, KEY, undefined],
    [KEY, '0a0a0a0a-0000-4000-8000-000000000000', undefined],
    [KEY, 'a0a0a0a-0000-4000-8000-000000000000', 'preflight-key'],
    [KEY, 'alias/aws/sqs', 'preflight-key'],
    [KEY, undefined, 'preflight-key'],
    [undefined, KEY, undefined],
    [undefined, undefined, undefined],
  ])('deployed with key %s, under key %s: %s', (deployed, key, problem) => {
    expect(problemOf(queue([ALLOW], { key }), deployed)).toBe(problem);
  });
});

describe("the queue's policy", () => {
  test.each<[string, unknown]>([
    ['the account by its number', { ...ALLOW, Principal: { AWS: '437568002678' } }],
    ['the account among others', { ...ALLOW, Principal: { AWS: ['111122223333', AMAZON] } }],
    ['the account in another partition', { ...ALLOW, Principal: { AWS: 'arn:aws-cn:iam::437568002678:root' } }],
    ['everybody', { ...ALLOW, Principal: '*' }],
    ['everybody, by AWS', { ...ALLOW, Principal: { AWS: '*' } }],
    ['all actions', { ...ALLOW, Action: 'sqs:*' }],
    ['everything', { ...ALLOW, Action: '*' }],
    ['actions in other letters', { ...ALLOW, Action: ['SQS:SendMessage', 'sqs:getqueue*'] }],
    ['a question mark for a letter', { ...ALLOW, Action: ['sqs:SendMessag?', 'sqs:GetQueue?ttributes'] }],
    ['an empty condition', { ...ALLOW, Condition: {} }],
    ['a statement outside an array', ALLOW],
    [
      'one action in each of two statements',
      [ALLOW.Action[0], ALLOW.Action[1]].map((Action) => ({ ...ALLOW, Action })),
    ],
    ['a denial of somebody else', [ALLOW, { ...ALLOW, Effect: 'Deny', Principal: { AWS: '111122223333' } }]],
    ['a denial of another action', [ALLOW, { ...ALLOW, Effect: 'Deny', Action: 'sqs:ReceiveMessage' }]],
  ])('lets Amazon in with %s', (_, statements) => {
    expect(problemOf(queue(statements))).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['no statement', []],
    ['only one action', { ...ALLOW, Action: 'sqs:SendMessage' }],
    ['only the other action', { ...ALLOW, Action: 'sqs:GetQueueAttributes' }],
    ['an action of a similar name', { ...ALLOW, Action: ['sqs:SendMessageX', 'sqs:GetQueueAttributes'] }],
    ['somebody else', { ...ALLOW, Principal: { AWS: '111122223333' } }],
    ['a service', { ...ALLOW, Principal: { Service: 'sqs.amazonaws.com' } }],
    ['a role of the account', { ...ALLOW, Principal: { AWS: 'arn:aws:iam::437568002678:role/x' } }],
    ['a condition', { ...ALLOW, Condition: { StringEquals: { 'aws:SourceAccount': '437568002678' } } }],
    ['NotPrincipal', { ...ALLOW, Principal: undefined, NotPrincipal: { AWS: '111122223333' } }],
    ['a dot, which stands for itself', { ...ALLOW, Action: ['sqs:Send.essage', 'sqs:GetQueueAttributes'] }],
    ['a statement that is neither', { ...ALLOW, Effect: 'Other' }],
    ['an action beside NotPrincipal', { ...ALLOW, NotPrincipal: { AWS: '111122223333' } }],
    ['no principal', { ...ALLOW, Principal: undefined }],
    ['no action', { ...ALLOW, Action: undefined }],
    ['a denial', [ALLOW, { ...ALLOW, Effect: 'Deny' }]],
    ['a denial of everybody', [ALLOW, { ...ALLOW, Effect: 'Deny', Principal: '*' }]],
    ['a denial of everybody else', [ALLOW, { Effect: 'Deny', NotPrincipal: { AWS: '111122223333' }, Action: 'sqs:*' }]],
    ['a denial of all other actions', [ALLOW, { Effect: 'Deny', Principal: '*', NotAction: 'sqs:ReceiveMessage' }]],
    [
      'a conditional denial',
      [ALLOW, { ...ALLOW, Effect: 'Deny', Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    ],
    [
      'a denial of requests with TLS',
      [ALLOW, { ...DENY_PLAIN_HTTP, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
    ],
    ['an Allow for another queue', { ...ALLOW, Resource: `${HUB}-of-another` }],
    ['an Allow for all but this queue', { ...ALLOW, Resource: undefined, NotResource: `${HUB}*` }],
    ['an Allow for a queue whose name differs in capitals', { ...ALLOW, Resource: HUB.replace('notif', 'Notif') }],
  ])('does not let Amazon in with %s', (_, statements) => {
    expect(problemOf(queue(statements))).toBe('preflight-policy');
  });

  test.each([undefined, '', 'text', '{}', '{"Statement":17}'])('is missing or none: %s', (policy) => {
    expect(problemOf(queue([], { policy }))).toBe('preflight-policy');
  });
});

/** What a denial of everybody does under a condition: `no` lets Amazon in, `unknown` is a warning. */
describe('a denial under a condition', () => {
  const AMAZON_ACCOUNT = '437568002678';

  test.each<[applies: 'yes' | 'no' | 'unknown', condition: Record<string, Record<string, unknown>>]>([
    // TLS.
    ['no', { Bool: { 'aws:SecureTransport': 'false' } }],
    ['no', { Bool: { 'AWS:SECURETRANSPORT': 'False' } }],
    ['no', { Bool: { 'aws:SecureTransport': false } }],
    ['no', { BoolIfExists: { 'aws:SecureTransport': 'false' } }],
    ['no', { StringEquals: { 'aws:SecureTransport': ['false'] } }],
    ['no', { Null: { 'aws:SecureTransport': 'true' } }],
    ['yes', { Null: { 'aws:SecureTransport': 'false' } }],
    ['yes', { Bool: { 'aws:SecureTransport': ['true', 'false'] } }],
    ['no', { Bool: { 'aws:SecureTransport': 'false' }, StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }],
    ['no', { Bool: { 'aws:SecureTransport': 'false', 'aws:ViaAWSService': 'false' } }],
    // The data perimeter that AWS documents, with and without an exception for Amazon's account.
    [
      'no',
      {
        StringNotEqualsIfExists: {
          'aws:PrincipalOrgID': 'o-1',
          'aws:PrincipalAccount': ['111122223333', AMAZON_ACCOUNT],
        },
        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      },
    ],
    ['yes', { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1', 'aws:PrincipalAccount': '111122223333' } }],
    ['yes', { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } }],
    ['yes', { 'ForAllValues:StringNotLike': { 'aws:PrincipalOrgPaths': 'o-1/r-1/' } }],
    ['unknown', { StringNotLike: { 'aws:PrincipalOrgID': 'o-*' } }],
    ['no', { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }],
    ['unknown', { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } }],
    ['unknown', { Null: { 'aws:PrincipalOrgID': 'true' } }],
    // The account.
    ['no', { StringNotLike: { 'AWS:principalaccount': '4375*' } }],
    ['no', { StringNotEqualsIgnoreCase: { 'aws:PrincipalAccount': AMAZON_ACCOUNT } }],
    ['yes', { StringNotEquals: { 'aws:PrincipalAccount': '4375*' } }],
    ['yes', { 'ForAnyValue:StringEquals': { 'aws:PrincipalAccount': AMAZON_ACCOUNT } }],
    ['no', { 'ForAllValues:StringNotEquals': { 'aws:PrincipalAccount': AMAZON_ACCOUNT } }],
    ['no', { ArnNotLike: { 'aws:PrincipalArn': `arn:aws:iam::${AMAZON_ACCOUNT}:*` } }],
    ['yes', { ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/x' } }],
    ['unknown', { ArnNotLike: { 'aws:PrincipalArn': `arn:aws:iam::${AMAZON_ACCOUNT}:role/*` } }],
    ['unknown', { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/sender' } }],
    ['unknown', { StringNotEquals: { 'aws:PrincipalAccount': '${aws:ResourceAccount}' } }],
    // The queue.
    ['no', { StringNotEquals: { 'aws:ResourceAccount': '111122223333', 'aws:RequestedRegion': 'eu-west-1' } }],
    ['yes', { StringEquals: { 'aws:ResourceAccount': '111122223333', 'aws:RequestedRegion': 'eu-west-1' } }],
    // What is not documented.
    ['unknown', { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } }],
    ['unknown', { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }],
    ['unknown', { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }],
    ['unknown', { StringEquals: { 'aws:PrincipalTag/team': '*' } }],
    ['unknown', { StringLike: { 'aws:SourceArn': '*' } }],
    ['yes', { StringLikeIfExists: { 'aws:SourceArn': '*' } }],
    ['unknown', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'x' } }],
    ['unknown', { NoSuchOperator: { 'aws:SecureTransport': 'true' } }],
    ['yes', { StringNotEquals: { 'aws:PrincipalAccount': [] } }],
  ])('applies to Amazon: %s, %j', (applies, Condition) => {
    const { policy } = queue([ALLOW, { Sid: 'Perimeter', Effect: 'Deny', Principal: '*', Action: 'sqs:*', Condition }]);
    const letsIn = { yes: 'denied', no: 'yes', unknown: 'perhaps' }[applies];
    expect(verdictOf(policy, HUB)).toEqual({ letsIn, ...(applies !== 'no' && { statements: ['"Perimeter"'] }) });
  });

  test.each<[string, object, string]>([
    ['of all but the account', { NotPrincipal: { AWS: AMAZON }, Action: 'sqs:*' }, 'perhaps'],
    ['of all but everybody', { NotPrincipal: '*', Action: 'sqs:*' }, 'yes'],
    ['of a role of the account', { Principal: { AWS: AMAZON.replace('root', 'role/x') }, Action: 'sqs:*' }, 'perhaps'],
    ['of all but its two actions', { Principal: '*', NotAction: ['SQS:Send*', 'sqs:GetQueueAttributes'] }, 'yes'],
    ['of all but one of them', { Principal: '*', NotAction: 'sqs:SendMessage' }, 'denied'],
    ['at another queue', { Principal: '*', Action: 'sqs:*', Resource: `${HUB}-2` }, 'yes'],
    ['at all queues', { Principal: '*', Action: 'sqs:*', Resource: 'arn:aws:sqs:*:111122223333:*' }, 'denied'],
    ['at all but this queue', { Principal: '*', Action: 'sqs:*', NotResource: HUB }, 'yes'],
  ])('%s: %s', (_, changes, letsIn) => {
    expect(verdictOf(queue([ALLOW, { Effect: 'Deny', ...changes }]).policy, HUB).letsIn).toBe(letsIn);
  });

  test.each([
    ['*a*b', 'xxaxxb', true],
    ['*a*b', 'xxaxxbc', false],
    ['a?c*', 'abc', true],
    ['a?c', 'ac', false],
    ['', 'a', false],
    ['**', '', true],
    [`${'*a'.repeat(2_000)}b`, 'a'.repeat(2_000), false],
  ])('a pattern that begins with %.10s takes %.10s: %s, and soon', (pattern, text, is) => {
    const { policy } = queue([{ ...ALLOW, Resource: pattern }]);
    expect(verdictOf(policy, text).letsIn === 'yes').toBe(is);
  });
});

describe('what is said of a policy', () => {
  async function saidOf(statements: unknown): Promise<Awaited<ReturnType<typeof preflight>>> {
    const one = new OneApplication();
    one.store('seeded');
    one.application.ports.queue.attributes = () => Promise.resolve(queue(statements));
    return preflight(one.application, (await one.state()).current, undefined);
  }

  const BY_ADDRESS = { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };

  test.each<[string, unknown, RegExp]>([
    ['a denial by its Sid', [ALLOW, { ...ALLOW, Sid: 'Perimeter', Effect: 'Deny' }], /denial: "Perimeter"/],
    ['a denial without one by its place', [ALLOW, { ...ALLOW, Effect: 'Deny' }], /denial: number 2/],
    ['no text of a Sid that is none', [ALLOW, { ...ALLOW, Sid: '\u001b]52;c;x', Effect: 'Deny' }], /denial: number 2/],
    ['an Allow under conditions', { ...ALLOW, Sid: 'Amazon', Condition: BY_ADDRESS }, /not known to meet: "Amazon"/],
  ])('names %s', async (_, statements, said) => {
    const { failure, warning } = await saidOf(statements);
    expect(failure).toMatchObject({ kind: 'preflight-policy', next: expect.stringMatching(said) as string });
    expect(warning).toBeUndefined();
  });

  test('is a warning where a denial cannot be judged', async () => {
    const { failure, warning } = await saidOf([ALLOW, { ...ALLOW, Sid: 'Net', Effect: 'Deny', Condition: BY_ADDRESS }]);
    expect(failure).toBeUndefined();
    expect(warning).toContain('may shut Amazon out: statement "Net"');
    expect(await saidOf(ALLOW)).toEqual({});
  });
});
