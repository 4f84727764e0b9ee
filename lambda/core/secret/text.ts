import { isClientId, mistakeIn } from '../amazon/client-id';
import { parseJson } from '../json';
import { mistakeInText } from './not-json';
import type { ClientCredentials } from '../ports';

/** Largest value that Secrets Manager stores, in bytes. */
const MAXIMUM_BYTES = 65_536;

/** By how much, at most, a new client secret may be longer than the old one. They have about 90 characters. */
const GROWTH_BYTES = 1_024;

/** Where a secret holds the credentials: each a top-level key, or a JSON pointer to a nested one. */
export interface CredentialFields {
  readonly clientIdField: string;
  /** Empty: the value is the client secret alone. */
  readonly clientSecretField: string;
  /** Where the secret does not hold it. */
  readonly clientId?: string | undefined;
}

export interface CredentialsProblem {
  readonly problem: 'not-json' | 'field-missing' | 'wrong-client-id';
  /** Which mistake it looks like, for people. */
  readonly hint?: string;
}

export type CredentialsRead = { readonly credentials: ClientCredentials } | CredentialsProblem;

/** Reads the credentials. Says only what is wrong, never what was found: a parser's error quotes its input. */
export function readCredentials(text: string | undefined, fields: CredentialFields): CredentialsRead {
  const object = text === undefined ? undefined : parseObject(text);
  if (isBare(fields) && text !== undefined) {
    return readBare(text, fields.clientId, object !== undefined);
  }
  if (object === undefined) {
    return { problem: 'not-json', hint: mistakeInText(text) };
  }
  const clientId = fields.clientId ?? valueAt(object, fields.clientIdField);
  const clientSecret = valueAt(object, fields.clientSecretField);
  if (!isFilled(clientId) || !isFilled(clientSecret)) {
    return { problem: 'field-missing', hint: missingIn(object, fields) };
  }
  return isClientId(clientId)
    ? { credentials: { clientId, clientSecret } }
    : { problem: 'wrong-client-id', hint: mistakeIn(clientId) };
}

/** Whether the value is the client secret alone. */
export function isBare({ clientSecretField }: CredentialFields): boolean {
  return clientSecretField === '';
}

function readBare(text: string, clientId: string | undefined, isObject: boolean): CredentialsRead {
  const clientSecret = text.trim();
  if (clientId === undefined || !isClientId(clientId)) {
    return { problem: 'wrong-client-id' };
  }
  return clientSecret === '' || isObject
    ? {
        problem: 'field-missing',
        hint: 'The value must be the client secret alone: the application has a clientId and no clientSecretField.',
      }
    : { credentials: { clientId, clientSecret } };
}

/** All texts in a value, at any depth, and the value itself. Without recursion: it may be deep. */
export function stringsIn(text: string | undefined): string[] {
  const found = text === undefined ? [] : [text.trim()];
  const open: unknown[] = [parseJson(text ?? '')];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      found.push(value);
    } else if (typeof value === 'object' && value !== null) {
      open.push(...(Object.values(value) as unknown[]));
    }
  }
  return found;
}

/**
 * The same text with another client secret: everything else stays byte for byte, since other programs own the other keys
 * (their order, their big numbers, their duplicates).
 */
export function withClientSecret(text: string, fields: CredentialFields, clientSecret: string): string {
  return isBare(fields)
    ? text.replace(text.trim(), () => clientSecret)
    : withValue(text, fields.clientSecretField, clientSecret);
}

/** The same for any key, or JSON pointer. */
export function withValue(text: string, field: string, value: unknown): string {
  const json = JSON.stringify(value);
  return placesOf(text, pathOf(field)).reduceRight(
    (edited, { start, end }) => edited.slice(0, start) + json + edited.slice(end),
    text,
  );
}

/** Whether a new client secret will fit. Asked before a rotation, since afterwards there is no other place for it. */
export function hasRoomForNewSecret(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') + GROWTH_BYTES <= MAXIMUM_BYTES;
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function missingIn(object: object, { clientIdField, clientSecretField, clientId }: CredentialFields): string {
  const missing = [...(clientId === undefined ? [clientIdField] : []), clientSecretField].filter(
    (field) => !isFilled(valueAt(object, field)),
  );
  return `Missing, or no text: ${missing.map((field) => JSON.stringify(field)).join(' and ')}.`;
}

/** The keys that lead to a value: one, or those of a JSON pointer (RFC 6901), through objects only. */
export function pathOf(field: string): readonly string[] {
  return field.startsWith('/')
    ? field
        .slice(1)
        .split('/')
        .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [field];
}

/** `undefined` where nothing stands. */
export function valueAt(object: object, field: string): unknown {
  let value: unknown = object;
  for (const key of pathOf(field)) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    value = isObject && Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Where a value stands in a text. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** The tokens of a text that `JSON.parse` reads: strings, marks, and other values. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** An object or a list that is open, in which the walk is. */
interface Open {
  readonly isObject: boolean;
  /** Of the member that is read. */
  name: string;
  /** Of its value. */
  start: number;
}

/**
 * Where the values under a path stand, also those of a name that is there twice: `JSON.parse` takes the last of them,
 * other readers the first. Token by token: a parser that calls itself for each level fails on deep texts that `JSON.parse` reads.
 */
export function placesOf(text: string, path: readonly string[]): Place[] {
  const places: Place[] = [];
  const open: Open[] = [];
  let [end, previous] = [0, ''];
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    const inside = open.at(-1);
    if (inside?.isObject === true) {
      const isEnd = (token === ',' || token === '}') && previous !== '{';
      if (isEnd && leadsTo(open, path)) {
        places.push({ start: inside.start, end });
      }
      noteMember(inside, token, index, previous === ':');
    }
    if (OPENING.has(token)) {
      open.push({ isObject: token === '{', name: '', start: 0 });
    } else if (CLOSING.has(token)) {
      open.pop();
    }
    end = index + token.length;
    previous = token;
  }
  return places;
}

const OPENING: ReadonlySet<string> = new Set(['{', '[']);
const CLOSING: ReadonlySet<string> = new Set(['}', ']']);

/** A token of an object is where a value begins, or a name, or neither. */
function noteMember(inside: Open, token: string, index: number, isValue: boolean): void {
  if (isValue) {
    inside.start = index;
  } else if (token.startsWith('"')) {
    inside.name = JSON.parse(token) as string;
  }
}

function leadsTo(open: readonly Open[], path: readonly string[]): boolean {
  return open.length === path.length && open.every(({ isObject, name }, level) => isObject && name === path[level]);
}
