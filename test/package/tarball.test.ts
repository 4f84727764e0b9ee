import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { isExhaustive } from '../sample';

const ROOT = path.join(__dirname, '..', '..');
const MINUTE = 60_000;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** All that a user may find in the package, and nothing else. */
const ALLOWED = [
  /^(package\.json|\.jsii|README\.md|LICENSE|NOTICE|sbom\.cdx\.json)$/,
  /^build\/([a-z-]+\/)*[a-z-]+\.(js|d\.ts)$/,
  /^assets\/(rehearsal|rotate|store)\/index\.mjs$/,
];

const MANIFEST = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
const COMMAND_TARBALL = path.join(ROOT, 'dist', 'command', `cdk-sp-api-secret-rotation-cli-${MANIFEST.version}.tgz`);

let directory: string;
let packed: Packed;

function constructTarball(): string {
  return path.join(directory, packed.filename);
}

function text(file: string, tarball = constructTarball()): string {
  return execFileSync('tar', ['-xzOf', tarball, `package/${file}`], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  });
}

function paths(): string[] {
  return packed.files.map((file) => file.path);
}

interface Metafile {
  readonly outputs: Record<string, { readonly inputs: Record<string, { readonly bytesInOutput: number }> }>;
}

interface Lock {
  readonly packages: Record<string, { readonly version: string; readonly license: string; readonly integrity: string }>;
}

interface Sbom {
  readonly metadata: { readonly component: { readonly purl: string } };
  readonly components: readonly {
    readonly purl: string;
    readonly licenses: readonly { readonly license: { readonly id: string } }[];
    readonly externalReferences: readonly { readonly hashes: readonly { readonly content: string }[] }[];
    readonly evidence: { readonly occurrences: readonly { readonly location: string }[] };
  }[];
}

/** What package-lock.json says about each package that esbuild put into a bundle: purl, licence, hash, bundle. */
function inlined(handlers: readonly string[]): string[] {
  execFileSync(process.execPath, ['scripts/bundle.mjs', '--metafile'], { cwd: ROOT, stdio: 'pipe' });
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const lines = handlers.flatMap((name) => {
    const file = path.join(ROOT, 'dist', 'bundle', `${name}.json`);
    const { outputs } = JSON.parse(readFileSync(file, 'utf8')) as Metafile;
    return Object.entries(outputs).flatMap(([bundle, { inputs }]) =>
      Object.entries(inputs)
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .flatMap(([input]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [])
        .map((directory) => {
          const entry = packages[directory];
          const purl = `pkg:npm/${directory.replace(/^.*node_modules\//, '').replace('@', '%40')}@${entry?.version}`;
          const hash = Buffer.from(entry?.integrity.replace('sha512-', '') ?? '', 'base64').toString('hex');
          return `${purl} ${entry?.license} ${hash} ${bundle}`;
        }),
    );
  });
  return [...new Set(lines)].sort();
}

(isExhaustive ? describe : describe.skip)('the packages', () => {
  beforeAll(() => {
    execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'pipe' });
    directory = mkdtempSync(path.join(tmpdir(), 'tarball-'));
    [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', directory], {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    ) as [Packed];
    execFileSync(process.execPath, ['scripts/package.mjs', 'command'], { cwd: ROOT, stdio: 'pipe' });
  }, 3 * MINUTE);

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test('the tarball holds what is needed', () => {
    expect(paths()).toEqual(
      expect.arrayContaining([
        '.jsii',
        'LICENSE',
        'NOTICE',
        'README.md',
        'assets/rehearsal/index.mjs',
        'assets/rotate/index.mjs',
        'assets/store/index.mjs',
        'build/index.d.ts',
        'build/index.js',
        'package.json',
        'sbom.cdx.json',
      ]),
    );
  });

  test('the tarball holds nothing else', () => {
    const commands = Object.values((JSON.parse(text('package.json')) as { bin?: Record<string, string> }).bin ?? {});
    expect(commands.filter((command) => !paths().includes(path.normalize(command)))).toEqual([]);
    const rest = paths().filter((file) => !ALLOWED.some((pattern) => pattern.test(file)));
    expect(rest.filter((file) => !commands.map((command) => path.normalize(command)).includes(file))).toEqual([]);
  });

  test('each compiled file has a source that still exists', () => {
    const orphans = paths()
      .filter((file) => file.startsWith('build/') && file.endsWith('.js'))
      .filter((file) => !existsSync(path.join(ROOT, 'lib', file.slice('build/'.length).replace(/\.js$/, '.ts'))));
    expect(orphans).toEqual([]);
  });

  test('the tarball is smaller than 1 MB', () => {
    expect(packed.size).toBeLessThan(1_000_000);
  });

  test('the assembly has the name, version and licence of the package', () => {
    const manifest = JSON.parse(text('package.json')) as Record<string, unknown>;
    const assembly = JSON.parse(text('.jsii')) as Record<string, unknown>;
    for (const key of ['name', 'version', 'license'] as const) {
      expect({ [key]: assembly[key] }).toEqual({ [key]: manifest[key] });
    }
    expect(manifest.license).toBe('Apache-2.0');
  });

  test('the package names what Construct Hub looks for', () => {
    const manifest = JSON.parse(text('package.json')) as { keywords: string[]; jsii: { targets: object } };
    expect(manifest.keywords).toEqual(expect.arrayContaining(['awscdk', 'cdk']));
    expect(Object.keys(manifest.jsii.targets).sort()).toEqual(['dotnet', 'go', 'java', 'python']);
  });

  test.each([constructTarball, () => COMMAND_TARBALL])(
    'each link of the README works on the pages of registries',
    (tarball) => {
      // Not every registry keeps the ids of headings.
      const links = [
        ...text('README.md', tarball()).matchAll(/(?:\]\(|href="|^\[[^\]]+\]: )(?!https:\/\/)([^)"\s]+)/gm),
      ];
      expect(links.map(([, link]) => link)).toEqual([]);
    },
  );

  test('the package runs without its development dependencies', () => {
    const manifest = JSON.parse(text('package.json')) as Record<string, unknown>;
    expect(manifest.dependencies).toBeUndefined();
    // Loaded by what users have, so that an import of anything else fails.
    const allowed = /^(node:[a-z/]+|aws-cdk-lib(\/[a-z-]+)*|constructs|\.{1,2}\/.*)$/;
    const foreign = paths()
      .filter((file) => file.startsWith('build/') && file.endsWith('.js'))
      .flatMap((file) =>
        [...text(file).matchAll(/^.*(?: = |__\w+\()require\("([^"]+)"\)/gm)].map((match) => match[1] ?? ''),
      )
      .filter((name) => !allowed.test(name));
    expect(foreign).toEqual([]);
  });

  test('NOTICE names what is bundled', () => {
    expect(() =>
      execFileSync(process.execPath, ['scripts/notice.mjs', '--check'], { cwd: ROOT, stdio: 'pipe' }),
    ).not.toThrow();
  });

  test.each([
    ['cdk-sp-api-secret-rotation', constructTarball, ['rehearsal', 'rotate', 'store', 'cli']],
    ['cdk-sp-api-secret-rotation-cli', () => COMMAND_TARBALL, ['cli']],
  ])(
    'the SBOM of %s lists each package that is in its bundles, with version, licence and hash, and nothing else',
    async (name, tarball, handlers) => {
      const content = text('sbom.cdx.json', tarball());
      await expect(new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(content)).resolves.toBeNull();
      const { metadata, components } = JSON.parse(content) as Sbom;
      expect(metadata.component.purl).toBe(`pkg:npm/${name}@${MANIFEST.version}`);
      const listed = components.flatMap(({ purl, licenses, externalReferences, evidence }) =>
        evidence.occurrences.map(
          ({ location }) =>
            `${purl} ${licenses[0]?.license.id} ${externalReferences[0]?.hashes[0]?.content} ${location}`,
        ),
      );
      expect(listed.sort()).toEqual(inlined(handlers));
      expect(new Set(components.map(({ purl }) => purl)).size).toBe(components.length);
    },
  );

  test('the command alone installs less than 1 MB, and npx finds it', () => {
    const machine = path.join(directory, 'machine');
    mkdirSync(machine);
    const run = (command: string, ...parameters: string[]): string =>
      execFileSync(command, parameters, { cwd: machine, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    run('npm', 'install', '--offline', '--prefix', machine, COMMAND_TARBALL);
    expect(Number(/^\d+/.exec(run('du', '-sk', machine))?.[0])).toBeLessThan(1000);
    expect(run('npx', '--offline', 'cdk-sp-api-secret-rotation', '--version')).toBe(`${MANIFEST.version}\n`);
    expect(run('npx', '--offline', 'cdk-sp-api-secret-rotation', '--help')).toContain('rotate [options]');
  });
});
