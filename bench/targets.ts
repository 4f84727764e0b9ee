/** The bounds that the project sets for itself. The ADRs say why they are what they are. */
export const TARGETS = {
  /** Processor time, as a median of ratios of runs made one right after the other. */
  coldStartToFloor: 1,
  coldStartToTrimmedFloor: 1.05,
  /** To the floor bundled with all of the AWS SDK, credential providers included. */
  bundleToFloor: 1,
  /** To the floor bundled without the credential providers. */
  bundleToTrimmedFloor: 1.25,
  bundleBytes: 348_000,
  /** `alternatives/store.ts` says why there are no fewer. */
  deliveryRoundTripsFloor: 5,
  /** Milliseconds, for 250 applications and 50 ms a call. */
  healthySweep: 5_000,
  /** Time of the same sweep to that of its calls alone, under the same share of a processor. */
  sweepToFloor: 1.5,
  /** Milliseconds until a client secret behind 10,000 messages for unknown client ids is current. */
  flood: 60_000,
  floodCost: 0.1,
  /** Time of 250 applications to that of 100. Linear growth is 2.5; the rest is tolerance of the measurement. */
  sweepGrowth: 2.75,
  /** Bytes above what Node.js and the runtime client need. */
  sweepMemory: 80_000_000,
  resourcesPerImportedSecret: 1,
  resourcesPerCreatedSecret: 2,
} as const;

/** A target and what was measured, ready to print. */
export interface Target {
  readonly what: string;
  readonly atMost: string;
  readonly measured: string;
  readonly isMet: boolean;
}

export function target(what: string, atMost: number, measured: number, digits: number): Target {
  return { what, atMost: atMost.toFixed(digits), measured: measured.toFixed(digits), isMet: measured <= atMost };
}

/** One part of the results. */
export interface Section {
  readonly text: string;
  readonly targets: readonly Target[];
}
