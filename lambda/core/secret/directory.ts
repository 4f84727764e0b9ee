import pMap from 'p-map';
import { withDeadline } from '../deadline';
import { CallFailed, LABEL, type Application, type Directory, type StoredPair } from '../ports';
import { SECOND } from '../time';
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

export async function readDirectory(applications: readonly Application[]): Promise<Directory> {
  const deadline = (applications[0]?.ports.clock.now() ?? 0) + BUDGET;
  return pMap(
    applications,
    async (application) => {
      const ports = withDeadline(application.ports, Math.min(application.ports.deadline, deadline));
      return [application, await storedPair({ ...application, ports })] as const;
    },
    { concurrency: CONCURRENCY },
  );
}

/** Whatever stands in the way counts as unreadable, a defect too: the sweep that meets it tells. */
async function storedPair({ misconfigured, ports, settings }: Application): Promise<StoredPair> {
  if (misconfigured !== undefined) {
    return 'unreadable';
  }
  try {
    const version = await ports.secrets.readLabel(LABEL.current);
    if (version === undefined) {
      return 'empty';
    }
    const read = readCredentials(version.text, settings);
    return 'credentials' in read ? read.credentials : 'unreadable';
  } catch (error) {
    return error instanceof CallFailed && !error.isLasting ? 'unread' : 'unreadable';
  }
}
