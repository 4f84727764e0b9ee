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
  if (parsed.username !== '' || parsed.password !== '') {
    return 'it must not contain credentials';
  }
  if (url.includes('?') || url.includes('#')) {
    return 'it must not contain a query or a fragment';
  }
  return undefined;
}
