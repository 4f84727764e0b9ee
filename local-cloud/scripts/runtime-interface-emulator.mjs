// Runs the tests of the runtime with AWS's Runtime Interface Emulator as the Lambda Runtime API, and compares those that
// fail with the ones in docs/runtime-interface-emulator.md.
//
//   npm run test:runtime --workspace local-cloud
//
// Needs Go and Linux. Go builds the emulator, from its module proxy, into the temporary directory, where it is used again.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareWithPage } from './known-differences.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULE = 'github.com/aws/aws-lambda-runtime-interface-emulator';
/** Of 30 October 2026. Its tags are not versions of a Go module. */
const VERSION = 'v0.0.0-20261030222936-bef5c4ba774d';

/** Builds it, unless it is there, and returns the variable that tells where it is. */
export function emulatorVariable() {
  const directory = path.join(tmpdir(), `runtime-interface-emulator-${VERSION}`);
  const program = path.join(directory, 'aws-lambda-rie');
  if (!existsSync(program)) {
    execFileSync('go', ['install', `${MODULE}/cmd/aws-lambda-rie@${VERSION}`], {
      stdio: 'inherit',
      env: { ...process.env, GOBIN: directory },
    });
  }
  return { LOCAL_CLOUD_RUNTIME_INTERFACE_EMULATOR: program };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = mkdtempSync(path.join(tmpdir(), 'runtime-interface-emulator-'));
  try {
    const results = path.join(directory, 'results.json');
    spawnSync(
      process.execPath,
      [createRequire(import.meta.url).resolve('jest/bin/jest'), 'lambda-function', '--json', '--outputFile', results],
      { cwd: ROOT, stdio: 'ignore', env: { ...process.env, ...emulatorVariable() } },
    );
    compareWithPage({
      who: "AWS's Runtime Interface Emulator",
      page: path.join(ROOT, 'docs', 'runtime-interface-emulator.md'),
      results,
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
