import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { ROOT } from '../bundles';

export interface Cost {
  readonly applications: number;
  readonly usd: number;
  readonly items: readonly { readonly what: string; readonly usd: number }[];
}

/** USD a month of one alarm on one metric. */
const ALARM = 0.1;

/** The least that a stack by hand costs: its secret, its queue that Lambda polls, one alarm, and no metric of its own. */
export function handMadeStack({ items }: Cost): number {
  const bare = items.filter(({ what }) => what === 'secrets' || what === 'idle polling of the queue');
  return ALARM + bare.reduce((sum, { usd }) => sum + usd, 0);
}

/** What `npm run cost` computes. */
export function computeCosts(applications: readonly number[]): Cost[] {
  const tsx = path.join(path.dirname(require.resolve('tsx/package.json')), 'dist', 'cli.mjs');
  const parameters = [tsx, path.join(ROOT, 'scripts', 'cost.ts'), '--json', ...applications.map(String)];
  return JSON.parse(execFileSync(process.execPath, parameters, { cwd: ROOT, encoding: 'utf8' })) as Cost[];
}
