import {
  BatchGetSecretValueCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type DescribeSecretCommandOutput,
  type GetSecretValueCommandInput,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  CallFailed,
  type NewVersion,
  type ReadSeveral,
  type SecretDescription,
  type SecretStore,
  type SecretVersion,
} from '../core/ports';
import { call } from './aws-call';

/**
 * Reads AWSCURRENT of several secrets at once. Whoever may not do that, or not for one of them, gets less.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
 */
export function readSeveral(client: SecretsManagerClient): ReadSeveral {
  return async (secretArns) => {
    try {
      const { SecretValues: values = [] } = await client.send(
        new BatchGetSecretValueCommand({ SecretIdList: [...new Set(secretArns)] }),
      );
      return new Map(
        values.flatMap(({ ARN: arn = '', VersionId: versionId = '', SecretString: text, CreatedDate: created }) => {
          const createdAt = created?.getTime() ?? Number.NaN;
          // Imported by its name, a secret has an ARN here that lacks the suffix of seven characters.
          const asked = secretArns.find((one) => one === arn) ?? secretArns.find((one) => one === arn.slice(0, -7));
          return asked === undefined || Number.isNaN(createdAt) ? [] : [[asked, { versionId, text, createdAt }]];
        }),
      );
    } catch {
      return new Map();
    }
  };
}

/** One secret in Secrets Manager. The only module that writes there. */
export class SecretsManagerSecret implements SecretStore {
  constructor(
    private readonly client: SecretsManagerClient,
    private readonly secretArn: string,
  ) {}

  async describe(): Promise<SecretDescription> {
    const answer = await call('secretsmanager:DescribeSecret', () =>
      this.client.send(new DescribeSecretCommand({ SecretId: this.secretArn })),
    );
    const labels = new Map<string, string>();
    for (const [versionId, stages] of Object.entries(answer.VersionIdsToStages ?? {})) {
      for (const stage of stages) {
        labels.set(stage, versionId);
      }
    }
    return {
      labels,
      key: answer.KmsKeyId ?? '',
      failedReplicas: (answer.ReplicationStatus ?? [])
        .filter(({ Status }) => Status === 'Failed')
        .map(({ Region }) => Region ?? 'unknown'),
      rival: rivalOf(answer),
      ...(answer.DeletedDate !== undefined && { deletedAt: answer.DeletedDate.getTime() }),
    };
  }

  readLabel(label: string): Promise<SecretVersion | undefined> {
    return this.read({ VersionStage: label });
  }

  readVersion(versionId: string): Promise<SecretVersion | undefined> {
    return this.read({ VersionId: versionId });
  }

  async put({ versionId, text, label }: NewVersion): Promise<'written' | 'taken'> {
    try {
      await call('secretsmanager:PutSecretValue', () =>
        this.client.send(
          new PutSecretValueCommand({
            SecretId: this.secretArn,
            ClientRequestToken: versionId,
            SecretString: text,
            // Without labels, or with that one, the put itself would move AWSCURRENT.
            VersionStages: [label],
          }),
        ),
      );
      return 'written';
    } catch (error) {
      return expectedAs('taken', error, 'ResourceExistsException');
    }
  }

  async moveLabel(label: string, to: string, from: string | undefined): Promise<'moved' | 'elsewhere'> {
    try {
      await call('secretsmanager:UpdateSecretVersionStage', () =>
        this.client.send(
          new UpdateSecretVersionStageCommand({
            SecretId: this.secretArn,
            VersionStage: label,
            MoveToVersionId: to,
            RemoveFromVersionId: from,
          }),
        ),
      );
      return 'moved';
    } catch (error) {
      return expectedAs('elsewhere', error, 'InvalidParameterException');
    }
  }

  private async read(which: Omit<GetSecretValueCommandInput, 'SecretId'>): Promise<SecretVersion | undefined> {
    try {
      const answer = await call('secretsmanager:GetSecretValue', () =>
        this.client.send(new GetSecretValueCommand({ SecretId: this.secretArn, ...which })),
      );
      const createdAt = answer.CreatedDate?.getTime() ?? Number.NaN;
      if (Number.isNaN(createdAt)) {
        // As old as time, it would be due at once.
        throw new CallFailed('secretsmanager:GetSecretValue', 'NoCreatedDate');
      }
      return { versionId: answer.VersionId ?? '', text: answer.SecretString, createdAt };
    } catch (error) {
      return expectedAs<SecretVersion | undefined>(undefined, error, 'ResourceNotFoundException');
    }
  }
}

function rivalOf(answer: DescribeSecretCommandOutput): SecretDescription['rival'] {
  if (answer.RotationEnabled === true) {
    return 'managed-rotation';
  }
  // `PrimaryRegion` tells that the secret is replicated, and from where; the ARN, where this one is.
  const region = answer.ARN?.split(':')[3];
  return answer.PrimaryRegion !== undefined && region !== answer.PrimaryRegion ? 'replica' : undefined;
}

/** Some failures are answers. */
function expectedAs<Answer>(answer: Answer, error: unknown, code: string): Answer {
  if (error instanceof CallFailed && error.code === code) {
    return answer;
  }
  throw error;
}
