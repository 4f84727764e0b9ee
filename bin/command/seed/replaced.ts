import { isClientId } from '../../../lambda/core/amazon/client-id';
import { mistakeInText } from '../../../lambda/core/secret/not-json';
import { isBare, readCredentials, type CredentialFields } from '../../../lambda/core/secret/text';
import { isObject } from './seeded-text';
import type { StoredSecret } from './stored-secret';

/** What a secret holds now, and what stays of it: for the person who is about to replace it. Quotes nothing but a client id. */
export function whatIsReplaced(before: StoredSecret | undefined, fields: CredentialFields): string {
  if (fields.clientId !== undefined) {
    return whereSecretStands(before, fields, fields.clientId);
  }
  const keys = `under the keys ${fields.clientIdField} and ${fields.clientSecretField}`;
  if (before === undefined) {
    return `It has no value yet. The two values will stand ${keys}.`;
  }
  const { SecretString: text, CreatedDate: createdAt } = before;
  const since = createdAt === undefined ? '' : ` of ${createdAt.toISOString()}`;
  if (text === undefined || !isObject(text)) {
    const hint = mistakeInText(text);
    return `Its current version${since} is not a JSON object${hint === undefined ? '' : ` (${hint.slice(0, -1)})`}. All of it will be replaced by an object with the two values ${keys}.`;
  }
  const read = readCredentials(text, fields);
  const held =
    'credentials' in read && isClientId(read.credentials.clientId)
      ? `holds the client id ${read.credentials.clientId} and a client secret`
      : `holds no such pair`;
  return `Its current version${since} ${held}. The two values ${keys} will be replaced; other keys stay as they are.`;
}

function whereSecretStands(before: StoredSecret | undefined, fields: CredentialFields, clientId: string): string {
  const where = isBare(fields) ? 'alone, as its whole value' : `under the key ${fields.clientSecretField}`;
  const isReplaced = before !== undefined && (isBare(fields) || !isObject(before.SecretString ?? ''));
  return `The client id is ${clientId}, by the stack. The client secret will stand ${where}${isReplaced ? ', in the place of all that is there' : ''}.`;
}
