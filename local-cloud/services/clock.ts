/** Where the emulated services and the fake Amazon take the time from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface MovableClockOptions {
  /** Whether only `advance` moves the clock, as a simulation needs. Default: no, it runs. */
  readonly frozen?: boolean;
}

/** Real elapsed time plus what a test added: a test can skip days, and a wait of a second still takes a second. */
export class MovableClock implements Clock {
  private readonly elapsed: () => number;
  private readonly start: number;
  private offset = 0;

  constructor(start: number = Date.now(), options: MovableClockOptions = {}) {
    this.start = start;
    const begun = performance.now();
    this.elapsed = options.frozen === true ? () => 0 : () => Math.floor(performance.now() - begun);
  }

  now(): number {
    return this.start + this.elapsed() + this.offset;
  }

  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) {
      throw new RangeError(`a clock does not go back: ${milliseconds}`);
    }
    this.offset += milliseconds;
  }
}
