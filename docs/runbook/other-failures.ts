import { ONE_SWEEP, type RunbookEntry } from './entry';
import { CHECK, FORCE, ROTATE, ROTATE_ERRORS, SEED, STATUS, STORE_ERRORS, VERSIONS } from './steps';

/** Sections for failures that are not a kind of failure of one application. */
export const OTHER_ENTRIES = {
  'dead-letters': {
    title: 'There are messages in the dead-letter queue',
    signals: { alarms: ['deadLetters'], metrics: ['messagesKept'], log: '`message kept`' },
    within: 20,
    from: 'the arrival of the message there, about 7.5 hours after its delivery, or 10 minutes for one that is not understood',
    means:
      'A message was received 20 times and could not be installed. It stays there until 14 days after it was sent. **It may be the only copy of a client secret: do not purge the queue.**',
    investigate: [
      'Why was it kept? (`kind` and `next` of the same messageId)',
      STORE_ERRORS,
      'Which messages, without their secrets:',
      {
        run: `aws sqs receive-message --queue-url "$DEAD_LETTER_QUEUE" --max-number-of-messages 10 --visibility-timeout 0 --output json | node -p '(JSON.parse(require("fs").readFileSync(0, "utf8") || "{}").Messages ?? []).map((message) => message.MessageId + " " + (/APPLICATION_OAUTH_CLIENT_(NEW_SECRET|SECRET_EXPIRY)/.exec(message.Body)?.[0] ?? "not understood")).join("\\n")'`,
      },
    ],
    fix: [
      'Fix the reason first. Then move the messages back:',
      {
        run: 'aws sqs start-message-move-task --source-arn "$(aws sqs get-queue-attributes --queue-url "$DEAD_LETTER_QUEUE" --attribute-names QueueArn --query Attributes.QueueArn --output text)"',
      },
      STATUS,
    ],
    otherwise:
      'SQS deletes the message 14 days after it was sent. If it held the newest client secret, all SP-API calls of the application fail from 7 days after the rotation.',
  },
  unclaimed: {
    title: 'A new client secret belongs to no application here',
    signals: {
      alarms: ['unclaimedSecret'],
      metrics: ['messagesUnclaimed'],
      log: '`message unclaimed`, with the clientId',
    },
    within: 20,
    from: 'the delivery',
    means:
      "The queue is registered for an application that was not added here: one that you are about to add, one that you removed, or somebody else's. Or it is of an application that could not be read for an hour after the delivery (no value, no JSON, no permission): the log says so.",
    investigate: [STORE_ERRORS, { run: `log_lines Store '{ $.message = "message unclaimed" }'` }],
    fix: [
      'If it is yours: add the application with addApplication(), deploy, and seed its secret. If its secret could not be read: fix that, until status names its client id. Then move the message back without printing it:',
      {
        run: [
          'MESSAGE=$(aws sqs receive-message --queue-url "$UNCLAIMED_QUEUE" --visibility-timeout 120 --output json)',
          `part() { printf %s "$MESSAGE" | node -p "try { JSON.parse(require('fs').readFileSync(0)).Messages[0].$1 } catch { '' }"; }`,
          'part Body | aws sqs send-message --queue-url "$NOTIFICATION_QUEUE" --message-body file:///dev/stdin --query MessageId',
          'aws sqs delete-message --queue-url "$UNCLAIMED_QUEUE" --receipt-handle "$(part ReceiptHandle)"',
        ].join('\n'),
      },
      "If it is somebody else's: do nothing. SQS deletes it after 14 days.",
    ],
    otherwise: "If it is yours, it is lost after 14 days. If it is somebody else's, nothing happens.",
  },
  'not-understood': {
    title: 'A message has an unknown form',
    signals: {
      alarms: ['personNeeded', 'deadLetters'],
      metrics: ['personNeeded', 'messagesKept'],
      log: '`message kept`, kind `needs-person`, notificationType `other`',
    },
    within: 20,
    from: 'its arrival',
    means:
      'The message may hold a client secret in a form that the store function does not know: Amazon changed the notification, or something between Amazon and the queue wraps it. It is kept. Notifications of other types are not: they are deleted, and the metric `MessagesIgnored` counts them.',
    investigate: [
      STORE_ERRORS,
      'Read it in the queue, and copy it nowhere: SQS console, the queue, *Send and receive messages*.',
    ],
    fix: [
      'If it holds a new client secret, store it by hand.',
      SEED,
      'Report the form of the message to the maintainers, without the values.',
    ],
    otherwise:
      'The message is moved to the dead-letter queue within 10 minutes. SQS deletes it, with the client secret in it, after 14 days; the old client secret stops working 7 days after the rotation.',
  },
  'event-source-disabled': {
    title: 'Nothing receives messages from the queue',
    signals: { alarms: ['messagesWaiting', 'newSecretMissing'], metrics: ['rotationsStalled'] },
    within: 60,
    from: 'the arrival of a message',
    means:
      'The event source mapping of the store function is disabled or was deleted, or Lambda is not allowed to receive from the queue or to decrypt its messages.',
    investigate: [
      {
        run: `aws lambda list-event-source-mappings --function-name "$STORE_FUNCTION" --query 'EventSourceMappings[].[UUID,State,StateTransitionReason,LastProcessingResult]' --output table`,
      },
    ],
    fix: [
      {
        run: `aws lambda update-event-source-mapping --enabled --uuid "$(aws lambda list-event-source-mappings --function-name "$STORE_FUNCTION" --query 'EventSourceMappings[0].UUID' --output text)"`,
      },
      'If LastProcessingResult mentions KMS: the role of the store function needs kms:Decrypt on the key of the queue.',
    ],
    otherwise: 'New client secrets wait in the queue for 14 days. The old one stops working 7 days after the rotation.',
  },
  'schedule-not-firing': {
    title: 'The schedule does not invoke the rotate function',
    signals: { alarms: ['sweepsMissing'], metrics: ['needingAttention'] },
    within: 245,
    means:
      'The schedule is disabled or was deleted, or its role is not allowed to invoke the rotate function. A notice of expiry from Amazon still invokes the function, for its own application only.',
    investigate: [
      {
        run: `aws scheduler get-schedule --name "$(resource AWS::Scheduler::Schedule Reconcile)" --query '[State,ScheduleExpression,Target.RoleArn]'`,
      },
    ],
    fix: [
      'Enable it in the console of EventBridge Scheduler. If it or its role was deleted, change something about the construct, such as the prop schedule, and deploy.',
      'Until then, invoke the function by hand:',
      {
        run: `aws lambda invoke --function-name "$ROTATE_FUNCTION" --cli-binary-format raw-in-base64-out --payload '{}' /dev/stdout`,
      },
    ],
    otherwise:
      'Nothing is rotated until Amazon sends a notice of expiry, and no alarm about the applications goes off any more.',
  },
  'function-errors': {
    title: 'A function fails',
    signals: {
      alarms: ['functionsFailing', 'sweepsMissing'],
      metrics: ['needingAttention'],
      log: "the error's name and message",
    },
    within: 140,
    means:
      'The functions return failures of applications in their answer and do not throw them. So an error is a bug, a broken deployment (a missing environment variable, no application in Parameter Store), or Parameter Store could not be read.',
    investigate: [ROTATE_ERRORS, STORE_ERRORS],
    fix: [
      '`Misconfigured`: deploy. If the template is unchanged, change something first, or restore the parameter or variable that the message names.',
      '`CallFailed`: the operation and the code say which permission or service is missing.',
      'Anything else: go back to the previous version of the package, and report the name and the message to the maintainers.',
    ],
    otherwise: 'Nothing is rotated, and deliveries wait in the queue.',
  },
  'function-timeouts': {
    title: 'A function times out',
    signals: { alarms: ['functionsFailing', 'sweepsMissing'], metrics: ['needingAttention'], log: '`Task timed out`' },
    within: 140,
    means:
      'An application may take two minutes and a sweep fifteen. So a timeout means that calls hang for many applications, that the function has too little memory, or that the network drops packets.',
    investigate: [ROTATE_ERRORS, STORE_ERRORS, 'Lambda console, the function, *Monitor*: duration and memory.'],
    fix: [
      'For functions in a VPC see [vpc-without-a-way-out](#vpc-without-a-way-out).',
      'Otherwise raise memorySize and deploy.',
    ],
    otherwise:
      'Rotations that were requested just before the timeout are treated as [ambiguous](#ambiguous). All else waits.',
  },
  'function-throttled': {
    title: 'A function is throttled',
    signals: { alarms: ['messagesWaiting', 'sweepsMissing'] },
    within: 245,
    means:
      'The concurrency of the account is exhausted, or somebody set the reserved concurrency of the function to 0 as an emergency stop.',
    investigate: [
      {
        run: `for function in "$ROTATE_FUNCTION" "$STORE_FUNCTION"; do aws lambda get-function-concurrency --function-name "$function"; done`,
      },
      { run: 'aws lambda get-account-settings --query AccountLimit' },
    ],
    fix: [
      { run: 'aws lambda delete-function-concurrency --function-name "$STORE_FUNCTION"' },
      'Or stop what exhausts the concurrency of the account.',
    ],
    otherwise: 'Nothing is rotated, and deliveries wait in the queue for 14 days.',
  },
  'vpc-without-a-way-out': {
    title: 'The VPC of the functions has no route to the internet',
    signals: {
      alarms: ['functionsFailing', 'sweepsMissing', 'messagesWaiting'],
      log: '`ssm:GetParametersByPath failed: Unreachable`, or kind `unreachable`',
    },
    within: 140,
    means:
      'The functions reach Amazon through a NAT gateway only. They reach SQS, Secrets Manager, Systems Manager and EventBridge through the NAT gateway or through VPC endpoints.',
    investigate: [
      ROTATE_ERRORS,
      { run: `aws lambda get-function-configuration --function-name "$ROTATE_FUNCTION" --query VpcConfig` },
    ],
    fix: [
      'Give the subnets a route 0.0.0.0/0 to a NAT gateway, and allow outbound traffic on port 443 in the security groups.',
      'Or take the functions out of the VPC: remove the prop vpc, and deploy.',
      CHECK,
    ],
    otherwise: 'Nothing is rotated, and deliveries wait in the queue for 14 days.',
  },
  expiring: {
    title: 'A client secret expires soon',
    signals: {
      alarms: ['secretExpiresSoon'],
      metrics: ['daysToExpiry'],
      event: 'expiring',
      log: '`application looked at`, secretExpiry in the status',
    },
    within: ONE_SWEEP,
    from: '21 days before the expiry',
    means:
      'A rotation is due 30 days before the expiry at the latest. So rotations have failed for nine days, or the mode is NOTIFY_ONLY. An event `Client Secret Expiring` without the alarm, 90 to 30 days before the expiry, is the usual notice from Amazon.',
    investigate: [STATUS],
    fix: [
      'Fix what the status names, then:',
      ROTATE,
      'Or create a new client secret in the Developer Console. It is installed like any other; if it is not, copy it.',
      SEED,
    ],
    otherwise: 'On the day of the expiry all SP-API calls of the application begin to fail.',
  },
  'old-secret-dying': {
    title: 'The old client secret stops working within a day, and the new one is not installed',
    signals: {
      alarms: ['secretExpiresSoon'],
      metrics: ['daysToExpiry'],
      event: 'stalled',
      log: '`client secret dying`',
    },
    within: ONE_SWEEP,
    from: '24 hours before the end',
    means:
      'The client secret was rotated six days ago. The new one did not arrive, or LWA does not accept it. The one in use stops working 7 days after that rotation. This is the last warning.',
    investigate: [STATUS, 'Are there dead letters? See [dead-letters](#dead-letters).'],
    fix: [
      'Developer Console: copy the newest client secret, or create one, and store it. Do not wait for a retry.',
      SEED,
      CHECK,
      'Restart the consumers if they do not read the secret again automatically.',
    ],
    otherwise: 'Within a day all SP-API calls of the application begin to fail.',
  },
  'two-hubs': {
    title: 'Two stacks manage one secret',
    signals: {
      alarms: ['personNeeded', 'needsAttention'],
      metrics: ['personNeeded'],
      event: 'failed',
      log: 'kind `needs-person`, `next`: Another hub looks after this secret too',
    },
    within: ONE_SWEEP,
    means:
      'Two SpApiSecretRotation constructs (hubs) have an application with the same secret. The one that was added later manages it; the other one only watches it for 7 days.',
    investigate: [
      {
        run: 'aws cloudformation describe-stacks --query "Stacks[?Outputs[?contains(Description, \'npx cdk-sp-api-secret-rotation\')]].StackName"',
      },
    ],
    fix: ['Remove the application from one of the two and deploy. The secret is kept.'],
    otherwise:
      'They cannot damage the secret. But after 7 days they take it over from each other, and messages arrive in the queue of the stack where nobody expects them.',
  },
  'failed-replica': {
    title: 'A replica of the secret is out of date',
    signals: {
      alarms: ['personNeeded'],
      metrics: ['personNeeded'],
      event: 'failed',
      log: "kind `needs-person`, `next`: The secret's replica in …",
    },
    within: 24 * 60,
    means:
      'Secrets Manager could not copy the secret to another region: a secret of the same name exists there, or the key there cannot be used. Consumers in that region read an old client secret.',
    investigate: [VERSIONS],
    fix: [
      {
        run: 'aws secretsmanager replicate-secret-to-regions --secret-id "$SECRET" --add-replica-regions Region="$REPLICA_REGION" --force-overwrite-replica-secret',
      },
    ],
    otherwise: 'SP-API calls of consumers in that region fail from 7 days after the next rotation.',
  },
  'rotated-in-the-console': {
    title: 'Somebody rotated in the Developer Console',
    signals: {
      alarms: ['personNeeded'],
      metrics: ['personNeeded', 'rotationsCompleted'],
      event: 'failed',
      log: '`expiry noticed`, kind `needs-person`; or `client secret rotated`, reason `console`',
    },
    within: 20,
    from: 'the notice of expiry for a client secret that never arrived here; days or months after the rotation',
    means:
      'If Amazon delivers the new client secret, it is installed, and the event `Client Secret Rotated` has the reason `console`. Amazon does not document whether it always delivers it. If it does not, its next notice of expiry reveals the rotation.',
    investigate: [STATUS],
    fix: ['Copy the client secret from the Developer Console into the secret.', SEED],
    otherwise: 'The client secret stored here stops working 7 days after that rotation.',
  },
  leak: {
    title: 'A client secret has leaked',
    signals: { alarms: [] },
    means:
      'Rotate now. **The leaked client secret works for 7 more days after the rotation**, and access tokens made with it work for an hour. Only Amazon can revoke it sooner: ask Developer Support.',
    investigate: [STATUS],
    fix: [
      '--force rotates also during the overlap of an earlier rotation:',
      FORCE,
      'Wait until the status shows the new expiry, then restart the consumers.',
      'Open a case with Amazon: ask them to revoke the leaked client secret at once, and name its date. A rotation does not affect refresh tokens. If they leaked too, the sellers must authorize the application again.',
      'Find out who read the secret:',
      {
        run: 'aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue="$SECRET" --max-results 50 --query \'Events[].[EventTime,EventName,Username]\' --output table',
      },
    ],
    otherwise: 'Whoever has it can act as your application until it expires, for up to 180 days.',
  },
} as const satisfies Readonly<Record<string, RunbookEntry>>;

export type OtherFailure = keyof typeof OTHER_ENTRIES;
