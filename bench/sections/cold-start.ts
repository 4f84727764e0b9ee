import { HOUR, type LocalHub } from '../../test/fakes/local-hub';
import {
  AMAZON_SDK,
  codeOf,
  EMPTY,
  FLOOR,
  FLOOR_BUNDLED_ALIKE,
  FUNCTIONS,
  SHIPPED,
  SP_API_SDK,
  TRIMMED_FLOOR,
  VARIANTS,
  type FunctionName,
  type Variant,
} from '../bundles';
import { FunctionProcess, type Usage } from '../function-process';
import { applicationId, nextDelivery, openHub, queueEvent } from '../local-hub';
import { median, megabytes, ratios, spread, table } from '../report';
import { target, TARGETS, type Section, type Target } from '../targets';

const ROUNDS = 21;

/** One start, from the start of the process to its first answer. */
interface ColdStart extends Usage {
  readonly milliseconds: number;
}

interface Subject {
  readonly variant: Variant;
  readonly name: FunctionName;
  readonly hub: LocalHub;
  readonly code: string;
  readonly runs: ColdStart[];
}

export async function coldStarts(): Promise<Section> {
  const subjects = await measure();
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const name of FUNCTIONS) {
    const own = subjects.filter((subject) => subject.name === name);
    const of = (variant: Variant, figure: keyof ColdStart): number[] =>
      own.find((subject) => subject.variant === variant)?.runs.map((run) => run[figure]) ?? [];
    for (const { variant } of own) {
      rows.push([
        `${name}: ${variant.name}`,
        spread(of(variant, 'milliseconds')),
        spread(ratios(of(variant, 'milliseconds'), of(FLOOR, 'milliseconds')), 2),
        spread(of(variant, 'processorTime')),
        (median(of(variant, 'processorTime')) / median(of(FLOOR, 'processorTime'))).toFixed(2),
        megabytes(median(of(variant, 'peakMemory'))),
      ]);
    }
    // Processor time, because it does not contain what else the machine does. Where the system does not report it: time.
    const to = (other: Variant): number => {
      const ratio = median(ratios(of(SHIPPED, 'processorTime'), of(other, 'processorTime')));
      return Number.isNaN(ratio) ? median(ratios(of(SHIPPED, 'milliseconds'), of(other, 'milliseconds'))) : ratio;
    };
    targets.push(
      target(`cold start of ${name}, to the floor`, TARGETS.coldStartToFloor, to(FLOOR), 2),
      target(`cold start of ${name}, to the trimmed floor`, TARGETS.coldStartToTrimmedFloor, to(TRIMMED_FLOOR), 2),
      target(
        `cold start of ${name}, to the floor bundled alike`,
        TARGETS.coldStartToTrimmedFloor,
        to(FLOOR_BUNDLED_ALIKE),
        2,
      ),
      target(`cold start of ${name}, to ${SP_API_SDK.name}`, 1, to(SP_API_SDK), 2),
      target(`cold start of ${name}, to ${AMAZON_SDK.name}`, 1, to(AMAZON_SDK), 2),
    );
  }
  const head = ['', 'ms', 'to floor', 'processor ms', 'to floor', 'peak MB'];
  return {
    text: `## Cold starts\n\nFrom the start of the process, under AWS's runtime client, to the first answer: *rotate* sweeps one healthy application (not for the first time on a day), *store* installs a new secret. ${ROUNDS} rounds, all variants in each.\n\n${table(head, rows)}`,
    targets,
  };
}

/** Starts all variants in turn, round after round, so that a busy moment of the machine slows all of them down. */
async function measure(): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  try {
    for (const variant of [...VARIANTS, EMPTY]) {
      // Each variant has its own hub: the journal of the floor is not ours.
      const hub = await openHub({ applications: 1 });
      if (variant.needsLenientLwa === true) {
        const token = JSON.stringify({ access_token: 'token', token_type: 'bearer', expires_in: 3600 });
        const headers = { 'content-type': 'application/json' };
        hub.amazon.script('lwa', { status: 200, headers, body: token }, { times: Number.POSITIVE_INFINITY });
      }
      for (const name of FUNCTIONS) {
        subjects.push({ variant, name, hub, code: await codeOf(variant, name), runs: [] });
      }
    }
    // First all sweeps: deliveries are days apart, and the first sweep of a day reads more than the others.
    for (const name of FUNCTIONS) {
      const own = subjects.filter((subject) => subject.name === name);
      // The first round only fills the file cache of the machine.
      for (let round = -1; round < ROUNDS; round++) {
        for (const subject of own) {
          const run = await startOnce(subject);
          if (round >= 0) {
            subject.runs.push(run);
          }
        }
      }
    }
  } finally {
    for (const hub of new Set(subjects.map((subject) => subject.hub))) {
      await hub.close();
    }
  }
  return subjects;
}

async function startOnce({ hub, name, code }: Subject): Promise<ColdStart> {
  hub.clock.advance(HOUR);
  const event = name === 'rotate' ? {} : queueEvent(hub, await nextDelivery(hub, applicationId(0)));
  const begun = performance.now();
  const started = await FunctionProcess.start(hub, name, code);
  try {
    await started.invoke(event);
    return { milliseconds: performance.now() - begun, ...started.usage };
  } finally {
    await started.stop();
  }
}
