import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { readApplications } from '../../lambda/adapters/parameters';
import type { HubAnswer } from '../../lambda/core/reconcile/answer';
import type { ApplicationSettings } from '../../lib/contract/application-settings';
import { endpointProblem } from '../../lib/contract/endpoint';
import { ENVIRONMENT } from '../../lib/contract/environment';
import { CommandFailed, EXIT } from './exit-code';

/** What a hub knows of one application, and where it asks for tokens. */
export interface HubSettings {
  readonly application: ApplicationSettings;
  readonly lwaTokenUrl: string;
}

/** Reads from where the functions read: the configuration of the rotate function, and the parameters of the hub. */
export async function readHubSettings(functionName: string, id: string): Promise<HubSettings> {
  const lambda = new LambdaClient({});
  const ssm = new SSMClient({});
  try {
    const { lwaTokenUrl, path, otherEndpoints } = await configurationOf(lambda, functionName);
    const applications = await readApplications(ssm, path, otherEndpoints);
    const found = applications.find(({ settings }) => settings.id === id);
    if (found === undefined) {
      const ids = applications.map(({ settings }) => settings.id).join(', ');
      throw new CommandFailed(EXIT.wrongUsage, `there is no application of that name; there are: ${ids}`);
    }
    if (found.misconfigured !== undefined) {
      throw new CommandFailed(EXIT.unreachable, found.misconfigured);
    }
    return { application: found.settings, lwaTokenUrl };
  } finally {
    lambda.destroy();
    ssm.destroy();
  }
}

/** The ids of the hub as its stack says them, without asking the function itself. */
export async function readHubIds(functionName: string): Promise<HubAnswer> {
  const lambda = new LambdaClient({});
  try {
    const { Environment: environment, FunctionArn: rotate = functionName } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    const valueOf = (name: keyof typeof ENVIRONMENT): string => environment?.Variables?.[ENVIRONMENT[name]] ?? '';
    return {
      queues: {
        notification: { url: valueOf('queueUrl'), arn: valueOf('queueArn') },
        deadLetter: { url: valueOf('deadLetterQueueUrl') },
        unclaimed: { url: valueOf('unclaimedQueueUrl') },
      },
      functions: { rotate, store: valueOf('storeFunctionArn') },
    };
  } finally {
    lambda.destroy();
  }
}

/** What the stack says in the environment of the function. */
async function configurationOf(
  lambda: LambdaClient,
  functionName: string,
): Promise<{ readonly lwaTokenUrl: string; readonly path: string; readonly otherEndpoints: readonly string[] }> {
  const { Environment: environment } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  );
  const variables = environment?.Variables ?? {};
  const valueOf = (name: keyof typeof ENVIRONMENT): string => variables[ENVIRONMENT[name]] ?? '';
  const [lwaTokenUrl, path] = [valueOf('lwaTokenUrl'), valueOf('applicationsPath')];
  if (path === '' || endpointProblem(lwaTokenUrl) !== undefined) {
    throw new CommandFailed(
      EXIT.unreachable,
      `${functionName} is not a rotate function, or its environment is not what the stack sets; to restore it, change a prop of the construct, such as memorySize, and deploy`,
    );
  }
  return { lwaTokenUrl, path, otherEndpoints: valueOf('otherEndpoints').split(' ') };
}
