import { MovableClock, startServices, type Services } from 'local-cloud';
import { invoke } from '../../bin/command/invocation';
import { PlayedAmazon } from '../../bin/command/rehearse/played-amazon';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:none';

let services: Services;
beforeAll(async () => {
  services = await startServices({ clock: new MovableClock() });
  services.iam.addPrincipal({
    name: 'person',
    accessKeyId: 'PERSON',
    policies: [{ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }],
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: services.url,
    AWS_REGION: services.region,
    AWS_ACCESS_KEY_ID: 'PERSON',
    AWS_SECRET_ACCESS_KEY: 'unused',
  });
});
afterAll(async () => {
  await services.stop();
});

const amazon = new PlayedAmazon(FUNCTION);
afterAll(() => {
  amazon.end();
});

test.each<[string, () => Promise<unknown>]>([
  ['invoking the function', () => invoke(FUNCTION, { action: 'status' })],
  ['asking the played Amazon', () => amazon.ask({ action: 'look' })],
])('%s, which is not tried again, gets an answer although the connection of the call before broke', async (_, call) => {
  for (let repetition = 0; repetition < 2; repetition++) {
    await expect(call()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    services.breakConnections();
  }
});
