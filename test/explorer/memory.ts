/*
 * The state of a world, saved and loaded again. A world is a graph of objects of classes; what each of them holds in plain fields,
 * lists, maps and sets is its state. Equal states of an object are kept once, under a number; so a moment is a list of numbers.
 */

/** One state of a world: for each of its parts the number of the part's state. */
export interface Moment {
  readonly id: number;
  readonly states: readonly number[];
}

type Fields = Record<string, unknown>;

/** Fields that are no state: they never change, or are caches and texts of the log, or tokens, of which each search makes its own. */
const NO_STATE = new Set([
  'parameters',
  'settings',
  'behaviour',
  'handlers',
  'tokens',
  'allTokens',
  'digests',
  'lastLoggedAnswers',
  'accessedOn',
]);

/** The order in which versions were made, on which nothing depends. */
const ORDER = new Set(['number', 'versionCount']);

/** What is in these fields is replaced and never changed: versions, states of labels, entries. It is neither copied nor described twice. */
const SETTLED = new Set(['versions', 'labelHistory', 'lastEntry', 'answer']);

/** Longer texts are known by a number. */
const LONGEST_TEXT = 24;

export class Memory {
  /** The parts that may change, found from the root. */
  private readonly parts: readonly Fields[];
  private readonly kept: { readonly ids: Map<string, number>; readonly states: Fields[] }[];
  private readonly moments = new Map<string, Moment>();
  private loaded: (number | undefined)[];

  /** @param isIgnored parts that hold no state */
  constructor(root: object, isIgnored: (part: object) => boolean) {
    this.parts = [...partsOf(root, isIgnored)];
    this.kept = this.parts.map(() => ({ ids: new Map(), states: [] }));
    this.loaded = this.parts.map(() => undefined);
  }

  save(): Moment {
    const states = this.parts.map((part, index) => this.saveState(part, index));
    this.loaded = [...states];
    const key = states.join();
    const moment = this.moments.get(key) ?? { id: this.moments.size, states };
    this.moments.set(key, moment);
    return moment;
  }

  load({ states }: Moment): void {
    states.forEach((state, index) => {
      const part = this.parts[index];
      if (part !== undefined && this.loaded[index] !== state) {
        Object.assign(part, copyOf(this.kept[index]?.states[state], new Map()));
        this.loaded[index] = state;
      }
    });
  }

  /** To be called when something may have changed that is not to be saved. */
  forget(): void {
    this.loaded = this.parts.map(() => undefined);
  }

  /** The number of the state of one part. */
  stateOf(part: object, { states }: Moment): number | undefined {
    return states[this.parts.indexOf(part as Fields)];
  }

  get size(): number {
    return this.moments.size;
  }

  /** All that a moment is made of, where texts are as they are told. */
  describe({ states }: Moment, textOf: (text: string) => string): string {
    return states.map((state, index) => descriptionOf(this.kept[index]?.states[state], textOf)).join('\n');
  }

  private saveState(part: Fields, index: number): number {
    const fields = stateFieldsOf(part);
    const { ids, states } = required(this.kept[index]);
    const key = keyOf(fields);
    let id = ids.get(key);
    if (id === undefined) {
      id = states.length;
      ids.set(key, id);
      states.push(copyOf(fields, new Map()));
    }
    return id;
  }
}

const texts = new Map<string, number>();

/** A text that tells one value from another. */
export function keyOf(value: unknown): string {
  return descriptionOf(value, shortened);
}

function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) {
    return JSON.stringify(text);
  }
  const number = texts.get(text) ?? texts.size;
  texts.set(text, number);
  return `#${number}`;
}

function descriptionOf(value: unknown, textOf: (text: string) => string): string {
  if (typeof value === 'string') {
    return textOf(value);
  }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' ? '()' : String(value);
  }
  if (Array.isArray(value)) {
    return `[${listOf(value, textOf).join()}]`;
  }
  if (value instanceof Set) {
    return `{${listOf(value, textOf).sort().join()}}`;
  }
  if (value instanceof Map) {
    const entries: string[] = [];
    for (const [key, held] of value) {
      entries.push(`${descriptionOf(key, textOf)}:${descriptionOf(held, textOf)}`);
    }
    return `{${entries.sort().join()}}`;
  }
  return isPlain(value) ? `{${fieldsOf(value, textOf).join()}}` : nameOf(value);
}

function listOf(values: Iterable<unknown>, textOf: (text: string) => string): string[] {
  const list: string[] = [];
  for (const value of values) {
    list.push(descriptionOf(value, textOf));
  }
  return list;
}

function fieldsOf(value: object, textOf: (text: string) => string): string[] {
  const fields: string[] = [];
  for (const [name, held] of Object.entries(value) as [string, unknown][]) {
    if (held !== undefined && !ORDER.has(name)) {
      fields.push(`${name}:${SETTLED.has(name) ? settledOf(name, held, textOf) : descriptionOf(held, textOf)}`);
    }
  }
  return fields;
}

const settled = new WeakMap<object, string>();

function settledOf(name: string, held: unknown, textOf: (text: string) => string): string {
  if (held instanceof Map) {
    const entries: string[] = [];
    for (const [key, value] of held) {
      entries.push(`${textOf(String(key))}:${settledOf(name, value, textOf)}`);
    }
    return entries.sort().join();
  }
  // Of the labels of a secret only the last ones count where reads do not lag.
  const value: unknown = Array.isArray(held) ? held.at(-1) : held;
  if (textOf !== shortened || typeof value !== 'object' || value === null) {
    return descriptionOf(value, textOf);
  }
  const known = settled.get(value) ?? descriptionOf(value, textOf);
  settled.set(value, known);
  return known;
}

function nameOf(value: object): string {
  if (value instanceof Error) {
    return `${value.name}: ${value.message}`;
  }
  return value instanceof Date ? String(value.getTime()) : value.constructor.name;
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function isContainer(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value) || value instanceof Map || value instanceof Set || isPlain(value))
  );
}

/** Objects of classes. */
function isPart(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !(value instanceof Date) && !isContainer(value);
}

/** Lists, maps and plain objects are copied, and what is in them. */
function copyOf<Value>(value: Value, copies: Map<unknown, unknown>): Value {
  if (!isContainer(value)) {
    return value;
  }
  const known = copies.get(value);
  if (known !== undefined) {
    return known as Value;
  }
  const copy = emptyLike(value);
  copies.set(value, copy);
  if (Array.isArray(value)) {
    (copy as unknown[]).push(...value.map((held: unknown) => copyOf(held, copies)));
  } else if (value instanceof Map) {
    value.forEach((held, key) => (copy as Map<unknown, unknown>).set(key, copyOf(held, copies)));
  } else if (value instanceof Set) {
    value.forEach((held) => (copy as Set<unknown>).add(copyOf(held, copies)));
  } else {
    for (const [name, held] of Object.entries(value) as [string, unknown][]) {
      (copy as Fields)[name] = SETTLED.has(name) ? copyAround(held) : copyOf(held, copies);
    }
  }
  return copy as Value;
}

/** @throws if it is missing, which is a defect of the explorer */
export function required<Value>(value: Value | undefined): Value {
  if (value === undefined) {
    throw new Error('something is missing');
  }
  return value;
}

function copyAround(held: unknown): unknown {
  return held instanceof Map ? new Map(held) : Array.isArray(held) ? [...(held as unknown[])] : held;
}

function emptyLike(value: object): object {
  return Array.isArray(value) ? [] : value instanceof Map ? new Map() : value instanceof Set ? new Set() : {};
}

function stateFieldsOf(part: Fields): Fields {
  const state: Fields = {};
  for (const name of Object.keys(part)) {
    const value = part[name];
    if (typeof value !== 'function' && !NO_STATE.has(name) && !isPart(value)) {
      state[name] = value;
    }
  }
  return state;
}

function partsOf(root: object, isIgnored: (part: object) => boolean): Set<Fields> {
  const parts = new Set<Fields>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || isIgnored(value)) {
      return;
    }
    seen.add(value);
    if (isPart(value)) {
      parts.add(value);
    }
    const inner: readonly unknown[] =
      value instanceof Map
        ? [...value.keys(), ...value.values()]
        : value instanceof Set
          ? [...value]
          : Object.values(value);
    inner.forEach(visit);
  };
  visit(root);
  return parts;
}
