import { App, Stack, Tags } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { createApp } from '../../bin/app/stack';
import type { ConsoleAnswer } from '../../lambda/rehearsal/console';
import { REHEARSAL_TAG } from '../../lib/contract/rehearsal';
import { SpApiRehearsal, SpApiSecretRotation } from '../../lib';
import { ROTATION_SCOPE } from '../fakes/amazon';
import { LocalRehearsal } from '../fakes/local-rehearsal';
import { LEAST_TO_CLEAN_UP, LEAST_TO_REHEARSE, operator, runCommand, type Finished } from '../operators/command';

const HOUR = 3_600_000;
const SPEED = 20;

let rehearsal: LocalRehearsal;
let environment: NodeJS.ProcessEnv;

async function open(synthesize = (outdir: string) => createApp({ rehearsal: true }, { outdir })): Promise<void> {
  rehearsal = await LocalRehearsal.open(synthesize, SPEED);
  environment = operator({ people: new Set(), services: rehearsal.services } as never, LEAST_TO_REHEARSE);
}

afterEach(() => rehearsal.close());

/** What a consumer's own integration test does: boto3 and the other SDKs make the same calls. */
async function ask(
  request: object,
): Promise<ConsoleAnswer & { readonly errorType?: string; readonly errorMessage?: string }> {
  const { stack } = rehearsal;
  const played = stack.one('AWS::Lambda::Function', ({ logicalId }) => logicalId.startsWith('Rehearsal'));
  const { rawPayload } = await stack.invoke(played.ref, request);
  return JSON.parse(rawPayload) as ConsoleAnswer;
}

const rehearse = (...args: string[]): Promise<Finished> => runCommand(environment, 'rehearse', ...args);

const url = (): string =>
  String(rehearsal.stack.one('AWS::Lambda::Url').attributes.FunctionUrl) +
  String(rehearsal.stack.identity.stackId.split('/').at(-1));

async function post(path: string, headers: Record<string, string> = {}, body = ''): Promise<[number, string]> {
  const response = await fetch(path, { method: 'POST', headers: { 'user-agent': 'Test/1.0', ...headers }, body });
  return [response.status, await response.text()];
}

test('every act of the rehearsal passes, and the cleanup leaves nothing', async () => {
  await open();
  const { code, out, error } = await rehearse('--json');
  const { passed, acts } = JSON.parse(out) as { passed: boolean; acts: { verdict: string }[] };
  expect({ code, error: error.split('\n').slice(3), acts: acts.filter(({ verdict }) => verdict !== 'passed') }).toEqual(
    {
      code: 0,
      error: [''],
      acts: [],
    },
  );
  expect(passed).toBe(true);
  expect(acts).toHaveLength(12);
  expect(error).toMatch(/It takes .* and costs less than 0\.05 USD/);
  // Nothing that the functions print tells a client secret or a token.
  expect(rehearsal.stack.logs.map(({ text }) => text).join('\n')).not.toMatch(/oa2-cs|Atza/);
  expect(out + error).not.toMatch(/oa2-cs|Atza/);

  expect((await rehearse('--cleanup')).code).toBe(5);
  environment = operator({ people: new Set(), services: rehearsal.services } as never, LEAST_TO_CLEAN_UP);
  const cleaned = await rehearse('--cleanup', '--yes');
  expect(cleaned.error).toBe('');
  expect(cleaned.code).toBe(0);
  expect(cleaned.out).toContain('nothing of it is left');
  expect(rehearsal.services.queues.list()).toEqual([]);
});

test('an act that fails says so, the rest is not reached, and acts that are left out are named', async () => {
  await open();
  // The queue lets nobody in any more: as if a policy were wrong.
  const queue = rehearsal.stack.one('AWS::SQS::Queue', ({ logicalId }) => logicalId.includes('Notification'));
  rehearsal.services.queues.setPolicy(queue.ref, undefined);
  const { code, out, error } = await rehearse('--leave-out', 'check', 'alarm', 'dead-letter');
  expect(code).toBe(1);
  expect(error).toMatch(/Rotate: .*: the answer to rotate is "preflight-policy", not "requested"/);
  expect(out).toMatch(/Rotate: .*failed/);
  expect(out).toMatch(/The message comes three times.*not reached/);
  expect(out).toMatch(/The alarm .*left out/);
  expect(out).toContain('The rehearsal did not pass.');
});

describe('what the played Amazon answers', () => {
  const token = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };
  const form =
    'grant_type=client_credentials&scope=sellingpartnerapi::client_credential:rotation&client_id=x&client_secret=y';

  test('is nothing before a start, without its path, and two hours later', async () => {
    await open();
    const lwa = `${url()}/auth/o2/token`;
    expect(await post(lwa, token, form)).toEqual([404, '']);
    await ask({ action: 'start' });
    expect((await post(lwa, token, form))[0]).toBe(401);
    expect(await post(lwa.replace(/[0-9a-f](?=\/auth)/, 'x'), token, form)).toEqual([404, '']);
    expect(await post(lwa.replace(/\/[^/]+(?=\/auth)/, ''), token, form)).toEqual([404, '']);
    rehearsal.clock.advance(2 * HOUR);
    expect(await post(lwa, token, form)).toEqual([404, '']);
    await ask({ action: 'start' });
    await ask({ action: 'end' });
    expect(await post(lwa, token, form)).toEqual([404, '']);
  });

  test('is a refusal for a token that it did not make', async () => {
    await open();
    await ask({ action: 'start' });
    await ask({ action: 'seed', application: 'Shop' });
    const { applications: [shop] = [] } = await ask({ action: 'look' });
    const claims = { clientId: shop?.clientId, secret: 0, scope: ROTATION_SCOPE, expiresAt: Date.now() + HOUR };
    const forged = `Atza|${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${'A'.repeat(43)}`;
    const rotate = `${url()}/applications/2023-11-30/clientSecret`;
    const [status, body] = await post(rotate, { accept: 'application/json', 'x-amz-access-token': forged });
    expect([status, body]).toEqual([403, expect.stringContaining('revoked, malformed or invalid')]);
  });

  const EDIT = { action: 'edit', application: 'Shop', value: 'x' };
  test.each([
    ['an unknown action', { action: 'rotate everything' }, 'WrongRequest', /not understood: action/],
    ['a delay that SQS does not offer', { action: 'next delivery', delaySeconds: 901 }, 'WrongRequest', /delaySeconds/],
    ['an unknown application', { action: 'seed', application: 'Nobody' }, 'WrongRequest', /there are: Shop, Warehouse/],
    ['an edit of the client id', { ...EDIT, key: 'clientId' }, 'WrongRequest', /this key is the rotation's/],
    ['an edit of the client secret', { ...EDIT, key: 'clientSecret' }, 'WrongRequest', /this key is the rotation's/],
    ['what needs a seed', { action: 'send', application: 'Shop', message: 'stale' }, 'WrongRequest', /not seeded yet/],
  ])('to %s is an error for people', async (_, request, type, message) => {
    await open();
    const { errorType, errorMessage } = await ask(request);
    expect(errorType).toBe(type);
    expect(errorMessage).toMatch(message);
  });

  test('six changes at once are all made', async () => {
    await open();
    await ask({ action: 'seed', application: 'Shop' });
    await Promise.all(Array.from({ length: 6 }, () => ask({ action: 'rotate in the console', application: 'Shop' })));
    const { applications: [shop] = [] } = await ask({ action: 'look' });
    expect(shop).toMatchObject({ application: 'Shop', rotations: 6 });
  });
});

describe('a secret that is not the rehearsal of anything', () => {
  const text = JSON.stringify({
    clientId: 'amzn1.application-oa2-client.0a1b2c',
    clientSecret: 'real',
    other: 'planted',
  });
  const shop = (): string =>
    rehearsal.stack.one('AWS::SecretsManager::Secret', ({ logicalId }) => logicalId.includes('ApplicationsShop')).ref;

  test('is never written by the function: one with a client id of Amazon', async () => {
    await open();
    rehearsal.services.secretsManager.putSecretValue({ SecretId: shop(), SecretString: text });
    for (const request of [
      { action: 'seed', application: 'Shop' },
      { action: 'edit', application: 'Shop', key: 'note', value: 'x' },
    ]) {
      expect((await ask(request)).errorMessage).toMatch(/holds something that no rehearsal made; nothing was written/);
    }
    const [current] = rehearsal.services.secretsManager.inspect(shop());
    expect(current?.text).toBe(text);
    // Nothing in it is told.
    expect(JSON.stringify(await ask({ action: 'look' }))).not.toMatch(/real|planted/);
    // Nor is it deleted.
    environment = operator({ people: new Set(), services: rehearsal.services } as never, LEAST_TO_CLEAN_UP);
    const { code, error } = await rehearse('--cleanup', '--yes');
    expect(code).toBe(4);
    expect(error).toContain('the secret of Shop holds a client secret that no rehearsal made; nothing was deleted');
  });

  test('is never written by the function: one without the tag', async () => {
    await open((outdir) => {
      const app = createApp({ rehearsal: true }, { outdir });
      Tags.of(app).remove(REHEARSAL_TAG, { priority: 300 });
      return app;
    });
    expect((await ask({ action: 'seed', application: 'Shop' })).errorMessage).toContain(
      `does not have the tag ${REHEARSAL_TAG}`,
    );
    expect(rehearsal.services.secretsManager.inspect(shop())).toEqual([]);
  });

  test('is not deleted with a stack that holds more than a rehearsal', async () => {
    await open((outdir) => {
      const app = new App({ outdir });
      const stack = new Stack(app, 'SpApiRehearsal');
      const played = new SpApiRehearsal(stack, 'Rehearsal');
      const rotation = new SpApiSecretRotation(stack, 'Rotation', { lwaTokenUrl: played.lwaTokenUrl });
      played.register(rotation.addApplication('Shop', { region: played.region }));
      new Queue(stack, 'Orders');
      return app;
    });
    environment = operator({ people: new Set(), services: rehearsal.services } as never, LEAST_TO_CLEAN_UP);
    const { code, error } = await rehearse('--cleanup', '--yes');
    expect(code).toBe(4);
    expect(error).toContain('has resources that are no rehearsal');
    expect(rehearsal.services.queues.list()).not.toEqual([]);
  });

  test('is not found by the command: a stack without a played Amazon', async () => {
    await open((outdir) => {
      const app = new App({ outdir });
      const stack = new Stack(app, 'Real');
      const rotation = new SpApiSecretRotation(stack, 'Rotation');
      rotation.addApplication('Shop');
      return app;
    });
    for (const args of [[], ['--stack', 'Real'], ['--cleanup', '--yes']]) {
      const { code, error } = await rehearse(...args);
      expect([code, error]).toEqual([3, expect.stringMatching(/is a rehearsal: .* Nothing was done/)]);
    }
  });
});
