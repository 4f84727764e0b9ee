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

test('any other error is a defect and is rethrown', () => {
  const defect = new TypeError('a defect');
  expect(() => failureOf(defect)).toThrow(defect);
});

test('a failure says what happened, what to do, and the request id', () => {
  expect(failure({ settings: { id: 'App' } } as Application, 'not-enrolled', 'request-1').next).toMatch(
    /^Application 'App' is not enrolled.*\(Amazon's request id request-1\)\. Developer Console/,
  );
});
