import { Duration, Token } from 'aws-cdk-lib';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';

const DAY_MINUTES = 24 * 60;
const UNITS: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: DAY_MINUTES };

/** The longest time between two sweeps with a schedule; `undefined` where it cannot be read from the expression. */
export function sweepInterval(schedule: scheduler.ScheduleExpression | undefined): Duration | undefined {
  if (schedule === undefined) {
    return Duration.hours(1);
  }
  const text = schedule.expressionString;
  if (Token.isUnresolved(text)) {
    return undefined;
  }
  const minutes = minutesOfRate(text) ?? minutesOfCron(text);
  return minutes === undefined ? undefined : Duration.minutes(minutes);
}

function minutesOfRate(text: string): number | undefined {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(text) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNITS[unit] ?? 1);
}

/** The values of a cron field, and the names that may stand for them. */
interface Field {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const MINUTE: Field = { from: 0, to: 59 };
const HOUR: Field = { from: 0, to: 23 };
const DAY_OF_MONTH: Field = { from: 1, to: 31 };
const MONTH: Field = {
  from: 1,
  to: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const DAY_OF_WEEK: Field = { from: 1, to: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] };

/** Enough days for each combination of month, day and weekday: the calendar repeats after 28 years. */
const CALENDAR = Array.from({ length: 28 * 365 + 7 }, (_, day) => new Date(Date.UTC(2028, 0, 1 + day)));

/**
 * The longest gap, by the calendar.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
function minutesOfCron(text: string): number | undefined {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] =
    /^cron\((.+)\)$/.exec(text)?.[1]?.split(/\s+/) ?? [];
  const minutes = valuesOf(minute, MINUTE);
  const times = valuesOf(hour, HOUR)
    .flatMap((h) => minutes.map((m) => h * 60 + m))
    .sort((one, other) => one - other);
  const days = [valuesOf(dayOfMonth, DAY_OF_MONTH), valuesOf(month, MONTH), valuesOf(dayOfWeek, DAY_OF_WEEK)];
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || year !== '*' || days.some((values) => values.length === 0)) {
    return undefined;
  }
  const withinDay = times.map((time, index) => time - (times[index - 1] ?? time));
  const daysBetween = longestGap(days.map((values) => new Set(values)));
  return daysBetween === undefined ? undefined : Math.max(...withinDay, daysBetween * DAY_MINUTES - last + first);
}

/** In days, between two days that fulfil all three fields. */
function longestGap([daysOfMonth, months, daysOfWeek]: readonly ReadonlySet<number>[]): number | undefined {
  const fires = CALENDAR.flatMap((day, index) =>
    daysOfMonth?.has(day.getUTCDate()) === true &&
    months?.has(day.getUTCMonth() + 1) === true &&
    daysOfWeek?.has(day.getUTCDay() + 1) === true
      ? [index]
      : [],
  );
  const gaps = fires.slice(1).map((day, index) => day - (fires[index] ?? day));
  return gaps.length === 0 ? undefined : gaps.reduce((longest, gap) => Math.max(longest, gap));
}

/** The values that a cron field lists; empty where the field cannot be read. */
function valuesOf(text: string, field: Field): number[] {
  const parts = text.split(',').map((part) => valuesOfPart(part, field));
  return parts.some((values) => values.length === 0) ? [] : parts.flat();
}

/** The values of `*`, `5`, `MON`, `5-10` or one of these with a step, such as `5/15`; none where it is none of them. */
function valuesOfPart(part: string, { from, to, names = [] }: Field): number[] {
  const [, range = '', step] = /^([^/]+)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
  const ends = (range === '*' || range === '?' ? `${from}-${to}` : range).split('-').map((end) => {
    const named = names.indexOf(end.toUpperCase());
    return named >= 0 ? named + from : /^\d+$/.test(end) ? Number(end) : Number.NaN;
  });
  const [first = Number.NaN, last = step === undefined ? first : to] = ends;
  const length = last < first ? to - from + 1 + last - first : last - first;
  if (ends.length > 2 || !(first >= from && first <= to && last >= from && last <= to)) {
    return [];
  }
  // A range may run over the end of the field, as SAT-MON does.
  return Array.from({ length: Math.floor(length / Number(step ?? 1)) + 1 }, (_, index) => {
    const value = first + index * Number(step ?? 1);
    return value > to ? value - (to - from + 1) : value;
  });
}
