import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { readApplications } from '../../lambda/adapters/parameters';
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
    const { Environment: environment } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    const { [ENVIRONMENT.lwaTokenUrl]: lwaTokenUrl = '', [ENVIRONMENT.applicationsPath]: path = '' } =
      environment?.Variables ?? {};
    if (path === '' || endpointProblem(lwaTokenUrl) !== undefined) {
      throw new CommandFailed(
        EXIT.unreachable,
        `${functionName} is not a rotate function, or its environment is not what the stack sets; deploy the stack to restore it`,
      );
    }
    const applications = await readApplications(ssm, path);
    const application = applications.find((one) => one.id === id);
    if (application === undefined) {
      const ids = applications.map((one) => one.id).join(', ');
      throw new CommandFailed(EXIT.wrongUsage, `there is no application "${id}"; there are: ${ids}`);
    }
    return { application, lwaTokenUrl };
  } finally {
    lambda.destroy();
    ssm.destroy();
  }
}
