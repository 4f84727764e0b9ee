import { classifyRotationAnswer, classifyTokenAnswer } from '../../../lambda/core/amazon/answers';

const REQUEST_ID = 'b9b9a2a2-0000-4000-8000-000000000001';

function errors(message: string, details = ''): string {
  return JSON.stringify({ errors: [{ code: 'Code', message, details }] });
}

describe('what Amazon answers to a rotation', () => {
  test.each([200, 202, 204, 299])('%i is acceptance', (status) => {
    expect(classifyRotationAnswer({ status, body: '', requestId: REQUEST_ID })).toEqual({
      answer: 'accepted',
      requestId: REQUEST_ID,
    });
  });

  test('an accepted answer may have a body that is no JSON', () => {
    expect(classifyRotationAnswer({ status: 204, body: '<html>' })).toEqual({ answer: 'accepted' });
  });

  test.each([300, 301, 302, 307, 308, 399, 408, 500, 502, 503, 504, 599])(
    '%i leaves open whether it rotated',
    (status) => {
      expect(classifyRotationAnswer({ status, body: errors('whatever') })).toEqual({ answer: 'ambiguous' });
    },
  );

  test('a request that was never sent counts as refused', () => {
    expect(classifyRotationAnswer({ failed: 'before-sending' })).toEqual({ answer: 'refused', kind: 'unreachable' });
  });

  test('a time-out or reset after writing leaves open whether it rotated', () => {
    expect(classifyRotationAnswer({ failed: 'after-sending' })).toEqual({ answer: 'ambiguous' });
  });

  test.each([
    [
      400,
      errors(
        'Application is not enrolled for rotation notification. Please update application notification preference in Developer console.',
      ),
      'not-enrolled',
    ],
    [400, errors('Something else'), 'refused'],
    [400, '', 'refused'],
    [400, '{"errors":"none"}', 'refused'],
    [403, errors('Access denied', ''), 'wrong-token'],
    [403, errors('Access denied', 'The LWA secret token you provided has expired.'), 'secret-expired'],
    [403, errors('Access denied', 'The access token you provided has expired.'), 'wrong-token'],
    [403, errors('Access denied', 'The access token you provided is revoked, malformed or invalid.'), 'wrong-token'],
    [403, '<html>', 'wrong-token'],
    [404, errors('Not found'), 'refused'],
    [409, '', 'refused'],
    [413, errors('Too large'), 'refused'],
    [415, errors('Unsupported'), 'refused'],
    [429, errors('You exceeded your quota for the requested resource.'), 'throttled'],
    [429, '', 'throttled'],
    [499, '', 'refused'],
  ])('%i %s is a refusal: %s', (status, body, kind) => {
    expect(classifyRotationAnswer({ status, body, requestId: REQUEST_ID })).toEqual({
      answer: 'refused',
      kind,
      requestId: REQUEST_ID,
    });
  });

  test('the 400 of an unenrolled application is recognized without the code', () => {
    const body = JSON.stringify({ errors: [{ message: 'is NOT ENROLLED for' }] });
    expect(classifyRotationAnswer({ status: 400, body })).toEqual({ answer: 'refused', kind: 'not-enrolled' });
  });
});

describe('what LWA answers to a token request', () => {
  test('a token', () => {
    const body = JSON.stringify({ access_token: 'Atza|token', token_type: 'bearer', expires_in: 3600 });
    expect(classifyTokenAnswer({ status: 200, body })).toEqual({ answer: 'granted', accessToken: 'Atza|token' });
  });

  test.each([
    ['of 8,192 bytes', 'a'.repeat(8_192), true],
    ['that is longer', 'a'.repeat(8_193), false],
    ['with a line break', 'Atza|a\r\nx-amz: 1', false],
    ['with a space', 'Atza|a b', false],
    ['with a null', 'Atza|\u0000', false],
    ['in other letters', 'Atza|\u0159', false],
    ['of one byte more than ASCII', 'Atza|\u00e9', false],
  ])('a token %s that a header may hold: it is taken, %#', (_, accessToken, isTaken) => {
    const answer = classifyTokenAnswer({ status: 200, body: JSON.stringify({ access_token: accessToken }) });
    expect(answer).toEqual(isTaken ? { answer: 'granted', accessToken } : { answer: 'failed', kind: 'refused' });
  });

  test.each(['', '{}', '{"access_token":""}', '{"access_token":1}', '<html>'])('200 with %s is no token', (body) => {
    expect(classifyTokenAnswer({ status: 200, body })).toEqual({ answer: 'failed', kind: 'refused' });
  });

  test.each([400, 401])('invalid_client with %i is a wrong or unknown secret', (status) => {
    const body = JSON.stringify({ error: 'invalid_client', error_description: 'Client authentication failed' });
    expect(classifyTokenAnswer({ status, body, requestId: REQUEST_ID })).toEqual({
      answer: 'invalid-client',
      requestId: REQUEST_ID,
    });
  });

  test.each([
    [400, '{"error":"server_error"}', 'unreachable'],
    [400, '{"error":"temporarily_unavailable"}', 'unreachable'],
    [429, '', 'throttled'],
    [429, '{"error":"anything"}', 'throttled'],
    [500, '', 'unreachable'],
    [503, '<html>', 'unreachable'],
    [408, '', 'unreachable'],
    [302, '', 'unreachable'],
    [400, '{"error":"invalid_scope"}', 'wrong-token'],
    [400, '{"error":"unauthorized_client"}', 'wrong-token'],
    [400, '{"error":"invalid_request"}', 'refused'],
    [401, '', 'refused'],
    [403, '<html>', 'refused'],
  ])('%i %s: %s', (status, body, kind) => {
    expect(classifyTokenAnswer({ status, body })).toEqual({ answer: 'failed', kind });
  });

  test.each(['before-sending', 'after-sending'] as const)('a request that failed %s is none', (failed) => {
    expect(classifyTokenAnswer({ failed })).toEqual({ answer: 'failed', kind: 'unreachable' });
  });
});
