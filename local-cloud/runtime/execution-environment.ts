import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { RuntimeApi, type Invocation } from './runtime-api';

/** One line that a function printed. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly environment: string;
  /** The invocation during which it was printed; `undefined` during initialization. */
  readonly requestId?: string;
}

/** How an invocation ended. */
export interface InvocationOutcome {
  /** What came back, as JSON: the answer, or Lambda's description of the error. */
  readonly payload: string;
  readonly functionError?: 'Unhandled';
}

export interface ExecutionEnvironmentSettings {
  /** Absolute directory of the code. */
  readonly codeDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** More files to load before the runtime client. */
  readonly preload: readonly string[];
  /** What time it is as the environment starts, in epoch milliseconds. */
  readonly now: number;
  /** Every line, as soon as it is complete. */
  onLine(line: LogLine): void;
  /** A connection that would have left this machine. */
  onRefusedConnection(description: string): void;
  readonly confine?: (processId: number) => Confinement | undefined;
}

/** Holds a process to a share of a processor. */
export interface Confinement {
  /** Initialization is over: Lambda gives it more than its share. */
  begin(): void;
  /** The process has ended. */
  end(): void;
}

/** Longer than Lambda's ten seconds: a busy machine must not fail a test. */
const INITIALIZATION_LIMIT = 30_000;

const PRELOAD_DIRECTORY = path.join(__dirname, 'preload');
const PRELOADS = ['clock.cjs', 'loopback-only.cjs', 'rapid-client.cjs'].map((file) =>
  path.join(PRELOAD_DIRECTORY, file),
);

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const RUNTIME_CLIENT = path.join(path.dirname(require.resolve('aws-lambda-ric/package.json')), 'index.mjs');

/** What runs the bundle under AWS's runtime client. */
export function runtimeCommand(preload: readonly string[]): [node: string, ...parameters: string[]] {
  const requires = [...PRELOADS, ...preload].flatMap((file) => ['--require', file]);
  return [process.env.LOCAL_CLOUD_NODE ?? process.execPath, ...requires, RUNTIME_CLIENT];
}

/** One child process that runs the bundle under AWS's runtime client, one invocation at a time. */
export class ExecutionEnvironment {
  static async start(settings: ExecutionEnvironmentSettings): Promise<ExecutionEnvironment> {
    const environment = new ExecutionEnvironment(settings);
    await environment.launch();
    return environment;
  }

  readonly id = randomUUID();
  /** Invocations taken so far. */
  invocations = 0;

  private readonly marker = `local-cloud-${randomUUID()}`;
  private api: RuntimeApi | undefined;
  private child: ChildProcess | undefined;
  private readonly exit = deferred<string>();
  private exited = false;
  private timer: NodeJS.Timeout | undefined;

  private readonly initialized = deferred<InvocationOutcome | 'ready'>();
  private requestId: string | undefined;
  private outcome: InvocationOutcome | undefined;
  private answered: Deferred<InvocationOutcome> | undefined;
  /** The environment is idle once three signs were seen: the request for more work, and the marker on both streams. */
  private idleSigns = new Set<string>();

  private constructor(private readonly settings: ExecutionEnvironmentSettings) {}

  /** Whether it can take an invocation. */
  get alive(): boolean {
    return !this.exited;
  }

  get busy(): boolean {
    return this.answered !== undefined;
  }

  /** For benchmarks. */
  get processId(): number | undefined {
    return this.child?.pid;
  }

  /** Waits until it can take an invocation. Returns how its initialization failed, if it did. */
  initialize(): Promise<InvocationOutcome | 'ready'> {
    return this.initialized.promise;
  }

  /** Processes one event. `timeout` is in real milliseconds. */
  async invoke(invocation: Invocation, timeout: number): Promise<InvocationOutcome> {
    if (!this.alive || this.busy) {
      throw new Error('the execution environment cannot take an invocation');
    }
    this.invocations += 1;
    this.requestId = invocation.requestId;
    this.outcome = undefined;
    this.idleSigns = new Set();
    this.answered = deferred();
    this.timer = setTimeout(() => {
      const seconds = (timeout / 1000).toFixed(2);
      this.outcome = failure(
        'Sandbox.Timedout',
        `RequestId: ${invocation.requestId} Error: Task timed out after ${seconds} seconds`,
      );
      this.print(
        'stdout',
        `${new Date(invocation.deadline).toISOString()} ${invocation.requestId} Task timed out after ${seconds} seconds`,
      );
      this.child?.kill('SIGKILL');
    }, timeout);
    try {
      this.api?.offer(invocation);
      return await this.answered.promise;
    } finally {
      clearTimeout(this.timer);
      this.answered = undefined;
      this.requestId = undefined;
    }
  }

  /** Kills the process at once, whatever it is doing. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.exit.promise;
    await this.api?.stop();
  }

  private async launch(): Promise<void> {
    const fail = (body: string): void => {
      this.outcome = { payload: body, functionError: 'Unhandled' };
    };
    this.api = await RuntimeApi.start({
      onReady: () => {
        this.sign('next');
      },
      onResponse: (body) => {
        this.outcome = { payload: body };
      },
      onError: fail,
      onInitError: fail,
    });
    const child = this.spawn(this.api.address);
    this.child = child;
    this.confine(child);
    this.limitInitialization(child);
    for (const stream of ['stdout', 'stderr'] as const) {
      eachLine(child[stream], (line) => {
        this.read(stream, line);
      });
    }
    child.once('error', (error) => {
      this.end(error.message);
    });
    // 'close', not 'exit': both streams have been read to their ends by then.
    child.once('close', (code, signal) => {
      this.end(signal === null ? `exit status ${String(code)}` : `signal: ${signal === 'SIGKILL' ? 'killed' : signal}`);
    });
  }

  private spawn(runtimeApi: string): ChildProcessByStdio<null, Readable, Readable> {
    const { settings } = this;
    const [node, ...parameters] = runtimeCommand(settings.preload);
    return spawn(node, parameters, {
      cwd: settings.codeDirectory,
      env: {
        ...settings.environment,
        AWS_LAMBDA_RUNTIME_API: runtimeApi,
        LOCAL_CLOUD_MARKER: this.marker,
        LOCAL_CLOUD_CLOCK_OFFSET: String(settings.now - Date.now()),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  private confine({ pid }: ChildProcess): void {
    const confinement = pid === undefined ? undefined : this.settings.confine?.(pid);
    if (confinement !== undefined) {
      void this.initialized.promise.then(() => {
        confinement.begin();
      });
      void this.exit.promise.then(() => {
        confinement.end();
      });
    }
  }

  private limitInitialization(child: ChildProcess): void {
    const timer = setTimeout(() => {
      this.outcome = failure(
        'Sandbox.Timedout',
        `Error: Initialization timed out after ${INITIALIZATION_LIMIT / 1000} seconds`,
      );
      child.kill('SIGKILL');
    }, INITIALIZATION_LIMIT);
    void this.initialized.promise.then(() => {
      clearTimeout(timer);
    });
  }

  private read(stream: 'stdout' | 'stderr', line: string): void {
    const at = line.indexOf(this.marker);
    if (at < 0) {
      this.print(stream, line);
      return;
    }
    // Text printed without a line end precedes the marker on its line.
    if (at > 0) {
      this.print(stream, line.slice(0, at));
    }
    const message = line.slice(at + this.marker.length + 1);
    if (message === 'IDLE') {
      this.sign(stream);
    } else {
      this.settings.onRefusedConnection(message.replace('REFUSED ', ''));
    }
  }

  private print(stream: 'stdout' | 'stderr', text: string): void {
    this.settings.onLine({
      stream,
      text,
      environment: this.id,
      ...(this.requestId !== undefined && { requestId: this.requestId }),
    });
  }

  private sign(of: string): void {
    this.idleSigns.add(of);
    if (this.idleSigns.size < 3) {
      return;
    }
    this.initialized.resolve('ready');
    if (this.outcome !== undefined) {
      this.answered?.resolve(this.outcome);
    }
  }

  private end(how: string): void {
    this.exited = true;
    const id = this.requestId === undefined ? '' : `RequestId: ${this.requestId} `;
    const outcome = this.outcome ?? failure('Runtime.ExitError', `${id}Error: Runtime exited with error: ${how}`);
    this.initialized.resolve(outcome);
    this.answered?.resolve(outcome);
    this.exit.resolve(how);
    void this.api?.stop();
  }
}

/** Splits at line feeds only: the runtime client writes a carriage return for a line end inside a message. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream.on('end', () => {
    if (rest !== '') {
      onLine(rest);
    }
  });
}

function failure(errorType: string, errorMessage: string): InvocationOutcome {
  return { payload: JSON.stringify({ errorType, errorMessage }), functionError: 'Unhandled' };
}
