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

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Minutes, hours, days of the month, months and days of the week. */
const FIELDS: readonly Field[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: MONTHS },
  { from: 1, to: 7, names: WEEKDAYS },
];

/** Enough days for each combination of month, day and weekday: the calendar repeats after 28 years. */
const CALENDAR = Array.from({ length: 28 * 365 + 7 }, (_, day) => new Date(Date.UTC(2028, 0, 1 + day)));

/**
 * The longest gap, by the calendar.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
function minutesOfCron(text: string): number | undefined {
  const texts = /^cron\((.+) \*\)$/.exec(text)?.[1]?.split(' ') ?? [];
  const values = FIELDS.map((field, index) => valuesOf(texts[index] ?? '', field));
  if (texts.length !== FIELDS.length || values.some(({ length }) => length === 0)) {
    return undefined;
  }
  const [minutes = [], hours = [], ...days] = values;
  const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute)).sort((one, other) => one - other);
  const acrossDays = longestGapOfDays(days.map((list) => new Set(list))) * DAY_MINUTES;
  // It never fires on 30 February.
  return acrossDays === 0 ? undefined : Math.max(...gaps(times), acrossDays - Math.max(...times) + Math.min(...times));
}

/** In days, between two days that fulfil all three fields. */
function longestGapOfDays([daysOfMonth, months, daysOfWeek]: readonly ReadonlySet<number>[]): number {
  const fires = CALENDAR.flatMap((day, index) =>
    daysOfMonth?.has(day.getUTCDate()) === true &&
    months?.has(day.getUTCMonth() + 1) === true &&
    daysOfWeek?.has(day.getUTCDay() + 1) === true
      ? [index]
      : [],
  );
  return gaps(fires).reduce((longest, gap) => Math.max(longest, gap), 0);
}

function gaps(ascending: readonly number[]): number[] {
  return ascending.slice(1).map((value, index) => value - (ascending[index] ?? value));
}

/** The values that a cron field lists; empty where the field cannot be read. */
function valuesOf(text: string, field: Field): number[] {
  const parts = text.split(',').map((part) => valuesOfPart(part, field));
  return parts.some((values) => values.length === 0) ? [] : parts.flat();
}

/** The values of `*`, `5`, `MON`, `5-10` or one of these with a step, such as `5/15`; none where it is none of them. */
function valuesOfPart(part: string, field: Field): number[] {
  // `*` and `5/15` run to the end of the field, `5` is one value.
  const written = part.replace(/^[*?]/, `${field.from}-${field.to}`).replace(/^(\w+)\//, `$1-${field.to}/`);
  const [, start = '', end = start, step = '1'] = /^(\w+)(?:-(\w+))?(?:\/([1-9]\d*))?$/.exec(written) ?? [];
  const [first, last] = [valueOf(start, field), valueOf(end, field)];
  if (first === undefined || last === undefined) {
    return [];
  }
  // A range may run over the end of the field, as SAT-MON does.
  const size = field.to - field.from + 1;
  const length = (last - first + size) % size;
  return Array.from(
    { length: Math.floor(length / Number(step)) + 1 },
    (_, index) => ((first + index * Number(step) - field.from) % size) + field.from,
  );
}

function valueOf(text: string, { from, to, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const value = named >= 0 ? named + from : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= from && value <= to ? value : undefined;
}
