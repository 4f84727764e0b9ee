const CREDENTIAL = /amzn1\.|Atz[ar]\||[0-9a-f]{64}/i;

/**
 * Whether a text could hold one of Amazon's ids, secrets or tokens: nothing repeats such a text, whatever it was meant to be.
 * Old client secrets have no prefix, but 64 hexadecimal digits.
 */
export function couldBeCredential(text: string): boolean {
  return CREDENTIAL.test(text);
}
