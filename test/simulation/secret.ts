import type { SecretsManagerModel } from 'local-cloud/models';
import {
  CallFailed,
  type NewVersion,
  type SecretDescription,
  type SecretStore,
  type SecretVersion,
} from '../../lambda/core/ports';
import type { Invocation } from './invocation';

/** What somebody watches a secret for. Called at the moment of each effect. */
export interface SecretWatch {
  beforeWrite(): void;
  afterWrite(what: 'put' | 'move', label: string, versionId: string): void;
}

/** The secret as an invocation sees it: `lambda/adapters/secrets-manager.ts`, over the model. */
export class SimulatedSecret implements SecretStore {
  constructor(
    private readonly invocation: Invocation,
    private readonly model: SecretsManagerModel,
    private readonly secretArn: string,
    private readonly watch: SecretWatch,
  ) {}

  describe(): Promise<SecretDescription> {
    return this.invocation.aws('secretsmanager', 'DescribeSecret', () => {
      const answer = this.model.describeSecret({ SecretId: this.secretArn });
      const labels = new Map<string, string>();
      for (const [versionId, stages] of Object.entries(answer.VersionIdsToStages ?? {})) {
        for (const stage of stages) {
          labels.set(stage, versionId);
        }
      }
      return { labels, key: answer.KmsKeyId ?? '', failedReplicas: [] };
    });
  }

  readLabel(label: string): Promise<SecretVersion | undefined> {
    return this.read({ VersionStage: label });
  }

  readVersion(versionId: string): Promise<SecretVersion | undefined> {
    return this.read({ VersionId: versionId });
  }

  async put({ versionId, text, label }: NewVersion): Promise<'written' | 'taken'> {
    try {
      await this.invocation.aws('secretsmanager', 'PutSecretValue', () => {
        this.watch.beforeWrite();
        this.model.putSecretValue({
          SecretId: this.secretArn,
          ClientRequestToken: versionId,
          SecretString: text,
          VersionStages: [label],
        });
        this.watch.afterWrite('put', label, versionId);
      });
      return 'written';
    } catch (error) {
      return expectedAs('taken', error, 'ResourceExistsException');
    }
  }

  async moveLabel(label: string, to: string, from: string | undefined): Promise<'moved' | 'elsewhere'> {
    try {
      await this.invocation.aws('secretsmanager', 'UpdateSecretVersionStage', () => {
        this.watch.beforeWrite();
        this.model.updateSecretVersionStage({
          SecretId: this.secretArn,
          VersionStage: label,
          MoveToVersionId: to,
          RemoveFromVersionId: from,
        });
        this.watch.afterWrite('move', label, to);
      });
      return 'moved';
    } catch (error) {
      return expectedAs('elsewhere', error, 'InvalidParameterException');
    }
  }

  private async read(which: { VersionId?: string; VersionStage?: string }): Promise<SecretVersion | undefined> {
    try {
      return await this.invocation.aws('secretsmanager', 'GetSecretValue', () => {
        const answer = this.model.getSecretValue({ SecretId: this.secretArn, ...which });
        return {
          versionId: answer.VersionId ?? '',
          text: answer.SecretString,
          createdAt: answer.CreatedDate?.getTime() ?? 0,
        };
      });
    } catch (error) {
      return expectedAs<SecretVersion | undefined>(undefined, error, 'ResourceNotFoundException');
    }
  }
}

function expectedAs<Answer>(answer: Answer, error: unknown, code: string): Answer {
  if (error instanceof CallFailed && error.code === code) {
    return answer;
  }
  throw error;
}
