import type { Instant } from '../../lambda/core/time';

/**
 * Virtual time: actions in the order of their times. Between two actions everything that waited for the first goes on as
 * far as it can, so a world with the same seed runs the same way each time.
 */
export class Timeline {
  /** The next one first; those at the same time in the order in which they were added. */
  private readonly actions: { readonly at: Instant; readonly action: () => void }[] = [];

  constructor(private time: Instant) {}

  now(): Instant {
    return this.time;
  }

  at(time: Instant, action: () => void): void {
    const at = Math.max(time, this.time);
    const later = this.actions.findIndex((one) => one.at > at);
    this.actions.splice(later < 0 ? this.actions.length : later, 0, { at, action });
  }

  after(milliseconds: number, action: () => void): void {
    this.at(this.time + milliseconds, action);
  }

  /** Runs all actions until a time. */
  async run(until: Instant): Promise<void> {
    for (let next = this.actions[0]; next !== undefined && next.at <= until; next = this.actions[0]) {
      this.actions.shift();
      this.time = next.at;
      next.action();
      await settled();
    }
    this.time = until;
  }
}

/** Resolves when every promise that can has gone on: the core waits for nothing but its ports. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
