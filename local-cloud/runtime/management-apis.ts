import {
  AwsError,
  NotEmulated,
  queryApi,
  type HttpApi,
  type IamModel,
  type QueryOperation,
  type Services,
} from '../services';
import type { LocalStack } from './local-stack';

/** The stacks of each emulated cloud. */
const RUNNING = new WeakMap<Services, Set<LocalStack>>();

/** Lets people's tools find a stack and invoke its functions. */
export function publish(stack: LocalStack, services: Services): void {
  const stacks = RUNNING.get(services) ?? new Set();
  RUNNING.set(services, stacks.add(stack));
  services.httpApis.set('cloudformation', cloudFormationApi(stacks, services.iam.authorize.bind(services.iam)));
  services.httpApis.set('lambda', lambdaApi(stacks, services.iam.authorize.bind(services.iam)));
}

export function withdraw(stack: LocalStack, services: Services): void {
  RUNNING.get(services)?.delete(stack);
}

type Authorize = IamModel['authorize'];

/** CloudFormation, as far as people's tools ask it about a stack that is there. */
export function cloudFormationApi(stacks: ReadonlySet<LocalStack>, authorize: Authorize): HttpApi {
  const find = (name: string): LocalStack => {
    const found = [...stacks].find(({ identity }) => name === identity.stackName || name === identity.stackId);
    if (found === undefined) {
      throw new AwsError('ValidationError', `Stack with id ${name} does not exist`);
    }
    return found;
  };
  const describeStacks: QueryOperation = (parameters, principal) => {
    const name = parameters.get('StackName');
    return {
      Stacks: (name === null ? [...stacks] : [find(name)]).map(({ identity, outputs, outputDescriptions }) => {
        authorize({ principal, action: 'cloudformation:DescribeStacks', resource: identity.stackId });
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
      }),
    };
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
    DescribeStacks: describeStacks,
    ListStackResources: listStackResources,
  });
}

/** Lambda's Invoke, for whoever may. */
export function lambdaApi(stacks: ReadonlySet<LocalStack>, authorize: Authorize): HttpApi {
  return {
    name: 'lambda',
    handle: async ({ method, path, body }, principal) => {
      const [, encoded] = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/.exec(path) ?? [];
      if (method !== 'POST' || encoded === undefined) {
        throw new NotEmulated(`${method} ${path} of Lambda`);
      }
      const reference = decodeURIComponent(encoded);
      const found = [...stacks].flatMap((stack) => [...stack.functions.values()].map((target) => ({ stack, target })));
      const { stack, target } =
        found.find(({ target: { name, arn } }) => reference === name || reference === arn) ?? {};
      if (stack === undefined || target === undefined) {
        throw new AwsError('ResourceNotFoundException', `Function not found: ${reference}`, 404);
      }
      authorize({ principal, action: 'lambda:InvokeFunction', resource: target.arn });
      const { functionError, rawPayload } = await stack.invoke(target.arn, JSON.parse(body === '' ? '{}' : body));
      return {
        operation: 'Invoke',
        contentType: 'application/json',
        ...(functionError !== undefined && { headers: { 'x-amz-function-error': functionError } }),
        body: rawPayload,
      };
    },
    renderError: (error) => ({
      contentType: 'application/json',
      headers: { 'x-amzn-errortype': error.code },
      body: JSON.stringify({ Type: 'User', Message: error.message }),
    }),
  };
}
