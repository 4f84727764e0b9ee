import pMap from 'p-map';
import { withDeadline } from '../deadline';
import type { Application, Directory, StoredPair } from '../ports';
import { SECOND } from '../time';
import { readTogether, type ReadCurrent } from './current-versions';
import { readCredentials } from './text';

const CONCURRENCY = 20;

/** Of the minute that the store function has. Where reads hang, the rest must do to keep, hide and report the messages. */
const BUDGET = 20 * SECOND;

/** Lets the applications of a hub know one another. */
export function withDirectory(applications: readonly Omit<Application, 'directory'>[]): Application[] {
  let reading: Promise<Directory> | undefined;
  const directory = (): Promise<Directory> => (reading ??= readDirectory(all));
  const all = applications.map((application) => ({ ...application, directory }));
  return all;
}

/** The same applications, which begin no further call once the budget of a look at all of them is spent. */
export function withinBudget(applications: readonly Application[]): Application[] {
  const end = (applications[0]?.ports.clock.now() ?? 0) + BUDGET;
  return applications.map((application) => ({
    ...application,
    ports: withDeadline(application.ports, Math.min(application.ports.deadline, end)),
  }));
}

/** Applications that were not read in time count as unreadable. */
export async function readDirectory(applications: readonly Application[]): Promise<Directory> {
  const bounded = withinBudget(applications);
  const readCurrent = readTogether(bounded);
  const pairs = await pMap(bounded, (application) => storedPair(application, readCurrent), {
    concurrency: CONCURRENCY,
  });
  return applications.map((application, index) => [application, pairs[index] ?? 'unreadable']);
}

/** Whatever stands in the way counts as unreadable, a defect too: the sweep that meets it tells. */
async function storedPair(application: Application, readCurrent: ReadCurrent): Promise<StoredPair> {
  if (application.misconfigured !== undefined) {
    return 'unreadable';
  }
  try {
    const version = await readCurrent(application);
    if (version === undefined) {
      return 'empty';
    }
    const read = readCredentials(version.text, application.settings);
    return 'credentials' in read ? read.credentials : 'unreadable';
  } catch {
    return 'unreadable';
  }
}
