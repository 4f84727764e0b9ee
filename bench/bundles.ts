import * as esbuild from 'esbuild';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { bundleFile, bundleOptions } from '../scripts/bundle-options.cjs';

export const ROOT = path.join(__dirname, '..');
const ALTERNATIVES = path.join(__dirname, 'alternatives');
const OUTPUT = path.join(ROOT, 'dist', 'bench');

export type FunctionName = 'rotate' | 'store';
export const FUNCTIONS: readonly FunctionName[] = ['rotate', 'store'];

/** One way to write the functions. */
export interface Variant {
  readonly name: string;
  readonly what: string;
  /** The module with the calls to Amazon. `undefined` for the shipped code. */
  readonly amazon?: string;
  readonly isEmpty?: boolean;
  /** Default: as this package is. */
  readonly bundled?: 'as CDK does' | 'without credential providers';
  /** Sends LWA a JSON body. LWA does not document that, so the fake Amazon refuses it unless the bench scripts the answer. */
  readonly needsLenientLwa?: boolean;
}

export const SHIPPED: Variant = { name: 'shipped', what: 'this package' };
export const FLOOR: Variant = {
  name: 'floor',
  what: "the same calls with the same clients and nothing else, bundled as CDK's NodejsFunction does it",
  amazon: 'with-node-http',
  bundled: 'as CDK does',
};
export const TRIMMED_FLOOR: Variant = {
  name: 'floor, trimmed',
  what: 'the floor as an ES module, without the credential providers that Lambda never uses, as [ADR 16](../docs/adr/0016-what-is-in-the-bundles.md) left it',
  amazon: 'with-node-http',
  bundled: 'without credential providers',
};
export const FLOOR_BUNDLED_ALIKE: Variant = {
  name: 'floor, bundled alike',
  what: 'the floor, with everything that `scripts/bundle-options.cjs` does for this package',
  amazon: 'with-node-http',
};
export const SP_API_SDK: Variant = {
  name: '@sp-api-sdk/auth',
  what: 'the floor, with its token client',
  amazon: 'with-sp-api-sdk',
  bundled: 'as CDK does',
  needsLenientLwa: true,
};
export const AMAZON_SDK: Variant = {
  name: "Amazon's JS SDK",
  what: 'the floor, with both of its clients',
  amazon: 'with-amazon-sdk',
  bundled: 'as CDK does',
};
/** Shows what Node.js and the runtime client need. */
export const EMPTY: Variant = { name: 'empty', what: 'a handler that answers {}', isEmpty: true };

export const VARIANTS: readonly Variant[] = [
  SHIPPED,
  FLOOR,
  TRIMMED_FLOOR,
  FLOOR_BUNDLED_ALIKE,
  SP_API_SDK,
  AMAZON_SDK,
];

/** How the two packages write the address of LWA, which the bench must not call. */
const LWA_ADDRESSES: Readonly<Record<string, string>> = {
  "'https://api.amazon.com/auth/o2/token'": 'process.env.LWA_TOKEN_URL',
  '"https://api.amazon.com/auth/"': 'process.env.LWA_TOKEN_URL.replace("o2/token", "")',
};

const lwaFromEnvironment: esbuild.Plugin = {
  name: 'LWA from the environment',
  setup(build) {
    build.onLoad({ filter: /(LwaAuthClient\.mjs|@sp-api-sdk\/auth\/dist\/index\.js)$/ }, (file) => {
      let contents = readFileSync(file.path, 'utf8');
      for (const [address, replacement] of Object.entries(LWA_ADDRESSES)) {
        contents = contents.replaceAll(address, replacement);
      }
      return { contents, loader: 'js' };
    });
  },
};

const MODULE_URL = 'bundledModuleUrl';
const MODULE_URL_BANNER = `const ${MODULE_URL}=require('node:url').pathToFileURL(__dirname+'/src/api/index.js').href;`;

/** Bundles a function. Returns the directory of its code. */
export async function codeOf(variant: Variant, name: FunctionName): Promise<string> {
  if (variant === SHIPPED) {
    return path.join(ROOT, 'assets', name);
  }
  const directory = path.join(OUTPUT, variant.name.replace(/\W+/g, '-'), name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, bundleFile(runsOn(variant))), await bundle(variant, name));
  if (variant === AMAZON_SDK) {
    writeFileSync(path.join(directory, 'package.json'), '{"version":"1.12.0"}');
  }
  return directory;
}

/** `NodejsFunction` makes CommonJS with all of the SDK, as our bundles for people's machines are. */
function runsOn({ bundled }: Variant): 'lambda' | 'machine' {
  return bundled === 'as CDK does' ? 'machine' : 'lambda';
}

/** What was left out of the functions when their targets were set. */
const LEFT_OUT_FIRST = ['only versions of package.json', 'signatures for one region'];

function optionsOf(variant: Variant): esbuild.BuildOptions {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const options = bundleOptions({ version, target: 'node22', runsOn: runsOn(variant) });
  if (variant.bundled !== 'without credential providers') {
    return options;
  }
  const { plugins = [] } = options;
  return {
    ...options,
    format: 'esm',
    globalName: '',
    footer: {},
    external: [],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    define: { __PACKAGE_VERSION__: JSON.stringify(version) },
    plugins: plugins.filter(({ name }) => LEFT_OUT_FIRST.includes(name)),
  };
}

async function bundle(variant: Variant, name: FunctionName): Promise<Uint8Array> {
  const options = optionsOf(variant);
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    stdin: { contents: entryOf(variant, name), resolveDir: ALTERNATIVES, loader: 'ts' },
    outfile: bundleFile(runsOn(variant)),
    ...options,
    // Amazon's SDK reads its version, as it is loaded, from a file two levels up. Without this its bundle does not start.
    ...(variant === AMAZON_SDK && {
      define: { ...options.define, 'import.meta.url': MODULE_URL },
      banner: { js: MODULE_URL_BANNER },
    }),
    plugins: [...(options.plugins ?? []), lwaFromEnvironment],
  });
  return result.outputFiles?.[0]?.contents ?? new Uint8Array();
}

function entryOf({ amazon, isEmpty }: Variant, name: FunctionName): string {
  if (isEmpty === true) {
    return 'export const handler = async () => ({});';
  }
  return amazon === undefined
    ? `export { handler } from '../../lambda/${name}/index';`
    : `import { ${name}Handler } from './${name}';
       import { amazon } from './${amazon}';
       export const handler = ${name}Handler(amazon);`;
}

/** Bytes of a bundle, and of the zip file that CDK uploads. */
interface BundleSize {
  readonly minified: number;
  readonly zipped: number;
}

/** Bytes that a zip file adds to one entry besides its name, twice: local header, central directory, end. */
const ZIP_FRAME = 30 + 46 + 22;

export function sizeOf(codeDirectory: string): BundleSize {
  const [file = 'index.js'] = readdirSync(codeDirectory).filter((name) => name.startsWith('index.'));
  const code = readFileSync(path.join(codeDirectory, file));
  return { minified: code.length, zipped: deflateRawSync(code, { level: 9 }).length + ZIP_FRAME + 2 * file.length };
}
