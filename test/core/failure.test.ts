import { CallFailed, type Application } from '../../lambda/core/ports';
import { failure, failureOf } from '../../lambda/core/failure';

test.each([
  ['ThrottlingException', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['LimitExceededException', 'throttled'],
  ['AccessDeniedException', 'needs-person'],
  ['DecryptionFailure', 'needs-person'],
  ['EncryptionFailure', 'needs-person'],
  ['ResourceNotFoundException', 'needs-person'],
  ['InvalidRequestException', 'needs-person'],
  ['KMSDisabledException', 'needs-person'],
  ['KmsDisabled', 'needs-person'],
  ['KMS.DisabledException', 'needs-person'],
  ['KMS.ThrottlingException', 'throttled'],
  ['InternalServiceError', 'unreachable'],
  ['Unreachable', 'unreachable'],
  ['OutOfTime', 'unreachable'],
])('%s is %s', (code, kind) => {
  expect(failureOf(new CallFailed('secretsmanager:GetSecretValue', code, 'request-1'))).toMatchObject({
    kind,
    code,
    operation: 'secretsmanager:GetSecretValue',
    requestId: 'request-1',
  });
});

describe('anything else is a defect, of which only class and place are told:', () => {
  const SECRET = 'amzn1.oa2-cs.v1.secret';

  test.each<[string, () => unknown, string]>([
    ['an error', () => new TypeError(SECRET), 'TypeError'],
    ['one whose name quotes', () => Object.assign(new RangeError('x'), { name: SECRET }), 'RangeError'],
    ['one whose message looks like a stack', () => new Error(`x\n    at ${SECRET} (secret.js:1:1)`), 'Error'],
    ['one whose message was changed', () => Object.assign(new Error(SECRET), { message: 'y' }), 'Error'],
    ['a text', () => SECRET, 'string'],
    ['nothing', () => undefined, 'undefined'],
  ])('%s', (_, thrown, code) => {
    const failure = failureOf(thrown());
    expect(failure).toMatchObject({ kind: 'defect', code });
    expect(JSON.stringify(failure)).not.toMatch(/oa2-cs|secret\.js/);
  });

  test('the place is that in our own code', () => {
    expect(failureOf(new TypeError('x')).position).toMatch(/^failure\.test\.ts:\d+:\d+$/);
    try {
      JSON.parse('"amzn1.oa2-cs');
    } catch (error) {
      expect(failureOf(error)).toMatchObject({ code: 'SyntaxError' });
      expect(failureOf(error).position).toMatch(/^failure\.test\.ts/);
    }
    expect.assertions(3);
  });
});

test('a failure says what happened, what to do, and the request id', () => {
  const application = { settings: { id: 'App' }, hub: 'arn:of:the:queue' } as Application;
  expect(failure(application, 'not-enrolled', 'request-1').next).toMatch(
    /^Application 'App' is not enrolled.*\(Amazon's request id request-1\)\. Developer Console.* The queue ARN: arn:of:the:queue\.$/,
  );
  expect(failure(application, 'throttled').next).not.toContain('arn:of:the:queue');
});
