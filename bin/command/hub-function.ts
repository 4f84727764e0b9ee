import {
  CloudFormationClient,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { ROTATE_FUNCTION_OUTPUT } from '../../lib/contract/operators';
import { CommandFailed, EXIT } from './exit-code';

interface FoundHub {
  readonly stackName: string;
  readonly functionName: string;
  readonly functionArn: string;
}

/**
 * Finds the ARN of the rotate function of a stack, or of the only one in the region, by the description of its stack
 * output.
 *
 * An output is only a text, which whoever may create a stack can write. So the function must belong to the same stack.
 */
export async function findRotateFunction(stackName: string | undefined): Promise<string> {
  const hubs = await hubsIn(stackName);
  const [only, ...others] = hubs;
  if (only === undefined) {
    throw new CommandFailed(
      EXIT.unreachable,
      stackName === undefined
        ? 'no stack in this account and region has a rotate function; name the region with --region, the profile with --profile, or the function with --function-name'
        : `the stack ${stackName} has no output with the name of a rotate function of its own; name another stack with --stack, or the function with --function-name`,
    );
  }
  if (others.length > 0) {
    const list = hubs.map((hub) => `  --stack ${hub.stackName} --function-name ${hub.functionName}`).join('\n');
    throw new CommandFailed(
      EXIT.wrongUsage,
      `there are ${hubs.length} rotate functions; name the stack, or the function:\n${list}`,
    );
  }
  return only.functionArn;
}

async function hubsIn(stackName: string | undefined): Promise<FoundHub[]> {
  const client = new CloudFormationClient({});
  const hubs: FoundHub[] = [];
  try {
    for await (const { Stacks: stacks = [] } of paginateDescribeStacks({ client }, { StackName: stackName })) {
      for (const hub of stacks.flatMap(hubsOf)) {
        if (await isOwnFunction(client, hub)) {
          hubs.push(hub);
        }
      }
    }
  } finally {
    client.destroy();
  }
  return hubs;
}

async function isOwnFunction(client: CloudFormationClient, { stackName, functionName }: FoundHub): Promise<boolean> {
  for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
    const isHere = page.StackResourceSummaries?.some(
      ({ ResourceType: type, PhysicalResourceId: name }) => type === 'AWS::Lambda::Function' && name === functionName,
    );
    if (isHere === true) {
      return true;
    }
  }
  return false;
}

function hubsOf({ StackName: stackName = '', StackId: stackId = '', Outputs: outputs = [] }: Stack): FoundHub[] {
  return outputs.flatMap(({ Description: description, OutputValue: functionName }) =>
    description === ROTATE_FUNCTION_OUTPUT && functionName !== undefined
      ? [{ stackName, functionName, functionArn: arnOf(functionName, stackId) }]
      : [],
  );
}

function arnOf(functionName: string, stackId: string): string {
  const [, partition = '', , region = '', account = ''] = stackId.split(':');
  return `arn:${partition}:lambda:${region}:${account}:function:${functionName}`;
}
