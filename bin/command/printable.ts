/** Control characters but the line feed, and characters that change the direction or the lines of a text. */
const INVISIBLE = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu;

/**
 * A text for a terminal, which obeys control characters: names and texts that others wrote could clear the screen, write
 * into the clipboard or look like another answer. Escaped as in JSON, so that JSON stays what it was.
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
