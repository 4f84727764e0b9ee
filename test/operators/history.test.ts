import { DAY, openScene, type LocalHub } from '../rotation/scene';
import { answersIn, FINDING, operator, runCommand } from './command';

let hub: LocalHub;
afterEach(() => hub.close());

test('the last rotations, by whom and when, for whoever may only observe', async () => {
  hub = await openScene();
  const { arn } = hub.stack.function(hub.rotateFunction);
  const observe = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `${arn}:observe` };
  const observer = operator(hub, FINDING, [observe]);
  const history = ['history', '--application', 'Shop'];
  await hub.sweep();
  expect(await runCommand(observer, ...history)).toEqual({
    code: 0,
    error: '',
    out: 'the last rotations of Shop: 0\n',
  });

  await hub.rotate();
  await hub.deliver();
  await hub.pass(10 * DAY);
  hub.amazon.model.rotateInConsole(hub.clientId());
  await hub.deliver();
  const calls = hub.amazon.calls.length;
  const { out, code } = await runCommand(observer, ...history);
  expect(out).toMatch(
    /^the last rotations of Shop: 2\ncurrent, asked for by somebody in the Developer Console\n {2}delivered 2026-01-11.*\n {2}current 2026-01-11.*\n {2}expires 2026-07-10.*\ncurrent, asked for by a test\n {2}asked for 2026-01-01.*\n(?: {2}.*\n){3} {2}attempts 1\n {2}Amazon's request id: \S+\n$/,
  );
  const [answer] = answersIn(await runCommand(observer, ...history, '--json'));
  expect(answer?.history).toMatchObject([
    { reason: 'console' },
    { reason: 'person', requestedBy: 'a test', attempts: 1 },
  ]);
  expect([code, hub.amazon.calls.length]).toEqual([0, calls]);
  expect(hub.issued().filter((secret) => out.includes(secret))).toEqual([]);
  expect(answersIn(await runCommand(observer, 'status', '--json'))[0]?.history).toBeUndefined();
});
