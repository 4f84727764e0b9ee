import { RoundTripBench } from '../round-trips';
import { target, TARGETS, type Section } from '../targets';

export async function delivery(): Promise<Section> {
  const bench = await RoundTripBench.begin(1);
  try {
    const made = await bench.deliver();
    const roundTrips = made.findIndex((calls) => calls.includes('UpdateSecretVersionStage')) + 1;
    const steps = made.map((calls, index) => `${index + 1}. ${calls.join(' + ')}`).join('\n');
    return {
      text: `## Delivery to AWSCURRENT\n\nCalls one after the other; a plus joins calls that are made at the same time. They are counted, not timed. \`alternatives/store.ts\` says why ${TARGETS.deliveryRoundTripsFloor} is the floor.\n\n${steps}`,
      targets: [target('round trips from a delivery to AWSCURRENT', TARGETS.deliveryRoundTripsFloor, roundTrips, 0)],
    };
  } finally {
    bench.end();
  }
}
