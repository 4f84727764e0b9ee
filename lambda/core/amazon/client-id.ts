import { CLIENT_ID, CLIENT_ID_PREFIX } from '../../../lib/contract/amazon';

/** Whether a text has the form of a client id. What has not may be a client secret: it is shown and sent to nobody. */
export function isClientId(text: string): boolean {
  return CLIENT_ID.test(text);
}

/** Which known mistake a text looks like that stands where a client id belongs. Does not quote it. */
export function mistakeIn(text: string): string {
  if (isClientId(text.trim())) {
    return 'There is white space around it: remove that.';
  }
  if (/amzn1\.(sp\.solution|sellerapps\.app)\./.test(text)) {
    return 'It looks like the application id, which is not the client id.';
  }
  if (text.trimStart().startsWith(CLIENT_ID_PREFIX)) {
    return 'It begins like a client id, and something else follows: remove that.';
  }
  return /amzn1\.oa2-cs|[0-9a-f]{64}/i.test(text)
    ? 'It looks like a client secret: perhaps the two values are swapped, or clientIdField and clientSecretField are.'
    : 'It looks like none of the usual mistakes.';
}
