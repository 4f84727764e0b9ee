import type { FailureKind } from '../../lib/contract/failure-kind';

/** What an engineer on call reads about a failure. */
interface FailureText {
  /** What happened, as a sentence without its subject, the application. */
  readonly happened: string;
  /** What to do next. */
  readonly next: string;
}

/** The one source of the words that logs and answers use for each failure. */
export const FAILURE_TEXTS: Readonly<Record<FailureKind, FailureText>> = {
  'not-seeded': {
    happened: 'has a secret without a value',
    next: 'Store its client id and client secret: npx cdk-sp-api-secret-rotation seed, with --application and its id (README, "Seed the secret").',
  },
  'not-json': {
    happened: 'has a secret whose value is not a JSON object',
    next: 'Store a JSON object with the client id and the client secret as top-level keys.',
  },
  'field-missing': {
    happened: 'has a secret that lacks the client id or the client secret under the configured keys',
    next: 'Compare the keys of the JSON with clientIdField and clientSecretField; both must be non-empty strings.',
  },
  'wrong-client-id': {
    happened: "has a secret with something else than a client id under the client id's key; it was sent nowhere",
    next: 'Store the client id there. The Developer Console shows it beside the client secret; it begins with amzn1.application-oa2-client.',
  },
  'wrong-credentials': {
    happened: 'has a client secret that LWA does not accept',
    next: 'If it was just changed, wait 3 hours. Else store the one that the Developer Console shows: npx cdk-sp-api-secret-rotation seed.',
  },
  'secret-expired': {
    happened: 'has an expired client secret, and Amazon no longer rotates it',
    next: 'Make a new client secret in the Developer Console now, and store it: npx cdk-sp-api-secret-rotation seed. SP-API calls fail until then.',
  },
  'not-enrolled': {
    happened: 'is not enrolled for rotation notifications; nothing was rotated',
    next: 'Developer Console, Notification Preferences, this application: in both client secret rows add the queue ARN as destination, create, then Subscribe.',
  },
  'wrong-token': {
    happened: 'got a token that Amazon does not accept for a rotation; nothing was rotated',
    next: 'It is tried again automatically. If it stays, check that the secret belongs to an SP-API application in this region, and ask Amazon with the request id.',
  },
  throttled: {
    happened: 'was throttled; nothing was rotated',
    next: 'It is tried again automatically. If it stays, look for somebody else who rotates this application.',
  },
  unreachable: {
    happened: 'could not be looked after: a service did not answer',
    next: 'It is tried again automatically. If it stays, check the way out of the VPC and the health of the service.',
  },
  refused: {
    happened: 'was refused; nothing was rotated',
    next: 'It is tried again automatically. If it stays, ask Amazon with the request id.',
  },
  ambiguous: {
    happened: 'may or may not have been rotated: Amazon gave no clear answer',
    next: 'Wait an hour for the new secret. If it does not come, this turns into "stalled" and is asked for again automatically.',
  },
  stalled: {
    happened: 'was rotated, or may have been, and its new secret has not come',
    next: 'Check in the Developer Console that the queue of this hub is registered (after a renaming it may be an old one, where the new secret then lies), and the grants of its key. If the console shows a newer client secret, store it: npx cdk-sp-api-secret-rotation seed. The old client secret stops working 7 days after the rotation.',
  },
  'rejected-by-lwa': {
    happened: 'has a new secret that LWA does not accept even hours after its delivery',
    next: 'The old one goes on working until 7 days after the rotation. Store the one that the Developer Console shows: npx cdk-sp-api-secret-rotation seed. If LWA rejects that as well, ask Amazon.',
  },
  'preflight-queue': {
    happened: 'has no place for a new secret: the queue is missing or keeps messages for less than 8 days',
    next: 'Restore the queue, or set its MessageRetentionPeriod to 1209600 seconds; the runbook has the command. Nothing is rotated before.',
  },
  'preflight-policy': {
    happened: 'has a queue whose policy does not let Amazon in',
    next: 'Put the statement for account 437568002678 (sqs:SendMessage, sqs:GetQueueAttributes) back; the runbook has the command. Deploying an unchanged stack does not do it. Nothing is rotated before.',
  },
  'preflight-key': {
    happened: 'has a queue under another key than the deployed one',
    next: 'Give the queue its deployed key again, on which Amazon has a grant; the runbook has the command. Deploying an unchanged stack does not do it. Nothing is rotated before.',
  },
  'journal-unreadable': {
    happened: 'has a journal that cannot be read; nothing is rotated, deliveries are still installed',
    next: 'Restore access to the key under which it was written. The runbook says what to do if it is gone.',
  },
  overwritten: {
    happened: 'had its client secret overwritten by somebody else',
    next: 'Find the person or pipeline that writes the secret, and stop it: only this hub should.',
  },
  'order-unknown': {
    happened: 'got a secret that is older than the one stored by hand, or seems so',
    next: 'See in the Developer Console which is the newest, and store that one: npx cdk-sp-api-secret-rotation seed.',
  },
  unproven: {
    happened: 'has a client secret that LWA never accepted for its client id; deliveries are not installed',
    next: 'Check the client id. Else store the newest client secret.',
  },
  'needs-person': {
    happened: 'needs a person',
    next: 'Read the log of the functions for this application and follow the runbook.',
  },
  defect: {
    happened: 'could not be looked after because of a defect in this package',
    next: 'Report it with the code and the position in the log line. Until it is mended, rotate in the Developer Console before the client secret expires.',
  },
};
