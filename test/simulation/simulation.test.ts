import { FIXED_WORLDS, runWorld, simulate } from './runner';
import { parametersOf } from './world-parameters';

test('years of injected faults violate no invariant', async () => {
  const violations: string[] = [];
  let years = 0;
  for (let seed = 1; seed <= FIXED_WORLDS; seed++) {
    const outcome = await simulate(seed);
    years += outcome.years;
    if (outcome.violation !== undefined) {
      violations.push(`seed ${seed}: ${outcome.violation.message}`);
    }
  }
  expect(violations).toEqual([]);
  expect(years).toBeGreaterThan(50);
}, 600_000);

test('a world with the same seed runs the same way, to the millisecond', async () => {
  const [first, second] = [[] as string[], [] as string[]];
  await runWorld(parametersOf(3), (line) => first.push(line));
  await runWorld(parametersOf(3), (line) => second.push(line));
  expect(first.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
}, 300_000);
