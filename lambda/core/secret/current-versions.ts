import { LABEL, type Application, type SecretVersion } from '../ports';

/** So many secrets Secrets Manager reads in one call. */
const AT_ONCE = 20;

/** Reads AWSCURRENT of an application; `undefined`: nobody stored anything. Throws as a read on its own does. */
export type ReadCurrent = (application: Application) => Promise<SecretVersion | undefined>;

/**
 * Reads AWSCURRENT of many applications in few calls: whichever is asked for first is read together with its neighbours, once.
 * What does not come with them, for whatever reason, is read on its own, and that tells why.
 *
 * A neighbour's may so be older than the question, by as long as a run takes: good enough to see that all is well, for nothing else.
 */
export function readTogether(applications: readonly Application[]): ReadCurrent {
  const blocks = new Map<number, Promise<ReadonlyMap<string, SecretVersion>>>();
  const places = new Map(applications.map(({ settings }, index) => [settings.id, Math.floor(index / AT_ONCE)]));
  return async ({ settings, ports }) => {
    const place = places.get(settings.id) ?? 0;
    const reading = blocks.get(place) ?? readBlock(applications.slice(place * AT_ONCE, (place + 1) * AT_ONCE));
    blocks.set(place, reading);
    return (await reading).get(settings.secretArn) ?? ports.secrets.readLabel(LABEL.current);
  };
}

async function readBlock(block: readonly Application[]): Promise<ReadonlyMap<string, SecretVersion>> {
  const [first, ...others] = block.filter(({ misconfigured }) => misconfigured === undefined);
  if (first === undefined || others.length === 0 || first.ports.clock.now() >= first.ports.deadline) {
    return new Map();
  }
  const secretArns = [first, ...others].map(({ settings }) => settings.secretArn);
  return (await first.ports.readSeveral?.(secretArns)) ?? new Map();
}
