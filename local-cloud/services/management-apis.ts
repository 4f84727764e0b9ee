import { AwsError, NotEmulated } from './aws-error';
import { queryApi, type HttpApi, type QueryOperation, type Xml } from './http-api';
import type { IamModel, Principal } from './iam';

interface RunningFunction {
  readonly name: string;
  readonly arn: string;
  readonly configuration: { readonly environment: Readonly<Record<string, string>> };
}

/** A running stack, as command-line tools see it. */
export interface RunningStack {
  readonly identity: { readonly stackName: string; readonly stackId: string };
  readonly outputs: Readonly<Record<string, string>>;
  readonly outputDescriptions: Readonly<Record<string, string | undefined>>;
  readonly resources: ReadonlyMap<string, { readonly logicalId: string; readonly ref: string; readonly type: string }>;
  readonly functions: ReadonlyMap<string, RunningFunction>;
  readonly aliases: ReadonlyMap<string, { readonly name: string; readonly functionArn: string }>;
  invoke(
    functionArn: string,
    payload: unknown,
    options: { readonly qualifier?: string },
  ): Promise<{ readonly functionError?: string; readonly rawPayload: string }>;
  delete(): Promise<void>;
}

type Authorize = IamModel['authorize'];

/** Who one is: allowed to everybody, whatever the policies say. */
export function stsApi(): HttpApi {
  return queryApi('sts', 'https://sts.amazonaws.com/doc/2011-06-15/', {
    GetCallerIdentity: (_parameters, { arn, account, name }) => ({ Arn: arn, UserId: name, Account: account }),
  });
}

/** CloudFormation, as far as people's tools ask it about a stack that is there. */
export function cloudFormationApi(stacks: ReadonlySet<RunningStack>, authorize: Authorize): HttpApi {
  const find = (name: string): RunningStack => {
    const found = [...stacks].find(({ identity }) => name === identity.stackName || name === identity.stackId);
    if (found === undefined) {
      throw new AwsError('ValidationError', `Stack with id ${name} does not exist`);
    }
    return found;
  };
  const describeStacks: QueryOperation = (parameters, principal) => {
    const name = parameters.get('StackName');
    const found = name === null ? [...stacks] : [find(name)];
    for (const { identity } of found) {
      authorize({ principal, action: 'cloudformation:DescribeStacks', resource: identity.stackId });
    }
    return { Stacks: found.map(describe) };
  };
  const listStackResources: QueryOperation = (parameters, principal) => {
    const { identity, resources } = find(parameters.get('StackName') ?? '');
    authorize({ principal, action: 'cloudformation:ListStackResources', resource: identity.stackId });
    return {
      StackResourceSummaries: [...resources.values()].map(({ logicalId, ref, type }) => ({
        LogicalResourceId: logicalId,
        PhysicalResourceId: ref,
        ResourceType: type,
        ResourceStatus: 'CREATE_COMPLETE',
        LastUpdatedTimestamp: '2026-01-01T00:00:00Z',
      })),
    };
  };
  return queryApi('cloudformation', 'http://cloudformation.amazonaws.com/doc/2010-05-15/', {
    DeleteStack: (parameters, principal) => deleteStack(find(parameters.get('StackName') ?? ''), principal, authorize),
    DescribeStacks: describeStacks,
    ListStackResources: listStackResources,
  });
}

async function deleteStack(stack: RunningStack, principal: Principal, authorize: Authorize): Promise<Xml> {
  authorize({ principal, action: 'cloudformation:DeleteStack', resource: stack.identity.stackId });
  await stack.delete();
  return {};
}

function describe({ identity, outputs, outputDescriptions }: RunningStack): Xml {
  return {
    StackName: identity.stackName,
    StackId: identity.stackId,
    StackStatus: 'CREATE_COMPLETE',
    CreationTime: '2026-01-01T00:00:00Z',
    Outputs: Object.entries(outputs).map(([key, value]) => ({
      OutputKey: key,
      OutputValue: value,
      Description: outputDescriptions[key],
    })),
  };
}

function requireAlias({ aliases }: RunningStack, arn: string, qualifier: string | undefined): void {
  const isThere = [...aliases.values()].some(({ functionArn, name }) => functionArn === arn && name === qualifier);
  if (qualifier !== undefined && !isThere) {
    throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}:${qualifier}`, 404);
  }
}

const LAMBDA_OPERATIONS: Readonly<Record<string, 'Invoke' | 'GetFunctionConfiguration'>> = {
  'POST invocations': 'Invoke',
  'GET configuration': 'GetFunctionConfiguration',
};

/** Lambda's Invoke and GetFunctionConfiguration, for whoever may. */
export function lambdaApi(stacks: ReadonlySet<RunningStack>, authorize: Authorize): HttpApi {
  return {
    name: 'lambda',
    handle: async ({ method, path, body }, principal) => {
      const { operation, reference, qualifier } = lambdaCall(method, path);
      const { stack, target } = functionIn(stacks, reference);
      const resource = qualifier === undefined ? target.arn : `${target.arn}:${qualifier}`;
      const action = operation === 'Invoke' ? 'lambda:InvokeFunction' : 'lambda:GetFunctionConfiguration';
      authorize({ principal, action, resource });
      requireAlias(stack, target.arn, qualifier);
      const answer = operation === 'Invoke' ? await invoked(stack, target, body, qualifier) : configurationOf(target);
      return { operation, contentType: 'application/json', ...answer };
    },
    renderError: (error) => ({
      contentType: 'application/json',
      headers: { 'x-amzn-errortype': error.code },
      body: JSON.stringify({ Type: 'User', Message: error.message }),
    }),
  };
}

function lambdaCall(
  method: string,
  path: string,
): { operation: 'Invoke' | 'GetFunctionConfiguration'; reference: string; qualifier: string | undefined } {
  const [, encoded = '', what = '', asked] =
    /^\/2015-03-31\/functions\/([^/?]+)\/(invocations|configuration)(?:\?Qualifier=([^&]+))?$/.exec(path) ?? [];
  const operation = LAMBDA_OPERATIONS[`${method} ${what}`];
  if (operation === undefined) {
    throw new NotEmulated(`${method} ${path} of Lambda`);
  }
  // An alias can also stand at the end of the name or of the ARN.
  const [, reference = '', inName] =
    /^((?:arn:.*:function:)?[^:]+)(?::([^:]+))?$/.exec(decodeURIComponent(encoded)) ?? [];
  return { operation, reference, qualifier: asked ?? inName };
}

function functionIn(
  stacks: ReadonlySet<RunningStack>,
  reference: string,
): { stack: RunningStack; target: RunningFunction } {
  for (const stack of stacks) {
    for (const target of stack.functions.values()) {
      if (reference === target.name || reference === target.arn) {
        return { stack, target };
      }
    }
  }
  throw new AwsError('ResourceNotFoundException', `Function not found: ${reference}`, 404);
}

function configurationOf({ name, arn, configuration }: RunningFunction): { body: string } {
  const Environment = { Variables: configuration.environment };
  return { body: JSON.stringify({ FunctionName: name, FunctionArn: arn, Environment }) };
}

async function invoked(
  stack: RunningStack,
  { arn }: RunningFunction,
  body: string,
  qualifier: string | undefined,
): Promise<{ body: string; headers?: Record<string, string> }> {
  const payload: unknown = JSON.parse(body === '' ? '{}' : body);
  const { functionError, rawPayload } = await stack.invoke(arn, payload, qualifier === undefined ? {} : { qualifier });
  return {
    body: rawPayload,
    ...(functionError !== undefined && { headers: { 'x-amz-function-error': functionError } }),
  };
}
