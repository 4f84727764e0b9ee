import { DAY, HOUR, type LocalHub, openScene } from './scene';

describe('a pause', () => {
  let scene: LocalHub;
  beforeEach(async () => {
    scene = await openScene({ applications: { Shop: {}, Other: {} } });
    await scene.sweep();
  });
  afterEach(() => scene.close());

  const until = (days: number): string => new Date(scene.clock.now() + days * DAY).toISOString();

  test('of one application holds back only that one, installs what comes, and is told when it ends', async () => {
    await scene.pass(80 * DAY);
    const paused = { action: 'pause', application: 'Shop', until: until(20), why: 'peak season', requestedBy: 'anna' };
    expect(await scene.ask(paused)).toMatchObject({ recorded: true, paused: { why: 'peak season' } });
    await scene.pass(10 * DAY + HOUR);
    expect(await scene.sweep()).toMatchObject({ outcome: 'not-rotated', guard: 'paused', paused: { by: 'anna' } });
    expect(await scene.sweep('Other')).toMatchObject({
      outcome: expect.stringMatching(/requested|in-flight/) as string,
    });
    expect(await scene.rotate()).toMatchObject({ outcome: 'not-rotated', guard: 'paused' });

    const made = scene.amazon.model.rotateInConsole(scene.clientId()).value;
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(made);

    await scene.pass(10 * DAY);
    expect((await scene.sweep()).next).toContain('The pause by anna: peak season was over on');
    expect(scene.logLines).toContainEqual(expect.objectContaining({ message: 'pause over', application: 'Shop' }));
  });

  test('of all applications holds back each, until resume, and force passes it over', async () => {
    await scene.pass(90 * DAY + HOUR);
    const { payload } = await scene.invoke({ action: 'pause', until: until(60), requestedBy: 'anna' });
    expect(payload).toMatchObject({ applications: [{ recorded: true }, { recorded: true }] });
    expect(await scene.sweep()).toMatchObject({ guard: 'paused' });
    expect(await scene.sweep('Other')).toMatchObject({ guard: 'paused' });
    expect(await scene.rotate('Shop', true)).toMatchObject({ outcome: 'requested' });
    await scene.invoke({ action: 'resume' });
    expect(await scene.sweep('Other')).toMatchObject({ outcome: 'requested' });
  });

  test.each([
    { action: 'pause', until: '2030-01-01' },
    { action: 'pause', until: '2025-01-01' },
    { action: 'pause', until: '2026-01-05', why: '\u001b[2J' },
  ])('is refused before anything is read: %j', async (payload) => {
    const before = scene.services.calls.length;
    expect((await scene.invoke(payload)).payload).toMatchObject({ errorType: 'BadRequest' });
    expect(scene.services.calls.length).toBe(before);
  });
});
