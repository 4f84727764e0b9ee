import { MINUTE, type LocalHub } from '../../test/fakes/local-hub';
import { applicationId, openHub, setLatency } from '../local-hub';
import { target, type Section } from '../targets';

const APPLICATIONS = 10;
const ROTATIONS_EACH = 10;
const DUPLICATES = 300;
const UNKNOWN_CLIENT_IDS = 300;
const OTHER_TYPES = 150;
const UNREADABLE = 150;
/** Milliseconds a call. */
const LATENCY = 20;

export async function burst(): Promise<Section> {
  const { messages, seconds, invocations, kept, unclaimed, lost } = await measure();
  const news = APPLICATIONS * ROTATIONS_EACH;
  return {
    text: `## Burst\n\n${messages} messages at once for ${APPLICATIONS} applications, ${LATENCY} ms a call: ${news} new secrets, ${DUPLICATES} duplicates, ${UNKNOWN_CLIENT_IDS} with unknown client ids, ${OTHER_TYPES} of other types, ${UNREADABLE} unreadable. Two functions at a time, as deployed: ${seconds.toFixed(1)} s, ${(messages / seconds).toFixed(0)} messages a second, ${invocations} invocations. Afterwards ${unclaimed} are in the unclaimed queue and ${kept} kept. Lost: ${lost.length === 0 ? 'nothing' : lost.join('; ')}.`,
    targets: [target('losses in a burst', 0, lost.length, 0)],
  };
}

interface Burst {
  readonly messages: number;
  /** Until each message was received once. */
  readonly seconds: number;
  readonly invocations: number;
  /** One line for everything that is lost or in the wrong place. */
  readonly lost: readonly string[];
  readonly kept: number;
  readonly unclaimed: number;
}

/** All messages at once, mixed, through the event source mapping as it is deployed, into the functions as they ship. */
async function measure(): Promise<Burst> {
  const hub = await openHub({ applications: APPLICATIONS });
  try {
    const real = await realMessages(hub);
    const unknown = Array.from({ length: UNKNOWN_CLIENT_IDS }, (_, index) =>
      (real[index % real.length] ?? '').replace(
        /amzn1\.application-oa2-client\.\w+/,
        `amzn1.application-oa2-client.unknown${index}`,
      ),
    );
    const unreadable = Array.from({ length: UNREADABLE }, (_, index) => `{"newClientSecret": unreadable ${index}`);
    const others = Array.from({ length: OTHER_TYPES }, (_, index) => `{"notificationType":"OTHER","number":${index}}`);
    const duplicates = Array.from({ length: DUPLICATES }, (_, index) => real[(index * 7) % real.length] ?? '');
    const all = mixed([...real, ...duplicates, ...unknown, ...unreadable, ...others]);
    for (const body of all) {
      await hub.send(body);
    }
    setLatency(hub, LATENCY);
    const begun = performance.now();
    const batches = await hub.stack.drainQueue(undefined, { concurrency: 2 });
    const seconds = (performance.now() - begun) / 1000;
    await hub.stack.settle();
    setLatency(hub, 0);
    // Messages that wait for LWA or for a newer secret come again after their visibility timeout.
    for (let again = 0; again < 3; again++) {
      hub.clock.advance(MINUTE);
      await hub.drain();
    }
    return {
      messages: all.length,
      seconds,
      invocations: batches.length,
      lost: losses(hub, unknown, unreadable),
      kept: hub.bodies('Notification').length,
      unclaimed: hub.bodies('Unclaimed').length,
    };
  } finally {
    await hub.close();
  }
}

/** Ten new secrets of each application. The last one must become current. */
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

function losses(hub: LocalHub, unknown: readonly string[], unreadable: readonly string[]): string[] {
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
  if (missing(unknown, unclaimed) > 0) {
    lost.push(`${missing(unknown, unclaimed)} with unknown client ids are not in the unclaimed queue`);
  }
  if (missing(unreadable, kept) > 0) {
    lost.push(`${missing(unreadable, kept)} unreadable ones are gone`);
  }
  return lost;
}

/** Shuffles them in the same way in every run. */
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
