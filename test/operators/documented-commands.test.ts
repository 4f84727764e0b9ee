import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { LocalHub } from '../fakes/local-hub';
import { newSecretNotification, openScene } from '../rotation/scene';
import { isExhaustive, sample } from '../sample';
import { operator, run, type Finished } from './command';

const ROOT = path.join(__dirname, '..', '..');
const PAGES = [
  'README.md',
  ...readdirSync(path.join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** Commands that read a secret or a message. */
const reading = [
  ...new Set(
    PAGES.flatMap((page) => [...readFileSync(path.join(ROOT, page), 'utf8').matchAll(/^```sh\n([^]*?)\n```$/gm)]).map(
      ([, command = '']) => command,
    ),
  ),
].filter((command) => /get-secret-value|receive-message/.test(command));

const SECRET = 'amzn1.oa2-cs.v1.planted0secret1of2nobody3';
const OLD = 'F0e1d2c3'.repeat(8);
const TELLING = /planted|nobody3|f0e1d2c3/i;

/** What people store. Each of them holds a client secret. */
const textsWith = (secret: string): string[] => [
  secret,
  `"${secret}"`,
  `'${secret}'`,
  `{clientId:x,clientSecret:${secret}}`,
  `{'clientId':'x','clientSecret':'${secret}'}`,
  `{"clientId":"x","clientSecret":"${secret}`,
  `{"clientId":"x","clientSecret":"${secret}",}`,
  `{"clientId":"x","clientSecret":"${secret}"}}`,
  `clientId: x\nclientSecret: ${secret}`,
  `["x","${secret}"]`,
  `{"x":"${secret}"}`,
  `{"${secret}":"x"}`,
  `{"clientId":"${secret}","clientSecret":"x"}`,
  `{"a":{"${secret}":"${secret}"}}`,
];
const TEXTS = [...textsWith(SECRET), OLD, `{"${OLD}":"x"}`];

const withAws = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0;

test('there are commands that read secrets and messages', () => {
  expect(reading.filter((command) => command.includes('get-secret-value'))).not.toEqual([]);
  expect(reading.filter((command) => command.includes('DEAD_LETTER_QUEUE'))).not.toEqual([]);
  expect(reading.filter((command) => command.includes('UNCLAIMED_QUEUE'))).not.toEqual([]);
});

(withAws ? describe : describe.skip)('no documented command prints a part of a secret', () => {
  let hub: LocalHub;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    hub = await openScene();
    const urlOf = (name: 'Notification' | 'DeadLetter' | 'Unclaimed'): string =>
      hub.services.queues.urlOf(hub.queue(name));
    environment = {
      ...operator(hub, ['sqs:*', 'secretsmanager:*']),
      HOME: process.env.HOME,
      SECRET: hub.secretArn(),
      NOTIFICATION_QUEUE: urlOf('Notification'),
      DEAD_LETTER_QUEUE: urlOf('DeadLetter'),
      UNCLAIMED_QUEUE: urlOf('Unclaimed'),
    };
  });
  afterAll(() => hub.close());

  function bash(command: string): Promise<Finished> {
    const aws = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }';
    return run('bash', ['-c', `${aws}\n${command}`], environment);
  }

  test.each(sample(TEXTS, 4))('where %j is stored', async (text) => {
    hub.write('Shop', text);
    for (const command of reading.filter((one) => one.includes('get-secret-value'))) {
      const { code, out, error } = await bash(command);
      expect({ code, error }).toEqual({ code: 0, error: '' });
      expect(out).toMatch(/'clientId'|'x'|'a'|not shown|no JSON/);
      expect(out).not.toMatch(TELLING);
    }
  });

  test('where messages hold one', async () => {
    const bodies = [newSecretNotification(hub, SECRET), `{"notificationType":"${OLD}"}`, ...TEXTS];
    for (const body of bodies) {
      for (const queue of ['DeadLetter', 'Unclaimed'] as const) {
        await hub.services.queues.send(hub.queue(queue), body);
      }
    }
    for (const command of reading.filter((one) => one.includes('receive-message'))) {
      for (let times = isExhaustive ? 4 : 1; times > 0; times -= 1) {
        const { out, error } = await bash(command);
        expect(`${out}${error}`).not.toMatch(TELLING);
      }
    }
    expect(hub.bodies('Notification').length).toBeGreaterThan(0);
  });

  test('where there is nothing', async () => {
    for (const command of reading) {
      const { out, error } = await bash(command.replaceAll(/"\$(SECRET|\w+_QUEUE)"/g, '"nowhere"'));
      expect(`${out}${error}`).not.toMatch(TELLING);
    }
  });
});
