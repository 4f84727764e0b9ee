import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
  type GetSecretValueCommandInput,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { errorNameOf, rulesFor, type ContractEndpoint, type Differences } from './rules';

/** Every rule of Secrets Manager that this package stands on, through the SDK. */
export function secretsManagerContract(start: () => Promise<ContractEndpoint>, differences: Differences = {}): void {
  const rule = rulesFor(differences);
  let endpoint: ContractEndpoint;
  let client: SecretsManagerClient;

  beforeAll(async () => {
    endpoint = await start();
    client = new SecretsManagerClient({
      endpoint: endpoint.url,
      region: endpoint.region,
      credentials: { accessKeyId: endpoint.accessKeyId, secretAccessKey: 'unused' },
    });
  });

  afterAll(async () => {
    client.destroy();
    await endpoint.stop();
  });

  /** A secret of its own for each test; returns its ARN and first version. */
  const create = async (value?: string): Promise<{ arn: string; name: string; first: string }> => {
    const name = `contract/${randomUUID()}`;
    const created = await client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
    return { arn: created.ARN ?? '', name, first: created.VersionId ?? '' };
  };
  const put = async (arn: string, id: string, value: string, labels?: string[]): Promise<string[]> => {
    const answer = await client.send(
      new PutSecretValueCommand({ SecretId: arn, ClientRequestToken: id, SecretString: value, VersionStages: labels }),
    );
    expect(answer.VersionId).toBe(id);
    return (answer.VersionStages ?? []).sort();
  };
  const move = (arn: string, label: string, to: string | undefined, from: string | undefined): Promise<unknown> =>
    client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: arn,
        VersionStage: label,
        MoveToVersionId: to,
        RemoveFromVersionId: from,
      }),
    );
  const labelsOf = async (arn: string): Promise<Record<string, string>> => {
    const { VersionIdsToStages: stages = {} } = await client.send(new DescribeSecretCommand({ SecretId: arn }));
    return Object.fromEntries(Object.entries(stages).flatMap(([id, labels]) => labels.map((label) => [label, id])));
  };
  const valueOf = async (request: GetSecretValueCommandInput): Promise<string | undefined> =>
    (await client.send(new GetSecretValueCommand(request))).SecretString;

  describe('addressing a secret', () => {
    rule('finds it by ARN, by ARN without the suffix, and by name', async () => {
      const { arn, name } = await create('v1');
      expect(arn).toMatch(/:secret:contract\/[0-9a-f-]+-[A-Za-z0-9]{6}$/);
      for (const id of [arn, arn.slice(0, -7), name]) {
        expect(await valueOf({ SecretId: id })).toBe('v1');
      }
    });

    rule('takes a hyphen and six characters at the end for the end of a complete ARN', async () => {
      const name = `contract/${randomUUID().replaceAll('-', '')}-secret`;
      const { ARN: arn = '' } = await client.send(new CreateSecretCommand({ Name: name, SecretString: 'v1' }));
      const withoutSuffix = arn.slice(0, -7);
      expect(await errorNameOf(valueOf({ SecretId: withoutSuffix }))).toBe('ResourceNotFoundException');
      for (const id of [arn, name]) {
        expect(await valueOf({ SecretId: id })).toBe('v1');
      }
    });

    rule('answers ResourceNotFoundException for one that is not there', async () => {
      expect(await errorNameOf(valueOf({ SecretId: 'contract/none' }))).toBe('ResourceNotFoundException');
      expect(await errorNameOf(client.send(new DescribeSecretCommand({ SecretId: 'contract/none' })))).toBe(
        'ResourceNotFoundException',
      );
    });

    rule('refuses a second secret of the same name', async () => {
      const { name } = await create('v1');
      expect(await errorNameOf(client.send(new CreateSecretCommand({ Name: name })))).toBe('ResourceExistsException');
    });
  });

  describe('a secret without a value', () => {
    rule('has no labels, and nothing to get', async () => {
      const { arn } = await create();
      expect(await labelsOf(arn)).toEqual({});
      expect(await errorNameOf(valueOf({ SecretId: arn }))).toBe('ResourceNotFoundException');
    });

    rule('makes its first version AWSCURRENT, whatever label was asked for', async () => {
      const { arn } = await create();
      const id = randomUUID();
      expect(await put(arn, id, 'v1', ['AWSPENDING'])).toEqual(['AWSCURRENT', 'AWSPENDING']);
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: id, AWSPENDING: id });
    });
  });

  describe('GetSecretValue', () => {
    rule('takes AWSCURRENT when nothing is said', async () => {
      const { arn, first } = await create('v1');
      await put(arn, randomUUID(), 'v2', ['AWSPENDING']);
      const answer = await client.send(new GetSecretValueCommand({ SecretId: arn }));
      expect(answer).toMatchObject({ ARN: arn, VersionId: first, SecretString: 'v1', VersionStages: ['AWSCURRENT'] });
      expect(answer.CreatedDate).toBeInstanceOf(Date);
    });

    rule('reads a version by id, with and without a label', async () => {
      const { arn } = await create('v1');
      const [second, third] = [randomUUID(), randomUUID()];
      await put(arn, second, 'v2', ['AWSPENDING']);
      await put(arn, third, 'v3', ['AWSPENDING']);
      expect(await valueOf({ SecretId: arn, VersionId: second })).toBe('v2');
      expect(await valueOf({ SecretId: arn, VersionId: third, VersionStage: 'AWSPENDING' })).toBe('v3');
      const unlabelled = await client.send(new GetSecretValueCommand({ SecretId: arn, VersionId: second }));
      expect(unlabelled.VersionStages).toBeUndefined();
    });

    rule('refuses an id and a label that do not belong together', async () => {
      const { arn, first } = await create('v1');
      await put(arn, randomUUID(), 'v2', ['AWSPENDING']);
      expect(await errorNameOf(valueOf({ SecretId: arn, VersionId: first, VersionStage: 'AWSPENDING' }))).toBe(
        'InvalidRequestException',
      );
    });

    rule('answers ResourceNotFoundException for a label or an id that is not there', async () => {
      const { arn } = await create('v1');
      expect(await errorNameOf(valueOf({ SecretId: arn, VersionStage: 'AWSPENDING' }))).toBe(
        'ResourceNotFoundException',
      );
      expect(await errorNameOf(valueOf({ SecretId: arn, VersionId: randomUUID() }))).toBe('ResourceNotFoundException');
    });

    rule('gives binary values back as they were', async () => {
      const { arn } = await create('v1');
      const bytes = new Uint8Array([0, 255, 1, 254]);
      await client.send(new PutSecretValueCommand({ SecretId: arn, SecretBinary: bytes }));
      const answer = await client.send(new GetSecretValueCommand({ SecretId: arn }));
      expect(answer.SecretString).toBeUndefined();
      expect(Buffer.from(answer.SecretBinary ?? []).equals(Buffer.from(bytes))).toBe(true);
    });
  });

  describe('PutSecretValue', () => {
    rule('takes the token as the id of the version', async () => {
      const { arn } = await create('v1');
      const id = 'stage'.padEnd(64, '0');
      expect(await put(arn, id, 'v2', ['AWSPENDING'])).toEqual(['AWSPENDING']);
      expect(await valueOf({ SecretId: arn, VersionId: id })).toBe('v2');
    });

    rule('moves AWSCURRENT when no label is said, and AWSPREVIOUS after it', async () => {
      const { arn, first } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2');
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: id, AWSPREVIOUS: first });
    });

    rule('takes a label from whoever has it', async () => {
      const { arn, first } = await create('v1');
      const [second, third] = [randomUUID(), randomUUID()];
      await put(arn, second, 'v2', ['AWSPENDING']);
      await put(arn, third, 'v3', ['AWSPENDING', 'Mine']);
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: first, AWSPENDING: third, Mine: third });
    });

    rule('does nothing for a known token with the same value, and gives no label back', async () => {
      const { arn, first } = await create('v1');
      const [second, third] = [randomUUID(), randomUUID()];
      await put(arn, second, 'v2', ['AWSPENDING']);
      await put(arn, third, 'v3', ['AWSPENDING']);
      expect(await put(arn, second, 'v2', ['AWSPENDING'])).toEqual([]);
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: first, AWSPENDING: third });
    });

    rule('answers the labels that are on the version, not those that were asked for', async () => {
      const { arn } = await create('v1');
      const second = randomUUID();
      await put(arn, second, 'v2', ['AWSPENDING']);
      expect(await put(arn, second, 'v2', ['Mine'])).toEqual(['AWSPENDING']);
    });

    rule('refuses a known token with another value', async () => {
      const { arn } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2', ['AWSPENDING']);
      expect(await errorNameOf(put(arn, id, 'other', ['AWSPENDING']))).toBe('ResourceExistsException');
      expect(await valueOf({ SecretId: arn, VersionId: id })).toBe('v2');
    });

    rule('lets one of several writers with the same token win', async () => {
      const { arn } = await create('v1');
      const id = randomUUID();
      const names = await Promise.all(['a', 'b', 'c'].map((value) => errorNameOf(put(arn, id, value, ['Journal']))));
      expect(names.sort()).toEqual(['ResourceExistsException', 'ResourceExistsException', 'no error']);
    });

    rule('wants a token of 32 to 64 characters', async () => {
      const { arn } = await create('v1');
      for (const length of [31, 65]) {
        expect(await errorNameOf(put(arn, 'x'.repeat(length), 'v2', ['AWSPENDING']))).toBe('InvalidParameterException');
      }
      await put(arn, 'x'.repeat(32), 'v2', ['AWSPENDING']);
    });

    rule('takes 65,536 bytes and no more, counted in bytes', async () => {
      const { arn } = await create('v1');
      await put(arn, randomUUID(), 'x'.repeat(65_536), ['AWSPENDING']);
      expect(await errorNameOf(put(arn, randomUUID(), 'x'.repeat(65_537), ['AWSPENDING']))).toBe('ValidationException');
      expect(await errorNameOf(put(arn, randomUUID(), 'ä'.repeat(32_769), ['AWSPENDING']))).toBe('ValidationException');
    });

    rule('wants a value', async () => {
      const { arn } = await create('v1');
      expect(await errorNameOf(client.send(new PutSecretValueCommand({ SecretId: arn })))).toBe(
        'InvalidRequestException',
      );
    });

    rule('puts at most 20 labels on a version', async () => {
      const { arn } = await create('v1');
      const id = randomUUID();
      const labels = Array.from({ length: 20 }, (_, index) => `label-${index}`);
      await put(arn, id, 'v2', labels);
      expect(await errorNameOf(move(arn, 'one-more', id, undefined))).toBe('LimitExceededException');
    });
  });

  describe('UpdateSecretVersionStage', () => {
    rule('moves AWSCURRENT and AWSPREVIOUS after it, and leaves AWSPENDING where it is', async () => {
      const { arn, first } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2', ['AWSPENDING']);
      await move(arn, 'AWSCURRENT', id, first);
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: id, AWSPREVIOUS: first, AWSPENDING: id });
      expect(await valueOf({ SecretId: arn, VersionStage: 'AWSPREVIOUS' })).toBe('v1');
    });

    rule('fails when the label is elsewhere than RemoveFromVersionId says', async () => {
      const { arn, first } = await create('v1');
      const [second, third] = [randomUUID(), randomUUID()];
      await put(arn, second, 'v2', ['AWSPENDING']);
      await put(arn, third, 'v3');
      expect(await errorNameOf(move(arn, 'AWSCURRENT', second, first))).toBe('InvalidParameterException');
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: third, AWSPREVIOUS: first, AWSPENDING: second });
    });

    rule('fails when the label is on a version and RemoveFromVersionId is missing', async () => {
      const { arn, first } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2', ['AWSPENDING']);
      expect(await errorNameOf(move(arn, 'AWSCURRENT', id, undefined))).toBe('InvalidParameterException');
      expect((await labelsOf(arn)).AWSCURRENT).toBe(first);
    });

    rule('fails when it is told twice: the label is no longer where it was', async () => {
      const { arn, first } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2', ['AWSPENDING']);
      await move(arn, 'AWSCURRENT', id, first);
      expect(await errorNameOf(move(arn, 'AWSCURRENT', id, first))).toBe('InvalidParameterException');
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: id, AWSPREVIOUS: first, AWSPENDING: id });
    });

    rule('lets one of several with the same RemoveFromVersionId win', async () => {
      const { arn, first } = await create('v1');
      const ids = [randomUUID(), randomUUID(), randomUUID()];
      for (const id of ids) {
        await put(arn, id, id, ['AWSPENDING']);
      }
      const names = await Promise.all(ids.map((id) => errorNameOf(move(arn, 'AWSCURRENT', id, first))));
      expect(names.sort()).toEqual(['InvalidParameterException', 'InvalidParameterException', 'no error']);
    });

    rule('attaches a label that nobody has, and moves it with its place', async () => {
      const { arn, first } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2', ['AWSPENDING']);
      await move(arn, 'Mine', first, undefined);
      await move(arn, 'Mine', id, first);
      expect((await labelsOf(arn)).Mine).toBe(id);
    });

    rule('attaches a label to a version that has none', async () => {
      const { arn } = await create('v1');
      const [second, third] = [randomUUID(), randomUUID()];
      await put(arn, second, 'v2', ['AWSPENDING']);
      await put(arn, third, 'v3', ['AWSPENDING']);
      await move(arn, 'AWSPENDING', second, third);
      expect((await labelsOf(arn)).AWSPENDING).toBe(second);
    });

    rule('fails with a place to take it from when nobody has it', async () => {
      const { arn, first } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2', ['AWSPENDING']);
      expect(await errorNameOf(move(arn, 'Nowhere', id, first))).toBe('InvalidParameterException');
    });

    rule('takes a label off, but never AWSCURRENT', async () => {
      const { arn, first } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2', ['AWSPENDING', 'Mine']);
      await move(arn, 'Mine', undefined, id);
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: first, AWSPENDING: id });
      expect(await errorNameOf(move(arn, 'AWSCURRENT', undefined, first))).toBe('InvalidParameterException');
    });

    rule('answers ResourceNotFoundException for a version that is not there', async () => {
      const { arn, first } = await create('v1');
      expect(await errorNameOf(move(arn, 'AWSCURRENT', randomUUID(), first))).toBe('ResourceNotFoundException');
    });

    rule('moves AWSCURRENT back to AWSPREVIOUS, which then changes places with it', async () => {
      const { arn, first } = await create('v1');
      const id = randomUUID();
      await put(arn, id, 'v2');
      await move(arn, 'AWSCURRENT', first, id);
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: first, AWSPREVIOUS: id });
    });
  });

  describe('the rest', () => {
    rule('lists versions without a label only when asked to', async () => {
      const { arn, first } = await create('v1');
      const [second, third] = [randomUUID(), randomUUID()];
      await put(arn, second, 'v2', ['AWSPENDING']);
      await put(arn, third, 'v3', ['AWSPENDING']);
      const list = async (IncludeDeprecated?: boolean): Promise<(string | undefined)[]> => {
        const answer = await client.send(new ListSecretVersionIdsCommand({ SecretId: arn, IncludeDeprecated }));
        return (answer.Versions ?? []).map(({ VersionId: id }) => id).sort();
      };
      expect(await list()).toEqual([first, third].sort());
      expect(await list(true)).toEqual([first, second, third].sort());
    });

    rule('refuses everything on a secret that is marked for deletion, but describes it', async () => {
      const { arn, first } = await create('v1');
      await client.send(new DeleteSecretCommand({ SecretId: arn, RecoveryWindowInDays: 7 }));
      expect(await errorNameOf(valueOf({ SecretId: arn }))).toBe('InvalidRequestException');
      expect(await errorNameOf(put(arn, randomUUID(), 'v2', ['AWSPENDING']))).toBe('InvalidRequestException');
      expect(await errorNameOf(move(arn, 'Mine', first, undefined))).toBe('InvalidRequestException');
      const described = await client.send(new DescribeSecretCommand({ SecretId: arn }));
      expect(described.DeletedDate).toBeInstanceOf(Date);
    });

    rule('changes AWSCURRENT with UpdateSecret', async () => {
      const { arn, first } = await create('v1');
      const { VersionId: id } = await client.send(new UpdateSecretCommand({ SecretId: arn, SecretString: 'v2' }));
      expect(await labelsOf(arn)).toEqual({ AWSCURRENT: id, AWSPREVIOUS: first });
    });
  });
}
