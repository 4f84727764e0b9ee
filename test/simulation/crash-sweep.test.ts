import { sample } from '../sample';
import { faultsOf, problemsAfterFaults } from './crash-sweep';
import { runScenario, SCENARIOS } from './scenarios';

const scenarios = Object.entries(SCENARIOS).map(([name, scenario], index) => [name, scenario, index] as const);

// Every fault in every call of every scenario, one at a time: all of them only in the exhaustive run. 13 is no multiple of
// the number of faults that a call can have, so that a sample has each kind of fault.
describe.each(scenarios)('%s', (_, scenario, index) => {
  test('succeeds without faults', async () =>
    expect(await runScenario(scenario)).toMatchObject({ problem: undefined }));

  test('recovers from a fault in any one call', async () => {
    const problems: string[] = [];
    for await (const problem of problemsAfterFaults(scenario, faultsOf, (all) => sample(all, 13, index))) {
      problems.push(problem);
      if (problems.length > 5) {
        break;
      }
    }
    expect(problems).toEqual([]);
  });
});
