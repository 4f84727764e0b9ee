import { toIso, type Instant } from '../../lambda/core/time';

/** An invariant that did not hold. */
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

/** What happened in a world: always counted, and described in words for a listener. */
export class EventLog {
  readonly counts = new Map<string, number>();
  violation: Violation | undefined;

  constructor(
    private readonly now: () => Instant,
    /** Hears what happens in words. */
    public listener?: (line: string) => void,
  ) {}

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  /** The words are made only for a listener. */
  log(words: () => string): void {
    this.listener?.(`${toIso(this.now())}  ${words()}`);
  }

  /** The first violation is the one to look at. */
  recordViolation(invariant: string, happened: string): void {
    if (this.violation === undefined) {
      this.violation = new Violation(invariant, happened, this.now());
      this.log(() => `VIOLATION of ${invariant}: ${happened}`);
    }
  }
}
