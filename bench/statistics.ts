/** Several measurements of the same thing. */
export interface Sample {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly runs: number;
}

export function sampleOf(values: readonly number[]): Sample {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
  return { median, least: sorted[0] ?? NaN, most: sorted.at(-1) ?? NaN, runs: sorted.length };
}

/** Ratios of measurements that were made one right after the other: what the machine did meanwhile is in both. */
export function ratiosOf(values: readonly number[], to: readonly number[]): Sample {
  return sampleOf(values.map((value, run) => value / (to[run] ?? NaN)));
}
