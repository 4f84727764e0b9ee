import { isClientId, mistakeIn } from '../amazon/client-id';
import { parseJson } from '../json';
import { mistakeInText } from './not-json';
import type { ClientCredentials } from '../ports';

/** Largest value that Secrets Manager stores, in bytes. */
const MAXIMUM_BYTES = 65_536;

/** By how much, at most, a new client secret may be longer than the old one. They have about 90 characters. */
const GROWTH_BYTES = 1_024;

/** Names of the top-level keys that hold the credentials. */
export interface CredentialFields {
  readonly clientIdField: string;
  readonly clientSecretField: string;
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
  if (object === undefined) {
    return { problem: 'not-json', hint: mistakeInText(text) };
  }
  const clientId = object[fields.clientIdField];
  const clientSecret = object[fields.clientSecretField];
  if (!isFilled(clientId) || !isFilled(clientSecret)) {
    return { problem: 'field-missing', hint: missingIn(object, fields) };
  }
  return isClientId(clientId)
    ? { credentials: { clientId, clientSecret } }
    : { problem: 'wrong-client-id', hint: mistakeIn(clientId) };
}

/** All texts under top-level keys. */
export function stringsIn(text: string | undefined): string[] {
  const object = text === undefined ? undefined : parseObject(text);
  return Object.values(object ?? {}).filter((value) => typeof value === 'string');
}

/**
 * The same text with another client secret: everything else stays byte for byte, since other programs own the other keys
 * (their order, their big numbers, their duplicates).
 */
export function withClientSecret(text: string, fields: CredentialFields, clientSecret: string): string {
  return withValue(text, fields.clientSecretField, clientSecret);
}

/** The same for any top-level key. */
export function withValue(text: string, key: string, value: string): string {
  const json = JSON.stringify(value);
  return membersOf(text)
    .filter(({ name }) => name === key)
    .reduceRight((edited, { start, end }) => edited.slice(0, start) + json + edited.slice(end), text);
}

/** Whether a new client secret will fit. Asked before a rotation, since afterwards there is no other place for it. */
export function hasRoomForNewSecret(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') + GROWTH_BYTES <= MAXIMUM_BYTES;
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function missingIn(object: Record<string, unknown>, { clientIdField, clientSecretField }: CredentialFields): string {
  const missing = [clientIdField, clientSecretField].filter((field) => !isFilled(object[field]));
  return `Missing, or no text: ${missing.map((field) => JSON.stringify(field)).join(' and ')}.`;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

interface Member {
  readonly name: string;
  /** Of its value. */
  readonly start: number;
  readonly end: number;
}

/** The tokens of a text that `JSON.parse` reads: strings, marks, and other values. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** By how much a token changes the depth. */
const DEPTH: ReadonlyMap<string, number> = new Map([
  ['{', 1],
  ['[', 1],
  ['}', -1],
  [']', -1],
]);

/**
 * The members of the object that is the text, also those of a name that is there twice: `JSON.parse` takes the last of them,
 * other readers the first. Token by token: a parser that calls itself for each level fails on deep texts that `JSON.parse` reads.
 */
function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let [name, start, end, depth] = ['', 0, 0, 0];
  let previous = '';
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (depth === 1 && previous === ':') {
      start = index;
    } else if (depth === 1 && token.startsWith('"')) {
      name = JSON.parse(token) as string;
    } else if (depth === 1 && (token === ',' || token === '}')) {
      members.push({ name, start, end });
    }
    depth += DEPTH.get(token) ?? 0;
    end = index + token.length;
    previous = token;
  }
  return members;
}
