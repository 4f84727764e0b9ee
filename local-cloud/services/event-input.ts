import { NotEmulated } from './aws-error';

/** What a rule passes to a target. The names are CloudFormation's, in lower camel case. Default: the event. */
export interface TargetInput {
  /** JSON text that does not depend on the event. */
  readonly input?: string;
  /** Part of the event. */
  readonly inputPath?: string;
  readonly inputTransformer?: InputTransformer;
}

interface InputTransformer {
  readonly inputPathsMap?: Readonly<Record<string, string>>;
  readonly inputTemplate: string;
}

const PLACEHOLDER = /(?<quoted>"(?:[^"\\]|\\.)*")|<(?<key>[A-Za-z0-9_.-]+)>/g;
const PLACEHOLDER_IN_TEXT = /<([A-Za-z0-9_.-]+)>/g;

/** Refuses an input with any part that is not emulated, before the first event. */
export function refuseUnknownInput({ input, inputPath, inputTransformer }: TargetInput): void {
  if ([input, inputPath, inputTransformer].filter((one) => one !== undefined).length > 1) {
    throw new NotEmulated('a target with more than one of input, inputPath and inputTransformer');
  }
  if (inputPath !== undefined) {
    refuseUnknownPath(inputPath);
  }
  if (inputTransformer !== undefined) {
    refuseUnknownTransformer(inputTransformer);
  }
}

function refuseUnknownTransformer({ inputPathsMap = {}, inputTemplate }: InputTransformer): void {
  Object.values(inputPathsMap).forEach(refuseUnknownPath);
  for (const [, key = ''] of inputTemplate.matchAll(PLACEHOLDER_IN_TEXT)) {
    if (!Object.hasOwn(inputPathsMap, key)) {
      throw new NotEmulated(`<${key}> in an input template, which is not in its map of paths`);
    }
  }
}

/** What the target receives, parsed: every emulated target takes JSON. */
export function inputFor(target: TargetInput, event: unknown): unknown {
  if (target.input !== undefined) {
    return parsed(target.input);
  }
  if (target.inputPath !== undefined) {
    return valueAt(target.inputPath, event);
  }
  if (target.inputTransformer !== undefined) {
    return transformed(target.inputTransformer, event);
  }
  return event;
}

function transformed({ inputPathsMap = {}, inputTemplate }: InputTransformer, event: unknown): unknown {
  const value = (key: string): unknown => valueAt(inputPathsMap[key] ?? '$', event);
  const text = inputTemplate.replace(PLACEHOLDER, (whole, quoted: string | undefined, key: string | undefined) => {
    if (quoted !== undefined) {
      return quoted.replace(PLACEHOLDER_IN_TEXT, (_, inner: string) => withinQuotes(value(inner)));
    }
    const found = key === undefined ? whole : value(key);
    return found === undefined ? '""' : JSON.stringify(found);
  });
  return parsed(text);
}

function withinQuotes(value: unknown): string {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotEmulated('an input of a target that is not JSON');
  }
}

function refuseUnknownPath(path: string): void {
  if (!/^\$(\.[A-Za-z0-9_-]+)*$/.test(path)) {
    throw new NotEmulated(`the path ${path} in a target's input`);
  }
}

function valueAt(path: string, event: unknown): unknown {
  return path
    .split('.')
    .slice(1)
    .reduce<unknown>(
      (value, field) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, field)
          ? (value as Record<string, unknown>)[field]
          : undefined,
      event,
    );
}
