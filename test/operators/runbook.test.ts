import { readFileSync } from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { DETAIL_TYPE } from '../../lib/contract/event';
import { FAILURE_KINDS } from '../../lib/contract/failure-kind';
import { METRIC } from '../../lib/contract/metric';
import { FAILURE_TEXTS } from '../../lambda/core/failure-texts';
import { ALARMS, alarmSection, type AlarmId } from '../../lib/private/alarm-texts';
import type { LocalHub } from '../fakes/local-hub';
import { MINUTE, newSecretNotification, openScene } from '../rotation/scene';
import { sample } from '../sample';
import { operator, run, type Finished } from './command';
import { ENDS_BY_MAIL } from './ends-by-mail';
import { commandsIn, FAILURES, PREPARATIONS, PROGRAMS, RUNBOOK, SECTIONS, SHELLS, WITH_AWS } from './runbook';

const ALARM_IDS = Object.keys(ALARMS) as AlarmId[];

const commands = [...new Set([...SECTIONS.values()].flatMap(commandsIn))];

/** What the local cloud does not have; or what on-call-trial.test.ts plays, after the fault that it mends. */
const ELSEWHERE =
  /aws cloudtrail|describe-stack-resource-drifts|KmsMasterKeyId=|rotation seed|(add|remove)-permission|start-message-move-task|restore-secret/;

const here = commands.filter((command) => !ELSEWHERE.test(command));

test('every anchor that is linked to is there', () => {
  const headings = new Set([...RUNBOOK.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading));
  const linked = [...RUNBOOK.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
  expect(linked.filter((anchor) => !headings.has(anchor))).toEqual([]);
});

test('docs/permissions.md has an action for each command of the AWS CLI in the runbook', () => {
  const permissions = readFileSync(path.join(__dirname, '..', '..', 'docs', 'permissions.md'), 'utf8');
  const used = [...RUNBOOK.matchAll(/\baws ([a-z]+) ([a-z]+(?:-[a-z]+)+)\b/g)].map(
    ([, service = '', operation = '']) =>
      `${service}:${operation.replaceAll(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase())}`,
  );
  expect(used.length).toBeGreaterThan(20);
  expect(used.filter((action) => !permissions.includes(`"${action}"`))).toEqual([]);
});

test('every kind of failure has a section, with the words of the functions, so that a search for them finds it', () => {
  const kinds = FAILURE_KINDS.map((kind) => [kind, FAILURES.get(kind)?.text.replaceAll('\\', '')] as const);
  for (const [kind, text] of kinds) {
    const { happened, next } = FAILURE_TEXTS[kind];
    expect(text).toContain(`The log says: _The application ${happened}. ${next}_`);
  }
});

test('every section of a failure names metrics and an event that exist, and says what to do', () => {
  for (const { text, metrics, event } of FAILURES.values()) {
    expect(Object.values<string>(METRIC)).toEqual(expect.arrayContaining([...metrics]));
    expect([undefined, ...Object.values<string>(DETAIL_TYPE)]).toContain(event);
    expect(text).toMatch(/\*\*Investigate\*\*\n\n[^]+\n\*\*Fix\*\*\n\n[^]+\n\*\*If you do nothing:\*\* \w/);
  }
});

test('every alarm has a section, which says what the alarm says and links to each failure that rings it', () => {
  for (const id of ALARM_IDS) {
    const links = [...FAILURES].filter(([, { alarms }]) => alarms.includes(id)).map(([name]) => `[${name}](#${name})`);
    const [says, ends = '', goesOff, ...more] = SECTIONS.get(alarmSection(id))?.trim().split('\n\n') ?? [];
    expect([says, goesOff, ...more]).toEqual([ALARMS[id].says, `Goes off for: ${links.join(', ')}.`]);
    expect(ends).toMatch(ENDS_BY_MAIL.has(id) ? /^Ends: .* A mail tells the end/ : /^Ends: .* no mail tells the end/i);
  }
});

test('each alarm is the first one for a section of the runbook', () => {
  const first = [...FAILURES.values()].map(({ alarms }) => alarms[0]);
  expect(ALARM_IDS.filter((id) => !first.includes(id))).toEqual([]);
});

test('the table of all failures says what their sections say', () => {
  const rows = [...FAILURES].map(
    ([id, { title, alarms, firstAlarm }]) =>
      `| [${id}](#${id}) | ${title} | ${alarms.map((alarm) => ALARMS[alarm].name).join(', ')} | ${firstAlarm} |`,
  );
  expect(RUNBOOK.match(/^\| \[.+$/gm)).toEqual(rows);
});

test.each(SHELLS.flatMap((shell) => [...PREPARATIONS, ...commands].map((command) => [shell, command])))(
  '%s understands %j',
  (shell, command) => {
    expect(() => execFileSync(shell, ['-n', '-c', command], { stdio: 'pipe' })).not.toThrow();
    // Inside of quotes over several lines, bash before 5 takes it for an event of its history.
    expect(command).not.toMatch(/![^\s=]/);
  },
);

test('each fix ends with a sweep, and force is offered last, with the condition under which it is safe', () => {
  for (const [id, { text }] of FAILURES) {
    const fix = text.split('**Fix**')[1] ?? '';
    expect([id, commandsIn(fix).includes('npx cdk-sp-api-secret-rotation sweep')]).toEqual([id, true]);
    for (const [before = ''] of fix.matchAll(/[^]*?--force(?=\n```)/g)) {
      expect(before).toMatch(
        /last day before|no rotation is in its 7-day overlap|during the overlap of an earlier rotation/,
      );
    }
  }
});

test('no command prints a secret or empties a queue', () => {
  expect(commands.filter((command) => command.includes('purge-queue') || command.includes('delete-secret'))).toEqual(
    [],
  );
  const reading = commands.filter((command) => /get-secret-value|receive-message/.test(command));
  expect(reading.filter((command) => !/node -[ep] /.test(command))).toEqual([]);
});

(WITH_AWS ? describe : describe.skip)(`commands, run${WITH_AWS ? '' : ' (skipped: the AWS CLI is not here)'}`, () => {
  let hub: LocalHub;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    hub = await openScene();
    await hub.sweep();
    environment = {
      ...operator(hub, ['cloudformation:*', 'lambda:*', 'logs:*', 'scheduler:*', 'sqs:*', 'secretsmanager:*']),
      HOME: process.env.HOME,
      APPLICATION: 'Shop',
    };
  });
  afterAll(() => hub.close());

  const bash = (command: string): Promise<Finished> =>
    inShell('bash', command, /^(from_hub|errors|log_lines) /.test(command) ? PREPARATIONS.join('\n') : '');

  /** Where nobody has to be asked. */
  function inShell(shell: string, command: string, preparation = ''): Promise<Finished> {
    const programs = `${PROGRAMS}\nnpx_yes() { npx "$@" --yes; }`;
    const answered = command.replace(/^npx (.* rotate )/, 'npx_yes $1');
    return run(shell, ['-c', `set -eu\n${programs}\n${preparation}\n${answered}`], environment);
  }

  test('the runbook has commands to run', () => expect(here.length).toBeGreaterThan(8));

  const found = (): Record<string, string> => ({
    NOTIFICATION_QUEUE: hub.services.queues.urlOf(hub.queue('Notification')),
    DEAD_LETTER_QUEUE: hub.services.queues.urlOf(hub.queue('DeadLetter')),
    UNCLAIMED_QUEUE: hub.services.queues.urlOf(hub.queue('Unclaimed')),
    ROTATE_FUNCTION: hub.stack.function(hub.rotateFunction).arn,
    STORE_FUNCTION: hub.stack.function(hub.storeFunction).arn,
    SECRET: hub.secretArn(),
  });

  test.each(sample(SHELLS, 3))('the preparation finds every resource in %s', async (shell) => {
    const names = Object.keys(found());
    const { out, error } = await inShell(
      shell,
      names.map((name) => `echo "$${name}"`).join('\n'),
      PREPARATIONS.join('\n'),
    );
    expect(error).toBe('');
    expect(out.trim().split('\n')).toEqual(Object.values(found()));
    // Once is enough for the commands below.
    environment = { ...environment, ...found() };
  });

  const alone = here.filter((command) => !command.includes('UNCLAIMED_QUEUE" --vis'));

  test.each(sample(alone, 4))('%s', async (command) => {
    await hub.pass(2 * MINUTE);
    const { code, out, error } = await bash(command);
    await hub.deliver();
    // 4: a guard holds a second rotation back.
    // Before a rotation or a sweep, the command says which function it invokes.
    const unexpected = error.replace(/^(Rotates Shop|Sweeps all applications) through .*\n/, '');
    expect({ error: unexpected, fine: code === 0 || code === 4 }).toEqual({ error: '', fine: true });
    for (const secret of hub.issued()) {
      expect(out).not.toContain(secret);
    }
  });

  test('an unclaimed message is moved back without being shown', async () => {
    const body = newSecretNotification(hub, 'amzn1.oa2-cs.v1.mine', { clientId: 'amzn1.application-oa2-client.later' });
    await hub.send(body);
    await hub.drain();
    expect(hub.bodies('Unclaimed')).toEqual([body]);

    const move =
      commandsIn(SECTIONS.get('unclaimed') ?? '').find((command) => command.includes('receive-message')) ?? '';
    const { code, out } = await bash(move);
    expect(code).toBe(0);
    expect(out).not.toContain('amzn1.oa2-cs.v1.mine');
    expect(hub.bodies('Unclaimed')).toEqual([]);
    expect(hub.bodies('Notification').map((text) => text.trim())).toEqual([body]);
  });

  test('a message that is not understood is described without its values, and deleted alone', async () => {
    const deadLetters = hub.queue('DeadLetter');
    await hub.services.queues.send(deadLetters, 'amzn1.oa2-cs.v1.c');
    const { messageId } = await hub.services.queues.send(deadLetters, '{"a":{"b":"amzn1.oa2-cs.v1.b"}}');
    const [form = '', , remove = ''] = commandsIn(SECTIONS.get('not-understood') ?? '').filter((command) =>
      /receive-message|from_hub/.test(command),
    );
    expect((await bash(form)).out).toMatch(/^\S+ "string"\n\S+ \{"a":\{"b":"string"\}\}\n$/);
    expect((await bash(remove.replace(/(?<=^MESSAGE_ID=).*/, messageId))).out).toBe('deleted\n');
    expect(hub.bodies('DeadLetter')).toEqual(['amzn1.oa2-cs.v1.c']);
  });
});
