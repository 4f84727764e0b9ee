/** Below so many days until the expiry an alarm goes off. A rotation is due 30 days before the expiry at the latest. */
export const MIN_DAYS_TO_EXPIRY = 21;

/** What an alarm says to the operator who receives it. */
interface AlarmText {
  /** End of the alarm's name, and of the anchor of its section in the runbook. */
  readonly name: string;
  /** What is wrong, and what to do first. */
  readonly says: string;
}

/** The alarms, in the order of the runbook. */
export const ALARMS = {
  sweepsMissing: {
    name: 'sweeps-missing',
    says: 'No sweep was completed for three times the interval of the schedule; a sweep is one run of the rotate function over all applications. Nothing is rotated, and no other alarm about the applications can go off. Check that the schedule is enabled, and read the errors of the rotate function.',
  },
  functionsFailing: {
    name: 'functions-failing',
    says: 'A function fails or times out repeatedly. New client secrets may be neither requested nor installed. Read its latest error in its log group.',
  },
  deadLetters: {
    name: 'dead-letters',
    says: 'A message was received 20 times and is now in the dead-letter queue. It may be the only copy of a new client secret, and the old one stops working 7 days after the rotation. Do not delete or purge anything. Find the reason in the log of the store function, fix it, then move the message back: the runbook has the command.',
  },
  unclaimedSecret: {
    name: 'unclaimed-secret',
    says: 'A new client secret arrived for a client id that no application here has. The unclaimed queue keeps it for 14 days. Look up the client id in the log of the store function. If it is yours, add the application and move the message back. If not, somebody else registered your queue, and there is nothing to do.',
  },
  needsAttention: {
    name: 'application-needs-attention',
    says: 'At least one application had a failure in two sweeps in a row. npx cdk-sp-api-secret-rotation status names the application, the kind of failure, since when sweeps have found it, and the next step. The same command with check instead of status looks whether it is still so. After the fix run it with sweep: the alarm ends within an hour and a half.',
  },
  newSecretMissing: {
    name: 'new-secret-missing',
    says: 'A client secret was rotated, or may have been, and the new one has not arrived for more than an hour. The old one stops working 7 days after the rotation. npx cdk-sp-api-secret-rotation check says for which application. Look at the registration of the queue in the Developer Console now.',
  },
  secretExpiresSoon: {
    name: 'secret-expires-soon',
    says: `A client secret in use stops working in less than ${MIN_DAYS_TO_EXPIRY} days: it expires, or it was rotated, or may have been, and the new one is not in its place. After that all SP-API calls of the application fail. npx cdk-sp-api-secret-rotation status shows the date: before it, store the newest client secret that the Developer Console shows: npx cdk-sp-api-secret-rotation seed.`,
  },
  personNeeded: {
    name: 'person-needed',
    says: 'Something happened that the functions cannot resolve automatically: a client secret was overwritten, it is unknown which of two client secrets is newer, a message was not understood, a secret was marked for deletion, a replica failed, or a client secret in mode NOTIFY_ONLY expires soon. npx cdk-sp-api-secret-rotation status names the application. If all are healthy, the log lines of level ERROR say what happened.',
  },
  messagesWaiting: {
    name: 'messages-waiting',
    says: 'Messages from Amazon wait in the notification queue: nothing has received them for half an hour, or one has been retried for more than four and a half hours. One may hold a new client secret. Check that the event source mapping of the store function is enabled, and read in its log why messages are kept.',
  },
} as const satisfies Readonly<Record<string, AlarmText>>;

export type AlarmId = keyof typeof ALARMS;

/** Anchor of an alarm's section in the runbook. */
export function alarmSection(id: AlarmId): string {
  return `alarm-${ALARMS[id].name}`;
}
