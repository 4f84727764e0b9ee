import { explore } from '../explorer/explore';
import { EXPLORATIONS } from '../explorer/scenarios';
import { faultsOf, KILLS, problemsAfterFaults } from './crash-sweep';
import { problemsInRace, RACES } from './races';
import { FIXED_WORLDS, simulate } from './runner';
import { runScenario, SCENARIOS } from './scenarios';

/** The first sign of a defect. */
export interface Detection {
  readonly where: string;
  readonly problem: string;
}

/**
 * Looks for a sign that the core is defective, the fastest ways first.
 *
 * @param world the seed of a world to be looked at before all else
 */
export async function detect(world?: number): Promise<Detection | undefined> {
  for await (const detection of signs(world)) {
    return detection;
  }
  return undefined;
}

async function* signs(world: number | undefined): AsyncGenerator<Detection> {
  if (world !== undefined) {
    yield* signsInWorld(world);
  }
  const scenarios = Object.entries(SCENARIOS);
  for (const [where, scenario] of scenarios) {
    const { problem } = await runScenario(scenario);
    if (problem !== undefined) {
      yield { where, problem };
    }
  }
  for (const [where, scenario] of scenarios) {
    yield* located(
      where,
      problemsAfterFaults(scenario, () => KILLS),
    );
  }
  for (const [where, race] of Object.entries(RACES)) {
    yield* located(where, problemsInRace(race));
  }
  // After the races: it replays runs, and a defect with a state of its own does not bear that.
  for (const [where, exploration] of Object.entries(EXPLORATIONS).filter(([, { isSmall }]) => isSmall)) {
    const { violation } = await explore(exploration, { crashes: true, losses: false });
    if (violation !== undefined) {
      yield { where, problem: violation.what };
    }
  }
  for (const [where, scenario] of scenarios) {
    yield* located(
      where,
      problemsAfterFaults(scenario, (call) => faultsOf(call).slice(KILLS.length)),
    );
  }
  for (let seed = 1; seed <= FIXED_WORLDS; seed++) {
    yield* signsInWorld(seed);
  }
}

async function* signsInWorld(seed: number): AsyncGenerator<Detection> {
  const { violation } = await simulate(seed);
  if (violation !== undefined) {
    yield { where: `the world of seed ${seed}`, problem: violation.message };
  }
}

async function* located(where: string, problems: AsyncGenerator<string>): AsyncGenerator<Detection> {
  for await (const problem of problems) {
    yield { where, problem };
  }
}
