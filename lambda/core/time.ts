/** A moment, in milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Clocks differ by up to this much. */
export const CLOCK_SKEW = 5 * MINUTE;

/** Sweeps come by a schedule, but not to the second. Without this allowance a wait of one hour would take two. */
export const SWEEP_JITTER = 5 * MINUTE;

export function toIso(instant: Instant): string {
  return new Date(instant).toISOString();
}

/** A day, which begins in UTC, or a time of ISO 8601 with its zone; `undefined` when the text is neither. */
export function fromDate(text: string): Instant | undefined {
  const [, day] = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  // A day that a month does not have would be taken for one of the next month.
  const instant = Date.parse(text);
  const isDay = day !== undefined && !Number.isNaN(instant) && toIso(Date.parse(day)).startsWith(day);
  return isDay ? instant : undefined;
}

/** `undefined` when the text is no ISO 8601 time. */
export function fromIso(text: string): Instant | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text)) {
    return undefined;
  }
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}
