import type { FailureKind } from '../../lib/contract/failure-kind';
import { DAY, HOUR, MINUTE } from '../../lambda/core/time';
import {
  advance,
  askToRotate,
  noSetUp,
  quietWorld,
  rotateInConsole,
  storeOldSecret,
  sweep as sweepBefore,
  untilDue,
  untilRotated,
} from '../simulation/scenarios';
import type { World } from '../simulation/world';
import { anyDelivery, delivery, edit, pause, rotate, sweep } from './actors';
import type { Actor } from './course';

/** What is explored. Time stands still: what takes its time has taken it before, or takes none. */
export interface Exploration {
  /** What happened before, without a fault. */
  readonly before: (world: World) => Promise<void>;
  /** What ran after that, and may have been killed anywhere, some minutes ago: each state that it can have left is a beginning. */
  readonly leftBy?: (world: World) => readonly Actor[];
  /** It takes seconds, with a crash: `npm run test:exhaustive` explores it, and `npm test` every third of them. */
  readonly isSmall?: true;
  /** A person wrote over a delivered client secret. */
  readonly isOverwritten?: true;
  /** What it asks a person for in the end, rightly: until then it is not healthy. */
  readonly asks?: FailureKind;
  /** What runs at the same time. */
  readonly actors: (world: World) => readonly Actor[];
}

// What happened before

/** From now on messages wait in the queue. */
async function untilStoreIsOff(world: World, setUp: (world: World) => Promise<void> = noSetUp): Promise<void> {
  await setUp(world);
  world.hub.isStoreEnabled = false;
}

async function untilDelivered(world: World): Promise<void> {
  await untilStoreIsOff(world, untilDue);
  await sweepBefore(world);
}

async function untilTwoDelivered(world: World, older = 0, newer = 0): Promise<void> {
  await untilStoreIsOff(world, sweepBefore);
  rotateInConsole(world, older);
  await advance(world, 2 * MINUTE);
  rotateInConsole(world, newer);
  await advance(world, 2 * MINUTE);
}

/**
 * Two client secrets from the console and one that the hub asked for, made two minutes apart. LWA does not know the last one yet;
 * the messages of the others come late.
 */
async function untilThirdWaits(world: World): Promise<void> {
  await sweepBefore(world);
  for (const delay of [12 * MINUTE, 10 * MINUTE]) {
    world.amazon.changeNextDelivery({ delay });
    rotateInConsole(world, 0);
    await advance(world, 2 * MINUTE);
  }
  askToRotate(world, 2 * HOUR);
  await advance(world, 2 * MINUTE);
  // Until the store function has hidden the third for eight minutes.
  await advance(world, 5.8 * MINUTE);
  world.hub.isStoreEnabled = false;
  await advance(world, MINUTE);
}

async function untilOverwritten(world: World): Promise<void> {
  await untilRotated(world);
  storeOldSecret(world);
}

/** What was asked for waits for LWA, and somebody wrote an old client secret over the one before it. */
async function untilFallbackOverwritten(world: World): Promise<void> {
  await untilRotated(world);
  await advance(world, 8 * DAY);
  askToRotate(world, 2 * HOUR);
  await advance(world, 2 * MINUTE);
  world.hub.isStoreEnabled = false;
  storeOldSecret(world);
}

/** Another hub looked after the application, with a queue of its own, and a delivery waits there. */
async function untilTakenOver(world: World): Promise<void> {
  const { hub, secondHub } = world;
  secondHub.deploy(false);
  secondHub.isStoreEnabled = false;
  world.operators.register(secondHub);
  void secondHub.sweep();
  await advance(world, HOUR);
  rotateInConsole(world, 0);
  await advance(world, MINUTE);
  hub.isStoreEnabled = false;
}

async function untilFirstDelivery(world: World): Promise<void> {
  await untilStoreIsOff(world);
  rotateInConsole(world, 0);
  await advance(world, MINUTE);
}

// What runs

const TWO_SWEEPS = ({ hub }: World): readonly Actor[] => [
  sweep(hub, 'the first sweep'),
  sweep(hub, 'the second sweep'),
];
const SWEEP_AND_DELIVERY = ({ hub }: World): readonly Actor[] => [sweep(hub), delivery(hub)];
const TWO_DELIVERIES = ({ hub }: World): readonly Actor[] => [
  delivery(hub, 'the first delivery'),
  delivery(hub, 'the second delivery'),
];

export const EXPLORATIONS: Readonly<Record<string, Exploration>> = {
  'two sweeps, the first ever': { isSmall: true, before: noSetUp, actors: TWO_SWEEPS },
  'two sweeps find a rotation due': {
    isSmall: true,
    before: (world) => untilStoreIsOff(world, untilDue),
    actors: TWO_SWEEPS,
  },
  'two sweeps finish what a delivery left': {
    isSmall: true,
    before: untilDelivered,
    leftBy: ({ hub }) => [delivery(hub)],
    actors: TWO_SWEEPS,
  },
  'two sweeps heal': { before: untilOverwritten, isOverwritten: true, actors: TWO_SWEEPS },
  'sweep and delivery, the first ever': { before: untilFirstDelivery, actors: SWEEP_AND_DELIVERY },
  'sweep finds a rotation due, and its delivery': {
    isSmall: true,
    before: (world) => untilStoreIsOff(world, untilDue),
    actors: SWEEP_AND_DELIVERY,
  },
  'sweep and delivery': { isSmall: true, before: untilDelivered, actors: SWEEP_AND_DELIVERY },
  'sweep and delivery after another': {
    before: untilDelivered,
    leftBy: ({ hub }) => [delivery(hub)],
    actors: SWEEP_AND_DELIVERY,
  },
  'a sweep of another hub that takes over, and a delivery': {
    isSmall: true,
    before: untilTakenOver,
    // To register its queue in the place of the other hub's.
    asks: 'needs-person',
    actors: ({ hub, secondHub }) => [sweep(hub), delivery(secondHub)],
  },
  'two deliveries, old and new': { before: untilTwoDelivered, actors: TWO_DELIVERIES },
  'two deliveries, of which LWA does not know the newer': {
    isSmall: true,
    before: (world) => untilTwoDelivered(world, 0, 2 * HOUR),
    actors: TWO_DELIVERIES,
  },
  'two deliveries, of which LWA does not know the older': {
    isSmall: true,
    before: (world) => untilTwoDelivered(world, 2 * HOUR),
    actors: TWO_DELIVERIES,
  },
  'two deliveries after one of them': {
    before: untilTwoDelivered,
    leftBy: ({ hub }) => [anyDelivery(hub)],
    actors: TWO_DELIVERIES,
  },
  'two deliveries, a third waits for LWA, all within the skew of clocks': {
    isSmall: true,
    before: untilThirdWaits,
    actors: TWO_DELIVERIES,
  },
  'two copies of a delivery': {
    before: async (world) => {
      world.amazon.changeNextDelivery({ copies: 2 });
      await untilDelivered(world);
    },
    actors: TWO_DELIVERIES,
  },
  'two deliveries in one batch, and a sweep': {
    before: untilTwoDelivered,
    actors: ({ hub }) => [delivery(hub, 'the batch', 10), sweep(hub)],
  },
  'a delivery, and a person edits': {
    isSmall: true,
    before: untilDelivered,
    actors: (world) => [delivery(world.hub), edit(world, (text) => text.replace('{', '{"edited":true,'))],
  },
  'a heal, and a delivery': {
    before: async (world) => {
      await untilRotated(world);
      world.hub.isStoreEnabled = false;
      rotateInConsole(world, 0);
      await advance(world, MINUTE);
      storeOldSecret(world);
    },
    isOverwritten: true,
    actors: SWEEP_AND_DELIVERY,
  },
  'two sweeps heal while the newest waits for LWA': {
    isSmall: true,
    before: untilFallbackOverwritten,
    isOverwritten: true,
    actors: TWO_SWEEPS,
  },
  'a pause, and the schedule': {
    isSmall: true,
    before: (world) => untilStoreIsOff(world, untilDue),
    actors: (world) => [pause(world), sweep(world.hub)],
  },
  "a person's rotate, the schedule, and the delivery": {
    before: (world) => untilStoreIsOff(world, untilDue),
    actors: (world) => [rotate(world), sweep(world.hub), delivery(world.hub)],
  },
};

/** A world in which time stands still: LWA knows at once what is made from now on, and its message is in the queue at once. */
export async function stillWorld({ before, isOverwritten }: Exploration): Promise<World> {
  const world = await quietWorld(before);
  if (isOverwritten !== true) {
    // Nobody may be told that somebody did. That a person stored the first client secret does not count.
    world.truth.isCurrentByHand = false;
    world.truth.handChangedAt = Number.NEGATIVE_INFINITY;
  }
  world.hub.isStoreEnabled = false;
  // What a process remembers of the run before would be lost where a run is replayed.
  world.hubs.forEach((hub) => (hub.keepsProcess = false));
  world.propagation = 0;
  world.deliveryDelay = 0;
  answerAlike(world);
  return world;
}

/** The same question has the same answer: a token tells for which client secret it is, and requests have no ids. */
function answerAlike({ amazon }: World): void {
  const exchange = amazon.exchange.bind(amazon);
  const rotateSecret = amazon.rotate.bind(amazon);
  const requests = new Map<string, Parameters<typeof exchange>[0]>();
  amazon.exchange = (request) => {
    const answer = exchange(request);
    const token = `Atza|for-${request.clientSecret ?? ''}`;
    requests.set(token, request);
    const body = answer.status === 200 ? answer.body.replace(amazon.allTokens.at(-1) ?? '', token) : answer.body;
    return { ...answer, headers: {}, body };
  };
  amazon.rotate = (token) => {
    const request = requests.get(token ?? '');
    if (request !== undefined) {
      exchange(request);
    }
    return { ...rotateSecret(amazon.allTokens.at(-1)), headers: {} };
  };
}
