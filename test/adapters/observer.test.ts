import '../../bench/function-environment';
import { Observer } from '../../lambda/adapters/observer';
import type { Observation } from '../../lambda/core/observation';

/** What is printed: log lines as objects, and each metric as "Name by its dimensions = its value". */
const lines: Record<string, unknown>[] = [];
const LEVELS = ['log', 'info', 'warn', 'error'] as const;
let observer: Observer;

beforeAll(() => {
  const environment = { POWERTOOLS_DEV: 'true', POWERTOOLS_LOG_LEVEL: 'INFO', POWERTOOLS_METRICS_DISABLED: 'false' };
  Object.assign(process.env, environment);
  for (const level of LEVELS) {
    jest
      .spyOn(console, level)
      .mockImplementation((...printed) => lines.push(JSON.parse(String(printed[0])) as (typeof lines)[0]));
  }
  observer = new Observer('arn:aws:sqs:us-east-1:123456789012:notifications');
});
beforeEach(() => {
  lines.length = 0;
  observer.begin('request');
});

interface Metrics {
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
  }[];
}

function metrics(): string[] {
  observer.end();
  return lines.flatMap((line) =>
    ((line._aws as Metrics | undefined)?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
      Metrics.map(({ Name, Unit }) => {
        const by = Dimensions.flat().map((dimension) => `${dimension} ${String(line[dimension])}`);
        return `${Namespace}: ${Name} by ${by.join(', ')} = ${String(line[Name])} ${Unit}`;
      }),
    ),
  );
}

const OF_HUB = 'by Hub notifications =';

test.each<[Observation, string, readonly string[]]>([
  [{ what: 'application looked at' }, 'INFO', []],
  [{ what: 'queue policy in doubt' }, 'WARN', []],
  [{ what: 'rotation requested' }, 'INFO', [`RotationsRequested ${OF_HUB} 1 Count`]],
  [
    { what: 'client secret rotated', seconds: 7 },
    'INFO',
    [`RotationsCompleted ${OF_HUB} 1 Count`, `DeliveryDelay ${OF_HUB} 7 Seconds`],
  ],
  [
    { what: 'rotation refused', kind: 'not-enrolled' },
    'ERROR',
    [`RotationsFailed by Hub notifications, Kind not-enrolled = 1 Count`, `RotationsFailed ${OF_HUB} 1 Count`],
  ],
  [
    { what: 'rotation refused' },
    'WARN',
    [`RotationsFailed by Hub notifications, Kind refused = 1 Count`, `RotationsFailed ${OF_HUB} 1 Count`],
  ],
  [{ what: 'application looked at', kind: 'needs-person' }, 'ERROR', [`PersonNeeded ${OF_HUB} 1 Count`]],
  [{ what: 'application looked at', kind: 'throttled' }, 'ERROR', []],
])('%j is logged as %s and counted as %j', (observation, level, counted) => {
  observer.observe({ application: 'Shop', ...observation });
  const { what, kind } = observation;
  expect(lines.filter((line) => 'level' in line)).toEqual([
    expect.objectContaining({ level, message: what, application: 'Shop', function_request_id: 'request' }),
  ]);
  expect(lines.map(({ runbook }) => runbook)).toContainEqual(
    kind === undefined ? undefined : (expect.stringMatching(`#${kind}$`) as unknown),
  );
  expect(metrics()).toEqual(counted.map((metric) => `SpApiSecretRotation: ${metric}`));
});

const SHOP = { application: 'Shop', days: 3, estimated: true };
const OTHER = { application: 'Other', days: 80, estimated: false };

test.each([
  [{ expiries: [], unreadable: 0, needingAttention: 0 }, [`ApplicationsNeedingAttention ${OF_HUB} 0 Count`]],
  [
    { expiries: [SHOP, OTHER], unreadable: 2, needingAttention: 1 },
    [
      'DaysToExpiry by Hub notifications, Application Shop = 3 None',
      `ApplicationsNeedingAttention ${OF_HUB} 1 Count`,
      `ApplicationsUnreadable ${OF_HUB} 2 Count`,
      `DaysToExpiry ${OF_HUB} 3 None`,
    ],
  ],
])('the gauges of %j are published', (gauges, expected) => {
  observer.gauges(gauges, new Set(['Shop']));
  expect(metrics()).toEqual(expected.map((metric) => `SpApiSecretRotation: ${metric}`));
});

test('an invocation without anything to count publishes nothing', () => {
  expect(metrics()).toEqual([]);
});
