import { faultsOf, problemsAfterFaults } from './crash-sweep';
import { runScenario, SCENARIOS } from './scenarios';

// Exhaustive: every fault in every call of every scenario, one at a time.
describe.each(Object.entries(SCENARIOS))('%s', (_, scenario) => {
  test('succeeds without faults', async () =>
    expect(await runScenario(scenario)).toMatchObject({ problem: undefined }));

  test('recovers from any fault in any one call', async () => {
    const problems: string[] = [];
    for await (const problem of problemsAfterFaults(scenario, faultsOf)) {
      problems.push(problem);
      if (problems.length > 5) {
        break;
      }
    }
    expect(problems).toEqual([]);
  });
});
