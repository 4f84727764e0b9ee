import Table from 'cli-table3';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import { runbookLink } from '../../lib/contract/operators';

const DAY = 86_400_000;
const MIN_WIDTH = 80;
const MAX_WIDTH = 140;
const STATE_WIDTH = 19;
const DATE_WIDTH = 13;
const BORDERS = 6;

/** The answers as a table: for each application its state and dates, and below them the next step. */
export function tableOf(answers: readonly ApplicationAnswer[], now: number, width = MIN_WIDTH): string {
  const total = Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH);
  const table = new Table({
    head: ['application', 'state', 'expires', 'old one until', 'due'],
    colWidths: [
      total - STATE_WIDTH - 3 * (DATE_WIDTH + 2) - BORDERS,
      STATE_WIDTH,
      ...Array<number>(3).fill(DATE_WIDTH + 2),
    ],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const answer of answers) {
    const { application, secretExpiry, secretExpiryEstimated, previousSecretExpiry, due, next } = answer;
    const overlaps = previousSecretExpiry !== undefined && Date.parse(previousSecretExpiry) > now;
    table.push(
      [
        application,
        stateOf(answer),
        `${day(secretExpiry, now)}${secretExpiryEstimated === true ? '\n(estimate)' : ''}`,
        overlaps ? day(previousSecretExpiry, now) : '',
        day(due, now),
      ],
      [{ colSpan: 5, content: next, wordWrap: true }],
    );
  }
  return [table.toString(), ...secretsOf(answers), ...links(answers)].join('\n');
}

function stateOf({ outcome, kind, guard }: ApplicationAnswer): string {
  return [outcome, ...[kind, guard].filter((one) => one !== undefined && one !== outcome)].join('\n');
}

function day(iso: string | undefined, now: number): string {
  return iso === undefined ? '' : `${iso.slice(0, 10)}\nin ${Math.floor((Date.parse(iso) - now) / DAY)} days`;
}

/** Name and ARN of each secret. They are below the table, because what is wrapped cannot be copied. */
function secretsOf(answers: readonly ApplicationAnswer[]): string[] {
  return answers.map(
    ({ application, secretName, secretArn }) => `secret of ${application}: ${secretName}\n  ${secretArn}`,
  );
}

/** Links to the runbook. They are below the table, because a terminal cannot open a link that is wrapped. */
function links(answers: readonly ApplicationAnswer[]): string[] {
  const kinds = answers.flatMap(({ kind }) => (kind === undefined ? [] : [kind]));
  return [...new Set(kinds)].map(runbookLink);
}
