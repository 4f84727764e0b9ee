// Writes docs/runbook.md from the fault table.
//
//   npx tsx scripts/runbook.ts [--check]
//
// --check fails when the file is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ALARMS, alarmSection, type AlarmId } from '../lib/contract/alarm';
import { DETAIL_TYPE } from '../lib/contract/event';
import { FAILURE_KINDS } from '../lib/contract/failure-kind';
import { FAILURE_TEXTS } from '../lambda/core/failure-texts';
import { FAULT_TABLE, OPERATIONAL_FAULTS, type FaultEntry, type FaultId, type Step } from '../lib/contract/fault-table';
import { METRIC } from '../lib/contract/metric';
import { runbookLink } from '../lib/contract/runbook';

const FILE = path.join(__dirname, '..', 'docs', 'runbook.md');

/** What the commands stand on. */
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

function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const parts = [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 ? [`${rest} min`] : [])];
  return parts.join(' ');
}

function promise({ within, from, shows }: FaultEntry): string {
  const [first] = shows.alarms;
  return within === undefined || first === undefined
    ? 'no alarm: nothing here can see it'
    : `${duration(within)}${from === undefined ? '' : ` after ${from}`}`;
}

function showing({ shows }: FaultEntry): string {
  const parts = [
    ...shows.alarms.map((id) => `alarm [${ALARMS[id].name}](#${alarmSection(id)})`),
    ...(shows.metrics ?? []).map((name) => `metric \`${METRIC[name]}\``),
    ...(shows.event === undefined ? [] : [`event \`${DETAIL_TYPE[shows.event]}\``]),
    ...(shows.log === undefined ? [] : [`log: ${shows.log}`]),
  ];
  return parts.length === 0 ? 'only people notice' : parts.join('; ');
}

function steps(list: readonly Step[]): string {
  return list.map((step) => (typeof step === 'string' ? `- ${step}` : fence(step.run))).join('\n');
}

function fence(text: string): string {
  return `\n\`\`\`sh\n${text.trimEnd()}\n\`\`\`\n`;
}

function section(id: FaultId, kind?: keyof typeof FAILURE_TEXTS): string {
  const fault = FAULT_TABLE[id];
  const words = kind === undefined ? undefined : FAILURE_TEXTS[kind];
  return [
    `### ${id}`,
    `**${fault.title}.**${words === undefined ? '' : ` The log says: *The application ${words.happened}. ${words.next}*`}`,
    `**Shows as** ${showing(fault)}. **At the latest:** ${promise(fault)}.`,
    fault.means,
    '**Look**',
    steps(fault.look),
    '**Mend**',
    steps(fault.mend),
    `**If you do nothing:** ${fault.otherwise}`,
  ].join('\n\n');
}

function alarmText(id: AlarmId): string {
  const rows = ([...FAILURE_KINDS, ...OPERATIONAL_FAULTS] as FaultId[]).filter((row) =>
    FAULT_TABLE[row].shows.alarms.includes(id),
  );
  return [
    `### ${alarmSection(id)}`,
    ALARMS[id].says,
    `Rings for: ${rows.map((row) => `[${row}](#${row})`).join(', ')}.`,
  ].join('\n\n');
}

function overview(): string {
  const rows = ([...FAILURE_KINDS, ...OPERATIONAL_FAULTS] as FaultId[]).map((id) => {
    const fault = FAULT_TABLE[id];
    const alarms = fault.shows.alarms.map((alarm) => ALARMS[alarm].name).join(', ');
    return `| [${id}](#${id}) | ${fault.title} | ${alarms} | ${promise(fault)} |`;
  });
  return ['| fault | in short | alarms | the first rings within |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function runbook(): string {
  return [
    '<!-- Made by scripts/runbook.ts from lib/contract/fault-table.ts: edit that. -->',
    '# Runbook',
    `You were woken by an alarm, or read a \`runbook\` link in an event or a log line. Two things hold in every case: **do not purge a queue, and do not delete a secret or a version.** A client secret in use goes on working while you look, until the date that the status shows; after a rotation it works for 7 more days.`,
    '## First',
    'Ask for the state. It reads only, names what is wrong and says what to do next:',
    fence('npx cdk-sp-api-secret-rotation status'),
    'The commands below are for bash with the AWS CLI and Node.js. They need these, once:',
    fence(PREPARATION),
    'and, where they are about one application, `APPLICATION` (its id) and `SECRET` (the ARN of its secret): both are in the event, and the log line has the id. The times are those of the default schedule, every hour; they grow with its interval.',
    '## Alarms',
    ...(Object.keys(ALARMS) as AlarmId[]).map(alarmText),
    '## All faults',
    overview(),
    '## Kinds of failure',
    'The `kind` of answers, events and log lines.',
    ...FAILURE_KINDS.map((kind) => section(kind, kind)),
    '## Other faults',
    ...OPERATIONAL_FAULTS.map((id) => section(id)),
    `---\n\nThis page is linked to as ${runbookLink('…')}.`,
  ].join('\n\n');
}

async function main(): Promise<void> {
  // Not where tests import this file: it is an ES module, which jest cannot load.
  const { format } = await import('prettier');
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
  if (unknown.length > 0) {
    throw new Error(`unknown argument: ${unknown.join(' ')}`);
  }
  const text = await format(runbook(), { parser: 'markdown', printWidth: 120 });
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, text);
  } else if (readFileSync(FILE, 'utf8') !== text) {
    console.error('docs/runbook.md is not what the fault table says: run npm run docs:runbook');
    process.exitCode = 1;
  }
}

if (require.main === module) {
  void main();
}
