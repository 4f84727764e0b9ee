import type { InvocationResult, LambdaFunction } from './lambda-function';

/** What Lambda does of itself with an event that a function failed on. */
export const DEFAULT_RETRY_ATTEMPTS = 2;

/** An event that was invoked asynchronously, with every try. */
export interface AsynchronousInvocation {
  readonly functionName: string;
  readonly event: unknown;
  readonly attempts: readonly InvocationResult[];
  /** When this one failed, too, Lambda drops the event. */
  readonly last: InvocationResult;
}

/**
 * Invocations whose caller does not wait. Retries follow at once: waiting for one and two minutes, as Lambda does, would
 * test nothing but patience.
 */
export class AsynchronousInvocations {
  readonly finished: AsynchronousInvocation[] = [];

  private readonly pending = new Set<Promise<unknown>>();
  private readonly failures: Error[] = [];

  /** `retryAttempts` is asked for when the event fails: a deploy may have changed it by then. */
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

  /** Resolves when nothing is under way any more, what was caused meanwhile included. Throws what went wrong here. */
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
