import type { Application, Directory } from '../ports';
import { withinBudget } from '../secret/directory';
import { readState, type StateRead } from '../secret/read';

/** What is read of all applications of the hub before it is known whose a message is. */
export interface HubRead {
  readonly directory: Directory;
  /** By the application's id. One that is not in it is read when it is needed, and what stands in the way is told then. */
  readonly states: ReadonlyMap<string, StateRead>;
}

/**
 * Of at most so many applications everything is read at once: then a delivery needs one round trip less. With more it would be
 * three calls each, for a message that concerns one of them.
 */
const FEW = 5;

export async function readHub(applications: readonly Application[]): Promise<HubRead> {
  const few = applications.length > FEW ? [] : withinBudget(applications);
  const [directory = [], ...states] = await Promise.all([applications[0]?.directory(), ...few.map(readAhead)]);
  return { directory, states: new Map(states.flat()) };
}

async function readAhead(application: Application): Promise<readonly (readonly [string, StateRead])[]> {
  if (application.misconfigured !== undefined) {
    return [];
  }
  try {
    return [[application.settings.id, await readState(application)]];
  } catch {
    return [];
  }
}
