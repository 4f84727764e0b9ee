import { couldBeCredential } from '../../../lib/contract/credential';
import { parseJson } from '../json';

/** What JSON does not take for white space, and no editor shows: byte order marks, spaces of other widths. */
const INVISIBLE = /[\u00a0\u2000-\u200d\u202f\u2060\u3000\ufeff]/g;

/** What looks like the beginning of a key or a value without double quotes: `{a`, `{'a`, `{“a`, `: a`. */
const UNQUOTED = /^\{\s*[^"\s}]|:\s*(?!true\b|false\b|null\b)['“”‘’A-Za-z]/;

/** The known mistakes, the surest first. */
const MISTAKES: readonly (readonly [looksLikeIt: (text: string) => boolean, hint: string])[] = [
  [(text) => text.trim() === '', 'It is empty.'],
  [
    (text) => isObject(parseJson(text.replace(INVISIBLE, ' '))),
    'It looks like one, with a byte order mark or another invisible character before or in it: store it without.',
  ],
  [
    (text) => isObject(parseJson(textIn(text) ?? '')),
    'It is a JSON object inside a JSON string, perhaps because a program encoded it twice: store the object itself.',
  ],
  [(text) => textIn(text) !== undefined, 'It is a JSON string.'],
  [(text) => parseJson(text) !== undefined, 'It is JSON of another kind, such as a list or a number.'],
  [
    (text) => text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}'),
    'It begins like one, and its end is missing or something follows it.',
  ],
  [
    (text) => UNQUOTED.test(text.trimStart()),
    'It looks like one without the double quotes around keys and values, which a shell may have removed.',
  ],
  [(text) => text.trimStart().startsWith('{'), 'It looks like one and is not correct: look at its commas and quotes.'],
  [couldBeCredential, 'It looks like one of the two values alone.'],
];

/** Which known mistake a value looks like that is not a JSON object. Does not quote it. */
export function mistakeInText(text: string | undefined): string | undefined {
  return text === undefined
    ? 'It is binary data: store it as text.'
    : MISTAKES.find(([looksLikeIt]) => looksLikeIt(text))?.[1];
}

/** The text in a JSON string. */
function textIn(text: string): string | undefined {
  const value = parseJson(text);
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
