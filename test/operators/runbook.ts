import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ALARMS, type AlarmId } from '../../lib/private/alarm-texts';
import { COMMAND } from './command';

export const RUNBOOK = readFileSync(path.join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');

/** What a section of the runbook promises about one failure. */
export interface FailureSection {
  readonly text: string;
  readonly title: string;
  /** The first one rings within the time that is promised. */
  readonly alarms: readonly AlarmId[];
  readonly metrics: readonly string[];
  readonly event: string | undefined;
  /** As the table of all failures says it. */
  readonly firstAlarm: string;
  /** Minutes; `undefined` where no alarm belongs to it. */
  readonly within: number | undefined;
}

/** All sections of the third level, by heading: of alarms, and of failures. */
export const SECTIONS: ReadonlyMap<string, string> = new Map(
  [...RUNBOOK.matchAll(/^### (.+)\n([^]*?)(?=^##|(?![^]))/gm)].map(([, id = '', text = '']) => [id, text]),
);

export const FAILURES: ReadonlyMap<string, FailureSection> = new Map(
  [...SECTIONS].filter(([id]) => !id.startsWith('alarm-')).map(([id, text]) => [id, parse(text)]),
);

/** The commands in a text. */
export function commandsIn(text: string): string[] {
  return [...text.matchAll(/^```sh\n([^]*?)\n```$/gm)].map(([, command = '']) => command);
}

/** Blocks that an operator runs once, before what the sections say. */
export const PREPARATIONS = commandsIn(RUNBOOK).filter((command) => /^(HUB|APPLICATION)=/.test(command));

/** As installed in a project, where npx asks for nothing; the AWS CLI knows of the local cloud only if it is told. */
export const PROGRAMS = `npx() { shift; ${process.execPath} ${COMMAND} "$@"; }
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }`;

/** Those of which a runbook's commands can be run here. */
export const SHELLS = ['sh', 'bash', 'zsh'].filter((shell) => spawnSync(shell, ['-c', 'true']).status === 0);

export const WITH_AWS = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0;

function parse(text: string): FailureSection {
  const one = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);
  const firstAlarm = one(/\*\*First alarm within:\*\* (.+)\.$/m) ?? '';
  const [time, hours = 0, minutes = 0] = /^(?:(\d+) h)?(?: ?(\d+) min)?/.exec(firstAlarm) ?? [];
  return {
    text,
    title: one(/^\*\*(.+?)\.\*\*/m) ?? '',
    alarms: all(/alarm \[.+?\]\(#alarm-(.+?)\)/g).map(alarmNamed),
    metrics: all(/metric `(\w+)`/g),
    event: one(/event `(.+?)`/),
    firstAlarm,
    within: time === '' ? undefined : Number(hours) * 60 + Number(minutes),
  };
}

function alarmNamed(name: string): AlarmId {
  const id = (Object.keys(ALARMS) as AlarmId[]).find((one) => ALARMS[one].name === name);
  if (id === undefined) {
    throw new Error(`the runbook names an alarm ${name} that does not exist`);
  }
  return id;
}
