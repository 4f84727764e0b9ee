// Rehearses in an emulator that is not ours (MiniStack, from PyPI), from the packed package and by the commands that a user
// types: cdk bootstrap, cdk deploy, rehearse, cdk deploy again, rehearse --cleanup. Or in the local cloud, which plays all acts
// and knows no cdk deploy.
//
//   npm run deploy:local
//   npm run deploy:local -- local-cloud
//
// MiniStack needs Python, and goes into a virtual environment in the temporary directory, which is used again. What it
// does not emulate is said on the way, and in docs/local-deployment.md.
import { spawn, type ChildProcess } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalRehearsal } from '../../test/fakes/local-rehearsal';
import { LEAST_TO_CLEAN_UP, LEAST_TO_REHEARSE, operator } from '../../test/operators/command';
import { emulatable, type Template } from './emulatable';

const ROOT = path.join(__dirname, '..', '..');
const EMULATOR = 'ministack==1.5.33';
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const STACK = 'SpApiRehearsal';
const PATIENCE_SECONDS = 60;
/** In the local cloud so many seconds pass in one. */
const SPEED = 20;

/** Acts that the emulator cannot play, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  alarm: 'it evaluates no alarms',
};

const environment = path.join(tmpdir(), `deploy-locally-${EMULATOR.replaceAll(/[^a-z0-9.]+/g, '-')}`);
const work = mkdtempSync(path.join(tmpdir(), 'deploy-locally-'));
const assembly = path.join(work, 'cdk.out');
let emulator: ChildProcess | undefined;

(process.argv[2] === 'local-cloud' ? inLocalCloud() : inMiniStack())
  .then(() => rmSync(work, { recursive: true, force: true }))
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.error(`logs: ${work}`);
    process.exitCode = 1;
  })
  .finally(() => {
    emulator?.kill();
    // What it started, such as functions that are kept warm, ends with it or holds this process open.
    setTimeout(() => process.exit(), 2000).unref();
  });

async function inMiniStack(): Promise<void> {
  await installEmulator();
  const url = await startEmulator();
  const cloud = {
    ...forCdk(),
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const deploy = (): Promise<string> =>
    cdk(['deploy', '--require-approval', 'never', '--progress', 'events', '--app', assembly], cloud);

  await step('pack the package, and install it', install);
  await step('cdk synth', () => synthesize(cloud));
  adapt(url);
  await step('cdk bootstrap', () => cdk(['bootstrap', `aws://${ACCOUNT}/${REGION}`, '--app', assembly], cloud));
  await step('cdk deploy', deploy);
  for (const [act, why] of Object.entries(LEFT_OUT)) {
    console.log(`- the emulator cannot play the act ${act}: ${why}`);
  }
  console.log(await command(cloud, '--leave-out', ...Object.keys(LEFT_OUT)));
  await step('cdk deploy again', deploy);
  await step('rehearse --cleanup', () => command(cloud, '--cleanup', '--yes'));
}

async function inLocalCloud(): Promise<void> {
  await step('pack the package, and install it', install);
  await step('cdk synth', () => synthesize(forCdk()));
  const rehearsal = await LocalRehearsal.open(() => ({ synth: () => ({ directory: assembly }) }), SPEED);
  try {
    const may = (actions: readonly string[]): NodeJS.ProcessEnv =>
      operator({ people: new Set(), services: rehearsal.services } as never, actions);
    console.log(await command(may(LEAST_TO_REHEARSE)));
    await step('rehearse --cleanup', () => command(may(LEAST_TO_CLEAN_UP), '--cleanup', '--yes'));
  } finally {
    await rehearsal.close();
  }
}

/** The CLI keeps the account of a profile in ~/.cdk. */
function forCdk(): NodeJS.ProcessEnv {
  const home = path.join(work, 'home');
  mkdirSync(home, { recursive: true });
  return { HOME: home, CDK_DISABLE_VERSION_CHECK: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };
}

/** The command of the package that was installed. */
function command(variables: NodeJS.ProcessEnv, ...parameters: string[]): Promise<string> {
  const program = path.join(installed(), 'assets', 'cli', 'index.js');
  return run(process.execPath, [program, 'rehearse', '--stack', STACK, ...parameters], variables);
}

async function step(name: string, work: () => Promise<unknown>): Promise<void> {
  const start = Date.now();
  await work();
  console.log(`✔ ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}

function installed(): string {
  return path.join(work, 'node_modules', 'cdk-sp-api-secret-rotation');
}

/** As npm would, without the registry: the peers are those of this folder. */
async function install(): Promise<void> {
  mkdirSync(installed(), { recursive: true });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', work]);
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const tarball = path.join(work, `cdk-sp-api-secret-rotation-${version}.tgz`);
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed()]);
  for (const peer of ['aws-cdk-lib', 'constructs']) {
    symlinkSync(path.join(ROOT, 'node_modules', peer), path.join(work, 'node_modules', peer));
  }
}

/** The stack of docs/rehearsal.md, with two applications. */
async function synthesize(variables: NodeJS.ProcessEnv): Promise<void> {
  const app = path.join(work, 'app.js');
  writeFileSync(
    app,
    `const { App, Stack } = require('aws-cdk-lib');
     const { SpApiRehearsal, SpApiSecretRotation } = require('cdk-sp-api-secret-rotation');
     const app = new App();
     const stack = new Stack(app, '${STACK}');
     const rehearsal = new SpApiRehearsal(stack, 'Rehearsal');
     const rotation = new SpApiSecretRotation(stack, 'Rotation', { lwaTokenUrl: rehearsal.lwaTokenUrl });
     for (const name of ['Shop', 'Warehouse']) {
       rehearsal.register(rotation.addApplication(name, { region: rehearsal.region }));
     }
     app.synth();`,
  );
  await cdk(['synth', '--quiet', '--output', assembly, '--app', `${process.execPath} ${app}`], variables);
}

/** Leaves out what MiniStack refuses, and says what. */
function adapt(url: string): void {
  const file = path.join(assembly, `${STACK}.template.json`);
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  const { changed, differences } = emulatable(template, url);
  for (const difference of differences) {
    console.log(`- for the emulator: ${difference}`);
  }
  writeFileSync(file, JSON.stringify(changed));
}

function cdk(parameters: string[], variables: NodeJS.ProcessEnv): Promise<string> {
  return run(process.execPath, [path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...parameters], variables);
}

async function run(command: string, parameters: string[], variables: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(command, parameters, { cwd: ROOT, env: { ...process.env, ...variables } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (status !== 0) {
    throw new Error(`${path.basename(command)} ${parameters.join(' ')}\n${output}`);
  }
  return output;
}

async function installEmulator(): Promise<void> {
  if (!existsSync(path.join(environment, 'bin', 'ministack'))) {
    await step('install the emulator', async () => {
      await run('python3', ['-m', 'venv', environment]);
      await run(path.join(environment, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', EMULATOR]);
    });
  }
}

async function startEmulator(): Promise<string> {
  const port = await freePort();
  const log = path.join(work, 'emulator.log');
  emulator = spawn(path.join(environment, 'bin', 'python'), [path.join(__dirname, 'emulator.py')], {
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      MINISTACK_HOST: '127.0.0.1',
      STATE_DIR: path.join(work, 'state'),
    },
  });
  for (const stream of [emulator.stdout, emulator.stderr]) {
    stream?.pipe(createWriteStream(log, { flags: 'a' }));
  }
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    try {
      await fetch(url);
      return url;
    } catch {
      if (tries === 10 * PATIENCE_SECONDS || emulator.exitCode !== null) {
        throw new Error(`the emulator does not start:\n${readFileSync(log, 'utf8')}`);
      }
      await sleep(100);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
