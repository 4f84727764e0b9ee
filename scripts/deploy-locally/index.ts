// Deploys the app in bin/app with the CDK's own CLI, into an emulator that is not ours (MiniStack, from PyPI), lets a client
// secret be rotated there by the fake Amazon, and deploys again.
//
//   npm run deploy:local
//
// Needs Python. The emulator goes into a virtual environment in the temporary directory, which is used again. What it
// does not emulate is in docs/local-deployment.md.
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ListStackResourcesCommand, CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAmazon } from '../../test/fakes/amazon';

const ROOT = path.join(__dirname, '..', '..');
const EMULATOR = 'ministack==1.5.33';
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const STACK = 'SpApiSecretRotation';
const PATIENCE_SECONDS = 60;

const environment = path.join(tmpdir(), `deploy-locally-${EMULATOR.replaceAll(/[^a-z0-9.]+/g, '-')}`);
const work = mkdtempSync(path.join(tmpdir(), 'deploy-locally-'));
let emulator: ChildProcess | undefined;

main()
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

async function main(): Promise<void> {
  if (!existsSync(path.join(environment, 'bin', 'ministack'))) {
    await step('install the emulator', async () => {
      await run('python3', ['-m', 'venv', environment]);
      await run(path.join(environment, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', EMULATOR]);
    });
  }
  const url = await startEmulator();
  const home = path.join(work, 'home');
  mkdirSync(home);
  const cloud = {
    // The CLI keeps the account of a profile in ~/.cdk.
    HOME: home,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  const client = { endpoint: url, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const lambda = new LambdaClient(client);
  const secrets = new SecretsManagerClient(client);
  const amazon = await startAmazon({
    clock: { now: () => Date.now() },
    // The emulator asks nobody for permissions.
    services: { url, region: REGION, iam: { addPrincipal: () => undefined } as never },
  });

  try {
    const deploy = (...ids: string[]): Promise<void> =>
      cdk(
        ['deploy', '--require-approval', 'never', '--progress', 'events', '--output', path.join(work, 'cdk.out')],
        {
          applications: JSON.stringify(ids.map((id) => ({ id, region: amazon.url }))),
          lwaTokenUrl: amazon.lwaTokenUrl,
        },
        cloud,
      );
    await step('cdk bootstrap', () =>
      cdk(['bootstrap', `aws://${ACCOUNT}/${REGION}`], { applications: '[{"id":"Shop"}]' }, cloud),
    );
    await step('cdk deploy', () => deploy('Shop'));

    const resource = await resources(client);
    const rotate = resource('AWS::Lambda::Function', /RotateFunction/);
    const secretId = resource('AWS::SecretsManager::Secret', /Shop/);
    const queueArn = await queueArnOf(lambda, rotate);
    const invoke = async (payload: object): Promise<Answer> => {
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName: rotate, Payload: JSON.stringify(payload) }),
      );
      const text = Buffer.from(Payload ?? []).toString();
      if (FunctionError !== undefined) {
        throw new Error(`the rotate function failed: ${text}`);
      }
      const [answer] = (JSON.parse(text) as { applications: Answer[] }).applications;
      if (answer === undefined) {
        throw new Error(`the rotate function told of no application: ${text}`);
      }
      return answer;
    };
    const current = async (): Promise<string> => {
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
      return (JSON.parse(SecretString ?? '{}') as { clientSecret: string }).clientSecret;
    };
    const versions = async (): Promise<string> => {
      const { Versions } = await secrets.send(new ListSecretVersionIdsCommand({ SecretId: secretId }));
      return JSON.stringify(
        (Versions ?? []).map(({ VersionId, VersionStages }) => [VersionId, [...(VersionStages ?? [])].sort()]).sort(),
      );
    };

    const { clientId, clientSecret } = amazon.model.createApplication();
    amazon.model.register(clientId, queueArn);
    await step('seed the secret, register the queue, check', async () => {
      await secrets.send(
        new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify({ clientId, clientSecret }) }),
      );
      const answer = await invoke({ action: 'check' });
      expect(`${answer.outcome} ${answer.kind ?? ''}`.trim(), 'healthy', answer.next);
    });
    await step('rotate, and wait for the new secret to be current', async () => {
      const answer = await invoke({ action: 'rotate', application: 'Shop', requestedBy: 'deploy-locally' });
      expect(`${answer.outcome} ${answer.kind ?? ''}`.trim(), 'requested', answer.next);
      const { value } = amazon.model.currentSecretOf(clientId);
      for (let second = 0; (await current()) !== value; second++) {
        if (second === PATIENCE_SECONDS) {
          throw new Error(`the new secret is not current after ${PATIENCE_SECONDS} seconds`);
        }
        await sleep(1000);
      }
    });
    const before = [await current(), await versions()];
    await step('cdk deploy again, with another application', () => deploy('Shop', 'Warehouse'));
    await step('the secret and its versions are as they were', async () => {
      if (JSON.stringify([await current(), await versions()]) !== JSON.stringify(before)) {
        throw new Error('the second deployment changed the secret or its versions');
      }
      expect((await invoke({ action: 'status' })).outcome, 'healthy');
    });
  } finally {
    await amazon.stop();
  }
}

interface Answer {
  readonly outcome: string;
  readonly kind?: string;
  readonly next: string;
}

function expect(received: string, wanted: string, next = ''): void {
  if (received !== wanted) {
    throw new Error(`expected "${wanted}", received "${received}". ${next}`);
  }
}

async function step(name: string, work: () => Promise<void>): Promise<void> {
  const start = Date.now();
  await work();
  console.log(`✔ ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}

function cdk(parameters: string[], context: Record<string, string>, variables: NodeJS.ProcessEnv): Promise<void> {
  return run(
    process.execPath,
    [
      path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
      ...parameters,
      '--app',
      `${process.execPath} ${path.join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs')} ${path.join(__dirname, 'app.ts')}`,
      ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
    ],
    variables,
  );
}

async function run(command: string, parameters: string[], variables: NodeJS.ProcessEnv = {}): Promise<void> {
  // Not synchronously: the fake Amazon answers in this process.
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
}

async function startEmulator(): Promise<string> {
  const port = await freePort();
  const log = path.join(work, 'emulator.log');
  emulator = spawn(path.join(environment, 'bin', 'ministack'), [], {
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

type FindResource = (type: string, logicalId: RegExp) => string;

async function resources(client: object): Promise<FindResource> {
  const { StackResourceSummaries } = await new CloudFormationClient(client).send(
    new ListStackResourcesCommand({ StackName: STACK }),
  );
  return (type, logicalId) => {
    const found = StackResourceSummaries?.find(
      ({ ResourceType, LogicalResourceId }) => ResourceType === type && logicalId.test(LogicalResourceId ?? ''),
    );
    if (found?.PhysicalResourceId === undefined) {
      throw new Error(`the stack has no ${type} ${String(logicalId)}`);
    }
    return found.PhysicalResourceId;
  };
}

async function queueArnOf(lambda: LambdaClient, functionName: string): Promise<string> {
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  return Environment?.Variables?.NOTIFICATION_QUEUE_ARN ?? '';
}
