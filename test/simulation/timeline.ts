import type { Instant } from '../../lambda/core/time';

interface Entry {
  readonly at: Instant;
  readonly number: number;
  readonly act: () => void;
}

/**
 * Virtual time: what is to happen, in the order of its time. Between two happenings everything that waited for the
 * first goes on as far as it can, so a world with the same seed runs the same way each time.
 */
export class Timeline {
  private readonly heap: Entry[] = [];
  private time: Instant;
  private count = 0;

  constructor(start: Instant) {
    this.time = start;
  }

  now(): Instant {
    return this.time;
  }

  at(time: Instant, act: () => void): void {
    this.count += 1;
    this.push({ at: Math.max(time, this.time), number: this.count, act });
  }

  after(milliseconds: number, act: () => void): void {
    this.at(this.time + milliseconds, act);
  }

  /** Lets things happen until a time. */
  async run(until: Instant): Promise<void> {
    for (let next = this.heap[0]; next !== undefined && next.at <= until; next = this.heap[0]) {
      this.pop();
      this.time = next.at;
      next.act();
      await settled();
    }
    this.time = until;
  }

  private push(entry: Entry): void {
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

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.number < other.number);
}

/** All promises that can go on have gone on: the core waits for nothing but its ports. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
