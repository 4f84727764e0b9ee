// Bundles the two handlers into the directories that ship as Lambda assets, and the operators' command, and lists what is
// in them in sbom.cdx.json. One input gives one output, byte for byte: the asset's hash, and so every consumer's template,
// depends on it.
//
//   node scripts/bundle.mjs [--metafile]
//
// --metafile writes what takes how much room to dist/bundle/<handler>.json and .txt.
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { bundleFile, bundleOptions } from './bundle-options.cjs';
import { sbom } from './sbom.mjs';

const BUNDLES = [
  { name: 'rotate', entry: 'lambda/rotate/index.ts', target: 'node22', runsOn: 'lambda' },
  { name: 'store', entry: 'lambda/store/index.ts', target: 'node22', runsOn: 'lambda' },
  // Plays Amazon in a rehearsal.
  { name: 'rehearsal', entry: 'lambda/rehearsal/index.ts', target: 'node22', runsOn: 'lambda' },
  // The operators' command: for people, with whatever Node.js the package supports.
  { name: 'cli', entry: 'bin/command/index.ts', target: 'node20', runsOn: 'machine', executable: true },
];
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const unknown = process.argv.slice(2).filter((argument) => argument !== '--metafile');
if (unknown.length > 0) {
  console.error(`unknown argument: ${unknown.join(' ')}`);
  process.exit(2);
}
const withMetafile = process.argv.includes('--metafile');

const manifest = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
if (manifest.devDependencies.esbuild !== esbuild.version) {
  console.error(`esbuild is ${esbuild.version}, package.json asks for ${manifest.devDependencies.esbuild}: run npm ci`);
  process.exit(1);
}

const metafiles = [];
for (const { name: handler, entry, target, runsOn, executable = false } of BUNDLES) {
  const directory = path.join(ROOT, 'assets', handler);
  const fileName = bundleFile(runsOn);
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: `assets/${handler}/${fileName}`,
    ...bundleOptions({ version: manifest.version, target, runsOn }),
  });
  metafiles.push(result.metafile);
  const [bundle] = result.outputFiles;
  const code = Buffer.from(bundle.contents);
  await mkdir(directory, { recursive: true });
  // Whatever else lies in the directory would become part of the asset.
  for (const entry of await readdir(directory)) {
    if (entry !== fileName) {
      await rm(path.join(directory, entry), { recursive: true });
    }
  }
  const file = path.join(directory, fileName);
  await writeChanged(file, code);
  if (executable) {
    await chmod(file, 0o755);
  }
  console.log(`assets/${handler}/${fileName} ${(code.length / 1000).toFixed(1)} kB`);

  if (withMetafile) {
    const analysis = path.join(ROOT, 'dist', 'bundle');
    await mkdir(analysis, { recursive: true });
    await writeFile(path.join(analysis, `${handler}.json`), JSON.stringify(result.metafile, undefined, 2));
    await writeFile(path.join(analysis, `${handler}.txt`), await esbuild.analyzeMetafile(result.metafile));
  }
}

const lock = JSON.parse(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8'));
await writeChanged(
  path.join(ROOT, 'sbom.cdx.json'),
  Buffer.from(`${JSON.stringify(sbom({ manifest, metafiles, lock }), undefined, 2)}\n`),
);

/** Leaves the file alone when nothing changed, so that whoever is reading it meanwhile gets a whole one. */
async function writeChanged(file, content) {
  const before = await readFile(file).catch(() => undefined);
  if (before === undefined || !before.equals(content)) {
    await writeFile(file, content);
  }
}
