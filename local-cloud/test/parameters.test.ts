import { GetParameterCommand, paginateGetParametersByPath, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Services } from '../services/services';
import { errorNameOf } from './contract/rules';
import { clientConfiguration, startOwnServices } from './own-endpoint';

let services: Services;
let client: SSMClient;

beforeAll(async () => {
  ({ services } = await startOwnServices());
  client = new SSMClient(clientConfiguration(services));
  for (let number = 0; number < 25; number += 1) {
    await client.send(
      new PutParameterCommand({ Name: `/hub/applications/a${number}`, Value: String(number), Type: 'String' }),
    );
  }
  await client.send(new PutParameterCommand({ Name: '/hub/applications/deeper/b', Value: 'b', Type: 'String' }));
  await client.send(new PutParameterCommand({ Name: '/hub/applications-of-others/c', Value: 'c', Type: 'String' }));
});

afterAll(async () => {
  await services.stop();
});

async function pages(path: string, recursive = false): Promise<number[]> {
  const sizes = [];
  for await (const page of paginateGetParametersByPath({ client }, { Path: path, Recursive: recursive })) {
    sizes.push(page.Parameters?.length ?? 0);
  }
  return sizes;
}

it('gives ten parameters a page, of that path and no other', async () => {
  expect(await pages('/hub/applications')).toEqual([10, 10, 5]);
  expect(await pages('/hub/applications/')).toEqual([10, 10, 5]);
  expect(await pages('/hub/applications', true)).toEqual([10, 10, 6]);
  expect(await pages('/none')).toEqual([0]);
});

it('gives smaller pages, as the real one may', async () => {
  services.parameters.pageSize = 9;
  expect(await pages('/hub/applications')).toEqual([9, 9, 7]);
  services.parameters.pageSize = 10;
});

it('reads one, and overwrites only when told to', async () => {
  const name = '/hub/applications/a1';
  const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: name }));
  expect(parameter).toMatchObject({ Name: name, Value: '1', Type: 'String', Version: 1 });
  expect(await errorNameOf(client.send(new PutParameterCommand({ Name: name, Value: 'x', Type: 'String' })))).toBe(
    'ParameterAlreadyExists',
  );
  expect(await errorNameOf(client.send(new GetParameterCommand({ Name: '/none' })))).toBe('ParameterNotFound');
});

it('takes no value above 4 KB, and no other type', async () => {
  const put = (value: string, type: 'String' | 'SecureString'): Promise<string> =>
    errorNameOf(client.send(new PutParameterCommand({ Name: '/hub/large', Value: value, Type: type })));
  expect(await put('x'.repeat(4097), 'String')).toBe('ValidationException');
  expect(await put('x', 'SecureString')).toBe('NotEmulated');
});
