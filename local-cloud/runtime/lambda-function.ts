import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../services/clock';
import { EmulatedRuntime } from './emulated-runtime';
import {
  ExecutionEnvironment,
  type Confinement,
  type ExecutionEnvironmentSettings,
  type InvocationOutcome,
  type LogLine,
} from './execution-environment';

/** A function as CloudFormation describes it. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  /** Absolute directory of the code. */
  readonly codeDirectory: string;
  readonly handler: string;
  /** Such as `nodejs22.x`. */
  readonly runtime: string;
  readonly memorySize: number;
  readonly timeoutSeconds: number;
  readonly roleArn: string;
  readonly logGroupName: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly applicationLogLevel?: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What every function of a stack shares. */
export interface FunctionSurroundings {
  readonly clock: Clock;
  readonly region: string;
  /** `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  /** A private, writable directory. */
  readonly home: string;
  /** Added to the environment of every function, after its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly preload: readonly string[];
  /** For benches: holds each process to what its memory size entitles it to. */
  readonly confine?: (processId: number, memorySize: number) => Confinement | undefined;
}

export interface InvocationResult {
  readonly requestId: string;
  /** The parsed answer, or Lambda's description of the error if the invocation failed. */
  readonly payload: unknown;
  /** The same, unparsed. */
  readonly rawPayload: string;
  readonly functionError?: 'Unhandled';
  /** What the function printed during the invocation, including its initialization if this was a cold start. */
  readonly logs: readonly LogLine[];
  readonly environment: string;
  readonly coldStart: boolean;
}

export interface InvocationOptions {
  /** In a new environment. */
  readonly cold?: boolean;
  /** Alias that the caller names. */
  readonly qualifier?: string;
}

/** An invocation, as tests see it afterwards. */
export interface RecordedInvocation extends InvocationResult {
  /** The event, as JSON. */
  readonly event: string;
  readonly at: number;
}

interface LoggedLine extends LogLine {
  readonly at: number;
}

type Environment = ExecutionEnvironment | EmulatedRuntime;

/** With this variable, AWS's Runtime Interface Emulator serves the functions: it holds the path of that program. */
const EMULATOR = process.env.LOCAL_CLOUD_RUNTIME_INTERFACE_EMULATOR;

/** A function, with as many execution environments as are needed at one time. */
export class LambdaFunction {
  /** Every line that any of its environments printed. */
  readonly logs: LoggedLine[] = [];
  /** See `RunningFunction`. */
  reservedConcurrency: number | undefined;
  readonly invocations: RecordedInvocation[] = [];
  /** Connections that would have left this machine. */
  readonly refusedConnections: string[] = [];
  /** The function's own access key, by which the services find its role. */
  readonly accessKeyId: string;

  private readonly environments = new Set<Environment>();
  /** Environments that an invocation has taken. `busy` is true only after they are initialized. */
  private readonly reserved = new Set<Environment>();
  private readonly retired = new Set<Environment>();
  private stopped = false;

  constructor(
    public configuration: FunctionConfiguration,
    private readonly surroundings: FunctionSurroundings,
  ) {
    const digest = createHash('sha256').update(configuration.arn).digest('hex').toUpperCase();
    this.accessKeyId = `ASIA${digest.slice(0, 16)}`;
  }

  get name(): string {
    return this.configuration.name;
  }

  get arn(): string {
    return this.configuration.arn;
  }

  /** How many environments are processing an invocation. */
  get running(): number {
    return [...this.environments].filter((environment) => environment.busy).length;
  }

  /** Invokes the function and waits for the answer. */
  async invoke(event: unknown, options: InvocationOptions = {}): Promise<InvocationResult> {
    if (this.stopped) {
      throw new Error(`${this.name} is stopped`);
    }
    const payload = JSON.stringify(event === undefined ? {} : event);
    const requestId = randomUUID();
    const at = this.surroundings.clock.now();
    const warm = options.cold === true ? undefined : this.idleEnvironment();
    const environment = warm ?? (await this.startEnvironment());
    this.reserved.add(environment);
    try {
      const functionArn = options.qualifier === undefined ? this.arn : `${this.arn}:${options.qualifier}`;
      const outcome = await this.work(environment, { requestId, payload, functionArn });
      const result: InvocationResult = {
        requestId,
        payload: JSON.parse(outcome.payload),
        rawPayload: outcome.payload,
        ...(outcome.functionError !== undefined && { functionError: outcome.functionError }),
        logs: this.logs.filter(
          (line) =>
            line.environment === environment.id &&
            (line.requestId === requestId || (warm === undefined && line.requestId === undefined)),
        ),
        environment: environment.id,
        coldStart: warm === undefined,
      };
      this.invocations.push({ ...result, event: payload, at });
      return result;
    } finally {
      this.reserved.delete(environment);
      if (!environment.alive || this.retired.has(environment)) {
        this.environments.delete(environment);
        await environment.kill();
      }
    }
  }

  /** Kills all running invocations, as the loss of a host would. Returns how many there were. */
  async killRunning(): Promise<number> {
    const running = [...this.environments].filter((environment) => environment.busy);
    await Promise.all(running.map((environment) => environment.kill()));
    return running.length;
  }

  /** Gives the function other code or settings. Running invocations finish with the old ones. */
  async update(configuration: FunctionConfiguration): Promise<void> {
    this.configuration = configuration;
    await this.retireEnvironments();
  }

  /** Ends every process. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.environments].map((environment) => environment.kill()));
    this.environments.clear();
  }

  private async work(
    environment: Environment,
    call: { readonly requestId: string; readonly payload: string; readonly functionArn: string },
  ): Promise<InvocationOutcome> {
    const initialization = await environment.initialize();
    if (initialization !== 'ready') {
      return initialization;
    }
    const now = this.surroundings.clock.now();
    const timeout = this.configuration.timeoutSeconds * 1000;
    return environment.invoke({ ...call, now, deadline: now + timeout }, timeout);
  }

  private idleEnvironment(): Environment | undefined {
    return [...this.environments].find(
      (environment) => environment.alive && !this.reserved.has(environment) && !this.retired.has(environment),
    );
  }

  private async retireEnvironments(): Promise<void> {
    for (const environment of this.environments) {
      this.retired.add(environment);
    }
    await Promise.all(
      [...this.environments]
        .filter((environment) => !this.reserved.has(environment))
        .map(async (environment) => {
          await environment.kill();
          this.environments.delete(environment);
        }),
    );
  }

  private async startEnvironment(): Promise<Environment> {
    const { confine } = this.surroundings;
    const settings: ExecutionEnvironmentSettings = {
      codeDirectory: this.configuration.codeDirectory,
      environment: this.variables(),
      preload: this.surroundings.preload,
      ...(confine && { confine: (processId) => confine(processId, this.configuration.memorySize) }),
      now: this.surroundings.clock.now(),
      onLine: (line) => {
        this.logs.push({ ...line, at: this.surroundings.clock.now() });
      },
      onRefusedConnection: (description) => {
        this.refusedConnections.push(description);
      },
    };
    const environment =
      EMULATOR === undefined
        ? await ExecutionEnvironment.start(settings)
        : await EmulatedRuntime.start({
            ...settings,
            emulator: EMULATOR,
            timeoutSeconds: this.configuration.timeoutSeconds,
          });
    this.environments.add(environment);
    if (this.stopped) {
      await this.stop();
    }
    return environment;
  }

  /** The environment variables as Lambda sets them. None of this process's own are passed on. */
  variables(): Record<string, string> {
    const { configuration, surroundings } = this;
    return {
      ...configuration.environment,
      ...surroundings.environment,
      ...(configuration.logFormat === 'JSON' && { AWS_LAMBDA_LOG_FORMAT: 'JSON' }),
      ...(configuration.applicationLogLevel !== undefined && {
        AWS_LAMBDA_LOG_LEVEL: configuration.applicationLogLevel,
      }),
      _HANDLER: configuration.handler,
      AWS_ACCESS_KEY_ID: this.accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'local-cloud',
      AWS_SESSION_TOKEN: 'local-cloud',
      AWS_REGION: surroundings.region,
      AWS_DEFAULT_REGION: surroundings.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: configuration.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySize),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroupName,
      AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomUUID().replaceAll('-', '')}`,
      LAMBDA_TASK_ROOT: configuration.codeDirectory,
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LANG: 'en_US.UTF-8',
      PATH: '/usr/local/bin:/usr/bin:/bin',
      TZ: ':UTC',
      // The SDK would warn of this machine's Node; Lambda's is newer.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      // These come last, so that nothing overrides them: they keep calls on this machine.
      AWS_ENDPOINT_URL: surroundings.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: surroundings.home,
      TMPDIR: surroundings.home,
    };
  }
}
