import { DAY, HOUR, type LocalHub, MINUTE, openScene, RotationMode, synthesize } from './scene';

describe('a rotation', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test('is asked for once by five runs at the same time', async () => {
    scene = await openScene();
    const payload = { action: 'rotate', application: 'Shop' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => scene.answerFor('Shop', await scene.invoke(payload, { cold: true }))),
    );
    expect(answers.filter(({ outcome }) => outcome === 'requested')).toHaveLength(1);
    expect(scene.posts).toBe(1);
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
  });

  test('whose secret never comes is reported after an hour and asked for twice more, then left to a person', async () => {
    scene = await openScene({});
    await scene.sweep();
    await scene.pass(90 * DAY + HOUR);
    await scene.takeMessages();
    const posts: number[] = [];
    const outcomes = new Map<number, string>();
    for (let hour = 0; hour <= 130; hour++) {
      const before = scene.posts;
      const { outcome, kind } = await scene.sweep();
      // The secret goes astray between Amazon and the queue.
      await scene.pass(10 * MINUTE);
      await scene.takeMessages();
      if (scene.posts > before) {
        posts.push(hour);
      }
      outcomes.set(hour, kind ?? outcome);
      await scene.pass(50 * MINUTE);
    }
    expect(posts).toEqual([0, 72, 120]);
    expect(outcomes.get(1)).toBe('stalled');
    expect(outcomes.get(71)).toBe('stalled');
    expect(outcomes.get(130)).toBe('needs-person');
    expect(scene.events('Client Secret Rotation Stalled').length).toBeGreaterThan(0);
    expect(scene.logLines).toContainEqual(
      expect.objectContaining({ message: 'rotation stalled', application: 'Shop' }),
    );

    expect(await scene.rotate()).toMatchObject({ outcome: 'not-rotated', guard: 'stalled' });
    expect((await scene.rotate('Shop', true)).outcome).toBe('requested');
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    expect((await scene.sweep()).outcome).toBe('healthy');
  });

  test('is not asked for in the mode NOTIFY_ONLY, and a person is told in the last month', async () => {
    scene = await openScene({ props: { mode: RotationMode.NOTIFY_ONLY } });
    await scene.sweep();
    await scene.pass(100 * DAY);
    expect(await scene.sweep()).toMatchObject({ outcome: 'not-rotated', guard: 'notify-only' });
    expect(await scene.rotate()).toMatchObject({ outcome: 'not-rotated', guard: 'notify-only' });
    expect(await scene.rotate('Shop', true)).toMatchObject({ outcome: 'not-rotated', guard: 'notify-only' });
    await scene.pass(55 * DAY);
    expect(await scene.sweep()).toMatchObject({ guard: 'notify-only', kind: 'needs-person' });
    expect(scene.posts).toBe(0);

    const made = scene.amazon.model.rotateInConsole(scene.clientId()).value;
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(made);
  });

  test.each<[string, (hub: LocalHub) => void, string]>([
    [
      'the policy lets Amazon no longer in',
      (one) => {
        one.services.queues.setPolicy(one.queueArn, {
          Version: '2012-10-17',
          Statement: { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' },
        });
      },
      'preflight-policy',
    ],
  ])('is not asked for when %s', async (_name, breakIt, kind) => {
    scene = await openScene();
    breakIt(scene);
    expect(await scene.rotate()).toMatchObject({ outcome: 'failed', kind });
    expect(await scene.sweep()).toMatchObject({ outcome: 'failed', kind });
    expect(scene.posts).toBe(0);
    expect(scene.events('Client Secret Rotation Failed')[0]?.detail.kind).toBe(kind);
  });

  test.each([
    [{ RotationEnabled: true }, 'cancel-rotate-secret'],
    [{ PrimaryRegion: 'eu-west-1' }, 'primary region'],
  ])('is not asked for when somebody else writes the secret: %j', async (told, advice) => {
    scene = await openScene();
    scene.services.secretsManager.reportAs(scene.secretArn(), told);
    for (const payload of [{ action: 'check' }, { action: 'rotate', application: 'Shop' }]) {
      const answer = await scene.ask(payload);
      expect(answer).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
      expect(answer.next).toContain(advice);
    }
    expect(scene.posts).toBe(0);
  });

  test('does not read the queue', async () => {
    scene = await openScene();
    await scene.send('amzn1.oa2-cs.v1.nobody-understands-this');
    scene.amazon.model.rotateStranger(scene.queueArn);
    await scene.deliver();
    expect((await scene.rotate()).outcome).toBe('requested');
  });
});

describe('looking', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene();
  });
  afterEach(() => scene.close());

  const reads = /^(Get|Describe)/;

  test.each(['status', 'check'])('with %s changes nothing and tells nobody', async (action) => {
    const versions = scene.versions();
    const before = scene.services.calls.length;

    expect(await scene.ask({ action })).toMatchObject({ outcome: 'healthy', clientId: scene.clientId() });
    await scene.pass(100 * DAY);
    expect(await scene.ask({ action })).toMatchObject({ outcome: expect.stringMatching(/healthy|due/) as string });

    const byFunction = scene.services.calls.slice(before).filter(({ principal }) => principal.includes('Rotate'));
    expect(byFunction.map(({ operation }) => operation).filter((operation) => !reads.test(operation))).toEqual([]);
    expect(scene.versions()).toEqual(versions);
    expect(scene.events()).toEqual([]);
    expect(scene.stack.metrics).toEqual([]);
    expect(scene.posts).toBe(0);
    expect(scene.amazon.calls.length > 0).toBe(action === 'check');
  });

  test('with check finds what would stop a rotation', async () => {
    scene.services.queues.setPolicy(scene.queueArn, { Version: '2012-10-17', Statement: [] });
    expect(await scene.ask({ action: 'check' })).toMatchObject({ outcome: 'failed', kind: 'preflight-policy' });
    expect(await scene.ask({ action: 'status' })).toMatchObject({ outcome: 'healthy' });
  });

  test('at a healthy application costs two calls to Secrets Manager', async () => {
    await scene.sweep();
    // The first sweep of a day looks at more.
    await scene.pass(2 * HOUR);
    const before = scene.services.calls.length;
    await scene.sweep();
    const calls = scene.services.calls.slice(before).filter(({ service }) => service === 'secretsmanager');
    expect(calls.map(({ operation }) => operation)).toEqual(['GetSecretValue', 'GetSecretValue']);
  });

  test.each([
    null,
    [],
    'text',
    { action: 'delete' },
    { application: '../x' },
    { action: 'rotate' },
    { application: 'Shop', force: true },
  ])('refuses %j before it reads anything', async (payload) => {
    const before = scene.services.calls.length;
    const { functionError, payload: error } = await scene.invoke(payload);
    expect(functionError).toBe('Unhandled');
    expect(error).toMatchObject({ errorType: 'BadRequest' });
    expect(scene.services.calls.length).toBe(before);
  });

  test('for an unknown application names the ones that exist', async () => {
    const { functionError, payload } = await scene.invoke({ application: 'Shoe' });
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({
      errorMessage: expect.stringMatching(/no application of that name;.*It has: Shop/) as string,
    });
  });
});

describe('one application', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test('that hangs or fails neither delays nor hides another application', async () => {
    scene = await openScene({ applications: { Hanging: {}, Denied: {}, Shop: {} }, shorterTimeOuts: true });
    await scene.stack.fireSchedule();
    await scene.pass(90 * DAY + HOUR);
    await scene.takeMessages();
    scene.amazon.script('lwa', 'hang', { clientId: scene.clientId('Hanging'), times: 10 });
    scene.services.faults.add({
      service: 'secretsmanager',
      match: (request) => (request as { SecretId: string }).SecretId === scene.secretArn('Denied'),
      effect: 'access-denied',
      times: 10,
    });
    const result = await scene.stack.fireSchedule();

    expect(scene.answerFor('Hanging', result)).toMatchObject({ outcome: 'failed', kind: 'unreachable' });
    expect(scene.answerFor('Denied', result)).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(scene.answerFor('Shop', result)).toMatchObject({ outcome: 'requested' });
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
    const attention = scene.stack.metrics.filter(({ name }) => name === 'ApplicationsNeedingAttention');
    expect(attention.at(-1)?.value).toBe(2);
  });
});

describe('a deploy', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test('in the middle of a rotation, and again after it, changes no secret and loses no message', async () => {
    scene = await openScene();
    await scene.rotate();
    await scene.pass(MINUTE);
    const queue = scene.queueArn;
    await scene.stack.update(synthesize({ props: { memorySize: 512 } }, scene.amazon, scene.outputDirectory()));
    expect(scene.queueArn).toBe(queue);
    await scene.deliver();
    const secret = scene.newestIssued();
    expect(scene.clientSecret('AWSCURRENT')).toBe(secret);

    const versions = scene.versions();
    await scene.stack.update(synthesize({}, scene.amazon, scene.outputDirectory()));
    expect(scene.versions()).toEqual(versions);
    expect((await scene.sweep()).outcome).toBe('healthy');
    expect(scene.posts).toBe(1);
  });

  test('that removes the stack leaves the secret and undelivered messages', async () => {
    scene = await openScene();
    const queue = scene.queueArn;
    await scene.rotate();
    await scene.pass(MINUTE);
    await scene.stack.delete();
    const { visible } = scene.services.queues.inspect(queue);
    expect(visible.map(({ body }) => body).join()).toContain(scene.newestIssued());
    expect(scene.clientSecret('AWSCURRENT')).toBe(scene.issued()[0]);
  });
});

describe('a person who copies the lost secret from the console', () => {
  test('ends the stall, and nothing is asked for again', async () => {
    const scene = await openScene();
    try {
      await scene.rotate();
      await scene.pass(HOUR);
      await scene.takeMessages();
      expect((await scene.sweep()).outcome).toBe('stalled');

      const credentials = { clientId: scene.clientId(), clientSecret: scene.newestIssued() };
      scene.write('Shop', JSON.stringify(credentials));
      for (let day = 0; day < 8; day++) {
        await scene.pass(DAY);
        expect((await scene.sweep()).outcome).toBe('healthy');
      }
      expect(scene.posts).toBe(1);
      expect(scene.clientSecret('AWSCURRENT')).toBe(credentials.clientSecret);
    } finally {
      await scene.close();
    }
  });
});
