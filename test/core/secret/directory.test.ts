import { readDirectory, withDirectory } from '../../../lambda/core/secret/directory';
import { CallFailed, type Application, type SecretVersion } from '../../../lambda/core/ports';
import { SECOND } from '../../../lambda/core/time';
import { CLIENT_ID } from '../entries';
import { OneApplication } from '../one-application';

test('a directory says what each secret holds, also of those that are empty, hold something else, or cannot be read', async () => {
  const [sound, empty, spoiled, denied] = ['Sound', 'Empty', 'Spoiled', 'Denied'].map((id) => new OneApplication(id));
  sound?.store('seeded');
  spoiled?.put('AWSCURRENT', 'no JSON');
  const reading = denied?.application.ports.secrets;
  if (reading !== undefined) {
    jest.spyOn(reading, 'readLabel').mockRejectedValue(new CallFailed('secretsmanager:GetSecretValue', 'Unreachable'));
  }
  const applications = [sound, empty, spoiled, denied].flatMap((one) => (one === undefined ? [] : [one.application]));
  const directory = await readDirectory(applications);
  expect(directory.map(([{ settings }, stored]) => [settings.id, stored])).toEqual([
    ['Sound', { clientId: CLIENT_ID, clientSecret: 'seeded' }],
    ['Empty', 'empty'],
    ['Spoiled', 'unreadable'],
    ['Denied', 'unreadable'],
  ]);
});

test('an application that meets a defect counts as unreadable', async () => {
  const one = new OneApplication();
  jest.spyOn(one.application.ports.secrets, 'readLabel').mockRejectedValue(new TypeError('a defect'));
  expect(await readDirectory([one.application])).toEqual([[one.application, 'unreadable']]);
});

test('twenty applications are read at a time', async () => {
  let reading = 0;
  let most = 0;
  const applications = Array.from({ length: 25 }, (_, index) => {
    const one = new OneApplication(`App${index}`);
    jest.spyOn(one.application.ports.secrets, 'readLabel').mockImplementation(async () => {
      reading += 1;
      most = Math.max(most, reading);
      await Promise.resolve();
      await Promise.resolve();
      reading -= 1;
      return undefined;
    });
    return one.application;
  });
  await readDirectory(applications);
  expect(most).toBe(20);
});

test('where Secrets Manager lets all calls hang, it takes little of the minute that a function has', async () => {
  let now = 0;
  const hang = async (): Promise<undefined> => {
    const end = now + 15 * SECOND;
    await Promise.resolve();
    now = Math.max(now, end);
    return undefined;
  };
  const applications = Array.from({ length: 61 }, (_, index): Application => {
    const { application } = new OneApplication(`App${index}`);
    const readLabel = () =>
      hang().then(() => Promise.reject(new CallFailed('secretsmanager:GetSecretValue', 'Unreachable')));
    const secrets = { ...application.ports.secrets, readLabel };
    const readSeveral = () => hang().then(() => new Map<string, SecretVersion>());
    const ports = { ...application.ports, secrets, readSeveral, clock: { now: () => now }, deadline: 55 * SECOND };
    return { ...application, ports };
  });
  const directory = await readDirectory(applications);
  expect(new Set(directory.map(([, stored]) => stored))).toEqual(new Set(['unreadable']));
  expect(now).toBeLessThanOrEqual(35 * SECOND);
});

test('the applications of a hub share one directory, which is read once', async () => {
  const ones = [new OneApplication('One'), new OneApplication('Two')];
  const reads = ones.map(({ application }) => jest.spyOn(application.ports.secrets, 'readLabel'));
  const applications = withDirectory(ones.map(({ application }) => application));
  const [first, second] = await Promise.all(applications.map(({ directory }) => directory()));
  expect(first).toBe(second);
  expect(reads.map(({ mock }) => mock.calls)).toEqual([[['AWSCURRENT']], [['AWSCURRENT']]]);
});
