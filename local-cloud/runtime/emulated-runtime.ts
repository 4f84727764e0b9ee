import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeServer, listenOnLoopback } from '../services/loopback';
import {
  deferred,
  eachLine,
  runtimeCommand,
  type Deferred,
  type ExecutionEnvironmentSettings,
  type InvocationOutcome,
} from './execution-environment';
import type { Invocation } from './runtime-api';

export interface EmulatedRuntimeSettings extends ExecutionEnvironmentSettings {
  /** Path of AWS's Runtime Interface Emulator. */
  readonly emulator: string;
  readonly timeoutSeconds: number;
}

/** What the emulator prints itself. */
const ITS_OWN_LINE = /^(START|END|REPORT) RequestId: |^\d+ \w+ \d{4} \S+ \[\w+\] \(rapid\) /;

/** It prints this once the process of the function has to end. */
const PROCESS_ENDS = 'Waiting for runtime domain processes termination';

const INVOCATIONS = '/2015-03-31/functions/function/invocations';

/** It answers at once when it runs. */
const START_LIMIT = 10_000;

/**
 * The same as `ExecutionEnvironment`, with AWS's Runtime Interface Emulator as the Lambda Runtime API. It starts the process
 * of the function with the first invocation.
 */
export class EmulatedRuntime {
  static async start(settings: EmulatedRuntimeSettings): Promise<EmulatedRuntime> {
    const [port, runtimePort] = await Promise.all([freePort(), freePort()]);
    const runtime = new EmulatedRuntime(settings, port);
    runtime.launch(runtimePort);
    await runtime.listening();
    return runtime;
  }

  readonly id = randomUUID();
  /** Invocations taken so far. */
  invocations = 0;

  private readonly marker = `local-cloud-${randomUUID()}`;
  private child: ChildProcess | undefined;
  private readonly exit = deferred<'exited'>();
  private ended = false;
  private requestId: string | undefined;
  /** Resolved once everything is read that the invocation printed. */
  private printed: Deferred<'read'> | undefined;
  /** The markers that are still to come: two for each time that the process asks for work. */
  private markers = 0;

  private constructor(
    private readonly settings: EmulatedRuntimeSettings,
    private readonly port: number,
  ) {}

  /** Whether it can take an invocation. */
  get alive(): boolean {
    return !this.ended;
  }

  get busy(): boolean {
    return this.requestId !== undefined;
  }

  /** The first invocation tells how the initialization went. */
  initialize(): Promise<'ready'> {
    return Promise.resolve('ready');
  }

  /** Processes one event, for as long as the settings allow. */
  async invoke({ requestId, payload, now }: Invocation): Promise<InvocationOutcome> {
    this.requestId = requestId;
    this.markers = this.invocations === 0 ? 4 : 2;
    this.invocations += 1;
    this.printed = deferred();
    try {
      const [text] = await Promise.all([this.post(requestId, payload, now), this.printed.promise]);
      return outcomeOf(text);
    } finally {
      this.requestId = undefined;
    }
  }

  /** Ends both processes at once, whatever they are doing. */
  async kill(): Promise<void> {
    // It kills the process of the function before it ends.
    this.child?.kill('SIGTERM');
    await this.exit.promise;
  }

  private async post(requestId: string, payload: string, now: number): Promise<string> {
    const context = Buffer.from(JSON.stringify({ 'local-cloud-clock': String(now) })).toString('base64');
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${INVOCATIONS}`, {
        method: 'POST',
        headers: { 'x-amzn-requestid': requestId, 'x-amz-client-context': context },
        body: payload,
      });
      return await response.text();
    } catch {
      return JSON.stringify({ errorType: 'Sandbox.Ended', errorMessage: 'signal: killed' });
    }
  }

  private launch(runtimePort: number): void {
    const { codeDirectory, emulator, environment, now, preload, timeoutSeconds } = this.settings;
    const addresses = [
      `--runtime-interface-emulator-address=127.0.0.1:${this.port}`,
      `--runtime-api-address=127.0.0.1:${runtimePort}`,
    ];
    const child = spawn(emulator, [...addresses, ...runtimeCommand(preload)], {
      cwd: codeDirectory,
      env: {
        ...environment,
        AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutSeconds),
        LOCAL_CLOUD_MARKER: this.marker,
        LOCAL_CLOUD_CLOCK_OFFSET: String(now - Date.now()),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    for (const stream of ['stdout', 'stderr'] as const) {
      eachLine(child[stream], (line) => {
        this.read(line);
      });
    }
    child.once('error', () => {
      this.end();
    });
    child.once('close', () => {
      this.end();
    });
  }

  private async listening(): Promise<void> {
    const end = Date.now() + START_LIMIT;
    for (;;) {
      if (this.ended || Date.now() > end) {
        throw new Error(`${this.settings.emulator} does not start`);
      }
      try {
        await fetch(`http://127.0.0.1:${this.port}/`);
        return;
      } catch {
        await sleep(5);
      }
    }
  }

  /** What the function prints comes out of the emulator's standard output, whichever stream it was. */
  private read(line: string): void {
    const at = line.indexOf(this.marker);
    const text = at < 0 ? line : line.slice(0, at);
    if (ITS_OWN_LINE.test(text)) {
      this.readItsOwn(text);
    } else if (at !== 0) {
      this.settings.onLine({
        stream: 'stdout',
        text,
        environment: this.id,
        ...(this.requestId !== undefined && { requestId: this.requestId }),
      });
    }
    if (at >= 0) {
      this.readMarked(line.slice(at + this.marker.length + 1));
    }
  }

  private readItsOwn(text: string): void {
    if (text.includes(PROCESS_ENDS)) {
      // The next invocation would begin with another process.
      this.ended = true;
      this.printed?.resolve('read');
    }
  }

  private readMarked(message: string): void {
    if (message !== 'IDLE') {
      this.settings.onRefusedConnection(message.replace('REFUSED ', ''));
      return;
    }
    this.markers -= 1;
    if (this.markers === 0) {
      this.printed?.resolve('read');
    }
  }

  private end(): void {
    this.ended = true;
    this.printed?.resolve('read');
    this.exit.resolve('exited');
  }
}

/** The emulator does not tell apart an answer and an error. Of a time-out it tells in plain text. */
function outcomeOf(text: string): InvocationOutcome {
  const failed = { functionError: 'Unhandled' } as const;
  try {
    const answer: unknown = JSON.parse(text);
    const isError = typeof answer === 'object' && answer !== null && 'errorType' in answer;
    return { payload: text, ...(isError && failed) };
  } catch {
    return { payload: JSON.stringify(text), ...failed };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  await closeServer(server);
  return port;
}
