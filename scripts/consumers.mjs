// Installs what `npm run package` made, as users do, in an empty directory for each language, synthesizes the stack of
// test/consumers there, and compares its template with the one in TypeScript. Then operates the stack of
// test/consumers/operated with the command that was installed: that of the npm package, and for Python the command's own.
//
//   node scripts/consumers.mjs [language …]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = path.join(ROOT, 'dist');
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const { version, devDependencies: versions } = manifest;
const { maven } = manifest.jsii.targets.java;
const goModule = `${manifest.jsii.targets.go.moduleName}/${manifest.jsii.targets.go.packageName}`;
const cdk = [`aws-cdk-lib@${versions['aws-cdk-lib']}`, `constructs@${versions.constructs}`];

/** Each makes, in an empty directory, what is needed to run the app there, and says how to run it. */
const LANGUAGES = {
  typescript(directory) {
    npmInstall(
      directory,
      artifact('js', '.tgz'),
      ...cdk,
      `typescript@${versions.typescript}`,
      `@types/node@${versions['@types/node']}`,
    );
    compile(directory, 'app.ts');
    return ['node', 'app.js'];
  },
  javascript(directory) {
    npmInstall(directory, artifact('js', '.tgz'), ...cdk);
    return ['node', 'app.js'];
  },
  python(directory) {
    pythonEnvironment(directory);
    return [path.join(directory, '.venv', 'bin', 'python'), 'app.py'];
  },
  java() {
    // Maven never asks a second time for a version that it has.
    rmSync(path.join(homedir(), '.m2', 'repository', ...maven.groupId.split('.')), { recursive: true, force: true });
    return [
      'mvn',
      '--batch-mode',
      '--quiet',
      `-Dbuilt.repository=file://${path.join(DIST, 'java')}`,
      `-Dbuilt.version=${version}`,
      `-Dcdk.version=${versions['aws-cdk-lib']}`,
      `-Dconstructs.version=${versions.constructs}`,
      'compile',
      'exec:java',
    ];
  },
  go(directory) {
    writeFileSync(path.join(directory, 'go.mod'), goMod());
    run(directory, 'go', 'mod', 'tidy');
    run(directory, 'go', 'build', '-o', 'app', '.');
    return [path.join(directory, 'app')];
  },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((language) => !Object.hasOwn(LANGUAGES, language));
if (unknown.length > 0) {
  console.error(`unknown language: ${unknown.join(', ')}; there are ${Object.keys(LANGUAGES).join(', ')}`);
  process.exit(2);
}

const work = mkdtempSync(path.join(tmpdir(), 'consumers-'));
const environment = {
  ...process.env,
  npm_config_loglevel: 'error',
  JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20',
  // Only compiled against, so nothing of them ends up in a package. Not every mirror has them in its checksum database.
  GONOSUMDB: process.env.GONOSUMDB ?? 'github.com/aws/*,github.com/cdklabs/*',
};
try {
  const expected = synthesized('typescript');
  const different = (asked.length > 0 ? asked : Object.keys(LANGUAGES)).filter((language) => {
    const start = Date.now();
    const isEqual =
      (language === 'typescript' || isDeepStrictEqual(synthesized(language), expected)) &&
      (language !== 'python' || arePythonExamplesEqual()) &&
      isOperated(language);
    console.log(
      `${isEqual ? 'same template' : 'ANOTHER TEMPLATE, OR NOT OPERATED'}: ${language}, ${Math.round((Date.now() - start) / 1000)} s`,
    );
    return !isEqual;
  });
  process.exitCode = different.length > 0 ? 1 : 0;
  if (different.length > 0) {
    console.error(`to compare: ${work}`);
  }
} finally {
  if (process.exitCode === 0) {
    rmSync(work, { recursive: true, force: true });
  }
}

function synthesized(language) {
  const directory = path.join(work, language);
  cpSync(path.join(ROOT, 'test', 'consumers', language), directory, { recursive: true });
  const command = LANGUAGES[language](directory);
  const output = path.join(directory, 'cdk.out');
  mkdirSync(output);
  run(directory, ...command);
  return JSON.parse(readFileSync(path.join(output, 'Consumer.template.json'), 'utf8'));
}

/** The examples in Python say of themselves that they are the same as those in TypeScript. */
function arePythonExamplesEqual() {
  const directory = path.join(work, 'python-examples');
  mkdirSync(path.join(directory, 'importer'), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
  const page = readFileSync(path.join(ROOT, 'docs', 'rehearsal.md'), 'utf8');
  const documented = (language, file) => {
    const code = new RegExp(`\`\`\`${language}\\n([^]*?)\\n\`\`\``).exec(page)[1];
    writeFileSync(path.join(directory, file), code);
    return path.join(directory, file);
  };
  const examples = path.join(ROOT, 'examples');
  return [
    ['OneApplication', path.join(examples, 'python', 'app.py'), path.join(examples, 'one-application', 'app.ts')],
    ['ImporterTest', documented('python', 'rehearsal.py'), documented('ts', 'rehearsal.ts')],
  ].every(([stack, ...files]) => isSameStack(directory, stack, ...files));
}

function isSameStack(directory, stack, python, typescript) {
  const templates = [
    [path.join(work, 'python', '.venv', 'bin', 'python'), python],
    [
      process.execPath,
      path.join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'),
      '--tsconfig',
      path.join(ROOT, 'tsconfig.dev.json'),
      typescript,
    ],
  ].map((command) => {
    run(directory, ...command);
    const file = path.join(directory, 'cdk.out', `${stack}.template.json`);
    const { Resources, Outputs } = JSON.parse(readFileSync(file, 'utf8'));
    // Which language and version of jsii made it.
    delete Resources.CDKMetadata;
    for (const [id, { Properties }] of Object.entries(Resources)) {
      if (id.startsWith('Importer')) {
        // Each example's own function is in its language.
        delete Properties.Runtime;
      }
    }
    return { Resources, Outputs };
  });
  const isSame = isDeepStrictEqual(templates[0], templates[1]);
  console.log(`${isSame ? 'same' : 'ANOTHER'} stack ${stack} in Python`);
  return isSame;
}

/** Where the language is one of those in which the stack is operated. */
function isOperated(language) {
  const directory = path.join(work, language);
  const program = {
    typescript: ['node', 'operated.js'],
    python: [path.join(directory, '.venv', 'bin', 'python'), 'operated.py'],
  }[language];
  if (program === undefined) {
    return true;
  }
  const file = { typescript: 'ts', python: 'py' }[language];
  cpSync(path.join(ROOT, 'test', 'consumers', 'operated', `app.${file}`), path.join(directory, `operated.${file}`));
  if (language === 'typescript') {
    compile(directory, 'operated.ts');
  } else {
    npmInstall(directory, artifact('command', '.tgz'));
  }
  console.log(`operated: ${language}`);
  const { status } = spawnSync(
    path.join(ROOT, 'node_modules', '.bin', 'tsx'),
    [
      '--tsconfig',
      path.join(ROOT, 'tsconfig.dev.json'),
      path.join(ROOT, 'test', 'consumers', 'operate.ts'),
      path.join(directory, 'node_modules', '.bin', 'cdk-sp-api-secret-rotation'),
      ...program,
    ],
    {
      cwd: directory,
      env: { ...environment, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
      stdio: 'inherit',
    },
  );
  return status === 0;
}

function compile(directory, file) {
  run(directory, 'npx', 'tsc', '--strict', '--module', 'node16', '--target', 'es2022', '--types', 'node', file);
}

function run(directory, command, ...parameters) {
  const { status, error, stdout, stderr } = spawnSync(command, parameters, {
    cwd: directory,
    env: { ...environment, CDK_OUTDIR: path.join(directory, 'cdk.out') },
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  });
  if (status !== 0) {
    console.error(`${command} ${parameters.join(' ')}\n${error ?? ''}${stdout}${stderr}`);
    process.exit(1);
  }
}

function npmInstall(directory, ...packages) {
  writeFileSync(path.join(directory, 'package.json'), '{}');
  run(directory, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages);
}

function pythonEnvironment(directory) {
  run(directory, 'python3', '-m', 'venv', '.venv');
  const pip = path.join(directory, '.venv', 'bin', 'pip');
  run(
    directory,
    pip,
    'install',
    '--quiet',
    '--disable-pip-version-check',
    artifact('python', '.whl'),
    ...cdk.map((name) => name.replace('@', '==')),
  );
}

function goMod() {
  return `module consumer

go 1.25

require (
	github.com/aws/aws-cdk-go/awscdk/v2 v${versions['aws-cdk-lib']}
	${goModule} v${version}
)

replace ${goModule} => ${path.join(DIST, 'go', manifest.jsii.targets.go.packageName)}

// Within what aws-cdk-go asks for; the versions that npm resolves today, which jsii writes into our go.mod, are not on
// every mirror.
replace github.com/cdklabs/cloud-assembly-schema-go/awscdkcloudassemblyschema/v53 => github.com/cdklabs/cloud-assembly-schema-go/awscdkcloudassemblyschema/v53 v53.27.0

replace github.com/cdklabs/awscdk-asset-node-proxy-agent-go/nodeproxyagentv6/v2 => github.com/cdklabs/awscdk-asset-node-proxy-agent-go/nodeproxyagentv6/v2 v2.1.1
`;
}

function artifact(language, ending) {
  const file = readdirSync(path.join(DIST, language)).find((name) => name.endsWith(ending));
  if (file === undefined) {
    console.error(`dist/${language} has no ${ending}: run npm run package`);
    process.exit(1);
  }
  return path.join(DIST, language, file);
}
