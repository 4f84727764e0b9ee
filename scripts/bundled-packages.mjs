// The packages that esbuild put into bundles, as its metafiles tell: what NOTICE and the SBOM name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** By `name@version`, sorted. `bundles` are the files that the package is in. */
export function bundledPackages(metafiles) {
  const packages = new Map();
  for (const [bundle, { inputs }] of metafiles.flatMap(({ outputs }) => Object.entries(outputs))) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      // The rest was only looked at.
      if (bytesInOutput > 0 && input.includes('node_modules/')) {
        const found = packageOf(input);
        const id = `${found.name}@${found.version}`;
        packages.set(id, { ...found, bundles: new Set(packages.get(id)?.bundles).add(bundle) });
      }
    }
  }
  return new Map([...packages].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function packageOf(input) {
  let directory = path.dirname(path.join(ROOT, input));
  // Packages have manifests further down, to tell CommonJS from ES modules, without a name of their own.
  for (;;) {
    const manifest = path.join(directory, 'package.json');
    if (existsSync(manifest)) {
      const { name, version, license } = JSON.parse(readFileSync(manifest, 'utf8'));
      if (name !== undefined && version !== undefined) {
        return {
          name,
          version,
          licence: license,
          directory: path.relative(ROOT, directory),
          text: textIn(directory, /^licen[cs]e/i) ?? '',
          notice: textIn(directory, /^notice/i),
        };
      }
    }
    directory = path.dirname(directory);
  }
}

function textIn(directory, pattern) {
  const file = readdirSync(directory).find((name) => pattern.test(name));
  return file === undefined
    ? undefined
    : readFileSync(path.join(directory, file), 'utf8').replaceAll('\r\n', '\n').trim();
}
