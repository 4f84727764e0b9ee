import { noAnswer } from '../fakes/sdk-error';
import type { InjectedFault } from '../simulation/invocation';
import type { World } from '../simulation/world';
import { RECEIVE, RECEIVE_ANY } from './actors';
import { answerIdOf, Course, type Actor, type Answer, type Call, type Place, type Step } from './course';
import { required, type Memory, type Moment } from './memory';

/** How a call may go: well, or with its answer lost. */
interface Way {
  readonly words: string;
  readonly fault?: InjectedFault;
  /** The SDK calls again: the run goes on waiting. */
  readonly isRepeated?: true;
  /** Which of the visible messages is received. */
  readonly pick?: number;
}

const WELL: Way = { words: '' };
/** No scenario has more messages. */
const PICKS: readonly Way[] = [0, 1, 2].map((pick) => ({ words: ` (${pick + 1} of those that are visible)`, pick }));
const REPEATED: Way = {
  words: ', the answer is lost, and the SDK calls again',
  fault: { aws: 'failed-after' },
  isRepeated: true,
};
const DONE_UNANSWERED: Way = { words: ', and no answer comes', fault: { aws: 'failed-after' } };
const UNANSWERED: Way = { words: ': no answer comes', fault: { aws: 'failed-before' } };
const BROKEN_OFF: Way = { words: ', and the connection breaks off', fault: { http: 'lost-after' } };

function waysOf(name: string, mayLose: boolean): readonly Way[] {
  return name === RECEIVE_ANY ? PICKS : [WELL, ...(mayLose ? lossesOf(name) : [])];
}

/** In which ways the answer to a call can get lost. */
function lossesOf(name: string): readonly Way[] {
  if (name === 'lwa' || name === 'rotation') {
    return [BROKEN_OFF];
  }
  if (/:(Put|Update)/.test(name)) {
    return [REPEATED, DONE_UNANSWERED];
  }
  return isOutside(name) ? [UNANSWERED] : [];
}

const RECEIVES = new Set([RECEIVE, RECEIVE_ANY]);

/** Whether a function makes the call, after it has begun. */
export function isOutside(name: string): boolean {
  return /^(lwa|rotation|[a-z]+:.*)$/.test(name) && !RECEIVES.has(name);
}

/** What is answered the same whenever it is asked, so that nothing that others do can come too early or too late for it. */
const TIMELESS = new Set(['lwa', 'ssm:GetParametersByPath', 'sqs:GetQueueAttributes']);

/** What reads the secret, and changes nothing. */
const READS = new Set([
  'secretsmanager:BatchGetSecretValue',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
]);

/** The adapter does not look at the labels of a version that it reads. */
function forgetLabels(answer: Answer): void {
  if ('value' in answer && typeof answer.value === 'object' && answer.value !== null) {
    const { SecretValues: values = [answer.value] } = answer.value as { readonly SecretValues?: readonly object[] };
    values
      .filter((value) => 'SecretString' in value)
      .forEach((value) => Object.assign(value, { VersionStages: undefined }));
  }
}

function isRead({ name }: Call): boolean {
  return TIMELESS.has(name) || READS.has(name);
}

/** What one actor can do next. */
export interface Move {
  readonly call: Call;
  readonly way: Way;
  readonly moment: Moment;
  readonly place: Place;
  readonly step: Step | undefined;
  readonly violation: string | undefined;
  /** An answer gets lost. */
  readonly isLoss: boolean;
  /** The answer gets lost, and the call has no effect in any moment. */
  readonly isVain: boolean;
  /** Nothing is changed by it, and nothing of note said: only its run knows of it. */
  readonly isQuiet: boolean;
}

/** What a call did. */
interface Done {
  readonly moment: Moment;
  readonly answer: Answer;
  readonly violation?: string;
}

type Heard = Pick<Done, 'moment' | 'violation'>;

/** The place of a run that has ended. */
export const ENDED: Place = { id: -1, calls: [] };
export const MOMENTS = 2 ** 26;

/** What each actor can do, from each of its places in each moment. Each is found once. */
export class Moves {
  readonly beginnings: Place[] = [];
  private readonly courses: readonly Course[];
  private readonly moves: readonly Map<number, readonly Move[]>[];
  private readonly performed: readonly Map<number, Done | undefined>[];
  private readonly heard: readonly Map<number, Heard>[];
  private readonly timeless = new Map<string, Answer>();
  private readonly read = new Map<string, Answer>();

  constructor(
    private readonly world: World,
    private readonly memory: Memory,
    actors: readonly Actor[],
  ) {
    this.courses = actors.map((actor) => new Course(actor, world));
    [this.moves, this.performed, this.heard] = [this.maps(), this.maps(), this.maps()];
  }

  private maps<Value>(): readonly Map<number, Value>[] {
    return this.courses.map(() => new Map<number, Value>());
  }

  /** Where all runs begin: nothing may be loaded but the moment in which they do. */
  async begin(): Promise<readonly Place[]> {
    for (const course of this.courses) {
      this.beginnings.push((await course.begin()).place);
    }
    return this.beginnings;
  }

  get places(): number {
    return this.courses.reduce((sum, { size }) => sum + size, 0);
  }

  async of(actor: number, moment: Moment, place: Place, mayLose: boolean): Promise<readonly Move[]> {
    const known = required(this.moves[actor]);
    const key = (place.id * 2 + (mayLose ? 1 : 0)) * MOMENTS + moment.id;
    let moves = known.get(key);
    if (moves === undefined) {
      const timeless = place.calls.find(({ name }) => TIMELESS.has(name));
      const made: Move[] = [];
      for (const call of timeless === undefined ? place.calls : [timeless]) {
        for (const way of waysOf(call.name, mayLose)) {
          const move = await this.make(actor, moment, place, call, way);
          made.push(...(move === undefined ? [] : [move]));
        }
      }
      moves = made;
      known.set(key, moves);
    }
    return moves;
  }

  /** @returns `undefined` where no such message can be received */
  async make(actor: number, moment: Moment, place: Place, call: Call, way: Way): Promise<Move | undefined> {
    const done = this.perform(actor, moment, call, way);
    if (done === undefined) {
      return undefined;
    }
    const isLoss = way.fault !== undefined;
    const isVain = way === UNANSWERED || (isLoss && TIMELESS.has(call.name));
    if (way.isRepeated === true) {
      const { moment: after, violation } = done;
      return { call, way, place, step: undefined, moment: after, violation, isLoss, isVain, isQuiet: false };
    }
    const step = await required(this.courses[actor]).after(place, call, done.answer);
    const heard = this.hear(actor, done.moment, step);
    const violation = done.violation ?? heard.violation;
    return {
      call,
      way,
      place: step.place.calls.length === 0 ? ENDED : step.place,
      step,
      moment: heard.moment,
      violation,
      isLoss,
      isVain,
      isQuiet: heard.moment === moment && violation === undefined,
    };
  }

  /** Whether a move that changes nothing would be the very same in another moment. */
  async isSameIn(actor: number, moment: Moment, from: Place, { call, way, step, place }: Move): Promise<boolean> {
    const done = this.perform(actor, moment, call, way);
    if (done === undefined || answerIdOf(done.answer) !== step?.answerId) {
      return false;
    }
    const again = await this.make(actor, moment, from, call, way);
    return again?.isQuiet === true && again.place === place;
  }

  /** The same call has the same effect in the same moment, wherever its run stands. */
  private perform(actor: number, moment: Moment, call: Call, way: Way): Done | undefined {
    const known = required(this.performed[actor]);
    const key = (call.id * 8 + ALL_WAYS.indexOf(way)) * MOMENTS + moment.id;
    if (!known.has(key)) {
      known.set(key, this.performAnew(moment, call, way));
    }
    return known.get(key);
  }

  private performAnew(moment: Moment, call: Call, way: Way): Done | undefined {
    if (way === UNANSWERED) {
      return { moment, answer: { error: noAnswer() } };
    }
    const [known, key] = TIMELESS.has(call.name)
      ? [this.timeless, `${call.label} ${way.words}`]
      : [this.read, `${call.label} ${this.memory.stateOf(this.world.secretsManager, moment) ?? ''}`];
    const answered = isRead(call) ? known.get(key) : undefined;
    if (answered !== undefined) {
      return { moment, answer: answered };
    }
    this.memory.load(moment);
    this.world.eventLog.violation = undefined;
    const answer = this.answerTo(call, way);
    if (answer === undefined) {
      this.memory.forget();
      return undefined;
    }
    if (isRead(call)) {
      forgetLabels(answer);
      known.set(key, answer);
      this.memory.forget();
      return { moment, answer };
    }
    return { moment: this.memory.save(), answer, ...this.violated() };
  }

  /** @returns `undefined` where no such message can be received */
  private answerTo(call: Call, { fault, pick }: Way): Answer | undefined {
    let visible = Number.POSITIVE_INFINITY;
    this.world.pick = (count) => {
      visible = count;
      return Math.min(pick ?? 0, count - 1);
    };
    const answer = call.perform(fault);
    const isEmpty = RECEIVES.has(call.name) && 'value' in answer && (answer.value as unknown[]).length === 0;
    return isEmpty || (pick ?? 0) >= visible ? undefined : answer;
  }

  /** What a run says is heard at once. */
  private hear(actor: number, moment: Moment, step: Step): Heard {
    if (step.said.length === 0) {
      return { moment };
    }
    const known = required(this.heard[actor]);
    const key = step.saidId * MOMENTS + moment.id;
    let heard = known.get(key);
    if (heard === undefined) {
      this.memory.load(moment);
      this.world.eventLog.violation = undefined;
      step.said.forEach((say) => say());
      heard = { moment: this.memory.save(), ...this.violated() };
      known.set(key, heard);
    }
    return heard;
  }

  private violated(): { readonly violation?: string } {
    const { violation } = this.world.eventLog;
    return violation === undefined ? {} : { violation: `${violation.invariant}: ${violation.happened}` };
  }

  /** What the world logs of a move. */
  wordsOf({ call, way, step }: Move, moment: Moment): readonly string[] {
    const lines: string[] = [];
    this.world.eventLog.listener = (line) => lines.push(`    ${line}`);
    this.memory.load(moment);
    this.world.eventLog.violation = undefined;
    if (way !== UNANSWERED) {
      this.answerTo(call, way);
    }
    step?.said.forEach((say) => say());
    this.memory.forget();
    this.world.eventLog.listener = undefined;
    return lines;
  }
}

const ALL_WAYS: readonly Way[] = [WELL, ...PICKS, REPEATED, DONE_UNANSWERED, UNANSWERED, BROKEN_OFF];
