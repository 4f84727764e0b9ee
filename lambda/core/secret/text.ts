import { parseTree, type Node } from 'jsonc-parser';
import { parseJson } from '../json';
import { mistakeIn } from './not-json';
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
  readonly problem: 'not-json' | 'field-missing';
  /** Which mistake it looks like, for people. */
  readonly hint?: string;
}

export type CredentialsRead = { readonly credentials: ClientCredentials } | CredentialsProblem;

/** Reads the credentials. Says only what is wrong, never what was found: a parser's error quotes its input. */
export function readCredentials(text: string | undefined, fields: CredentialFields): CredentialsRead {
  const object = text === undefined ? undefined : parseObject(text);
  if (object === undefined) {
    return { problem: 'not-json', hint: mistakeIn(text) };
  }
  const clientId = object[fields.clientIdField];
  const clientSecret = object[fields.clientSecretField];
  if (typeof clientId !== 'string' || clientId === '' || typeof clientSecret !== 'string' || clientSecret === '') {
    return { problem: 'field-missing' };
  }
  return { credentials: { clientId, clientSecret } };
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
  return propertyValues(parseTree(text), key)
    .sort((left, right) => right.offset - left.offset)
    .reduce((edited, node) => edited.slice(0, node.offset) + json + edited.slice(node.offset + node.length), text);
}

/** Whether a new client secret will fit. Asked before a rotation, since afterwards there is no other place for it. */
export function hasRoomForNewSecret(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') + GROWTH_BYTES <= MAXIMUM_BYTES;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** All of a key's values: of a key written twice `JSON.parse` takes the last, other readers the first. */
function propertyValues(root: Node | undefined, key: string): Node[] {
  return (root?.children ?? []).flatMap((property) => {
    const [name, value] = property.children ?? [];
    return name?.value === key && value !== undefined ? [value] : [];
  });
}
