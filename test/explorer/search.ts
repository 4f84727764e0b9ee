import type { FailureKind } from '../../lib/contract/failure-kind';
import { noAnswer } from '../fakes/sdk-error';
import type { InjectedFault } from '../simulation/invocation';
import { recoverBySweeps } from '../simulation/scenarios';
import type { World } from '../simulation/world';
import { RECEIVE, RECEIVE_ANY } from './actors';
import { Course, type Actor, type Answer, type Call, type Place, type Step } from './course';
import { essenceOf } from './essence';
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

function waysOf(name: string): readonly Way[] {
  return name === RECEIVE_ANY ? PICKS : [WELL, ...lossesOf(name)];
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
function isOutside(name: string): boolean {
  return /^(lwa|rotation|[a-z]+:.*)$/.test(name) && !RECEIVES.has(name);
}

/** What is answered the same whenever it is asked, so that nothing that others do can come too early or too late for it. */
const TIMELESS = new Set(['lwa', 'ssm:GetParametersByPath', 'sqs:GetQueueAttributes']);

/** What reads the secret, and changes nothing. */
const READS = new Set(['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret']);

/** The adapter does not look at the labels of a version that it reads. */
function forgetLabels(answer: Answer): void {
  if (
    'value' in answer &&
    typeof answer.value === 'object' &&
    answer.value !== null &&
    'SecretString' in answer.value
  ) {
    (answer.value as { VersionStages?: unknown }).VersionStages = undefined;
  }
}

function isRead({ name }: Call): boolean {
  return TIMELESS.has(name) || READS.has(name);
}

/** What one actor can do next. */
interface Move {
  readonly call: Call;
  readonly way: Way;
  readonly moment: Moment;
  readonly place: Place;
  readonly step: Step | undefined;
  readonly violation: string | undefined;
}

/** What a call did. */
interface Done {
  readonly moment: Moment;
  readonly answer: Answer;
  readonly violation?: string;
}

/** Where all runs stand, and which faults there have been. */
interface Standing {
  readonly places: readonly Place[];
  readonly hasCrashed: boolean;
  readonly hasLost: boolean;
}

/** What was found. */
export interface Found {
  readonly states: number;
  readonly moves: number;
  readonly moments: number;
  readonly places: number;
  readonly ends: number;
  readonly recoveries: number;
  /** Calls in the longest of the shortest ways to a state. */
  readonly longest: number;
  /** The shortest way to a violation, in words. */
  readonly violation?: { readonly what: string; readonly trace: readonly string[] };
}

export interface Limits {
  readonly crashes: boolean;
  readonly losses: boolean;
  /** What may be asked of a person in the end. */
  readonly asks?: FailureKind | undefined;
}

const ENDED: Place = { id: -1, calls: [] };
const MOMENTS = 2 ** 26;

/** Goes every way in which actors can take turns in a world, from where it stands now, breadth first: the shortest trace comes first. */
export class Search {
  private readonly courses: readonly Course[];
  private readonly moves: readonly Map<number, readonly Move[]>[];
  private readonly standings: Standing[] = [];
  private readonly standingIds = new Map<string, number>();
  private readonly moments: Moment[] = [];
  private readonly indexes = new Map<number, number>();
  private readonly states: number[] = [];
  private readonly parents: number[] = [];
  private readonly depths: number[] = [];
  private readonly ends = new Map<number, string | undefined>();
  private readonly essences = new Map<string, string | undefined>();
  private readonly timeless = new Map<string, Answer>();
  private readonly read = new Map<string, Answer>();
  private readonly heard = new Map<string, { readonly moment: Moment; readonly violation: string | undefined }>();
  private readonly performed = new Map<string, Done | undefined>();
  private madeMoves = 0;
  private recoveries = 0;

  constructor(
    private readonly world: World,
    private readonly memory: Memory,
    /** All at one time. */
    private readonly starts: readonly Moment[],
    private readonly actors: readonly Actor[],
    private readonly limits: Limits,
  ) {
    this.courses = actors.map((actor) => new Course(actor, world));
    this.moves = actors.map(() => new Map());
  }

  async run(): Promise<Found> {
    this.memory.load(required(this.starts[0]));
    const beginnings = await Promise.all(this.courses.map((course) => course.begin()));
    for (const start of this.starts) {
      this.add(
        this.keep(start),
        { places: beginnings.map(({ place }) => place), hasCrashed: false, hasLost: false },
        -1,
      );
    }
    for (let index = 0; index < this.states.length; index++) {
      const problem = await this.expand(index);
      if (problem !== undefined) {
        return { ...this.counts(), violation: problem };
      }
    }
    return this.counts();
  }

  /** The moments in which all runs have ended, each different from the others. What follows is not looked at. */
  async endings(): Promise<readonly Moment[]> {
    const endings = new Map<string, Moment>();
    this.recoverFrom = () => Promise.resolve(undefined);
    await this.run();
    for (const id of this.ends.keys()) {
      const moment = required(this.moments[id]);
      endings.set(essenceOf(this.memory, moment, this.world), moment);
    }
    return [...endings.values()];
  }

  private counts(): Found {
    return {
      states: this.states.length,
      moves: this.madeMoves,
      moments: this.memory.size,
      places: this.courses.reduce((sum, { size }) => sum + size, 0),
      ends: this.ends.size,
      recoveries: this.recoveries,
      longest: this.depths.at(-1) ?? 0,
    };
  }

  private keep(moment: Moment): Moment {
    this.moments[moment.id] = moment;
    return moment;
  }

  private add(moment: Moment, standing: Standing, parent: number): void {
    const key = this.idOf(standing) * MOMENTS + moment.id;
    if (!this.indexes.has(key)) {
      this.indexes.set(key, this.states.length);
      this.states.push(key);
      this.parents.push(parent);
      this.depths.push(parent < 0 ? 0 : (this.depths[parent] ?? 0) + 1);
    }
  }

  private idOf(standing: Standing): number {
    const { places, hasCrashed, hasLost } = standing;
    const key = `${places.map(({ id }) => id).join()} ${hasCrashed} ${hasLost}`;
    let id = this.standingIds.get(key);
    if (id === undefined) {
      id = this.standings.length;
      this.standings.push(standing);
      this.standingIds.set(key, id);
    }
    return id;
  }

  private at(index: number): { readonly moment: Moment; readonly standing: Standing } {
    const key = this.states[index] ?? 0;
    return {
      moment: required(this.moments[key % MOMENTS]),
      standing: required(this.standings[Math.floor(key / MOMENTS)]),
    };
  }

  private async expand(index: number): Promise<Found['violation']> {
    const { moment, standing } = this.at(index);
    const turns = await this.turnsAt(moment, standing);
    for (const { move, next, words } of turns) {
      this.madeMoves += 1;
      if (move?.violation !== undefined) {
        return { what: move.violation, trace: [...(await this.traceTo(index)), words, ...this.wordsOf(move, moment)] };
      }
      this.add(move?.moment ?? moment, next, index);
    }
    if (turns.every(({ move }) => move === undefined)) {
      const problem = await this.recover(moment);
      if (problem !== undefined) {
        return { what: problem, trace: [...(await this.traceTo(index)), ...(await this.tellRecovery(moment))] };
      }
    }
    return undefined;
  }

  /** What can happen next: an actor's move, or the death of a run. */
  private async turnsAt(
    moment: Moment,
    standing: Standing,
  ): Promise<readonly { readonly words: string; readonly move?: Move; readonly next: Standing }[]> {
    const { places, hasCrashed, hasLost } = standing;
    const turns = [];
    const inNoTime = places.findIndex(({ calls }) => calls.some(({ name }) => TIMELESS.has(name)));
    for (const [actor, place] of places.entries()) {
      if (place === ENDED || (inNoTime >= 0 && actor !== inNoTime)) {
        continue;
      }
      const { name } = required(this.actors[actor]);
      const replaced = (other: Place): readonly Place[] => places.map((one, index) => (index === actor ? other : one));
      const isAlone = places.every((one, index) => index === actor || one === ENDED);
      for (const move of await this.movesOf(
        actor,
        moment,
        place,
        inNoTime >= 0 || (isAlone && place.calls.every(isRead)),
      )) {
        const isLoss = move.way.fault !== undefined;
        if (isLoss && (hasLost || !this.limits.losses)) {
          continue;
        }
        turns.push({
          words: `${name}: ${move.call.words}${move.way.words}`,
          move,
          next: { places: replaced(move.place), hasCrashed, hasLost: hasLost || isLoss },
        });
      }
      const isFunction = place.calls.some((call) => isOutside(call.name));
      if (this.limits.crashes && !hasCrashed && isFunction && inNoTime < 0) {
        turns.push({ words: `${name} is killed`, next: { places: replaced(ENDED), hasCrashed: true, hasLost } });
      }
    }
    return turns;
  }

  private async movesOf(actor: number, moment: Moment, place: Place, isOneEnough: boolean): Promise<readonly Move[]> {
    const known = this.moves[actor];
    const key = (place.id * 2 + (isOneEnough ? 1 : 0)) * MOMENTS + moment.id;
    let moves = known?.get(key);
    if (moves === undefined) {
      const first = place.calls.find(({ name }) => TIMELESS.has(name)) ?? place.calls[0];
      const calls = isOneEnough && first !== undefined ? [first] : place.calls;
      const made: Move[] = [];
      for (const call of calls) {
        for (const way of waysOf(call.name)) {
          const move = await this.moveOf(actor, { moment, place, call, way });
          made.push(...(move === undefined ? [] : [move]));
        }
      }
      moves = made;
      known?.set(key, moves);
    }
    return moves;
  }

  private async moveOf(
    actor: number,
    {
      moment,
      place,
      call,
      way,
    }: { readonly moment: Moment; readonly place: Place; readonly call: Call; readonly way: Way },
  ): Promise<Move | undefined> {
    const course = required(this.courses[actor]);
    const done = this.perform(actor, moment, call, way);
    if (done === undefined) {
      return undefined;
    }
    if (way.isRepeated === true) {
      return { call, way, place, step: undefined, moment: done.moment, violation: done.violation };
    }
    const step = await course.after(place, call, done.answer);
    const heard = this.hear(actor, done.moment, step);
    const next = step.place.calls.length === 0 ? ENDED : step.place;
    return { call, way, place: next, step, moment: heard.moment, violation: done.violation ?? heard.violation };
  }

  /**
   * The same call has the same effect in the same moment, wherever its run stands.
   *
   * @returns `undefined` where no such message can be received
   */
  private perform(actor: number, moment: Moment, call: Call, way: Way): Done | undefined {
    const key = `${actor} ${moment.id} ${call.label}${way.words}`;
    if (!this.performed.has(key)) {
      this.performed.set(key, this.performAnew(moment, call, way));
    }
    return this.performed.get(key);
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
    return { moment: this.keep(this.memory.save()), answer, ...this.violated() };
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
  private hear(
    actor: number,
    moment: Moment,
    step: Step,
  ): { readonly moment: Moment; readonly violation: string | undefined } {
    if (step.said.length === 0) {
      return { moment, violation: undefined };
    }
    const key = `${actor} ${moment.id} ${step.words}`;
    let heard = this.heard.get(key);
    if (heard === undefined) {
      this.memory.load(moment);
      this.world.eventLog.violation = undefined;
      step.said.forEach((say) => say());
      heard = { moment: this.keep(this.memory.save()), violation: undefined, ...this.violated() };
      this.heard.set(key, heard);
    }
    return heard;
  }

  private violated(): { readonly violation?: string } {
    const { violation } = this.world.eventLog;
    return violation === undefined ? {} : { violation: `${violation.invariant}: ${violation.happened}` };
  }

  /** All runs have ended. Sweeps and redeliveries must bring everything to rights again. */
  private async recover(moment: Moment): Promise<string | undefined> {
    if (!this.ends.has(moment.id)) {
      const essence = essenceOf(this.memory, moment, this.world);
      if (!this.essences.has(essence)) {
        this.recoveries += 1;
        this.essences.set(essence, await this.recoverFrom(moment));
      }
      this.ends.set(moment.id, this.essences.get(essence));
    }
    return this.ends.get(moment.id);
  }

  private recoverFrom = async (moment: Moment): Promise<string | undefined> => {
    const { world } = this;
    this.memory.load(moment);
    world.eventLog.violation = undefined;
    world.deliveryDelay = undefined;
    world.pick = () => 0;
    for (const hub of world.hubs.filter(({ isDeployed }) => isDeployed)) {
      hub.isStoreEnabled = true;
      hub.poll(0);
    }
    const problem = await recoverBySweeps(world);
    // Replays need the clock of the search.
    this.memory.forget();
    this.memory.load(required(this.starts[0]));
    return problem === `the answer is failed ${this.limits.asks ?? ''}` ? undefined : problem;
  };

  // In words

  private async traceTo(index: number): Promise<readonly string[]> {
    const path: number[] = [];
    for (let at = index; at >= 0; at = this.parents[at] ?? -1) {
      path.unshift(at);
    }
    const lines: string[] = [];
    let from = path.shift() ?? 0;
    for (const to of path) {
      const { moment, standing } = this.at(from);
      const turn = (await this.turnsAt(moment, standing)).find(
        ({ move, next }) => this.idOf(next) * MOMENTS + (move?.moment ?? moment).id === this.states[to],
      );
      lines.push(turn?.words ?? '?', ...(turn?.move === undefined ? [] : this.wordsOf(turn.move, moment)));
      from = to;
    }
    return lines;
  }

  /** What the world logs of a move. */
  private wordsOf({ call, way, step }: Move, moment: Moment): readonly string[] {
    return this.listening(() => {
      this.memory.load(moment);
      this.world.eventLog.violation = undefined;
      if (way !== UNANSWERED) {
        this.answerTo(call, way);
      }
      step?.said.forEach((say) => say());
      this.memory.forget();
    });
  }

  private listening(act: () => void): readonly string[] {
    const lines: string[] = [];
    this.world.eventLog.listener = (line) => lines.push(`    ${line}`);
    act();
    this.world.eventLog.listener = undefined;
    return lines;
  }

  private async tellRecovery(moment: Moment): Promise<readonly string[]> {
    const lines = ['all runs have ended, and sweeps and redeliveries follow'];
    this.world.eventLog.listener = (line) => lines.push(`    ${line}`);
    await this.recoverFrom(moment);
    this.world.eventLog.listener = undefined;
    return lines;
  }
}
