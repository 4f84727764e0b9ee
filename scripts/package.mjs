// Makes a package of every language in dist/, from what `npm run build` left.
//
//   node scripts/package.mjs [language …]
//
// Go is published as code; `npm run test:consumers` compiles it. .NET is built where there is a .NET SDK, as in the
// release workflow; elsewhere its code is generated, and no more.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LANGUAGES = ['js', 'python', 'java', 'go', 'dotnet'];

const asked = process.argv.slice(2);
const unknown = asked.filter((language) => !LANGUAGES.includes(language));
if (unknown.length > 0) {
  console.error(`unknown language: ${unknown.join(', ')}; there are ${LANGUAGES.join(', ')}`);
  process.exit(2);
}
const hasDotnet = spawnSync('dotnet', ['--version'], { stdio: 'ignore' }).status === 0;

for (const language of asked.length > 0 ? asked : LANGUAGES) {
  rmSync(path.join(ROOT, 'dist', language), { recursive: true, force: true });
  const start = Date.now();
  const codeOnly = language === 'go' || (language === 'dotnet' && !hasDotnet);
  // One at a time: Maven, Go and pip each take the whole machine.
  const { status } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules', 'jsii-pacmak', 'bin', 'jsii-pacmak'),
      '--no-npmignore',
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
