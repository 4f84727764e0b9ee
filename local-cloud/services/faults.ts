/** What is injected. `before` and `after` say whether the operation has had its effect. */
export type FaultEffect =
  | 'throttle'
  | 'server-error'
  | 'access-denied'
  /** The operation has its effect, then the connection breaks. */
  | 'lost-answer'
  /** No answer ever comes. */
  | 'timeout-before'
  | 'timeout-after'
  /** The caller is killed; no answer comes. */
  | { readonly kill: () => void; readonly when: 'before' | 'after' }
  /** Real milliseconds before the operation. */
  | { readonly delay: number };

export interface Fault {
  /** Name of the principal. Default: anybody. */
  readonly principal?: string;
  readonly service?: string;
  readonly operation?: string;
  readonly match?: (request: unknown) => boolean;
  /** The first matching call that is hit, counted from 1. Default: 1. */
  readonly nth?: number;
  /** How many matching calls are hit from there on. Default: 1. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

interface Call {
  readonly principal: string;
  readonly service: string;
  readonly operation: string;
  readonly request: unknown;
}

/** Faults to inject. For each call the first that applies is used, in the order in which they were added. */
export class Faults {
  private readonly faults: { readonly fault: Fault; seen: number; hit: number }[] = [];

  add(fault: Fault): void {
    this.faults.push({ fault, seen: 0, hit: 0 });
  }

  clear(): void {
    this.faults.length = 0;
  }

  /** How many calls were hit. */
  get hits(): number {
    return this.faults.reduce((sum, { hit }) => sum + hit, 0);
  }

  /** The effect on this call. It also counts the call. */
  effectOn(call: Call): FaultEffect | undefined {
    for (const entry of this.faults) {
      if (entry.hit >= (entry.fault.times ?? 1) || !applies(entry.fault, call)) {
        continue;
      }
      entry.seen += 1;
      if (entry.seen >= (entry.fault.nth ?? 1)) {
        entry.hit += 1;
        return entry.fault.effect;
      }
    }
    return undefined;
  }
}

function applies({ principal, service, operation, match }: Fault, call: Call): boolean {
  return (
    (principal === undefined || principal === call.principal) &&
    (service === undefined || service === call.service) &&
    (operation === undefined || operation === call.operation) &&
    (match === undefined || match(call.request))
  );
}
