import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { LocalHub } from '../fakes/local-hub';
import { openScene } from '../rotation/scene';
import { COMMAND, LEAST_TO_SEED, operator, runCommand } from './command';
import { hasTerminal, Terminal } from './terminal';

const PERMISSIONS = readFileSync(path.join(__dirname, '..', '..', 'docs', 'permissions.md'), 'utf8');

let hub: LocalHub;
let home: string;
let environment: NodeJS.ProcessEnv;
let made: { clientId: string; clientSecret: string };

beforeEach(async () => {
  hub = await openScene({
    applications: {
      Shop: {},
      Empty: { text: null },
      Other: {
        text: ({ clientId, clientSecret }) =>
          `{ "z":1.10, "LWA_CLIENT_SECRET": "${clientSecret}",\n"LWA_APP_ID":"${clientId}","z":2 }\n`,
        props: { clientIdField: 'LWA_APP_ID', clientSecretField: 'LWA_CLIENT_SECRET' },
      },
      Half: { text: () => ' {"refreshToken":"mine"}' },
      Bare: { text: ({ clientSecret }) => clientSecret },
    },
  });
  home = mkdtempSync(path.join(tmpdir(), 'home-'));
  environment = { ...operator(hub, LEAST_TO_SEED), HOME: home };
  made = hub.amazon.model.createApplication({ issuedAt: hub.clock.now() });
});
afterEach(async () => {
  await hub.close();
  rmSync(home, { recursive: true });
});

function seed(application = 'Shop'): Terminal {
  return new Terminal(`'${process.execPath}' '${COMMAND}' seed --application ${application}`, environment);
}

/** Types both values, and yes. */
async function seedWith({ clientId, clientSecret } = made, application = 'Shop'): Promise<Terminal> {
  const terminal = seed(application);
  await terminal.answer('client id: ', `${clientId}\r`);
  await terminal.answer('(is not shown): ', `${clientSecret}\r`);
  await terminal.answer('[y/N] ', 'y\r');
  await terminal.end();
  return terminal;
}

test('without a terminal it asks nothing, and says so', async () => {
  const { code, error } = await runCommand(environment, 'seed', '--application', 'Shop');
  expect(error).toContain('there is no terminal');
  expect(code).toBe(5);
});

test('docs/permissions.md names every permission that it needs', () => {
  expect(LEAST_TO_SEED.filter((action) => !PERMISSIONS.includes(`\`${action}\``))).toEqual([]);
});

(hasTerminal ? describe : describe.skip)(
  `seed${hasTerminal ? '' : " (skipped: util-linux's script is not here)"}`,
  () => {
    test.each([
      ['Empty', '{"clientId":"<id>","clientSecret":"<secret>"}', 'has no value yet'],
      ['Shop', '{"clientId":"<id>","clientSecret":"<secret>"}', 'holds the client id amzn1.'],
      ['Other', '{ "z":1.10, "LWA_CLIENT_SECRET": "<secret>",\n"LWA_APP_ID":"<id>","z":2 }\n', 'other keys stay'],
      ['Half', ' {"clientId":"<id>","clientSecret":"<secret>","refreshToken":"mine"}', 'no such pair'],
      ['Bare', '{"clientId":"<id>","clientSecret":"<secret>"}', 'is not a JSON object'],
    ])(
      '%s: the pair is stored, other keys stay byte for byte, and it is said what is replaced',
      async (id, text, said) => {
        const terminal = await seedWith(made, id);
        expect(await terminal.end()).toBe(0);
        expect(hub.text('AWSCURRENT', id)).toBe(
          text.replace('<id>', made.clientId).replace('<secret>', made.clientSecret),
        );
        expect(terminal.screen).toContain(said);
        expect(terminal.screen).toContain(hub.secretArn(id));
        expect(hub.amazon.calls.filter(({ endpoint }) => endpoint === 'lwa')).toHaveLength(1);
      },
    );

    test('no client secret appears on the screen or in a file', async () => {
      const terminal = await seedWith();
      for (const secret of [made.clientSecret, ...hub.issued()]) {
        expect(terminal.screen).not.toContain(secret);
      }
      expect(readdirSync(home)).toEqual([]);
    });

    test('both lines pasted at once: the second is not shown either', async () => {
      const terminal = seed();
      await terminal.answer('client id: ', `${made.clientId}\r${made.clientSecret}\r`);
      await terminal.answer('[y/N] ', 'y\r');
      expect(await terminal.end()).toBe(0);
      expect(terminal.screen).not.toContain(made.clientSecret);
      expect(hub.clientSecret('AWSCURRENT')).toBe(made.clientSecret);
    });

    test.each([
      ['client id: ', '', 'Nothing was typed'],
      ['client id: ', ' ID ', 'white space around it'],
      ['client id: ', 'amzn1.sp.solution.0f3c', 'the application id'],
      ['client id: ', 'SECRET', 'It looks like a client secret'],
      ['(is not shown): ', '', 'Nothing was typed'],
      ['(is not shown): ', ' SECRET', 'white space'],
      ['(is not shown): ', '\uFEFFSECRET', 'another character'],
      ['(is not shown): ', 'ID', 'That is a client id'],
      ['(is not shown): ', 'amzn1.sellerapps.app.0f3c', 'That is an application id'],
      ['(is not shown): ', 'Atzr|IwEB', 'a token of a seller'],
    ])('at %s%j is refused, and asked for again', async (question, typed, said) => {
      const keys = typed.replace('ID', made.clientId).replace('SECRET', made.clientSecret);
      const terminal = seed();
      if (question !== 'client id: ') {
        await terminal.answer('client id: ', `${made.clientId}\r`);
      }
      await terminal.answer(question, `${keys}\r`);
      await terminal.answer(said, '');
      await terminal.answer(question, '\u0003');
      expect(await terminal.end()).toBe(5);
      expect(terminal.screen).toContain('nothing was stored');
      expect(hub.amazon.calls).toEqual([]);
      expect(hub.versions()).toHaveLength(1);
    });

    test('a pair that LWA does not accept is not stored, and it is said what that may mean', async () => {
      const terminal = seed();
      await terminal.answer('client id: ', `${hub.clientId()}\r`);
      await terminal.answer('(is not shown): ', `${made.clientSecret}\r`);
      expect(await terminal.end()).toBe(1);
      expect(terminal.screen).toContain('LWA may not know it everywhere yet');
      expect(hub.versions()).toHaveLength(1);
    });

    test('a secret that is marked for deletion is not asked for: it is said how to restore it', async () => {
      hub.services.secretsManager.deleteSecret({ SecretId: hub.secretArn() });
      const terminal = seed();
      expect(await terminal.end()).toBe(3);
      expect(terminal.screen).toContain(`aws secretsmanager restore-secret --secret-id ${hub.secretArn()}`);
      expect(terminal.screen).not.toContain('client id: ');
    });

    test('while LWA does not answer nothing is stored', async () => {
      hub.amazon.script('lwa', '503-before-effect');
      const terminal = seed();
      await terminal.answer('client id: ', `${made.clientId}\r`);
      await terminal.answer('(is not shown): ', `${made.clientSecret}\r`);
      expect(await terminal.end()).toBe(3);
      expect(hub.versions()).toHaveLength(1);
    });

    test('what is stored already is not stored again', async () => {
      const terminal = seed();
      await terminal.answer('client id: ', `${hub.clientId()}\r`);
      await terminal.answer('(is not shown): ', `${hub.newestIssued()}\r`);
      expect(await terminal.end()).toBe(0);
      expect(terminal.screen).toContain('holds them already');
      expect(hub.versions()).toHaveLength(1);
    });

    test.each(['n', '', 'yep'])('the answer %j stores nothing', async (answer) => {
      const terminal = seed();
      await terminal.answer('client id: ', `${made.clientId}\r`);
      await terminal.answer('(is not shown): ', `${made.clientSecret}\r`);
      await terminal.answer('[y/N] ', `${answer}\r`);
      expect(await terminal.end()).toBe(5);
      expect(hub.versions()).toHaveLength(1);
    });

    test('a client secret that became current meanwhile stays', async () => {
      const terminal = seed();
      await terminal.answer('client id: ', `${made.clientId}\r`);
      await terminal.answer('(is not shown): ', `${made.clientSecret}\r`);
      await terminal.answer('[y/N] ', '');
      hub.write('Shop', '{"clientId":"id","clientSecret":"from elsewhere"}');
      await terminal.answer('', 'y\r');
      expect(await terminal.end()).toBe(4);
      expect(hub.clientSecret('AWSCURRENT')).toBe('from elsewhere');
    });

    test('what was seeded is healthy, and rotates', async () => {
      hub.amazon.model.register(made.clientId, hub.queueArn);
      await seedWith(made, 'Empty');
      expect((await hub.ask({ action: 'check' }, 'Empty')).outcome).toBe('healthy');
    });
  },
);
