import { live, simulate } from './runner';
import { scenarioOf } from './scenario';

/** A fixed set: the same worlds in every run. `npm run simulate` has more. */
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

test('years of trouble break no promise', async () => {
  const violations: string[] = [];
  let years = 0;
  for (const seed of SEEDS) {
    const outcome = await simulate(seed);
    years += outcome.years;
    if (outcome.violation !== undefined) {
      violations.push(`seed ${seed}: ${outcome.violation.message}`);
    }
  }
  expect(violations).toEqual([]);
  expect(years).toBeGreaterThan(15);
}, 600_000);

test('a world with the same seed runs the same way, to the millisecond', async () => {
  const [first, second] = [[] as string[], [] as string[]];
  await live(scenarioOf(3), (line) => first.push(line));
  await live(scenarioOf(3), (line) => second.push(line));
  expect(first.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
}, 300_000);
