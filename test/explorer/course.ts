import { Invocation, type Environment, type InjectedFault, type Perform } from '../simulation/invocation';
import { keyOf, required } from './memory';

/** How a call ended, as the run sees it. */
export type Answer = { readonly value: unknown } | { readonly error: Error };

/** So many runs are kept. */
const STANDING = 5000;

/** A call that a run has made and that has had no effect yet. */
export interface Call {
  /** Such as `secretsmanager:PutSecretValue`. */
  readonly name: string;
  /** The same, and of what it reads. */
  readonly words: string;
  /** Tells it from other calls of the run. */
  readonly label: string;
  /** A number for the label, in this course. */
  readonly id: number;
  readonly input: unknown;
  /** Has the effect in the world as it is now. */
  readonly perform: (fault?: InjectedFault) => Answer;
}

/** What runs beside others: a function, or a person. */
export interface Actor {
  readonly name: string;
  readonly start: (invocation: Invocation) => Promise<unknown>;
}

/** Where a run stands: it has had some answers, and waits for others. */
export interface Place {
  readonly id: number;
  /** None: it has ended. */
  readonly calls: readonly Call[];
}

/** What an answer leads to. */
export interface Step {
  readonly place: Place;
  /** What the run says on the way, to be heard in the world as it is then. */
  readonly said: readonly (() => void)[];
  readonly words: string;
  /** Tells what is said from whatever else the run may say. */
  readonly saidId: number;
  readonly answerId: number;
}

type History = readonly { readonly label: string; readonly answer: Answer; readonly id: number }[];

/**
 * All places in which one run can be. A run sees nothing of the world but the answers to its calls, so these decide where it
 * stands; which of two answers came first does not, where it waited for both. Each place is found by a replay from the answers.
 */
export class Course {
  private readonly places = new Map<string, Place>();
  private readonly histories: History[] = [];
  private readonly steps = new Map<string, Step>();
  /** Runs that stand in a place: the first to leave it spares a replay. */
  private readonly standing = new Map<number, PausedRun>();
  private readonly numbers = new Numbers();

  constructor(
    private readonly actor: Actor,
    private readonly world: Environment,
  ) {}

  async begin(): Promise<Step> {
    return this.arrive(await this.replay([]), []);
  }

  async after(place: Place, call: Call, answer: Answer): Promise<Step> {
    const id = this.numbers.of(`${call.id} ${answerIdOf(answer)}`);
    const key = `${place.id} ${id}`;
    let step = this.steps.get(key);
    if (step === undefined) {
      const history = this.histories[place.id] ?? [];
      const run = this.standing.get(place.id) ?? (await this.replay(history));
      this.standing.delete(place.id);
      await run.goOn(call.label, answer);
      step = this.arrive(run, [...history, { label: call.label, answer, id }]);
      this.steps.set(key, step);
    }
    return step;
  }

  get size(): number {
    return this.places.size;
  }

  private async replay(history: History): Promise<PausedRun> {
    const run = new PausedRun(this.actor.name, this.world);
    void this.actor.start(run);
    await settled();
    for (const { label, answer } of history) {
      await run.goOn(label, answer);
    }
    return run;
  }

  private arrive(run: PausedRun, history: History): Step {
    const calls = [...run.pending.values()].sort((one, other) => (one.label < other.label ? -1 : 1));
    const ids = calls.map(({ label }) => this.numbers.of(label));
    const key = `${history
      .map(({ id }) => id)
      .sort((one, other) => one - other)
      .join()} ${ids.join()}`;
    let place = this.places.get(key);
    if (place === undefined) {
      place = {
        id: this.places.size,
        calls: calls.map(({ name, words, label, input, perform }, index) => ({
          name,
          words,
          label,
          input,
          perform,
          id: ids[index] ?? 0,
        })),
      };
      this.places.set(key, place);
      this.histories.push(history);
      this.standing.set(place.id, run);
      this.standing.delete(place.id - STANDING);
    }
    const words = run.said.map((one) => one.words).join('\n');
    return {
      place,
      said: run.said.map(({ act }) => act),
      words,
      saidId: this.numbers.of(words),
      answerId: history.length === 0 ? -1 : answerIdOf(required(history.at(-1)).answer),
    };
  }
}

/** A number for each text. */
class Numbers {
  private readonly numbers = new Map<string, number>();

  of(text: string): number {
    const number = this.numbers.get(text) ?? this.numbers.size;
    this.numbers.set(text, number);
    return number;
  }
}

interface Pending extends Omit<Call, 'id'> {
  readonly settle: (answer: Answer) => void;
}

/** A run whose calls wait until they are answered from outside. */
class PausedRun extends Invocation {
  readonly pending = new Map<string, Pending>();
  said: { readonly words: string; readonly act: () => void }[] = [];
  private readonly made = new Map<string, number>();
  private nonces = 0;

  constructor(name: string, world: Environment) {
    super(name, world, Number.POSITIVE_INFINITY);
  }

  /** Goes on with an answer for as far as it can. */
  async goOn(label: string, answer: Answer): Promise<void> {
    this.said = [];
    const call = this.pending.get(label);
    this.pending.delete(label);
    if (call === undefined) {
      throw new Error(`${this.name} did not call ${label}`);
    }
    call.settle(answer);
    await settled();
  }

  override tell(what: unknown, act: () => void): void {
    this.said.push({ words: keyOf(what), act });
  }

  override nonce(): string {
    this.nonces += 1;
    return `${this.name} ${this.nonces}`;
  }

  override call<Result>(name: string, input: unknown, perform: Perform<Result>, begin?: () => void): Promise<Result> {
    const what = `${name} ${keyOf(input)}`;
    const times = (this.made.get(what) ?? 0) + 1;
    this.made.set(what, times);
    const label = `${what} ${times}`;
    return new Promise((resolve, reject) => {
      const settle = (answer: Answer): void => {
        if ('error' in answer) {
          reject(answer.error);
        } else {
          resolve(answer.value as Result);
        }
      };
      this.pending.set(label, {
        name,
        words: `${name}${aboutOf(input)}`,
        label,
        input,
        settle,
        perform: (fault) => performed(perform, begin, fault),
      });
    });
  }
}

function aboutOf(input: unknown): string {
  const { VersionId, VersionStage } = Object(input) as { readonly VersionId?: string; readonly VersionStage?: string };
  const what = VersionStage ?? VersionId?.slice(0, 8);
  return what === undefined ? '' : ` of ${what}`;
}

function performed<Result>(perform: Perform<Result>, begin?: () => void, fault?: InjectedFault): Answer {
  let answer: Answer | undefined;
  begin?.();
  perform(
    (value) => (answer = { value }),
    (error) => (answer = { error }),
    fault,
  );
  if (answer === undefined) {
    throw new Error('a call was not answered at once');
  }
  return answer;
}

const known = new WeakMap<Answer, number>();
const answers = new Numbers();

/** A number that equal answers have in common. */
export function answerIdOf(answer: Answer): number {
  const id = known.get(answer) ?? answers.of(keyOf(answer));
  known.set(answer, id);
  return id;
}

/** Resolves when the run has gone on as far as it can: it waits for nothing but its calls. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
