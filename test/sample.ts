/** Whether all of it runs: `npm run test:exhaustive`. It runs the tests that import this file. */
export const isExhaustive = process.env.EXHAUSTIVE === 'true';

/**
 * A share of what nothing but patience bounds, for `npm test`: every so many-th, and always the same ones.
 *
 * @param offset where to begin, so that tests beside each other take different ones
 * @throws if there is none to take: nothing would be tested
 */
export function sample<T>(all: readonly T[], every: number, offset = 0): readonly T[] {
  const taken = isExhaustive ? all : all.filter((_, index) => index % every === offset % every);
  if (taken.length === 0) {
    throw new Error(`every ${every}th of ${all.length}, from ${offset % every} on, is none`);
  }
  return taken;
}
