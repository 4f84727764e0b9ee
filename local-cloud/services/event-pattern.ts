import { NotEmulated } from './aws-error';

/** An event pattern: for each field a list of what it may be, or fields below it. */
export type EventPattern = Readonly<Record<string, unknown>>;

/** Refuses a pattern with any part that is not emulated, before the first event. */
export function refuseUnknownPattern(pattern: EventPattern, path = ''): void {
  for (const [field, condition] of Object.entries(pattern)) {
    const here = path === '' ? field : `${path}.${field}`;
    if (field.startsWith('$')) {
      throw new NotEmulated(`${here} in an event pattern`);
    }
    if (Array.isArray(condition)) {
      (condition as readonly unknown[]).forEach((alternative) => {
        refuseUnknownAlternative(alternative, here);
      });
    } else if (isObject(condition)) {
      refuseUnknownPattern(condition, here);
    } else {
      throw new NotEmulated(
        `${JSON.stringify(condition)} at ${here} in an event pattern, where EventBridge wants a list`,
      );
    }
  }
}

function refuseUnknownAlternative(alternative: unknown, path: string): void {
  if (typeof alternative === 'object' && alternative !== null && !isPrefix(alternative)) {
    throw new NotEmulated(`${JSON.stringify(alternative)} at ${path} in an event pattern`);
  }
}

/** Whether EventBridge would hand this event to a rule with this pattern. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, condition]) => {
    const value = isObject(event) && Object.hasOwn(event, field) ? event[field] : undefined;
    if (!Array.isArray(condition)) {
      return isObject(condition) && matchesPattern(condition, value);
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
