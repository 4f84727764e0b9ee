// How everything that ships is bundled: shared by scripts/bundle.mjs and by the bench, which bundles what it compares with the same way.
'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');

const LAMBDA_CREDENTIALS = path.join(__dirname, '..', 'lambda', 'adapters', 'lambda-credentials.ts');

/** The clients of AWS read their version from their package.json, and esbuild would put all of it into the bundle. */
const onlyVersions = {
  name: 'only versions of package.json',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk\/client-[\w-]+\/package\.json$/ }, ({ path: file }) => ({
      contents: JSON.stringify({ version: JSON.parse(readFileSync(file, 'utf8')).version }),
      loader: 'json',
    }));
  },
};

/** EventBridge's client can sign for several regions at once, for endpoints that the functions do not have. */
const oneRegion = {
  name: 'signatures for one region',
  setup(build) {
    build.onLoad({ filter: /signature-v4-multi-region\/dist-es\/index\.js$/ }, ({ path: file }) => ({
      contents: `import { SignatureV4 } from '@smithy/signature-v4';
export class SignatureV4MultiRegion extends SignatureV4 {
  static sigv4aDependency() {
    return 'none';
  }
}`,
      resolveDir: path.dirname(file),
    }));
  },
};

/**
 * Each client has a class for each error of its service, also for those of calls that nobody makes: SSM's has 140. The
 * functions know errors by their names only. What is not registered, a client throws as its base exception, with the name that
 * the answer gives. Of SQS that is the older one, such as AWS.SimpleQueueService.NonExistentQueue for QueueDoesNotExist.
 */
const REGISTERED_ERROR = /^export var \w+\$ = \[-3, n0,[^;]*;\nn0_registry\.registerError\(.*\n/gm;
const errorsByName = {
  name: 'errors by name',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replaceAll(REGISTERED_ERROR, ''),
      loader: 'js',
    }));
  },
};

/** Lambda has no files with profiles, and each client would look for them. */
const noProfiles = {
  name: 'no profiles',
  setup(build) {
    build.onLoad({ filter: /shared-ini-file-loader\/loadSharedConfigFiles\.js$/ }, () => ({
      contents: `export { CONFIG_PREFIX_SEPARATOR } from './constants';
export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
    }));
  },
};

/** To load this part of Node.js takes milliseconds, and only a token in a file is read with it. */
const fsPromisesWhenNeeded = {
  name: 'node:fs/promises when it is needed',
  setup(build) {
    build.onResolve({ filter: /^node:fs\/promises$/ }, ({ path: module }) => ({ path: module, namespace: 'lazy' }));
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: `export const readFile = (...all) => process.getBuiltinModule('node:fs/promises').readFile(...all);
export default { readFile };`,
    }));
  },
};

/**
 * Functions are ES modules: Lambda's runtime client loads them with `import`, and of a CommonJS module Node.js 22 then reads
 * the whole text a second time, for the names of its exports. But all that is in them is in one function that gets Node.js's
 * own modules without `import`. Of what is imported, Node.js reads every export, and so loads much that nobody asked for,
 * such as HTTP/2 and `fetch`.
 */
const FUNCTION = {
  format: 'iife',
  globalName: 'bundle',
  banner: { js: 'const require=process.getBuiltinModule;' },
  footer: { js: 'export const{handler}=bundle;' },
  plugins: [onlyVersions, oneRegion, errorsByName, noProfiles, fsPromisesWhenNeeded],
  alias: { '@aws-sdk/credential-provider-node': LAMBDA_CREDENTIALS },
  // The AWS SDK imports them when it needs them: no call of ours streams events, and bowser is for browsers. Inside one
  // file, an import when it is needed keeps everything that it leads to from being left out.
  external: ['@smithy/core/event-streams', 'bowser'],
};

/** Bodies are streams of Node.js. To ask whether one is a stream of the Web makes Node.js load those. */
const NO_WEB_STREAMS = { ReadableStream: 'undefined' };

const RUNS_ON = {
  lambda: { file: 'index.mjs', options: FUNCTION, define: NO_WEB_STREAMS },
  machine: { file: 'index.js', options: { format: 'cjs' }, define: {} },
};

/** `runsOn`: whether Lambda runs the bundle, which gives AWS's keys in its own way, or somebody's machine. */
function bundleOptions({ version, target, runsOn }) {
  return {
    bundle: true,
    platform: 'node',
    target,
    minify: true,
    keepNames: false,
    mainFields: ['module', 'main'],
    define: { __PACKAGE_VERSION__: JSON.stringify(version), ...RUNS_ON[runsOn].define },
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
    ...RUNS_ON[runsOn].options,
  };
}

/** Name of the bundle's file in its directory. */
function bundleFile(runsOn) {
  return RUNS_ON[runsOn].file;
}

module.exports = { bundleFile, bundleOptions };
