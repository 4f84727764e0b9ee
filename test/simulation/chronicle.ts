import { toIso, type Instant } from '../../lambda/core/time';

/** A promise that did not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly invariant: string,
    readonly happened: string,
    readonly at: Instant,
  ) {
    super(`${toIso(at)} ${invariant}: ${happened}`);
  }
}

/** What happened in a world: counted always, told in words when somebody listens. */
export class Chronicle {
  readonly counts = new Map<string, number>();
  violation: Violation | undefined;

  constructor(
    private readonly now: () => Instant,
    private readonly listener?: (line: string) => void,
  ) {}

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  /** The words are made only for a listener. */
  say(words: () => string): void {
    this.listener?.(`${toIso(this.now())}  ${words()}`);
  }

  /** The first violation is the one to look at. */
  violate(invariant: string, happened: string): void {
    if (this.violation === undefined) {
      this.violation = new Violation(invariant, happened, this.now());
      this.say(() => `VIOLATION of ${invariant}: ${happened}`);
    }
  }
}
