import { DETAIL_TYPE } from '../../lib/contract/event';
import type { Call, Place } from './course';
import { required, type Moment } from './memory';
import { ENDED, isOutside, MOMENTS, type Move, type Moves } from './moves';

/** Where all runs stand, and which faults there have been. */
export interface Standing {
  readonly places: readonly Place[];
  readonly hasCrashed: boolean;
  readonly hasLost: boolean;
}

export interface Faults {
  readonly crashes: boolean;
  readonly losses: boolean;
}

/** A place that a run reaches without a change of anything. */
interface Reached {
  readonly place: Place;
  /** An answer got lost on the way. */
  readonly isLossy: boolean;
  readonly last?: { readonly from: Reached; readonly move: Move };
}

/** Where a run can be before anything is changed, and what it can change from there. */
interface Reach {
  readonly reached: readonly Reached[];
  readonly changes: readonly {
    readonly from: Reached;
    readonly change: Move;
    readonly isLast: boolean;
  }[];
  /** Where nothing can be done next. */
  readonly rest: Reached | undefined;
  /** How many answers must get lost so that there is nothing left to do but the last. */
  readonly lossesToLast: number;
}

/** One thing that one run does. */
export interface Turn {
  readonly actor: number;
  readonly moment: Moment;
  /** None: it is killed. */
  readonly move?: Move;
}

/** What can happen next. */
export interface Next {
  readonly standing: Standing;
  readonly moment: Moment;
  readonly turns: () => readonly Turn[];
  readonly violation: string | undefined;
}

export interface Turns {
  readonly next: readonly Next[];
  /** The turns after which nothing can happen any more, where that is so without a further change. */
  readonly end?: () => readonly Turn[];
}

/** Every single turn: what the explorer is compared with. */
export async function everyTurn(
  moves: Moves,
  faults: Faults,
  moment: Moment,
  { places, hasCrashed, hasLost }: Standing,
): Promise<Turns> {
  const next: Next[] = [];
  let isEnd = true;
  for (const [actor, place] of places.entries()) {
    const made = place === ENDED ? [] : await moves.of(actor, moment, place, faults.losses && !hasLost);
    isEnd &&= made.length === 0;
    for (const move of made) {
      next.push({
        standing: { places: replaced(places, actor, move.place), hasCrashed, hasLost: hasLost || move.isLoss },
        moment: move.moment,
        turns: () => [{ actor, moment, move }],
        violation: move.violation,
      });
    }
    if (faults.crashes && !hasCrashed && isKillable(place)) {
      const standing = { places: replaced(places, actor, ENDED), hasCrashed: true, hasLost };
      next.push({ standing, moment, turns: () => [{ actor, moment }], violation: undefined });
    }
  }
  return isEnd ? { next, end: () => [] } : { next };
}

/**
 * The turns that can make a difference. What changes nothing is known to its own run only, so it is left until that run changes
 * something, or until just before another run changes what it would learn: in any other order the same would come of it.
 */
export class TurnsThatMatter {
  private readonly reaches: readonly Map<number, Reach>[];

  constructor(
    private readonly moves: Moves,
    private readonly faults: Faults,
  ) {
    this.reaches = moves.beginnings.map(() => new Map<number, Reach>());
  }

  async at(moment: Moment, standing: Standing): Promise<Turns> {
    const { places, hasLost } = standing;
    const reaches: Reach[] = [];
    for (const [actor, place] of places.entries()) {
      reaches.push(await this.reachOf(actor, moment, place, this.faults.losses && !hasLost));
    }
    const next = this.killedAtBeginning(moment, standing);
    for (const [actor, { changes }] of reaches.entries()) {
      for (const { from, change, isLast } of changes) {
        const losses = lossesOf(from, change) + (hasLost ? 1 : 0);
        if (isLast && !mayAllEnd(reaches, actor, losses)) {
          continue;
        }
        const others = await this.catchUps(moment, reaches, actor, change);
        next.push(
          ...others.flatMap((met) => this.changed(moment, standing, replaced(met, actor, from), actor, change)),
        );
      }
    }
    const rests = reaches.flatMap(({ rest }) => rest ?? []);
    const isEnd = rests.length === places.length && rests.filter(({ isLossy }) => isLossy).length <= 1;
    return isEnd ? { next, end: () => turnsTo(rests, moment) } : { next };
  }

  /** That a run is killed is seen by nobody: it makes a difference only which was the last thing that it changed. */
  private killedAtBeginning(moment: Moment, { places, hasCrashed, hasLost }: Standing): Next[] {
    const { beginnings } = this.moves;
    if (!this.faults.crashes || hasCrashed || places.some((place, actor) => place !== beginnings[actor])) {
      return [];
    }
    return places.flatMap((place, actor) =>
      isKillable(place)
        ? {
            standing: { places: replaced(places, actor, ENDED), hasCrashed: true, hasLost },
            moment,
            turns: () => [{ actor, moment }],
            violation: undefined,
          }
        : [],
    );
  }

  private changed(
    moment: Moment,
    { hasCrashed, hasLost }: Standing,
    met: readonly Reached[],
    actor: number,
    change: Move,
  ): Next[] {
    const losses = met.filter(({ isLossy }) => isLossy).length + (change.isLoss ? 1 : 0) + (hasLost ? 1 : 0);
    if (losses > 1) {
      return [];
    }
    const places = replaced(
      met.map(({ place }) => place),
      actor,
      change.place,
    );
    const turns = (): readonly Turn[] => [
      // What the others learn comes first.
      ...turnsTo(met, moment),
      { actor, moment, move: change },
    ];
    const { moment: after, violation } = change;
    const next: Next = { standing: { places, hasCrashed, hasLost: losses > 0 }, moment: after, turns, violation };
    if (!this.faults.crashes || hasCrashed || !isKillable(change.place)) {
      return [next];
    }
    const killed: Next = {
      ...next,
      standing: { places: replaced(places, actor, ENDED), hasCrashed: true, hasLost: losses > 0 },
      turns: () => [...turns(), { actor, moment: after }],
    };
    return [next, killed];
  }

  /** For each other run the places in which it can be before a change, such that its last step could not come after it as well. */
  private async catchUps(
    moment: Moment,
    reaches: readonly Reach[],
    actor: number,
    { moment: after }: Move,
  ): Promise<readonly (readonly Reached[])[]> {
    let all: readonly (readonly Reached[])[] = [[]];
    for (const [other, { reached }] of reaches.entries()) {
      const met: Reached[] = reached.slice(0, 1);
      for (const one of other === actor || after === moment ? [] : reached.slice(1)) {
        const { from, move } = required(one.last);
        if (!(await this.moves.isSameIn(other, after, from.place, move))) {
          met.push(one);
        }
      }
      all = all.flatMap((before) => met.map((one) => [...before, one]));
    }
    return all;
  }

  private async reachOf(actor: number, moment: Moment, place: Place, mayLose: boolean): Promise<Reach> {
    const known = required(this.reaches[actor]);
    const key = (place.id * 2 + (mayLose ? 1 : 0)) * MOMENTS + moment.id;
    let reach = known.get(key);
    if (reach === undefined) {
      reach = await this.find(actor, moment, place, mayLose);
      known.set(key, reach);
    }
    return reach;
  }

  private async find(actor: number, moment: Moment, place: Place, mayLose: boolean): Promise<Reach> {
    const reached: Reached[] = [{ place, isLossy: false }];
    const seen = new Set<string>();
    const changes: Reach['changes'][number][] = [];
    const rests: Reached[] = [];
    for (const from of reached) {
      const made = await this.moves.of(actor, moment, from.place, mayLose && !from.isLossy);
      if (made.length === 0) {
        rests.push(from);
      }
      for (const move of made) {
        const isLossy = from.isLossy || move.isLoss;
        const key = `${move.place.id} ${isLossy}`;
        if (!move.isQuiet) {
          if (await this.isNeeded(actor, moment, from, move)) {
            changes.push({ from, change: move, isLast: await this.isLast(actor, from.place, move) });
          }
        } else if (!seen.has(key)) {
          seen.add(key);
          reached.push({ place: move.place, isLossy, last: { from, move } });
        }
      }
    }
    const rest = rests.find(({ isLossy }) => !isLossy) ?? rests[0];
    const last = changes.filter(({ isLast }) => isLast).map(({ from, change }) => lossesOf(from, change));
    return { reached, changes, rest, lossesToLast: Math.min(...last, ...(rest ? [rest.isLossy ? 1 : 0] : [])) };
  }

  /** A call fails, or a failure is published, and the run has nothing else to do: whatever others do makes no difference to it. */
  private async isLast(actor: number, from: Place, { moment, place, step, isVain, violation }: Move): Promise<boolean> {
    if (violation !== undefined || !(isVain || onlyReports(from)) || !onlyReports(place)) {
      return false;
    }
    const ends = place === ENDED ? [] : await this.moves.of(actor, moment, place, false);
    return [{ step, place: ENDED }, ...ends].every(
      (one) => one.place === ENDED && !NOTICEABLE.test(one.step?.words ?? ''),
    );
  }

  /** Whether the last thing that the run learned could not come after its own change as well: it waited for both at once. */
  private async isNeeded(actor: number, moment: Moment, { last }: Reached, change: Move): Promise<boolean> {
    const { call, way } = change;
    const offered = last && (await this.moves.of(actor, moment, last.from.place, way.fault !== undefined));
    const sooner = offered?.find((one) => one.call.id === call.id && one.way === way);
    if (
      last === undefined ||
      sooner === undefined ||
      sooner.isQuiet ||
      sooner.violation !== undefined ||
      !has(sooner.place, last.move.call)
    ) {
      return true;
    }
    const later = await this.moves.make(actor, sooner.moment, sooner.place, last.move.call, last.move.way);
    return later?.place !== change.place || later.moment !== change.moment || later.violation !== undefined;
  }
}

/**
 * What comes last is left until nobody has anything else to do: nobody sees it, and it hinders nobody.
 *
 * @param losses with it
 */
function mayAllEnd(reaches: readonly Reach[], actor: number, losses: number): boolean {
  const others = reaches.filter((_, other) => other !== actor).map(({ lossesToLast }) => lossesToLast);
  return others.reduce((sum, one) => sum + one, losses) <= 1;
}

function lossesOf(from: Reached, change: Move): number {
  return (from.isLossy ? 1 : 0) + (change.isLoss ? 1 : 0);
}

/** What is said that others could notice: what is acknowledged, and that somebody wrote over the secret. */
const NOTICEABLE = /overwritten|"acknowledged",\[\{/;

/** Nothing is left to do but to publish a failure. */
function onlyReports({ calls }: Place): boolean {
  return calls.every(({ name, input }) => {
    const { type, detail } = Object(input) as { readonly type?: string; readonly detail?: { readonly kind?: string } };
    return name === 'events:PutEvents' && type === DETAIL_TYPE.failed && detail?.kind !== 'overwritten';
  });
}

function has(place: Place, call: Call): boolean {
  return place.calls.some(({ id }) => id === call.id);
}

function isKillable(place: Place): boolean {
  return place.calls.some(({ name }) => isOutside(name));
}

function replaced<Item>(items: readonly Item[], index: number, item: Item): readonly Item[] {
  return items.map((one, at) => (at === index ? item : one));
}

function turnsTo(met: readonly Reached[], moment: Moment): readonly Turn[] {
  return met.flatMap((reached, actor) => {
    const turns: Turn[] = [];
    for (let last = reached.last; last !== undefined; { last } = last.from) {
      turns.unshift({ actor, moment, move: last.move });
    }
    return turns;
  });
}
