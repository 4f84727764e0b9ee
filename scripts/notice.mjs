// Writes NOTICE: the licences of what esbuild put into the bundles, as it reports it itself.
//
//   node scripts/notice.mjs [--check]
//
// --check: fails if NOTICE is not what would be written.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledPackages } from './bundled-packages.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const METAFILES = path.join(ROOT, 'dist', 'bundle');
const NOTICE = path.join(ROOT, 'NOTICE');

/** What may be distributed inside a package under the Apache License, with no more than its text beside it. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

/** Apache-2.0 is in LICENSE; the others ask for nothing. */
const TEXT_STANDS_ELSEWHERE = ['Apache-2.0', 'MIT-0', '0BSD'];

const HEADER = `cdk-sp-api-secret-rotation
Copyright 2026 The cdk-sp-api-secret-rotation authors

Licensed under the Apache License, Version 2.0 (see LICENSE).

This project is not affiliated with Amazon. "Selling Partner API" and "Login with Amazon" are names of Amazon's services.

The bundles in assets/ contain the following packages.
`;

execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'bundle.mjs'), '--metafile'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});

const packages = bundledPackages(
  readdirSync(METAFILES)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(path.join(METAFILES, name), 'utf8'))),
);

const byText = new Map();
for (const [id, found] of packages) {
  if (!ALLOWED.includes(found.licence)) {
    console.error(`${id} has the licence ${found.licence}; allowed in a bundle: ${ALLOWED.join(', ')}`);
    process.exit(1);
  }
  if (found.text === '' && !TEXT_STANDS_ELSEWHERE.includes(found.licence)) {
    console.error(`${id} has no file with its licence, ${found.licence}, which asks for its text to be passed on`);
    process.exit(1);
  }
  const text = found.licence === 'Apache-2.0' ? '' : found.text;
  const key = `${found.licence}\n${text}`;
  byText.set(key, { licence: found.licence, text, ids: [...(byText.get(key)?.ids ?? []), id] });
}
const notices = [...packages]
  .filter(([, { notice }]) => notice !== undefined)
  .map(([id, { notice }]) => `${'-'.repeat(80)}\nNOTICE of ${id}\n\n${notice}\n`);

const written = [
  HEADER,
  ...[...byText.values()].map(
    ({ licence, text, ids }) =>
      `${'-'.repeat(80)}\n${ids.join('\n')}\n\nLicence: ${licence}${text === '' ? (licence === 'Apache-2.0' ? ' (see LICENSE)' : '') : `\n\n${text}`}\n`,
  ),
  ...notices,
].join('\n');

if (!process.argv.includes('--check')) {
  writeFileSync(NOTICE, written);
  console.log(`NOTICE names ${packages.size} packages`);
} else if (readFileSync(NOTICE, 'utf8') !== written) {
  console.error('NOTICE does not name what is bundled: run npm run notice');
  process.exit(1);
} else {
  console.log(`NOTICE names the ${packages.size} packages that are bundled`);
}
