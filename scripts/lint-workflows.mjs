// Runs actionlint (mistakes) and zizmor (security) over .github.
//
//   node scripts/lint-workflows.mjs
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pythonTools } from './python-tools.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const tool = pythonTools(['zizmor==1.32.0']);

// shellcheck is not on every machine.
const commands = [
  ['go', 'run', 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12', '-shellcheck='],
  [tool('zizmor'), '--offline', '--quiet', '--persona', 'auditor', '--min-severity', 'medium', '.github'],
];
const failed = commands.filter(
  ([command, ...parameters]) => spawnSync(command, parameters, { cwd: ROOT, stdio: 'inherit' }).status !== 0,
);
process.exitCode = failed.length;
