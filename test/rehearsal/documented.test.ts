import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';
import { createApp } from '../../bin/app/stack';
import type { ConsoleAnswer } from '../../lambda/rehearsal/console';
import { ROTATION_SCOPE } from '../fakes/amazon';
import { LocalRehearsal } from '../fakes/local-rehearsal';
import { operator, run } from '../operators/command';

const ROOT = path.join(__dirname, '..', '..');
const PYTHON = path.join(ROOT, 'node_modules', '.cache', 'consumers', 'python', 'bin', 'python');
const SPEED = 20;

/** The block of docs/rehearsal.md that defines `rehearse`. */
function documented(language: 'python' | 'ts'): string {
  const page = readFileSync(path.join(ROOT, 'docs', 'rehearsal.md'), 'utf8');
  const blocks = [...page.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\\n\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  );
  const [found, ...others] = blocks.filter((code) => /\brehearse\(/.test(code));
  if (found === undefined || others.length > 0) {
    throw new Error(`docs/rehearsal.md has ${others.length + 1} or no such block in ${language}`);
  }
  return found;
}

/** A consumer that reads the secret and gets a token. Prints how many client secrets it saw. */
const PYTHON_CONSUMER = `
import os
from urllib.parse import urlencode
from urllib.request import Request, urlopen

seen = set()
form = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}

def works():
    secrets = boto3.client("secretsmanager")
    pair = json.loads(secrets.get_secret_value(SecretId=os.environ["SECRET"])["SecretString"])
    asked = {"client_id": pair["clientId"], "client_secret": pair["clientSecret"]}
    body = urlencode({"grant_type": "client_credentials", "scope": "${ROTATION_SCOPE}", **asked}).encode()
    assert urlopen(Request(os.environ["LWA"], body, form)).status == 200
    seen.add(pair["clientSecret"])

rehearse(os.environ["PLAYED"], os.environ["ROTATE"], works)
print(len(seen))
`;

const NODE_CONSUMER = `
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const { SECRET, LWA, PLAYED, ROTATE } = process.env;
const seen = new Set();

await rehearse(PLAYED, ROTATE, async () => {
  const { SecretString: text } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: SECRET }));
  const { clientId, clientSecret } = JSON.parse(text);
  const asked = { client_id: clientId, client_secret: clientSecret };
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope: '${ROTATION_SCOPE}', ...asked });
  const { status } = await fetch(LWA, { method: 'POST', body });
  if (status !== 200) throw new Error(String(status));
  seen.add(clientSecret);
});
console.log(seen.size);
`;

const compiled = (code: string): string =>
  ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } })
    .outputText;

const LANGUAGES = [
  {
    name: 'TypeScript',
    isThere: true,
    command: [process.execPath, '--input-type=module', '-'],
    program: () => compiled(documented('ts')) + NODE_CONSUMER,
  },
  {
    name: 'Python',
    isThere: spawnSync(PYTHON, ['-c', 'import boto3']).status === 0,
    command: [PYTHON, '-'],
    program: () => documented('python') + PYTHON_CONSUMER,
  },
].map(({ name, isThere, command, program }) => ({
  name: isThere ? name : `${name} (skipped: boto3 is not here)`,
  isThere,
  command,
  program,
}));

test.each(LANGUAGES)(
  'the integration test of docs/rehearsal.md sees a consumer work before and after a rotation: in $name',
  async ({ isThere, command: [file = '', ...args], program }) => {
    if (!isThere) {
      return;
    }
    const rehearsal = await LocalRehearsal.open((outdir) => createApp({ rehearsal: true }, { outdir }), SPEED);
    try {
      const { stack, services } = rehearsal;
      const idOf = (type: string, part: string): string =>
        stack.one(type, ({ logicalId }) => logicalId.includes(part)).ref;
      const played = idOf('AWS::Lambda::Function', 'RehearsalFunction');
      const url = String(stack.one('AWS::Lambda::Url').attributes.FunctionUrl);
      const environment = {
        ...operator({ people: new Set(), services } as never, [
          'lambda:InvokeFunction',
          'secretsmanager:GetSecretValue',
        ]),
        NODE_NO_WARNINGS: '1',
        PLAYED: played,
        ROTATE: idOf('AWS::Lambda::Function', 'RotateFunction'),
        SECRET: idOf('AWS::SecretsManager::Secret', 'ApplicationsShop'),
        LWA: `${url}${String(stack.identity.stackId.split('/').at(-1))}/auth/o2/token`,
      };
      expect(await run(file, args, environment, program())).toEqual({ code: 0, out: '2\n', error: '' });
      const { openUntil } = JSON.parse((await stack.invoke(played, { action: 'look' })).rawPayload) as ConsoleAnswer;
      expect(openUntil).toMatch(/^1970/);
    } finally {
      await rehearsal.close();
    }
  },
);
