import { FEWEST_DAYS_TO_EXPIRY } from './metric';

/** What an alarm says to whoever it wakes. */
export interface AlarmText {
  /** End of the alarm's name, and of the anchor of its section in the runbook. */
  readonly name: string;
  /** What is wrong, and what to do first. */
  readonly says: string;
}

/** The alarms, in the order of the runbook. */
export const ALARMS = {
  sweepsMissing: {
    name: 'sweeps-missing',
    says: "Nobody looks after the client secrets: for three times the schedule's interval no sweep was completed, so nothing is rotated and no other alarm about the applications can ring. See whether the schedule is enabled, and read the errors of the rotate function.",
  },
  functionsFailing: {
    name: 'functions-failing',
    says: 'A function fails or times out again and again. Client secrets may be neither requested nor installed. Read its latest error in its log group.',
  },
  deadLetters: {
    name: 'dead-letters',
    says: 'A message was tried 20 times, for hours, and lies in the dead-letter queue. It may be the only copy of a new client secret, and the old one dies 7 days after the rotation. Do not delete or purge anything. Find the reason in the log of the store function, mend it, then redrive.',
  },
  unclaimedSecret: {
    name: 'unclaimed-secret',
    says: 'A new client secret came for a client id that no application of this hub has; it is kept in the unclaimed queue for 14 days. If the client id in the log of the store function is yours, add the application and move the message back. If not, somebody else registered your queue, and nothing is wrong here.',
  },
  needsAttention: {
    name: 'application-needs-attention',
    says: 'At least one application could not be looked after in two sweeps in a row. Ask for the status: it names the application, the kind of failure and the next step.',
  },
  newSecretMissing: {
    name: 'new-secret-missing',
    says: 'A client secret was rotated, or may have been, and the new one has not come for more than an hour. The old one dies 7 days after the rotation. Check the registration of the queue in the Developer Console now.',
  },
  secretExpiresSoon: {
    name: 'secret-expires-soon',
    says: `A client secret in use stops working in less than ${FEWEST_DAYS_TO_EXPIRY} days, or within a day because it was rotated and the new one is not in place. Every SP-API call of the application fails then. Ask for the status, and rotate or copy the secret from the Developer Console today.`,
  },
  personNeeded: {
    name: 'person-needed',
    says: 'Something happened that the functions cannot decide or mend by themselves: a client secret was overwritten, two secrets are in doubt, a message was not understood, a replica failed, or a secret that is only watched comes close to its end. The event and the log line say which.',
  },
  messagesWaiting: {
    name: 'messages-waiting',
    says: 'Messages of Amazon wait in the notification queue: nobody takes them for half an hour, or the same one is tried for more than four and a half hours. One may hold a new client secret. See whether the event source mapping of the store function is enabled, and why messages are kept.',
  },
} as const satisfies Readonly<Record<string, AlarmText>>;

export type AlarmId = keyof typeof ALARMS;

/** Anchor of an alarm's section in the runbook. */
export function alarmSection(id: AlarmId): string {
  return `alarm-${ALARMS[id].name}`;
}
