import type { AlarmId } from './alarm';
import type { DETAIL_TYPE } from './event';
import type { FailureKind } from './failure-kind';
import type { METRIC } from './metric';

/** A sentence, or a command for a shell that has run the runbook's first block. */
export type Step = string | { readonly run: string };

/** How a fault makes itself known. */
export interface Showing {
  /** The first of them is the one that rings within the time. */
  readonly alarms: readonly AlarmId[];
  readonly metrics?: readonly (keyof typeof METRIC)[];
  readonly event?: keyof typeof DETAIL_TYPE;
  /** What to look for in the log. */
  readonly log?: string;
}

/** One way in which this can go wrong, as the runbook tells it. The functions know only the short words of `fault.ts`. */
export interface FaultEntry {
  readonly title: string;
  readonly shows: Showing;
  /** Minutes from the fault to the first alarm, at most; `undefined` where no alarm belongs to it. */
  readonly within?: number;
  /** From when the time counts, where it is not the fault itself. */
  readonly from?: string;
  readonly means: string;
  readonly look: readonly Step[];
  readonly mend: readonly Step[];
  /** What happens if one does nothing. */
  readonly otherwise: string;
}

/** Faults that are no kind of failure of one application. */
export const OPERATIONAL_FAULTS = [
  'dead-letters',
  'unclaimed',
  'not-understood',
  'event-source-disabled',
  'schedule-not-firing',
  'function-errors',
  'function-timeouts',
  'function-throttled',
  'vpc-without-a-way-out',
  'expiring',
  'old-secret-dying',
  'two-hubs',
  'failed-replica',
  'rotated-in-the-console',
  'leak',
] as const;

export type OperationalFault = (typeof OPERATIONAL_FAULTS)[number];
export type FaultId = FailureKind | OperationalFault;

const STATUS: Step = { run: 'npx cdk-sp-api-secret-rotation status' };
const CHECK: Step = { run: 'npx cdk-sp-api-secret-rotation check' };
const ROTATE: Step = { run: 'npx cdk-sp-api-secret-rotation rotate --application "$APPLICATION"' };
const FORCE: Step = { run: 'npx cdk-sp-api-secret-rotation rotate --application "$APPLICATION" --force' };
const STORE_ERRORS: Step = { run: 'errors Store' };
const ROTATE_ERRORS: Step = { run: 'errors Rotate' };
const VERSIONS: Step = {
  run: `aws secretsmanager describe-secret --secret-id "$SECRET" --query '[VersionIdsToStages,KmsKeyId,ReplicationStatus]'`,
};
const KEYS_ONLY: Step = {
  run: `aws secretsmanager get-secret-value --secret-id "$SECRET" --query SecretString --output text | node -p 'Object.keys(JSON.parse(require("fs").readFileSync(0)))'`,
};
const SEED: Step =
  'Store it without leaving it in the history of the shell: [Seed the secret](https://github.com/cdk-sp-api-secret-rotation/cdk-sp-api-secret-rotation#2-seed-the-secret). Other keys of the JSON object stay only if you write them too.';

const UNTIL_EXPIRY =
  'Nothing at first: the client secret in use works until it expires. Then every SP-API call of the application fails.';

/** Two sweeps, five minutes of the alarm's and five of CloudWatch's. */
const TWO_SWEEPS = 130;
/** One sweep, and the same. */
const ONE_SWEEP = 70;

const needsAttention = (log: string): Showing => ({
  alarms: ['needsAttention'],
  metrics: ['needingAttention'],
  event: 'failed',
  log,
});

/** The table from which the runbook is made. */
export const FAULT_TABLE: Readonly<Record<FaultId, FaultEntry>> = {
  'not-seeded': {
    title: 'The secret has no value',
    shows: {
      ...needsAttention('kind `not-seeded`, outcome `not-seeded`'),
      metrics: ['needingAttention', 'unreadable'],
    },
    within: TWO_SWEEPS,
    means:
      'The application was added and nobody stored its client id and client secret yet, or the secret was made anew.',
    look: [STATUS, VERSIONS],
    mend: [SEED, CHECK],
    otherwise: 'The application is not looked after: nothing of it rotates, and its deadline is not known here.',
  },
  'not-json': {
    title: 'The secret is not a JSON object',
    shows: { ...needsAttention('kind `not-json`'), metrics: ['needingAttention', 'unreadable'] },
    within: TWO_SWEEPS,
    means: 'Somebody stored the bare client secret, or a shell took the quotes away.',
    look: [VERSIONS, KEYS_ONLY],
    mend: [SEED, CHECK],
    otherwise: 'Nothing rotates, and deliveries stay in the queue, in the end in the dead-letter queue.',
  },
  'field-missing': {
    title: 'The client id or the client secret is not under the configured key',
    shows: { ...needsAttention('kind `field-missing`'), metrics: ['needingAttention', 'unreadable'] },
    within: TWO_SWEEPS,
    means:
      'The keys of the JSON object and the props clientIdField and clientSecretField do not match, or a value is empty or not a string.',
    look: ['Print the keys, not the values:', KEYS_ONLY],
    mend: ['Correct the props of the application and deploy, or store the object with the right keys.', SEED, CHECK],
    otherwise: 'Nothing rotates, and deliveries stay in the queue, in the end in the dead-letter queue.',
  },
  'wrong-credentials': {
    title: 'LWA does not accept the stored client secret',
    shows: needsAttention("kind `wrong-credentials`, Amazon's request id"),
    within: TWO_SWEEPS,
    means:
      'The stored client secret is not, not yet or no longer one of this client id. Up to three hours after a rotation that is normal for a new one; otherwise a wrong one was stored.',
    look: [
      CHECK,
      VERSIONS,
      'Developer Console: does the client id belong to the application, and when was its client secret made?',
    ],
    mend: ['Copy the client secret from the Developer Console into the secret.', SEED, CHECK],
    otherwise:
      'Consumers cannot get tokens already, or when theirs are used up after an hour. A rotation still tries with the pending and the previous client secret.',
  },
  'secret-expired': {
    title: 'The client secret has expired',
    shows: needsAttention("kind `secret-expired`, Amazon's request id"),
    within: TWO_SWEEPS,
    means:
      'Amazon rotates no longer with an expired client secret. LWA may go on giving tokens; SP-API answers 403 to all of them.',
    look: [STATUS],
    mend: [
      'In the Developer Console make a new client secret for the application, now.',
      SEED,
      CHECK,
      'Restart the consumers if they do not read the secret by themselves.',
    ],
    otherwise: 'Every SP-API call of the application fails until a person does this.',
  },
  'not-enrolled': {
    title: 'The queue is not registered with Amazon',
    shows: {
      ...needsAttention('`rotation refused`, kind `not-enrolled`'),
      metrics: ['rotationsFailed', 'needingAttention'],
    },
    within: TWO_SWEEPS,
    means: 'Amazon refuses to rotate while no queue is registered for the application. Nothing was rotated.',
    look: [
      STATUS,
      'The ARN to register:',
      {
        run: `aws sqs get-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attribute-names QueueArn --query Attributes.QueueArn --output text`,
      },
    ],
    mend: [
      'Developer Console, *Notification Preferences*, the application, **both** rows *Application Client Secret Expiry* and *Application Client New Secret*: add the ARN as destination, **create**, then **Subscribe**.',
      ROTATE,
    ],
    otherwise: `It is tried again by itself, at last daily. ${UNTIL_EXPIRY}`,
  },
  'wrong-token': {
    title: 'Amazon does not accept the token',
    shows: {
      ...needsAttention('`rotation refused`, kind `wrong-token`'),
      metrics: ['rotationsFailed', 'needingAttention'],
    },
    within: TWO_SWEEPS,
    means:
      "LWA gave a token that SP-API does not take for a rotation: another region, an application that is none of SP-API, or a passing fault of Amazon's.",
    look: [CHECK, ROTATE_ERRORS],
    mend: [
      'Set the region in which the application is registered (prop region) and deploy.',
      'If it is right, ask Amazon, with the request id of the log line.',
      ROTATE,
    ],
    otherwise: `It is tried again by itself, at last daily. ${UNTIL_EXPIRY}`,
  },
  throttled: {
    title: 'Amazon or AWS throttles',
    shows: needsAttention('kind `throttled`; of AWS also `operation` and `code`'),
    within: TWO_SWEEPS,
    means:
      'Amazon takes one rotation a minute for an application. For longer than an hour it means that somebody else rotates it, or that the quota of an AWS API is used up.',
    look: [STATUS, ROTATE_ERRORS],
    mend: [
      'Find the other program that rotates this application, and stop it.',
      'Of an AWS API: find who calls it so much, or ask for a higher quota.',
    ],
    otherwise: `It is tried again by itself. ${UNTIL_EXPIRY}`,
  },
  unreachable: {
    title: 'Amazon, LWA or an AWS service does not answer',
    shows: needsAttention('kind `unreachable`; of AWS also `operation` and `code`'),
    within: TWO_SWEEPS,
    means: 'Calls time out or get 5xx: an outage, or a VPC without a way out.',
    look: [CHECK, ROTATE_ERRORS, 'https://health.aws.amazon.com and the status page of SP-API.'],
    mend: [
      'Wait out an outage: nothing is lost meanwhile.',
      'In a VPC see [vpc-without-a-way-out](#vpc-without-a-way-out).',
    ],
    otherwise: `It is tried again in every sweep. ${UNTIL_EXPIRY}`,
  },
  refused: {
    title: 'Amazon refuses for another reason',
    shows: {
      ...needsAttention("`rotation refused`, kind `refused`, Amazon's request id"),
      metrics: ['rotationsFailed', 'needingAttention'],
    },
    within: TWO_SWEEPS,
    means: 'A 4xx that nobody has described. Nothing was rotated.',
    look: [STATUS, ROTATE_ERRORS],
    mend: [
      'Ask Amazon, with the request id. Meanwhile rotate in the Developer Console if the expiry is near: the new secret is installed like any other.',
    ],
    otherwise: `It is tried again after 1, 1 and 6 hours, then daily. ${UNTIL_EXPIRY}`,
  },
  ambiguous: {
    title: 'Nobody knows whether Amazon has rotated',
    shows: {
      alarms: ['newSecretMissing'],
      metrics: ['rotationsFailed'],
      event: 'failed',
      log: "`rotation ambiguous`, Amazon's request id",
    },
    within: TWO_SWEEPS,
    from: 'the call, if no new secret comes',
    means:
      'Amazon answered 5xx or 408, or the connection broke after the request was sent. Usually the new secret comes anyhow. No second call is made before it is known.',
    look: [STATUS],
    mend: ['Wait an hour. It turns into rotated, or into [stalled](#stalled).'],
    otherwise:
      'If it was rotated and the new secret never comes, the old one dies 7 days later; it is asked for again after 72 and 120 hours.',
  },
  stalled: {
    title: 'Amazon has rotated and the new secret has not come',
    shows: {
      alarms: ['newSecretMissing', 'needsAttention'],
      metrics: ['rotationsStalled', 'needingAttention'],
      event: 'stalled',
      log: '`rotation stalled`',
    },
    within: TWO_SWEEPS,
    from: 'the rotation',
    means:
      'Delivery takes seconds. For more than an hour it means that Amazon could not write into the queue, or that nobody takes messages out of it. **The old client secret dies 7 days after the rotation.**',
    look: [
      CHECK,
      'Are messages waiting or dead?',
      {
        run: 'for queue in "$NOTIFICATION_QUEUE" "$DEAD_LETTER_QUEUE" "$UNCLAIMED_QUEUE"; do aws sqs get-queue-attributes --queue-url "$queue" --attribute-names ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible; done',
      },
      'With a customer key: does its policy give account 437568002678 kms:GenerateDataKey and kms:Decrypt?',
      'Does an organisation policy (SCP, RCP) keep foreign accounts out of the queue?',
    ],
    mend: [
      'Mend what is wrong, and register the queue anew in the Developer Console (both rows).',
      'The Developer Console shows the new client secret: copy it from there into the secret. That ends the matter.',
      SEED,
      'Or ask for another one; Amazon does not document what that does to the two before:',
      FORCE,
    ],
    otherwise:
      'It is asked for again 72 and 120 hours after the rotation, each time only if the queue looks right. After that nobody but a person does anything, and on day 7 every SP-API call fails.',
  },
  'rejected-by-lwa': {
    title: 'The new client secret came, and LWA does not accept it',
    shows: {
      alarms: ['needsAttention', 'messagesWaiting', 'deadLetters'],
      metrics: ['needingAttention', 'oldestKeptMessageAge'],
      event: 'failed',
      log: 'kind `rejected-by-lwa`',
    },
    within: 4 * 60 + TWO_SWEEPS,
    from: 'the delivery',
    means:
      'Up to three hours of this are normal. After four it is reported. The new secret is safe in AWSPENDING; AWSCURRENT has not moved and works until 7 days after the rotation.',
    look: [STATUS, VERSIONS],
    mend: [
      'It goes on being tried, every hour. If it lasts for a day, ask Amazon with the request id of the log line.',
      'In the last two days rotate again:',
      FORCE,
    ],
    otherwise:
      'Becomes current by itself when LWA accepts it. If that never happens, the old one dies 7 days after the rotation.',
  },
  'preflight-queue': {
    title: 'The notification queue is missing or keeps messages too briefly',
    shows: needsAttention('kind `preflight-queue`'),
    within: TWO_SWEEPS,
    means:
      'A new secret would have no place, or could die there inside the overlap. Nothing is rotated before this is mended.',
    look: [
      {
        run: 'aws sqs get-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attribute-names MessageRetentionPeriod RedrivePolicy',
      },
    ],
    mend: [
      {
        run: 'aws sqs set-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attributes MessageRetentionPeriod=1209600',
      },
      'If the queue is gone: deploy the construct under a new id, or with a new queueName, and register the new ARN with Amazon.',
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  'preflight-policy': {
    title: 'The queue does not let Amazon in',
    shows: needsAttention('kind `preflight-policy`'),
    within: TWO_SWEEPS,
    means:
      'The policy lacks the statement for account 437568002678, or denies it. A deploy of an unchanged template does not put it back. Nothing is rotated before.',
    look: [
      {
        run: 'aws sqs get-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attribute-names Policy --query Attributes.Policy --output text',
      },
    ],
    mend: [
      {
        run: 'aws sqs add-permission --queue-url "$NOTIFICATION_QUEUE" --label SellingPartnerApiNotifications --aws-account-ids 437568002678 --actions SendMessage GetQueueAttributes',
      },
      'Take a Deny that concerns this account, or a condition on its Allow, out of the policy.',
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  'preflight-key': {
    title: 'The queue has another key than the deployed one',
    shows: needsAttention('kind `preflight-key`'),
    within: TWO_SWEEPS,
    means:
      'Somebody changed the encryption of the queue. Amazon has no grant on the other key, so that nothing would arrive. Nothing is rotated before.',
    look: [
      { run: 'aws sqs get-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attribute-names KmsMasterKeyId' },
      {
        run: `aws lambda get-function-configuration --function-name "$ROTATE_FUNCTION" --query Environment.Variables.NOTIFICATION_QUEUE_KEY_ARN --output text`,
      },
    ],
    mend: [
      {
        run: `aws sqs set-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attributes KmsMasterKeyId="$(aws lambda get-function-configuration --function-name "$ROTATE_FUNCTION" --query Environment.Variables.NOTIFICATION_QUEUE_KEY_ARN --output text)"`,
      },
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  'journal-unreadable': {
    title: 'The journal cannot be read',
    shows: needsAttention('kind `journal-unreadable`'),
    within: TWO_SWEEPS,
    means:
      "What was done last about this application is written in a version of its secret, under the key of that time. That key is gone or closed, or somebody wrote into that version's label. Deliveries are still installed; nothing is rotated.",
    look: [VERSIONS],
    mend: [
      'Open the old key to the roles of the functions again, if it still exists.',
      'Otherwise see in the Developer Console that no rotation is in its 7-day overlap, and begin a new journal. This rotates:',
      FORCE,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  overwritten: {
    title: 'Somebody else writes the secret',
    shows: {
      alarms: ['personNeeded'],
      metrics: ['personNeeded'],
      event: 'failed',
      log: '`client secret healed` or `client secret seeded by hand`, kind `overwritten`',
    },
    within: ONE_SWEEP,
    means:
      "A person or a pipeline wrote a client secret. A superseded one was replaced by the newest again (healed, with an alarm). One that was never seen before is taken for a person's decision: it stays, with an event only.",
    look: [
      'Who writes it?',
      {
        run: "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=PutSecretValue --max-results 20 --query 'Events[].[EventTime,Username]' --output table",
      },
      VERSIONS,
    ],
    mend: [
      'Take the writing out of the pipeline. A template that sets SecretString puts the old value back on a later deploy.',
      CHECK,
    ],
    otherwise:
      'Between the writing and the next sweep, up to an hour each time, consumers read a superseded client secret: one that is dead once its 7 days are over.',
  },
  'order-unknown': {
    title: 'Two client secrets, and nobody knows which is newer',
    shows: {
      alarms: ['personNeeded', 'messagesWaiting', 'deadLetters'],
      metrics: ['personNeeded', 'messagesKept'],
      event: 'failed',
      log: '`message kept`, kind `order-unknown`',
    },
    within: 20,
    from: 'the delivery',
    means:
      'A delivered client secret seems older than the one that a person stored. Neither is thrown away: the stored one stays current, the delivered one stays in the queue.',
    look: [VERSIONS, 'Developer Console: which client secret is the newest?'],
    mend: [
      'If the stored one is right, nothing has to be done: 7 days after the rotation LWA has forgotten the delivered one, and the next sweep, or the next delivery of its message, lets it go. Redrive the dead-letter queue then.',
      'If the delivered one is right, the Developer Console shows it: store that one.',
      SEED,
    ],
    otherwise:
      'The message goes to the dead-letter queue after about 7.5 hours, and lies there for 14 days. If LWA does not know the stored one four hours after it was stored, and knows the delivered one, a redriven message or the next sweep makes the delivered one current. If the stored one is the older, it dies 7 days after the rotation.',
  },
  'needs-person': {
    title: 'Only a person can help',
    shows: {
      alarms: ['personNeeded', 'needsAttention'],
      metrics: ['personNeeded', 'needingAttention'],
      event: 'failed',
      log: 'kind `needs-person`; `operation` and `code` of AWS where there are any',
    },
    within: ONE_SWEEP,
    means:
      'The text under `next` says which case it is: a permission or a resource of AWS is gone; the client id of the secret changed; the secret is nearly full; in NOTIFY_ONLY the expiry is a month away; three rotations brought nothing.',
    look: [STATUS, ROTATE_ERRORS, STORE_ERRORS],
    mend: [
      'Do what `next` says.',
      'After AccessDenied: `aws cloudformation detect-stack-drift --stack-name "$STACK"` shows what was changed by hand.',
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  'dead-letters': {
    title: 'Messages in the dead-letter queue',
    shows: { alarms: ['deadLetters'], metrics: ['messagesKept'], log: '`message kept`' },
    within: 20,
    from: "the message's arrival there, about 7.5 hours after its delivery",
    means:
      'A message was received 20 times and could not be installed. It stays there until 14 days after it was sent. **It may be the only copy of a client secret: do not purge.**',
    look: [
      'Why was it kept? (`kind` and `next` of the same messageId)',
      STORE_ERRORS,
      'Which messages, without their secrets:',
      {
        run: `aws sqs receive-message --queue-url "$DEAD_LETTER_QUEUE" --max-number-of-messages 10 --visibility-timeout 0 --output json | node -p '(JSON.parse(require("fs").readFileSync(0, "utf8") || "{}").Messages ?? []).map((message) => message.MessageId + " " + (/"notificationType" *: *"([A-Z_]+)"/.exec(message.Body)?.[1] ?? "not understood")).join("\\n")'`,
      },
    ],
    mend: [
      'Mend the reason first. Then send them back:',
      {
        run: 'aws sqs start-message-move-task --source-arn "$(aws sqs get-queue-attributes --queue-url "$DEAD_LETTER_QUEUE" --attribute-names QueueArn --query Attributes.QueueArn --output text)"',
      },
      STATUS,
    ],
    otherwise:
      'The message is deleted 14 days after it was sent. If it held the newest client secret, the application dies 7 days after the rotation.',
  },
  unclaimed: {
    title: 'A new client secret of nobody here',
    shows: {
      alarms: ['unclaimedSecret'],
      metrics: ['messagesUnclaimed'],
      log: '`message unclaimed`, with the clientId',
    },
    within: 20,
    from: 'the delivery',
    means:
      "The queue is registered for an application that this hub does not have: one that you are about to add, one that you removed, or a stranger's.",
    look: [STORE_ERRORS, { run: `log_lines Store '{ $.message = "message unclaimed" }'` }],
    mend: [
      'Yours: add the application with addApplication(), deploy, seed its secret, then move the message back without showing it:',
      {
        run: [
          'MESSAGE=$(aws sqs receive-message --queue-url "$UNCLAIMED_QUEUE" --visibility-timeout 120 --output json)',
          `part() { printf %s "$MESSAGE" | node -p "JSON.parse(require('fs').readFileSync(0)).Messages[0].$1"; }`,
          'part Body | aws sqs send-message --queue-url "$NOTIFICATION_QUEUE" --message-body file:///dev/stdin',
          'aws sqs delete-message --queue-url "$UNCLAIMED_QUEUE" --receipt-handle "$(part ReceiptHandle)"',
        ].join('\n'),
      },
      "A stranger's: nothing. It is deleted by itself after 14 days.",
    ],
    otherwise: 'Of a stranger nothing happens. Yours dies 7 days after its rotation.',
  },
  'not-understood': {
    title: 'A message that nobody understands',
    shows: {
      alarms: ['personNeeded', 'messagesWaiting', 'deadLetters'],
      metrics: ['personNeeded', 'messagesKept'],
      log: '`message kept`, kind `needs-person`, notificationType `other`',
    },
    within: 20,
    from: 'its arrival',
    means:
      'It may hold a client secret in a form that is not known here: Amazon changed the notification, or something in between wraps it. It is kept.',
    look: [
      STORE_ERRORS,
      'Read it where it is, without copying it anywhere: SQS console, the queue, *Send and receive messages*.',
    ],
    mend: [
      'If it is a new client secret, store it by hand.',
      SEED,
      'Tell the maintainers the form, without the values.',
    ],
    otherwise:
      'It goes to the dead-letter queue after about 7.5 hours. A client secret in it dies with the message after 14 days, and the old one 7 days after the rotation.',
  },
  'event-source-disabled': {
    title: 'Nobody takes messages from the queue',
    shows: { alarms: ['messagesWaiting', 'newSecretMissing'], metrics: ['rotationsStalled'] },
    within: 60,
    from: 'the arrival of a message',
    means:
      'The event source mapping of the store function is disabled or gone, or Lambda may not read or decrypt the queue.',
    look: [
      {
        run: `aws lambda list-event-source-mappings --function-name "$STORE_FUNCTION" --query 'EventSourceMappings[].[UUID,State,StateTransitionReason,LastProcessingResult]' --output table`,
      },
    ],
    mend: [
      {
        run: `aws lambda update-event-source-mapping --enabled --uuid "$(aws lambda list-event-source-mappings --function-name "$STORE_FUNCTION" --query 'EventSourceMappings[0].UUID' --output text)"`,
      },
      'If LastProcessingResult speaks of KMS: the role of the store function needs kms:Decrypt on the key of the queue.',
    ],
    otherwise: 'New client secrets wait in the queue for 14 days. The old one dies 7 days after the rotation.',
  },
  'schedule-not-firing': {
    title: 'The schedule does not fire',
    shows: { alarms: ['sweepsMissing'], metrics: ['needingAttention'] },
    within: 245,
    means:
      'Disabled, deleted, or its role may no longer invoke the rotate function. Expiry notices still wake that function for the application they are about; nothing else does.',
    look: [
      {
        run: `aws scheduler get-schedule --name "$(resource AWS::Scheduler::Schedule Reconcile)" --query '[State,ScheduleExpression,Target.RoleArn]'`,
      },
    ],
    mend: [
      'Enable it in the console of EventBridge Scheduler. If it or its role is gone, deploy after a change to the construct, such as of the prop schedule.',
      'Meanwhile, do by hand what it does:',
      {
        run: `aws lambda invoke --function-name "$ROTATE_FUNCTION" --cli-binary-format raw-in-base64-out --payload '{}' /dev/stdout`,
      },
    ],
    otherwise:
      'Nothing is rotated until Amazon warns of an expiry, and no alarm about the applications rings any more.',
  },
  'function-errors': {
    title: 'A function fails',
    shows: {
      alarms: ['functionsFailing', 'sweepsMissing'],
      metrics: ['needingAttention'],
      log: "the error's name and message",
    },
    within: 140,
    means:
      'What goes wrong with applications is answered, not thrown. An error is a defect, a broken deployment (a missing environment variable, no application in Parameter Store), or Parameter Store that cannot be read.',
    look: [ROTATE_ERRORS, STORE_ERRORS],
    mend: [
      '`Misconfigured`: deploy; if the template is unchanged, change something first, or restore the parameter or variable that the message names.',
      '`CallFailed`: the operation and code say which permission or service is missing.',
      'Anything else: go back to the version before, and tell the maintainers the name and the message.',
    ],
    otherwise: 'Nothing rotates, and deliveries wait in the queue.',
  },
  'function-timeouts': {
    title: 'A function times out',
    shows: { alarms: ['functionsFailing', 'sweepsMissing'], metrics: ['needingAttention'], log: '`Task timed out`' },
    within: 140,
    means:
      'Each application has a budget of two minutes and the sweep fifteen, so this takes many hanging applications, too little memory, or a network that swallows packets.',
    look: [ROTATE_ERRORS, STORE_ERRORS, 'Lambda console, the function, *Monitor*: duration and memory.'],
    mend: ['In a VPC see [vpc-without-a-way-out](#vpc-without-a-way-out).', 'Otherwise raise memorySize and deploy.'],
    otherwise:
      'Rotations that were asked for when time ran out are treated as [ambiguous](#ambiguous). The rest waits.',
  },
  'function-throttled': {
    title: 'A function is throttled',
    shows: { alarms: ['messagesWaiting', 'sweepsMissing'] },
    within: 245,
    means:
      "The account's concurrency is used up, or somebody set the reserved concurrency of the function to 0 (an emergency stop).",
    look: [
      {
        run: `for function in "$ROTATE_FUNCTION" "$STORE_FUNCTION"; do aws lambda get-function-concurrency --function-name "$function"; done`,
      },
      { run: 'aws lambda get-account-settings --query AccountLimit' },
    ],
    mend: [
      { run: 'aws lambda delete-function-concurrency --function-name "$STORE_FUNCTION"' },
      "Or stop what uses the account's concurrency up.",
    ],
    otherwise: 'Nothing rotates, and deliveries wait in the queue for 14 days.',
  },
  'vpc-without-a-way-out': {
    title: 'A VPC without a way out',
    shows: {
      alarms: ['functionsFailing', 'sweepsMissing', 'messagesWaiting'],
      log: '`ssm:GetParametersByPath failed: Unreachable`, or kind `unreachable`',
    },
    within: 140,
    means:
      'The functions need a NAT gateway to reach Amazon, and it or endpoints for SQS, Secrets Manager, Systems Manager, EventBridge.',
    look: [
      ROTATE_ERRORS,
      { run: `aws lambda get-function-configuration --function-name "$ROTATE_FUNCTION" --query VpcConfig` },
    ],
    mend: [
      'Give the subnets a route 0.0.0.0/0 to a NAT gateway, and let the security groups out on port 443.',
      'Or take the functions out of the VPC: leave out the prop vpc, and deploy.',
      CHECK,
    ],
    otherwise: 'Nothing rotates, and deliveries wait in the queue for 14 days.',
  },
  expiring: {
    title: 'A client secret comes close to its expiry',
    shows: {
      alarms: ['secretExpiresSoon'],
      metrics: ['daysToExpiry'],
      event: 'expiring',
      log: '`application looked at`, secretExpiry in the status',
    },
    within: ONE_SWEEP,
    from: '21 days before the expiry',
    means:
      "A rotation is due 30 days before at the latest. So something has been in the way for nine days, or the mode is NOTIFY_ONLY. An event `Client Secret Expiring` alone, 90 to 30 days before, is Amazon's ordinary notice.",
    look: [STATUS],
    mend: [
      'Mend what the status says, then:',
      ROTATE,
      'Or make a new client secret in the Developer Console; it is installed like any other, and if it is not, copy it.',
      SEED,
    ],
    otherwise: 'On the day of its expiry every SP-API call of the application fails.',
  },
  'old-secret-dying': {
    title: 'The old client secret dies within a day, and the new one is not in place',
    shows: { alarms: ['secretExpiresSoon'], metrics: ['daysToExpiry'], event: 'stalled', log: '`client secret dying`' },
    within: ONE_SWEEP,
    from: '24 hours before the end',
    means:
      'Six days ago the client secret was rotated. Its successor did not come, or LWA does not accept it. The one in use ends 7 days after that rotation. This is the last call.',
    look: [STATUS, 'Dead letters? See [dead-letters](#dead-letters).'],
    mend: [
      'Developer Console: copy the newest client secret, or make one, and store it. Do not wait for anything automatic.',
      SEED,
      CHECK,
      'Restart the consumers if they do not read the secret by themselves.',
    ],
    otherwise: 'Within a day every SP-API call of the application fails.',
  },
  'two-hubs': {
    title: 'Two hubs look after one secret',
    shows: {
      alarms: ['personNeeded', 'needsAttention'],
      metrics: ['personNeeded'],
      event: 'failed',
      log: 'kind `needs-person`, `next`: Another hub looks after this secret too',
    },
    within: ONE_SWEEP,
    means:
      'Two stacks have an application with the same secret. The one that came later has it; the other only watches for 7 days.',
    look: [
      {
        run: 'aws cloudformation describe-stacks --query "Stacks[?Outputs[?contains(Description, \'npx cdk-sp-api-secret-rotation\')]].StackName"',
      },
    ],
    mend: ['Remove the application from one of the two and deploy. The secret is kept.'],
    otherwise:
      'They cannot harm the secret, but after 7 days they take it from each other, and messages arrive where nobody expects them.',
  },
  'failed-replica': {
    title: 'A replica of the secret is not up to date',
    shows: {
      alarms: ['personNeeded'],
      metrics: ['personNeeded'],
      event: 'failed',
      log: "kind `needs-person`, `next`: The secret's replica in …",
    },
    within: 24 * 60,
    means:
      'Secrets Manager could not copy the secret into another region: a secret of that name is there, or the key there is closed. Consumers in that region read an old client secret.',
    look: [VERSIONS],
    mend: [
      {
        run: 'aws secretsmanager replicate-secret-to-regions --secret-id "$SECRET" --add-replica-regions Region="$REPLICA_REGION" --force-overwrite-replica-secret',
      },
    ],
    otherwise: 'Consumers in that region fail 7 days after the next rotation.',
  },
  'rotated-in-the-console': {
    title: 'Somebody rotated in the Developer Console',
    shows: {
      alarms: ['personNeeded'],
      metrics: ['personNeeded', 'rotationsCompleted'],
      event: 'failed',
      log: '`expiry noticed`, kind `needs-person`; or `client secret rotated`, reason `console`',
    },
    within: 20,
    from: 'the notice that speaks of a client secret which never came here; days or months after the rotation',
    means:
      "If Amazon sends the new client secret, it is installed, and the event `Client Secret Rotated` says reason `console`. Whether it always does is not documented. If not, Amazon's next notice of expiry gives it away.",
    look: [STATUS],
    mend: ['Copy the client secret from the Developer Console into the secret.', SEED],
    otherwise: 'The client secret stored here dies 7 days after that rotation.',
  },
  leak: {
    title: 'A client secret has leaked',
    shows: { alarms: [] },
    means:
      'Rotate now. **The leaked one goes on working for 7 days after the rotation**, and access tokens made with it for an hour. Only Amazon can end it sooner: ask Developer Support.',
    look: [STATUS],
    mend: [
      '--force also passes over the overlap of an earlier rotation:',
      FORCE,
      'Wait until the status shows the new expiry, then restart the consumers.',
      'Open a case with Amazon: the leaked client secret, by its date, is to be revoked at once. Refresh tokens are not affected by a rotation; if they leaked as well, sellers must authorize anew.',
      'See who read the secret:',
      {
        run: 'aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue="$SECRET" --max-results 50 --query \'Events[].[EventTime,EventName,Username]\' --output table',
      },
    ],
    otherwise: 'Whoever has it acts as your application until it expires, up to 180 days.',
  },
};
