import { CloudFormationClient, paginateDescribeStacks, type Stack } from '@aws-sdk/client-cloudformation';
import { ROTATE_FUNCTION_OUTPUT } from '../../lib/contract/operators';
import { CommandFailed, EXIT } from './exit-code';

interface FoundHub {
  readonly stackName: string;
  readonly functionName: string;
}

/** The rotate function of the hub in a stack, or of the only hub in the region: stacks tell it in an output. */
export async function findRotateFunction(stackName: string | undefined): Promise<string> {
  const hubs = await hubsIn(stackName);
  const [only, ...others] = hubs;
  if (only === undefined) {
    throw new CommandFailed(
      EXIT.unreachable,
      stackName === undefined
        ? 'no stack in this account and region has a hub; name the region with --region, the profile with --profile, or the function with --function-name'
        : `the stack ${stackName} has no output that names a rotate function; name another with --stack, or the function with --function-name`,
    );
  }
  if (others.length > 0) {
    const list = hubs.map((hub) => `  --stack ${hub.stackName} --function-name ${hub.functionName}`).join('\n');
    throw new CommandFailed(
      EXIT.wrongUsage,
      `there are ${hubs.length} hubs; name the stack, or the function:\n${list}`,
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
