import { sampleOf, type Sample } from './statistics';

/** A table in Markdown. Numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Median, and least to most in parentheses. */
export function spread(values: readonly number[] | Sample, digits = 0): string {
  const { median, least, most } = isSample(values) ? values : sampleOf(values);
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

function isSample(values: readonly number[] | Sample): values is Sample {
  return 'median' in values;
}

export function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

export function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : (bytes / 1_000_000).toFixed(0);
}

export function verdict(isMet: boolean): string {
  return isMet ? 'met' : '**missed**';
}
