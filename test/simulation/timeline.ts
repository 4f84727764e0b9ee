import type { Instant } from '../../lambda/core/time';

interface ScheduledAction {
  readonly at: Instant;
  readonly number: number;
  readonly action: () => void;
}

/**
 * Virtual time: actions in the order of their times. Between two actions everything that waited for the first goes on as
 * far as it can, so a world with the same seed runs the same way each time.
 */
export class Timeline {
  private readonly heap: ScheduledAction[] = [];
  private time: Instant;
  private count = 0;

  constructor(start: Instant) {
    this.time = start;
  }

  now(): Instant {
    return this.time;
  }

  at(time: Instant, action: () => void): void {
    this.count += 1;
    this.push({ at: Math.max(time, this.time), number: this.count, action });
  }

  after(milliseconds: number, action: () => void): void {
    this.at(this.time + milliseconds, action);
  }

  /** Runs all actions until a time. */
  async run(until: Instant): Promise<void> {
    for (let next = this.heap[0]; next !== undefined && next.at <= until; next = this.heap[0]) {
      this.pop();
      this.time = next.at;
      next.action();
      await settled();
    }
    this.time = until;
  }

  private push(entry: ScheduledAction): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) {
        break;
      }
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
      return;
    }
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below !== undefined && right !== undefined && isBefore(right, below)) {
        child += 1;
        below = right;
      }
      if (below === undefined || !isBefore(below, last)) {
        break;
      }
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: ScheduledAction, other: ScheduledAction): boolean {
  return one.at < other.at || (one.at === other.at && one.number < other.number);
}

/** Resolves when every promise that can has gone on: the core waits for nothing but its ports. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
