import { parseJson } from '../../../lambda/core/json';
import type { ClientCredentials } from '../../../lambda/core/ports';
import { withValue, type CredentialFields } from '../../../lambda/core/secret/text';

/**
 * The text of a secret with other credentials. Everything else in it stays byte for byte, if it is a JSON object; if not,
 * nothing of it stays.
 */
export function seededText(
  before: string | undefined,
  fields: CredentialFields,
  credentials: ClientCredentials,
): string {
  const object = before !== undefined && isObject(before) ? before : '{}';
  // In this order, so that the client id comes first where both are new.
  return withKey(
    withKey(object, fields.clientSecretField, credentials.clientSecret),
    fields.clientIdField,
    credentials.clientId,
  );
}

/** Whether a text is a JSON object, of which other keys can be kept. */
export function isObject(text: string): boolean {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withKey(object: string, key: string, value: string): string {
  if (Object.hasOwn(parseJson(object) as object, key)) {
    return withValue(object, key, value);
  }
  const begin = object.indexOf('{') + 1;
  const rest = object.slice(begin);
  const comma = rest.trim() === '}' ? '' : ',';
  return `${object.slice(0, begin)}${JSON.stringify(key)}:${JSON.stringify(value)}${comma}${rest}`;
}
