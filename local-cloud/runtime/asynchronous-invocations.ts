import type { InvocationResult, LambdaFunction } from './lambda-function';

/** How often Lambda retries a failed asynchronous invocation unless it is configured otherwise. */
export const DEFAULT_RETRY_ATTEMPTS = 2;

/** An asynchronous invocation, with every attempt. */
export interface AsynchronousInvocation {
  readonly functionName: string;
  readonly event: unknown;
  readonly attempts: readonly InvocationResult[];
  /** The last attempt. If it failed too, Lambda drops the event. */
  readonly last: InvocationResult;
}

/**
 * Invocations whose caller does not wait. A retry follows at once: Lambda would wait one or two minutes.
 */
export class AsynchronousInvocations {
  readonly finished: AsynchronousInvocation[] = [];

  private readonly pending = new Set<Promise<unknown>>();
  private readonly failures: Error[] = [];

  /** `retryAttempts` is called when the attempt fails: a deployment can change the number in between. */
  invoke(target: LambdaFunction, event: unknown, retryAttempts: () => number): Promise<AsynchronousInvocation> {
    return this.track(this.attempt(target, event, retryAttempts));
  }

  /** Makes `settled` wait for it. */
  track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.then(
      () => undefined,
      (error: unknown) => this.failures.push(error instanceof Error ? error : new Error(String(error))),
    );
    this.pending.add(tracked);
    void tracked.then(() => this.pending.delete(tracked));
    return work;
  }

  /** Resolves when no invocation is running any more, including those that others caused. Throws the first failure. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) {
      await Promise.all(this.pending);
    }
    const [failure] = this.failures.splice(0);
    if (failure !== undefined) {
      throw failure;
    }
  }

  private async attempt(
    target: LambdaFunction,
    event: unknown,
    retryAttempts: () => number,
  ): Promise<AsynchronousInvocation> {
    let last = await target.invoke(event);
    const attempts = [last];
    while (last.functionError !== undefined && attempts.length <= retryAttempts()) {
      last = await target.invoke(event);
      attempts.push(last);
    }
    const invocation = { functionName: target.name, event, attempts, last };
    this.finished.push(invocation);
    return invocation;
  }
}
