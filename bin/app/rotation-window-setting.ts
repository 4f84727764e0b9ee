import * as v from 'valibot';
import { RotationWindow, Weekday } from '../../lib';

const allowed =
  'an object with opensAt, closesAt and timeZone, such as {"opensAt":"09:00","closesAt":"16:00","timeZone":"Europe/Berlin"}, and days, such as ["MONDAY"], if not every day';

/** A rotation window as JSON. What the construct itself refuses is refused in its words. */
export const rotationWindowSetting = v.pipe(
  v.custom<object>((input) => typeof input === 'object' && input !== null && !Array.isArray(input), allowed),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { success, output } = v.safeParse(hours, dataset.value);
    if (!success) {
      addIssue({ message: allowed });
      return NEVER;
    }
    const { days, ...rest } = output;
    try {
      return RotationWindow.onDays(days, rest);
    } catch (error) {
      addIssue({ message: `${allowed} (${(error as Error).message})` });
      return NEVER;
    }
  }),
);

const hours = v.strictObject({
  days: v.optional(v.array(v.enum(Weekday)), Object.values(Weekday)),
  opensAt: v.string(),
  closesAt: v.string(),
  timeZone: v.string(),
});
