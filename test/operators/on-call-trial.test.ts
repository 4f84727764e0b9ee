import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { RUNBOOK_URL } from '../../lib/contract/operators';
import type { LocalHub } from '../fakes/local-hub';
import { HOUR, MINUTE, openScene } from '../rotation/scene';
import { sample } from '../sample';
import { answersIn, documentedPermissions, operator, runCommand } from './command';
import { commandsIn, FAILURES, PREPARATIONS, PROGRAMS, SECTIONS, SHELLS, WITH_AWS } from './runbook';
import { hasTerminal, Terminal } from './terminal';

interface Fault {
  readonly inject: (hub: LocalHub) => unknown;
  /** The section to which `status` leads, or the mail of an alarm where no application has a failure. */
  readonly section: string;
  /** Commands of the section under conditions that do not hold here. */
  readonly unless?: RegExp;
  /** The reason of the fault, which is outside of the hub, ends. */
  readonly end?: (hub: LocalHub) => void;
}

const notTheLastDay = /rotate .*--force/;
const notEmulated = /aws cloudtrail/;

const write =
  (text: (pair: { clientId: string; clientSecret: string }) => string) =>
  (hub: LocalHub): void => {
    hub.write('Shop', text({ clientId: hub.clientId(), clientSecret: hub.newestIssued() }));
  };

/** A policy that somebody put on the secret. */
const freeze = (hub: LocalHub): void => {
  const Statement = [{ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:PutSecretValue', Resource: '*' }];
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement });
  hub.services.secretsManager.putResourcePolicy({ SecretId: hub.secretArn(), ResourcePolicy });
};

const FAULTS: Readonly<Record<string, Fault>> = {
  'the policy of the queue is gone': {
    inject: (hub) => hub.services.queues.setPolicy(hub.queueArn, undefined),
    section: 'preflight-policy',
    unless: /remove-permission/,
  },
  "Amazon's statement got a condition": {
    inject: (hub) => {
      const policy = hub.services.queues.policyOf(hub.queueArn) ?? { Statement: [] };
      const Statement = [policy.Statement]
        .flat()
        .map((one) =>
          one.Sid === 'SellingPartnerApiNotifications'
            ? { ...one, Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } }
            : one,
        );
      hub.services.queues.setPolicy(hub.queueArn, { ...policy, Statement });
    },
    section: 'preflight-policy',
  },
  'the message of a rotation was lost': {
    inject: async (hub) => {
      await hub.rotate();
      await hub.pass(MINUTE);
      await hub.takeMessages();
      await hub.pass(2 * HOUR);
    },
    section: 'stalled',
    unless: notTheLastDay,
  },
  'a wrong client secret was stored': {
    inject: write((pair) => JSON.stringify({ ...pair, clientSecret: 'amzn1.oa2-cs.v1.planted0wrong' })),
    section: 'wrong-credentials',
  },
  'a new client secret is a dead letter': {
    inject: async (hub) => {
      freeze(hub);
      hub.amazon.model.rotateInConsole(hub.clientId());
      for (let received = 0; received < 21; received += 1) {
        await hub.deliver();
        hub.clock.advance(HOUR);
      }
      expect(hub.bodies('DeadLetter')).toHaveLength(1);
    },
    section: 'dead-letters',
    end: (hub) => hub.services.secretsManager.deleteResourcePolicy({ SecretId: hub.secretArn() }),
  },
  'the secret is marked for deletion': {
    inject: (hub) => hub.services.secretsManager.deleteSecret({ SecretId: hub.secretArn() }),
    section: 'secret-marked-for-deletion',
    unless: notEmulated,
  },
  'the secret is no JSON': { inject: write(({ clientSecret }) => clientSecret), section: 'not-json' },
  'a key is missing': {
    inject: write(({ clientId, clientSecret }) => JSON.stringify({ clientId, secret: clientSecret })),
    section: 'field-missing',
  },
  'the two values are swapped': {
    inject: write(({ clientId, clientSecret }) => JSON.stringify({ clientId: clientSecret, clientSecret: clientId })),
    section: 'wrong-client-id',
  },
};

const canRun = WITH_AWS && hasTerminal;
const cases = Object.entries(FAULTS).map(([name, fault], index) => {
  const shell = SHELLS[index % SHELLS.length] ?? 'sh';
  return [
    `${name}, in ${shell}${canRun ? '' : ' (skipped: the AWS CLI or script is not here)'}`,
    shell,
    fault,
  ] as const;
});

(canRun ? test : test.skip).each(sample(cases, 5))('%s', async (_name, shell, { inject, section, unless, end }) => {
  const hub = await openScene();
  const directory = mkdtempSync(path.join(tmpdir(), 'trial-'));
  try {
    const environment = { ...operator(hub, [], documentedPermissions(hub)), HOME: process.env.HOME };
    await hub.sweep();
    await inject(hub);
    await hub.sweep();
    const before = await runCommand(environment, 'status');
    expect(before.error).toBe('');
    if (section !== 'dead-letters') {
      expect(before.out).toContain(`${RUNBOOK_URL}#${section}\n`);
    }

    end?.(hub);
    const commands = commandsIn(SECTIONS.get(section) ?? '').filter((command) => unless?.test(command) !== true);
    const session = path.join(directory, 'session');
    writeFileSync(session, [PROGRAMS, ...PREPARATIONS, ...commands, ...retried(commands), 'exit 0'].join('\n'));
    const terminal = new Terminal(`${shell} ${session}`, environment);
    if (commands.some((command) => command.includes(' seed '))) {
      await terminal.answer('client id: ', `${hub.clientId()}\r`);
      await terminal.answer('client secret (is not shown): ', `${hub.newestIssued()}\r`);
      await terminal.answer('[y/N]', 'y\r');
    }
    expect(await terminal.end()).toBe(0);
    await hub.deliver();

    const [answer] = answersIn(await runCommand(environment, 'check', '--json'));
    expect([answer?.outcome, answer?.kind]).toEqual(['healthy', undefined]);
    expect(hub.clientSecret('AWSCURRENT')).toBe(hub.newestIssued());
    expect(hub.bodies('DeadLetter')).toEqual([]);
    expect(hub.services.refused).toEqual([]);
    for (const secret of [...hub.issued(), 'planted0wrong']) {
      expect(`${before.out}${terminal.screen}`).not.toContain(secret);
    }
  } finally {
    await hub.close();
    rmSync(directory, { recursive: true });
  }
});

/** What the section asks to run again. */
function retried(commands: readonly string[]): string[] {
  return commands.some((command) => command.includes('remove-permission'))
    ? commands.filter((command) => /add-permission|rotation sweep/.test(command))
    : [];
}

test('every fault has a section of its own in the runbook', () => {
  expect(Object.values(FAULTS).filter(({ section }) => !FAILURES.has(section))).toEqual([]);
});
