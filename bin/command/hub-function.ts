import { CloudFormationClient, paginateDescribeStacks, type Stack } from '@aws-sdk/client-cloudformation';
import { ROTATE_FUNCTION_OUTPUT } from '../../lib/contract/operators';
import { CommandFailed, EXIT } from './exit-code';

interface FoundHub {
  readonly stackName: string;
  readonly functionName: string;
}

/** Finds the rotate function of a stack, or the only one in the region, by the description of its stack output. */
export async function findRotateFunction(stackName: string | undefined): Promise<string> {
  const hubs = await hubsIn(stackName);
  const [only, ...others] = hubs;
  if (only === undefined) {
    throw new CommandFailed(
      EXIT.unreachable,
      stackName === undefined
        ? 'no stack in this account and region has a rotate function; name the region with --region, the profile with --profile, or the function with --function-name'
        : `the stack ${stackName} has no output with the name of a rotate function; name another stack with --stack, or the function with --function-name`,
    );
  }
  if (others.length > 0) {
    const list = hubs.map((hub) => `  --stack ${hub.stackName} --function-name ${hub.functionName}`).join('\n');
    throw new CommandFailed(
      EXIT.wrongUsage,
      `there are ${hubs.length} rotate functions; name the stack, or the function:\n${list}`,
    );
  }
  return only.functionName;
}

async function hubsIn(stackName: string | undefined): Promise<FoundHub[]> {
  const client = new CloudFormationClient({});
  const hubs: FoundHub[] = [];
  try {
    for await (const { Stacks: stacks = [] } of paginateDescribeStacks({ client }, { StackName: stackName })) {
      hubs.push(...stacks.flatMap(hubsOf));
    }
  } finally {
    client.destroy();
  }
  return hubs;
}

function hubsOf({ StackName: stackName = '', Outputs: outputs = [] }: Stack): FoundHub[] {
  return outputs.flatMap(({ Description: description, OutputValue: functionName }) =>
    description === ROTATE_FUNCTION_OUTPUT && functionName !== undefined ? [{ stackName, functionName }] : [],
  );
}
