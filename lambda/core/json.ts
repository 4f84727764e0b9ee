/** `undefined` when the text is not JSON. The parser's error is dropped: it quotes its input. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
