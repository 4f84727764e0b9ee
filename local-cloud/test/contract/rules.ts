/** An endpoint that a contract suite is pointed at. */
export interface ContractEndpoint {
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** Lets time pass there; a service with a clock of its own makes the test wait. */
  advance(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

/** Rules, by name, in which an implementation is not like the others. */
export interface Differences {
  /** It breaks these, and has to: so the list stays true. */
  readonly broken?: readonly string[];
  /** These would take too long there. */
  readonly notTried?: readonly string[];
}

/** Defines tests of a contract. */
export function rulesFor({
  broken = [],
  notTried = [],
}: Differences): (name: string, test: () => Promise<void>) => void {
  return (name, test) => {
    if (notTried.includes(name)) {
      it.skip(`not tried: ${name}`, test);
    } else if (broken.includes(name)) {
      it.failing(`differs: ${name}`, test);
    } else {
      it(name, test);
    }
  };
}

/** The error's name, as code that uses the SDK tells errors apart. */
export async function errorNameOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
  return 'no error';
}
