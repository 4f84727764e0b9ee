// Command-line tools from PyPI, in a virtual environment in the temporary directory, which is used again.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** `pinned`: `name==version`, as pip takes it. Returns where the command of that name is. */
export function pythonTools(pinned) {
  const environment = path.join(tmpdir(), `tools-${pinned.join('-').replaceAll(/[^a-z0-9.]+/g, '-')}`);
  const tool = (name) => path.join(environment, 'bin', name);
  if (!pinned.every((requirement) => existsSync(tool(requirement.split('==')[0])))) {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
    execFileSync(tool('pip'), ['install', '--quiet', '--disable-pip-version-check', ...pinned], { stdio: 'inherit' });
  }
  return tool;
}
