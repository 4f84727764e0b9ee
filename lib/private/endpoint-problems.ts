import { endpointProblem } from '../contract/endpoint';

const SP_API_HOST = /^(sandbox\.)?sellingpartnerapi-(na|eu|fe)\.amazon\.com$/;
const LWA_HOST = /^api\.amazon\.(com|co\.uk|co\.jp)$/;
const LWA_PATH = '/auth/o2/token';

/**
 * Why a URL cannot be an SP-API endpoint; `undefined` when it can. Another host may have a path before that of the operation,
 * because a proxy may need one.
 *
 * @see https://developer-docs.amazon.com/sp-api/docs/sp-api-endpoints
 */
export function spApiEndpointProblem(url: string): string | undefined {
  const problem = urlProblem(url);
  if (problem !== undefined) {
    return problem;
  }
  const { hostname, pathname } = new URL(url);
  if (LWA_HOST.test(hostname)) {
    return 'it is the endpoint of Login with Amazon, not of SP-API';
  }
  const isAmazons = SP_API_HOST.test(hostname);
  if (isAmazons && hostname.startsWith('sandbox.')) {
    return 'it must not be the sandbox, which cannot rotate: test with a draft application';
  }
  return /\/applications\b|clientSecret/i.test(pathname) || (isAmazons && /[^/]/.test(pathname))
    ? 'it must be without the path of an operation, which the functions add'
    : undefined;
}

/**
 * Why a URL cannot be the token endpoint of Login with Amazon; `undefined` when it can.
 *
 * @see https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
 */
export function lwaTokenUrlProblem(url: string): string | undefined {
  const problem = urlProblem(url);
  if (problem !== undefined) {
    return problem;
  }
  const { hostname, pathname } = new URL(url);
  if (SP_API_HOST.test(hostname)) {
    return 'it is an endpoint of SP-API, not of Login with Amazon';
  }
  return LWA_HOST.test(hostname) && pathname !== LWA_PATH ? `it must end with ${LWA_PATH}` : undefined;
}

/** A parser of URLs forgives what others do not: it removes white space and invisible characters, and adds slashes. */
function urlProblem(url: string): string | undefined {
  if (/[^!-~]/.test(url)) {
    return 'it must be ASCII without white space';
  }
  return /^https?:\/\/[^/\\]/i.test(url) || !/^https?:/i.test(url) ? endpointProblem(url) : 'it is not a URL';
}
