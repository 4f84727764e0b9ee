import {
  BatchGetSecretValueCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerModel } from 'local-cloud/models';
import { thrownBySdk } from './sdk-error';

/** The commands that the adapter of the functions sends. */
export type SecretsManagerCommand =
  | BatchGetSecretValueCommand
  | DescribeSecretCommand
  | GetSecretValueCommand
  | PutSecretValueCommand
  | UpdateSecretVersionStageCommand;

/**
 * Carries a command to the service and its answer back. A test decides here how long that takes and what goes wrong.
 *
 * @param perform has the effect on the model, at once, and throws the model's errors
 */
export type Transport = (command: SecretsManagerCommand, perform: () => object) => Promise<object>;

/** Such as `GetSecretValue`. */
export function operationOf(command: SecretsManagerCommand): string {
  return command.constructor.name.replace(/Command$/, '');
}

/** A client of the AWS SDK without HTTP: its `send` calls the model. */
export function secretsManagerClient(
  model: SecretsManagerModel,
  transport: Transport = directTransport,
): SecretsManagerClient {
  const send = (command: SecretsManagerCommand): Promise<object> => transport(command, () => performOn(model, command));
  return { send } as unknown as SecretsManagerClient;
}

/** Nothing goes wrong, and nothing takes time. */
export function directTransport(_: SecretsManagerCommand, perform: () => object): Promise<object> {
  return new Promise((resolve, reject) => {
    try {
      resolve(perform());
    } catch (error) {
      reject(thrownBySdk(error));
    }
  });
}

function performOn(model: SecretsManagerModel, command: SecretsManagerCommand): object {
  if (command instanceof GetSecretValueCommand) {
    return model.getSecretValue(command.input);
  }
  if (command instanceof BatchGetSecretValueCommand) {
    return model.batchGetSecretValue(command.input);
  }
  if (command instanceof DescribeSecretCommand) {
    return model.describeSecret(command.input);
  }
  return command instanceof PutSecretValueCommand
    ? model.putSecretValue(command.input)
    : model.updateSecretVersionStage(command.input);
}
