import { isClientId, mistakeIn } from '../../../lambda/core/amazon/client-id';

/** What cannot be in Amazon's ids and secrets: white space, byte order marks, control characters, letters with accents. */
const FOREIGN = /[^\x21-\x7e]/;

/** What is wrong with a client id that somebody typed; `undefined` when nothing is. Does not repeat it. */
export function clientIdProblem(text: string): string | undefined {
  return text === '' ? 'Nothing was typed.' : isClientId(text) ? undefined : `That is no client id. ${mistakeIn(text)}`;
}

/** The same for a client secret. */
export function clientSecretProblem(text: string): string | undefined {
  if (text.trim() === '') {
    return 'Nothing was typed.';
  }
  if (FOREIGN.test(text)) {
    return 'There is white space in it or around it, or another character that no client secret has. Copy it again.';
  }
  if (text.startsWith('amzn1.application-oa2-client.')) {
    return 'That is a client id, not a client secret.';
  }
  if (/^amzn1\.(sp\.solution|sellerapps\.app)\./.test(text)) {
    return 'That is an application id, not a client secret.';
  }
  return /^Atz[ar]\|/.test(text) ? 'That is a token of a seller, not a client secret.' : undefined;
}
