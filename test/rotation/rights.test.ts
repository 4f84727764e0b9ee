import { DAY, HOUR, type LocalHub, openScene } from './scene';

describe.each([
  ['PutSecretValue', 'put'],
  ['UpdateSecretVersionStage', 'move'],
])('where a policy forbids %s', (operation) => {
  let scene: LocalHub;
  afterEach(() => scene.close());

  test('check says so, nothing is rotated, and all is well once it is allowed', async () => {
    scene = await openScene();
    await scene.sweep();
    const values = (): unknown => scene.versions().map(({ versionId, text }) => [versionId, text]);
    const before = values();
    expect(await scene.ask({ action: 'check' })).toMatchObject({ outcome: 'healthy' });
    expect(values()).toEqual(before);

    scene.services.faults.add({ service: 'secretsmanager', operation, effect: 'access-denied', times: 50 });
    const checked = await scene.ask({ action: 'check' });
    expect(checked).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    expect(checked.next).toContain(`secretsmanager:${operation} failed: AccessDenied`);
    expect(await scene.ask({ action: 'status' })).toMatchObject({ outcome: 'healthy' });
    expect(await scene.rotate()).toMatchObject({ outcome: 'failed', kind: 'needs-person' });
    await scene.pass(90 * DAY + HOUR);
    expect(await scene.sweep()).toMatchObject({ outcome: 'failed' });
    expect(scene.posts).toBe(0);
  });
});
