import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyDocument } from 'local-cloud';
import { Intrinsics } from '../../local-cloud/runtime/intrinsics';
import type { Json, Template } from '../../local-cloud/runtime/template';
import { LocalRehearsal } from '../fakes/local-rehearsal';
import { operator, run } from '../operators/command';

const ROOT = path.join(__dirname, '..', '..');
const STACK = 'Rehearsal';
const ASSERTIONS = 'RehearsalAssertions';
const SPEED = 5;
const TRIES = 30;

/** What CloudFormation is told. */
interface Answer {
  readonly Reason: string;
  readonly Data?: Readonly<Record<string, string>>;
}

let rehearsal: LocalRehearsal;
let directory: string;

function app(outdir: string): { synth(): { readonly directory: string } } {
  directory = outdir;
  execFileSync(
    process.execPath,
    [path.join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'), 'test/integration/integ.rehearsal.ts'],
    { cwd: ROOT, env: { PATH: process.env.PATH, CDK_OUTDIR: outdir } },
  );
  return { synth: () => ({ directory: outdir }) };
}

/** What is asked of a function, or the operation of AWS. Parameters are JSON, the payload twice. */
function actionOf({ parameters, api }: Readonly<Record<string, Json>>): string {
  const { Payload: payload } = parameters as { readonly Payload?: string };
  return payload === undefined
    ? (api as string)
    : (JSON.parse(JSON.parse(payload) as string) as { readonly action: string }).action;
}

/** A template, with what it imports from the stack. */
function templateOf(stack: string): Template {
  const text = readFileSync(path.join(directory, `${stack}.template.json`), 'utf8');
  return JSON.parse(text, (_, value: unknown) => {
    const name = (value as { readonly 'Fn::ImportValue'?: string } | null)?.['Fn::ImportValue'];
    return name === undefined ? value : rehearsal.stack.outputs[name.replace(`${STACK}:`, '')];
  }) as Template;
}

/** Plays CloudFormation and Step Functions with the functions of integ-tests, under the permissions that they are given. */
class Assertions {
  private readonly template = templateOf(ASSERTIONS);
  private readonly resources = this.template.Resources ?? {};
  private readonly answers = new Map<string, Answer>();
  private readonly intrinsics = new Intrinsics({
    template: this.template,
    pseudoParameters: {
      'AWS::Partition': 'aws',
      'AWS::Region': rehearsal.services.region,
      'AWS::AccountId': rehearsal.services.account,
    },
    resource: (id) => ({ ref: id, attributes: { Arn: id, ...this.answers.get(id)?.Data } }),
  });
  private readonly bundle = path.join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.bundle')) ?? 'no bundle',
  );

  /** In the order in which they depend on each other. */
  async play(): Promise<(readonly [request: string, answer: string])[]> {
    const waiting = new Map(Object.entries(this.resources).filter(([, { Type }]) => Type.startsWith('Custom::')));
    const played: (readonly [string, string])[] = [];
    while (waiting.size > 0) {
      for (const [id, { Type: type, DependsOn: dependencies = [], Properties: properties = {} }] of waiting) {
        if (![dependencies].flat().some((other) => waiting.has(other))) {
          waiting.delete(id);
          const resolved = this.intrinsics.resolve(properties) as Readonly<Record<string, Json>>;
          const answer = await this.one(id, type, resolved);
          this.answers.set(id, answer);
          played.push([actionOf(resolved), answer.Data?.assertion ?? answer.Reason]);
        }
      }
    }
    return played;
  }

  private async one(id: string, type: string, properties: Readonly<Record<string, Json>>): Promise<Answer> {
    const handler = 'stateMachineArn' in properties ? 'isComplete' : 'handler';
    const environment = this.roleOf(handler);
    const event = {
      RequestType: 'Create',
      ResponseURL: 'https://example.com/',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: id,
      ResourceType: type,
      ResourceProperties: properties,
    };
    for (let tries = 0; tries < TRIES; tries++) {
      const { out, error } = await run(
        process.execPath,
        [path.join(__dirname, 'assertion-handler.cjs'), this.bundle, handler],
        { ...environment, NODE_PATH: path.join(ROOT, 'node_modules'), NODE_NO_WARNINGS: '1' },
        JSON.stringify(event),
      );
      if (out !== '') {
        return JSON.parse(out) as Answer;
      }
      if (error !== '') {
        throw new Error(error);
      }
      await sleep(500);
    }
    throw new Error(`${JSON.stringify(properties.parameters)} was not answered as expected`);
  }

  private roleOf(handler: string): NodeJS.ProcessEnv {
    const { Role: role } = Object.values(this.resources).find(
      ({ Properties: { Handler: one } = {} }) => one === `index.${handler}`,
    )?.Properties as { readonly Role: { readonly 'Fn::GetAtt': readonly [string, string] } };
    const { Policies: policies } = this.resources[role['Fn::GetAtt'][0]]?.Properties as {
      readonly Policies: readonly { readonly PolicyDocument: Json }[];
    };
    const statements = policies.flatMap(
      ({ PolicyDocument: document }) => (this.intrinsics.resolve(document) as unknown as PolicyDocument).Statement,
    );
    return operator({ people: new Set(), services: rehearsal.services } as never, [], statements);
  }
}

beforeAll(async () => {
  rehearsal = await LocalRehearsal.open(app, SPEED, STACK);
});

afterAll(() => rehearsal.close());

test('the assertions of the integration test hold, with the functions and the permissions that they have in an account', async () => {
  const success = '{"status":"success"}';
  expect(await new Assertions().play()).toEqual([
    ['start', success],
    ['seed', success],
    ['check', success],
    ['rotate', success],
    ['look', success],
    ['status', success],
    ['describeSecret', success],
    ['receiveMessage', success],
    ['end', success],
  ]);
});

test.each([STACK, ASSERTIONS])('nothing of the stack %s outlives the test', (name) => {
  const { Resources: resources = {} } = templateOf(name);
  const kept = Object.entries(resources).filter(
    ([, { Type: type, DeletionPolicy: policy = 'Delete', Properties: properties = {} }]) =>
      policy !== 'Delete' || (type === 'AWS::Lambda::Function' && !('LoggingConfig' in properties)),
  );
  expect(kept.map(([id]) => id)).toEqual([]);
  expect(Object.values(resources).some(({ Type: type }) => type === 'AWS::Lambda::Function')).toBe(true);
});
