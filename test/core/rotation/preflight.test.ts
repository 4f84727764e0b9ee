import { preflightProblem } from '../../../lambda/core/rotation/preflight';
import type { QueueAttributes } from '../../../lambda/core/ports';

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

describe('the queue', () => {
  test('of the stack is ready', () => {
    expect(preflightProblem(queue([DENY_PLAIN_HTTP, ALLOW]), undefined)).toBeUndefined();
  });

  test('must exist', () => {
    expect(preflightProblem(undefined, undefined)).toBe('preflight-queue');
  });

  test.each([
    [345_600, 'preflight-queue'],
    [8 * 86_400 - 1, 'preflight-queue'],
    [8 * 86_400, undefined],
  ])('that keeps messages for %i s: %s', (retentionSeconds, problem) => {
    expect(preflightProblem(queue([ALLOW], { retentionSeconds }), undefined)).toBe(problem);
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
    expect(preflightProblem(queue([ALLOW], { key }), deployed)).toBe(problem);
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
    expect(preflightProblem(queue(statements), undefined)).toBeUndefined();
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
    [
      'a denial with another operator',
      [ALLOW, { ...DENY_PLAIN_HTTP, Condition: { BoolIfExists: { 'aws:SecureTransport': 'false' } } }],
    ],
    [
      'a denial with another condition behind that on TLS',
      [
        ALLOW,
        {
          ...DENY_PLAIN_HTTP,
          Condition: { Bool: { 'aws:SecureTransport': 'false' }, StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
        },
      ],
    ],
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
    [
      'a denial with one more condition',
      [
        ALLOW,
        { ...DENY_PLAIN_HTTP, Condition: { Bool: { 'aws:SecureTransport': 'false', 'aws:ViaAWSService': 'false' } } },
      ],
    ],
  ])('does not let Amazon in with %s', (_, statements) => {
    expect(preflightProblem(queue(statements), undefined)).toBe('preflight-policy');
  });

  test.each([undefined, '', 'text', '{}', '{"Statement":17}'])('is missing or none: %s', (policy) => {
    expect(preflightProblem(queue([], { policy }), undefined)).toBe('preflight-policy');
  });
});
