import { sample } from '../sample';
import { FIXED_WORLDS, runWorld, simulate } from './runner';
import { parametersOf } from './world-parameters';

describe('years of injected faults violate no invariant', () => {
  const seeds = Array.from({ length: FIXED_WORLDS }, (_, index) => index + 1);

  test.each(sample(seeds, 10, 3))('in the world of seed %i', async (seed) => {
    const { violation } = await simulate(seed);
    expect(violation?.message).toBeUndefined();
  });

  test('and all of them are more than fifty', () => {
    const days = seeds.map((seed) => parametersOf(seed).days);
    expect(days.reduce((sum, one) => sum + one, 0) / 365).toBeGreaterThan(50);
  });
});

test('a world with the same seed runs the same way, to the millisecond', async () => {
  const [first, second] = [[] as string[], [] as string[]];
  await runWorld(parametersOf(3), (line) => first.push(line));
  await runWorld(parametersOf(3), (line) => second.push(line));
  expect(first.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});
