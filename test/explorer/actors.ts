import { DAY } from '../../lambda/core/time';
import { RECONCILE, type Hub } from '../simulation/hub';
import type { World } from '../simulation/world';
import type { Actor } from './course';

/** The rotate function, started by the schedule. */
export function sweep(hub: Hub, name = 'the sweep'): Actor {
  return { name, start: (run) => hub.rotate(run, RECONCILE) };
}

/** The rotate function, asked by a person. */
export function rotate({ hub, settings }: World, force = false): Actor {
  const request = { action: 'rotate', application: settings.id, force, requestedBy: 'a person' } as const;
  return { name: "the person's rotate", start: (run) => hub.rotate(run, request) };
}

/** The rotate function, asked by a person for no rotation in the next days. */
export function pause(world: World): Actor {
  const { hub, settings } = world;
  const note = { says: 'pause', until: world.now() + 3 * DAY, why: 'peak season' } as const;
  const request = { action: 'note', note, application: settings.id, force: false, requestedBy: 'a person' } as const;
  return { name: 'the pause', start: (run) => hub.rotate(run, request) };
}

/** The store function, with the first messages that can be received when it begins. */
export function delivery(hub: Hub, name = 'the delivery', max = 1): Actor {
  return receiving(hub, name, RECEIVE, max);
}

/** The store function, with any one message that can be received then. */
export function anyDelivery(hub: Hub, name = 'the delivery of any message'): Actor {
  return receiving(hub, name, RECEIVE_ANY, 1);
}

/** A function that receives waits until there is a message. */
export const RECEIVE = 'sqs:ReceiveMessage';
export const RECEIVE_ANY = 'sqs:ReceiveMessage, any one';

function receiving(hub: Hub, name: string, call: string, max: number): Actor {
  return {
    name,
    start: async (run) => {
      const batch = await run.call<ReturnType<Hub['queue']['receive']>>(call, undefined, (resolve) =>
        resolve(hub.queue.receive({ max })),
      );
      await hub.store(run, batch);
    },
  };
}

/** A person reads AWSCURRENT, edits the text, and stores it: over whatever was written meanwhile. */
export function edit(world: World, change: (text: string) => string): Actor {
  return {
    name: 'a person',
    start: async (run) => {
      const text = await run.call<string>('reads AWSCURRENT', undefined, (resolve) =>
        resolve(world.currentVersion().text ?? ''),
      );
      await run.call('stores the edited text', text, (resolve) => {
        world.operators.storeText(change(text));
        resolve(undefined);
      });
    },
  };
}
