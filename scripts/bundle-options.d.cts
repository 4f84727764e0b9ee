import type { BuildOptions } from 'esbuild';

export type RunsOn = 'lambda' | 'machine';

export interface BundleSettings {
  readonly version: string;
  readonly target: string;
  readonly runsOn: RunsOn;
}

export function bundleOptions(settings: BundleSettings): BuildOptions & { metafile: true; write: false };

export function bundleFile(runsOn: RunsOn): string;
