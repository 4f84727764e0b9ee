import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { codeOf, FLOOR, FUNCTIONS, ROOT, SHIPPED, sizeOf, TRIMMED_FLOOR } from '../bench/bundles';
import { RoundTripBench } from '../bench/round-trips';
import { TARGETS } from '../bench/targets';
import { SpApiSecretRotation } from '../lib';

const NOT_NEEDED = /^(module|assert|fs\/promises|http2|perf_hooks|worker_threads|zlib)$|undici|webstreams/;

/** The targets of the bench that depend on no machine. `npm run bench` measures the others. */

describe.each(FUNCTIONS)('the bundle of the %s function', (name) => {
  test('is as small as its targets', async () => {
    const shipped = sizeOf(await codeOf(SHIPPED, name));
    const floor = sizeOf(await codeOf(FLOOR, name));
    const trimmed = sizeOf(await codeOf(TRIMMED_FLOOR, name));
    expect(shipped.minified / floor.minified).toBeLessThanOrEqual(TARGETS.bundleToFloor);
    expect(shipped.zipped / floor.zipped).toBeLessThanOrEqual(TARGETS.bundleToFloor);
    expect(shipped.minified / trimmed.minified).toBeLessThanOrEqual(TARGETS.bundleToTrimmedFloor);
    expect(shipped.minified).toBeLessThanOrEqual(TARGETS.bundleBytes);
  });

  // A static import of one of Node.js's own modules makes Node.js read all its exports, and load what is behind them.
  test('loads nothing of Node.js that no call needs', () => {
    const source = `const before = new Set(process.moduleLoadList);
await import(${JSON.stringify(path.join(ROOT, 'assets', name, 'index.mjs'))});
console.log(JSON.stringify(process.moduleLoadList.filter((module) => !before.has(module))));`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', source], {
      encoding: 'utf8',
      // Those of the functions.
      env: { ...process.env },
    });
    const loaded = (JSON.parse(printed) as string[]).map((module) => module.replace(/^NativeModule /, ''));
    expect(loaded).toContain('https');
    expect(loaded.filter((module) => NOT_NEEDED.test(module))).toEqual([]);
  });
});

describe('round trips, one after the other', () => {
  let bench: RoundTripBench;
  afterEach(() => {
    bench.end();
  });

  test.each([
    ['the floor, with few applications', 5, TARGETS.deliveryRoundTripsFloor],
    ['one more, with many', 6, TARGETS.deliveryRoundTripsFloor + 1],
  ])('from a delivery to AWSCURRENT are %s', async (_, applications, most) => {
    bench = await RoundTripBench.begin(applications);
    const made = await bench.deliver();
    const moved = made.findIndex((calls) => calls.includes('UpdateSecretVersionStage'));
    expect(moved + 1).toBe(most);
  });

  test('of a healthy sweep are three, however many applications there are up to ten', async () => {
    bench = await RoundTripBench.begin(5);
    const made = await bench.sweep();
    expect(made).toHaveLength(3);
    // Each: journal, token. Twenty: current. Once: the queue. Ten: a page of settings.
    expect(made.flat()).toHaveLength(5 * 2 + 3);
  });
});

test('a healthy application costs two calls and a twentieth, and a tenth for its settings', async () => {
  const bench = await RoundTripBench.begin(100);
  try {
    expect((await bench.sweep()).flat()).toHaveLength(100 * (1 + 1 + 1 / 20 + 1 / 10) + 1);
  } finally {
    bench.end();
  }
});

describe('a further application', () => {
  const resources = (imported: boolean, count: number): number => {
    const app = new App({ analyticsReporting: false });
    const stack = new Stack(app, 'Stack');
    const hub = new SpApiSecretRotation(stack, 'Hub');
    for (let index = 0; index < count; index++) {
      const arn = `arn:aws:secretsmanager:us-east-1:123456789012:secret:shop${index}-AbCdEf`;
      const secret = imported ? Secret.fromSecretCompleteArn(stack, `Secret${index}`, arn) : undefined;
      hub.addApplication(`Application${index}`, secret === undefined ? {} : { secret });
    }
    const { template } = app.synth().getStackByName('Stack') as { template: { Resources: object } };
    return Object.keys(template.Resources).length;
  };

  test.each([
    ['with an imported secret', true, TARGETS.resourcesPerImportedSecret],
    ['with a created secret', false, TARGETS.resourcesPerCreatedSecret],
  ])('%s', (_, imported, most) => {
    expect(resources(imported, 12) - resources(imported, 2)).toBe(10 * most);
  });
});
