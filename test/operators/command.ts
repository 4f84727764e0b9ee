import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import type { PolicyStatement } from '../../local-cloud/services/policy';
import type { LocalHub } from '../fakes/local-hub';

export const COMMAND = path.join(__dirname, '..', '..', 'assets', 'cli', 'index.js');

const OPERATOR_KEY = 'ASIAOPERATOR00000000';
export const OPERATOR_ARN = 'arn:aws:sts::123456789012:assumed-role/OnCall/anna';

/** What `npm run test:elsewhere` moves a program's clock with, and its time zone. */
const WHERE = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(LD_PRELOAD|TZ)$|FAKE/.test(name)));

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** A person who may do what `actions` say, and their environment. */
export function operator(
  hub: LocalHub,
  actions: readonly string[],
  statements: readonly PolicyStatement[] = [],
): NodeJS.ProcessEnv {
  hub.people.add('anna');
  hub.services.iam.addPrincipal({
    name: 'anna',
    accessKeyId: OPERATOR_KEY,
    arn: OPERATOR_ARN,
    policies: [
      {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }, ...statements],
      },
    ],
  });
  return {
    ...WHERE,
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: hub.services.url,
    AWS_ACCESS_KEY_ID: OPERATOR_KEY,
    AWS_SECRET_ACCESS_KEY: 'local-cloud',
    AWS_REGION: hub.services.region,
    AWS_DEFAULT_REGION: hub.services.region,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** The policies of docs/permissions.md: of those on call, who may also seed. The stack is `Scene`, the construct `Hub`. */
export function documentedPermissions({ services: { region, account } }: LocalHub): PolicyStatement[] {
  const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'permissions.md'), 'utf8')
    .replaceAll('eu-west-1', region)
    .replaceAll('111122223333', account)
    .replaceAll(/Hub(?=-\*|\/\*)/g, 'Scene')
    .replaceAll('RotationApplications', 'HubApplications');
  const [observer, operatorToo, onCall, , seeding] = [...page.matchAll(/```json\n([^]*?)```/g)].map(
    ([, json = '']) => JSON.parse(json) as { readonly Statement: PolicyStatement[] },
  );
  return [observer, operatorToo, onCall, seeding].flatMap((policy) => policy?.Statement ?? []);
}

/** What the command needs to find the function. */
export const FINDING = ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'];

/** What the least privileged user of the command needs. */
export const LEAST = [...FINDING, 'lambda:InvokeFunction'];

/** The same, of who seeds. docs/permissions.md names them. */
export const LEAST_TO_SEED = [
  ...FINDING,
  'lambda:GetFunctionConfiguration',
  'ssm:GetParametersByPath',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
];

/** The same, of who drills. docs/permissions.md names them. */
export const LEAST_TO_DRILL = [
  ...FINDING,
  'cloudwatch:DescribeAlarms',
  'cloudwatch:SetAlarmState',
  'sns:ListSubscriptionsByTopic',
];

/** The same, of who rehearses. docs/rehearsal.md names them. */
export const LEAST_TO_REHEARSE = [...LEAST, 'cloudwatch:DescribeAlarms'];

/** The same, of who removes a rehearsal. What CloudFormation deletes for them needs more. */
export const LEAST_TO_CLEAN_UP = [...LEAST, 'cloudformation:DeleteStack'];

/** Runs a program to its end; this process goes on serving it meanwhile. */
export function run(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  input = '',
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { env: environment, encoding: 'utf8' }, (error, out, errorText) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, error: errorText }),
    );
    child.stdin?.end(input);
  });
}

export function runCommand(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Finished> {
  return run(process.execPath, [COMMAND, ...args], environment);
}

/** Runs the command when nobody reads an output any more, and returns its exit code and what the other output held. */
export async function runUnread(
  environment: NodeJS.ProcessEnv,
  unread: 'stdout' | 'stderr',
  ...args: string[]
): Promise<{ readonly code: number; readonly other: string }> {
  const waiting = ['-c', 'read -r go && exec "$@"', 'sh', process.execPath, COMMAND, ...args];
  const child = spawn('sh', waiting, { env: environment });
  let other = '';
  child[unread === 'stdout' ? 'stderr' : 'stdout'].on('data', (data: Buffer) => (other += data.toString()));
  child[unread].destroy();
  await once(child[unread], 'close');
  child.stdin.end('go\n');
  const [code] = (await once(child, 'close')) as [number];
  return { code, other };
}

export function answersIn({ out }: Finished): ApplicationAnswer[] {
  return (JSON.parse(out) as { applications: ApplicationAnswer[] }).applications;
}
