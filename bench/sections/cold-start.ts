import type { LocalHub } from '../../test/fakes/local-hub';
import { codeOf, EMPTY, FUNCTIONS, VARIANTS, type FunctionName, type Variant } from '../bundles';
import { FunctionProcess } from '../function-process';
import { applicationId, nextDelivery, openHub, queueEvent } from '../local-hub';

/** One start, from the process's to its first answer. */
export interface ColdStart {
  readonly milliseconds: number;
  readonly processorTime: number | undefined;
  readonly peakMemory: number | undefined;
}

export interface ColdStarts {
  readonly variant: Variant;
  readonly name: FunctionName;
  readonly runs: ColdStart[];
}

/** Starts every variant in turn, round after round, so that a busy moment of the machine is in all of them. */
export async function measureColdStarts(rounds: number): Promise<ColdStarts[]> {
  const results: ColdStarts[] = [];
  const subjects = [];
  const hubs: LocalHub[] = [];
  try {
    for (const variant of [...VARIANTS, EMPTY]) {
      // Each has a hub of its own: a floor's journal is not ours.
      const hub = await openHub({ applications: 1 });
      hubs.push(hub);
      if (variant.needsLenientLwa === true) {
        const token = JSON.stringify({ access_token: 'token', token_type: 'bearer', expires_in: 3600 });
        const headers = { 'content-type': 'application/json' };
        hub.amazon.script('lwa', { status: 200, headers, body: token }, { times: Number.POSITIVE_INFINITY });
      }
      for (const name of FUNCTIONS) {
        const runs: ColdStart[] = [];
        results.push({ variant, name, runs });
        subjects.push({ hub, name, runs, code: await codeOf(variant, name) });
      }
    }
    // The first round only fills the machine's file cache.
    for (let round = -1; round < rounds; round++) {
      for (const { hub, name, code, runs } of subjects) {
        const run = await startOnce(hub, name, code);
        if (round >= 0) {
          runs.push(run);
        }
      }
    }
  } finally {
    for (const hub of hubs) {
      await hub.close();
    }
  }
  return results;
}

async function startOnce(hub: LocalHub, name: FunctionName, code: string): Promise<ColdStart> {
  const event = name === 'rotate' ? {} : queueEvent(hub, [await nextDelivery(hub, applicationId(0))]);
  const begun = performance.now();
  const started = await FunctionProcess.start(hub, name, code);
  try {
    await started.invoke(event);
    return { milliseconds: performance.now() - begun, ...started.usage };
  } finally {
    await started.stop();
  }
}
