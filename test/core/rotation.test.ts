import { SECOND } from '../../lambda/core/instant';
import { rotate } from '../../lambda/core/rotation';
import { ADDED, entry } from './entries';
import { OneApplication } from './one-application';

/** Rotates with so much time left. */
async function rotateWithin(milliseconds: number) {
  const one = new OneApplication();
  one.store('current');
  one.accepted.add('current');
  one.journal(entry());
  const state = await one.look();
  const head = { versionId: one.idOf('SpApiRotationJournal') ?? '', entry: one.entry() };
  const ports = { ...one.application.ports, deadline: ADDED + milliseconds };
  const wish = { action: 'reconcile', force: false, requestedBy: undefined } as const;
  const rotated = await rotate({ ...one.application, ports }, state, head, wish, 'schedule');
  return { one, rotated };
}

test('without time for the POST and for writing down what came of it, nothing is announced or asked for', async () => {
  const { one, rotated } = await rotateWithin(40 * SECOND - 1);
  expect(rotated).toEqual({ result: 'no-time' });
  expect(one.entry()).toEqual(entry());
  expect(one.posts).toBe(0);
});

test('with just enough time it is asked for', async () => {
  const { one, rotated } = await rotateWithin(40 * SECOND);
  expect(rotated).toMatchObject({ result: 'requested' });
  expect(one.entry().rotation).toMatchObject({ attempt: 1, outcome: 'accepted' });
  expect(one.posts).toBe(1);
});
