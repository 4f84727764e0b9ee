import { FLOOR, FUNCTIONS, codeOf, sizeOf, TRIMMED_FLOOR, VARIANTS } from './bundles';
import { kilobytes, megabytes, spread, table } from './report';
import { RoundTripBench } from './round-trips';
import { BURST_LATENCY, measureBurst } from './sections/burst';
import { measureColdStarts, type ColdStarts } from './sections/cold-start';
import { computeCosts, handMadeStack } from './sections/cost';
import { measureDeliveries } from './sections/delivery';
import { FLEET_LATENCY, HANGING_CALL, measureFleet, type FleetRun } from './sections/fleet';
import { measureSynthesis } from './sections/synthesis';
import { ratiosOf, sampleOf } from './statistics';
import { TARGETS } from './targets';

export interface Target {
  readonly what: string;
  readonly atMost: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** One part of the results. */
export interface Section {
  readonly text: string;
  readonly targets: readonly Target[];
}

const ROUNDS = { coldStart: 15, delivery: 7, healthySweep: 3, synthesis: 5 } as const;

function target(what: string, atMost: number, measured: number, digits: number, unit = ''): Target {
  const format = (value: number): string => value.toFixed(digits) + unit;
  return { what, atMost: format(atMost), measured: format(measured), isMet: measured <= atMost };
}

export async function bundleSizes(): Promise<Section> {
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const name of FUNCTIONS) {
    const floor = sizeOf(await codeOf(FLOOR, name));
    const trimmed = sizeOf(await codeOf(TRIMMED_FLOOR, name));
    for (const variant of VARIANTS) {
      const size = sizeOf(await codeOf(variant, name));
      rows.push([
        `${name}: ${variant.name}`,
        kilobytes(size.minified),
        kilobytes(size.zipped),
        (size.minified / floor.minified).toFixed(2),
        (size.zipped / floor.zipped).toFixed(2),
      ]);
    }
    const shipped = sizeOf(await codeOf(VARIANTS[0] ?? FLOOR, name));
    targets.push(
      target(`bundle of ${name}, to the floor`, TARGETS.bundleToFloor, shipped.minified / floor.minified, 2),
      target(`bundle of ${name}, zipped, to the floor`, TARGETS.bundleToFloor, shipped.zipped / floor.zipped, 2),
      target(
        `bundle of ${name}, to the trimmed floor`,
        TARGETS.bundleToTrimmedFloor,
        shipped.minified / trimmed.minified,
        2,
      ),
    );
  }
  const what = VARIANTS.map((variant) => `- *${variant.name}*: ${variant.what}`).join('\n');
  return {
    text: `## Bundle sizes, kB\n\n${what}\n\n${table(['bundle', 'minified', 'zipped', 'to floor', 'zipped to floor'], rows)}`,
    targets,
  };
}

export async function coldStarts(): Promise<Section> {
  const results = await measureColdStarts(ROUNDS.coldStart);
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const name of FUNCTIONS) {
    const times = (variant: string): number[] => ofVariant(results, name, variant).runs.map((run) => run.milliseconds);
    const processor = (variant: string): number[] =>
      ofVariant(results, name, variant).runs.map((run) => run.processorTime ?? NaN);
    const own = results.filter((one) => one.name === name);
    for (const { variant, runs } of own) {
      rows.push([
        `${name}: ${variant.name}`,
        spread(times(variant.name)),
        spread(ratiosOf(times(variant.name), times(FLOOR.name)), 2),
        spread(processor(variant.name)),
        (sampleOf(processor(variant.name)).median / sampleOf(processor(FLOOR.name)).median).toFixed(2),
        megabytes(sampleOf(runs.map(({ peakMemory = NaN }) => peakMemory)).median),
      ]);
    }
    // Of processor time: whatever else the machine does is not in it. Where the system does not tell, the time that passed.
    const to = (other: string): number => {
      const ratio = ratiosOf(processor('shipped'), processor(other)).median;
      return Number.isNaN(ratio) ? ratiosOf(times('shipped'), times(other)).median : ratio;
    };
    targets.push(
      target(`cold start of ${name}, to the floor`, TARGETS.coldStartToFloor, to(FLOOR.name), 2),
      target(`cold start of ${name}, to the trimmed floor`, TARGETS.coldStartToTrimmedFloor, to(TRIMMED_FLOOR.name), 2),
    );
    for (const other of ['@sp-api-sdk/auth', "Amazon's JS SDK", 'SDK on disk']) {
      targets.push(target(`cold start of ${name}, to ${other}`, 1, to(other), 2));
    }
  }
  const head = ['', 'ms', 'to floor', 'processor ms', 'to floor', 'peak MB'];
  return {
    text: `## Cold starts\n\nFrom the start of the process, under AWS's runtime client, to the first answer: a healthy sweep of one application; a new secret delivered and installed. ${ROUNDS.coldStart} rounds, all variants in each.\n\n${table(head, rows)}`,
    targets,
  };
}

function ofVariant(results: readonly ColdStarts[], name: string, variant: string): ColdStarts {
  const found = results.find((one) => one.name === name && one.variant.name === variant);
  if (found === undefined) {
    throw new Error(`${variant} was not measured`);
  }
  return found;
}

export async function deliveries(): Promise<Section> {
  const bench = new RoundTripBench(1);
  let made: readonly (readonly string[])[];
  try {
    await bench.begin();
    made = await bench.deliver();
  } finally {
    bench.end();
  }
  const trips = made.findIndex((calls) => calls.includes('UpdateSecretVersionStage')) + 1;
  const results = await measureDeliveries(ROUNDS.delivery);
  const rows = results.map(({ latency, shipped, floor }) => [
    String(latency),
    spread(shipped),
    spread(floor),
    spread(ratiosOf(shipped, floor), 2),
  ]);
  const steps = made.map((calls, index) => `${index + 1}. ${calls.join(' + ')}`).join('\n');
  const most = TARGETS.deliveryRoundTripsFloor + TARGETS.roundTripsAboveFloor;
  return {
    text: `## Delivery to AWSCURRENT\n\nCalls one after the other, those with a plus at the same time (counted, not timed); the floor of ${TARGETS.deliveryRoundTripsFloor} is argued in \`alternatives/store.ts\`:\n\n${steps}\n\nMilliseconds from the event's arrival at a warm function until AWSCURRENT has moved:\n\n${table(['ms a call', 'shipped', 'floor', 'to floor'], rows)}`,
    targets: [target('round trips from a delivery to AWSCURRENT', most, trips, 0)],
  };
}

export async function fleet(): Promise<Section> {
  const runs: FleetRun[] = [];
  for (const applications of [1, 10, 100, 250]) {
    runs.push(...(await measureFleet(applications, ROUNDS.healthySweep)));
  }
  const of = (applications: number, what: string): FleetRun[] =>
    runs.filter((run) => run.applications === applications && run.what === what);
  const groups = [...new Set(runs.map(({ applications, what }) => `${applications}/${what}`))].map((key) => {
    const [applications = '', what = ''] = key.split('/');
    return of(Number(applications), what);
  });
  const rows = groups.map((group) => {
    const [first] = group;
    return [
      `${counted(first?.applications ?? NaN)}, ${first?.what ?? ''}`,
      spread(
        group.map(({ milliseconds }) => milliseconds / 1000),
        1,
      ),
      first?.othersDone === undefined ? '' : (first.othersDone / 1000).toFixed(1),
      String(first?.calls ?? ''),
      spread(group.map(({ processorTime = NaN }) => processorTime)),
      megabytes(sampleOf(group.map(({ memory = NaN }) => memory)).median),
      Object.entries(first?.outcomes ?? {})
        .map(([outcome, count]) => `${count} ${outcome}`)
        .join(', '),
    ];
  });
  const healthy = sampleOf(of(250, 'healthy').map(({ milliseconds }) => milliseconds)).median;
  const tenth = sampleOf(of(100, 'healthy').map(({ milliseconds }) => milliseconds)).median;
  const memory = sampleOf(of(250, 'healthy').map((run) => run.memory ?? NaN)).median;
  const othersDone = of(250, '20 % hang')[0]?.othersDone ?? NaN;
  const head = ['sweep', 's', 'others done, s', 'calls', 'processor ms', 'MB', 'outcomes'];
  return {
    text: `## Fleet\n\nOne sweep in a process of its own, ${FLEET_LATENCY} ms a call. MB: peak above an empty handler. Hanging: no call about every fifth secret is ever answered; *others done* is when the last of the others was.\n\n${table(head, rows)}`,
    targets: [
      target('healthy sweep of 250, seconds', TARGETS.healthySweep / 1000, healthy / 1000, 1),
      target('memory of a healthy sweep of 250, MB', TARGETS.sweepMemory / 1e6, memory / 1e6, 0),
      target('time of 250 applications to that of 100', TARGETS.sweepGrowth, healthy / tenth, 2),
      target(
        'what 50 hanging applications delay the other 200, seconds',
        HANGING_CALL / 1000,
        (othersDone - healthy) / 1000,
        1,
      ),
    ],
  };
}

function counted(applications: number): string {
  return `${applications} application${applications === 1 ? '' : 's'}`;
}

export function synthesis(): Section {
  const results = measureSynthesis(ROUNDS.synthesis);
  const [empty] = results;
  const rows = results.map(({ applications, milliseconds, bytes, resources }) => [
    applications === 'empty' ? 'empty stack' : counted(Number(applications)),
    spread(milliseconds),
    String(resources),
    kilobytes(bytes),
  ]);
  const find = (applications: string) => results.find((result) => result.applications === applications) ?? empty;
  const one = find('1');
  const all = find('250');
  const each = (sampleOf(all?.milliseconds ?? []).median - sampleOf(one?.milliseconds ?? []).median) / 249;
  const resources = ((all?.resources ?? NaN) - (find('100')?.resources ?? NaN)) / 150;
  return {
    text: `## Synthesis\n\nApplications with imported secrets, each synthesis in a process of its own, without the time to load the library.\n\n${table(['', 'ms', 'resources', 'template, kB'], rows)}`,
    targets: [
      target('synthesis of a further application, ms', TARGETS.synthesisPerApplication, each, 1),
      // A managed policy for every 30 applications comes on top.
      target(
        'resources of a further application, policies included',
        TARGETS.resourcesPerImportedSecret + 1 / 30 + 0.01,
        resources,
        2,
      ),
    ],
  };
}

export async function burst(): Promise<Section> {
  const { messages, seconds, invocations, lost, kept, unclaimed } = await measureBurst();
  return {
    text: `## Burst\n\n${messages} messages at once for 10 applications, ${BURST_LATENCY} ms a call: 100 new secrets, 300 duplicates, 300 of strangers, 150 harmless, 150 that nobody understands. Two functions at a time, as deployed: ${seconds.toFixed(1)} s, ${(messages / seconds).toFixed(0)} messages a second, ${invocations} invocations. Afterwards ${unclaimed} are in the unclaimed queue and ${kept} kept. Lost: ${lost.length === 0 ? 'nothing' : lost.join('; ')}.`,
    targets: [target('losses in a burst', 0, lost.length, 0)],
  };
}

export function cost(): Section {
  const counts = [1, 10, 100];
  const costs = computeCosts(counts);
  const usd = costs.map((one) => one.usd);
  const [first = NaN, , hundred = NaN] = usd;
  const bare = costs[0] === undefined ? NaN : handMadeStack(costs[0]);
  const rows = counts.map((count, index) => [
    String(count),
    (usd[index] ?? NaN).toFixed(2),
    (bare * count).toFixed(2),
    (first * count).toFixed(2),
  ]);
  const head = ['applications', 'one hub', 'a bare stack by hand each', 'a stack like this each'];
  return {
    text: `## Cost, USD a month\n\nComputed by \`npm run cost\`. A bare stack by hand: a secret, a queue that Lambda polls, one alarm.\n\n${table(head, rows)}`,
    targets: [
      target('one application, USD a month', TARGETS.firstApplication, first, 2),
      target('a further application, USD a month', TARGETS.furtherApplication, (hundred - first) / 99, 2),
    ],
  };
}
