import { createHash } from 'node:crypto';

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Recognizes a client secret without holding it. Written into the journal only, which is itself an encrypted secret. */
export function digestOf(clientSecret: string): string {
  return sha256(clientSecret);
}

/** Version id of an application's first journal entry. */
export function firstEntryId(clientId: string): string {
  return sha256(`journal:genesis:${clientId}`);
}

/**
 * Version id of the journal entry that follows another. It depends on nothing else, so all who read the same entry
 * compete for the same id, and Secrets Manager lets one of them win. A journal that was begun again has other nonces: what is
 * left of the one before is never in its way.
 */
export function nextEntryId(versionId: string, nonce: string): string {
  return sha256(`journal:${versionId}:${nonce}`);
}

/** Version id of a delivered client secret merged into a version. Repeating the merge gives the same version. */
export function stagedVersionId(deliveredDigest: string, currentVersionId: string, clientSecretField: string): string {
  return sha256(`stage:${deliveredDigest}:${currentVersionId}:${clientSecretField}`);
}
