/** Where the runbook is published. Its anchors are a contract: alarms, events and logs of years ago link to them. */
export const RUNBOOK_URL =
  'https://github.com/cdk-sp-api-secret-rotation/cdk-sp-api-secret-rotation/blob/main/docs/runbook.md';

/** Link to a section of the runbook. Failure kinds are sections of their own. */
export function runbookLink(section: string): string {
  return `${RUNBOOK_URL}#${section}`;
}
