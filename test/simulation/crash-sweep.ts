import type { InjectedFault } from './invocation';
import { runScenario, type Scenario } from './scenarios';

export const KILLS: readonly InjectedFault[] = [{ kill: 'before' }, { kill: 'after' }];
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

/** Every fault that a call can have. */
export function faultsOf(call: string): readonly InjectedFault[] {
  return [...KILLS, ...(call === 'lwa' || call === 'rotation' ? HTTP : AWS)];
}

/** A fault in one call of a scenario, counted from 0. */
interface FaultInCall {
  readonly call: number;
  readonly name: string;
  readonly fault: InjectedFault;
}

/** Runs a scenario again for each fault in each of its calls, or for those chosen. Yields what goes wrong. */
export async function* problemsAfterFaults(
  scenario: Scenario,
  faults: (call: string) => readonly InjectedFault[],
  choose: (all: readonly FaultInCall[]) => readonly FaultInCall[] = (all) => all,
): AsyncGenerator<string> {
  const { calls, stalls } = await runScenario(scenario);
  const all = calls.flatMap((name, call) => faults(name).map((fault) => ({ call, name, fault })));
  for (const { call, name, fault } of choose(all)) {
    const result = await runScenario(scenario, { injection: { call, fault } });
    // Where the SDK repeated a call that had its effect, nothing is lost and nothing has to be waited for.
    const problem =
      result.problem ?? (fault.aws === 'answer-lost' && result.stalls > stalls ? 'it stalled' : undefined);
    if (problem !== undefined) {
      yield `call ${call}, ${name}, ${JSON.stringify(fault)}: ${problem}`;
    }
  }
}
