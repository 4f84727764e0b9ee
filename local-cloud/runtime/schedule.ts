import { randomUUID } from 'node:crypto';

/** A schedule of EventBridge Scheduler. It fires only when `fireSchedule` is called. */
export interface Schedule {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly groupArn: string;
  readonly enabled: boolean;
  /** Such as `rate(1 hour)`. */
  readonly expression: string;
  readonly targetArn: string;
  readonly roleArn: string;
  readonly input: string;
}

/** The target's input with Scheduler's placeholders filled in. */
export function scheduledEvent(schedule: Schedule, now: number): unknown {
  const placeholders: Readonly<Record<string, string>> = {
    'schedule-arn': schedule.arn,
    'scheduled-time': `${new Date(now).toISOString().slice(0, 19)}Z`,
    'execution-id': randomUUID(),
    'attempt-number': '1',
  };
  const text = schedule.input.replaceAll(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (whole, name: string) => placeholders[name] ?? whole,
  );
  return JSON.parse(text);
}
