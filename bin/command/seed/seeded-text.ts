import { parseJson } from '../../../lambda/core/json';
import type { ClientCredentials } from '../../../lambda/core/ports';
import { isBare, pathOf, placesOf, valueAt, withValue, type CredentialFields } from '../../../lambda/core/secret/text';

/**
 * The text of a secret with other credentials. Everything else in it stays byte for byte, if it is a JSON object; if not,
 * nothing of it stays.
 */
export function seededText(
  before: string | undefined,
  fields: CredentialFields,
  credentials: ClientCredentials,
): string {
  if (isBare(fields)) {
    return credentials.clientSecret;
  }
  const object = before !== undefined && isObject(before) ? before : '{}';
  const seeded = withKey(object, fields.clientSecretField, credentials.clientSecret);
  // In this order, so that the client id comes first where both are new.
  return fields.clientId === undefined ? withKey(seeded, fields.clientIdField, credentials.clientId) : seeded;
}

/** Whether a text is a JSON object, of which other keys can be kept. */
export function isObject(text: string): boolean {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value under a key, or a JSON pointer: in the place of what is there, else as the first member of the innermost object that is. */
function withKey(object: string, field: string, value: string): string {
  if (valueAt(parseJson(object) as object, field) !== undefined) {
    return withValue(object, field, value);
  }
  const path = [...pathOf(field)];
  const missing: string[] = [];
  let place: { readonly start: number; readonly end: number } | undefined;
  while (path.length > 0 && place === undefined) {
    missing.unshift(path.pop() ?? '');
    place = placesOf(object, path)
      .filter(({ start }) => object[start] === '{')
      .at(-1);
  }
  const [key = '', ...rest] = missing;
  const member = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  const begin = (place?.start ?? object.indexOf('{')) + 1;
  const after = object.slice(begin);
  const comma = after.trimStart().startsWith('}') ? '' : ',';
  return `${object.slice(0, begin)}${JSON.stringify(key)}:${JSON.stringify(member)}${comma}${after}`;
}
