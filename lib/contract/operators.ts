/** Where the runbook is published. Its anchors never change, because alarms, events and logs link to them. */
export const RUNBOOK_URL =
  'https://github.com/cdk-sp-api-secret-rotation/cdk-sp-api-secret-rotation/blob/main/docs/runbook.md';

/** Link to a section of the runbook. Each kind of failure has a section of its own. */
export function runbookLink(section: string): string {
  return `${RUNBOOK_URL}#${section}`;
}

/** Sections about one case of a kind of failure: they say more than the section of the kind. */
export type RunbookSection =
  | 'expiring'
  | 'failed-replica'
  | 'never-proven'
  | 'not-understood'
  | 'rotated-in-the-console'
  | 'secret-marked-for-deletion'
  | 'stalled'
  | 'two-hubs';

/** What to do where a deployment changes the queue or a secret. */
export const CHANGES_URL =
  'https://github.com/cdk-sp-api-secret-rotation/cdk-sp-api-secret-rotation/blob/main/docs/changes.md';

/** Alias of the rotate function through which it only answers `status`, `check` and `history`. */
export const OBSERVE_ALIAS = 'observe';

/** Description of the stack output that holds the name of the rotate function. The operators' command looks for it. */
export const ROTATE_FUNCTION_OUTPUT =
  'Function to ask for the state of the client secrets: npx cdk-sp-api-secret-rotation status';
