import type { LogLine } from './execution-environment';

/** One metric value in a log line in CloudWatch's embedded metric format. */
export interface PublishedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string | undefined;
  readonly value: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

interface EmbeddedMetrics {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** The metrics in these lines, in order, one for each set of dimensions. */
export function metricsOf(lines: readonly LogLine[]): PublishedMetric[] {
  return lines.flatMap(({ text }) => {
    const embedded = parse(text);
    return embedded === undefined ? [] : extract(embedded);
  });
}

/** CloudWatch reads a metric only if the whole log event is its JSON: a prefix in the line hides it. */
function parse(line: string): EmbeddedMetrics | undefined {
  if (!line.startsWith('{') || !line.includes('"CloudWatchMetrics"')) {
    return undefined;
  }
  try {
    return JSON.parse(line) as EmbeddedMetrics;
  } catch {
    return undefined;
  }
}

function extract(embedded: EmbeddedMetrics): PublishedMetric[] {
  const { Timestamp: timestamp, CloudWatchMetrics: directives } = embedded._aws;
  return directives.flatMap(({ Namespace: namespace, Dimensions: sets, Metrics: metrics }) =>
    sets.flatMap((names) =>
      metrics.flatMap(({ Name: name, Unit: unit }) =>
        [embedded[name]].flat().map((value) => ({
          namespace,
          name,
          dimensions: Object.fromEntries(names.map((dimension) => [dimension, String(embedded[dimension])])),
          unit,
          value: Number(value),
          timestamp,
        })),
      ),
    ),
  );
}
