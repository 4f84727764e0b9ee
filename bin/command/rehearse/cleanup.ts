import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { CommandFailed, EXIT } from '../exit-code';
import type { FoundHub } from '../hub-function';
import type { Step } from '../steps';
import type { PlayedAmazon } from './played-amazon';

const PAUSE = 3000;

/** Deletes the stack of a rehearsal with all that is in it. */
export function cleanupSteps(hub: FoundHub, amazon: PlayedAmazon): Step[] {
  const { stackName, stackId } = hub;
  return [
    {
      title: `Look whether everything in the stack ${stackName} is a rehearsal's`,
      run: async () => {
        requireNothingElse(hub);
        await requireNothingReal(amazon);
        await amazon.ask({ action: 'end' });
        return 'it is, and Amazon is no longer played';
      },
    },
    {
      title: `Delete the stack ${stackName}`,
      run: async (progress) => {
        const client = new CloudFormationClient({});
        try {
          await client.send(new DeleteStackCommand({ StackName: stackId }));
          await untilDeleted(client, stackId, progress);
          const kept = await keptOf(client, stackId);
          if (kept.length > 0) {
            throw new CommandFailed(
              EXIT.needsAttention,
              `the template of ${stackName} says that these are kept; delete them by hand:\n${kept.join('\n')}`,
            );
          }
          return 'nothing of it is left';
        } finally {
          client.destroy();
        }
      },
    },
  ];
}

function requireNothingElse({ stackName, othersInStack }: FoundHub): void {
  if (othersInStack !== 0) {
    throw new CommandFailed(
      EXIT.prevented,
      `the stack ${stackName} has resources that are no rehearsal's, and they would be deleted with it; nothing was deleted. If they may be, delete it with npx cdk destroy ${stackName}`,
    );
  }
}

async function requireNothingReal(amazon: PlayedAmazon): Promise<void> {
  const { applications = [] } = await amazon.ask({ action: 'look' });
  const foreign = applications.filter(({ current }) => current === 'unknown');
  if (foreign.length > 0) {
    throw new CommandFailed(
      EXIT.prevented,
      `the secret of ${foreign.map(({ application }) => application).join(', ')} holds a client secret that no rehearsal made; nothing was deleted`,
    );
  }
}

async function untilDeleted(
  client: CloudFormationClient,
  stackId: string,
  progress: (line: string) => void,
): Promise<void> {
  for (;;) {
    const { Stacks: [stack] = [] } = await client
      .send(new DescribeStacksCommand({ StackName: stackId }))
      .catch((error: unknown) => {
        // AWS tells of a deleted stack by its id for 90 days. An emulator need not.
        if (error instanceof Error && error.message.includes('does not exist')) {
          return { Stacks: [] };
        }
        throw error;
      });
    const status = stack?.StackStatus ?? 'DELETE_COMPLETE';
    if (status === 'DELETE_COMPLETE') {
      return;
    }
    if (!status.startsWith('DELETE_') || status === 'DELETE_FAILED') {
      throw new CommandFailed(
        EXIT.unreachable,
        `CloudFormation did not delete the stack: ${status} ${stack?.StackStatusReason ?? ''}`,
      );
    }
    progress(status);
    await sleep(PAUSE);
  }
}

/** What the template tells CloudFormation to keep. */
async function keptOf(client: CloudFormationClient, stackId: string): Promise<string[]> {
  const kept: string[] = [];
  try {
    for await (const { StackResourceSummaries: resources = [] } of paginateListStackResources(
      { client },
      { StackName: stackId },
    )) {
      kept.push(
        ...resources
          .filter(({ ResourceStatus: status }) => status === 'DELETE_SKIPPED')
          .map(({ ResourceType: type, PhysicalResourceId: id }) => `  ${type ?? ''} ${id ?? ''}`),
      );
    }
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('does not exist'))) {
      throw error;
    }
  }
  return kept;
}
