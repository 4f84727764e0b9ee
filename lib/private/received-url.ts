/**
 * A URL as it may stand in an error message: whoever put credentials or a token into it does not want them in a build log.
 */
export function receivedUrl(url: string): string {
  const visible = url.replace(/[?#].*$/s, '');
  const withoutCredentials = visible.replace(/\/\/[^/]*@/, '//…@');
  return JSON.stringify(visible === url ? withoutCredentials : `${withoutCredentials}…`);
}
