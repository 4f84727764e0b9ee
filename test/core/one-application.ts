import { HOUR } from '../../lambda/core/time';
import { SecretsManagerSecret } from '../../lambda/adapters/secrets-manager';
import type { Application } from '../../lambda/core/ports';
import { nextEntryId } from '../../lambda/core/digest';
import { formatEntry, parseEntry, type JournalEntry } from '../../lambda/core/journal/entry';
import type { JournalHead } from '../../lambda/core/journal/log';
import { readDirectory } from '../../lambda/core/secret/directory';
import { readState, type SecretState, type StateRead } from '../../lambda/core/secret/read';
import type { Observation } from '../../lambda/core/observation';
import type { DetailType } from '../../lib/contract/event';
import { MovableClock, SecretsManagerModel } from 'local-cloud/models';
import { directTransport, operationOf, secretsManagerClient, type Transport } from '../fakes/secrets-manager-client';
import { ADDED, CLIENT_ID, HUB } from './entries';

const JOURNAL = 'SpApiRotationJournal';
const QUEUE_POLICY = JSON.stringify({
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::437568002678:root' },
    Action: 'sqs:*',
    Resource: '*',
  },
});

/** One application whose secret is in the model of Secrets Manager, in a world where nothing happens but what a test says. */
export class OneApplication {
  readonly clock = new MovableClock(ADDED, { frozen: true });
  readonly secretsManager = new SecretsManagerModel({ clock: this.clock });
  readonly secretArn = this.secretsManager.createSecret({ Name: 'app' }).ARN ?? '';
  /** Client secrets that LWA knows. */
  readonly accepted = new Set<string>();
  /** Client secrets that LWA was asked about. */
  readonly asked: string[] = [];
  readonly published: { readonly type: DetailType; readonly versionId: string }[] = [];
  readonly observed: Observation[] = [];
  posts = 0;
  /** Other applications of the hub. */
  readonly siblings: Application[] = [];
  private nonces = 0;
  /** What somebody else does right before the next such call. */
  before: { readonly call: string; readonly act: () => void } | undefined;

  private readonly transport: Transport = (command, perform) => {
    if (this.before?.call === `secretsmanager:${operationOf(command)}`) {
      const { act } = this.before;
      this.before = undefined;
      act();
    }
    return directTransport(command, perform);
  };

  readonly application: Application;

  constructor(id = 'App') {
    this.application = {
      settings: {
        id,
        secretArn: this.secretArn,
        endpoint: 'https://sellingpartnerapi-eu.amazon.com',
        rotateAfterDays: 120,
        mode: 'AUTOMATIC',
        clientIdField: 'clientId',
        clientSecretField: 'clientSecret',
      },
      hub: HUB,
      queueKeyArn: undefined,
      sweepInterval: HOUR,
      ports: {
        secrets: new SecretsManagerSecret(secretsManagerClient(this.secretsManager, this.transport), this.secretArn),
        lwa: {
          exchange: ({ clientSecret }) => {
            this.asked.push(clientSecret);
            return Promise.resolve(
              this.accepted.has(clientSecret)
                ? { status: 200, body: JSON.stringify({ access_token: 'Atc|token' }) }
                : { status: 401, body: JSON.stringify({ error: 'invalid_client' }) },
            );
          },
        },
        spApi: {
          timeout: 30_000,
          rotateClientSecret: () => {
            this.posts += 1;
            return Promise.resolve({ status: 204, body: '' });
          },
        },
        queue: {
          attributes: () => Promise.resolve({ policy: QUEUE_POLICY, key: undefined, retentionSeconds: 1_209_600 }),
        },
        events: {
          publish: (type, { versionId }) => {
            this.published.push({ type, versionId });
            return Promise.resolve();
          },
        },
        clock: this.clock,
        nonce: () => `mine ${(this.nonces += 1)}`,
        observe: (observation) => {
          this.observed.push(observation);
        },
        deadline: Number.POSITIVE_INFINITY,
      },
      directory: () => readDirectory([this.application, ...this.siblings]),
    };
  }

  /** Stores a client secret under a label, as nobody of this package does. */
  store(clientSecret: string, label = 'AWSCURRENT', clientId = CLIENT_ID): void {
    this.put(label, JSON.stringify({ clientId, clientSecret }));
  }

  /** Begins the journal with this entry. */
  journal(entry: JournalEntry): void {
    this.put(JOURNAL, formatEntry(entry));
  }

  /** Another run writes the entry that follows. */
  another(change: (entry: JournalEntry) => JournalEntry): void {
    const { entry, versionId } = this.head();
    this.put(
      JOURNAL,
      formatEntry({ ...change(entry), sequence: entry.sequence + 1, nonce: 'theirs' }),
      nextEntryId(versionId, entry.nonce),
    );
  }

  entry(): JournalEntry {
    return this.head().entry;
  }

  head(): JournalHead {
    const { versionId = '', text } = this.labelled(JOURNAL) ?? {};
    const entry = parseEntry(text);
    if (entry === undefined) {
      throw new Error('there is no journal that can be read');
    }
    return { versionId, entry };
  }

  /** Something takes the place of the journal that cannot be read. */
  spoilJournal(): void {
    this.put(JOURNAL, 'no journal');
  }

  textOf(label: string): string | undefined {
    return this.labelled(label)?.text;
  }

  idOf(label: string): string | undefined {
    return this.labelled(label)?.versionId;
  }

  /** The client secret in a version. */
  secretIn(label: string): string | undefined {
    return (JSON.parse(this.textOf(label) ?? '{}') as { clientSecret?: string }).clientSecret;
  }

  /** What a run sees at its beginning. */
  async read(): Promise<Extract<StateRead, { seeded: true }>> {
    const read = await readState(this.application);
    if (!read.seeded) {
      throw new Error(read.problem);
    }
    return read;
  }

  async state(): Promise<SecretState> {
    return (await this.read()).state;
  }

  put(label: string, text: string, versionId?: string): void {
    this.secretsManager.putSecretValue({
      SecretId: this.secretArn,
      SecretString: text,
      VersionStages: [label],
      ...(versionId !== undefined && { ClientRequestToken: versionId }),
    });
  }

  private labelled(label: string): ReturnType<SecretsManagerModel['inspect']>[number] | undefined {
    return this.secretsManager.inspect(this.secretArn).find(({ labels }) => labels.includes(label));
  }
}
