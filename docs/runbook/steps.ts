import type { Step } from './entry';

/** Variables and functions that the commands of the runbook use. An operator runs this block once. */
export const PREPARATION = `STACK=SpApiSecretRotation # name of your stack
resource() { aws cloudformation list-stack-resources --stack-name "$STACK" --query "StackResourceSummaries[?ResourceType=='$1' && contains(LogicalResourceId, '$2')].PhysicalResourceId" --output text; }
NOTIFICATION_QUEUE=$(resource AWS::SQS::Queue Notification)
DEAD_LETTER_QUEUE=$(resource AWS::SQS::Queue DeadLetter)
UNCLAIMED_QUEUE=$(resource AWS::SQS::Queue Unclaimed)
ROTATE_FUNCTION=$(resource AWS::Lambda::Function Rotate)
STORE_FUNCTION=$(resource AWS::Lambda::Function Store)
log_lines() { aws logs filter-log-events --log-group-name "$(resource AWS::Logs::LogGroup "$1Logs")" --start-time $((($(date +%s) - 86400) * 1000)) --filter-pattern "$2" --query 'events[].message' --output text; }
errors() { log_lines "$1" '?ERROR ?"Task timed out"'; }
`;

export const STATUS: Step = { run: 'npx cdk-sp-api-secret-rotation status' };
export const CHECK: Step = { run: 'npx cdk-sp-api-secret-rotation check' };
export const ROTATE: Step = { run: 'npx cdk-sp-api-secret-rotation rotate --application "$APPLICATION"' };
export const FORCE: Step = { run: 'npx cdk-sp-api-secret-rotation rotate --application "$APPLICATION" --force' };
export const STORE_ERRORS: Step = { run: 'errors Store' };
export const ROTATE_ERRORS: Step = { run: 'errors Rotate' };

/** Versions of the secret with their labels, its key and its replicas. */
export const VERSIONS: Step = {
  run: `aws secretsmanager describe-secret --secret-id "$SECRET" --query '[VersionIdsToStages,KmsKeyId,ReplicationStatus]'`,
};

/** Asks for both values, so it is not run by the tests of this page. */
export const SEED: Step = { run: 'npx cdk-sp-api-secret-rotation seed --application "$APPLICATION"' };

/** Consequence of everything that only keeps a rotation from being made. */
export const UNTIL_EXPIRY =
  'Nothing at first: the client secret in use works until it expires. Then all SP-API calls of the application fail.';
