import type { RotationWindowSettings } from '../../../lib/contract/application-settings';
import { MINUTES_OF_WINDOW_STEP } from '../../../lib/contract/limits';
import type { JournalEntry } from '../journal/entry';
import { DAY, MINUTE, toIso, type Instant } from '../time';

/** So long before the expiry the window is open at any time. */
const OPEN_BEFORE_EXPIRY = 14 * DAY;

/** Windows open and close on it, in every time zone that there is. */
const STEP = MINUTES_OF_WINDOW_STEP * MINUTE;

const MINUTES_OF_DAY = DAY / MINUTE;

/** What daylight saving may add or take. */
const SHIFT = 120;

const WEEKDAYS = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** A moment by the clocks of a time zone. Monday is 1. */
interface LocalTime {
  readonly day: number;
  readonly minute: number;
}

export function isOpen(window: RotationWindowSettings, at: Instant): boolean {
  return isOpenAt(window, localTime(window.timeZone, at));
}

/** When the schedule may ask for a rotation, from a moment on: in the window, or shortly before the expiry. */
export function opensAt(window: RotationWindowSettings, expiry: Instant, from: Instant): Instant {
  const end = Math.max(from, expiry - OPEN_BEFORE_EXPIRY);
  let at = from;
  while (at < end) {
    const local = localTime(window.timeZone, at);
    if (isOpenAt(window, local)) {
      return at;
    }
    // Not past the opening, whatever the clocks are put forward by.
    const safe = Math.floor((minutesToOpening(window, local) - SHIFT) / MINUTES_OF_WINDOW_STEP) * STEP;
    at = Math.floor(at / STEP) * STEP + Math.max(STEP, safe);
  }
  return end;
}

/** Why a rotation is asked for outside its window, for people. */
export function passedOver({ expiry }: Pick<JournalEntry, 'expiry'>): string {
  return `It is outside its rotation window, which is open at any time in the last 14 days: the client secret expires on ${toIso(expiry.at)}.`;
}

/** A window over midnight belongs to the day on which it opens. */
function isOpenAt({ days, from, to }: RotationWindowSettings, { day, minute }: LocalTime): boolean {
  const before = day === 1 ? 7 : day - 1;
  return from < to
    ? days.includes(day) && minute >= from && minute < to
    : (days.includes(day) && minute >= from) || (days.includes(before) && minute < to);
}

/** Negative on the day of an opening, after it. */
function minutesToOpening({ days, from }: RotationWindowSettings, { day, minute }: LocalTime): number {
  return Math.min(...days.map((one) => ((one - day + 7) % 7) * MINUTES_OF_DAY + from - minute));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(timeZone: string, at: Instant): LocalTime {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    });
  formats.set(timeZone, format);
  const [day = '', hour, minute] = format.format(at).split(/[, :]+/);
  return { day: WEEKDAYS.indexOf(day), minute: Number(hour) * 60 + Number(minute) };
}
