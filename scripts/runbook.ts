// Writes docs/runbook.md from docs/runbook/ and from the texts of alarms and failures that ship.
//
//   npx tsx scripts/runbook.ts [--check]
//
// --check fails when the file is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RUNBOOK } from '../docs/runbook';
import type { RunbookEntry, Step } from '../docs/runbook/entry';
import { FAILURE_KIND_ENTRIES } from '../docs/runbook/failure-kinds';
import { OTHER_ENTRIES } from '../docs/runbook/other-failures';
import { PREPARATION } from '../docs/runbook/steps';
import { FAILURE_TEXTS } from '../lambda/core/failure-texts';
import { DETAIL_TYPE } from '../lib/contract/event';
import type { FailureKind } from '../lib/contract/failure-kind';
import { METRIC } from '../lib/contract/metric';
import { runbookLink } from '../lib/contract/operators';
import { ALARMS, alarmSection, type AlarmId } from '../lib/private/alarm-texts';

const FILE = path.join(__dirname, '..', 'docs', 'runbook.md');

function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const parts = [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 ? [`${rest} min`] : [])];
  return parts.join(' ');
}

function timeToAlarm({ within, from, signals }: RunbookEntry): string {
  const [first] = signals.alarms;
  return within === undefined || first === undefined
    ? 'no alarm: the functions cannot detect it'
    : `${duration(within)}${from === undefined ? '' : ` after ${from}`}`;
}

function signalsOf({ signals }: RunbookEntry): string {
  const parts = [
    ...signals.alarms.map((id) => `alarm [${ALARMS[id].name}](#${alarmSection(id)})`),
    ...(signals.metrics ?? []).map((name) => `metric \`${METRIC[name]}\``),
    ...(signals.event === undefined ? [] : [`event \`${DETAIL_TYPE[signals.event]}\``]),
    ...(signals.log === undefined ? [] : [`log: ${signals.log}`]),
  ];
  return parts.length === 0 ? 'only people notice it' : parts.join('; ');
}

function steps(list: readonly Step[]): string {
  return list.map((step) => (typeof step === 'string' ? `- ${step}` : fence(step.run))).join('\n');
}

function fence(text: string): string {
  return `\n\`\`\`sh\n${text.trimEnd()}\n\`\`\`\n`;
}

/** @param said what the log says about it, where that is always the same */
function section(id: string, entry: RunbookEntry, said = ''): string {
  return [
    `### ${id}`,
    `**${entry.title}.**${said}`,
    `**Signals:** ${signalsOf(entry)}. **First alarm within:** ${timeToAlarm(entry)}.`,
    entry.means,
    '**Investigate**',
    steps(entry.investigate),
    '**Fix**',
    steps(entry.fix),
    `**If you do nothing:** ${entry.otherwise}`,
  ].join('\n\n');
}

function failureKindSection(kind: FailureKind): string {
  const { happened, next } = FAILURE_TEXTS[kind];
  return section(kind, FAILURE_KIND_ENTRIES[kind], ` The log says: *The application ${happened}. ${next}*`);
}

function alarmText(id: AlarmId): string {
  const raisedBy = keysOf(RUNBOOK).filter((entry) => RUNBOOK[entry].signals.alarms.includes(id));
  return [
    `### ${alarmSection(id)}`,
    ALARMS[id].says,
    `Goes off for: ${raisedBy.map((entry) => `[${entry}](#${entry})`).join(', ')}.`,
  ].join('\n\n');
}

function overview(): string {
  const rows = Object.entries<RunbookEntry>(RUNBOOK).map(([id, entry]) => {
    const alarms = entry.signals.alarms.map((alarm) => ALARMS[alarm].name).join(', ');
    return `| [${id}](#${id}) | ${entry.title} | ${alarms} | ${timeToAlarm(entry)} |`;
  });
  return ['| failure | in short | alarms | first alarm within |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function runbook(): string {
  return [
    '<!-- Made by scripts/runbook.ts from docs/runbook/: edit that. -->',
    '# Runbook',
    `You are here because an alarm went off, or because an event or a log line links to this page. Two rules hold in every case: **do not purge a queue, and do not delete a secret or a version.** A client secret in use works until the date that the status shows, and for 7 more days after a rotation, so you have time to investigate.`,
    '## First',
    'Ask for the status. The command only reads. It names what is wrong and says what to do next:',
    fence('npx cdk-sp-api-secret-rotation status'),
    'Where the npm package is not installed, first run `npm install --global cdk-sp-api-secret-rotation-cli`: that is the command alone. `npx` finds it there.',
    'The commands below are for bash with the AWS CLI and Node.js. Run this block once before you use them:',
    fence(PREPARATION),
    'Commands for one application also need `APPLICATION` (its id) and `SECRET` (the ARN of its secret). The event has both, and the log line has the id. The times on this page are for the default schedule, which is every hour; with a longer interval they are longer.',
    '## Alarms',
    ...keysOf(ALARMS).map(alarmText),
    '## All failures',
    overview(),
    '## Kinds of failure',
    'Answers, events and log lines name these as `kind`.',
    ...keysOf(FAILURE_KIND_ENTRIES).map(failureKindSection),
    '## Other failures',
    ...Object.entries<RunbookEntry>(OTHER_ENTRIES).map(([id, entry]) => section(id, entry)),
    `---\n\nThe functions and alarms link to this page as ${runbookLink('…')}.`,
  ].join('\n\n');
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record) as Key[];
}

async function main(): Promise<void> {
  const { format } = await import('prettier');
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
  if (unknown.length > 0) {
    throw new Error(`unknown argument: ${unknown.join(' ')}`);
  }
  const text = await format(runbook(), { parser: 'markdown', printWidth: 120 });
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, text);
  } else if (readFileSync(FILE, 'utf8') !== text) {
    console.error('docs/runbook.md is not what docs/runbook/ says: run npm run docs:runbook');
    process.exitCode = 1;
  }
}

void main();
