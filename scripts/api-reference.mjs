// Writes API.md from the compiled assembly.
//
//   node scripts/api-reference.mjs [--check]
//
// --check: fails if API.md is not what would be written.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REFERENCE = path.join(ROOT, 'API.md');

const directory = mkdtempSync(path.join(tmpdir(), 'api-'));
try {
  const output = path.join(directory, 'API.md');
  const command = path.join(ROOT, 'node_modules', 'jsii-docgen', 'bin', 'jsii-docgen');
  execFileSync(process.execPath, [command, '--output', output], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  const written = readFileSync(output, 'utf8');
  if (!process.argv.includes('--check')) {
    writeFileSync(REFERENCE, written);
  } else if (readFileSync(REFERENCE, 'utf8') !== written) {
    console.error('API.md is not what the constructs say: run npm run build && npm run docs:api');
    process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
