/** How the logarithm of a latency varies: of calls of 50 ms on average, half take less than 44 and one in a hundred more than 141. */
const SPREAD = 0.5;

/**
 * Latencies of a log-normal distribution, the same in every run: most near the average, some far above, as those of services are.
 *
 * @param average milliseconds
 */
export function latencies(average: number): () => number {
  const uniform = uniformNumbers();
  const median = average / Math.exp(SPREAD ** 2 / 2);
  return () => {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return median * Math.exp(SPREAD * normal);
  };
}

/** Between 0 and 1, neither included. The same in every run. */
function uniformNumbers(): () => number {
  const modulus = 2_147_483_647;
  let state = 20_231_130;
  return () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
}
