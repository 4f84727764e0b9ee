/** An HTTP answer of Amazon, before it is put on the wire. */
export interface AmazonAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for a 204. */
  readonly body: string;
}

/** The rate limit in some of Amazon's answers: one call per minute. */
const RATE_LIMIT = '0.0167';
const STATUSES_WITH_RATE_LIMIT = [204, 400, 404];

const NOT_ENROLLED =
  'Application is not enrolled for rotation notification. Please update application notification preference in Developer console.';

/** Why the rotation was not done. */
const REFUSAL = {
  notEnrolled: { status: 400, code: 'InvalidInput', message: NOT_ENROLLED, details: undefined },
  wrongToken: { status: 403, code: 'Unauthorized', message: 'Access to requested resource is denied.', details: '' },
  secretExpired: {
    status: 403,
    code: 'Unauthorized',
    message: 'Access to requested resource is denied.',
    details: 'The LWA secret token you provided has expired.',
  },
  tokenExpired: {
    status: 403,
    code: 'Unauthorized',
    message: 'Access to requested resource is denied.',
    details: 'The access token you provided has expired.',
  },
  tokenInvalid: {
    status: 403,
    code: 'Unauthorized',
    message: 'Access to requested resource is denied.',
    details: 'The access token you provided is revoked, malformed or invalid.',
  },
  notFound: { status: 404, code: 'NotFound', message: 'The resource specified does not exist.', details: '' },
  tooLarge: { status: 413, code: 'RequestTooLarge', message: 'The request size exceeded the limit.', details: '' },
  wrongType: { status: 415, code: 'UnsupportedMediaType', message: 'The payload format is unsupported.', details: '' },
  throttled: {
    status: 429,
    code: 'QuotaExceeded',
    message: 'You exceeded your quota for the requested resource.',
    details: '',
  },
  broken: {
    status: 500,
    code: 'InternalFailure',
    message: 'We encountered an internal error. Please try again.',
    details: '',
  },
  overloaded: {
    status: 503,
    code: 'ServiceUnavailable',
    message: 'Service is temporarily unavailable. Please try again.',
    details: '',
  },
} as const;

export type Refusal = keyof typeof REFUSAL;

/** The rotation was done. */
export function accepted(requestId: string): AmazonAnswer {
  return { status: 204, headers: headersFor(204, requestId), body: '' };
}

export function refused(refusal: Refusal, requestId: string): AmazonAnswer {
  const { status, code, message, details } = REFUSAL[refusal];
  return {
    status,
    headers: { ...headersFor(status, requestId), 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message, ...(details === undefined ? {} : { details }) }] }),
  };
}

export function tokenAnswer(token: string, expiresIn: number, scope: string, requestId: string): AmazonAnswer {
  return json(200, { access_token: token, scope, token_type: 'bearer', expires_in: expiresIn }, requestId);
}

export function tokenError(status: number, error: string, description: string, requestId: string): AmazonAnswer {
  return json(status, { error_description: description, error }, requestId);
}

function json(status: number, body: object, requestId: string): AmazonAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', 'x-amzn-RequestId': requestId },
    body: JSON.stringify(body),
  };
}

function headersFor(status: number, requestId: string): Record<string, string> {
  return {
    'x-amzn-RequestId': requestId,
    ...(STATUSES_WITH_RATE_LIMIT.includes(status) ? { 'x-amzn-RateLimit-Limit': RATE_LIMIT } : {}),
  };
}
