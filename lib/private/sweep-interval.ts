import { Duration, Token } from 'aws-cdk-lib';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';

const DAY_MINUTES = 24 * 60;
const UNITS: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: DAY_MINUTES };

/** The longest time between two sweeps, as far as the schedule tells; `undefined` where it does not. */
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

/** Of one that fires every day. */
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

/** Empty where the field cannot be read. */
function valuesOf(field: string, end: number): number[] {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [, from, to, step] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [undefined];
    if (!/^(\*|\d+(-\d+)?)(\/\d+)?$/.test(part) || step === '0') {
      return [];
    }
    const first = from === undefined ? 0 : Number(from);
    const last = to !== undefined ? Number(to) : from === undefined || step !== undefined ? end - 1 : first;
    for (let value = first; value <= last && value < end; value += Number(step ?? 1)) {
      values.add(value);
    }
  }
  return [...values];
}
