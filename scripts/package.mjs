// Makes a package of every language in dist/, from what `npm run build` left, and one of the operators' command alone.
//
//   node scripts/package.mjs [command | language …]
//
// Go is published as code; `npm run test:consumers` compiles it. .NET is built where there is a .NET SDK, as in the
// release workflow; elsewhere its code is generated, and no more.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sbom } from './sbom.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LANGUAGES = ['command', 'js', 'python', 'java', 'go', 'dotnet'];

const asked = process.argv.slice(2);
const unknown = asked.filter((language) => !LANGUAGES.includes(language));
if (unknown.length > 0) {
  console.error(`unknown language: ${unknown.join(', ')}; there are ${LANGUAGES.join(', ')}`);
  process.exit(2);
}
const wanted = asked.length > 0 ? asked : LANGUAGES;
if (wanted.some((language) => !['command', 'js'].includes(language))) {
  // Translates the examples of the README and the API docs; without that, they are fenced as Python and stay TypeScript.
  execFileSync('npm', ['run', 'docs:examples'], { cwd: ROOT, stdio: 'inherit' });
}
const hasDotnet = spawnSync('dotnet', ['--version'], { stdio: 'ignore' }).status === 0;

for (const language of wanted) {
  rmSync(path.join(ROOT, 'dist', language), { recursive: true, force: true });
  if (language === 'command') {
    packCommand();
    continue;
  }
  const start = Date.now();
  const codeOnly = language === 'go' || (language === 'dotnet' && !hasDotnet);
  // One at a time: Maven, Go and pip each take the whole machine.
  const { status } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules', 'jsii-pacmak', 'bin', 'jsii-pacmak'),
      '--no-npmignore',
      '--rosetta-unknown-snippets',
      'fail',
      '--target',
      language,
      ...(codeOnly ? ['--code-only'] : []),
    ],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' } },
  );
  if (status !== 0) {
    console.error(`dist/${language} could not be made`);
    process.exit(1);
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  console.log(`dist/${language}${codeOnly ? ' (code only)' : ''} in ${seconds} s`);
}

/** For machines without the construct: with it, npm installs its peers too, which are 188 MB. */
function packCommand() {
  const read = (file) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
  const { name, version, license, author, repository, homepage, bugs, bin, engines, publishConfig } =
    read('package.json');
  const manifest = {
    name: `${name}-cli`,
    version,
    description: `The operators' command of ${name}: shows, checks and rotates the client secrets of SP-API applications`,
    ...{ license, author, repository, homepage, bugs, bin, engines, publishConfig },
  };
  execFileSync(process.execPath, ['scripts/bundle.mjs', '--metafile'], { cwd: ROOT, stdio: 'ignore' });
  const contents = sbom({ manifest, metafiles: [read('dist/bundle/cli.json')], lock: read('package-lock.json') });

  const directory = path.join(ROOT, 'dist', 'command', 'package');
  mkdirSync(directory, { recursive: true });
  for (const file of ['LICENSE', 'NOTICE', bin[name]]) {
    cpSync(path.join(ROOT, file), path.join(directory, file));
  }
  cpSync(path.join(ROOT, 'bin', 'command', 'README.md'), path.join(directory, 'README.md'));
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify(manifest, undefined, 2));
  writeFileSync(path.join(directory, 'sbom.cdx.json'), JSON.stringify(contents, undefined, 2));
  execFileSync('npm', ['pack', directory, '--pack-destination', path.dirname(directory)], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  rmSync(directory, { recursive: true });
  console.log('dist/command');
}
