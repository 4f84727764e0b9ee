import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { call } from '../adapters/aws-call';
import { CallFailed } from '../core/ports';
import type { AmazonSnapshot } from './amazon/model';
import type { ScriptLine } from './amazon/script';

/** So many others may write first, one after the other. */
const MAX_TRIES = 12;
const LONGEST_PAUSE = 200;

/** All that a rehearsal remembers. */
export interface RehearsalState {
  /** Until when anything is answered, in milliseconds since 1970. */
  openUntil: number;
  /** Signs access tokens. */
  readonly tokenKey: string;
  /** `undefined`: nothing has happened yet. */
  amazon: AmazonSnapshot | undefined;
  script: ScriptLine[];
  /** Client ids by the ids of applications. */
  clientIds: Record<string, string>;
}

interface Found {
  readonly versionId: string;
  readonly text: string;
}

/** The rehearsal has changed more often than Secrets Manager keeps versions. */
export class TooManyChanges extends Error {
  override readonly name = 'TooManyChanges';
}

/**
 * The state, in one secret. A change is written under an id that depends on the version that was read, and Secrets Manager
 * refuses a second value under one id: of two changes one wins, and the other one is made again from what the first wrote.
 */
export class StateStore {
  constructor(
    private readonly client: SecretsManagerClient,
    private readonly secretArn: string,
  ) {}

  async read(): Promise<RehearsalState> {
    return stateIn(await this.find());
  }

  /** Changes the state, and returns what the change returned. `make` may run more than once. */
  async change<Result>(make: (state: RehearsalState) => Result): Promise<Result> {
    for (let tries = 1; ; tries++) {
      const found = await this.find();
      const state = stateIn(found);
      const result = make(state);
      const text = JSON.stringify(state);
      if (text === found.text || (await this.write(found.versionId, text))) {
        return result;
      }
      if (tries === MAX_TRIES) {
        throw new CallFailed('secretsmanager:PutSecretValue', 'Conflict');
      }
      await sleep(Math.random() * LONGEST_PAUSE);
    }
  }

  private async find(): Promise<Found> {
    try {
      const { VersionId: versionId = '', SecretString: text = '' } = await call('secretsmanager:GetSecretValue', () =>
        this.client.send(new GetSecretValueCommand({ SecretId: this.secretArn })),
      );
      return { versionId, text };
    } catch (error) {
      if (error instanceof CallFailed && error.code === 'ResourceNotFoundException') {
        return { versionId: 'none', text: '' };
      }
      throw error;
    }
  }

  private async write(after: string, text: string): Promise<boolean> {
    const token = createHash('sha256').update(`after ${after}`).digest('hex');
    try {
      await call('secretsmanager:PutSecretValue', () =>
        this.client.send(
          new PutSecretValueCommand({ SecretId: this.secretArn, SecretString: text, ClientRequestToken: token }),
        ),
      );
      return true;
    } catch (error) {
      if (error instanceof CallFailed && error.code === 'ResourceExistsException') {
        return false;
      }
      if (error instanceof CallFailed && error.code === 'LimitExceededException') {
        throw new TooManyChanges(
          'Secrets Manager keeps no more versions of the state of this rehearsal for a day; run rehearse --cleanup, and deploy it again',
        );
      }
      throw error;
    }
  }
}

function stateIn({ text }: Found): RehearsalState {
  return text === ''
    ? { openUntil: 0, tokenKey: randomBytes(32).toString('hex'), amazon: undefined, script: [], clientIds: {} }
    : (JSON.parse(text) as RehearsalState);
}
