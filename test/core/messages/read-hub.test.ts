import { CallFailed, type Application } from '../../../lambda/core/ports';
import { readHub } from '../../../lambda/core/messages/read-hub';
import { withDirectory } from '../../../lambda/core/secret/directory';
import { SECOND } from '../../../lambda/core/time';
import { CLIENT_ID } from '../entries';
import { OneApplication } from '../one-application';

function several(count: number): readonly OneApplication[] {
  return Array.from({ length: count }, (_, index) => {
    const one = new OneApplication(`App${index}`);
    one.store('seeded');
    return one;
  });
}

const idsReadOf = async (ones: readonly OneApplication[]): Promise<readonly string[]> => {
  const { directory, states } = await readHub(withDirectory(ones.map(({ application }) => application)));
  expect(directory.map(([{ settings }]) => settings.id)).toEqual(ones.map((_, index) => `App${index}`));
  return [...states.keys()];
};

test.each([
  [1, ['App0']],
  [5, ['App0', 'App1', 'App2', 'App3', 'App4']],
  [6, []],
  [0, []],
])('of %d applications these are read in full ahead: %j', async (count, expected) => {
  expect(await idsReadOf(several(count))).toEqual(expected);
});

test('what is read ahead is the state, also of a secret that cannot be used', async () => {
  const [sound, spoiled] = [new OneApplication('Sound'), new OneApplication('Spoiled')];
  sound.store('seeded');
  spoiled.put('AWSCURRENT', 'no JSON');
  const { states } = await readHub(withDirectory([sound.application, spoiled.application]));
  expect(states.get('Sound')).toMatchObject({
    seeded: true,
    state: { current: { credentials: { clientId: CLIENT_ID } } },
    journal: { journal: 'none' },
  });
  expect(states.get('Spoiled')).toMatchObject({ seeded: false, problem: 'not-json' });
});

test('one that cannot be read, or whose settings cannot be used, is left to whoever needs it', async () => {
  const [sound, failing, misconfigured] = several(3);
  if (sound === undefined || failing === undefined || misconfigured === undefined) {
    throw new Error('three were made');
  }
  jest
    .spyOn(failing.application.ports.secrets, 'describe')
    .mockRejectedValue(new CallFailed('secretsmanager:DescribeSecret', 'AccessDeniedException'));
  const describing = jest.spyOn(misconfigured.application.ports.secrets, 'describe');
  const { directory, states } = await readHub(
    withDirectory([sound.application, failing.application, { ...misconfigured.application, misconfigured: 'wrong' }]),
  );
  expect([...states.keys()]).toEqual(['App0']);
  expect(directory.map(([, stored]) => typeof stored)).toEqual(['object', 'object', 'string']);
  expect(describing).not.toHaveBeenCalled();
});

test('where Secrets Manager lets calls hang, it takes little of the minute that a function has', async () => {
  const one = new OneApplication('Hanging');
  one.store('seeded');
  const { secrets } = one.application.ports;
  const hang = (): Promise<never> => {
    one.clock.advance(15 * SECOND);
    return Promise.reject(new CallFailed('secretsmanager:GetSecretValue', 'Unreachable'));
  };
  jest.spyOn(secrets, 'readLabel').mockImplementation(hang);
  const describing = jest.spyOn(secrets, 'describe');
  const begun = one.clock.now();
  const applications: readonly Application[] = withDirectory(
    ['One', 'Two', 'Three'].map((id) => ({
      ...one.application,
      settings: { ...one.application.settings, id },
    })),
  );
  const { states } = await readHub(applications);
  expect(states.size).toBe(0);
  // Calls that were begun may end after the budget; none is begun after it.
  expect(one.clock.now() - begun).toBeLessThanOrEqual(35 * SECOND);
  expect(describing.mock.calls.length).toBeLessThanOrEqual(3);
});
