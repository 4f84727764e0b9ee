import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { REHEARSAL_CLIENT_ID_PREFIX, REHEARSAL_TAG, type RehearsedApplication } from '../../lib/contract/rehearsal';
import { call } from '../adapters/aws-call';
import { parseJson } from '../core/json';
import { CallFailed } from '../core/ports';
import { WrongRequest } from './console-request';

/** The secret of an application that is rehearsed. */
export class PlayedSecret {
  constructor(
    private readonly client: SecretsManagerClient,
    private readonly application: RehearsedApplication,
  ) {}

  /** Client id, client secret and the other keys in the current version; `undefined` where there is none. */
  async read(): Promise<Record<string, unknown> | undefined> {
    try {
      const { SecretString: text = '' } = await call('secretsmanager:GetSecretValue', () =>
        this.client.send(new GetSecretValueCommand({ SecretId: this.application.secretArn })),
      );
      if (text === '') {
        // Only emulators have that: Secrets Manager takes no empty text.
        return undefined;
      }
      const object = parseJson(text);
      return typeof object === 'object' && object !== null ? (object as Record<string, unknown>) : {};
    } catch (error) {
      if (error instanceof CallFailed && error.code === 'ResourceNotFoundException') {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Writes the current version, as a person would.
   *
   * @throws {WrongRequest} if the secret is not a rehearsal's: it lacks the tag, or holds a client id that was not made here
   */
  async write(change: (before: Record<string, unknown>) => Record<string, unknown>): Promise<void> {
    await this.requireTag();
    const before = await this.read();
    if (before !== undefined && !this.isPlayed(before)) {
      throw new WrongRequest(
        `the secret of ${this.application.id} holds something that no rehearsal made; nothing was written. A rehearsal needs a secret of its own.`,
      );
    }
    const text = JSON.stringify(change(before ?? {}));
    await call('secretsmanager:PutSecretValue', () =>
      this.client.send(
        new PutSecretValueCommand({
          SecretId: this.application.secretArn,
          SecretString: text,
          VersionStages: ['AWSCURRENT'],
        }),
      ),
    );
  }

  /** Whether what was read holds a client id that a rehearsal made. */
  isPlayed(content: Record<string, unknown>): boolean {
    const clientId = content[this.application.clientIdField];
    return typeof clientId === 'string' && clientId.startsWith(REHEARSAL_CLIENT_ID_PREFIX);
  }

  private async requireTag(): Promise<void> {
    const { Tags: tags = [] } = await call('secretsmanager:DescribeSecret', () =>
      this.client.send(new DescribeSecretCommand({ SecretId: this.application.secretArn })),
    );
    if (!tags.some(({ Key }) => Key === REHEARSAL_TAG)) {
      throw new WrongRequest(
        `the secret of ${this.application.id} does not have the tag ${REHEARSAL_TAG}, so it is no rehearsal's; nothing was written`,
      );
    }
  }
}
