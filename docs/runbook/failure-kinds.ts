import type { FailureKind } from '../../lib/contract/failure-kind';
import { ONE_SWEEP, TWO_SWEEPS, type RunbookEntry, type Signals, type Step } from './entry';
import { CHECK, FORCE, ROTATE, ROTATE_ERRORS, SEED, STATUS, STORE_ERRORS, UNTIL_EXPIRY, VERSIONS } from './steps';

/** Prints no part of any text: Node.js would quote what it cannot parse, and what was stored as a key may be the secret. */
const KEYS_ONLY: Step = {
  run: [
    `aws secretsmanager get-secret-value --secret-id "$SECRET" --query SecretString --output text | node -e '`,
    'try {',
    '  const value = JSON.parse(require("fs").readFileSync(0));',
    '  const shown = (key) => (/^[A-Za-z][\\w-]{0,47}$/.test(key) && !/[0-9a-f]{20}/i.test(key) ? key : "(a key that is not shown)");',
    '  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);',
    '  console.log(isObject ? Object.keys(value).map(shown) : "no JSON object");',
    '} catch {',
    '  console.log("no JSON");',
    `}'`,
  ].join('\n'),
};

const needsAttention = (log: string): Signals => ({
  alarms: ['needsAttention'],
  metrics: ['needingAttention'],
  event: 'failed',
  log,
});

/** Sections for the kinds of failure of one application. */
export const FAILURE_KIND_ENTRIES: Readonly<Record<FailureKind, RunbookEntry>> = {
  'not-seeded': {
    title: 'The secret has no value',
    signals: {
      ...needsAttention('kind `not-seeded`, outcome `not-seeded`'),
      metrics: ['needingAttention', 'unreadable'],
    },
    within: TWO_SWEEPS,
    means:
      'Nobody has stored the client id and the client secret yet, because the application was added or its secret was created again.',
    investigate: [STATUS, VERSIONS],
    fix: [SEED, CHECK],
    otherwise: 'The client secret of the application is not rotated, and nothing watches its expiry.',
  },
  'not-json': {
    title: 'The secret is not a JSON object',
    signals: { ...needsAttention('kind `not-json`'), metrics: ['needingAttention', 'unreadable'] },
    within: TWO_SWEEPS,
    means:
      'Somebody stored the client secret without the JSON around it, or the shell removed the quotes, or a program encoded the object twice or wrote a byte order mark. The `next` of the status says which of these it looks like.',
    investigate: [VERSIONS, KEYS_ONLY],
    fix: [SEED, CHECK],
    otherwise:
      'Nothing is rotated. Deliveries stay in the notification queue and are moved to the dead-letter queue in the end.',
  },
  'field-missing': {
    title: 'The client id or the client secret is not under the configured key',
    signals: { ...needsAttention('kind `field-missing`'), metrics: ['needingAttention', 'unreadable'] },
    within: TWO_SWEEPS,
    means:
      'The keys of the JSON object and the props clientIdField and clientSecretField do not match, or a value is empty or not a string.',
    investigate: ['Print the keys, not the values:', KEYS_ONLY],
    fix: ['Correct the props of the application and deploy, or store the object with the right keys.', SEED, CHECK],
    otherwise:
      'Nothing is rotated. Deliveries stay in the notification queue and are moved to the dead-letter queue in the end.',
  },
  'wrong-client-id': {
    title: "What stands under the client id's key is no client id",
    signals: { ...needsAttention('kind `wrong-client-id`'), metrics: ['needingAttention', 'unreadable'] },
    within: TWO_SWEEPS,
    means:
      'A client id begins with `amzn1.application-oa2-client.`. What is stored may be the client secret (the two values, or the props clientIdField and clientSecretField, are swapped), the application id (`amzn1.sp.solution.`, `amzn1.sellerapps.app.`), or a client id with white space or something else around it. The `next` of the status says which of them it looks like. It is printed nowhere and sent to nobody.',
    investigate: [STATUS, KEYS_ONLY],
    fix: ['Correct the props of the application and deploy, or store the values under the right keys.', SEED, CHECK],
    otherwise:
      'Nothing is rotated. Deliveries stay in the notification queue and are moved to the dead-letter queue in the end.',
  },
  'wrong-credentials': {
    title: 'LWA does not accept the stored client secret',
    signals: needsAttention("kind `wrong-credentials`, Amazon's request id"),
    within: TWO_SWEEPS,
    means:
      'The stored client secret does not belong to this client id, or LWA does not know it yet, or it no longer works. For up to three hours after a rotation this is normal for a new client secret. After that, somebody has stored a wrong one.',
    investigate: [
      CHECK,
      VERSIONS,
      'Developer Console: does the client id belong to the application, and when was its client secret created?',
    ],
    fix: ['Copy the client secret from the Developer Console into the secret.', SEED, CHECK],
    otherwise:
      'Consumers cannot get new access tokens; those that they have work for up to an hour. A rotation still tries the pending and the previous client secret.',
  },
  'secret-expired': {
    title: 'The client secret has expired',
    signals: needsAttention("kind `secret-expired`, Amazon's request id"),
    within: TWO_SWEEPS,
    means:
      'Amazon does not rotate with an expired client secret. LWA may still issue tokens, but SP-API answers 403 to all of them.',
    investigate: [STATUS],
    fix: [
      'Create a new client secret for the application in the Developer Console, now.',
      SEED,
      CHECK,
      'Restart the consumers if they do not read the secret again automatically.',
    ],
    otherwise: 'All SP-API calls of the application fail until somebody does this.',
  },
  'not-enrolled': {
    title: 'The queue is not registered with Amazon',
    signals: {
      ...needsAttention('`rotation refused`, kind `not-enrolled`'),
      metrics: ['rotationsFailed', 'needingAttention'],
    },
    within: TWO_SWEEPS,
    means: 'Amazon refuses to rotate as long as no queue is registered for the application. Nothing was rotated.',
    investigate: [
      STATUS,
      'The ARN to register:',
      {
        run: `aws sqs get-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attribute-names QueueArn --query Attributes.QueueArn --output text`,
      },
    ],
    fix: [
      'Developer Console, *Notification Preferences*, the application, **both** rows *Application Client Secret Expiry* and *Application Client New Secret*: add the ARN as destination, **create**, then **Subscribe**.',
      ROTATE,
    ],
    otherwise: `The rotation is retried automatically, at first within hours, later daily. ${UNTIL_EXPIRY}`,
  },
  'wrong-token': {
    title: 'Amazon does not accept the token',
    signals: {
      ...needsAttention('`rotation refused`, kind `wrong-token`'),
      metrics: ['rotationsFailed', 'needingAttention'],
    },
    within: TWO_SWEEPS,
    means:
      'LWA issued a token that SP-API does not accept for a rotation. Either the application belongs to another region, or it is not an SP-API application, or Amazon has a temporary problem.',
    investigate: [CHECK, ROTATE_ERRORS],
    fix: [
      'Set the prop region to the region in which the application is registered, and deploy.',
      'If the region is right, ask Amazon, with the request id of the log line.',
      ROTATE,
    ],
    otherwise: `The rotation is retried automatically, at first within hours, later daily. ${UNTIL_EXPIRY}`,
  },
  throttled: {
    title: 'Amazon or AWS throttles requests',
    signals: needsAttention('kind `throttled`; for AWS also `operation` and `code`'),
    within: TWO_SWEEPS,
    means:
      'Amazon accepts one rotation a minute for each application. If this lasts for more than an hour, another program rotates the same application, or the quota of an AWS API is exhausted.',
    investigate: [STATUS, ROTATE_ERRORS],
    fix: [
      'Find the other program that rotates this application, and stop it.',
      'For an AWS API: find what calls it so often, or request a higher quota.',
    ],
    otherwise: `The call is retried automatically. ${UNTIL_EXPIRY}`,
  },
  unreachable: {
    title: 'Amazon, LWA or an AWS service does not answer',
    signals: needsAttention('kind `unreachable`; for AWS also `operation` and `code`'),
    within: TWO_SWEEPS,
    means:
      'Calls time out or get 5xx. The service has an outage, or the VPC of the functions has no route to the internet.',
    investigate: [CHECK, ROTATE_ERRORS, 'https://health.aws.amazon.com and the status page of SP-API.'],
    fix: [
      'Wait for the end of an outage: nothing is lost in the meantime.',
      'For functions in a VPC see [vpc-without-a-way-out](#vpc-without-a-way-out).',
    ],
    otherwise: `Every sweep retries the call. ${UNTIL_EXPIRY}`,
  },
  refused: {
    title: 'Amazon refuses for another reason',
    signals: {
      ...needsAttention("`rotation refused`, kind `refused`, Amazon's request id"),
      metrics: ['rotationsFailed', 'needingAttention'],
    },
    within: TWO_SWEEPS,
    means: 'Amazon answered with a 4xx that its documentation does not describe. Nothing was rotated.',
    investigate: [STATUS, ROTATE_ERRORS],
    fix: [
      'Ask Amazon, with the request id. If the expiry is near, rotate in the Developer Console in the meantime: the new client secret is installed like any other.',
    ],
    otherwise: `The rotation is retried after 1, 1 and 6 hours, then daily. ${UNTIL_EXPIRY}`,
  },
  ambiguous: {
    title: 'It is unknown whether Amazon has rotated',
    signals: {
      alarms: ['newSecretMissing'],
      metrics: ['rotationsFailed'],
      event: 'failed',
      log: "`rotation ambiguous`, Amazon's request id",
    },
    within: TWO_SWEEPS,
    from: 'the call, if no new secret arrives',
    means:
      'Amazon answered 5xx or 408, or the connection broke after the request was sent. In most cases the new client secret arrives anyway. Amazon is not asked a second time before this is known.',
    investigate: [STATUS],
    fix: ['Wait an hour. Then the client secret is rotated, or the failure becomes [stalled](#stalled).'],
    otherwise:
      'Another rotation is requested after 72 and after 120 hours. If Amazon has rotated and the new client secret never arrives, the old one stops working 7 days after the rotation.',
  },
  stalled: {
    title: 'Amazon has rotated and the new secret has not arrived',
    signals: {
      alarms: ['newSecretMissing', 'needsAttention'],
      metrics: ['rotationsStalled', 'needingAttention'],
      event: 'stalled',
      log: '`rotation stalled`',
    },
    within: TWO_SWEEPS,
    from: 'the rotation',
    means:
      'A delivery takes seconds. If it takes more than an hour, Amazon could not write into the queue, or nothing receives messages from it. **The old client secret stops working 7 days after the rotation.**',
    investigate: [
      CHECK,
      'Are messages waiting, or in the dead-letter queue?',
      {
        run: 'for queue in "$NOTIFICATION_QUEUE" "$DEAD_LETTER_QUEUE" "$UNCLAIMED_QUEUE"; do aws sqs get-queue-attributes --queue-url "$queue" --attribute-names ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible; done',
      },
      'With a customer managed key: does its policy allow kms:GenerateDataKey and kms:Decrypt to account 437568002678?',
      'Does a policy of your organization (SCP, RCP) block other accounts from the queue?',
    ],
    fix: [
      'Correct what is wrong, and register the queue again in the Developer Console (both rows).',
      'The Developer Console shows the new client secret: copy it from there into the secret. That resolves the failure.',
      SEED,
      'Or request another one. Amazon does not document what happens to the two client secrets before it:',
      FORCE,
    ],
    otherwise:
      'Another rotation is requested 72 and 120 hours after the first, each time only if the queue passes its checks. After that nothing more happens automatically, and on day 7 all SP-API calls fail.',
  },
  'rejected-by-lwa': {
    title: 'The new client secret arrived, and LWA does not accept it',
    signals: {
      alarms: ['needsAttention', 'messagesWaiting', 'deadLetters'],
      metrics: ['needingAttention', 'oldestKeptMessageAge'],
      event: 'failed',
      log: 'kind `rejected-by-lwa`',
    },
    within: 4 * 60 + TWO_SWEEPS,
    from: 'the delivery',
    means:
      'For up to three hours after a rotation this is normal. It is reported after four hours. The new client secret is safe in AWSPENDING. AWSCURRENT has not changed, and works until 7 days after the rotation.',
    investigate: [STATUS, VERSIONS],
    fix: [
      'It is retried automatically, every hour. If this lasts for a day, ask Amazon, with the request id of the log line.',
      'If less than two days of the 7 are left, rotate again:',
      FORCE,
    ],
    otherwise:
      'It becomes current automatically as soon as LWA accepts it. If LWA never does, the old one stops working 7 days after the rotation.',
  },
  'preflight-queue': {
    title: 'The notification queue is missing or its retention period is too short',
    signals: needsAttention('kind `preflight-queue`'),
    within: TWO_SWEEPS,
    means:
      'Amazon could not deliver a new client secret, or SQS could delete it before the overlap ends. Nothing is rotated until this is fixed.',
    investigate: [
      {
        run: 'aws sqs get-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attribute-names MessageRetentionPeriod RedrivePolicy',
      },
    ],
    fix: [
      {
        run: 'aws sqs set-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attributes MessageRetentionPeriod=1209600',
      },
      'If the queue is gone: deploy the construct under a new id, or with a new queueName, and register the new ARN with Amazon.',
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  'preflight-policy': {
    title: 'The policy of the queue does not allow Amazon to send',
    signals: needsAttention('kind `preflight-policy`'),
    within: TWO_SWEEPS,
    means:
      'The policy has no statement for account 437568002678, or it denies that account; the answer names the statement by its Sid, or by its place. Where it depends on something that is not documented of Amazon whether a denial applies, the answer of `check` warns of it, and rotations go on. Deploying an unchanged template does not restore the statement. Nothing is rotated until this is fixed.',
    investigate: [
      {
        run: 'aws sqs get-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attribute-names Policy --query Attributes.Policy --output text',
      },
    ],
    fix: [
      {
        run: 'aws sqs add-permission --queue-url "$NOTIFICATION_QUEUE" --label SellingPartnerApiNotifications --aws-account-ids 437568002678 --actions SendMessage GetQueueAttributes',
      },
      'Except this account from every Deny that applies to it (`"StringNotEquals": {"aws:PrincipalAccount": "437568002678"}` beside its other conditions), and remove every condition on its Allow.',
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  'preflight-key': {
    title: 'The queue has another key than the deployed one',
    signals: needsAttention('kind `preflight-key`'),
    within: TWO_SWEEPS,
    means:
      'Somebody changed the encryption of the queue. Amazon has no permission on the other key, so it could not deliver anything. Nothing is rotated until this is fixed.',
    investigate: [
      { run: 'aws sqs get-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attribute-names KmsMasterKeyId' },
      {
        run: `aws lambda get-function-configuration --function-name "$ROTATE_FUNCTION" --query Environment.Variables.NOTIFICATION_QUEUE_KEY_ARN --output text`,
      },
    ],
    fix: [
      {
        run: `aws sqs set-queue-attributes --queue-url "$NOTIFICATION_QUEUE" --attributes KmsMasterKeyId="$(aws lambda get-function-configuration --function-name "$ROTATE_FUNCTION" --query Environment.Variables.NOTIFICATION_QUEUE_KEY_ARN --output text)"`,
      },
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  'journal-unreadable': {
    title: 'The journal cannot be read',
    signals: needsAttention('kind `journal-unreadable`'),
    within: TWO_SWEEPS,
    means:
      'The journal records what was done last for this application. It is a version of its secret, encrypted with the key that the secret had when it was written. That key was deleted or its use is no longer allowed, or somebody moved the label SpApiRotationJournal to a version that is not a journal entry, or wrote an entry that no run can have written, such as one with a date years away. Deliveries are still installed; nothing is rotated.',
    investigate: [VERSIONS],
    fix: [
      'Allow the roles of the functions to use the old key again, if it still exists.',
      'Otherwise check in the Developer Console that no rotation is in its 7-day overlap, and start a new journal. This rotates:',
      FORCE,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  overwritten: {
    title: 'Somebody else writes the secret',
    signals: {
      alarms: ['personNeeded'],
      metrics: ['personNeeded'],
      event: 'failed',
      log: '`client secret healed` or `client secret seeded by hand`, kind `overwritten`',
    },
    within: ONE_SWEEP,
    means:
      'A person or a pipeline wrote a client secret. If it was a superseded one, the newest one is current again, and the alarm goes off. If that happens again and again, the functions wait longer each time, and after five times in a week they stop and ask for a person. If it was one that the functions had never seen, they take it for a decision of a person: it stays, and there is only an event. If Login with Amazon still rejects it 4 hours later and accepts the newest delivered one, that is current again.',
    investigate: [
      'Who writes it?',
      {
        run: "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=PutSecretValue --max-results 20 --query 'Events[].[EventTime,Username]' --output table",
      },
      VERSIONS,
    ],
    fix: [
      'Remove the write from the pipeline, also one that writes on a schedule, such as a GitOps controller or a PushSecret of the External Secrets Operator. A template that sets SecretString restores the old value at a later deployment.',
      CHECK,
    ],
    otherwise:
      'After each write, until it is undone, consumers read a superseded client secret. It does not work once its 7 days are over; from then on it is undone once a day.',
  },
  'order-unknown': {
    title: 'It is unknown which of two client secrets is newer',
    signals: {
      alarms: ['personNeeded', 'messagesWaiting', 'deadLetters'],
      metrics: ['personNeeded', 'messagesKept'],
      event: 'failed',
      log: '`message kept`, kind `order-unknown`',
    },
    within: 20,
    from: 'the delivery',
    means:
      'A delivered client secret seems older than the one that a person stored. Both are kept: the stored one stays current, and the delivered one stays in the queue.',
    investigate: [VERSIONS, 'Developer Console: which client secret is the newest?'],
    fix: [
      'If the stored one is right, do nothing: 7 days after the rotation LWA no longer accepts the delivered one, and the next sweep, or the next receive of its message, discards it. Redrive the dead-letter queue then.',
      'If the delivered one is right, the Developer Console shows it: store that one.',
      SEED,
    ],
    otherwise:
      'The message is moved to the dead-letter queue after about 7.5 hours, and stays there for 14 days. If LWA rejects the stored client secret four hours after it was stored, and accepts the delivered one, the next sweep or a redriven message makes the delivered one current. If the stored one is the older of the two, it stops working 7 days after the rotation.',
  },
  unproven: {
    title: 'The client id may be of another application',
    signals: {
      ...needsAttention('kind `unproven`; of a delivery: `message kept`, kind `unproven`'),
      metrics: ['needingAttention', 'messagesKept'],
    },
    within: TWO_SWEEPS,
    means:
      'LWA has never accepted the client id and the client secret that this secret holds. A client id is no secret, and whoever may write this secret may write any client id into it. So the hub installs a delivered client secret only where LWA accepts what is stored, or has accepted it before. In a sweep this kind says as well that another application of the hub holds a client secret that LWA accepts for this client id.',
    investigate: [
      CHECK,
      'The answer names the applications that have the same client id. Ask who stored it here, and whether the application at Amazon is theirs.',
      VERSIONS,
    ],
    fix: [
      'The client id is wrong: store the right pair.',
      'Another application only copies this one, and its client secret is out of date: store the newest.',
      SEED,
      CHECK,
      'Then move the messages back from the dead-letter queue, if there are any.',
    ],
    otherwise:
      'Nothing is installed here, and nothing is rotated from here. The other applications with this client id are served. The message is moved to the dead-letter queue in the end.',
  },
  'needs-person': {
    title: 'The functions cannot resolve this automatically',
    signals: {
      alarms: ['personNeeded', 'needsAttention'],
      metrics: ['personNeeded', 'needingAttention'],
      event: 'failed',
      log: 'kind `needs-person`; for AWS also `operation` and `code`',
    },
    within: ONE_SWEEP,
    means:
      'The text under `next` says which case it is: a permission or a resource of AWS is missing, the client id in the secret changed, the secret is nearly full, the client secret of an application in mode NOTIFY_ONLY expires within a month, or three rotations in a row brought no new client secret.',
    investigate: [STATUS, ROTATE_ERRORS, STORE_ERRORS],
    fix: [
      'Do what `next` says.',
      'After AccessDenied: `aws cloudformation detect-stack-drift --stack-name "$STACK"` shows what was changed by hand.',
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
  defect: {
    title: 'A defect of this package met one application',
    signals: {
      ...needsAttention('kind `defect`, the class of the error as `code`, and its `position` in the bundle'),
      alarms: ['functionsFailing', 'needsAttention'],
      metrics: ['defects', 'needingAttention'],
    },
    within: TWO_SWEEPS,
    means:
      'Something in this package failed in a way that nobody foresaw, over what one application has stored or been sent. The others are looked after. A message that met a defect stays in the queue.',
    investigate: [
      STATUS,
      'The log line has the class of the error and its position, and never its message, which could quote a secret.',
      VERSIONS,
    ],
    fix: [
      'Report the defect with the version of this package, the code and the position, and install the version that mends it.',
      'If it began when somebody stored something in the secret, store it as the README asks.',
      CHECK,
    ],
    otherwise: UNTIL_EXPIRY,
  },
};
