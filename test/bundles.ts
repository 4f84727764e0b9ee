import { execFileSync } from 'node:child_process';
import * as path from 'node:path';

/** Makes the functions' bundles from what is in the tree now: synthesis needs them, and tests run them. */
export default function makeBundles(): void {
  execFileSync(process.execPath, [path.join(__dirname, '..', 'scripts', 'bundle.mjs')], { stdio: 'inherit' });
}
