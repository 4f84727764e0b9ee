import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { cost } from '../../scripts/cost';
import { isExhaustive } from '../sample';

const README = readFileSync(path.join(__dirname, '..', '..', 'README.md'), 'utf8');

test('the first application costs at most 2.50 USD a month, and the README says how much', async () => {
  const { usd, standingMetrics } = await cost(1);
  expect(standingMetrics).toEqual(['ApplicationsNeedingAttention', 'DaysToExpiry']);
  expect(usd).toBeLessThanOrEqual(2.5);
  expect(README).toContain(`${usd.toFixed(2)} USD`);
});

(isExhaustive ? test : test.skip)('the README states the cost of a hundred applications', async () => {
  const { usd } = await cost(100);
  const [, stated] = /(\d+\.\d\d) USD with 100/.exec(README) ?? [];
  // To a quarter of a dollar: how many calls a day takes depends on when its full looks fall.
  expect(Math.abs(usd - Number(stated))).toBeLessThan(0.25);
});
