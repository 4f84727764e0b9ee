import Table from 'cli-table3';
import type { Answer, ApplicationAnswer, HubAnswer } from '../../lambda/core/reconcile/answer';
import type { RotationReason } from '../../lib/contract/event';
import { runbookLink } from '../../lib/contract/operators';

const DAY = 86_400_000;
const MIN_WIDTH = 80;
const MAX_WIDTH = 140;
const BORDERS = 5;
const DATES = 3;
const DATE_WIDTH = 15;
const ASKED_BY: Readonly<Record<RotationReason, string>> = {
  schedule: 'the schedule',
  expiry: 'a notice of expiry',
  person: 'a person',
  console: 'somebody in the Developer Console',
};

/** The answer as a table, and below it what is to be copied, which a table would wrap. */
export function textOf({ applications, hub }: Answer, now: number, width = MIN_WIDTH): string {
  return [
    tableOf(applications, now, width),
    ...applications.filter(isCut).map(({ application, next }) => `next for ${application}: ${next}`),
    ...applications.flatMap(detailsOf),
    ...(hub === undefined ? [] : resourcesOf(hub)),
    ...links(applications),
  ].join('\n');
}

/** The last rotations, each in lines of its own. */
export function historyTextOf({ application, history = [] }: ApplicationAnswer): string {
  const rotations = history.map(
    ({ outcome, reason, requestedBy, requestId, askedAt, attempts, deliveredAt, currentAt, expiry }) => {
      const when = { 'asked for': askedAt, delivered: deliveredAt, current: currentAt, expires: expiry };
      return [
        `${outcome}, asked for by ${whoAsked(reason, requestedBy)}`,
        ...Object.entries(when).flatMap(([what, at]) => (at === undefined ? [] : [`${what} ${minute(at)}`])),
        ...(attempts === undefined ? [] : [`attempts ${attempts}`]),
        ...(requestId === undefined ? [] : [`Amazon's request id: ${requestId}`]),
      ].join('\n  ');
    },
  );
  return [`the last rotations of ${application}: ${rotations.length}`, ...rotations].join('\n');
}

/** For each application its state and dates, and below them the next step. */
function tableOf(answers: readonly ApplicationAnswer[], now: number, width: number): string {
  const total = Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH);
  const table = new Table({
    head: ['application, state', 'works until', 'old one until', 'next rotation'],
    colWidths: [total - DATES * DATE_WIDTH - BORDERS, ...Array<number>(DATES).fill(DATE_WIDTH)],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const answer of answers) {
    const { application, worksUntil, worksUntilEstimated, worksUntilToldBy, previousWorksUntil, next } = answer;
    const source =
      worksUntilEstimated === true ? '\n(estimate)' : worksUntilToldBy === undefined ? '' : '\n(by a person)';
    const overlaps = previousWorksUntil !== undefined && Date.parse(previousWorksUntil) > now;
    table.push(
      // In a row of its own: an id has up to 64 characters, and what is cut names nothing.
      [{ colSpan: 1 + DATES, content: application }],
      [
        stateOf(answer),
        `${day(worksUntil, now)}${source}`,
        overlaps ? day(previousWorksUntil, now) : '',
        nextRotation(answer, now),
      ],
      [{ colSpan: 1 + DATES, content: next, wordWrap: true }],
    );
  }
  return table.toString();
}

function stateOf({ outcome, kind, guard, since, paused }: ApplicationAnswer): string {
  const words = [outcome, ...[kind, guard].filter((one) => one !== undefined && one !== outcome)];
  return [
    ...words,
    ...(since === undefined ? [] : [`since ${minute(since)}`]),
    ...(paused === undefined ? [] : [`paused until ${paused.until.slice(0, 10)}`]),
  ].join('\n');
}

/** While a client secret is on its way, the date would be of an attempt that is made only if it does not come. */
function nextRotation({ outcome, due }: ApplicationAnswer, now: number): string {
  const isOnItsWay = outcome === 'requested' || outcome === 'in-flight';
  return isOnItsWay ? '' : `${day(due, now)}${outcome === 'stalled' && due !== undefined ? '\n(asks again)' : ''}`;
}

function day(iso: string | undefined, now: number): string {
  if (iso === undefined) {
    return '';
  }
  const days = Math.floor((Date.parse(iso) - now) / DAY);
  return `${iso.slice(0, 10)}\n${days < 0 ? `${-days} days ago` : `in ${days} days`}`;
}

function minute(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')}Z`;
}

/** Whether the table cuts a word of it, such as an ARN in a command. */
function isCut({ next }: ApplicationAnswer): boolean {
  return next.split(/\s/).some((word) => word.length > MIN_WIDTH - 4);
}

/** Name and ARN of the secret, whether the queue is registered, and the last rotation. */
function detailsOf({ application, secretName, secretArn, registered, lastRotation }: ApplicationAnswer): string[] {
  // Without usable settings of the application, nobody knows its secret.
  const secret = [
    ...(secretArn === '' ? [] : [`secret of ${application}: ${secretName}\n  ${secretArn}`]),
    ...(registered === undefined ? [] : [`queue registered for ${application}: ${provenBy(registered)}`]),
  ];
  if (lastRotation === undefined) {
    return secret;
  }
  const { outcome, at, reason, requestedBy, requestId } = lastRotation;
  const who = whoAsked(reason, requestedBy);
  const id = requestId === undefined ? '' : `\n  Amazon's request id: ${requestId}`;
  return [...secret, `last rotation of ${application}: ${outcome}, ${minute(at)}, asked for by ${who}${id}`];
}

function whoAsked(reason: RotationReason, requestedBy: string | undefined): string {
  return reason === 'person' && requestedBy !== undefined ? requestedBy : ASKED_BY[reason];
}

function provenBy(registered: NonNullable<ApplicationAnswer['registered']>): string {
  return registered === false
    ? 'never proven'
    : `proven on ${minute(registered.provenAt)} by ${registered.by === 'new-secret' ? 'a new client secret' : 'a notice of expiry, which proves only its own row'}`;
}

/** How full the queues are, and the ARNs. */
function resourcesOf({ queues, functions }: HubAnswer): string[] {
  const { notification, deadLetter, unclaimed } = queues;
  return [
    ...Object.entries({ notification, 'dead-letter': deadLetter, unclaimed }).map(
      ([name, { url, arn, messages, error = 'unknown' }]) =>
        `${name} queue: ${messages === undefined ? `no answer of SQS (${error})` : `messages ${messages}`}\n  ${arn ?? url}`,
    ),
    ...Object.entries(functions).map(([name, arn]) => `${name} function:\n  ${arn}`),
  ];
}

/** Links to the runbook. */
function links(answers: readonly ApplicationAnswer[]): string[] {
  // A function of an older version answers without the link.
  return [
    ...new Set(answers.flatMap(({ kind, runbook }) => (kind === undefined ? [] : [runbook ?? runbookLink(kind)]))),
  ];
}
