import Table from 'cli-table3';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import { runbookLink } from '../../lib/contract/operators';

const DAY = 86_400_000;
const MIN_WIDTH = 80;
const MAX_WIDTH = 140;
const BORDERS = 5;
const DATES = 3;
const DATE_WIDTH = 15;

/** The answers as a table: for each application its state and dates, and below them the next step. */
export function tableOf(answers: readonly ApplicationAnswer[], now: number, width = MIN_WIDTH): string {
  const total = Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH);
  const table = new Table({
    head: ['application, state', 'works until', 'old one until', 'next rotation'],
    colWidths: [total - DATES * DATE_WIDTH - BORDERS, ...Array<number>(DATES).fill(DATE_WIDTH)],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const answer of answers) {
    const { application, worksUntil, worksUntilEstimated, previousWorksUntil, due, next } = answer;
    const overlaps = previousWorksUntil !== undefined && Date.parse(previousWorksUntil) > now;
    table.push(
      // In a row of its own: an id has up to 64 characters, and what is cut names nothing.
      [{ colSpan: 1 + DATES, content: application }],
      [
        stateOf(answer),
        `${day(worksUntil, now)}${worksUntilEstimated === true ? '\n(estimate)' : ''}`,
        overlaps ? day(previousWorksUntil, now) : '',
        day(due, now),
      ],
      [{ colSpan: 1 + DATES, content: next, wordWrap: true }],
    );
  }
  return [table.toString(), ...answers.flatMap(detailsOf), ...links(answers)].join('\n');
}

function stateOf({ outcome, kind, guard, since }: ApplicationAnswer): string {
  const words = [outcome, ...[kind, guard].filter((one) => one !== undefined && one !== outcome)];
  return [...words, ...(since === undefined ? [] : [`since ${minute(since)}`])].join('\n');
}

function day(iso: string | undefined, now: number): string {
  return iso === undefined ? '' : `${iso.slice(0, 10)}\nin ${Math.floor((Date.parse(iso) - now) / DAY)} days`;
}

function minute(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')}Z`;
}

/** Below the table, because what is wrapped cannot be copied: name and ARN of the secret, and the last rotation. */
function detailsOf({ application, secretName, secretArn, lastRotation }: ApplicationAnswer): string[] {
  const secret = `secret of ${application}: ${secretName}\n  ${secretArn}`;
  if (lastRotation === undefined) {
    return [secret];
  }
  const { outcome, at, reason, requestedBy, requestId } = lastRotation;
  const who = requestedBy === undefined ? '' : ` by ${requestedBy}`;
  const id = requestId === undefined ? '' : `\n  Amazon's request id: ${requestId}`;
  return [secret, `last rotation of ${application}: ${outcome}, ${minute(at)}, ${reason}${who}${id}`];
}

/** Links to the runbook. They are below the table, because a terminal cannot open a link that is wrapped. */
function links(answers: readonly ApplicationAnswer[]): string[] {
  const kinds = answers.flatMap(({ kind }) => (kind === undefined ? [] : [kind]));
  return [...new Set(kinds)].map(runbookLink);
}
