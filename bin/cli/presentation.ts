import Table from 'cli-table3';
import type { ApplicationAnswer } from '../../lambda/core/answer';
import { runbookLink } from '../../lib/contract/runbook';

const DAY = 86_400_000;
const LEAST_WIDTH = 80;
const MOST_WIDTH = 160;
/** Of application, state and the dates, with their borders. */
const OTHER_COLUMNS = 62;

/** The answers as a table for people. */
export function tableOf(answers: readonly ApplicationAnswer[], now: number, width = LEAST_WIDTH): string {
  const total = Math.min(Math.max(width, LEAST_WIDTH), MOST_WIDTH);
  const table = new Table({
    head: ['application', 'state', 'dates', 'next'],
    colWidths: [18, 16, 25, Math.max(total - OTHER_COLUMNS, 20)],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const answer of answers) {
    table.push([answer.application, stateOf(answer), datesOf(answer, now), nextOf(answer)]);
  }
  return table.toString();
}

function stateOf({ outcome, kind, guard }: ApplicationAnswer): string {
  return [outcome, ...[kind, guard].filter((one) => one !== undefined && one !== outcome)].join('\n');
}

function datesOf(answer: ApplicationAnswer, now: number): string {
  const { secretExpiry, secretExpiryEstimated, previousSecretExpiry, due } = answer;
  const expiry = day('expires', secretExpiry, now);
  return [
    ...(expiry === undefined ? [] : [`${expiry}${secretExpiryEstimated === true ? ' (estimate)' : ''}`]),
    ...(previousSecretExpiry !== undefined && Date.parse(previousSecretExpiry) > now
      ? [day('old until', previousSecretExpiry, now)]
      : []),
    ...(due === undefined ? [] : [day('due', due, now)]),
  ].join('\n');
}

function day(what: string, iso: string | undefined, now: number): string | undefined {
  if (iso === undefined) {
    return undefined;
  }
  const days = Math.floor((Date.parse(iso) - now) / DAY);
  return `${what} ${iso.slice(0, 10)}, ${days} d`;
}

function nextOf({ next, kind }: ApplicationAnswer): string {
  return kind === undefined ? next : `${next}\n${runbookLink(kind)}`;
}
