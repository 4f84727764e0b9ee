import type { FailureKind } from '../../lib/contract/failure-kind';
import { recoverBySweeps } from '../simulation/scenarios';
import type { World } from '../simulation/world';
import type { Actor } from './course';
import { essenceOf } from './essence';
import { required, type Memory, type Moment } from './memory';
import { MOMENTS, Moves } from './moves';
import { everyTurn, TurnsThatMatter, type Faults, type Next, type Standing, type Turn, type Turns } from './turns';

/** What was found. */
export interface Found {
  readonly states: number;
  readonly moves: number;
  readonly moments: number;
  readonly places: number;
  /** How the world can be in the end, each different from the others. */
  readonly ends: ReadonlySet<string>;
  /** Calls in the longest of the ways to a state. */
  readonly longest: number;
  /** A short way to a violation, in words. */
  readonly violation?: { readonly what: string; readonly trace: readonly string[] };
}

export interface Limits extends Faults {
  /** What may be asked of a person in the end. */
  readonly asks?: FailureKind | undefined;
  /** Runs before may have been killed. */
  readonly isAfterFaults?: boolean;
  /** Look at every single turn, also at those that can make no difference. */
  readonly everyTurn?: boolean;
}

/** Goes every way in which actors can take turns in a world, from where it stands now, breadth first: short ways come first. */
export class Search {
  private readonly moves: Moves;
  private readonly standings: Standing[] = [];
  private readonly standingIds = new Map<string, number>();
  private readonly moments: Moment[] = [];
  private readonly indexes = new Set<number>();
  private readonly states: number[] = [];
  private readonly parents: number[] = [];
  private readonly depths: number[] = [];
  private readonly ends = new Map<number, string | undefined>();
  private readonly essences = new Map<string, string | undefined>();
  private turnsAt: (moment: Moment, standing: Standing) => Promise<Turns>;
  private madeMoves = 0;

  constructor(
    private readonly world: World,
    private readonly memory: Memory,
    /** All at one time. */
    private readonly starts: readonly Moment[],
    private readonly actors: readonly Actor[],
    private readonly limits: Limits,
  ) {
    this.moves = new Moves(world, memory, actors);
    this.turnsAt = (moment, standing) => everyTurn(this.moves, this.limits, moment, standing);
  }

  async run(): Promise<Found> {
    this.memory.load(required(this.starts[0]));
    const places = await this.moves.begin();
    if (this.limits.everyTurn !== true) {
      const turns = new TurnsThatMatter(this.moves, this.limits);
      this.turnsAt = (moment, standing) => turns.at(moment, standing);
    }
    for (const start of this.starts) {
      this.add(start, { places, hasCrashed: false, hasLost: false }, -1, 0);
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
      places: this.moves.places,
      ends: new Set(this.essences.keys()),
      longest: this.depths.reduce((longest, depth) => Math.max(longest, depth), 0),
    };
  }

  private add(moment: Moment, standing: Standing, parent: number, calls: number): void {
    const key = this.keyOf(moment, standing);
    if (!this.isKnown(key, standing)) {
      this.moments[moment.id] = moment;
      this.indexes.add(key);
      this.states.push(key);
      this.parents.push(parent);
      this.depths.push((this.depths[parent] ?? 0) + calls);
    }
  }

  private keyOf(moment: Moment, standing: Standing): number {
    const { places, hasCrashed, hasLost } = standing;
    const words = places.map(({ id }) => id).join();
    let id = this.standingIds.get(words);
    if (id === undefined) {
      id = this.standings.length;
      this.standingIds.set(words, id);
      for (let faults = 0; faults < 4; faults++) {
        this.standings.push({ places, hasCrashed: (faults & CRASHED) > 0, hasLost: (faults & LOST) > 0 });
      }
    }
    return (id + (hasCrashed ? CRASHED : 0) + (hasLost ? LOST : 0)) * MOMENTS + moment.id;
  }

  /** Whether all runs have stood so before, with no fewer faults left: what can follow was found then. */
  private isKnown(key: number, { hasCrashed, hasLost }: Standing): boolean {
    const [crash, loss] = [CRASHED * MOMENTS, LOST * MOMENTS];
    return (
      this.indexes.has(key) ||
      (hasCrashed && this.indexes.has(key - crash)) ||
      (hasLost && this.indexes.has(key - loss)) ||
      (hasCrashed && hasLost && this.indexes.has(key - crash - loss))
    );
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
    const { next, end } = await this.turnsAt(moment, standing);
    for (const one of next) {
      this.madeMoves += 1;
      if (one.violation !== undefined) {
        return { what: one.violation, trace: [...(await this.traceTo(index)), ...this.tell(one.turns())] };
      }
      this.add(one.moment, one.standing, index, one.turns().length);
    }
    const isFaultless = !standing.hasCrashed && !standing.hasLost && end?.().some(({ move }) => move?.isLoss) === false;
    const problem = end && ((isFaultless ? this.untoldIn(moment) : undefined) ?? (await this.recover(moment)));
    return end === undefined || problem === undefined
      ? undefined
      : {
          what: problem,
          trace: [...(await this.traceTo(index)), ...this.tell(end()), ...(await this.tellRecovery(moment))],
        };
  }

  /** Only a run that was killed, or had no answer, may have told nobody of what it made current. */
  private untoldIn(moment: Moment): string | undefined {
    this.memory.load(moment);
    const [value] = this.limits.isAfterFaults === true ? [] : this.world.truth.untold;
    return value === undefined ? undefined : this.untold(value);
  }

  private untold(value: string): string {
    return `announces-what-is-current: ${this.world.nameOf(value)} became current, and consumers were not told`;
  }

  /** All runs have ended. Sweeps and redeliveries must bring everything to rights again. */
  private async recover(moment: Moment): Promise<string | undefined> {
    if (!this.ends.has(moment.id)) {
      const essence = essenceOf(this.memory, moment, this.world);
      if (!this.essences.has(essence)) {
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
    const found = await recoverBySweeps(world);
    const problem = found === `the answer is failed ${this.limits.asks ?? ''}` ? undefined : found;
    // What a newer one has followed need not be told any more.
    const untold = [...world.truth.untold].find((value) => !world.truth.wasFollowedInUse(value));
    // Replays need the clock of the search.
    this.memory.forget();
    this.memory.load(required(this.starts[0]));
    return problem ?? (untold === undefined ? undefined : this.untold(untold));
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
      const { next } = await this.turnsAt(moment, standing);
      const taken = next.find((one: Next) => this.keyOf(one.moment, one.standing) === this.states[to]);
      lines.push(...this.tell(required(taken).turns()));
      from = to;
    }
    return lines;
  }

  private tell(turns: readonly Turn[]): readonly string[] {
    return turns.flatMap(({ actor, moment, move }) => {
      const { name } = required(this.actors[actor]);
      return move === undefined
        ? [`${name} is killed`]
        : [`${name}: ${move.call.words}${move.way.words}`, ...this.moves.wordsOf(move, moment)];
    });
  }

  private async tellRecovery(moment: Moment): Promise<readonly string[]> {
    const lines = ['all runs have ended, and sweeps and redeliveries follow'];
    this.world.eventLog.listener = (line) => lines.push(`    ${line}`);
    await this.recoverFrom(moment);
    this.world.eventLog.listener = undefined;
    return lines;
  }
}

const CRASHED = 1;
const LOST = 2;
