// Fails if the public API breaks users of the version that is published, unless the next version may: a new major, or
// below 1.0.0 a new minor. Passes when nothing is published yet.
//
//   node scripts/api-compatibility.mjs [directory of the published package]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { name, version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

const [directory] = process.argv.slice(2);
const published = directory === undefined ? publishedVersion() : manifestOf(directory).version;
if (published === undefined) {
  console.log(`${name} is not published yet: there is nobody to break`);
} else if (breakingPart(version) !== breakingPart(published)) {
  console.log(`${version} may break users of ${published}`);
} else {
  const { status } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules', 'jsii-diff', 'bin', 'jsii-diff'),
      directory ?? `npm:${name}@${published}`,
      ROOT,
      // By default only what is marked stable counts; users of an experimental API want to know as well.
      '--error-on=all',
    ],
    { stdio: 'inherit', env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' } },
  );
  process.exitCode = status ?? 1;
}

function manifestOf(directory) {
  return JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
}

function publishedVersion() {
  const { stdout } = spawnSync('npm', ['view', name, 'version', '--json'], { encoding: 'utf8' });
  const answer = JSON.parse(stdout === '' ? 'null' : stdout);
  if (typeof answer === 'string') {
    return answer;
  }
  // Anything else, such as no network, must not look like a success.
  if (answer?.error?.code !== 'E404') {
    console.error(`npm does not say whether ${name} is published: ${stdout}`);
    process.exit(1);
  }
  return undefined;
}

function breakingPart(semanticVersion) {
  const [major, minor] = semanticVersion.split('.');
  return major === '0' ? `0.${minor}` : major;
}
