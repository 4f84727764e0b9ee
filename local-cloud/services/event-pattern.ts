import { AwsError, NotEmulated } from './aws-error';

/** An event pattern: for each field a list of what it may be, or fields below it. */
export type EventPattern = Readonly<Record<string, unknown>>;

/** What EventBridge can compare with, beside exact values. Only prefixes are emulated. */
const MATCH_TYPES = ['anything-but', 'cidr', 'equals-ignore-case', 'exists', 'numeric', 'prefix', 'suffix', 'wildcard'];

/** Refuses a text that is no pattern, or one that has any part that is not emulated. */
export function patternFrom(text: string): EventPattern {
  const pattern = jsonObjectFrom(text);
  if (pattern === undefined) {
    throw invalidPattern('Filter is not an object');
  }
  refuseUnknownPattern(pattern);
  return pattern;
}

/** `undefined`: the text is not the JSON of an object. */
export function jsonObjectFrom(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Refuses a pattern with any part that is not emulated, before the first event. */
export function refuseUnknownPattern(pattern: EventPattern, path = ''): void {
  for (const [field, condition] of Object.entries(pattern)) {
    const here = path === '' ? field : `${path}.${field}`;
    if (field.startsWith('$')) {
      throw new NotEmulated(`${here} in an event pattern`);
    }
    if (Array.isArray(condition)) {
      refuseUnknownAlternatives(condition, here);
    } else if (isObject(condition)) {
      refuseUnknownPattern(condition, here);
    } else {
      throw invalidPattern(`"${field}" must be an object or an array`);
    }
  }
}

function refuseUnknownAlternatives(alternatives: readonly unknown[], path: string): void {
  if (alternatives.length === 0) {
    throw invalidPattern('Empty arrays are not allowed');
  }
  for (const alternative of alternatives) {
    refuseUnknownAlternative(alternative, path);
  }
}

function invalidPattern(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}

function refuseUnknownAlternative(alternative: unknown, path: string): void {
  if (!isObject(alternative) || isPrefix(alternative)) {
    return;
  }
  const [type = '', value] = Object.entries(alternative)[0] ?? [];
  if (!MATCH_TYPES.includes(type)) {
    throw invalidPattern(`Unrecognized match type ${type}`);
  }
  if (type === 'prefix' && !isObject(value)) {
    throw invalidPattern('prefix match pattern must be a string');
  }
  throw new NotEmulated(`${JSON.stringify(alternative)} at ${path} in an event pattern`);
}

/** Whether EventBridge would hand this event to a rule with this pattern. A dot in a name is as good as a level. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return matchesFields(withoutDots(pattern) as EventPattern, withoutDots(event));
}

function withoutDots(value: unknown): unknown {
  if (!isObject(value)) {
    return Array.isArray(value) ? value.map(withoutDots) : value;
  }
  const nested: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const [first = '', ...others] = name.split('.');
    const below = withoutDots(others.length === 0 ? inner : { [others.join('.')]: inner });
    const before = nested[first];
    nested[first] = isObject(before) && isObject(below) ? { ...before, ...below } : below;
  }
  return nested;
}

/** Of a list of objects, one has to have all fields. */
function matchesFields(pattern: EventPattern, event: unknown): boolean {
  if (Array.isArray(event)) {
    return event.some((one) => matchesFields(pattern, one));
  }
  return Object.entries(pattern).every(([field, condition]) => {
    const value = isObject(event) && Object.hasOwn(event, field) ? event[field] : undefined;
    if (!Array.isArray(condition)) {
      return isObject(condition) && matchesFields(condition, value);
    }
    const alternatives = condition as readonly unknown[];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.some((one) => alternatives.some((alternative) => matchesValue(alternative, one)));
  });
}

function matchesValue(alternative: unknown, value: unknown): boolean {
  if (isPrefix(alternative)) {
    return typeof value === 'string' && value.startsWith(alternative.prefix);
  }
  return value !== undefined && alternative === value;
}

function isPrefix(value: unknown): value is { readonly prefix: string } {
  return isObject(value) && Object.keys(value).length === 1 && typeof value.prefix === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
