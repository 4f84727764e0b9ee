import fc from 'fast-check';
import type { Violation } from './event-log';
import { parametersOf, WORLD_PARAMETERS, type WorldParameters } from './world-parameters';
import { World } from './world';

/** How many worlds `npm run simulate` and the tests run, from seed 1: the same in every run. */
export const FIXED_WORLDS = 30;

/** What came of one world. */
export interface WorldResult {
  readonly seed: number;
  readonly years: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly violation: Violation | undefined;
}

/** Runs one world, and describes what happens to a listener. */
export async function runWorld(
  parameters: WorldParameters,
  listener?: (line: string) => void,
): Promise<Omit<WorldResult, 'seed'>> {
  const world = new World(parameters, listener);
  await world.run();
  const { counts, violation } = world.eventLog;
  const { rotations } = world.amazon;
  counts.set(
    'rotations done',
    rotations.filter(({ clientId, by }) => clientId === world.truth.clientId && by === 'api').length,
  );
  return { years: parameters.days / 365, counts, violation };
}

export async function simulate(seed: number): Promise<WorldResult> {
  return { seed, ...(await runWorld(parametersOf(seed))) };
}

/** The smallest parameters found whose world violates the same invariant as the world of a seed. */
export async function shrink(seed: number, invariant: string, seconds: number): Promise<WorldParameters> {
  const property = fc.asyncProperty(fc.noBias(WORLD_PARAMETERS), async (parameters) => {
    const { violation } = await runWorld(parameters);
    return violation?.invariant !== invariant;
  });
  const result = await fc.check(property, {
    seed,
    numRuns: 1,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  });
  return result.counterexample?.[0] ?? parametersOf(seed);
}

/** Adds up what happened in many worlds. */
export class Summary {
  runs = 0;
  years = 0;
  readonly counts = new Map<string, number>();
  readonly violations: { readonly seed: number; readonly invariant: string; readonly message: string }[] = [];

  add({ seed, years, counts, violation }: WorldResult): void {
    const violations =
      violation === undefined ? [] : [{ seed, invariant: violation.invariant, message: violation.message }];
    this.merge({ runs: 1, years, counts: [...counts], violations });
  }

  merge(other: SummaryJson): void {
    this.runs += other.runs;
    this.years += other.years;
    for (const [what, count] of other.counts) {
      this.counts.set(what, (this.counts.get(what) ?? 0) + count);
    }
    this.violations.push(...other.violations);
  }

  toJSON(): SummaryJson {
    return { runs: this.runs, years: this.years, counts: [...this.counts], violations: this.violations };
  }

  /** For people. */
  toText(): string {
    const lines = [...this.counts]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([what, count]) => `  ${what.padEnd(64)} ${String(count).padStart(12)}`);
    return [
      `${this.runs} worlds, ${this.years.toFixed(0)} application-years, ${this.violations.length} violations`,
      ...lines,
    ].join('\n');
  }
}

export interface SummaryJson {
  readonly runs: number;
  readonly years: number;
  readonly counts: readonly (readonly [string, number])[];
  readonly violations: readonly { readonly seed: number; readonly invariant: string; readonly message: string }[];
}
