import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { ROOT } from '../bundles';

/** Applications with imported secrets: 250 created ones do not fit into a stack. */
export const SYNTHESIZED: readonly string[] = ['empty', '1', '10', '100', '250'];

export interface Synthesis {
  readonly applications: string;
  readonly milliseconds: number[];
  bytes: number;
  resources: number;
}

export function measureSynthesis(rounds: number): Synthesis[] {
  const results = SYNTHESIZED.map((applications): Synthesis => ({
    applications,
    milliseconds: [],
    bytes: 0,
    resources: 0,
  }));
  for (let round = 0; round < rounds; round++) {
    for (const result of results) {
      const { milliseconds, ...size } = synthesizeOnce(result.applications);
      result.milliseconds.push(milliseconds);
      Object.assign(result, size);
    }
  }
  return results;
}

function synthesizeOnce(applications: string): { milliseconds: number; bytes: number; resources: number } {
  const script = path.join(__dirname, '..', 'synthesize-once.ts');
  const tsx = path.join(path.dirname(require.resolve('tsx/package.json')), 'dist', 'cli.mjs');
  const output = execFileSync(process.execPath, [tsx, script, applications], { cwd: ROOT, encoding: 'utf8' });
  return JSON.parse(output) as { milliseconds: number; bytes: number; resources: number };
}
