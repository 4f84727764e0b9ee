import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type GetSecretValueCommandOutput,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { call } from '../../../lambda/adapters/aws-call';
import { CommandFailed, EXIT } from '../exit-code';
import { LABEL } from '../../../lambda/core/ports';

/** The current version of a secret. */
export type StoredSecret = Pick<GetSecretValueCommandOutput, 'VersionId' | 'SecretString' | 'CreatedDate'>;

/** Name and complete ARN, for people. Throws where there is no secret, or one that is marked for deletion. */
export async function secretName(client: SecretsManagerClient, secretId: string): Promise<string> {
  const description = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
  const { Name: name = secretId, ARN: arn = secretId, DeletedDate: deleted } = description;
  if (deleted !== undefined) {
    throw new CommandFailed(
      EXIT.unreachable,
      `the secret ${name} is marked for deletion (its DeletedDate is ${deleted.toISOString()}); nothing was stored. Restore it first, it may need no new value: aws secretsmanager restore-secret --secret-id ${arn}`,
    );
  }
  return `${name} (${arn})`;
}

/** `undefined`: the secret has no value. */
export async function readCurrent(client: SecretsManagerClient, secretId: string): Promise<StoredSecret | undefined> {
  try {
    return await client.send(new GetSecretValueCommand({ SecretId: secretId, VersionStage: LABEL.current }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') {
      return undefined;
    }
    throw error;
  }
}

/** Makes a text the current version, and returns its version id. Errors are of a closed form: AWS's may quote the text. */
export function store(client: SecretsManagerClient, secretId: string, text: string): Promise<string> {
  return call('secretsmanager:PutSecretValue', async () => {
    const { VersionId: versionId } = await client.send(
      new PutSecretValueCommand({ SecretId: secretId, SecretString: text, VersionStages: [LABEL.current] }),
    );
    return versionId ?? '';
  });
}
