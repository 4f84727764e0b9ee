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

/** The longest gap, for a cron expression that fires every day. */
function minutesOfCron(text: string): number | undefined {
  const fields = /^cron\((.+)\)$/.exec(text)?.[1]?.split(/\s+/) ?? [];
  const [minute, hour, ...days] = fields;
  if (minute === undefined || hour === undefined || days.some((field) => field !== '*' && field !== '?')) {
    return undefined;
  }
  const hours = valuesOf(hour, 24);
  const minutes = valuesOf(minute, 60);
  const times = hours.flatMap((h) => minutes.map((m) => h * 60 + m)).sort((one, other) => one - other);
  const [first] = times;
  if (first === undefined) {
    return undefined;
  }
  const gaps = times.map((time, index) => (times[index + 1] ?? first + DAY_MINUTES) - time);
  return Math.max(...gaps);
}

/** The values that a cron field lists, below `end`; empty where the field cannot be read. */
function valuesOf(field: string, end: number): number[] {
  const parts = field.split(',').map((part) => valuesOfPart(part, end));
  return parts.some((values) => values === undefined) ? [] : [...new Set(parts.flatMap((values) => values ?? []))];
}

/** The values of `*`, `5`, `5-10` or one of these with a step, such as `5/15`; `undefined` where it is none of them. */
function valuesOfPart(part: string, end: number): number[] | undefined {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
  if (match === null || match[3] === '0') {
    return undefined;
  }
  const [, from, to, step] = match;
  const first = Number(from ?? 0);
  // `*` and `5/15` run to the end of the field, `5` is one value.
  const last = Number(to ?? (from === undefined || step !== undefined ? end - 1 : from));
  const values: number[] = [];
  for (let value = first; value <= Math.min(last, end - 1); value += Number(step ?? 1)) {
    values.push(value);
  }
  return values;
}
