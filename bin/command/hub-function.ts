import {
  CloudFormationClient,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { ROTATE_FUNCTION_OUTPUT } from '../../lib/contract/operators';
import { REHEARSAL_FUNCTION_OUTPUT, REHEARSAL_OTHERS_OUTPUT } from '../../lib/contract/rehearsal';
import { CommandFailed, EXIT } from './exit-code';

export interface FoundHub {
  readonly stackName: string;
  readonly stackId: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** Of all alarms in its stack. */
  readonly alarmNames: readonly string[];
  /** Of all subscriptions that its stack made. */
  readonly subscriptionArns: readonly string[];
  /** ARN of the function that plays Amazon for it, if its stack is a rehearsal's. */
  readonly rehearsalArn?: string;
  /** How many resources of such a stack are no rehearsal's; `NaN` where it does not say. */
  readonly othersInStack?: number;
}

/** Finds the hub of a rehearsal: of a stack, or the only one in the region. */
export async function findRehearsal(
  stackName: string | undefined,
): Promise<FoundHub & { readonly rehearsalArn: string }> {
  const found = (await hubsIn(stackName)).flatMap((hub) =>
    hub.rehearsalArn === undefined ? [] : [{ ...hub, rehearsalArn: hub.rehearsalArn }],
  );
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) {
    throw new CommandFailed(
      only === undefined ? EXIT.unreachable : EXIT.wrongUsage,
      only === undefined
        ? `${stackName === undefined ? 'no stack in this account and region' : `the stack ${stackName}`} is a rehearsal: it has no function of its own that plays Amazon. Nothing was done. docs/rehearsal.md says how to deploy one.`
        : `there are ${found.length} rehearsals; name one with --stack: ${found.map((hub) => hub.stackName).join(', ')}`,
    );
  }
  return only;
}

/**
 * Finds the hub of a stack, or the only one in the region, by the description of its stack output.
 *
 * An output is only a text, which whoever may create a stack can write. So the function must belong to the same stack.
 *
 * @param functionName which of the hubs, by its name or ARN
 */
export async function findHub(stackName: string | undefined, functionName?: string): Promise<FoundHub> {
  const found = await hubsIn(stackName);
  const hubs = found.filter(({ functionName: name, functionArn: arn }) => [name, arn].includes(functionName ?? name));
  const [only, ...others] = hubs;
  if (only === undefined) {
    throw new CommandFailed(
      EXIT.unreachable,
      stackName === undefined
        ? 'no stack in this account and region has a rotate function; name the region with --region, the profile with --profile, or the function with --function-name'
        : `the stack ${stackName} has no output with the name of a rotate function of its own, nor has one that is nested in it; name another stack with --stack, or the function with --function-name`,
    );
  }
  if (others.length > 0) {
    const list = hubs.map((hub) => `  --stack ${hub.stackName} --function-name ${hub.functionName}`).join('\n');
    throw new CommandFailed(
      EXIT.wrongUsage,
      `there are ${hubs.length} rotate functions; name the stack, or the function:\n${list}`,
    );
  }
  return only;
}

async function hubsIn(stackName: string | undefined): Promise<FoundHub[]> {
  const client = new CloudFormationClient({});
  try {
    return await hubsBelow(client, stackName);
  } catch (error) {
    if (stackName === undefined && error instanceof Error && error.name.startsWith('AccessDenied')) {
      throw new CommandFailed(
        EXIT.unreachable,
        `you may not list the stacks of this region: name the stack with --stack (an alarm's name begins with it), or the function with --function-name. ${error.message}`,
      );
    }
    throw error;
  } finally {
    client.destroy();
  }
}

/** The hubs of a stack and of those nested in it, or of all stacks: among all of them, the nested ones are listed anyway. */
async function hubsBelow(client: CloudFormationClient, stackName: string | undefined): Promise<FoundHub[]> {
  const hubs: FoundHub[] = [];
  for await (const { Stacks: stacks = [] } of paginateDescribeStacks({ client }, { StackName: stackName })) {
    for (const stack of stacks) {
      const named = hubsOf(stack);
      const resources = named.length > 0 || stackName !== undefined ? await resourcesOf(client, stack) : [];
      const [alarmNames, subscriptionArns] = [
        idsOf(resources, 'AWS::CloudWatch::Alarm'),
        idsOf(resources, 'AWS::SNS::Subscription'),
      ];
      hubs.push(
        ...named
          .filter(({ functionName }) => idsOf(resources, 'AWS::Lambda::Function').includes(functionName))
          .map((hub) => ({ ...hub, alarmNames, subscriptionArns, ...rehearsalIn(stack, resources) })),
      );
      for (const nested of stackName === undefined ? [] : idsOf(resources, 'AWS::CloudFormation::Stack')) {
        hubs.push(...(await hubsBelow(client, nested)));
      }
    }
  }
  return hubs;
}

async function resourcesOf(
  client: CloudFormationClient,
  { StackId, StackName }: Stack,
): Promise<StackResourceSummary[]> {
  const resources: StackResourceSummary[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: StackId ?? StackName })) {
    resources.push(...(page.StackResourceSummaries ?? []));
  }
  return resources;
}

function idsOf(resources: readonly StackResourceSummary[], type: string): string[] {
  return resources.flatMap(({ ResourceType, PhysicalResourceId: id }) =>
    ResourceType === type && id !== undefined && id !== '' ? [id] : [],
  );
}

/** As the outputs say. */
function hubsOf({
  StackName: stackName = '',
  StackId: stackId = '',
  Outputs: outputs = [],
}: Stack): Omit<FoundHub, 'alarmNames' | 'subscriptionArns'>[] {
  return outputs.flatMap(({ Description: description, OutputValue: functionName }) =>
    description === ROTATE_FUNCTION_OUTPUT && functionName !== undefined
      ? [{ stackName, stackId, functionName, functionArn: arnOf(functionName, stackId) }]
      : [],
  );
}

/** As for a hub, the output is only a text: the function must belong to the stack. */
function rehearsalIn(
  { StackId: stackId = '', Outputs: outputs = [] }: Stack,
  resources: readonly StackResourceSummary[],
): Pick<FoundHub, 'rehearsalArn' | 'othersInStack'> {
  const valueOf = (description: string): string | undefined =>
    outputs.find(({ Description }) => Description === description)?.OutputValue;
  const name = valueOf(REHEARSAL_FUNCTION_OUTPUT);
  return name !== undefined && idsOf(resources, 'AWS::Lambda::Function').includes(name)
    ? { rehearsalArn: arnOf(name, stackId), othersInStack: Number(valueOf(REHEARSAL_OTHERS_OUTPUT) ?? NaN) }
    : {};
}

function arnOf(functionName: string, stackId: string): string {
  const [, partition = '', , region = '', account = ''] = stackId.split(':');
  return `arn:${partition}:lambda:${region}:${account}:function:${functionName}`;
}
