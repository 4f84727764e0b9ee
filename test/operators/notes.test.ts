import { DAY, openScene, type LocalHub } from '../rotation/scene';
import { answersIn, FINDING, LEAST, operator, OPERATOR_ARN, runCommand, type Finished } from './command';

let hub: LocalHub;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  hub = await openScene({ applications: { Shop: {}, Empty: { text: null } } });
  await hub.sweep();
  environment = operator(hub, LEAST);
});
afterEach(() => hub.close());

const SHOP = ['--application', 'Shop'];
const day = (days: number): string => new Date(hub.clock.now() + days * DAY).toISOString().slice(0, 10);
const run = (...args: string[]): Promise<Finished> => runCommand(environment, ...args);

test('pause and resume: who and why are in the table, in JSON, in the log and in the journal', async () => {
  const until = day(30);
  const paused = await run('pause', ...SHOP, '--until', until, '--why', 'Weihnachtsgeschäft');
  expect(paused.error).toMatch(/^pause Shop: arn:.*, account 123456789012, region us-east-1\n$/);
  expect(paused.out).toContain(`paused until ${until}`);
  expect(paused.out.replaceAll(/[│\s]+/g, ' ')).toContain('Weihnachtsgeschäft');
  expect(paused.code).toBe(0);
  const by = { by: OPERATOR_ARN, why: 'Weihnachtsgeschäft' };
  for (const action of ['status', 'check']) {
    const [answer] = answersIn(await run(action, '--json', ...SHOP));
    expect(answer?.paused).toMatchObject({ until: `${until}T00:00:00.000Z`, ...by });
  }
  expect(JSON.parse(hub.text('SpApiRotationJournal') ?? '')).toMatchObject({ paused: by });
  expect(hub.logLines).toContainEqual(
    expect.objectContaining({ message: 'rotation paused', application: 'Shop', requestedBy: OPERATOR_ARN }),
  );
  const resumed = await run('resume', '--json', ...SHOP);
  expect([answersIn(resumed)[0]?.paused, resumed.code]).toEqual([undefined, 0]);
});

test('an application that cannot be paused is told by the exit code', async () => {
  const { out, code } = await run('pause', '--until', day(30), '--why', 'peak season', '--json');
  expect(answersIn({ out, code, error: '' }).map(({ application, recorded }) => [application, recorded])).toEqual([
    ['Empty', undefined],
    ['Shop', true],
  ]);
  expect(code).toBe(4);
});

test('expires: the date is a person’s in the table and in JSON, and Amazon’s goes before it', async () => {
  const on = day(100);
  const told = await run('expires', ...SHOP, '--on', on);
  expect(told.out).toContain('(by a person)');
  expect(told.code).toBe(0);
  const [answer] = answersIn(await run('status', '--json', ...SHOP));
  expect(answer).toMatchObject({ worksUntil: `${on}T00:00:00.000Z`, worksUntilToldBy: OPERATOR_ARN });

  // Amazon's first notice comes 90 days before the expiry.
  await hub.pass(91 * DAY);
  await hub.deliver();
  const again = await run('expires', ...SHOP, '--on', day(50), '--json');
  expect(answersIn(again)[0]).toMatchObject({
    recorded: false,
    next: expect.stringContaining('Amazon told') as string,
  });
  expect(answersIn(again)[0]?.worksUntilToldBy).toBeUndefined();
  expect(again.code).toBe(4);
});

test.each([
  ['no reason', ['pause', '--until', '2026-01-20'], '--why'],
  ['no end', ['pause', '--why', 'peak season'], '--until'],
  ['a day that is none', ['pause', '--until', '2026-02-31', '--why', 'x'], 'It must be a day'],
  ['a credential', ['pause', '--until', '2026-01-20', '--why', 'amzn1.oa2-cs.v1.planted'], 'could be a credential'],
  ['a command to the terminal', ['pause', '--until', '2026-01-20', '--why', '\u001b[2J'], 'printable'],
])('%s is refused before anything is asked, and not repeated', async (_what, args, words) => {
  const before = hub.services.calls.length;
  const { error, code } = await run(...args);
  expect(error).toContain(words);
  expect(['planted', '\u001b'].filter((hidden) => error.includes(hidden))).toEqual([]);
  expect([code, hub.services.calls.length]).toEqual([2, before]);
});

test('a pause of more than 60 days is refused by the function', async () => {
  const { error, code } = await run('pause', ...SHOP, '--until', day(61), '--why', 'peak season');
  expect(error).toContain('"until" must be after');
  expect(code).toBe(3);
});

test.each([
  ['pause', '--until', '2026-01-20', '--why', 'peak season'],
  ['resume'],
  ['expires', '--application', 'Shop', '--on', '2026-06-01'],
])('whoever may only observe can not ask for %s', async (...args) => {
  const { arn } = hub.stack.function(hub.rotateFunction);
  const observe = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `${arn}:observe` };
  environment = operator(hub, FINDING, [observe]);
  expect((await run(...args)).error).toContain('not authorized to perform: lambda:InvokeFunction');
  const through = await run(...args, '--function-name', `${arn}:observe`);
  expect(through.error).toContain('only answers {"action":"status"}');
  expect(hub.text('SpApiRotationJournal')).not.toMatch(/paused|"person"/);
});
