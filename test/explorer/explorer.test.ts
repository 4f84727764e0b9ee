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
    const { violation, states } = await explore(exploration, { crashes: true, losses: false });
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(100);
  },
);

test('a violation is told with the shortest way to it, in words', async () => {
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
  expect(violation?.trace.filter((line) => !line.startsWith('    '))).toHaveLength(2);
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
