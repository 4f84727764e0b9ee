// Mutation testing of the files of the core that a change touches, one after the other, for ten minutes at most. Mutants
// that take effect while a file is loaded are left to `npm run mutation`: each of them takes a run of all tests.
import { execFileSync, spawnSync } from 'node:child_process';
import { NOT_MUTATED } from '../stryker.config.mjs';

const LIMIT = 600_000;
const STRYKER = 'node_modules/.bin/stryker';

function git(...parameters) {
  return execFileSync('git', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

function commit(...parameters) {
  try {
    return git(...parameters) || undefined;
  } catch {
    return undefined;
  }
}

/** Where the change begins: where the branch left main, or, on main itself, the commit before. */
function beginning() {
  if (process.env.MUTATION_BASE) {
    return process.env.MUTATION_BASE;
  }
  const head = commit('rev-parse', 'HEAD');
  const base = commit('merge-base', 'HEAD', 'origin/main') ?? commit('merge-base', 'HEAD', 'main');
  return base === undefined || base === head ? commit('rev-parse', 'HEAD^') : base;
}

/** The files that changed most come first. */
function changedFiles(base) {
  return git('diff', '--numstat', '--no-renames', '--diff-filter=d', base, '--', 'lambda/core/*.ts')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))
    .map(([added, removed, file]) => ({ file, lines: Number(added) + Number(removed) }))
    .filter(({ file }) => !NOT_MUTATED.includes(file))
    .sort((one, other) => other.lines - one.lines)
    .map(({ file }) => file);
}

const base = beginning();
if (base === undefined) {
  console.log('There is no earlier commit to compare with: no file is mutated.');
} else {
  const files = changedFiles(base);
  console.log(
    files.length === 0
      ? `Nothing in lambda/core changed since ${base}: no file is mutated.`
      : `Changed in lambda/core since ${base}: ${files.join(', ')}`,
  );
  const end = Date.now() + LIMIT;
  const poor = [];
  const skipped = [];
  for (const file of files) {
    const timeout = end - Date.now();
    if (timeout <= 0) {
      skipped.push(file);
      continue;
    }
    const { error, status } = spawnSync(process.execPath, [STRYKER, 'run', '--mutate', file, '--ignoreStatic'], {
      stdio: 'inherit',
      timeout,
    });
    if (error?.code === 'ETIMEDOUT') {
      skipped.push(file);
    } else if (status !== 0) {
      poor.push(file);
    }
  }
  if (skipped.length > 0) {
    console.log(`The time was over before these were done: ${skipped.join(', ')}. npm run mutation tries all files.`);
  }
  if (poor.length > 0) {
    console.error(`The tests notice too few of the mutants, or fail: ${poor.join(', ')}`);
    process.exitCode = 1;
  }
}
