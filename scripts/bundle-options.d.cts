import type { BuildOptions } from 'esbuild';

export interface BundleSettings {
  readonly version: string;
  readonly target: string;
  readonly credentials: 'lambda' | 'any';
}

export function bundleOptions(settings: BundleSettings): BuildOptions & { metafile: true; write: false };
