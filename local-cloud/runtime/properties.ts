import { isArray, type Json } from './template';

type Values = Readonly<Record<string, Json>>;

/**
 * A resource's resolved properties. It records which ones were read: the local cloud does not know the others, and then
 * refuses the stack.
 */
export class Properties {
  private readonly seen = new Set<string>();
  private readonly nested: Properties[] = [];

  constructor(
    private readonly values: Values,
    /** Such as `Queue` or `Function.Code`, for error messages. */
    private readonly where: string,
  ) {}

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) {
      throw new Error(`${this.where}.${name} is missing`);
    }
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.json(name);
    if (typeof value === 'object') {
      throw new Error(`${this.where}.${name} must be text`);
    }
    return value === undefined ? undefined : String(value);
  }

  optionalNumber(name: string): number | undefined {
    const text = this.optionalText(name);
    if (text === undefined) {
      return undefined;
    }
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) {
      throw new Error(`${this.where}.${name} must be a number`);
    }
    return value;
  }

  optionalBoolean(name: string): boolean | undefined {
    const text = this.optionalText(name);
    if (text !== undefined && text !== 'true' && text !== 'false') {
      throw new Error(`${this.where}.${name} must be true or false`);
    }
    return text === undefined ? undefined : text === 'true';
  }

  /** One of the given values. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.optionalText(name);
    const chosen = choices.find((choice) => choice === value);
    if (value !== undefined && chosen === undefined) {
      throw new Error(`the local cloud does not know ${this.where}.${name} = ${value}`);
    }
    return chosen;
  }

  texts(name: string): string[] {
    const value = this.json(name) ?? [];
    if (!isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw new Error(`${this.where}.${name} must be a list of text`);
    }
    return [...value];
  }

  object(name: string): Properties | undefined {
    const value = this.json(name);
    return value === undefined ? undefined : this.nest(value, name);
  }

  objects(name: string): Properties[] {
    const value = this.json(name) ?? [];
    if (!isArray(value)) {
      throw new Error(`${this.where}.${name} must be a list`);
    }
    return value.map((item, index) => this.nest(item, `${name}[${index}]`));
  }

  /** Text by key. */
  map(name: string): Record<string, string> {
    const inner = this.object(name);
    return inner === undefined
      ? {}
      : Object.fromEntries(Object.keys(inner.values).map((key): [string, string] => [key, inner.text(key)]));
  }

  /** Unchanged, of any type. */
  json(name: string): Json | undefined {
    this.seen.add(name);
    return this.values[name];
  }

  /** All of them, for a resource that is only recorded. */
  all(): Values {
    Object.keys(this.values).forEach((name) => this.seen.add(name));
    return this.values;
  }

  /** Accepts properties that change nothing that the local cloud emulates. */
  ignore(...names: readonly string[]): void {
    names.forEach((name) => this.seen.add(name));
  }

  unread(): string[] {
    return [
      ...Object.keys(this.values)
        .filter((name) => !this.seen.has(name))
        .map((name) => `${this.where}.${name}`),
      ...this.nested.flatMap((inner) => inner.unread()),
    ];
  }

  private nest(value: Json, name: string): Properties {
    if (typeof value !== 'object' || value === null || isArray(value)) {
      throw new Error(`${this.where}.${name} must be an object`);
    }
    const inner = new Properties(value, `${this.where}.${name}`);
    this.nested.push(inner);
    return inner;
  }
}
