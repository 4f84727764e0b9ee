import { readTogether } from '../../../lambda/core/secret/current-versions';
import type { Application, ReadSeveral, SecretVersion } from '../../../lambda/core/ports';
import { OneApplication } from '../one-application';

const version = (versionId: string): SecretVersion => ({ versionId, text: '{}', createdAt: 0 });

/** Applications, each with a secret of its own, and what was read of them. */
function several(count: number, missing: readonly string[] = [], changes: Partial<Application> = {}) {
  const together: (readonly string[])[] = [];
  const alone: string[] = [];
  const readSeveral: ReadSeveral = (arns) => {
    together.push(arns);
    return Promise.resolve(new Map(arns.filter((arn) => !missing.includes(arn)).map((arn) => [arn, version(arn)])));
  };
  const applications = Array.from({ length: count }, (_, index): Application => {
    const { application } = new OneApplication(`App${index}`);
    const readLabel = () => {
      alone.push(`secret ${index}`);
      return Promise.resolve(version('alone'));
    };
    const secrets = { ...application.ports.secrets, readLabel };
    return {
      ...application,
      settings: { ...application.settings, secretArn: `secret ${index}` },
      ports: { ...application.ports, secrets, readSeveral },
      ...changes,
    };
  });
  return { applications, together, alone };
}

async function readAll(applications: readonly Application[]): Promise<(string | undefined)[]> {
  const read = readTogether(applications);
  return Promise.all(applications.map(async (one) => (await read(one))?.versionId));
}

test('twenty are read at once, when the first of them is asked for, and once', async () => {
  const { applications, together, alone } = several(45);
  const read = readTogether(applications);
  const [asked] = applications.slice(21);
  expect(asked && (await read(asked))?.versionId).toBe('secret 21');
  expect(together.map(({ length }) => length)).toEqual([20]);
  expect(await readAll(applications)).toEqual(applications.map(({ settings }) => settings.secretArn));
  expect(together.slice(1).map(({ length }) => length)).toEqual([20, 20, 5]);
  expect(alone).toEqual([]);
});

test.each<[string, ReturnType<typeof several>, number, string[]]>([
  ['did not come with the others', several(3, ['secret 1']), 1, ['secret 1']],
  ['has no others', several(1), 0, ['secret 0']],
  ['has no others that can be used', several(2, [], { misconfigured: 'no' }), 0, ['secret 0', 'secret 1']],
])('one that %s is read on its own', async (_, { applications, together, alone }, calls, expected) => {
  await readAll(applications);
  expect([together.length, alone]).toEqual([calls, expected]);
});

test.each<[string, Partial<Application['ports']>]>([
  ['where that is not possible', { readSeveral: undefined }],
  ['after the deadline, which each then tells', { deadline: 0 }],
])('each is read on its own %s', async (_, ports) => {
  const { applications, together, alone } = several(2);
  await readAll(applications.map((one) => ({ ...one, ports: { ...one.ports, ...ports } })));
  expect([together.length, alone.length]).toEqual([0, 2]);
});
