import { quietWorld } from '../simulation/scenarios';
import type { World } from '../simulation/world';

/** A world in which time stands still: LWA knows at once what is made from now on, and its message is in the queue at once. */
export async function stillWorld(setUp: (world: World) => Promise<void>): Promise<World> {
  const world = await quietWorld(async (one) => {
    await setUp(one);
  });
  world.hub.isStoreEnabled = false;
  world.propagation = 0;
  world.deliveryDelay = 0;
  answerAlike(world);
  return world;
}

/** The same question has the same answer: a token tells for which client secret it is, and requests have no ids. */
function answerAlike({ amazon }: World): void {
  const exchange = amazon.exchange.bind(amazon);
  const rotate = amazon.rotate.bind(amazon);
  const requests = new Map<string, Parameters<typeof exchange>[0]>();
  amazon.exchange = (request) => {
    const answer = exchange(request);
    const token = `Atza|for-${request.clientSecret ?? ''}`;
    requests.set(token, request);
    return {
      ...answer,
      headers: {},
      body: answer.status === 200 ? answer.body.replace(amazon.allTokens.at(-1) ?? '', token) : answer.body,
    };
  };
  amazon.rotate = (token) => {
    const request = requests.get(token ?? '');
    if (request !== undefined) {
      exchange(request);
    }
    return { ...rotate(amazon.allTokens.at(-1)), headers: {} };
  };
}
