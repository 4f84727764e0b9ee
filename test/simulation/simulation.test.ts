import { FIXED_WORLDS, runWorld, simulate } from './runner';
import { parametersOf } from './world-parameters';

describe('years of injected faults violate no invariant', () => {
  const seeds = Array.from({ length: FIXED_WORLDS }, (_, index) => index + 1);
  let years = 0;

  test.each(seeds)('in the world of seed %i', async (seed) => {
    const outcome = await simulate(seed);
    years += outcome.years;
    expect(outcome.violation?.message).toBeUndefined();
  });

  test('and they are more than fifty', () => expect(years).toBeGreaterThan(50));
});

test('a world with the same seed runs the same way, to the millisecond', async () => {
  const [first, second] = [[] as string[], [] as string[]];
  await runWorld(parametersOf(3), (line) => first.push(line));
  await runWorld(parametersOf(3), (line) => second.push(line));
  expect(first.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});
