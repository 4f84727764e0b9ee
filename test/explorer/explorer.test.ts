import { sample } from '../sample';
import type { World } from '../simulation/world';
import type { Actor } from './course';
import { explore } from './explore';
import { required } from './memory';
import { EXPLORATIONS } from './scenarios';

const small = Object.entries(EXPLORATIONS).filter(([, { isSmall }]) => isSmall);
const explored = sample(small, 3);

test.each(explored)(
  '%s, with at most one crash: in whatever order, no invariant is violated',
  async (_, exploration) => {
    const { violation, moves, ends } = await explore(exploration, { crashes: true, losses: false });
    expect(violation).toBeUndefined();
    // Those of the turns that can make a difference: something was looked at.
    expect(moves).toBeGreaterThan(50);
    expect(ends.size).toBeGreaterThan(1);
  },
);

const compared = [
  ['a delivery, and a person edits', true],
  ['sweep finds a rotation due, and its delivery', true],
  ['two deliveries, of which LWA does not know the older', false],
  ['two deliveries, of which LWA does not know the newer', false],
] as const;

test.each(sample(compared, 2))('%s: turns that are left out lead to no other end', async (name, losses) => {
  const exploration = required(EXPLORATIONS[name]);
  const some = await explore(exploration, { crashes: true, losses });
  const all = await explore(exploration, { crashes: true, losses, everyTurn: true });
  expect(some.ends).toEqual(all.ends);
  expect(some.states).toBeLessThan(all.states);
});

test('a violation is told with a short way to it, in words', async () => {
  const exploration = required(EXPLORATIONS['sweep and delivery']);
  const { violation } = await explore(
    { ...exploration, actors: (world) => [...exploration.actors(world), careless(world)] },
    { crashes: true, losses: true },
  );
  expect(violation?.what).toContain('nothing-lost: ');
  expect(violation?.trace).toEqual(
    expect.arrayContaining([
      'a careless run: sqs:ReceiveMessage',
      expect.stringContaining('VIOLATION of nothing-lost'),
    ]),
  );
  expect(violation?.trace.filter((line) => !line.startsWith('    '))).toHaveLength(1);
});

/** It acknowledges a message that it has only received. */
function careless({ hub }: World): Actor {
  return {
    name: 'a careless run',
    start: async (run) => {
      const receive = hub.queue.receive.bind(hub.queue);
      const [message] = await run.call<ReturnType<typeof receive>>('sqs:ReceiveMessage', undefined, (resolve) =>
        resolve(receive()),
      );
      run.tell(undefined, () => message && hub.acknowledge(message));
    },
  };
}
