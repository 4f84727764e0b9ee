import type { Clock } from '../services/clock';
import type { Services } from '../services/services';
import { AlarmEvaluation, type AlarmState, type AlarmTransition, type Datapoint } from './alarm-evaluation';
import type { LocalStack } from './local-stack';

/** `ApproximateAgeOfOldestMessage` ignores messages that were received this often. */
const RECEIVES_TO_BE_SKIPPED = 3;

/**
 * What CloudWatch knows of a stack: the metrics in its logs, the metrics of Lambda and SQS, and the states of its
 * alarms. `sample` records the metrics of SQS.
 */
export class CloudWatch {
  private readonly sampled: Datapoint[] = [];
  private readonly begun: number;

  constructor(
    private readonly stack: LocalStack,
    private readonly services: Services,
    private readonly clock: Clock,
  ) {
    this.begun = clock.now();
  }

  /** Records the metrics that SQS publishes every minute. */
  sample(): void {
    const timestamp = this.clock.now();
    for (const arn of this.services.queues.list()) {
      const { visible, inFlight } = this.services.queues.inspect(arn);
      const ages = [...visible, ...inFlight]
        .filter(({ receiveCount }) => receiveCount < RECEIVES_TO_BE_SKIPPED)
        .map(({ sentAt }) => (timestamp - sentAt) / 1000);
      const values = {
        ApproximateNumberOfMessagesVisible: visible.length,
        ApproximateNumberOfMessagesNotVisible: inFlight.length,
        ApproximateAgeOfOldestMessage: Math.max(0, ...ages),
      };
      const dimensions = { QueueName: arn.split(':').at(-1) ?? '' };
      for (const [name, value] of Object.entries(values)) {
        this.sampled.push({ namespace: 'AWS/SQS', name, dimensions, value, timestamp });
      }
    }
  }

  get datapoints(): Datapoint[] {
    return [...this.stack.metrics, ...this.lambda, ...this.sampled];
  }

  /** All changes of state of all alarms since the start, in order. */
  get transitions(): AlarmTransition[] {
    const { datapoints } = this;
    const now = this.clock.now();
    return this.stack.alarms
      .flatMap((alarm) => new AlarmEvaluation(alarm).history(datapoints, this.begun, now))
      .sort((one, other) => one.at - other.at);
  }

  /** The state of each alarm now, by its name. */
  get states(): ReadonlyMap<string, AlarmState> {
    const states = new Map<string, AlarmState>(this.stack.alarms.map(({ ref }) => [ref, 'INSUFFICIENT_DATA']));
    for (const { alarm, to } of this.transitions) {
      states.set(alarm, to);
    }
    return states;
  }

  private get lambda(): Datapoint[] {
    return [...this.stack.functions.values()].flatMap(({ name: functionName, invocations }) =>
      invocations.flatMap(({ at: timestamp, functionError }) => {
        const common = { namespace: 'AWS/Lambda', dimensions: { FunctionName: functionName }, timestamp };
        return [
          { ...common, name: 'Invocations', value: 1 },
          { ...common, name: 'Errors', value: functionError === undefined ? 0 : 1 },
        ];
      }),
    );
  }
}
