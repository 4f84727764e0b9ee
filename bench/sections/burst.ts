import { MINUTE, type LocalHub } from '../../test/fakes/local-hub';
import { applicationId, openHub, setLatency } from '../local-hub';

const APPLICATIONS = 10;
const ROTATIONS_EACH = 10;
const DUPLICATES = 300;
const STRANGERS = 300;
const HARMLESS = 150;
const RIDDLES = 150;
export const BURST_LATENCY = 20;

export interface Burst {
  readonly messages: number;
  /** Until each had been received once. */
  readonly seconds: number;
  readonly invocations: number;
  /** One line for everything that is lost or not where it should be. Empty: nothing. */
  readonly lost: readonly string[];
  readonly kept: number;
  readonly unclaimed: number;
}

/** All at once, well mixed, through the event source mapping as it is deployed, into the functions as they ship. */
export async function measureBurst(): Promise<Burst> {
  const hub = await openHub({ applications: APPLICATIONS });
  try {
    const real = await realMessages(hub);
    const strangers = Array.from({ length: STRANGERS }, (_, index) =>
      (real[index % real.length] ?? '').replace(
        /amzn1\.application-oa2-client\.\w+/,
        `amzn1.application-oa2-client.stranger${index}`,
      ),
    );
    const riddles = Array.from({ length: RIDDLES }, (_, index) => `{"newClientSecret": riddle ${index}`);
    const harmless = Array.from({ length: HARMLESS }, (_, index) => `{"notificationType":"OTHER","number":${index}}`);
    const duplicates = Array.from({ length: DUPLICATES }, (_, index) => real[(index * 7) % real.length] ?? '');
    const all = mixed([...real, ...duplicates, ...strangers, ...riddles, ...harmless]);
    for (const body of all) {
      await hub.send(body);
    }
    setLatency(hub, BURST_LATENCY);
    const begun = performance.now();
    const batches = await hub.stack.drainQueue(undefined, { concurrency: 2 });
    const seconds = (performance.now() - begun) / 1000;
    await hub.stack.settle();
    setLatency(hub, 0);
    // What waits for LWA or for a newer secret comes again after its visibility time-out.
    for (let again = 0; again < 3; again++) {
      hub.clock.advance(MINUTE);
      await hub.drain();
    }
    return {
      messages: all.length,
      seconds,
      invocations: batches.length,
      lost: losses(hub, strangers, riddles),
      kept: hub.bodies('Notification').length,
      unclaimed: hub.bodies('Unclaimed').length,
    };
  } finally {
    await hub.close();
  }
}

/** Ten new secrets of each application, of which the last is to win. */
async function realMessages(hub: LocalHub): Promise<string[]> {
  const bodies: string[] = [];
  for (let rotation = 0; rotation < ROTATIONS_EACH; rotation++) {
    for (let index = 0; index < APPLICATIONS; index++) {
      hub.amazon.model.rotateInConsole(hub.clientId(applicationId(index)));
    }
    await hub.pass(MINUTE);
    bodies.push(...(await hub.takeMessages()));
  }
  return bodies;
}

function losses(hub: LocalHub, strangers: readonly string[], riddles: readonly string[]): string[] {
  const lost: string[] = [];
  for (let index = 0; index < APPLICATIONS; index++) {
    const id = applicationId(index);
    if (hub.clientSecret('AWSCURRENT', id) !== hub.newestIssued(id)) {
      lost.push(`the newest client secret of ${id} is not current`);
    }
  }
  const unclaimed = new Set(hub.bodies('Unclaimed'));
  const kept = new Set([...hub.bodies('Notification'), ...hub.bodies('DeadLetter')]);
  const missing = (bodies: readonly string[], where: ReadonlySet<string>): number =>
    bodies.filter((body) => !where.has(body)).length;
  if (missing(strangers, unclaimed) > 0) {
    lost.push(`${missing(strangers, unclaimed)} of strangers are not in the unclaimed queue`);
  }
  if (missing(riddles, kept) > 0) {
    lost.push(`${missing(riddles, kept)} that nobody understands are gone`);
  }
  return lost;
}

/** In an order that looks random and is the same in every run. */
function mixed(bodies: readonly string[]): string[] {
  let seed = 1;
  return bodies
    .map((body) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return { body, seed };
    })
    .sort((one, other) => one.seed - other.seed)
    .map(({ body }) => body);
}
