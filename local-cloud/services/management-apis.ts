import { randomUUID } from 'node:crypto';
import { AwsError, NotEmulated } from './aws-error';
import { queryApi, type HttpApi, type QueryOperation, type Xml } from './http-api';
import type { IamModel, Principal } from './iam';
import type { RunningStack } from './running-stack';

type Authorize = IamModel['authorize'];

/** Who one is: allowed to everybody, whatever the policies say. */
export function stsApi(): HttpApi {
  return queryApi('sts', 'https://sts.amazonaws.com/doc/2011-06-15/', {
    GetCallerIdentity: (_parameters, { arn, account, name }) => ({ Arn: arn, UserId: name, Account: account }),
  });
}

/** CloudFormation, as far as people's tools ask it about a stack that is there. */
// eslint-disable-next-line max-lines-per-function -- a table of operations, each a short function
export function cloudFormationApi(
  stacks: ReadonlySet<RunningStack>,
  authorize: Authorize,
  /** What a call without a stack's name is authorized on. */
  allStacks: string,
): HttpApi {
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
    const resources = name === null ? [allStacks] : found.map(({ identity }) => identity.stackId);
    for (const resource of resources) {
      authorize({ principal, action: 'cloudformation:DescribeStacks', resource });
    }
    return { Stacks: found.map(describe) };
  };
  const listStackResources: QueryOperation = (parameters, principal) => {
    const stack = find(parameters.get('StackName') ?? '');
    authorize({ principal, action: 'cloudformation:ListStackResources', resource: stack.identity.stackId });
    return {
      StackResourceSummaries: summaries(stack).map((one) => ({
        ...one,
        LastUpdatedTimestamp: '2026-01-01T00:00:00Z',
      })),
    };
  };
  const describeStackResources: QueryOperation = (parameters, principal) => {
    const id = parameters.get('PhysicalResourceId') ?? '';
    const owner = [...stacks].find(({ resources }) => [...resources.values()].some(({ ref }) => ref === id));
    if (owner === undefined) {
      throw new AwsError('ValidationError', `Stack for ${id} does not exist`);
    }
    const { stackName: StackName, stackId: StackId } = owner.identity;
    authorize({ principal, action: 'cloudformation:DescribeStackResources', resource: StackId });
    return { StackResources: summaries(owner).map((one) => ({ StackName, StackId, ...one })) };
  };
  const detectStackDrift: QueryOperation = (parameters, principal) => {
    const { identity } = find(parameters.get('StackName') ?? '');
    authorize({ principal, action: 'cloudformation:DetectStackDrift', resource: identity.stackId });
    // What it finds is not emulated.
    return { StackDriftDetectionId: randomUUID() };
  };
  return queryApi('cloudformation', 'http://cloudformation.amazonaws.com/doc/2010-05-15/', {
    DeleteStack: (parameters, principal) => deleteStack(find(parameters.get('StackName') ?? ''), principal, authorize),
    DescribeStacks: describeStacks,
    ListStackResources: listStackResources,
    DescribeStackResources: describeStackResources,
    DetectStackDrift: detectStackDrift,
  });
}

async function deleteStack(stack: RunningStack, principal: Principal, authorize: Authorize): Promise<Xml> {
  authorize({ principal, action: 'cloudformation:DeleteStack', resource: stack.identity.stackId });
  await stack.delete();
  return {};
}

function summaries({ resources }: RunningStack): Record<string, string>[] {
  return [...resources.values()].map(({ logicalId, ref, type }) => ({
    LogicalResourceId: logicalId,
    PhysicalResourceId: ref,
    ResourceType: type,
    ResourceStatus: 'CREATE_COMPLETE',
  }));
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

/** EventBridge Scheduler, as far as people look whether a schedule is enabled. */
export function schedulerApi(stacks: ReadonlySet<RunningStack>, authorize: Authorize): HttpApi {
  return {
    name: 'scheduler',
    handle: ({ method, path }, principal) => {
      if (method !== 'GET' || !/^\/schedules\/?$/.test(path)) {
        throw new NotEmulated(`${method} ${path} of EventBridge Scheduler`);
      }
      const resource = `arn:aws:scheduler::${principal.account}:*`;
      authorize({ principal, action: 'scheduler:ListSchedules', resource });
      const found = [...stacks].flatMap(({ schedules }) => [...schedules.values()]);
      const Schedules = found.map(({ name, arn, groupArn, enabled, targetArn }) => ({
        Arn: arn,
        Name: name,
        GroupName: groupArn.split('/').at(-1),
        State: enabled ? 'ENABLED' : 'DISABLED',
        Target: { Arn: targetArn },
      }));
      return { operation: 'ListSchedules', contentType: 'application/json', body: JSON.stringify({ Schedules }) };
    },
    renderError: ({ code, message }) => ({
      contentType: 'application/json',
      headers: { 'x-amzn-errortype': code },
      body: JSON.stringify({ Message: message }),
    }),
  };
}
