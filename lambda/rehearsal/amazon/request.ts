import { refused, tokenError, type AmazonAnswer } from './answers';
import { ROTATION_SCOPE, type AmazonModel } from './model';
import type { Endpoint } from './script';

const PATHS: Readonly<Record<string, Endpoint>> = {
  '/auth/o2/token': 'lwa',
  '/applications/2023-11-30/clientSecret': 'rotate',
};

/** A request as it came over HTTP. */
export interface AmazonRequest {
  readonly method: string;
  readonly path: string;
  /** With names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The same, understood. */
export interface UnderstoodRequest extends AmazonRequest {
  /** `undefined`: no known endpoint. */
  readonly endpoint: Endpoint | undefined;
  readonly clientId: string | undefined;
  /** The parts of the request that are not as Amazon documents them. */
  readonly problems: readonly string[];
}

export function understand(request: AmazonRequest, model: AmazonModel): UnderstoodRequest {
  const endpoint = Object.hasOwn(PATHS, request.path) ? PATHS[request.path] : undefined;
  const clientId =
    endpoint === 'lwa'
      ? (new URLSearchParams(request.body).get('client_id') ?? undefined)
      : model.clientOf(request.headers['x-amz-access-token'] ?? '');
  const problems = endpoint === undefined ? ['the path'] : problemsOf(endpoint, request);
  return { ...request, endpoint, clientId, problems };
}

/** Amazon's usual answer, with its effect on the model. */
export function usualAnswer(request: UnderstoodRequest, model: AmazonModel, requestId: string): AmazonAnswer {
  const { endpoint, problems } = request;
  if (endpoint === undefined) {
    return refused('notFound', requestId);
  }
  if (endpoint === 'lwa') {
    return tokenAnswer(request, model, requestId);
  }
  return problems.length > 0
    ? refused(problems.includes('the body') ? 'tooLarge' : 'wrongType', requestId)
    : model.rotate(request.headers['x-amz-access-token'] ?? '');
}

function tokenAnswer({ body, problems }: UnderstoodRequest, model: AmazonModel, requestId: string): AmazonAnswer {
  if (problems.some((problem) => problem !== 'scope')) {
    return tokenError(400, 'invalid_request', `The request is not as documented: ${problems.join(', ')}`, requestId);
  }
  const form = new URLSearchParams(body);
  const [grantType, scope, clientId, clientSecret] = ['grant_type', 'scope', 'client_id', 'client_secret'].map(
    (name) => form.get(name) ?? undefined,
  );
  return model.exchange({ grantType, scope, clientId, clientSecret });
}

/** Perhaps stricter than Amazon: a client that passes does exactly what is documented. */
function problemsOf(endpoint: Endpoint, { method, headers, body }: AmazonRequest): readonly string[] {
  const form = new URLSearchParams(endpoint === 'lwa' ? body : '');
  const userAgent = headers['user-agent'] ?? '';
  const checks: Record<string, boolean> = {
    method: method === 'POST',
    ...(endpoint === 'lwa'
      ? {
          'content-type': /^application\/x-www-form-urlencoded(;\s*charset=utf-8)?$/i.test(
            headers['content-type'] ?? '',
          ),
          'the parameters': [...form.keys()].sort().join() === 'client_id,client_secret,grant_type,scope',
          scope: form.get('scope') === ROTATION_SCOPE,
        }
      : {
          accept: headers.accept === 'application/json',
          'user-agent': userAgent.length <= 500 && /^[^\s/]+\/\S+( \(.*\))?$/.test(userAgent),
          'the body': body === '',
          authorization: headers.authorization === undefined,
        }),
  };
  return Object.keys(checks).filter((name) => checks[name] === false);
}
