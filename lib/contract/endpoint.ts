import { couldBeCredential } from './credential';

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Why client secrets and tokens must not be sent to a URL; `undefined` when they may be.
 *
 * http is for local runs only: a client secret must not cross a network in clear text.
 */
export function endpointProblem(url: string): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return 'it is not a URL';
  }
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && LOOPBACK_HOSTS.includes(parsed.hostname))) {
    return 'it must be https (http only for a loopback address)';
  }
  if (parsed.username !== '' || parsed.password !== '' || couldBeCredential(url)) {
    return 'it must not contain credentials';
  }
  if (url.includes('?') || url.includes('#')) {
    return 'it must not contain a query or a fragment';
  }
  return undefined;
}

/** SP-API, which the construct knows in three regions, and Login with Amazon. */
const AMAZON =
  /^https:\/\/(((sandbox\.)?sellingpartnerapi-(na|eu|fe)\.amazon\.com)|(api\.amazon\.(com|co\.uk|co\.jp)))$/;

/**
 * Whether a URL that passes {@link endpointProblem} is one of Amazon's endpoints.
 *
 * Not every name below `amazonaws.com` is: anybody can have one.
 *
 * @see https://developer-docs.amazon.com/sp-api/docs/sp-api-endpoints
 * @see https://developer.amazon.com/docs/amazon-data-portability/use-refresh-token.html
 */
export function isAmazons(url: string): boolean {
  return AMAZON.test(new URL(url).origin);
}
