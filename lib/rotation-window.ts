import { Token } from 'aws-cdk-lib';
import type { RotationWindowSettings } from './contract/application-settings';
import { MINUTES_OF_WINDOW_STEP } from './contract/limits';
import { shown } from './private/validation';

/**
 * A day of the week.
 */
export enum Weekday {
  /** Monday. */
  MONDAY = 'MONDAY',
  /** Tuesday. */
  TUESDAY = 'TUESDAY',
  /** Wednesday. */
  WEDNESDAY = 'WEDNESDAY',
  /** Thursday. */
  THURSDAY = 'THURSDAY',
  /** Friday. */
  FRIDAY = 'FRIDAY',
  /** Saturday. */
  SATURDAY = 'SATURDAY',
  /** Sunday. */
  SUNDAY = 'SUNDAY',
}

/**
 * From when until when on a day, and where.
 */
export interface RotationHours {
  /**
   * When the window opens: `00:00` to `23:45`, in steps of 15 minutes.
   */
  readonly opensAt: string;

  /**
   * When it closes: `00:15` to `24:00`, in steps of 15 minutes. Earlier than `opensAt`, it is on the next day.
   */
  readonly closesAt: string;

  /**
   * Time zone of both, as the IANA database names it, such as `Europe/Berlin` or `UTC`. Daylight saving is minded: an hour that
   * the clock leaves out opens nothing, and one that comes twice opens twice.
   *
   * @see https://www.iana.org/time-zones
   */
  readonly timeZone: string;
}

/** In the order of the enum. */
const DAYS = Object.values(Weekday);
const MINUTES_OF_DAY = 24 * 60;

/**
 * When rotations are asked for automatically: on which days of the week, in which hours.
 *
 * Everything else goes on at any time: looking, healing, installing what Amazon delivers, reporting. A rotation whose client secret
 * has not come is asked for again at any time, a person may rotate at any time, and in the last 14 days before the expiry of
 * a client secret the window is open, which the log says.
 */
export class RotationWindow {
  /**
   * Every day.
   *
   * Throws unless the hours and the time zone are as `RotationHours` says.
   */
  public static daily(hours: RotationHours): RotationWindow {
    return new RotationWindow(DAYS, hours);
  }

  /**
   * From Monday to Friday.
   *
   * Throws unless the hours and the time zone are as `RotationHours` says.
   */
  public static weekdays(hours: RotationHours): RotationWindow {
    return new RotationWindow(DAYS.slice(0, 5), hours);
  }

  /**
   * On these days of the week. A window over midnight belongs to the day on which it opens.
   *
   * Throws without a day, and unless the hours and the time zone are as `RotationHours` says.
   */
  public static onDays(days: Weekday[], hours: RotationHours): RotationWindow {
    return new RotationWindow(days, hours);
  }

  /**
   * As the functions read it.
   *
   * @internal
   */
  public readonly _settings: RotationWindowSettings;

  private constructor(days: Weekday[], { opensAt, closesAt, timeZone }: RotationHours) {
    if (days.length === 0 || days.some((day) => !DAYS.includes(day))) {
      throw new Error('days of a RotationWindow must be one Weekday or more; received none, or something else');
    }
    this._settings = {
      days: DAYS.flatMap((day, index) => (days.includes(day) ? [index + 1] : [])),
      from: minutesOf('opensAt', opensAt, 0, MINUTES_OF_DAY - MINUTES_OF_WINDOW_STEP),
      to: minutesOf('closesAt', closesAt, MINUTES_OF_WINDOW_STEP, MINUTES_OF_DAY),
      timeZone: requireTimeZone(timeZone),
    };
    if (this._settings.from === this._settings.to) {
      throw new Error(
        `opensAt and closesAt of a RotationWindow must differ; received ${shown(opensAt)} for both (for the whole day: 00:00 and 24:00)`,
      );
    }
  }

  /**
   * How long it is open, in minutes.
   *
   * @internal
   */
  public get _minutes(): number {
    const { from, to } = this._settings;
    return to > from ? to - from : to + MINUTES_OF_DAY - from;
  }
}

function minutesOf(name: string, text: string, atLeast: number, atMost: number): number {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (!(total >= atLeast && total <= atMost) || Number(minutes) >= 60 || total % MINUTES_OF_WINDOW_STEP !== 0) {
    throw new Error(
      `${name} of a RotationWindow must be a time from ${timeOf(atLeast)} to ${timeOf(atMost)} in steps of ${MINUTES_OF_WINDOW_STEP} minutes, such as 09:30; received ${shown(text)}`,
    );
  }
  return total;
}

function timeOf(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Node.js knows the zones of the IANA database. An offset has no daylight saving, and is none of them. */
function requireTimeZone(timeZone: string): string {
  try {
    if (!Token.isUnresolved(timeZone) && /^[A-Za-z]/.test(timeZone)) {
      new Intl.DateTimeFormat('en', { timeZone });
      return timeZone;
    }
  } catch {
    // It is told below.
  }
  throw new Error(
    `timeZone of a RotationWindow must be the name of a zone in the IANA database, such as Europe/Berlin; received ${shown(timeZone)}`,
  );
}
