import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { LocalHub } from '../fakes/local-hub';
import { MINUTE, openScene } from '../rotation/scene';
import { answersIn, COMMAND, LEAST, operator, runCommand, type Finished } from './command';
import { hasTerminal, Terminal } from './terminal';

const WAIT = ['rotate', '--application', 'Shop', '--yes', '--wait'];

let hub: LocalHub;
let environment: NodeJS.ProcessEnv;
/** How often Amazon had been called when the new client secret was current. */
let callsAtDelivery: number;

beforeEach(async () => {
  hub = await openScene({ applications: { Shop: {}, Empty: { text: null } } });
  environment = operator(hub, LEAST);
});
afterEach(() => hub.close());

const invocations = (): string[] =>
  hub.services.calls.filter(({ operation }) => operation === 'Invoke').map(({ request }) => String(request));

/** Waits until the command has looked so often. */
async function looked(times: number): Promise<void> {
  while (invocations().filter((payload) => payload.includes('"status"')).length <= times) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs the command, and Amazon delivers once it has looked in vain. */
async function deliveredTo(running: Promise<Finished>): Promise<Finished> {
  await looked(1);
  await hub.deliver();
  callsAtDelivery = hub.amazon.calls.length;
  return running;
}

test('it shows each step, ends when LWA accepts what is current, and calls Amazon only once for that', async () => {
  const { code, out, error } = await deliveredTo(runCommand(environment, ...WAIT));
  expect(code).toBe(0);
  const version = hub.versions().find(({ labels }) => labels.includes('AWSCURRENT'))?.versionId;
  for (const line of [
    'Amazon is asked for a new client secret\n  Amazon accepted the rotation.',
    'Amazon delivers it\n  Waits for the new client secret.',
    `It becomes AWSCURRENT\n  version ${version}\n`,
    'The check: LWA accepts it\n  Rotates on',
    'delivered',
  ]) {
    expect(out).toContain(line);
  }
  expect(error).toMatch(/^Rotates Shop through \S+, account \d+, region \S+\n$/);
  expect(out).not.toContain('\u001b');
  expect(hub.amazon.calls.slice(callsAtDelivery).map(({ endpoint }) => endpoint)).toEqual(['lwa']);
  // How often it looks depends on how long the delivery takes.
  const actions = invocations().map((payload) => (JSON.parse(payload) as { action: string }).action);
  expect(actions.join(' ')).toMatch(/^status rotate status( status)+ check$/);
});

test('with --json it prints nothing but the answer; the smoke test learns the version, and not the secret', async () => {
  const command = 'echo "$ROTATED_APPLICATION $ROTATED_VERSION_ID $ROTATED_SECRET_ARN" && env && exit 3';
  const finished = await deliveredTo(runCommand(environment, ...WAIT, '--json', '--smoke-test', command));
  const [shop] = answersIn(finished);
  expect(shop).toMatchObject({ outcome: 'healthy', lastRotation: { outcome: 'delivered' } });
  expect(JSON.parse(finished.out)).toMatchObject({ smokeTest: { command, exitCode: 3 } });
  expect(finished.error).toContain(`\nShop ${shop?.versionId} ${hub.secretArn()}\n`);
  expect(finished.error).toContain('the smoke test ended with exit code 3. The new client secret is current');
  expect(finished.code).toBe(7);
  for (const secret of hub.issued()) {
    expect(`${finished.out}${finished.error}`).not.toContain(secret);
  }
});

test('a smoke test that ends with 0 is the last step', async () => {
  const { code, out } = await deliveredTo(runCommand(environment, ...WAIT, '--smoke-test', 'echo fine; echo odd >&2'));
  expect(out).toMatch(/The smoke test\n( {2}(fine|odd)\n){2} {2}exit code 0\n/);
  expect(code).toBe(0);
});

const SHORT = ['--timeout', '0.04'];

test.each<[string, number, string, string[], () => unknown]>([
  ['when the time is up', 6, 'Waits for the new client secret. Reported as stalled on', SHORT, () => undefined],
  ['where a rotation is under way already', 6, 'The rotation goes on by itself. See npx', SHORT, () => hub.rotate()],
  [
    'where Amazon may have rotated',
    6,
    'The rotation goes on by itself. See npx',
    SHORT,
    () => hub.amazon.script('rotate', 'reset-after-effect'),
  ],
  ['where a rotation cannot succeed', 1, 'policy', [], () => hub.services.queues.setPolicy(hub.queueArn, undefined)],
])('%s, it says so: exit code %i', async (_what, code, words, args, prepare) => {
  await prepare();
  const finished = await runCommand(environment, ...WAIT, ...args);
  expect(finished.error).toContain(words);
  expect(finished.code).toBe(code);
});

test('where LWA does not answer when it is asked at the end, that is told: exit code 1', async () => {
  const before = hub.clientSecret('AWSCURRENT');
  hub.services.faults.add({
    effect: 'throttle',
    match: () => {
      if (hub.clientSecret('AWSCURRENT') !== before) {
        hub.amazon.script('lwa', '503-before-effect');
      }
      return false;
    },
  });
  const { code, error } = await deliveredTo(runCommand(environment, ...WAIT));
  expect(error).toContain('The new client secret is current, but: ');
  expect(code).toBe(1);
});

test('what a guard holds back ends the wait as it ends rotate', async () => {
  await hub.rotate();
  await hub.deliver();
  await hub.pass(2 * MINUTE);
  const { code, out, error } = await runCommand(environment, ...WAIT, '--json');
  expect(error).toContain('Not rotated: the client secret before this one may still be in use');
  expect(JSON.parse(out)).toMatchObject({ applications: [{ outcome: 'not-rotated', guard: 'overlap' }] });
  expect(code).toBe(4);
});

test('a rotation that is lost ends the wait', async () => {
  const running = runCommand(environment, ...WAIT);
  await looked(1);
  await hub.pass(2 * MINUTE);
  await hub.takeMessages();
  await hub.pass(60 * MINUTE);
  const { code, error } = await running;
  expect(error).toContain('stalled: ');
  expect(code).toBe(1);
});

test('looks that fail are repeated, and the third in a row ends the wait', async () => {
  const running = runCommand(environment, ...WAIT);
  await looked(1);
  // One look between the second and the third that fail.
  hub.services.faults.add({ service: 'ssm', effect: 'access-denied', times: 2 });
  hub.services.faults.add({ service: 'ssm', effect: 'access-denied', times: 3, nth: 2 });
  const { code, out, error } = await running;
  expect(out).toContain('could not look, and looks again: ');
  expect(error).toContain('The rotation goes on by itself.');
  expect(code).toBe(3);
  expect(hub.services.faults.hits).toBe(5);
});

test.each([
  ['--timeout without --wait', ['rotate', '--application', 'Shop', '--yes', '--timeout', '5'], 'need --wait'],
  ['--smoke-test without --wait', ['rotate', '--application', 'Shop', '--yes', '--smoke-test', 'true'], 'need --wait'],
  ['a time that is none', [...WAIT, '--timeout', 'soon'], 'more than 0 and 1440 at most'],
  ['no time', [...WAIT, '--timeout', '0'], 'more than 0'],
  ['more than a day', [...WAIT, '--timeout', '1441'], 'more than 0 and 1440 at most'],
])('%s is refused, and nothing is rotated', async (_what, args, words) => {
  const { code, error } = await runCommand(environment, ...args);
  expect(error).toContain(words);
  expect(code).toBe(2);
  expect(hub.posts).toBe(0);
});

test('after Ctrl-C the rotation goes on by itself', async () => {
  const child = spawn(process.execPath, [COMMAND, ...WAIT], { env: environment });
  let error = '';
  child.stderr.on('data', (data: Buffer) => (error += data.toString()));
  await looked(1);
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number];
  expect(error).toContain('No longer waited for. The rotation goes on by itself. See npx');
  expect(code).toBe(130);
  await hub.deliver();
  expect(hub.clientSecret('AWSCURRENT')).toBe(hub.newestIssued());
});

(hasTerminal ? test : test.skip)('at a terminal it asks, and shows the steps in place', async () => {
  const command = WAIT.filter((one) => one !== '--yes').join(' ');
  const terminal = new Terminal(`stty cols 100; '${process.execPath}' '${COMMAND}' ${command}`, environment);
  await terminal.answer('[y/N] ', 'y\r');
  await looked(1);
  await hub.deliver();
  expect(await terminal.end()).toBe(0);
  expect(terminal.screen).toMatch(/✔\S* It becomes AWSCURRENT/);
  expect(terminal.screen).toContain('\u001b[?25h');
});
