import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LocalHub } from '../test/fakes/local-hub';
import { ExecutionEnvironment } from 'local-cloud';
import type { FunctionName } from './bundles';
import { ProcessorShare } from './processor-share';

/** What one process has used so far. `NaN` where the system does not report it. */
export interface Usage {
  /** Bytes: the maximum of the resident memory. */
  readonly peakMemory: number;
  /** Milliseconds of processor time. */
  readonly processorTime: number;
}

interface Settings {
  /** MB. Default: that of the deployed function. */
  readonly memorySize?: number;
  /** What Node.js is to do besides. */
  readonly nodeOptions?: string;
}

/** Milliseconds, longer than any invocation here takes. */
const TIMEOUT = 900_000;

/**
 * Runs a bundle in its own process under AWS's runtime client, with the environment and the permissions of a hub's function,
 * and with the share of a processor that Lambda gives it.
 */
export class FunctionProcess {
  static async start(
    hub: LocalHub,
    name: FunctionName,
    codeDirectory: string,
    { memorySize, nodeOptions }: Settings = {},
  ): Promise<FunctionProcess> {
    const lines: string[] = [];
    const target = functionOf(hub, name);
    const shares: ProcessorShare[] = [];
    const environment = await ExecutionEnvironment.start({
      codeDirectory,
      environment: {
        ...target.variables(),
        // The path of the code is not that of the function where it is an alternative.
        LAMBDA_TASK_ROOT: '.',
        ...(nodeOptions !== undefined && { NODE_OPTIONS: nodeOptions }),
      },
      preload: [],
      now: hub.clock.now(),
      onLine: ({ text }) => lines.push(text),
      onRefusedConnection: (description) => lines.push(`refused: ${description}`),
      confine: (processId) => {
        const share = ProcessorShare.of(processId, memorySize ?? target.configuration.memorySize);
        shares.push(...(share ? [share] : []));
        return share;
      },
    });
    return new FunctionProcess(hub, name, environment, lines, shares[0]);
  }

  private constructor(
    private readonly hub: LocalHub,
    private readonly name: FunctionName,
    private readonly environment: ExecutionEnvironment,
    private readonly lines: readonly string[],
    private readonly share: ProcessorShare | undefined,
  ) {}

  /** Waits until it can take an event. */
  async ready(): Promise<void> {
    if ((await this.environment.initialize()) !== 'ready') {
      throw new Error(`the function did not start: ${this.lines.join('\n')}`);
    }
  }

  /** @throws when the function fails: a measurement would be worthless */
  async invoke(event: unknown): Promise<void> {
    await this.ready();
    const now = this.hub.clock.now();
    const { payload, functionError } = await this.environment.invoke(
      {
        requestId: randomUUID(),
        functionArn: functionOf(this.hub, this.name).arn,
        payload: JSON.stringify(event),
        now,
        deadline: now + TIMEOUT,
      },
      TIMEOUT,
    );
    if (functionError !== undefined) {
      throw new Error(`the function failed: ${payload}\n${this.lines.join('\n')}`);
    }
  }

  get usage(): Usage {
    const { processId } = this.environment;
    try {
      const status = readFileSync(`/proc/${String(processId)}/status`, 'utf8');
      const statistics = readFileSync(`/proc/${String(processId)}/stat`, 'utf8');
      // The process name before them, in parentheses, may contain blanks.
      const fields = statistics.slice(statistics.lastIndexOf(')') + 2).split(' ');
      return {
        peakMemory: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024,
        processorTime: this.share?.processorTime ?? (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK,
      };
    } catch {
      return { peakMemory: NaN, processorTime: NaN };
    }
  }

  stop(): Promise<void> {
    return this.environment.kill();
  }
}

/** Milliseconds. Linux counts 100 ticks a second wherever Node.js runs. */
const CLOCK_TICK = 10;

function functionOf(hub: LocalHub, name: FunctionName) {
  return hub.stack.function(name === 'rotate' ? hub.rotateFunction : hub.storeFunction);
}
