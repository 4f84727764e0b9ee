/** What the project holds itself to. Lowered where a target was met easily: see docs/adr. */
export const TARGETS = {
  /** To the floor, as a median of ratios of runs made one right after the other. */
  coldStartToFloor: 1,
  /** To the floor bundled the way this package is. */
  coldStartToTrimmedFloor: 1.15,
  /** To the floor bundled as one does it: the credential providers that Lambda never needs are left out here. */
  bundleToFloor: 1.05,
  /** To the floor with the same left out: what all promises weigh. */
  bundleToTrimmedFloor: 1.4,
  bundleBytes: 430_000,
  /** See `alternatives/store.ts` for why there are no fewer. */
  deliveryRoundTripsFloor: 5,
  roundTripsAboveFloor: 1,
  /** Milliseconds, 250 applications, 50 ms a call. */
  healthySweep: 8_000,
  /** Time of 250 applications to that of 100: linear would be 2.5; a tenth is for the measurement. */
  sweepGrowth: 2.75,
  /** Bytes above what Node.js and the runtime client take by themselves. */
  sweepMemory: 80_000_000,
  resourcesPerImportedSecret: 1,
  resourcesPerCreatedSecret: 2,
  /** Milliseconds per application. */
  synthesisPerApplication: 12,
  /** USD a month. */
  firstApplication: 2.5,
  furtherApplication: 0.5,
} as const;
