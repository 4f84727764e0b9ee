import type { InjectedFault } from './invocation';
import { SCENARIOS, runScenario } from './scenarios';

const KILLS: readonly InjectedFault[] = [{ kill: 'before' }, { kill: 'after' }];
const AWS: readonly InjectedFault[] = [
  { aws: 'throttled' },
  { aws: 'denied' },
  { aws: 'failed-before' },
  { aws: 'failed-after' },
  { aws: 'answer-lost' },
];
const HTTP: readonly InjectedFault[] = [
  { http: 'not-sent' },
  { http: 'lost-before' },
  { http: 'lost-after' },
  { http: { status: 500, hasEffect: false, body: '' } },
  { http: { status: 500, hasEffect: true, body: '<html>' } },
  { http: { status: 302, hasEffect: false, body: '' } },
  { http: { status: 429, hasEffect: false, body: '' } },
];

function faultsOf(call: string): readonly InjectedFault[] {
  return [...KILLS, ...(call === 'lwa' || call === 'rotation' ? HTTP : AWS)];
}

// Exhaustive: every fault in every call of every scenario, one at a time.
describe.each(Object.entries(SCENARIOS))('%s', (_, scenario) => {
  test('goes well without faults', async () => {
    expect(await runScenario(scenario)).toMatchObject({ problem: undefined });
  });

  test('recovers from any fault in any one call', async () => {
    const { calls, stalls } = await runScenario(scenario);
    const problems: string[] = [];
    for (const [call, name] of calls.entries()) {
      for (const fault of problems.length > 5 ? [] : faultsOf(name)) {
        const result = await runScenario(scenario, { injection: { call, fault } });
        // Where the SDK repeated a call that had its effect, nothing is lost and nothing has to be waited for.
        const problem =
          result.problem ?? (fault.aws === 'answer-lost' && result.stalls > stalls ? 'it stalled' : undefined);
        if (problem !== undefined) {
          problems.push(`call ${call}, ${name}, ${JSON.stringify(fault)}: ${problem}`);
        }
      }
    }
    expect(problems).toEqual([]);
  }, 120_000);
});
