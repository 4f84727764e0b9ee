import { RotationWindow } from '../../lib';
import { DAY, HOUR, type LocalHub, openScene } from './scene';

// It begins on a Thursday at midnight.
const rotationWindow = RotationWindow.weekdays({ opensAt: '09:00', closesAt: '16:00', timeZone: 'Europe/Berlin' });

describe('a rotation window', () => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test('keeps the schedule to its hours, and neither a delivery nor a person', async () => {
    scene = await openScene({ props: { rotationWindow } });
    await scene.sweep();
    // Saturday, 4 April, at 10 o'clock in summer time.
    await scene.pass(93 * DAY + 8 * HOUR);
    const held = await scene.sweep();
    expect(held).toMatchObject({ outcome: 'not-rotated', guard: 'window', due: '2026-04-01T07:00:00.000Z' });
    expect(held.next).toContain('Until 2026-04-06T07:00:00.000Z. A person may rotate at any time.');
    expect(await scene.ask({ action: 'status' })).toMatchObject({ outcome: 'not-rotated', guard: 'window' });
    const made = scene.amazon.model.rotateInConsole(scene.clientId()).value;
    await scene.deliver();
    expect(scene.clientSecret('AWSCURRENT')).toBe(made);
    await scene.pass(8 * DAY);
    expect(await scene.rotate()).toMatchObject({ outcome: 'requested' });
  });

  test('lets the schedule rotate when it opens', async () => {
    scene = await openScene({ props: { rotationWindow } });
    await scene.sweep();
    await scene.pass(95 * DAY + 6.5 * HOUR);
    expect(await scene.sweep()).toMatchObject({ guard: 'window' });
    await scene.pass(HOUR);
    expect(await scene.sweep()).toMatchObject({ outcome: 'requested' });
    expect(scene.logLines).not.toContainEqual(expect.objectContaining({ message: 'rotation window passed over' }));
  });

  test('is open in the last 14 days before the expiry, and that is told', async () => {
    scene = await openScene({ props: { rotationWindow } });
    await scene.sweep();
    // Saturday, 20 June: by estimate ten days are left.
    await scene.pass(170 * DAY + 8 * HOUR);
    expect((await scene.ask({ action: 'status' })).next).toContain('outside its rotation window');
    expect(await scene.sweep()).toMatchObject({ outcome: 'requested' });
    expect(scene.logLines).toContainEqual(
      expect.objectContaining({
        message: 'rotation window passed over',
        next: expect.stringContaining('2026-06-30') as string,
      }),
    );
  });
});
